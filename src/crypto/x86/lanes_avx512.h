/*
 * lanes_avx512.h - eight lanes of 64 bits in the registers of AVX-512, with its IFMA products.
 * SPDX-License-Identifier: Apache-2.0
 *
 * One instruction a word; lanes_portable.h says in plain C what each means.
 */
#ifndef MM_CRYPTO_X86_LANES_AVX512_H
#define MM_CRYPTO_X86_LANES_AVX512_H

#include <immintrin.h>

#include "crypto/rsa_lanes.h"

#define MM_TARGET_IFMA __attribute__((target("avx512f,avx512ifma")))
#define MM_V_IFMA      static inline __attribute__((target("avx512f,avx512ifma"), always_inline))

typedef __m512i v_avx512_t;
typedef __mmask8 v_avx512_mask;

MM_V_IFMA v_avx512_t v_avx512_load(const struct mm_lanes *from)
{
    return _mm512_load_si512(from);
}

MM_V_IFMA void v_avx512_store(struct mm_lanes *to, v_avx512_t a)
{
    _mm512_store_si512(to, a);
}

MM_V_IFMA v_avx512_t v_avx512_all(uint64_t value)
{
    return _mm512_set1_epi64((long long)value);
}

MM_V_IFMA v_avx512_t v_avx512_add_low(v_avx512_t sum, v_avx512_t a, v_avx512_t b)
{
    return _mm512_madd52lo_epu64(sum, a, b);
}

MM_V_IFMA v_avx512_t v_avx512_add_high(v_avx512_t sum, v_avx512_t a, v_avx512_t b)
{
    return _mm512_madd52hi_epu64(sum, a, b);
}

MM_V_IFMA v_avx512_t v_avx512_add(v_avx512_t a, v_avx512_t b)
{
    return _mm512_add_epi64(a, b);
}

MM_V_IFMA v_avx512_t v_avx512_sub(v_avx512_t a, v_avx512_t b)
{
    return _mm512_sub_epi64(a, b);
}

MM_V_IFMA v_avx512_t v_avx512_xor(v_avx512_t a, v_avx512_t b)
{
    return _mm512_xor_si512(a, b);
}

MM_V_IFMA v_avx512_t v_avx512_or(v_avx512_t a, v_avx512_t b)
{
    return _mm512_or_si512(a, b);
}

MM_V_IFMA v_avx512_t v_avx512_digit(v_avx512_t a)
{
    return _mm512_and_si512(a, _mm512_set1_epi64((long long)MM_LIMB_MASK));
}

MM_V_IFMA v_avx512_t v_avx512_carry(v_avx512_t a)
{
    return _mm512_srli_epi64(a, MM_LIMB_BITS);
}

MM_V_IFMA v_avx512_t v_avx512_borrow(v_avx512_t a)
{
    return _mm512_srai_epi64(a, MM_LIMB_BITS);
}

MM_V_IFMA v_avx512_mask v_avx512_is_zero(v_avx512_t a)
{
    return _mm512_testn_epi64_mask(a, a);
}

MM_V_IFMA v_avx512_t v_avx512_select(v_avx512_mask mask, v_avx512_t a, v_avx512_t b)
{
    return _mm512_mask_mov_epi64(b, mask, a);
}

MM_V_IFMA unsigned v_avx512_bits(v_avx512_mask mask)
{
    return mask;
}

#endif /* MM_CRYPTO_X86_LANES_AVX512_H */
