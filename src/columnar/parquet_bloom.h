/*
 * parquet_bloom.h - a filter that tells where a value cannot be: the split block Bloom filter.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Source: BloomFilter.md of the Apache Parquet format.
 */
#ifndef MM_COLUMNAR_PARQUET_BLOOM_H
#define MM_COLUMNAR_PARQUET_BLOOM_H

#include "base/buf.h"

enum { MM_BLOOM_BLOCK_BYTES = 32, MM_BLOOM_BYTES_MAX = 128 * 1024 * 1024 };

/*
 * Bytes of a filter for that many distinct values: a power of two, since some readers refuse any
 * other, of 8 to 16 bits a value: from 4 % down to 0.2 % of absent values are not told.
 */
size_t mm_bloom_bytes(size_t distinct_count);
/* A value's hash: of its PLAIN encoding, without a length in front. */
uint64_t mm_bloom_hash(struct mm_view value);
/*
 * The hash by which DuckDB up to 1.5 looks for bytes that are no text: of how it shows them,
 * printable ASCII as it is but for quotes and backslashes, else \xHH. A filter of such bytes has
 * both hashes, or DuckDB finds nothing in it (its issue 24994; its pull request 23829 mends it).
 */
uint64_t mm_bloom_hash_as_shown(struct mm_view value);
/* filter: `bytes` bytes, zero at first. */
void mm_bloom_add(char *filter, size_t bytes, uint64_t hash);

#endif /* MM_COLUMNAR_PARQUET_BLOOM_H */
