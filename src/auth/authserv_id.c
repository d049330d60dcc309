/*
 * authserv_id.c - who says a result: which names may be ours, which fields claim to be from us.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/domain_name.h"
#include "dkim/idn.h"
#include "mail/mime_token.h"
#include "mailmill/auth.h"
#include "text/cfws.h"

bool mm_authserv_id_is_valid(struct mm_view id)
{
    return id.len <= MM_AUTHSERV_ID_MAX_BYTES && mm_is_token(id);
}

/* ---- the id of a field ---- */

struct claimed_id {
    char text[MM_IDN_MAX_BYTES]; /* without quoting */
    size_t len;
};

/* A byte that has no place in a field, but for the folds around it. */
static bool is_stray(unsigned char c)
{
    return (c < ' ' && !mm_is_fws(c)) || c == 0x7f;
}

/* False for a byte that cannot be read, and for one too many to be of a name. */
static bool add_byte(struct claimed_id *id, char c)
{
    if (is_stray((unsigned char)c) || id->len == sizeof id->text)
        return false;
    id->text[id->len++] = c;
    return true;
}

/* The bytes of a quoted string, without its quoting; *at moves from its opening quote to the
 * closing one. False where it cannot be read. */
static bool read_quoted(struct mm_view v, size_t *at, struct claimed_id *id)
{
    for (++*at; *at < v.len && v.data[*at] != '"'; ++*at) {
        if (v.data[*at] == '\\')
            ++*at;
        if (*at == v.len || v.data[*at] == '\r' || v.data[*at] == '\n' ||
            !add_byte(id, v.data[*at]))
            return false;
    }
    return *at < v.len;
}

/* The same without quotes: all up to a blank, comment or result. */
static bool read_bare(struct mm_view v, size_t *at, struct claimed_id *id)
{
    static const char ends[] = " \t\r\n;(\"";
    for (; *at < v.len && !memchr(ends, v.data[*at], sizeof ends - 1); ++*at)
        if (!add_byte(id, v.data[*at]))
            return false;
    return id->len > 0 && (*at == v.len || v.data[*at] != '"');
}

/* RFC 2047 section 5 allows none there, but some readers decode a field before they take it apart.
 */
static bool may_hold_encoded_word(struct mm_view v)
{
    return memmem(v.data, v.len, "=?", 2) != NULL;
}

/* The id that a value begins with, behind comments. */
static bool read_id(struct mm_view value, struct claimed_id *id)
{
    size_t at = 0;
    id->len = 0;
    if (!mm_cfws_skip(value, &at) || at == value.len)
        return false;
    bool read = value.data[at] == '"' ? read_quoted(value, &at, id) : read_bare(value, &at, id);
    return read && !may_hold_encoded_word(mm_view_sub(value, 0, at)) &&
           !may_hold_encoded_word((struct mm_view){id->text, id->len});
}

/* ---- whose it is ---- */

/* The name in A-labels, as generously as the readers that know U-labels. False where it has none
 * that may stand in a field, or without memory. */
static bool to_a_labels(struct mm_view *name, struct mm_arena *arena)
{
    enum mm_reason fault;
    return !mm_has_u_label(*name) ||
           (mm_idn_to_ascii(*name, MM_IDN_MAPPED, arena, name, &fault) == MM_OK &&
            fault == MM_REASON_NONE && mm_is_token(*name));
}

/* Also true where that cannot be told. */
static bool may_be_same(struct mm_view claimed, struct mm_view ours)
{
    enum { SCRATCH_MAX_BYTES = 16 * 1024 }; /* two names in A-labels */
    struct mm_arena arena;
    mm_arena_init(&arena, SCRATCH_MAX_BYTES);
    bool same = !to_a_labels(&claimed, &arena) || !to_a_labels(&ours, &arena) ||
                mm_view_eq_nocase(claimed, ours);
    mm_arena_deinit(&arena);
    return same;
}

bool mm_authres_claims(struct mm_view value, struct mm_view authserv_id)
{
    struct claimed_id id;
    return !read_id(value, &id) || may_be_same((struct mm_view){id.text, id.len}, authserv_id);
}
