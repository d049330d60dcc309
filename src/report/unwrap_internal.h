/*
 * unwrap_internal.h - what the openers of packings, archives and mails share.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_REPORT_UNWRAP_INTERNAL_H
#define MM_REPORT_UNWRAP_INTERNAL_H

#include "report/content_kind.h"
#include "report/unwrap.h"

enum mm_unwrap_reason {
#define MM_UNWRAP_REASON(name, slug, words) MM_UNWRAP_##name,
#include "report/unwrap_reasons.def"
#undef MM_UNWRAP_REASON
    MM_UNWRAP_REASON_COUNT
};

enum {
    /* A mail may be in each container, and one around them all. */
    MM_UNWRAP_LEVELS = 2 * (MM_UNWRAP_DEPTH_MAX + 1) + 1,
    MM_UNWRAP_PATH_BYTES = 16 * 1024, /* four names of members */
    MM_UNWRAP_DETAIL_BYTES = 256
};

/* Memory of one step inward: bytes that were unpacked, parts of a mail. */
struct mm_unwrap_level {
    struct mm_buf bytes;
    struct mm_arena arena;
};

/* The mail that something came in. */
struct mm_unwrap_mail {
    struct mm_view subject, reporter_domain;
    int64_t received_at;
};

/* Something to be looked into. */
struct mm_unwrap_item {
    struct mm_view bytes;
    struct mm_view file_name;
    unsigned depth;  /* containers around it */
    unsigned level;  /* of the memory that it may use; its own bytes lie in others */
    size_t path_len; /* of unwrapper->path */
    uint64_t offset;
    bool offset_moves;                 /* `bytes` lies in the input as it stands */
    const struct mm_unwrap_mail *mail; /* NULL: none */
    enum mm_inflate_end packed_end;
    uint64_t packed_used;
    uint64_t skipped_bytes;
};

struct mm_unwrapper {
    struct mm_inflate *inflate;
    struct mm_unwrap_level levels[MM_UNWRAP_LEVELS];
    char path[MM_UNWRAP_PATH_BYTES];
    char detail[MM_UNWRAP_DETAIL_BYTES];
    size_t left_bytes; /* that may still be unpacked of this input */
    bool has_turn;     /* to hold more than MM_UNWRAP_ALONE_BYTES, until the input ends */
    const struct mm_unwrap_sink *sink;
    struct mm_unwrap_counts counts;
};

/* Outcomes so far. */
static inline uint64_t mm_unwrap_accounted(const struct mm_unwrapper *u)
{
    return u->counts.taken + u->counts.rejected;
}

/* Each returns MM_OK whatever the bytes are, MM_E_NOMEM or what the sink said; MM_END where the
 * item is of no kind that can be a report: the caller, who knows its neighbours, accounts for it.
 */
enum mm_status mm_unwrap_item(struct mm_unwrapper *u, const struct mm_unwrap_item *item);
enum mm_status mm_unwrap_mail(struct mm_unwrapper *u, const struct mm_unwrap_item *item);
enum mm_status mm_unwrap_zip(struct mm_unwrapper *u, const struct mm_unwrap_item *item);
enum mm_status mm_unwrap_tar(struct mm_unwrapper *u, const struct mm_unwrap_item *item);
enum mm_status mm_unwrap_mbox(struct mm_unwrapper *u, const struct mm_unwrap_item *item);

/* Give an item to the sink as a document; `mime` is NULL but for mails and texts. MM_END where it
 * is none. */
enum mm_status mm_unwrap_give(struct mm_unwrapper *u, const struct mm_unwrap_item *item,
                              enum mm_document_kind kind, struct mm_mime *mime,
                              struct mm_arena *arena);
enum mm_status mm_unwrap_refuse(struct mm_unwrapper *u, const struct mm_unwrap_item *item,
                                enum mm_unwrap_reason reason, const char *kind_guess);

/* The last member of an archive that is cut short: its bytes are the packed ones that there are.
 * Deflated, they are unpacked into the memory of the level before the member's. */
enum mm_status mm_unwrap_cut_deflated(struct mm_unwrapper *u, const struct mm_unwrap_item *member,
                                      const char *kind_guess);
enum mm_status mm_unwrap_cut_stored(struct mm_unwrapper *u, const struct mm_unwrap_item *member,
                                    const char *kind_guess);

/* Bytes that a level may be filled with by who has no turn; all, with it. */
size_t mm_unwrap_room(const struct mm_unwrapper *u, unsigned level);
/* Wait for the turn, where this level is to be filled with more. */
void mm_unwrap_take_turn(struct mm_unwrapper *u, unsigned level, uint64_t bytes);
/* The input has ended, and little memory is kept. */
void mm_unwrap_end_turn(struct mm_unwrapper *u);

/* An item inside another: its own depth is one more, its memory the next. `name` is added to the
 * path behind a '!', cut where the path is full. */
struct mm_unwrap_item mm_unwrap_inside(struct mm_unwrapper *u, const struct mm_unwrap_item *outer,
                                       struct mm_view bytes, struct mm_view name, uint64_t offset);

#endif /* MM_REPORT_UNWRAP_INTERNAL_H */
