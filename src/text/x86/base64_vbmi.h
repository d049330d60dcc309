/*
 * base64_vbmi.h - base64 digits to octets, 64 digits a step.
 * SPDX-License-Identifier: Apache-2.0
 *
 * One look-up in the lower half of mm_base64_kinds gives a digit's value, or a bit above it for a
 * byte that is none. Multiplications join the six bits of neighbours, one permutation brings the
 * octets together. After Mula and Lemire, Software: Practice and Experience 50:2 (2020).
 */
#ifndef MM_TEXT_X86_BASE64_VBMI_H
#define MM_TEXT_X86_BASE64_VBMI_H

#include <stdalign.h>

#include "text/base64_internal.h"
#include "text/x86/block64.h"

#if defined(__x86_64__)

#define MM_TARGET_VBMI                                                                             \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2,popcnt")))

/* clang-format off */
/* The octets of each group of four values, in their order. */
alignas(64) static const uint8_t mm_base64_vbmi_octets[64] = {
    2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 18, 17, 16, 22,
    21, 20, 26, 25, 24, 30, 29, 28, 34, 33, 32, 38, 37, 36, 42, 41,
    40, 46, 45, 44, 50, 49, 48, 54, 53, 52, 58, 57, 56, 62, 61, 60,
};
/* clang-format on */

/* 64 digits to 48 octets, in the lower bytes of *octets; false where one is none. */
MM_TARGET_VBMI static inline bool mm_base64_octets_vbmi(__m512i digits, __m512i *octets)
{
    __m512i low = _mm512_loadu_si512(mm_base64_kinds);
    __m512i high = _mm512_loadu_si512(mm_base64_kinds + 64);
    __m512i six = _mm512_permutex2var_epi8(low, digits, high);
    bool good = (_mm512_test_epi8_mask(six, _mm512_set1_epi8(MM_BASE64_NO_DIGIT)) |
                 _mm512_movepi8_mask(digits)) == 0;
    __m512i twelve = _mm512_maddubs_epi16(six, _mm512_set1_epi16(1 << 8 | 64));
    __m512i group = _mm512_madd_epi16(twelve, _mm512_set1_epi32(1 << 16 | 4096));
    *octets = _mm512_permutexvar_epi8(_mm512_load_si512(mm_base64_vbmi_octets), group);
    return good;
}

/* See mm_base64_steps_fn. The last step takes what whole groups are left. */
MM_TARGET_VBMI static inline size_t mm_base64_decode_vbmi(char *out, const char *digits, size_t len)
{
    size_t used = 0;
    __m512i octets;
    for (; len - used >= 64; used += 64, out += 48) {
        if (!mm_base64_octets_vbmi(_mm512_loadu_si512(digits + used), &octets))
            return used;
        _mm512_storeu_si512(out, octets);
    }
    size_t rest = (len - used) / 4 * 4;
    __m512i fill = _mm512_set1_epi8('A');
    __m512i last = _mm512_mask_loadu_epi8(fill, mm_low_bits(rest), digits + used);
    if (!mm_base64_octets_vbmi(last, &octets))
        return used;
    _mm512_mask_storeu_epi8(out, mm_low_bits(rest / 4 * 3), octets);
    return used + rest;
}

#endif /* __x86_64__ */
#endif /* MM_TEXT_X86_BASE64_VBMI_H */
