/*
 * base64_avx2.h - base64 digits to octets, 32 digits a step.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The halves of a digit's byte look up, each in a table of 16, a set of classes that the other half
 * would have to avoid: a digit is good where the two sets share nothing. Its value is then a sum,
 * as each run of the alphabet lies at a constant distance from its values. Multiplications join the
 * six bits of neighbours. After Mula and Lemire, ACM Transactions on the Web 12:3 (2018).
 */
#ifndef MM_TEXT_X86_BASE64_AVX2_H
#define MM_TEXT_X86_BASE64_AVX2_H

#include "text/x86/block64.h"

#if defined(__x86_64__)

/* Classes by the upper half of a byte: 2 ('+', '/'); 3 (figures); 4 and 6 (letters, no '@' or '`');
 * 5 and 7 (letters to 'Z'); all others hold no digit. */
enum {
    MM_B64_SIGN = 1,
    MM_B64_FIGURE = 2,
    MM_B64_AO = 4,
    MM_B64_PZ = 8,
    MM_B64_OTHER = 16,
    MM_B64_ALL_BUT_AO = MM_B64_SIGN | MM_B64_FIGURE | MM_B64_PZ | MM_B64_OTHER,
    MM_B64_ALL_BUT_AO_SIGN = MM_B64_FIGURE | MM_B64_PZ | MM_B64_OTHER,
    MM_B64_ALL_BUT_LETTERS = MM_B64_SIGN | MM_B64_FIGURE | MM_B64_OTHER
};

#define MM_B64_TWICE(...) _mm256_setr_epi8(__VA_ARGS__, __VA_ARGS__)

/* Values 0..63 of 32 digits; false where one is none. */
MM_TARGET_AVX2 static inline bool mm_base64_values_avx2(__m256i digits, __m256i *values)
{
    enum { S = MM_B64_SIGN, O = MM_B64_OTHER };
    /* clang-format off */
    const __m256i by_low = MM_B64_TWICE(
        S | MM_B64_AO | O, S | O, S | O, S | O, S | O, S | O, S | O, S | O, S | O, S | O,
        MM_B64_ALL_BUT_LETTERS, MM_B64_ALL_BUT_AO_SIGN, MM_B64_ALL_BUT_AO,
        MM_B64_ALL_BUT_AO, MM_B64_ALL_BUT_AO, MM_B64_ALL_BUT_AO_SIGN);
    const __m256i by_high = MM_B64_TWICE(
        O, O, MM_B64_SIGN, MM_B64_FIGURE, MM_B64_AO, MM_B64_PZ, MM_B64_AO, MM_B64_PZ,
        O, O, O, O, O, O, O, O);
    /* What is added to a byte with that upper half; at 1 that for '/'. */
    const __m256i distance = MM_B64_TWICE(
        0, 63 - '/', 62 - '+', 52 - '0', -'A', -'A', 26 - 'a', 26 - 'a',
        0, 0, 0, 0, 0, 0, 0, 0);
    /* clang-format on */
    const __m256i half = _mm256_set1_epi8(0x0f);
    __m256i low = _mm256_and_si256(digits, half);
    __m256i high = _mm256_and_si256(_mm256_srli_epi32(digits, 4), half);
    __m256i shared =
        _mm256_and_si256(_mm256_shuffle_epi8(by_low, low), _mm256_shuffle_epi8(by_high, high));
    __m256i slash = _mm256_cmpeq_epi8(digits, _mm256_set1_epi8('/')); /* -1 where it is */
    __m256i add = _mm256_shuffle_epi8(distance, _mm256_add_epi8(high, slash));
    *values = _mm256_add_epi8(digits, add);
    return _mm256_testz_si256(shared, shared);
}

/*
 * Decode whole steps of 32 digits from `digits` into `out`, up to the first that holds anything
 * else. A step gives 24 octets and writes 32 bytes, so out may be the digits themselves. Returns
 * the digits used.
 */
MM_TARGET_AVX2 static inline size_t mm_base64_decode_avx2(char *out, const char *digits, size_t len)
{
    const __m256i octets = MM_B64_TWICE(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
    const __m256i close = _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7);
    size_t used = 0;
    for (; len - used >= 32; used += 32, out += 24) {
        __m256i six;
        if (!mm_base64_values_avx2(
                _mm256_loadu_si256((const __m256i *)(const void *)(digits + used)), &six))
            break;
        __m256i twelve = _mm256_maddubs_epi16(six, _mm256_set1_epi16(1 << 8 | 64));
        __m256i group = _mm256_madd_epi16(twelve, _mm256_set1_epi32(1 << 16 | 4096));
        group = _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(group, octets), close);
        _mm256_storeu_si256((__m256i *)(void *)out, group);
    }
    return used;
}

#endif /* __x86_64__ */
#endif /* MM_TEXT_X86_BASE64_AVX2_H */
