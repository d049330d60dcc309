/*
 * view.h - small operations on borrowed bytes.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A view never owns. Everything here is ASCII: mail's grammar folds case and white space by byte,
 * whatever the locale says.
 */
#ifndef MM_BASE_VIEW_H
#define MM_BASE_VIEW_H

#include <stdbool.h>
#include <string.h>

#include "mailmill/base.h"

#define MM_COUNT(array) (sizeof(array) / sizeof((array)[0]))
/* A view of a string literal. */
#define MM_VIEW(literal) ((struct mm_view){(literal), sizeof(literal) - 1})

static inline struct mm_view mm_view_of(const char *text)
{
    return (struct mm_view){text, text ? strlen(text) : 0};
}

static inline unsigned char mm_ascii_lower(unsigned char c)
{
    return (unsigned char)(c - 'A') < 26 ? (unsigned char)(c | 0x20) : c;
}

/* RFC 5234 WSP: blank and tab, nothing else. */
static inline bool mm_is_wsp(unsigned char c)
{
    return c == ' ' || c == '\t';
}

/* Bytes that folding white space is made of: WSP, CR, LF (RFC 6376 section 2.8). */
static inline bool mm_is_fws(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A byte of a string; its NUL, which strchr() would find, is none. */
static inline bool mm_is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static inline struct mm_view mm_view_sub(struct mm_view v, size_t from, size_t len)
{
    return (struct mm_view){v.data + from, len};
}

static inline bool mm_view_eq(struct mm_view a, struct mm_view b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* Equal but for ASCII case. */
bool mm_view_eq_nocase(struct mm_view a, struct mm_view b);

/* Copy with each ASCII capital made small. `out` has room for v.len bytes and does not overlap. */
void mm_view_lower_to(char *out, struct mm_view v);

/* Bytewise order, a prefix before what it begins. Negative, zero or positive. */
int mm_view_cmp(struct mm_view a, struct mm_view b);

static inline bool mm_view_starts(struct mm_view v, struct mm_view head)
{
    return v.len >= head.len && (head.len == 0 || memcmp(v.data, head.data, head.len) == 0);
}

/* The same but for ASCII case. */
static inline bool mm_view_starts_nocase(struct mm_view v, struct mm_view head)
{
    return v.len >= head.len && mm_view_eq_nocase(mm_view_sub(v, 0, head.len), head);
}

static inline bool mm_view_ends(struct mm_view v, struct mm_view tail)
{
    return v.len >= tail.len &&
           (tail.len == 0 || memcmp(v.data + v.len - tail.len, tail.data, tail.len) == 0);
}

/* Without leading and trailing folding white space / WSP. */
struct mm_view mm_view_trim_fws_slowly(struct mm_view v); /* private: where there is any */
struct mm_view mm_view_trim_wsp(struct mm_view v);
static inline struct mm_view mm_view_trim_fws(struct mm_view v)
{
    if (v.len && !mm_is_fws((unsigned char)v.data[0]) &&
        !mm_is_fws((unsigned char)v.data[v.len - 1]))
        return v;
    return mm_view_trim_fws_slowly(v);
}

/*
 * Cut at the first `sep`: head before it, rest after it. Without one, head is all, rest is empty
 * and the answer is false. `head` and `rest` may point at where `v` came from.
 */
bool mm_view_cut(struct mm_view v, char sep, struct mm_view *head, struct mm_view *rest);

/* Decimal digits only, at least one, no overflow. False leaves *value alone. */
bool mm_view_to_u64(struct mm_view v, uint64_t *value);

#endif /* MM_BASE_VIEW_H */
