/*
 * json_pull.c - a strict pull parser over one JSON text held in memory.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A state says what may come next, a stack says what is open. Once a fault was found, every later
 * call finds it again.
 */
#include "text/json_pull.h"

#include <assert.h>

#include "base/error.h"
#include "text/hex.h"
#include "text/utf8.h"

enum {
    WANT_VALUE,
    WANT_VALUE_OR_END, /* behind '[' */
    WANT_NAME_OR_END,  /* behind '{' */
    WANT_SEPARATOR,    /* behind a value in an object or array: ',' or the end */
    WANT_NOTHING,      /* behind the one value */
    BROKEN_SYNTAX,
    BROKEN_LIMIT
};

enum { IN_OBJECT, IN_ARRAY };

enum { REPLACEMENT = 0xfffd }; /* U+FFFD for what is no character */

void mm_json_pull_init(struct mm_json_pull *p, struct mm_view text)
{
    *p = (struct mm_json_pull){.text = text, .state = WANT_VALUE};
}

static enum mm_status fault(struct mm_json_pull *p, size_t at)
{
    p->at = at;
    p->state = BROKEN_SYNTAX;
    return MM_E_SYNTAX;
}

static struct mm_view rest_from(const struct mm_json_pull *p, size_t at)
{
    return mm_view_sub(p->text, at, p->text.len - at);
}

