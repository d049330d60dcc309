/*
 * rsa_limbs.c - numbers between octets and the digits of 52 bits that lanes work on.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "crypto/rsa_limbs.h"

#include <assert.h>

#include "base/word.h"
#include "crypto/secret.h"

enum {
    TEN = 10,
    SPARE_BITS = 8,
    /* Octets of the longest number, and those that reading its last digit goes beyond. */
    ROOM_BYTES = MM_LIMBS_MAX * MM_LIMB_BITS / 8 + 8
};

unsigned mm_limbs_for(size_t bits)
{
    size_t of_ten = TEN * MM_LIMB_BITS;
    return TEN * (unsigned)((bits + SPARE_BITS + of_ten - 1) / of_ten);
}

/* Two digits are thirteen octets: where digit i begins, and the bits before it there. */
static size_t digit_octet(unsigned i)
{
    return i * MM_LIMB_BITS / 8;
}

static unsigned digit_shift(unsigned i)
{
    return i * MM_LIMB_BITS % 8;
}

/* Eight octets in the order of the other end. */
static void turn(uint8_t *to, const uint8_t *from)
{
    mm_word_store((char *)to, __builtin_bswap64(mm_word_load((const char *)from)));
}

void mm_limbs_read(uint64_t *limbs, unsigned count, const uint8_t *octets, size_t len)
{
    uint8_t little[ROOM_BYTES];
    assert(count <= MM_LIMBS_MAX && len * 8 <= (size_t)count * MM_LIMB_BITS);
    size_t turned = 0;
    for (; turned + 8 <= len; turned += 8)
        turn(little + turned, octets + len - turned - 8);
    for (; turned < len; turned++)
        little[turned] = octets[len - 1 - turned];
    memset(little + len, 0, sizeof little - len);
    for (unsigned i = 0; i < count; i++)
        limbs[i] =
            mm_word_load((const char *)little + digit_octet(i)) >> digit_shift(i) & MM_LIMB_MASK;
    mm_secret_wipe(little, len);
}

void mm_limbs_write(uint8_t *octets, size_t len, const uint64_t *limbs, unsigned count)
{
    uint8_t little[ROOM_BYTES] = {0};
    assert(count <= MM_LIMBS_MAX && len * 8 <= (size_t)count * MM_LIMB_BITS);
    for (unsigned i = 0; i < count; i++) {
        uint64_t digit = limbs[i] << digit_shift(i);
        for (unsigned k = 0; k < 7; k++)
            little[digit_octet(i) + k] |= (uint8_t)(digit >> 8 * k);
    }
    for (size_t i = 0; i < len; i++)
        octets[i] = little[len - 1 - i];
    mm_secret_wipe(little, sizeof little);
}

uint64_t mm_limbs_negative_inverse(uint64_t lowest)
{
    /* x n = 1 mod 2^b makes x (2 - x n) right to 2b bits; n n = 1 mod 8 is the start. */
    uint64_t inverse = lowest;
    for (unsigned bits = 3; bits < MM_LIMB_BITS; bits *= 2)
        inverse *= 2 - lowest * inverse;
    return (0 - inverse) & MM_LIMB_MASK;
}

void mm_limbs_m1(uint64_t *m1, const uint64_t *n, unsigned count, uint64_t k)
{
    unsigned __int128 sum = (unsigned __int128)k * n[0] + 1; /* its lowest digit is zero */
    for (unsigned i = 1; i < count; i++) {
        sum = (sum >> MM_LIMB_BITS) + (unsigned __int128)k * n[i];
        m1[i - 1] = (uint64_t)sum & MM_LIMB_MASK;
    }
    m1[count - 1] = (uint64_t)(sum >> MM_LIMB_BITS);
}

void mm_lanes_put(struct mm_lanes *to, const uint64_t *limbs, unsigned count, unsigned lane)
{
    for (unsigned i = 0; i < count; i++)
        to[i].at[lane] = limbs[i];
}

void mm_lanes_put_all(struct mm_lanes *to, const uint64_t *limbs, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        for (unsigned lane = 0; lane < MM_LANES; lane++)
            to[i].at[lane] = limbs[i];
}

void mm_lanes_get(const struct mm_lanes *from, uint64_t *limbs, unsigned count, unsigned lane)
{
    for (unsigned i = 0; i < count; i++)
        limbs[i] = from[i].at[lane];
}
