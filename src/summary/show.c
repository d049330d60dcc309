/*
 * show.c - a summary in words, whatever the form.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "summary/show.h"

#include "base/error.h"
#include "text/escape.h"
#include "text/utf8.h"

enum { ROW_BYTES_MAX = 256 * 1024 * 1024 }; /* of a row's texts, each byte as four or six */

void mm_show_hand_on(struct mm_show *show)
{
    if (show->buf.failed)
        show->failed = true;
    else if (show->buf.len)
        show->put(show->context, mm_buf_view(&show->buf));
    mm_buf_clear(&show->buf);
}

void mm_show_escaped(struct mm_buf *out, struct mm_view text)
{
    size_t most = MM_ESCAPE_MAX(text.len) + 1;
    if (mm_buf_reserve(out, most))
        out->len += mm_escape_line(text, out->data + out->len, most);
}

/* Two columns: the blocks of East_Asian_Width W and F (UAX 11) that mail has names in. */
static size_t columns_of(uint32_t c)
{
    static const uint32_t wide[][2] = {
        {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xac00, 0xd7a3},
        {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
        {0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
    };
    if (c >= 0x300 && c <= 0x36f)
        return 0; /* sits on the letter before it */
    for (size_t i = 0; i < MM_COUNT(wide); i++)
        if (c >= wide[i][0] && c <= wide[i][1])
            return 2;
    return 1;
}

size_t mm_show_width(struct mm_view text)
{
    size_t width = 0;
    while (text.len) {
        uint32_t c;
        size_t n = mm_utf8_decode(text, &c);
        width += n ? columns_of(c) : 1;
        n = n ? n : 1;
        text = mm_view_sub(text, n, text.len - n);
    }
    return width;
}

enum mm_status mm_summary_write(const struct mm_summary *summary, enum mm_summary_format format,
                                const struct mm_summary_style *style,
                                void (*put)(void *context, struct mm_view text), void *context,
                                struct mm_error *err)
{
    struct mm_show show = {.put = put, .context = context};
    if (format == MM_SUMMARY_AS_CSV && summary->table_count != 1)
        return mm_fail(err, MM_E_ARG, "CSV is one table: ask for one view that is one");
    if (style)
        show.style = *style;
    mm_buf_init(&show.buf, ROW_BYTES_MAX);
    if (format == MM_SUMMARY_AS_JSON)
        mm_show_json(&show, summary);
    else if (format == MM_SUMMARY_AS_CSV)
        mm_show_csv(&show, summary->tables);
    else
        mm_show_text(&show, summary);
    mm_show_hand_on(&show);
    mm_buf_deinit(&show.buf);
    return show.failed ? mm_fail(err, MM_E_NOMEM, "no memory for a row of the summary") : MM_OK;
}