/* The byte at `at`, or -1 at the end. */
static int peek(const struct mm_json_pull *p, size_t at)
{
    return at < p->text.len ? (unsigned char)p->text.data[at] : -1;
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

/* Four hexadecimal digits at the start of `v`; -1 where they are not all there. */
static int32_t hex4(struct mm_view v)
{
    int32_t sum = 0;
    if (v.len < 4)
        return -1;
    for (size_t i = 0; i < 4; i++) {
        int digit = mm_hex_value(v.data[i]);
        if (digit < 0)
            return -1;
        sum = sum << 4 | digit;
    }
    return sum;
}

static bool is_high_surrogate(int32_t unit)
{
    return unit >= 0xd800 && unit <= 0xdbff;
}

static bool is_low_surrogate(int32_t unit)
{
    return unit >= 0xdc00 && unit <= 0xdfff;
}

/* Length of the escape at the start of `v` (which is a backslash), 0 for none. `lone` is whether it
 * is half of a surrogate pair without the other. */
static size_t escape_length(struct mm_view v, bool *lone)
{
    *lone = false;
    if (v.len >= 2 && v.data[1] && strchr("\"\\/bfnrt", v.data[1]))
        return 2;
    if (v.len < 6 || v.data[1] != 'u')
        return 0;
    int32_t unit = hex4(mm_view_sub(v, 2, v.len - 2));
    if (unit < 0)
        return 0;
    *lone = is_low_surrogate(unit);
    if (!is_high_surrogate(unit))
        return 6;
    bool pair = v.len >= 12 && v.data[6] == '\\' && v.data[7] == 'u' &&
                is_low_surrogate(hex4(mm_view_sub(v, 8, v.len - 8)));
    *lone = !pair;
    return pair ? 12 : 6;
}

/* The same of a string that is scanned: 0 also for a lone surrogate where none may pass. */
static size_t scan_escape(struct mm_json_pull *p, size_t at)
{
    bool lone;
    size_t len = escape_length(rest_from(p, at), &lone);
    if (lone && !p->lone_surrogates_pass)
        return 0;
    p->lone_surrogates += lone;
    return len;
}

/* Scan a string whose opening quote is at p->at. */
static enum mm_status scan_string(struct mm_json_pull *p, struct mm_view *text)
{
    size_t start = p->at + 1, at = start;
    for (int c; (c = peek(p, at)) != '"';) {
        size_t len = 1;
        uint32_t code_point;
        if (c == '\\')
            len = scan_escape(p, at);
        else if (c < 0x20) /* a control byte, or the end */
            len = 0;
        else if (c >= 0x80)
            len = mm_utf8_decode(rest_from(p, at), &code_point);
        if (len == 0)
            return fault(p, at);
        at += len;
    }
    *text = mm_view_sub(p->text, start, at - start);
    p->at = at + 1;
    return MM_OK;
}

/* Step over digits, at least one; false leaves *at at what is none. */
static bool scan_digits(const struct mm_json_pull *p, size_t *at)
{
    size_t start = *at;
    while (is_digit(peek(p, *at)))
        ++*at;
    return *at > start;
}

static enum mm_status scan_number(struct mm_json_pull *p, struct mm_view *text)
{
    size_t start = p->at, at = start;
    if (peek(p, at) == '-')
        at++;
    if (peek(p, at) == '0')
        at++;
    else if (!scan_digits(p, &at))
        return fault(p, at);
    if (peek(p, at) == '.') {
        at++;
        if (!scan_digits(p, &at))
            return fault(p, at);
    }
    if (peek(p, at) == 'e' || peek(p, at) == 'E') {
        at++;
        if (peek(p, at) == '+' || peek(p, at) == '-')
            at++;
        if (!scan_digits(p, &at))
            return fault(p, at);
    }
    *text = mm_view_sub(p->text, start, at - start);
    p->at = at;
    return MM_OK;
}

static enum mm_status scan_word(struct mm_json_pull *p, struct mm_json_token *out)
{
    static const struct {
        struct mm_view word;
        enum mm_json_kind kind;
    } words[] = {
        {{"true", 4}, MM_JSON_TRUE}, {{"false", 5}, MM_JSON_FALSE}, {{"null", 4}, MM_JSON_NULL}};
    for (size_t i = 0; i < MM_COUNT(words); i++)
        if (mm_view_starts(rest_from(p, p->at), words[i].word)) {
            out->kind = words[i].kind;
            out->text = mm_view_sub(p->text, p->at, words[i].word.len);
            p->at += words[i].word.len;
            return MM_OK;
        }
    return fault(p, p->at);
}

/* What may follow a whole value depends on where it stands. */
static void value_done(struct mm_json_pull *p)
{
    p->state = p->depth ? WANT_SEPARATOR : WANT_NOTHING;
}

static enum mm_status open_container(struct mm_json_pull *p, struct mm_json_token *out, bool array)
{
    if (p->depth == MM_JSON_DEPTH_MAX) {
        p->state = BROKEN_LIMIT;
        return MM_E_LIMIT;
    }
    p->stack[p->depth++] = array ? IN_ARRAY : IN_OBJECT;
    p->state = array ? WANT_VALUE_OR_END : WANT_NAME_OR_END;
    out->kind = array ? MM_JSON_ARRAY_START : MM_JSON_OBJECT_START;
    p->at++;
    return MM_OK;
}

static enum mm_status close_container(struct mm_json_pull *p, struct mm_json_token *out)
{
    out->kind = p->stack[--p->depth] == IN_ARRAY ? MM_JSON_ARRAY_END : MM_JSON_OBJECT_END;
    p->at++;
    value_done(p);
    return MM_OK;
}

static enum mm_status scan_value(struct mm_json_pull *p, struct mm_json_token *out)
{
    int c = peek(p, p->at);
    if (c == '{' || c == '[')
        return open_container(p, out, c == '[');
    if (c == '"') {
        out->kind = MM_JSON_STRING;
        MM_TRY(scan_string(p, &out->text));
    } else if (c == '-' || is_digit(c)) {
        out->kind = MM_JSON_NUMBER;
        MM_TRY(scan_number(p, &out->text));
    } else {
        MM_TRY(scan_word(p, out));
    }
    value_done(p);
    return MM_OK;
}

static void skip_blanks(struct mm_json_pull *p)
{
    while (p->at < p->text.len && mm_is_fws((unsigned char)p->text.data[p->at]))
        p->at++;
}

static enum mm_status scan_name(struct mm_json_pull *p, struct mm_json_token *out)
{
    if (peek(p, p->at) != '"')
        return fault(p, p->at);
    out->kind = MM_JSON_NAME;
    MM_TRY(scan_string(p, &out->text));
    skip_blanks(p);
    if (peek(p, p->at) != ':')
        return fault(p, p->at);
    p->at++;
    p->state = WANT_VALUE;
    return MM_OK;
}

/* Behind a value: the end of what it stands in, or a comma and what follows it. */
static enum mm_status scan_separator(struct mm_json_pull *p, struct mm_json_token *out)
{
    bool array = p->stack[p->depth - 1] == IN_ARRAY;
    if (peek(p, p->at) == (array ? ']' : '}'))
        return close_container(p, out);
    if (peek(p, p->at) != ',')
        return fault(p, p->at);
    p->at++;
    skip_blanks(p);
    out->offset = p->at;
    return array ? scan_value(p, out) : scan_name(p, out);
}

enum mm_status mm_json_pull_next(struct mm_json_pull *p, struct mm_json_token *out)
{
    if (p->state == BROKEN_SYNTAX)
        return MM_E_SYNTAX;
    if (p->state == BROKEN_LIMIT)
        return MM_E_LIMIT;
    skip_blanks(p);
    *out = (struct mm_json_token){.offset = p->at};
    switch (p->state) {
    case WANT_VALUE_OR_END:
        return peek(p, p->at) == ']' ? close_container(p, out) : scan_value(p, out);
    case WANT_NAME_OR_END:
        return peek(p, p->at) == '}' ? close_container(p, out) : scan_name(p, out);
    case WANT_SEPARATOR:
        return scan_separator(p, out);
    case WANT_NOTHING:
        return p->at == p->text.len ? MM_END : fault(p, p->at);
    default:
        return scan_value(p, out);
    }
}

enum mm_status mm_json_pull_skip(struct mm_json_pull *p)
{
    struct mm_json_token token;
    uint32_t depth = p->depth;
    do {
        enum mm_status st = mm_json_pull_next(p, &token);
        if (st != MM_OK)
            return st;
    } while (p->depth > depth);
    return MM_OK;
}

/* One escape of checked text into `out`; *in is moved past it. Returns the bytes written. */
static size_t unescape_one(struct mm_view *in, bool latin1_bytes, char *out)
{
    static const char names[] = "\"\"\\\\//b\bf\fn\nr\rt\t"; /* letter, then its byte */
    assert(in->len >= 2);
    if (in->data[1] != 'u') {
        const char *at = names;
        while (*at != in->data[1])
            at += 2;
        *out = at[1];
        *in = mm_view_sub(*in, 2, in->len - 2);
        return 1;
    }
    bool lone;
    size_t len = escape_length(*in, &lone);
    assert(len != 0);
    int32_t unit = hex4(mm_view_sub(*in, 2, 4));
    if (lone)
        unit = REPLACEMENT;
    else if (is_high_surrogate(unit))
        unit = 0x10000 + ((unit - 0xd800) << 10) + (hex4(mm_view_sub(*in, 8, 4)) - 0xdc00);
    *in = mm_view_sub(*in, len, in->len - len);
    if (latin1_bytes && unit <= 0xff) {
        *out = (char)unit;
        return 1;
    }
    return mm_utf8_encode((uint32_t)unit, out);
}

size_t mm_json_unescape(struct mm_view text, bool latin1_bytes, char *out)
{
    size_t len = 0;
    while (text.len) {
        const char *escape = memchr(text.data, '\\', text.len);
        size_t plain = escape ? (size_t)(escape - text.data) : text.len;
        memmove(out + len, text.data, plain);
        len += plain;
        text = mm_view_sub(text, plain, text.len - plain);
        if (escape)
            len += unescape_one(&text, latin1_bytes, out + len);
    }
    return len;
}
