/*
 * damage_text.c - the forms of a body that undo a damage.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each goes line by line. A line is what stands before an LF, or a CR and LF; those are kept as
 * they are.
 */
#include "dkim/damage.h"
#include "text/base64.h"

/* Append a line, changed or not. */
typedef void line_fn(struct mm_view line, struct mm_buf *out);

/* The next line of *rest, without its end, and the end; *rest moves on. False where it is empty. */
static bool next_line(struct mm_view *rest, struct mm_view *line, struct mm_view *end)
{
    if (rest->len == 0)
        return false;
    const char *lf = memchr(rest->data, '\n', rest->len);
    size_t len = lf ? (size_t)(lf - rest->data) + 1 : rest->len;
    struct mm_view whole = mm_view_sub(*rest, 0, len);
    *rest = mm_view_sub(*rest, len, rest->len - len);
    size_t end_len = mm_view_ends(whole, MM_VIEW("\r\n")) ? 2 : lf ? 1 : 0;
    *line = mm_view_sub(whole, 0, len - end_len);
    *end = mm_view_sub(whole, len - end_len, end_len);
    return true;
}

static void each_line(struct mm_view body, line_fn *change, struct mm_buf *out)
{
    struct mm_view line, end;
    while (next_line(&body, &line, &end)) {
        change(line, out);
        mm_buf_append(out, end);
    }
}

/* ---- lines ---- */

static void without_first(struct mm_view line, bool drop, struct mm_buf *out)
{
    mm_buf_append(out, mm_view_sub(line, drop, line.len - drop));
}

static void with_first(struct mm_view line, const char *first, struct mm_buf *out)
{
    mm_buf_append_str(out, first);
    mm_buf_append(out, line);
}

/* "From " behind any number of '>'. */
static bool is_from_line(struct mm_view line)
{
    while (mm_view_starts(line, MM_VIEW(">")))
        line = mm_view_sub(line, 1, line.len - 1);
    return mm_view_starts(line, MM_VIEW("From "));
}

static void unquote(struct mm_view line, struct mm_buf *out)
{
    without_first(line, mm_view_starts(line, MM_VIEW(">From ")), out);
}

static void unquote_rd(struct mm_view line, struct mm_buf *out)
{
    without_first(line, mm_view_starts(line, MM_VIEW(">")) && is_from_line(line), out);
}

static void quote(struct mm_view line, struct mm_buf *out)
{
    with_first(line, mm_view_starts(line, MM_VIEW("From ")) ? ">" : "", out);
}

static void quote_rd(struct mm_view line, struct mm_buf *out)
{
    with_first(line, is_from_line(line) ? ">" : "", out);
}

static void undouble_dot(struct mm_view line, struct mm_buf *out)
{
    without_first(line, mm_view_starts(line, MM_VIEW("..")), out);
}

static void double_dot(struct mm_view line, struct mm_buf *out)
{
    with_first(line, mm_view_starts(line, MM_VIEW(".")) ? "." : "", out);
}

static void trim_end(struct mm_view line, struct mm_buf *out)
{
    while (line.len && mm_is_wsp((unsigned char)line.data[line.len - 1]))
        line.len--;
    mm_buf_append(out, line);
}

static void mend_dashes(struct mm_view line, struct mm_buf *out)
{
    mm_buf_append(out, line);
    if (mm_view_eq(line, MM_VIEW("--")))
        mm_buf_append_char(out, ' ');
}

/* Each CR of the line, which ends none, as `with`. */
static void replace_cr(struct mm_view line, const char *with, struct mm_buf *out)
{
    struct mm_view piece;
    while (mm_view_cut(line, '\r', &piece, &line)) {
        mm_buf_append(out, piece);
        mm_buf_append_str(out, with);
    }
    mm_buf_append(out, piece);
}

static void drop_cr(struct mm_view line, struct mm_buf *out)
{
    replace_cr(line, "", out);
}

static void break_at_cr(struct mm_view line, struct mm_buf *out)
{
    replace_cr(line, "\r\n", out);
}

/* ---- the top ---- */

static void drop_blank_lines(struct mm_view body, struct mm_buf *out)
{
    struct mm_view rest = body, line, end;
    while (next_line(&rest, &line, &end) && line.len == 0)
        body = rest;
    mm_buf_append(out, body);
}

/* ---- transfer encodings (RFC 2045 sections 6.7 and 6.8) ---- */

enum { ENCODED_LINE_MAX = 76 };

static int hex_of(unsigned char c)
{
    if ((unsigned char)(c - '0') < 10)
        return c - '0';
    c = mm_ascii_lower(c);
    return (unsigned char)(c - 'a') < 6 ? c - 'a' + 10 : -1;
}

