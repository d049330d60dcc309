/*
 * xxh3_plain.c - XXH3 as every processor has it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "support/xxh3_plain.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t mm_xxh3_plain(struct mm_view text, uint64_t seed)
{
    return XXH3_64bits_withSeed(text.data, text.len, seed);
}
