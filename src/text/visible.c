/*
 * visible.c - bytes that a person is to see one by one: white space, line ends, controls.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text/visible.h"

static void put_byte(struct mm_buf *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    switch (c) {
    case ' ':
        mm_buf_append_str(out, "\xc2\xb7");
        return;
    case '\t':
        mm_buf_append_str(out, "\\t");
        return;
    case '\r':
        mm_buf_append_str(out, "\\r");
        return;
    case '\n':
        mm_buf_append_str(out, "\\n");
        return;
    case '\\':
        mm_buf_append_str(out, "\\\\");
        return;
    default:
        break;
    }
    if (c > ' ' && c < 0x7f)
        mm_buf_append_char(out, (char)c);
    else
        mm_buf_append(out, (struct mm_view){(char[4]){'\\', 'x', hex[c >> 4], hex[c & 15]}, 4});
}

void mm_visible_lines(struct mm_buf *out, struct mm_view text, const char *margin)
{
    for (size_t i = 0; i < text.len; i++) {
        if (i == 0 || text.data[i - 1] == '\n')
            mm_buf_append_str(out, margin);
        put_byte(out, (unsigned char)text.data[i]);
        if (text.data[i] == '\n' || i + 1 == text.len)
            mm_buf_append_char(out, '\n');
    }
}