/* A line of quoted-printable; true where a '=' at its end joins it to the next one. */
static bool decode_qp_line(struct mm_view line, struct mm_buf *out)
{
    while (line.len && mm_is_wsp((unsigned char)line.data[line.len - 1]))
        line.len--; /* RFC 2045 section 6.7 rule 3: added on the way */
    bool joined = mm_view_ends(line, MM_VIEW("="));
    line.len -= joined;
    for (size_t i = 0; i < line.len; i++) {
        bool coded = line.data[i] == '=' && line.len - i > 2;
        int high = coded ? hex_of((unsigned char)line.data[i + 1]) : -1;
        int low = coded ? hex_of((unsigned char)line.data[i + 2]) : -1;
        if (high >= 0 && low >= 0)
            i += 2;
        mm_buf_append_char(out, high >= 0 && low >= 0 ? (char)(high << 4 | low) : line.data[i]);
    }
    return joined;
}

static void decode_qp(struct mm_view body, struct mm_buf *out)
{
    struct mm_view line, end;
    while (next_line(&body, &line, &end))
        if (!decode_qp_line(line, out))
            mm_buf_append(out, end);
}

static void encode_qp(struct mm_view line, struct mm_buf *out)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t column = 0;
    for (size_t i = 0; i < line.len; i++) {
        unsigned char c = (unsigned char)line.data[i];
        bool last = i + 1 == line.len;
        bool plain = (c > ' ' && c < 0x7f && c != '=') || (mm_is_wsp(c) && !last);
        size_t width = plain ? 1 : 3;
        if (column + width + !last > ENCODED_LINE_MAX) {
            mm_buf_append_str(out, "=\r\n");
            column = 0;
        }
        if (plain)
            mm_buf_append_char(out, (char)c);
        else
            mm_buf_append(out, (struct mm_view){(char[3]){'=', hex[c >> 4], hex[c & 15]}, 3});
        column += width;
    }
}

static void decode_base64(struct mm_view body, struct mm_buf *out)
{
    size_t len = 0;
    if (mm_buf_reserve(out, MM_BASE64_DECODED_MAX(body.len) + 1) &&
        mm_base64_decode(body, (uint8_t *)out->data + out->len, &len, NULL) == MM_OK)
        out->len += len;
    else
        mm_buf_append(out, body);
}

static void encode_base64(struct mm_view body, struct mm_buf *out)
{
    enum { LINE_BYTES = ENCODED_LINE_MAX / 4 * 3 };
    char line[ENCODED_LINE_MAX];
    while (body.len) {
        size_t n = body.len < LINE_BYTES ? body.len : LINE_BYTES;
        mm_buf_append(
            out, (struct mm_view){line, mm_base64_encode(line, (const uint8_t *)body.data, n)});
        mm_buf_append_str(out, "\r\n");
        body = mm_view_sub(body, n, body.len - n);
    }
}

/* ---- by name ---- */

static const struct {
    enum mm_damage damage;
    line_fn *of_line, *of_body;
} undoings[] = {
    {MM_DAMAGE_FROM_QUOTED, unquote, NULL},
    {MM_DAMAGE_FROM_QUOTED_RD, unquote_rd, NULL},
    {MM_DAMAGE_FROM_UNQUOTED, quote, NULL},
    {MM_DAMAGE_FROM_UNQUOTED_RD, quote_rd, NULL},
    {MM_DAMAGE_CR_ADDED, drop_cr, NULL},
    {MM_DAMAGE_CR_WAS_LINE, break_at_cr, NULL},
    {MM_DAMAGE_BLANK_ABOVE, NULL, drop_blank_lines},
    {MM_DAMAGE_SPACE_ADDED, trim_end, NULL},
    {MM_DAMAGE_DASHES_CUT, mend_dashes, NULL},
    {MM_DAMAGE_DOTS_DOUBLED, undouble_dot, NULL},
    {MM_DAMAGE_DOTS_LOST, double_dot, NULL},
    {MM_DAMAGE_QP_ADDED, NULL, decode_qp},
    {MM_DAMAGE_BASE64_ADDED, NULL, decode_base64},
    {MM_DAMAGE_QP_LOST, encode_qp, NULL},
    {MM_DAMAGE_BASE64_LOST, NULL, encode_base64},
};

bool mm_damage_undo(enum mm_damage damage, struct mm_view body, struct mm_buf *out)
{
    mm_buf_clear(out);
    if (damage == MM_DAMAGE_BLANK_LOST)
        with_first(body, "\r\n", out);
    for (size_t i = 0; i < MM_COUNT(undoings); i++) {
        if (undoings[i].damage != damage)
            continue;
        if (undoings[i].of_line)
            each_line(body, undoings[i].of_line, out);
        else
            undoings[i].of_body(body, out);
    }
    bool made = out->len > 0 || damage == MM_DAMAGE_BLANK_ABOVE;
    return made && !out->failed && !mm_view_eq(mm_buf_view(out), body);
}
