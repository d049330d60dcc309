/*
 * json_pull.h - a strict pull parser over one JSON text held in memory (RFC 8259).
 * SPDX-License-Identifier: Apache-2.0
 *
 * Nothing is allocated: strings come as the raw text between the quotes, already checked, and are
 * unescaped on demand into memory of the caller. An escape that is half of a surrogate pair is
 * refused as other parsers do, but RFC 8259 section 8.2 has it in the grammar: for texts of
 * strangers it can be let through, and unescaped it is U+FFFD.
 */
#ifndef MM_TEXT_JSON_PULL_H
#define MM_TEXT_JSON_PULL_H

#include "base/view.h"

enum { MM_JSON_DEPTH_MAX = 64 }; /* deeper input is hostile: recorded answers and reports need 8 */

enum mm_json_kind {
    MM_JSON_OBJECT_START,
    MM_JSON_OBJECT_END,
    MM_JSON_ARRAY_START,
    MM_JSON_ARRAY_END,
    MM_JSON_NAME, /* a member's name; its value follows */
    MM_JSON_STRING,
    MM_JSON_NUMBER,
    MM_JSON_TRUE,
    MM_JSON_FALSE,
    MM_JSON_NULL
};

struct mm_json_token {
    enum mm_json_kind kind;
    struct mm_view
        text; /* NAME, STRING: between the quotes, escapes as written; NUMBER: its digits */
    size_t offset;
};

struct mm_json_pull {
    struct mm_view text;
    size_t at;
    uint8_t stack[MM_JSON_DEPTH_MAX];
    uint32_t depth;
    bool lone_surrogates_pass; /* the caller's to set, behind mm_json_pull_init() */
    size_t lone_surrogates;    /* that were passed so far */
    uint8_t state;             /* private */
};

void mm_json_pull_init(struct mm_json_pull *p, struct mm_view text);
/* MM_OK with a token; MM_END after the one value and trailing white space; MM_E_SYNTAX or
 * MM_E_LIMIT with p->at at the fault. Strings must be valid UTF-8 with valid escapes. */
enum mm_status mm_json_pull_next(struct mm_json_pull *p, struct mm_json_token *out) MM_MUST_CHECK;
/* Step over the value that comes next, whole. */
enum mm_status mm_json_pull_skip(struct mm_json_pull *p) MM_MUST_CHECK;
/*
 * Unescape a NAME or STRING token's text into `out`, which has room for text.len bytes and may be
 * where the text lies; a value never grows.
 * latin1_bytes  true: \u0000..\u00ff give that one byte (our own rows' and recorded answers' form
 *               for bytes that are not UTF-8); false: they give UTF-8.
 * Returns       the length.
 */
size_t mm_json_unescape(struct mm_view text, bool latin1_bytes, char *out);

#endif /* MM_TEXT_JSON_PULL_H */
