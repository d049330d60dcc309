/*
 * zone_lex.h - the words of an RFC 1035 master file.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Words come undecoded, because a backslash means one thing in a name and another in a string.
 */
#ifndef MM_DNS_ZONE_LEX_H
#define MM_DNS_ZONE_LEX_H

#include "base/error.h"
#include "base/view.h"

struct mm_zone_lex {
    struct mm_view text;
    size_t at;
    uint32_t line;    /* from 1 */
    uint32_t depth;   /* open parentheses */
    size_t opened_at; /* the last of them */
    uint32_t opened_line;
    size_t fault_at; /* after MM_E_SYNTAX: the byte (in `line`), and what is wrong with it */
    const char *fault;
};

struct mm_zone_word {
    struct mm_view raw; /* without the quotes; escapes are well formed */
    bool quoted;
};

void mm_zone_lex_init(struct mm_zone_lex *lex, struct mm_view text);
/* At the end of the text. */
bool mm_zone_lex_done(const struct mm_zone_lex *lex);
/* The line begins with a blank: its owner is the last one. */
bool mm_zone_lex_blank_owner(const struct mm_zone_lex *lex);
/* MM_OK with the next word, MM_END at the end of the entry (stepped over), MM_E_SYNTAX. */
enum mm_status mm_zone_lex_next(struct mm_zone_lex *lex, struct mm_zone_word *word) MM_MUST_CHECK;

/* Write what a word stands for (\DDD is a byte, \X is X) to `out`, which may be where it lies.
 * Returns the length, at most raw.len. */
size_t mm_zone_word_decode(struct mm_view raw, char *out);

enum { MM_ZONE_LABEL_MAX_BYTES = 63, MM_ZONE_NAME_MAX_BYTES = 253 }; /* RFC 1035 section 2.3.4 */
/*
 * Write a name in the store's form: lower case, no final dot, relative to `origin` (in that form)
 * where it does not end in one; "@" is the origin. A dot or backslash inside a label keeps its
 * backslash and so equals no name that is looked up.
 * out      room for MM_ZONE_NAME_MAX_BYTES.
 * Returns  NULL, or what is wrong with it.
 */
const char *mm_zone_name(struct mm_view raw, struct mm_view origin, char *out, size_t *len);

#endif /* MM_DNS_ZONE_LEX_H */
