/*
 * text_patterns.h - which of many patterns occur in a text, in one pass over it.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A pattern is literal words, ASCII case aside, with `*` for any bytes between them: "mailbox * is
 * full". A blank stands for any run of white space. Where a pattern begins or ends in a letter or
 * digit, the text must have none (of ASCII) beside it, unless the pattern has a `*` there: "quota"
 * is not in "quotation", "quot*" is. There is no backtracking and nothing to nest: the literals of
 * all patterns form one tree that is walked from each place of the text, and a pattern counts its
 * pieces. So a text costs at most its length times the longest literal, whatever it says.
 */
#ifndef MM_REPORT_TEXT_PATTERNS_H
#define MM_REPORT_TEXT_PATTERNS_H

#include "base/arena.h"
#include "base/view.h"

enum {
    /* Of one pattern in bytes; with it, the factor in the cost of a text. The longest sentence that
     * a server is known by is half of that. */
    MM_PATTERN_MAX_BYTES = 160,
    MM_PATTERN_MAX_PIECES = 8
};

struct mm_text_patterns {
    struct mm_pattern_piece *pieces; /* sorted by text once sealed */
    uint32_t piece_count, piece_cap;
    struct mm_pattern_node *nodes;
    uint32_t node_count;
    uint32_t pattern_count;
    uint8_t *piece_total; /* [pattern_count] */
    uint32_t total_cap;
    uint32_t first_node[256]; /* of the tree, by first byte; 0 is none */
    struct mm_arena *arena;
};

/* A scan's memory, one of each worker: [pattern_count]. */
struct mm_pattern_hits {
    uint8_t *seen;   /* pieces found so far; piece_total where the pattern occurs */
    uint32_t *after; /* where the next piece may begin */
};

void mm_text_patterns_init(struct mm_text_patterns *set, struct mm_arena *arena);
/*
 * Add a pattern; `id` counts from 0. Equal patterns may be added again.
 * Returns MM_OK; MM_E_SYNTAX for an empty or oversized one, or one of `*` alone; MM_E_NOMEM.
 */
enum mm_status mm_text_patterns_add(struct mm_text_patterns *set, struct mm_view pattern,
                                    uint32_t *id) MM_MUST_CHECK;
/* No more are added. MM_OK or MM_E_NOMEM. The set is read-only from here on. */
enum mm_status mm_text_patterns_seal(struct mm_text_patterns *set) MM_MUST_CHECK;

/* MM_OK or MM_E_NOMEM. */
enum mm_status mm_pattern_hits_init(struct mm_pattern_hits *hits,
                                    const struct mm_text_patterns *set,
                                    struct mm_arena *arena) MM_MUST_CHECK;

/* Find all patterns of the set in `text`, which mm_text_flatten() made. */
void mm_text_patterns_scan(const struct mm_text_patterns *set, struct mm_view text,
                           struct mm_pattern_hits *hits);

static inline bool mm_pattern_hit(const struct mm_text_patterns *set,
                                  const struct mm_pattern_hits *hits, uint32_t id)
{
    return hits->seen[id] == set->piece_total[id];
}

/* The form that texts and patterns are compared in: capitals of ASCII made small, runs of white
 * space and controls made one blank, none at the ends. `out` has room for text.len bytes. */
struct mm_view mm_text_flatten(char *out, struct mm_view text);

#endif /* MM_REPORT_TEXT_PATTERNS_H */
