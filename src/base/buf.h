/*
 * buf.h - bytes that grow, up to a maximum named at creation.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A failed append marks the buffer as failed and every later append does nothing, so that a writer
 * of many pieces checks once, at the end.
 */
#ifndef MM_BASE_BUF_H
#define MM_BASE_BUF_H

#include <stdbool.h>

#include "base/view.h"

struct mm_buf {
    char *data;
    size_t len, cap;
    size_t max_bytes;
    bool failed; /* an append found no memory or passed max_bytes */
};

void mm_buf_init(struct mm_buf *buf, size_t max_bytes);
void mm_buf_deinit(struct mm_buf *buf); /* quiet on a zeroed struct */
/* Empty it and forget a failure; memory is kept. */
void mm_buf_clear(struct mm_buf *buf);
bool mm_buf_grow(struct mm_buf *buf, size_t extra); /* private: the slow half of a reserve */
void mm_buf_append_u64(struct mm_buf *buf, uint64_t value);
void mm_buf_printf(struct mm_buf *buf, const char *fmt, ...) MM_PRINTF(2, 3);

/* Room for `extra` more bytes; false marks the buffer as failed. */
static inline bool mm_buf_reserve(struct mm_buf *buf, size_t extra)
{
    return (extra <= buf->cap - buf->len && !buf->failed) || mm_buf_grow(buf, extra);
}

/* In line, since rows and fields are written in pieces of a few bytes, most of them constants. */
static inline void mm_buf_append(struct mm_buf *buf, struct mm_view v)
{
    if (v.len == 0 || !mm_buf_reserve(buf, v.len))
        return;
    memcpy(buf->data + buf->len, v.data, v.len);
    buf->len += v.len;
}

static inline void mm_buf_append_char(struct mm_buf *buf, char c)
{
    if (mm_buf_reserve(buf, 1))
        buf->data[buf->len++] = c;
}

static inline void mm_buf_append_str(struct mm_buf *buf, const char *text)
{
    mm_buf_append(buf, mm_view_of(text));
}

static inline struct mm_view mm_buf_view(const struct mm_buf *buf)
{
    return (struct mm_view){buf->data, buf->len};
}

#endif /* MM_BASE_BUF_H */
