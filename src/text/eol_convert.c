/*
 * eol_convert.c - a text with the line ends that its place wants.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text/eol_convert.h"

#include "text/eol.h"

/* What becomes of a line end is told by it and the two bytes before it. */
enum { LOOK_BACK_BYTES = 2 };

bool mm_eol_may_change(struct mm_view text, enum mm_eol_form form)
{
    if (form == MM_EOL_AS_IS)
        return false;
    struct mm_eol_count count = mm_eol_count(text);
    return form == MM_EOL_TO_LF ? count.crlf > 0 : count.bare_lf > 0;
}

/* One line, `len` bytes before its LF. */
static void put_line(struct mm_buf *out, const char *line, size_t len, enum mm_eol_form form)
{
    bool cr = len > 0 && line[len - 1] == '\r';
    bool content_ends_in_cr = cr && len > 1 && line[len - 2] == '\r';
    if (form == MM_EOL_TO_LF && cr && !content_ends_in_cr)
        len--;
    mm_buf_append(out, (struct mm_view){line, len});
    if (form == MM_EOL_TO_CRLF && !cr)
        mm_buf_append_char(out, '\r');
    mm_buf_append_char(out, '\n');
}

/* Where a step may end: behind a line, or within a long one where no line end is near. */
static size_t step_end(struct mm_view rest, size_t step_bytes)
{
    if (rest.len <= step_bytes)
        return rest.len;
    const char *lf = memrchr(rest.data, '\n', step_bytes);
    return lf ? (size_t)(lf - rest.data) + 1 : step_bytes - LOOK_BACK_BYTES;
}

void mm_eol_convert(struct mm_buf *out, struct mm_view *rest, size_t step_bytes,
                    enum mm_eol_form form)
{
    size_t end = step_end(*rest, step_bytes), at = 0;
    while (at < end) {
        const char *lf = form == MM_EOL_AS_IS ? NULL : memchr(rest->data + at, '\n', end - at);
        if (!lf) {
            mm_buf_append(out, mm_view_sub(*rest, at, end - at));
            break;
        }
        size_t len = (size_t)(lf - rest->data) - at;
        put_line(out, rest->data + at, len, form);
        at += len + 1;
    }
    *rest = mm_view_sub(*rest, end, rest->len - end);
}
