/*
 * parquet_delta.c - whole numbers as differences from their neighbours, in as few bits as they
 * need.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_delta.h"

#include "columnar/parquet_bits.h"

/* The sizes that every other writer uses. */
enum { BLOCK = 128, PARTS = 4, PART = BLOCK / PARTS };

/* to - from, which wraps. */
static int64_t difference(int64_t from, int64_t to, bool narrow)
{
    uint64_t wide = (uint64_t)to - (uint64_t)from;
    return narrow ? (int32_t)(uint32_t)wide : (int64_t)wide;
}

/* A block of 1..BLOCK differences, each kept as what it is above the least of them. */
static void append_block(struct mm_buf *out, const int64_t *deltas, size_t count, bool narrow)
{
    uint64_t above[BLOCK] = {0};
    unsigned widths[PARTS] = {0};
    int64_t least = deltas[0];
    for (size_t i = 1; i < count; i++)
        least = deltas[i] < least ? deltas[i] : least;
    mm_bits_varint(out, mm_bits_zigzag(least));
    for (size_t part = 0; part < PARTS; part++) {
        uint64_t all = 0;
        for (size_t i = part * PART; i < (part + 1) * PART && i < count; i++) {
            uint64_t delta = (uint64_t)deltas[i] - (uint64_t)least;
            all |= above[i] = narrow ? (uint32_t)delta : delta;
        }
        widths[part] = mm_bits_width(all);
        mm_buf_append_char(out, (char)widths[part]);
    }
    for (size_t part = 0; part * PART < count; part++)
        mm_bits_pack(out, above + part * PART, PART, widths[part]);
}

void mm_delta_append(struct mm_buf *out, const int64_t *values, size_t count, bool narrow)
{
    int64_t deltas[BLOCK];
    mm_bits_varint(out, BLOCK);
    mm_bits_varint(out, PARTS);
    mm_bits_varint(out, count);
    mm_bits_varint(out, mm_bits_zigzag(count ? values[0] : 0));
    for (size_t done = 1; done < count;) {
        size_t len = 0;
        for (; len < BLOCK && done < count; len++, done++)
            deltas[len] = difference(values[done - 1], values[done], narrow);
        append_block(out, deltas, len, narrow);
    }
}
