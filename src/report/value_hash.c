/*
 * value_hash.c - XXH3-64 of a sequence of values, to find the same report again.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report/value_hash.h"

void mm_value_hash_init(struct mm_value_hash *h)
{
    h->so_far = 0;
    h->len = 0;
}

static void flush(struct mm_value_hash *h)
{
    h->so_far = XXH3_64bits_withSeed(h->buffer, h->len, h->so_far);
    h->len = 0;
}

static void put(struct mm_value_hash *h, const void *bytes, size_t len)
{
    if (len > sizeof h->buffer - h->len)
        flush(h);
    if (len > sizeof h->buffer) {
        h->so_far = XXH3_64bits_withSeed(bytes, len, h->so_far);
        return;
    }
    memcpy(h->buffer + h->len, bytes, len);
    h->len += len;
}

/* The first byte in memory is the lowest, whatever the machine. */
void mm_value_hash_int(struct mm_value_hash *h, int64_t value)
{
    unsigned char bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)((uint64_t)value >> 8 * i);
    put(h, bytes, sizeof bytes);
}

void mm_value_hash_text(struct mm_value_hash *h, struct mm_view text)
{
    mm_value_hash_int(h, text.data ? (int64_t)text.len : -1);
    if (text.len > 0)
        put(h, text.data, text.len);
}

uint64_t mm_value_hash_result(struct mm_value_hash *h)
{
    flush(h);
    return h->so_far;
}
