/*
 * fuzz_mbox.c - cutting an mbox loses no byte, and what is written is read back.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "mail/mbox.h"

static void require(int holds)
{
    if (!holds)
        abort();
}

/* The next byte at or after *at, line ends as LF; -1 at the end. */
static int next_byte(struct mm_view text, size_t *at)
{
    if (*at + 1 < text.len && text.data[*at] == '\r' && text.data[*at + 1] == '\n')
        ++*at;
    return *at < text.len ? (unsigned char)text.data[(*at)++] : -1;
}

/* Write one message in two parts, read it back; it differs in line ends only. */
static void there_and_back(struct mm_view message)
{
    struct mm_buf mbox;
    struct mm_mbox_writer w;
    mm_buf_init(&mbox, 1 << 20);
    mm_mbox_write_begin(&w, &mbox, MM_VIEW("From a\n"), 0);
    mm_mbox_write_part(&w, mm_view_sub(message, 0, message.len / 2));
    mm_mbox_write_part(&w, mm_view_sub(message, message.len / 2, message.len - message.len / 2));
    mm_mbox_write_end(&w);
    struct mm_view text = mm_buf_view(&mbox);
    require(mm_mbox_next(text, 1) == text.len);
    struct mm_mbox_message m = mm_mbox_trim(text);
    char *start = mbox.data + m.from_line.len;
    struct mm_view got = {start, mm_mbox_unquote(start, m.quoted.len)};
    size_t at = 0, i = 0;
    for (int c; (c = next_byte(message, &i)) != -1;)
        require(next_byte(got, &at) == c);
    int last = next_byte(got, &at);
    require(last == -1 || (last == '\n' && next_byte(got, &at) == -1));
    mm_buf_deinit(&mbox);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mm_view bytes = {(const char *)data, size};
    if (size == 0 || size > 1 << 16)
        return 0;
    mm_mbox_sniff(bytes);
    for (size_t at = 0, next; at < size; at = next) {
        next = mm_mbox_next(bytes, at + 1);
        require(next > at && next <= size);
        require(next == size || memcmp(bytes.data + next, "From ", 5) == 0);
        struct mm_view entry = mm_view_sub(bytes, at, next - at);
        struct mm_mbox_message m = mm_mbox_trim(entry);
        require(m.from_line.len + m.quoted.len <= entry.len &&
                m.from_line.len + m.quoted.len + 2 >= entry.len);
        char *copy = malloc(m.quoted.len + 1);
        require(copy != NULL);
        if (m.quoted.len)
            memcpy(copy, m.quoted.data, m.quoted.len);
        size_t len = mm_mbox_unquote(copy, m.quoted.len);
        require(m.has_quotes ? len < m.quoted.len : len == m.quoted.len);
        free(copy);
    }
    there_and_back(bytes);
    return 0;
}
