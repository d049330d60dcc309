/*
 * canon_header.c - a header field to the bytes that are hashed.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/canon_header.h"

#include "text/eol.h"

/* Length of the line end at `at` in v: 2 for CRLF, 1 for LF, 0 for anything else. */
static size_t line_end_at(struct mm_view v, size_t at)
{
    if (v.data[at] == '\n')
        return 1;
    return v.data[at] == '\r' && at + 1 < v.len && v.data[at + 1] == '\n' ? 2 : 0;
}

static void append_lower(struct mm_buf *out, struct mm_view name)
{
    if (!mm_buf_reserve(out, name.len))
        return;
    mm_view_lower_to(out->data + out->len, name);
    out->len += name.len;
}

/* Name without the blanks before its colon. */
static struct mm_view field_name(struct mm_view field, size_t value_at)
{
    struct mm_view name = mm_view_sub(field, 0, value_at - 1);
    while (name.len > 0 && mm_is_wsp((unsigned char)name.data[name.len - 1]))
        name.len--;
    return name;
}

/*
 * Plain relaxed form of a value: line ends go, a run of WSP becomes one SP, none at the end and,
 * unless content came before (`inside`), none at the start. At most value.len bytes; returns them.
 */
static size_t fold_plain(char *to, struct mm_view value, bool inside)
{
    size_t len = 0;
    bool gap = false;
    for (size_t at = 0, eol; at<value.len; at += eol> 0 ? eol : 1) {
        eol = line_end_at(value, at);
        if (eol > 0)
            continue;
        if (mm_is_wsp((unsigned char)value.data[at])) {
            gap = true;
            continue;
        }
        if (gap && inside)
            to[len++] = ' ';
        gap = false;
        inside = true;
        to[len++] = value.data[at];
    }
    return len;
}

static void append_simple_reference(struct mm_buf *out, struct mm_view field)
{
    for (size_t at = 0, eol; at < field.len; at += eol ? eol : 1) {
        eol = line_end_at(field, at);
        if (eol > 0)
            mm_buf_append_str(out, "\r\n");
        else
            mm_buf_append_char(out, field.data[at]);
    }
}

void mm_canon_header_reference(struct mm_buf *out, enum mm_canon canon, struct mm_view field,
                               size_t value_at, bool add_crlf)
{
    if (canon == MM_CANON_SIMPLE) {
        append_simple_reference(out, field);
    } else {
        struct mm_view name = field_name(field, value_at);
        for (size_t i = 0; i < name.len; i++)
            mm_buf_append_char(out, (char)mm_ascii_lower((unsigned char)name.data[i]));
        mm_buf_append_char(out, ':');
        struct mm_view value = mm_view_sub(field, value_at, field.len - value_at);
        if (mm_buf_reserve(out, value.len + 1)) /* one more: data is there for an empty value too */
            out->len += fold_plain(out->data + out->len, value, false);
    }
    if (add_crlf)
        mm_buf_append_str(out, "\r\n");
}

/* Without the WSP and line ends at either side; a CR that ends no line is content and stays. */
static struct mm_view trim_value(struct mm_view v)
{
    size_t skip;
    while (v.len > 0 && (skip = mm_is_wsp((unsigned char)v.data[0]) ? 1 : line_end_at(v, 0)) > 0)
        v = mm_view_sub(v, skip, v.len - skip);
    while (v.len > 0 && (mm_is_wsp((unsigned char)v.data[v.len - 1]) || v.data[v.len - 1] == '\n'))
        v.len -= mm_view_ends(v, MM_VIEW("\r\n")) ? 2 : 1;
    return v;
}

/*
 * Write the relaxed form of the head of *value, which begins and ends with content, while more than
 * a block of room is left. *value moves past what was read, to WSP or a line end behind content, or
 * to its end; the plain form does the rest. Returns the bytes written.
 */
typedef size_t fold_fn(struct mm_view *value, char *out, size_t cap);

#define MM_KERNEL "dkim/x86/canon_header_kernel.inc"
#include "text/x86/each_width.inc"

/* The relaxed form of a value that begins and ends with content; `cap` is at least its length. */
static size_t fold_value(fold_fn *fold, struct mm_view value, char *out, size_t cap)
{
    size_t len = fold ? fold(&value, out, cap) : 0;
    return len + fold_plain(out + len, value, true);
}

static bool folds_known_value(mm_kernel_fn *run)
{
    static const char value[] =
        "word \t word\tword\r\n\t of a value that is longer \r\n\r\n  than"
        " a block \r of\r sixty-four bytes\n\tand has folds \n of every kind",
                      folded[] = "word word word of a value that is longer than"
                                 " a block \r of\r sixty-four bytes and has folds of every kind";
    char out[sizeof value + 64];
    size_t len = fold_value((fold_fn *)run, MM_VIEW(value), out, sizeof out);
    return mm_view_eq((struct mm_view){out, len}, MM_VIEW(folded));
}

/* The plain form is in fold_value() itself. */
struct mm_kernel mm_canon_header_kernel = {
    .forms = MM_KERNEL_FORMS(fold, NULL),
    .works = folds_known_value,
};

static void append_relaxed(struct mm_buf *out, struct mm_view field, size_t value_at)
{
    append_lower(out, field_name(field, value_at));
    mm_buf_append_char(out, ':');
    struct mm_view value = trim_value(mm_view_sub(field, value_at, field.len - value_at));
    if (value.len == 0 || !mm_buf_reserve(out, value.len))
        return;
    fold_fn *fold = (fold_fn *)mm_kernel_pick(&mm_canon_header_kernel);
    out->len += fold_value(fold, value, out->data + out->len, out->cap - out->len);
}

/* Only bare LFs change; most fields have none. */
static void append_simple(struct mm_buf *out, struct mm_view field)
{
    for (size_t at; (at = mm_eol_first_bare_lf(field)) < field.len;) {
        mm_buf_append(out, mm_view_sub(field, 0, at));
        mm_buf_append_str(out, "\r\n");
        field = mm_view_sub(field, at + 1, field.len - at - 1);
    }
    mm_buf_append(out, field);
}

void mm_canon_header(struct mm_buf *out, enum mm_canon canon, struct mm_view field, size_t value_at,
                     bool add_crlf)
{
    if (canon == MM_CANON_SIMPLE)
        append_simple(out, field);
    else
        append_relaxed(out, field, value_at);
    if (add_crlf)
        mm_buf_append_str(out, "\r\n");
}
