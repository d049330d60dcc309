/*
 * block64.h - 64 bytes of text as vectors, and the places of one byte in them as a 64-bit mask.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The same few words for every vector width, so that a kernel is written once: it is included with
 * MM_WIDTH(name) set to the names of one width and MM_TARGET to its compiler target. Bit i of a
 * mask stands for byte i.
 */
#ifndef MM_TEXT_X86_BLOCK64_H
#define MM_TEXT_X86_BLOCK64_H

#if defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#define MM_TARGET_AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))
#define MM_TARGET_AVX512                                                                           \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi2,bmi,bmi2,popcnt")))

struct mm_block_avx2 {
    __m256i low, high;
};

MM_TARGET_AVX2 static inline struct mm_block_avx2 mm_block_load_avx2(const char *at)
{
    return (struct mm_block_avx2){_mm256_loadu_si256((const __m256i *)(const void *)at),
                                  _mm256_loadu_si256((const __m256i *)(const void *)(at + 32))};
}

/* The first `len` < 64 bytes; the others are zero and are not touched in memory. */
MM_TARGET_AVX2 static inline struct mm_block_avx2 mm_block_load_part_avx2(const char *at,
                                                                          size_t len)
{
    char copy[64] = {0};
    memcpy(copy, at, len);
    return mm_block_load_avx2(copy);
}

MM_TARGET_AVX2 static inline uint64_t mm_block_eq_avx2(struct mm_block_avx2 b, char c)
{
    __m256i want = _mm256_set1_epi8(c);
    uint32_t low = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(b.low, want));
    uint32_t high = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(b.high, want));
    return (uint64_t)high << 32 | low;
}

struct mm_block_avx512 {
    __m512i all;
};

MM_TARGET_AVX512 static inline struct mm_block_avx512 mm_block_load_avx512(const char *at)
{
    return (struct mm_block_avx512){_mm512_loadu_si512(at)};
}

MM_TARGET_AVX512 static inline struct mm_block_avx512 mm_block_load_part_avx512(const char *at,
                                                                                size_t len)
{
    return (struct mm_block_avx512){_mm512_maskz_loadu_epi8(((uint64_t)1 << len) - 1, at)};
}

MM_TARGET_AVX512 static inline uint64_t mm_block_eq_avx512(struct mm_block_avx512 b, char c)
{
    return _mm512_cmpeq_epi8_mask(b.all, _mm512_set1_epi8(c));
}

#endif /* __x86_64__ */
#endif /* MM_TEXT_X86_BLOCK64_H */
