/*
 * parquet_bloom.c - a filter that tells where a value cannot be: the split block Bloom filter.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_bloom.h"

#include <assert.h>

#include "mailmill/columnar.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { WORDS = 8 }; /* of a block, 32 bits each; a value sets one bit in every one */

/* Odd constants that spread the same 32 bits differently in each word (BloomFilter.md). */
static const uint32_t salts[WORDS] = {0x47b6137bu, 0x44974d91u, 0x8824ad5bu, 0xa2b7289du,
                                      0x705495c7u, 0x2df1424bu, 0x9efc4947u, 0x5c6bfb31u};

size_t mm_bloom_bytes(size_t distinct_count)
{
    size_t bytes = MM_BLOOM_BLOCK_BYTES;
    while (bytes < distinct_count && bytes < MM_BLOOM_BYTES_MAX)
        bytes *= 2;
    return bytes;
}

uint64_t mm_bloom_hash(struct mm_view value)
{
    return XXH64(value.data, value.len, 0);
}

uint64_t mm_bloom_hash_as_shown(struct mm_view value)
{
    static const char hex[] = "0123456789ABCDEF";
    char shown[4 * MM_ADDRESS_BYTES];
    size_t len = 0;
    assert(value.len <= MM_ADDRESS_BYTES);
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.data[i];
        if (c >= ' ' && c <= '~' && c != '\\' && c != '\'' && c != '"') {
            shown[len++] = (char)c;
            continue;
        }
        shown[len++] = '\\';
        shown[len++] = 'x';
        shown[len++] = hex[c >> 4];
        shown[len++] = hex[c & 15];
    }
    return mm_bloom_hash((struct mm_view){shown, len});
}

void mm_bloom_add(char *filter, size_t bytes, uint64_t hash)
{
    uint64_t block = (hash >> 32) * (bytes / MM_BLOOM_BLOCK_BYTES) >> 32;
    char *words = filter + block * MM_BLOOM_BLOCK_BYTES;
    for (size_t i = 0; i < WORDS; i++) {
        uint32_t bit = (uint32_t)hash * salts[i] >> 27; /* of the word, which is little-endian */
        words[i * 4 + bit / 8] = (char)(words[i * 4 + bit / 8] | 1 << bit % 8);
    }
}
