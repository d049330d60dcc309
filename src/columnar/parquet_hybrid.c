/*
 * parquet_hybrid.c - small numbers as runs of one value and as packed bits, whichever is shorter.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_hybrid.h"

#include <assert.h>

#include "columnar/parquet_bits.h"

enum {
    GROUP = 8,       /* packed numbers come in groups; a run has to be as long to be worth it */
    PACKED_MAX = 504 /* 63 groups: their count and the mark fit into one byte, as readers expect */
};

/* Whether a group of numbers is there that are all this one. */
static bool is_group_of(uint32_t value, const uint32_t *values, size_t count)
{
    uint32_t differ = 0;
    if (count < GROUP)
        return false;
    for (size_t i = 0; i < GROUP; i++)
        differ |= values[i] ^ value;
    return differ == 0;
}

static bool run_begins(const uint32_t *values, size_t count)
{
    return count >= GROUP && is_group_of(values[0], values, count);
}

static void put_run(struct mm_buf *out, uint32_t value, size_t run, unsigned width)
{
    mm_bits_varint(out, (uint64_t)run << 1);
    mm_bits_bytes(out, value, (width + 7) / 8);
}

static size_t append_run(struct mm_buf *out, const uint32_t *values, size_t count, unsigned width)
{
    size_t run = GROUP;
    while (is_group_of(values[0], values + run, count - run))
        run += GROUP;
    while (run < count && values[run] == values[0])
        run++;
    put_run(out, values[0], run, width);
    return run;
}

/* Groups up to where a run begins. */
static size_t append_packed(struct mm_buf *out, const uint32_t *values, size_t count,
                            unsigned width)
{
    uint64_t packed[PACKED_MAX];
    size_t len = 0;
    do
        for (size_t end = len + GROUP; len < end; len++)
            packed[len] = len < count ? values[len] : 0;
    while (len < count && len < PACKED_MAX && !run_begins(values + len, count - len));
    mm_bits_varint(out, len / GROUP << 1 | 1);
    mm_bits_pack(out, packed, len, width);
    return len < count ? len : count;
}

void mm_hybrid_append(struct mm_buf *out, const uint32_t *values, size_t count, unsigned width)
{
    assert(width >= 1 && width <= 32);
    while (count) {
        size_t taken = run_begins(values, count) ? append_run(out, values, count, width)
                                                 : append_packed(out, values, count, width);
        values += taken;
        count -= taken;
    }
}

void mm_hybrid_append_levels(struct mm_buf *out, const uint8_t *levels, size_t count,
                             unsigned width, struct mm_buf *words)
{
    /* Most columns have one level only: each byte is the one behind it. */
    if (count >= GROUP && memcmp(levels, levels + 1, count - 1) == 0) {
        put_run(out, levels[0], count, width);
        return;
    }
    mm_buf_clear(words);
    if (!mm_buf_reserve(words, count * sizeof(uint32_t))) {
        out->failed = true;
        return;
    }
    uint32_t *values = (uint32_t *)(void *)words->data;
    for (size_t i = 0; i < count; i++)
        values[i] = levels[i];
    mm_hybrid_append(out, values, count, width);
}
