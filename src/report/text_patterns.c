/*
 * text_patterns.c - which of many patterns occur in a text, in one pass over it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "base/error.h"
#include "report/text_patterns.h"

/* One literal of one pattern. */
struct mm_pattern_piece {
    struct mm_view text;
    uint32_t pattern;
    uint8_t index;              /* among the pattern's pieces */
    bool edge_left, edge_right; /* no letter or digit may stand beside it */
};

/* A byte of the tree of literals: the pieces first..first+count of the sorted array end here. */
struct mm_pattern_node {
    uint32_t child, sibling; /* 0 is none: node 0 is not used */
    uint32_t first, count;
    char byte;
};

static bool is_word(char c)
{
    unsigned char lower = mm_ascii_lower((unsigned char)c);
    return (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
}

struct mm_view mm_text_flatten(char *out, struct mm_view text)
{
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c <= ' ' || c == 0x7f) {
            if (len && out[len - 1] != ' ')
                out[len++] = ' ';
        } else {
            out[len++] = (char)mm_ascii_lower(c);
        }
    }
    while (len && out[len - 1] == ' ')
        len--;
    return (struct mm_view){out, len};
}

void mm_text_patterns_init(struct mm_text_patterns *set, struct mm_arena *arena)
{
    *set = (struct mm_text_patterns){.arena = arena};
}

/* Room for one more item; arenas give nothing back, so room doubles. */
static void *with_room(struct mm_arena *arena, void *items, uint32_t count, uint32_t *cap,
                       size_t item_bytes)
{
    if (count < *cap)
        return items;
    uint32_t more = *cap ? *cap * 2 : 256;
    void *grown = mm_arena_calloc(arena, more, item_bytes);
    if (!grown)
        return NULL;
    if (count)
        memcpy(grown, items, count * item_bytes);
    *cap = more;
    return grown;
}

static enum mm_status add_piece(struct mm_text_patterns *set, struct mm_pattern_piece piece)
{
    struct mm_pattern_piece *pieces =
        with_room(set->arena, set->pieces, set->piece_count, &set->piece_cap, sizeof(*set->pieces));
    if (!pieces)
        return MM_E_NOMEM;
    set->pieces = pieces;
    pieces[set->piece_count++] = piece;
    return MM_OK;
}

/* Cut at the stars. `text` is flat; a blank next to a star says that a word ends there, which the
 * edge of the piece says better. */
static enum mm_status add_pieces(struct mm_text_patterns *set, struct mm_view text, uint8_t *total)
{
    bool star_before = false;
    while (text.len) {
        struct mm_view head, rest;
        bool star_after = mm_view_cut(text, '*', &head, &rest);
        struct mm_view piece = mm_view_trim_wsp(head);
        if (piece.len) {
            bool blank_left = head.data[0] == ' ', blank_right = head.data[head.len - 1] == ' ';
            if (*total == MM_PATTERN_MAX_PIECES)
                return MM_E_SYNTAX;
            MM_TRY(add_piece(
                set, (struct mm_pattern_piece){
                         .text = piece,
                         .pattern = set->pattern_count,
                         .index = (*total)++,
                         .edge_left = is_word(piece.data[0]) && (!star_before || blank_left),
                         .edge_right =
                             is_word(piece.data[piece.len - 1]) && (!star_after || blank_right),
                     }));
        }
        star_before = star_after;
        text = rest;
    }
    return *total ? MM_OK : MM_E_SYNTAX;
}

enum mm_status mm_text_patterns_add(struct mm_text_patterns *set, struct mm_view pattern,
                                    uint32_t *id)
{
    if (pattern.len > MM_PATTERN_MAX_BYTES)
        return MM_E_SYNTAX;
    struct mm_view copy = mm_arena_copy(set->arena, pattern);
    uint8_t *totals = with_room(set->arena, set->piece_total, set->pattern_count, &set->total_cap,
                                sizeof(*totals));
    if (!copy.data || !totals)
        return MM_E_NOMEM;
    set->piece_total = totals;
    totals[set->pattern_count] = 0;
    MM_TRY(add_pieces(set, mm_text_flatten((char *)copy.data, copy), &totals[set->pattern_count]));
    *id = set->pattern_count++;
    return MM_OK;
}

