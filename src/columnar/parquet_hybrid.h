/*
 * parquet_hybrid.h - small numbers as runs of one value and as packed bits, whichever is shorter.
 * SPDX-License-Identifier: Apache-2.0
 *
 * For definition and repetition levels, and for indices into a dictionary.
 */
#ifndef MM_COLUMNAR_PARQUET_HYBRID_H
#define MM_COLUMNAR_PARQUET_HYBRID_H

#include "base/buf.h"

/*
 * Append `count` numbers below 2^width; width 1..32. What is behind the last number up to a
 * multiple of eight is zero. Source: Encodings.md, "Run Length Encoding / Bit-Packing Hybrid (RLE =
 * 3)".
 */
void mm_hybrid_append(struct mm_buf *out, const uint32_t *values, size_t count, unsigned width);
/* The same of numbers in a byte each; `words` is memory to work in, and fails as `out` does. */
void mm_hybrid_append_levels(struct mm_buf *out, const uint8_t *levels, size_t count,
                             unsigned width, struct mm_buf *words);

#endif /* MM_COLUMNAR_PARQUET_HYBRID_H */
