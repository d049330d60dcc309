/*
 * parquet_read_values.h - the encodings of Parquet that our writer uses, read back strictly.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each takes exactly the bytes that hold `count` values: false where some are missing, left over or
 * say what they cannot. Source: Encodings.md of the Apache Parquet format.
 */
#ifndef MM_COLUMNAR_PARQUET_READ_VALUES_H
#define MM_COLUMNAR_PARQUET_READ_VALUES_H

#include "base/view.h"

/* RLE/bit-packed hybrid, `width` 1..32: numbers, or levels, each at most `max`. */
bool mm_hybrid_read(struct mm_view bytes, unsigned width, uint32_t max, uint32_t *out,
                    size_t count);
bool mm_hybrid_read_levels(struct mm_view bytes, unsigned max, uint8_t *out, size_t count);
/* DELTA_BINARY_PACKED; narrow: of INT32, where sums wrap at 32 bits. */
bool mm_delta_read(struct mm_view bytes, bool narrow, int64_t *out, size_t count);
/* PLAIN: numbers of 4 or 8 bytes, booleans of a bit, texts behind their length or of `fixed`
 * bytes. Texts borrow `bytes`. */
bool mm_plain_read_numbers(struct mm_view bytes, size_t width, int64_t *out, size_t count);
bool mm_plain_read_booleans(struct mm_view bytes, int64_t *out, size_t count);
bool mm_plain_read_texts(struct mm_view bytes, size_t fixed, struct mm_view *out, size_t count);

#endif /* MM_COLUMNAR_PARQUET_READ_VALUES_H */
