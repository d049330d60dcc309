/*
 * pem.c - the armour of keys in text files (RFC 7468, RFC 1421).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "crypto/pem.h"

#define BEGIN  MM_VIEW("-----BEGIN ")
#define END    MM_VIEW("-----END ")
#define DASHES MM_VIEW("-----")

/* Cut at the first `mark`, which goes to neither side. */
static bool cut_at(struct mm_view v, struct mm_view mark, struct mm_view *head,
                   struct mm_view *rest)
{
    const char *at = v.len ? memmem(v.data, v.len, mark.data, mark.len) : NULL;
    if (!at)
        return false;
    size_t before = (size_t)(at - v.data);
    *head = mm_view_sub(v, 0, before);
    *rest = mm_view_sub(v, before + mark.len, v.len - before - mark.len);
    return true;
}

enum mm_status mm_pem_next(struct mm_view *rest, struct mm_pem *block)
{
    struct mm_view before, text, end_label;
    if (!cut_at(*rest, BEGIN, &before, &text))
        return MM_END;
    if (!cut_at(text, DASHES, &block->label, &text) || !cut_at(text, END, &block->body, &text) ||
        !cut_at(text, DASHES, &end_label, &text) || !mm_view_eq(block->label, end_label))
        return MM_E_SYNTAX;
    *rest = text;
    return MM_OK;
}

bool mm_pem_is_encrypted(const struct mm_pem *block)
{
    struct mm_view body = mm_view_trim_fws(block->body);
    return mm_view_eq(block->label, MM_VIEW("ENCRYPTED PRIVATE KEY")) ||
           mm_view_starts(body, MM_VIEW("Proc-Type: 4,ENCRYPTED"));
}
