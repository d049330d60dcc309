/*
 * sha256_x16.c - sixteen SHA-256 states in AVX-512 registers, one a 32-bit element.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Everything is written out, rounds and rotation of the names: then no compiler has a loop to
 * unroll or not. FIPS 180-4 section 6.2.2; Ch and Maj are one ternary-logic instruction each.
 */
#include "crypto/sha256_many.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define MM_TARGET_X16 __attribute__((target("avx512f,avx512bw")))

#define ADD(x, y)     _mm512_add_epi32((x), (y))
#define ROR(x, n)     _mm512_ror_epi32((x), (n))
#define XOR3(x, y, z) _mm512_ternarylogic_epi32((x), (y), (z), 0x96)
#define CH(x, y, z)   _mm512_ternarylogic_epi32((x), (y), (z), 0xca)
#define MAJ(x, y, z)  _mm512_ternarylogic_epi32((x), (y), (z), 0xe8)

/* Keeps a sum as it is grouped here. Left alone, gcc moves the additions that could be done early
 * behind those that wait for `e`, 7 % of the whole. */
#define FIXED(x) __asm__("" : "+v"(x))

/* a..h rotate by the order in which ROUNDS_8 names them. */
#define ROUND(a, b, c, d, e, f, g, h, i)                                                           \
    do {                                                                                           \
        __m512i sum_ = ADD(w[(i) % 16], _mm512_set1_epi32((int)k[i]));                             \
        FIXED(sum_);                                                                               \
        sum_ = ADD(sum_, h);                                                                       \
        FIXED(sum_);                                                                               \
        sum_ = ADD(sum_, CH(e, f, g));                                                             \
        sum_ = ADD(sum_, XOR3(ROR(e, 6), ROR(e, 11), ROR(e, 25)));                                 \
        d = ADD(d, sum_);                                                                          \
        h = ADD(sum_, ADD(MAJ(a, b, c), XOR3(ROR(a, 2), ROR(a, 13), ROR(a, 22))));                 \
    } while (0)

/* W[i + 16] takes the place of W[i], which round i was the last to need. */
#define SCHEDULE(i)                                                                                \
    do {                                                                                           \
        __m512i x_ = w[((i) + 1) % 16], y_ = w[((i) + 14) % 16];                                   \
        __m512i s0_ = XOR3(ROR(x_, 7), ROR(x_, 18), _mm512_srli_epi32(x_, 3));                     \
        __m512i s1_ = XOR3(ROR(y_, 17), ROR(y_, 19), _mm512_srli_epi32(y_, 10));                   \
        w[(i) % 16] = ADD(ADD(w[(i) % 16], w[((i) + 9) % 16]), ADD(s0_, s1_));                     \
    } while (0)

#define ROUND_ON(a, b, c, d, e, f, g, h, i)                                                        \
    do {                                                                                           \
        ROUND(a, b, c, d, e, f, g, h, i);                                                          \
        SCHEDULE(i);                                                                               \
    } while (0)

#define ROUNDS_8(R, i)                                                                             \
    R(a, b, c, d, e, f, g, h, (i) + 0);                                                            \
    R(h, a, b, c, d, e, f, g, (i) + 1);                                                            \
    R(g, h, a, b, c, d, e, f, (i) + 2);                                                            \
    R(f, g, h, a, b, c, d, e, (i) + 3);                                                            \
    R(e, f, g, h, a, b, c, d, (i) + 4);                                                            \
    R(d, e, f, g, h, a, b, c, (i) + 5);                                                            \
    R(c, d, e, f, g, h, a, b, (i) + 6);                                                            \
    R(b, c, d, e, f, g, h, a, (i) + 7)

