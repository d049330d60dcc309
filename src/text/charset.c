/*
 * charset.c - text of other character sets as UTF-8.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text/charset.h"

#include <errno.h>
#include <iconv.h>

#include "base/word.h"
#include "text/utf8.h"

enum { REPLACEMENT = 0xfffd, UTF8_MAX_BYTES = 4 };

/* The names that senders use; section 4.2 of the WHATWG Encoding Standard lists more. */
static const struct {
    struct mm_view name;
    enum mm_charset_kind kind;
} known_names[] = {
    {{"utf-8", 5}, MM_CHARSET_UTF8},           {{"utf8", 4}, MM_CHARSET_UTF8},
    {{"us-ascii", 8}, MM_CHARSET_UTF8},        {{"ascii", 5}, MM_CHARSET_UTF8},
    {{"ansi_x3.4-1968", 14}, MM_CHARSET_UTF8}, {{"iso-8859-1", 10}, MM_CHARSET_1252},
    {{"iso8859-1", 9}, MM_CHARSET_1252},       {{"iso_8859-1", 10}, MM_CHARSET_1252},
    {{"latin1", 6}, MM_CHARSET_1252},          {{"windows-1252", 12}, MM_CHARSET_1252},
    {{"cp1252", 6}, MM_CHARSET_1252},          {{"utf-16le", 8}, MM_CHARSET_UTF16LE},
    {{"utf-16be", 8}, MM_CHARSET_UTF16BE},     {{"utf-16", 6}, MM_CHARSET_UTF16BE},
};

/* What is left to iconv(3): those that mail is written in, and no name from outside, since some of
 * its converters have had holes. */
static const char *const iconv_names[] = {
    "iso-8859-2",   "iso-8859-3",   "iso-8859-4",   "iso-8859-5",   "iso-8859-6",   "iso-8859-7",
    "iso-8859-8",   "iso-8859-9",   "iso-8859-10",  "iso-8859-11",  "iso-8859-13",  "iso-8859-14",
    "iso-8859-15",  "iso-8859-16",  "windows-1250", "windows-1251", "windows-1253", "windows-1254",
    "windows-1255", "windows-1256", "windows-1257", "windows-1258", "windows-874",  "koi8-r",
    "koi8-u",       "gb2312",       "gbk",          "gb18030",      "big5",         "euc-jp",
    "shift_jis",    "iso-2022-jp",  "euc-kr",       "tis-620"};

static iconv_t open_iconv(const char *name)
{
    return iconv_open("UTF-8", name);
}

/* False too where the C library came without the converter. */
static bool find_in_iconv(struct mm_view name, struct mm_charset *charset)
{
    for (size_t i = 0; i < MM_COUNT(iconv_names); i++) {
        if (!mm_view_eq_nocase(name, mm_view_of(iconv_names[i])))
            continue;
        *charset = (struct mm_charset){.kind = MM_CHARSET_ICONV, .name = iconv_names[i]};
        iconv_t cd = open_iconv(charset->name);
        if (cd == (iconv_t)-1)
            return false;
        iconv_close(cd);
        return true;
    }
    return false;
}

bool mm_charset_find(struct mm_view name, struct mm_charset *charset)
{
    for (size_t i = 0; i < MM_COUNT(known_names); i++)
        if (mm_view_eq_nocase(name, known_names[i].name)) {
            *charset = (struct mm_charset){.kind = known_names[i].kind};
            return true;
        }
    return find_in_iconv(name, charset);
}

size_t mm_charset_of_mark(struct mm_view text, struct mm_charset *charset)
{
    static const struct {
        struct mm_view mark;
        enum mm_charset_kind kind;
    } marks[] = {{{"\xef\xbb\xbf", 3}, MM_CHARSET_UTF8},
                 {{"\xff\xfe", 2}, MM_CHARSET_UTF16LE},
                 {{"\xfe\xff", 2}, MM_CHARSET_UTF16BE}};
    for (size_t i = 0; i < MM_COUNT(marks); i++)
        if (mm_view_starts(text, marks[i].mark)) {
            *charset = (struct mm_charset){.kind = marks[i].kind};
            return marks[i].mark.len;
        }
    return 0;
}

/* Bytes of ASCII at the start, in steps of so many. */
static size_t ascii_bytes(struct mm_view text)
{
    enum { STEP = 8 * MM_WORD_BYTES };
    size_t at = 0;
    for (; text.len - at >= STEP; at += STEP) {
        const char *v = text.data + at;
        uint64_t low =
            mm_word_load(v) | mm_word_load(v + 8) | mm_word_load(v + 16) | mm_word_load(v + 24);
        uint64_t high = mm_word_load(v + 32) | mm_word_load(v + 40) | mm_word_load(v + 48) |
                        mm_word_load(v + 56);
        if ((low | high) & MM_WORD_TOPS)
            break;
    }
    return at;
}

size_t mm_utf8_valid_bytes(struct mm_view text)
{
    size_t at = 0, len = text.len;
    uint32_t code_point;
    while (len > 0 && at < text.len) {
        struct mm_view rest = mm_view_sub(text, at, text.len - at);
        size_t plain = ascii_bytes(rest);
        at += plain;
        /* A character that is not ASCII is mostly not alone: a few bytes before the next try. */
        size_t stop = text.len - at < 64 ? text.len : at + 64;
        do {
            len = mm_utf8_decode(mm_view_sub(text, at, text.len - at), &code_point);
            at += len;
        } while (len > 0 && at < stop);
    }
    return at;
}

