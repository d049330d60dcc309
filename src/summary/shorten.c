/*
 * shorten.c - long names cut in the middle, where they differ least.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "summary/shorten.h"

/* Bytes in front of the first character that is no more among `count`; each byte that goes on with
 * a character belongs to it (RFC 3629 section 3), a stray one counts alike. */
static size_t head_bytes(struct mm_view text, size_t count)
{
    size_t at = 0;
    for (; at < text.len; at++)
        if (((unsigned char)text.data[at] & 0xc0) != 0x80 && count-- == 0)
            break;
    return at;
}

static size_t character_count(struct mm_view text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.data[i] & 0xc0) != 0x80;
    return count;
}

void mm_shorten(struct mm_buf *out, struct mm_view text, size_t most)
{
    size_t count = character_count(text);
    if (count <= most) {
        mm_buf_append(out, text);
        return;
    }
    size_t tail = (most - 1) / 2, head = most - 1 - tail;
    size_t tail_at = head_bytes(text, count - tail);
    mm_buf_append(out, mm_view_sub(text, 0, head_bytes(text, head)));
    mm_buf_append(out, MM_VIEW("\xe2\x80\xa6"));
    mm_buf_append(out, mm_view_sub(text, tail_at, text.len - tail_at));
}

const char *mm_short_name(struct mm_view name, char out[MM_SHORT_NAME_BYTES])
{
    struct mm_buf buf;
    if (!name.data)
        name = MM_VIEW("(none)");
    mm_buf_init(&buf, MM_SHORT_NAME_BYTES);
    mm_shorten(&buf, name, MM_SENTENCE_NAME_CHARACTERS);
    size_t len = buf.failed || buf.len >= MM_SHORT_NAME_BYTES ? 0 : buf.len;
    for (size_t i = 0; i < len; i++) /* NUL would end the sentence */
        out[i] = buf.data[i] ? buf.data[i] : '?';
    out[len] = '\0';
    mm_buf_deinit(&buf);
    return out;
}
