/*
 * parquet_bits.c - numbers in as many bytes, or bits, as they need.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_bits.h"

#include <assert.h>

enum { WORD_BITS = 64, GROUP = 8, SHORT_WIDTH_MAX = 16 };

static inline uint64_t four_of(const uint64_t *values, unsigned width)
{
    return values[0] | values[1] << width | values[2] << 2 * width | values[3] << 3 * width;
}

/* Four numbers of at most 16 bits are a word, and eight a whole number of bytes. */
static void pack_short(char *at, const uint64_t *values, size_t count, unsigned width)
{
    unsigned half = 4 * width;
    for (const uint64_t *end = values + count; values < end; values += GROUP, at += width) {
        uint64_t first = four_of(values, width), second = four_of(values + GROUP / 2, width);
        mm_word_store(at, half < WORD_BITS ? first | second << half : first);
        if (width > GROUP)
            mm_word_store(at + MM_WORD_BYTES, second >> (WORD_BITS - half));
    }
}

void mm_bits_pack(struct mm_buf *out, const uint64_t *values, size_t count, unsigned width)
{
    size_t bytes = count * width / 8;
    assert(count % 8 == 0 && width <= WORD_BITS);
    /* The last stores may be of a part only. */
    if (!mm_buf_reserve(out, bytes + 2 * (size_t)MM_WORD_BYTES))
        return;
    char *at = out->data + out->len;
    if (width >= 1 && width <= SHORT_WIDTH_MAX) {
        pack_short(at, values, count, width);
        out->len += bytes;
        return;
    }
    uint64_t word = 0;
    unsigned used = 0; /* bits of the word */
    for (size_t i = 0; i < count; i++) {
        word |= values[i] << used;
        if (used + width < WORD_BITS) {
            used += width;
            continue;
        }
        unsigned taken = WORD_BITS - used; /* of this number; what is left begins the next word */
        mm_word_store(at, word);
        at += MM_WORD_BYTES;
        word = taken < WORD_BITS ? values[i] >> taken : 0;
        used = width - taken;
    }
    mm_word_store(at, word);
    out->len += bytes;
}
