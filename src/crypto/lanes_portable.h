/*
 * lanes_portable.h - eight lanes of 64 bits in plain C, the model of the vector instructions.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The words that rsa_lanes_*.inc are written in; x86/lanes_avx512.h has the same for AVX-512. This
 * form runs where tools look inside: valgrind, MemorySanitizer, emulators of other processors.
 * Masks are all ones or all zeros in each lane, and nothing branches on a lane.
 */
#ifndef MM_CRYPTO_LANES_PORTABLE_H
#define MM_CRYPTO_LANES_PORTABLE_H

#include <string.h>

#include "crypto/rsa_lanes.h"

typedef struct {
    uint64_t at[MM_LANES]; /* of no particular alignment: passed by value */
} v_portable_t;
typedef v_portable_t v_portable_mask;

#define MM_EACH_LANE(expression)                                                                   \
    do {                                                                                           \
        for (int lane = 0; lane < MM_LANES; lane++)                                                \
            r.at[lane] = (expression);                                                             \
    } while (0)

static inline v_portable_t v_portable_load(const struct mm_lanes *from)
{
    v_portable_t r;
    MM_EACH_LANE(from->at[lane]);
    return r;
}

static inline void v_portable_store(struct mm_lanes *to, v_portable_t a)
{
    memcpy(to->at, a.at, sizeof to->at);
}

static inline v_portable_t v_portable_all(uint64_t value)
{
    v_portable_t r;
    MM_EACH_LANE(value);
    return r;
}

/* The 104-bit product of the low 52 bits of each. */
static inline unsigned __int128 v_portable_product(uint64_t a, uint64_t b)
{
    return (unsigned __int128)(a & MM_LIMB_MASK) * (b & MM_LIMB_MASK);
}

/* sum + the lower 52 bits of the product of a's and b's low 52 bits (VPMADD52LUQ). */
static inline v_portable_t v_portable_add_low(v_portable_t sum, v_portable_t a, v_portable_t b)
{
    v_portable_t r;
    MM_EACH_LANE(sum.at[lane] +
                 ((uint64_t)v_portable_product(a.at[lane], b.at[lane]) & MM_LIMB_MASK));
    return r;
}

/* sum + its upper 52 bits (VPMADD52HUQ). */
static inline v_portable_t v_portable_add_high(v_portable_t sum, v_portable_t a, v_portable_t b)
{
    v_portable_t r;
    MM_EACH_LANE(sum.at[lane] +
                 (uint64_t)(v_portable_product(a.at[lane], b.at[lane]) >> MM_LIMB_BITS));
    return r;
}

static inline v_portable_t v_portable_add(v_portable_t a, v_portable_t b)
{
    v_portable_t r;
    MM_EACH_LANE(a.at[lane] + b.at[lane]);
    return r;
}

static inline v_portable_t v_portable_sub(v_portable_t a, v_portable_t b)
{
    v_portable_t r;
    MM_EACH_LANE(a.at[lane] - b.at[lane]);
    return r;
}

static inline v_portable_t v_portable_xor(v_portable_t a, v_portable_t b)
{
    v_portable_t r;
    MM_EACH_LANE(a.at[lane] ^ b.at[lane]);
    return r;
}

static inline v_portable_t v_portable_or(v_portable_t a, v_portable_t b)
{
    v_portable_t r;
    MM_EACH_LANE(a.at[lane] | b.at[lane]);
    return r;
}

/* The digit itself, without what is to be carried. */
static inline v_portable_t v_portable_digit(v_portable_t a)
{
    v_portable_t r;
    MM_EACH_LANE(a.at[lane] & MM_LIMB_MASK);
    return r;
}

/* What is to be carried. */
static inline v_portable_t v_portable_carry(v_portable_t a)
{
    v_portable_t r;
    MM_EACH_LANE(a.at[lane] >> MM_LIMB_BITS);
    return r;
}

/* The same of a number that may be below zero: the sign comes along. */
static inline v_portable_t v_portable_borrow(v_portable_t a)
{
    v_portable_t r;
    MM_EACH_LANE(a.at[lane] >> MM_LIMB_BITS | (0 - (a.at[lane] >> 63)) << (64 - MM_LIMB_BITS));
    return r;
}

static inline v_portable_mask v_portable_is_zero(v_portable_t a)
{
    v_portable_t r;
    MM_EACH_LANE(((a.at[lane] | (0 - a.at[lane])) >> 63) - 1);
    return r;
}

/* Lanes of `a` where the mask is set, else of `b`. */
static inline v_portable_t v_portable_select(v_portable_mask mask, v_portable_t a, v_portable_t b)
{
    v_portable_t r;
    MM_EACH_LANE(b.at[lane] ^ (mask.at[lane] & (a.at[lane] ^ b.at[lane])));
    return r;
}

/* Bit i for lane i. */
static inline unsigned v_portable_bits(v_portable_mask mask)
{
    unsigned bits = 0;
    for (int lane = 0; lane < MM_LANES; lane++)
        bits |= (unsigned)(mask.at[lane] & 1) << lane;
    return bits;
}

#endif /* MM_CRYPTO_LANES_PORTABLE_H */
