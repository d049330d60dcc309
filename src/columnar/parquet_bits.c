/*
 * parquet_bits.c - numbers in as many bytes, or bits, as they need.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_bits.h"

#include <assert.h>

enum { WORD_BITS = 64 };

void mm_bits_pack(struct mm_buf *out, const uint64_t *values, size_t count, unsigned width)
{
    size_t bytes = count * width / 8;
    assert(count % 8 == 0 && width <= WORD_BITS);
    if (!mm_buf_reserve(out, bytes + MM_WORD_BYTES)) /* the last store may be of a part only */
        return;
    char *at = out->data + out->len;
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
