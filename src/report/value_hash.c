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

void mm_value_hash_bytes(struct mm_value_hash *h, const void *bytes, size_t len)
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

uint64_t mm_value_hash_result(struct mm_value_hash *h)
{
    flush(h);
    return h->so_far;
}
