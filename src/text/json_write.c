/*
 * json_write.c - JSON text into a buffer, safe for any bytes.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Nearly every string of a row is printable ASCII, so the run of bytes that need nothing is found
 * eight at a time and copied whole; everything else is one byte or one character at a time.
 */
#include "text/json_write.h"

#include "base/word.h"
#include "text/utf8.h"

/* Printable ASCII but for the quote and the backslash. */
static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/*
 * True when all eight bytes are plain. Each sum or difference sets the top bit of a byte that is
 * not; where it borrows from or carries into a neighbour, a bit is set already.
 */
static bool eight_plain(uint64_t x)
{
    uint64_t below_blank = x - MM_WORD_OF(0x20);
    uint64_t quote = (x ^ MM_WORD_OF('"')) - MM_WORD_OF(1);
    uint64_t backslash = (x ^ MM_WORD_OF('\\')) - MM_WORD_OF(1);
    uint64_t above_tilde = x + MM_WORD_OF(1);
    return ((below_blank | quote | backslash | above_tilde | x) & MM_WORD_TOPS) == 0;
}

/* The last one to eight bytes; a word of a longer text may begin in bytes that were looked at. */
static bool rest_plain(struct mm_view v, size_t rest)
{
    if (v.len >= MM_WORD_BYTES)
        return eight_plain(mm_word_load(v.data + v.len - MM_WORD_BYTES));
    return eight_plain(mm_word_load_part(v.data, rest) | MM_WORD_OF('x') << 8 * rest);
}

static size_t plain_run(struct mm_view v)
{
    size_t n = 0;
    while (v.len - n >= MM_WORD_BYTES && eight_plain(mm_word_load(v.data + n)))
        n += MM_WORD_BYTES;
    if (n < v.len && v.len - n < MM_WORD_BYTES && rest_plain(v, v.len - n))
        return v.len;
    while (n < v.len && is_plain((unsigned char)v.data[n]))
        n++;
    return n;
}

static void escape_u16(struct mm_buf *out, uint32_t value)
{
    static const char hex[] = "0123456789abcdef";
    char text[6] = {
        '\\',           'u', hex[value >> 12 & 15], hex[value >> 8 & 15], hex[value >> 4 & 15],
        hex[value & 15]};
    mm_buf_append(out, (struct mm_view){text, sizeof text});
}

static void escape_ascii(struct mm_buf *out, unsigned char c)
{
    static const char names[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* byte, then its letter */
    for (size_t i = 0; i + 1 < sizeof names; i += 2)
        if (c == (unsigned char)names[i]) {
            mm_buf_append(out, (struct mm_view){(char[2]){'\\', names[i + 1]}, 2});
            return;
        }
    escape_u16(out, c);
}

/* Write the byte or character at the start of `v`, which is not plain. Returns its length. Where
 * `utf8`, no byte stands for itself. */
static size_t write_special(struct mm_buf *out, struct mm_view v, bool utf8, bool *raw_bytes)
{
    uint32_t code_point;
    unsigned char first = (unsigned char)v.data[0];
    size_t len = mm_utf8_decode(v, &code_point);
    if (len == 1) {
        escape_ascii(out, first);
        return 1;
    }
    /* U+0080..U+009F are control characters to a terminal. They go byte by byte as well, so that
     * \u0080..\u00ff has one meaning: that byte. */
    if (len == 0 || (code_point < 0xa0 && !utf8)) {
        if (raw_bytes)
            *raw_bytes = true;
        escape_u16(out, first);
        if (len == 2)
            escape_u16(out, (unsigned char)v.data[1]);
        return len ? len : 1;
    }
    if (code_point < 0xa0 || mm_utf8_is_deceptive(code_point))
        escape_u16(out, code_point);
    else
        mm_buf_append(out, mm_view_sub(v, 0, len));
    return len;
}

static void write_chars(struct mm_buf *out, struct mm_view text, bool utf8, bool *raw_bytes)
{
    while (text.len && !out->failed) {
        size_t n = plain_run(text);
        mm_buf_append(out, mm_view_sub(text, 0, n));
        if (n < text.len)
            n += write_special(out, mm_view_sub(text, n, text.len - n), utf8, raw_bytes);
        text = mm_view_sub(text, n, text.len - n);
    }
}

void mm_json_chars(struct mm_buf *out, struct mm_view text, bool *raw_bytes)
{
    write_chars(out, text, false, raw_bytes);
}

void mm_json_text(struct mm_buf *out, struct mm_view text)
{
    mm_buf_append_char(out, '"');
    write_chars(out, text, true, NULL);
    mm_buf_append_char(out, '"');
}

void mm_json_string(struct mm_buf *out, struct mm_view text, bool *raw_bytes)
{
    mm_buf_append_char(out, '"');
    mm_json_chars(out, text, raw_bytes);
    mm_buf_append_char(out, '"');
}