static uint32_t utf16_unit(struct mm_view v, size_t at, bool little)
{
    unsigned first = (unsigned char)v.data[at], second = (unsigned char)v.data[at + 1];
    return little ? first | second << 8 : first << 8 | second;
}

/* A pair of surrogates is one character (RFC 2781 section 2.2). */
static size_t utf16_decode(struct mm_view v, bool little, uint32_t *code_point)
{
    if (v.len < 2)
        return 0;
    *code_point = utf16_unit(v, 0, little);
    if (*code_point < 0xd800 || *code_point > 0xdfff)
        return 2;
    if (*code_point > 0xdbff || v.len < 4)
        return 0;
    uint32_t low = utf16_unit(v, 2, little);
    if (low < 0xdc00 || low > 0xdfff)
        return 0;
    *code_point = 0x10000 + ((*code_point - 0xd800) << 10) + (low - 0xdc00);
    return 4;
}

/* 0 for the five bytes that windows-1252 leaves undefined. */
static uint32_t from_1252(unsigned char c)
{
    static const uint16_t high[32] = {
        0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
        0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
        0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};
    return c >= 0x80 && c < 0xa0 ? high[c - 0x80] : c;
}

/* One character at the start of `v`, which is not empty. Returns its length; *valid is false, and
 * the character U+FFFD, where the bytes are none. */
static size_t decode_one(enum mm_charset_kind kind, struct mm_view v, uint32_t *code_point,
                         bool *valid)
{
    size_t len, unit = 1;
    if (kind == MM_CHARSET_UTF8) {
        len = mm_utf8_decode(v, code_point);
    } else if (kind == MM_CHARSET_1252) {
        *code_point = from_1252((unsigned char)v.data[0]);
        len = *code_point > 0 || v.data[0] == 0;
    } else {
        len = utf16_decode(v, kind == MM_CHARSET_UTF16LE, code_point);
        unit = v.len < 2 ? v.len : 2;
    }
    *valid = len > 0;
    if (len == 0)
        *code_point = REPLACEMENT;
    return len > 0 ? len : unit;
}

/* Decode until the end, or until `out_limit` bytes of UTF-8 are passed; `out` may be NULL, then
 * they are counted only. Returns the bytes of `text` that were read. */
static size_t decode_all(enum mm_charset_kind kind, struct mm_view text, size_t out_limit,
                         char *out, size_t *out_len, uint64_t *replaced)
{
    size_t at = 0, written = 0;
    *replaced = 0;
    while (at < text.len) {
        char room[UTF8_MAX_BYTES];
        uint32_t code_point;
        bool valid;
        size_t step = decode_one(kind, mm_view_sub(text, at, text.len - at), &code_point, &valid);
        size_t len = mm_utf8_encode(code_point, out ? out + written : room);
        if (written + len > out_limit)
            break;
        *replaced += !valid;
        written += len;
        at += step;
    }
    *out_len = written;
    return at;
}

/* The same by iconv(3). One byte can become several characters there. */
static size_t iconv_all(const char *name, struct mm_view text, size_t out_limit, char *out,
                        size_t *out_len, uint64_t *replaced)
{
    char piece[4096], *in = (char *)(uintptr_t)text.data; /* iconv() only reads it */
    size_t in_left = text.len, written = 0;
    *replaced = 0;
    iconv_t cd = open_iconv(name);
    while (cd != (iconv_t)-1 && in_left > 0) {
        size_t room = out_limit - written;
        if (!out && room > sizeof piece)
            room = sizeof piece;
        char *to = out ? out + written : piece;
        size_t left = room;
        size_t answer = iconv(cd, &in, &in_left, &to, &left);
        written += room - left;
        if (answer != (size_t)-1 || (errno == E2BIG && room == sizeof piece))
            continue;
        if (errno == E2BIG || out_limit - written < 3)
            break;
        if (out)
            mm_utf8_encode(REPLACEMENT, out + written);
        written += 3;
        ++*replaced;
        in++;
        in_left--;
    }
    if (cd != (iconv_t)-1)
        iconv_close(cd);
    *out_len = written;
    return text.len - in_left;
}

/* Read at most so many bytes of UTF-8 out of `text`; the bytes of `text` that they are made of. */
static size_t convert(const struct mm_charset *charset, struct mm_view text, size_t out_limit,
                      char *out, size_t *out_len, uint64_t *replaced)
{
    return charset->kind == MM_CHARSET_ICONV
               ? iconv_all(charset->name, text, out_limit, out, out_len, replaced)
               : decode_all(charset->kind, text, out_limit, out, out_len, replaced);
}

enum mm_status mm_charset_to_utf8(const struct mm_charset *charset, struct mm_view text,
                                  struct mm_arena *arena, struct mm_view *out, uint64_t *replaced)
{
    size_t len;
    *out = text;
    *replaced = 0;
    if (charset->kind == MM_CHARSET_UTF8 && mm_utf8_valid_bytes(text) == text.len)
        return MM_OK;
    convert(charset, text, SIZE_MAX, NULL, &len, replaced);
    char *data = mm_arena_alloc(arena, len + UTF8_MAX_BYTES); /* the last one is written whole */
    if (!data)
        return MM_E_NOMEM;
    convert(charset, text, len, data, &len, replaced);
    *out = (struct mm_view){data, len};
    return MM_OK;
}

size_t mm_charset_offset(const struct mm_charset *charset, struct mm_view text, size_t utf8_offset)
{
    size_t len;
    uint64_t replaced;
    return convert(charset, text, utf8_offset, NULL, &len, &replaced);
}
