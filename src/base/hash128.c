/*
 * hash128.c - XXH3-128: finds what this program itself wrote or named; never a matter of trust.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/hash128.h"

#include <xxhash.h>

struct mm_hash128 mm_hash128_of(struct mm_view bytes)
{
    XXH128_hash_t h = XXH3_128bits(bytes.data, bytes.len);
    return (struct mm_hash128){h.low64, h.high64};
}

struct mm_hash128 mm_hash128_chain(struct mm_hash128 so_far, struct mm_view next)
{
    struct mm_hash128 both[2] = {so_far, mm_hash128_of(next)};
    return mm_hash128_of((struct mm_view){(const char *)both, sizeof both});
}
