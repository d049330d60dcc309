/*
 * signature_prefix.c - as much of each b= as tells it from the others of a message (RFC 6008).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "auth/signature_prefix.h"

#include <stdlib.h>

#include "base/view.h"
#include "text/unfold.h"

enum { PREFIX_LEAST_CHARS = 8 }; /* RFC 6008 section 4 */

struct entry {
    struct mm_view text;
    size_t index, shown;
};

static int compare(const void *a, const void *b)
{
    return mm_view_cmp(((const struct entry *)a)->text, ((const struct entry *)b)->text);
}

static size_t common_length(struct mm_view a, struct mm_view b)
{
    size_t n = 0;
    while (n < a.len && n < b.len && a.data[n] == b.data[n])
        n++;
    return n;
}

static void show_at_least(struct entry *e, size_t chars)
{
    if (chars > e->shown)
        e->shown = chars < e->text.len ? chars : e->text.len;
}

/* In sorted order the texts that share most with one are those beside it; of equal texts all are
 * shown alike. */
static void tell_apart(struct entry *sorted, size_t count)
{
    for (size_t i = 0; i < count; i++)
        show_at_least(&sorted[i], PREFIX_LEAST_CHARS);
    for (size_t i = 1; i < count; i++) {
        bool same = mm_view_eq(sorted[i - 1].text, sorted[i].text);
        size_t apart =
            same ? sorted[i - 1].shown : common_length(sorted[i - 1].text, sorted[i].text) + 1;
        show_at_least(&sorted[i], apart);
    }
    for (size_t i = count; i-- > 1;) {
        bool same = mm_view_eq(sorted[i - 1].text, sorted[i].text);
        size_t apart =
            same ? sorted[i].shown : common_length(sorted[i - 1].text, sorted[i].text) + 1;
        show_at_least(&sorted[i - 1], apart);
    }
}

enum mm_status mm_signature_prefixes(const struct mm_dkim_signature *signatures, size_t count,
                                     size_t max_bytes, struct mm_arena *arena,
                                     struct mm_view *prefixes)
{
    struct entry *entries = MM_ARENA_ARRAY(arena, struct entry, count);
    if (!entries)
        return MM_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        struct mm_view b = signatures[i].b;
        size_t room = b.len < max_bytes ? b.len : max_bytes;
        char *text = mm_arena_alloc(arena, room);
        if (!text)
            return MM_E_NOMEM;
        size_t len = mm_unfold_first(text, room, b);
        entries[i] = (struct entry){.text = {text, len}, .index = i};
    }
    qsort(entries, count, sizeof *entries, compare);
    tell_apart(entries, count);
    for (size_t i = 0; i < count; i++)
        prefixes[entries[i].index] = mm_view_sub(entries[i].text, 0, entries[i].shown);
    return MM_OK;
}
