/*
 * parquet_bits.h - numbers in as many bytes, or bits, as they need.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_COLUMNAR_PARQUET_BITS_H
#define MM_COLUMNAR_PARQUET_BITS_H

#include "base/buf.h"
#include "base/word.h"

/* 0, -1, 1, -2, … as 0, 1, 2, 3, …: what is near zero is small. */
static inline uint64_t mm_bits_zigzag(int64_t value)
{
    return (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
}

/* Seven bits a byte, lowest first, the top bit set on all but the last (ULEB128). */
static inline void mm_bits_varint(struct mm_buf *out, uint64_t value)
{
    for (; value > 0x7f; value >>= 7)
        mm_buf_append_char(out, (char)(value | 0x80));
    mm_buf_append_char(out, (char)value);
}

/* The lowest `bytes` (at most 8) bytes of a number, lowest first. */
static inline void mm_bits_bytes(struct mm_buf *out, uint64_t value, size_t bytes)
{
    if (!mm_buf_reserve(out, bytes))
        return;
    mm_word_store_part(out->data + out->len, value, bytes);
    out->len += bytes;
}

/* How many bits a number needs: 0 for 0. */
static inline unsigned mm_bits_width(uint64_t value)
{
    return value ? 64 - (unsigned)__builtin_clzll(value) : 0;
}

/*
 * Numbers in `width` bits each, 0..64, the lowest bit of the first number in the lowest bit of the
 * first byte. Each is below 2^width; `count` is a multiple of 8, so that whole bytes come out.
 * Source: Encodings.md, "Run Length Encoding / Bit-Packing Hybrid".
 */
void mm_bits_pack(struct mm_buf *out, const uint64_t *values, size_t count, unsigned width);

#endif /* MM_COLUMNAR_PARQUET_BITS_H */
