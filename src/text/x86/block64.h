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
#include <stdbool.h>
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

/* The bytes from `first` to `last`, without sign. */
MM_TARGET_AVX2 static inline uint64_t mm_block_range_avx2(struct mm_block_avx2 b,
                                                          unsigned char first, unsigned char last)
{
    __m256i base = _mm256_set1_epi8((char)first), most = _mm256_set1_epi8((char)(last - first));
    __m256i low = _mm256_sub_epi8(b.low, base), high = _mm256_sub_epi8(b.high, base);
    low = _mm256_cmpeq_epi8(_mm256_min_epu8(low, most), low);
    high = _mm256_cmpeq_epi8(_mm256_min_epu8(high, most), high);
    return (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32 |
           (uint32_t)_mm256_movemask_epi8(low);
}

/* Every byte `from` becomes `to`. */
MM_TARGET_AVX2 static inline struct mm_block_avx2 mm_block_replace_avx2(struct mm_block_avx2 b,
                                                                        char from, char to)
{
    __m256i old = _mm256_set1_epi8(from), fresh = _mm256_set1_epi8(to);
    b.low = _mm256_blendv_epi8(b.low, fresh, _mm256_cmpeq_epi8(b.low, old));
    b.high = _mm256_blendv_epi8(b.high, fresh, _mm256_cmpeq_epi8(b.high, old));
    return b;
}

MM_TARGET_AVX2 static inline void mm_block_store_avx2(char *out, struct mm_block_avx2 b)
{
    _mm256_storeu_si256((__m256i *)(void *)out, b.low);
    _mm256_storeu_si256((__m256i *)(void *)(out + 32), b.high);
}

/*
 * Write the bytes whose bits are set, close together; bytes up to out + 64 may be overwritten.
 * Eight bytes a step: PDEP and a multiplication widen eight bits to eight bytes of ones or zeros,
 * by which PEXT picks. That takes so long that a block of which all stays is worth a branch.
 */
MM_TARGET_AVX2 static inline void mm_block_pack_avx2(char *out, struct mm_block_avx2 b,
                                                     uint64_t keep)
{
    if (keep == UINT64_MAX) {
        mm_block_store_avx2(out, b);
        return;
    }
    char copy[64];
    mm_block_store_avx2(copy, b);
    for (size_t at = 0; at < 64; at += 8, keep >>= 8) {
        uint64_t word, ones = _pdep_u64(keep & 0xff, 0x0101010101010101u) * 0xff;
        memcpy(&word, copy + at, sizeof word);
        word = _pext_u64(word, ones);
        memcpy(out, &word, sizeof word);
        out += __builtin_popcountll(keep & 0xff);
    }
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

MM_TARGET_AVX512 static inline uint64_t
mm_block_range_avx512(struct mm_block_avx512 b, unsigned char first, unsigned char last)
{
    return _mm512_cmple_epu8_mask(_mm512_sub_epi8(b.all, _mm512_set1_epi8((char)first)),
                                  _mm512_set1_epi8((char)(last - first)));
}

MM_TARGET_AVX512 static inline struct mm_block_avx512
mm_block_replace_avx512(struct mm_block_avx512 b, char from, char to)
{
    __mmask64 old = _mm512_cmpeq_epi8_mask(b.all, _mm512_set1_epi8(from));
    return (struct mm_block_avx512){_mm512_mask_set1_epi8(b.all, old, to)};
}

MM_TARGET_AVX512 static inline void mm_block_store_avx512(char *out, struct mm_block_avx512 b)
{
    _mm512_storeu_si512(out, b.all);
}

/* As above. Packed in a register and stored whole: VPCOMPRESSB to memory is microcoded on Zen 4. */
MM_TARGET_AVX512 static inline void mm_block_pack_avx512(char *out, struct mm_block_avx512 b,
                                                         uint64_t keep)
{
    _mm512_storeu_si512(out, _mm512_maskz_compress_epi8(keep, b.all));
}

/* The lowest `count` bits, 0..64. */
static inline uint64_t mm_low_bits(size_t count)
{
    return count >= 64 ? UINT64_MAX : ((uint64_t)1 << count) - 1;
}

#endif /* __x86_64__ */
#endif /* MM_TEXT_X86_BLOCK64_H */
