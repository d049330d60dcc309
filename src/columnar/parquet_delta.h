/*
 * parquet_delta.h - whole numbers as differences from their neighbours, in as few bits as they
 * need.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_COLUMNAR_PARQUET_DELTA_H
#define MM_COLUMNAR_PARQUET_DELTA_H

#include "base/buf.h"

/*
 * Append `count` numbers, also none. narrow: they are INT32, and differences wrap at 32 bits, as
 * readers of that type expect. Source: Encodings.md, "Delta Encoding (DELTA_BINARY_PACKED = 5)".
 */
void mm_delta_append(struct mm_buf *out, const int64_t *values, size_t count, bool narrow);

#endif /* MM_COLUMNAR_PARQUET_DELTA_H */