/* A block of lane k as sixteen words of the processor's own byte order. */
MM_TARGET_X16 static inline __m512i load_words(const uint8_t *block)
{
    const __m512i swap =
        _mm512_broadcast_i32x4(_mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
    return _mm512_shuffle_epi8(_mm512_loadu_si512(block), swap);
}

/*
 * Four lanes' blocks, transposed within each quarter of a register: quarter q of out[i] holds word
 * 4q + i of lanes k, k + 1, k + 2, k + 3.
 */
MM_TARGET_X16 static inline void load_four(__m512i out[4], const uint8_t *const at[4],
                                           size_t offset)
{
    __m512i r0 = load_words(at[0] + offset), r1 = load_words(at[1] + offset);
    __m512i r2 = load_words(at[2] + offset), r3 = load_words(at[3] + offset);
    __m512i low01 = _mm512_unpacklo_epi32(r0, r1), high01 = _mm512_unpackhi_epi32(r0, r1);
    __m512i low23 = _mm512_unpacklo_epi32(r2, r3), high23 = _mm512_unpackhi_epi32(r2, r3);
    out[0] = _mm512_unpacklo_epi64(low01, low23);
    out[1] = _mm512_unpackhi_epi64(low01, low23);
    out[2] = _mm512_unpacklo_epi64(high01, high23);
    out[3] = _mm512_unpackhi_epi64(high01, high23);
}

/* w[i]: word i of all sixteen lanes, from the four groups' words i, i + 4, i + 8, i + 12. */
#define TRANSPOSE_QUARTERS(i)                                                                      \
    do {                                                                                           \
        __m512i even0_ = _mm512_shuffle_i32x4(g0[i], g1[i], 0x88);                                 \
        __m512i odd0_ = _mm512_shuffle_i32x4(g0[i], g1[i], 0xdd);                                  \
        __m512i even1_ = _mm512_shuffle_i32x4(g2[i], g3[i], 0x88);                                 \
        __m512i odd1_ = _mm512_shuffle_i32x4(g2[i], g3[i], 0xdd);                                  \
        w[i] = _mm512_shuffle_i32x4(even0_, even1_, 0x88);                                         \
        w[(i) + 4] = _mm512_shuffle_i32x4(odd0_, odd1_, 0x88);                                     \
        w[(i) + 8] = _mm512_shuffle_i32x4(even0_, even1_, 0xdd);                                   \
        w[(i) + 12] = _mm512_shuffle_i32x4(odd0_, odd1_, 0xdd);                                    \
    } while (0)

MM_TARGET_X16 static inline void load_blocks(__m512i w[16], const uint8_t *const at[16],
                                             size_t offset)
{
    __m512i g0[4], g1[4], g2[4], g3[4];
    load_four(g0, at, offset);
    load_four(g1, at + 4, offset);
    load_four(g2, at + 8, offset);
    load_four(g3, at + 12, offset);
    TRANSPOSE_QUARTERS(0);
    TRANSPOSE_QUARTERS(1);
    TRANSPOSE_QUARTERS(2);
    TRANSPOSE_QUARTERS(3);
}

#define LOAD(i)      _mm512_loadu_si512(state[i])
#define ADD_TO(i, x) _mm512_storeu_si512(state[i], ADD(LOAD(i), (x)))

MM_TARGET_X16 void mm_sha256_x16(mm_sha256_state state, const uint8_t *const at[MM_SHA256_WIDE],
                                 size_t blocks)
{
    for (size_t block = 0; block < blocks; block++) {
        /* Out of sight, so that the constants are not all spread out on the stack beforehand. */
        const uint32_t *k = mm_sha256_k;
        __asm__("" : "+r"(k));
        __m512i w[16];
        load_blocks(w, at, block * MM_SHA256_BLOCK_BYTES);
        __m512i a = LOAD(0), b = LOAD(1), c = LOAD(2), d = LOAD(3);
        __m512i e = LOAD(4), f = LOAD(5), g = LOAD(6), h = LOAD(7);
        ROUNDS_8(ROUND_ON, 0);
        ROUNDS_8(ROUND_ON, 8);
        ROUNDS_8(ROUND_ON, 16);
        ROUNDS_8(ROUND_ON, 24);
        ROUNDS_8(ROUND_ON, 32);
        ROUNDS_8(ROUND_ON, 40);
        ROUNDS_8(ROUND, 48);
        ROUNDS_8(ROUND, 56);
        ADD_TO(0, a);
        ADD_TO(1, b);
        ADD_TO(2, c);
        ADD_TO(3, d);
        ADD_TO(4, e);
        ADD_TO(5, f);
        ADD_TO(6, g);
        ADD_TO(7, h);
    }
    /* The SHA extensions have no VEX form: run behind this with upper halves in use, they were a
     * hundred times slower on Intel. */
    _mm256_zeroupper();
}
#endif /* __x86_64__ */
