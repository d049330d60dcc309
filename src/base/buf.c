/*
 * buf.c - bytes that grow, up to a maximum named at creation.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_BYTES = 256 };

void mm_buf_init(struct mm_buf *buf, size_t max_bytes)
{
    *buf = (struct mm_buf){.max_bytes = max_bytes};
}

void mm_buf_deinit(struct mm_buf *buf)
{
    free(buf->data);
    *buf = (struct mm_buf){.max_bytes = buf->max_bytes};
}

void mm_buf_clear(struct mm_buf *buf)
{
    buf->len = 0;
    buf->failed = false;
}

bool mm_buf_grow(struct mm_buf *buf, size_t extra)
{
    if (buf->failed)
        return false;
    if (extra > buf->max_bytes || buf->len > buf->max_bytes - extra) {
        buf->failed = true;
        return false;
    }
    size_t want = buf->len + extra;
    size_t cap = buf->cap ? buf->cap : FIRST_BYTES < buf->max_bytes ? FIRST_BYTES : buf->max_bytes;
    while (cap < want)
        cap = cap > buf->max_bytes / 2 ? buf->max_bytes : cap * 2;
    char *grown = realloc(buf->data, cap);
    if (!grown) {
        buf->failed = true;
        return false;
    }
    buf->data = grown;
    buf->cap = cap;
    return true;
}

void mm_buf_append_u64(struct mm_buf *buf, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    mm_buf_append(buf, (struct mm_view){digits + at, sizeof digits - at});
}

void mm_buf_printf(struct mm_buf *buf, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (n < 0)
        buf->failed = true;
    else if (mm_buf_reserve(buf, (size_t)n + 1)) {
        vsnprintf(buf->data + buf->len, (size_t)n + 1, fmt, again);
        buf->len += (size_t)n;
    }
    va_end(again);
}