static int by_text(const void *a, const void *b)
{
    const struct mm_pattern_piece *left = a, *right = b;
    int order = mm_view_cmp(left->text, right->text);
    if (order)
        return order;
    if (left->pattern != right->pattern)
        return left->pattern < right->pattern ? -1 : 1;
    return (int)left->index - (int)right->index;
}

/* The child of `parent` (0: the root) for a byte, which is made where it is missing. */
static uint32_t child_for(struct mm_text_patterns *set, uint32_t parent, char byte)
{
    uint32_t *link = parent ? &set->nodes[parent].child : &set->first_node[(unsigned char)byte];
    while (*link && set->nodes[*link].byte != byte)
        link = &set->nodes[*link].sibling;
    if (!*link) {
        set->nodes[set->node_count].byte = byte;
        *link = set->node_count++;
    }
    return *link;
}

enum mm_status mm_text_patterns_seal(struct mm_text_patterns *set)
{
    size_t bytes = 1;
    for (uint32_t i = 0; i < set->piece_count; i++)
        bytes += set->pieces[i].text.len;
    set->nodes = MM_ARENA_ARRAY(set->arena, struct mm_pattern_node, bytes);
    if (!set->nodes)
        return MM_E_NOMEM;
    set->node_count = 1;
    if (set->piece_count)
        qsort(set->pieces, set->piece_count, sizeof(*set->pieces), by_text);
    for (uint32_t i = 0; i < set->piece_count; i++) {
        struct mm_view text = set->pieces[i].text;
        uint32_t node = 0;
        for (size_t at = 0; at < text.len; at++)
            node = child_for(set, node, text.data[at]);
        if (set->nodes[node].count++ == 0)
            set->nodes[node].first = i;
    }
    return MM_OK;
}

enum mm_status mm_pattern_hits_init(struct mm_pattern_hits *hits,
                                    const struct mm_text_patterns *set, struct mm_arena *arena)
{
    size_t count = set->pattern_count ? set->pattern_count : 1;
    hits->seen = MM_ARENA_ARRAY(arena, uint8_t, count);
    hits->after = MM_ARENA_ARRAY(arena, uint32_t, count);
    return hits->seen && hits->after ? MM_OK : MM_E_NOMEM;
}

/* A literal stands at start..end: count it for the patterns whose next piece it is. */
static void count_pieces(const struct mm_text_patterns *set, const struct mm_pattern_node *node,
                         struct mm_view text, size_t start, size_t end,
                         struct mm_pattern_hits *hits)
{
    bool word_left = start > 0 && is_word(text.data[start - 1]);
    bool word_right = end < text.len && is_word(text.data[end]);
    for (uint32_t i = node->first; i < node->first + node->count; i++) {
        const struct mm_pattern_piece *piece = &set->pieces[i];
        if (hits->seen[piece->pattern] != piece->index || start < hits->after[piece->pattern] ||
            (piece->edge_left && word_left) || (piece->edge_right && word_right))
            continue;
        hits->seen[piece->pattern]++;
        hits->after[piece->pattern] = (uint32_t)end;
    }
}

void mm_text_patterns_scan(const struct mm_text_patterns *set, struct mm_view text,
                           struct mm_pattern_hits *hits)
{
    memset(hits->seen, 0, set->pattern_count * sizeof(*hits->seen));
    memset(hits->after, 0, set->pattern_count * sizeof(*hits->after));
    for (size_t start = 0; start < text.len; start++) {
        uint32_t node = set->first_node[(unsigned char)text.data[start]];
        for (size_t at = start + 1; node; at++) {
            if (set->nodes[node].count)
                count_pieces(set, &set->nodes[node], text, start, at, hits);
            if (at >= text.len)
                break;
            node = set->nodes[node].child;
            while (node && set->nodes[node].byte != text.data[at])
                node = set->nodes[node].sibling;
        }
    }
}
