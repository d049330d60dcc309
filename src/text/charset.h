/*
 * charset.h - text of other character sets as UTF-8.
 * SPDX-License-Identifier: Apache-2.0
 *
 * What is no text in its character set becomes U+FFFD and is counted, so that the result is always
 * valid UTF-8. UTF-8, UTF-16 and windows-1252 are read here; some that
 * are rarer, by iconv(3).
 */
#ifndef MM_TEXT_CHARSET_H
#define MM_TEXT_CHARSET_H

#include "base/arena.h"
#include "base/view.h"

enum mm_charset_kind {
    MM_CHARSET_UTF8, /* US-ASCII too */
    MM_CHARSET_UTF16LE,
    MM_CHARSET_UTF16BE,
    MM_CHARSET_1252, /* windows-1252, and ISO-8859-1, whose label is mostly put on it */
    MM_CHARSET_ICONV
};

struct mm_charset {
    enum mm_charset_kind kind;
    const char *name; /* of MM_CHARSET_ICONV */
};

/*
 * The character set of that name, in any case. UTF-16 without more is big-endian (RFC 2781 section
 * 4.3); look for a byte order mark first. False where it is not known.
 */
bool mm_charset_find(struct mm_view name, struct mm_charset *charset);

/* Length of the byte order mark that `text` begins with, and what it says; 0 where there is none.
 */
size_t mm_charset_of_mark(struct mm_view text, struct mm_charset *charset);

/* Bytes at the start of `text` that are valid UTF-8, up to the first character that is none. */
size_t mm_utf8_valid_bytes(struct mm_view text);

/*
 * The text in UTF-8. A byte order mark is a character like any other.
 *
 * out       [out] `text` itself where it is valid UTF-8 already, else memory of the arena: three
 *           times its length at most, but for rare character sets.
 * replaced  [out] characters that became U+FFFD: one for each byte that begins no character, for
 *           each half of a surrogate pair alone, for an odd byte at the end.
 * Returns   MM_OK; MM_E_NOMEM.
 * Source    RFC 3629 section 4; RFC 2781 section 2.2; windows-1252 as in the WHATWG Encoding
 *           Standard, section 9, but for its five undefined bytes.
 */
enum mm_status mm_charset_to_utf8(const struct mm_charset *charset, struct mm_view text,
                                  struct mm_arena *arena, struct mm_view *out,
                                  uint64_t *replaced) MM_MUST_CHECK;

/* Where in `text` the character begins whose UTF-8 form has the byte at `utf8_offset`. */
size_t mm_charset_offset(const struct mm_charset *charset, struct mm_view text, size_t utf8_offset);

#endif /* MM_TEXT_CHARSET_H */
