/*
 * parquet_read_values.c - the encodings of Parquet that our writer uses, read back strictly.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_read_values.h"

#include "base/word.h"
#include "columnar/parquet_bits.h"
#include "columnar/parquet_read_thrift.h"

enum { GROUP = 8, WORD_BITS = 64 };

/* ---- packed bits ---- */

static uint64_t mask_of(unsigned width)
{
    return width == WORD_BITS ? UINT64_MAX : (UINT64_C(1) << width) - 1;
}

static uint64_t load(struct mm_view bytes, size_t at)
{
    size_t left = bytes.len - at;
    return left >= MM_WORD_BYTES ? mm_word_load(bytes.data + at)
                                 : mm_word_load_part(bytes.data + at, left);
}

/* Number `index` of those packed in `width` bits, 1..64, which lie within `bytes`. */
static uint64_t packed_at(struct mm_view bytes, unsigned width, size_t index)
{
    size_t bit = index * width, at = bit / 8;
    unsigned shift = bit % 8;
    uint64_t value = load(bytes, at) >> shift;
    if (shift + width > WORD_BITS)
        value |= load(bytes, at + MM_WORD_BYTES) << (WORD_BITS - shift);
    return value & mask_of(width);
}

/*
 * The same for `count` numbers from `first` on. Where whole words can be loaded and none holds less
 * than a number, one load gives each.
 */
static void unpack(struct mm_view bytes, unsigned width, size_t first, uint64_t *out, size_t count)
{
    size_t i = 0;
    uint64_t mask = mask_of(width);
    for (size_t bit = first * width; i < count && width <= WORD_BITS - 7; i++, bit += width) {
        if (bit / 8 + MM_WORD_BYTES > bytes.len)
            break;
        out[i] = mm_word_load(bytes.data + bit / 8) >> bit % 8 & mask;
    }
    for (; i < count; i++)
        out[i] = packed_at(bytes, width, first + i);
}

/* ---- hybrid ---- */

/* A run of one value, or packed ones. */
struct run {
    size_t count;
    uint32_t value;
    struct mm_view packed; /* no data: a run of one value */
};

/* The next run of at most `left` numbers: only packed ones may be up to a group more. */
static bool next_run(struct mm_thrift_reader *r, unsigned width, size_t left, struct run *run)
{
    uint64_t head = mm_thrift_read_varint(r), count = head >> 1;
    size_t rest = (size_t)(r->end - r->at), value_bytes = (width + 7) / 8;
    if (count == 0 || count > left)
        return false;
    *run = (struct run){.count = (size_t)count};
    if (!(head & 1)) {
        if (rest < value_bytes)
            return false;
        run->value = (uint32_t)mm_word_load_part(r->at, value_bytes);
        r->at += value_bytes;
        return true;
    }
    if (count > (left + GROUP - 1) / GROUP || rest < count * width)
        return false;
    run->packed = (struct mm_view){r->at, (size_t)count * width};
    run->count = count * GROUP < left ? (size_t)count * GROUP : left;
    r->at += run->packed.len;
    return true;
}

/*
 * The numbers of a packed run. Four of few bits come of one load: they begin with a byte or in the
 * middle of one. False where one is greater than `max`, which shows as a difference below 0.
 */
static bool read_packed(const struct run *run, unsigned width, uint32_t max, uint32_t *out)
{
    enum { FOUR = 4, FEW_BITS = (WORD_BITS - 4) / FOUR };
    uint64_t mask = mask_of(width), below = 0;
    size_t i = 0;
    for (; width <= FEW_BITS && run->count - i >= FOUR; i += FOUR) {
        size_t bit = i * width;
        if (bit / 8 + MM_WORD_BYTES > run->packed.len)
            break;
        uint64_t word = mm_word_load(run->packed.data + bit / 8) >> bit % 8;
        for (size_t k = 0; k < FOUR; k++, word >>= width) {
            out[i + k] = (uint32_t)(word & mask);
            below |= (uint64_t)max - (word & mask);
        }
    }
    for (; i < run->count; i++) {
        uint64_t number = packed_at(run->packed, width, i);
        out[i] = (uint32_t)number;
        below |= (uint64_t)max - number;
    }
    return below >> (WORD_BITS - 1) == 0;
}

/* The numbers of a run. False where one is greater than `max`. */
static bool read_run(const struct run *run, unsigned width, uint32_t max, uint32_t *out)
{
    if (run->packed.data)
        return read_packed(run, width, max, out);
    for (size_t i = 0; i < run->count; i++)
        out[i] = run->value;
    return run->value <= max;
}

bool mm_hybrid_read(struct mm_view bytes, unsigned width, uint32_t max, uint32_t *out, size_t count)
{
    struct mm_thrift_reader r = mm_thrift_read(bytes);
    struct run run;
    for (size_t done = 0; done < count; done += run.count) {
        if (!next_run(&r, width, count - done, &run) || !read_run(&run, width, max, out + done))
            return false;
    }
    return r.at == r.end;
}

/* The same of levels, which have 8 bits at most. */
static bool read_level_run(const struct run *run, unsigned width, unsigned max, uint8_t *out)
{
    if (!run->packed.data) {
        memset(out, (int)run->value, run->count);
        return run->value <= max;
    }
    bool fit = true;
    const char *group = run->packed.data; /* of as many bytes as a level has bits */
    for (size_t i = 0; i < run->count; i += GROUP, group += width) {
        size_t count = run->count - i < GROUP ? run->count - i : GROUP;
        uint64_t bits = mm_word_load_part(group, width), mask = mask_of(width);
        if (width == 1)
            mm_word_store_part((char *)out + i, mm_word_of_bits(bits), count);
        else
            for (size_t k = 0; k < count; k++, bits >>= width) {
                out[i + k] = (uint8_t)(bits & mask);
                fit = fit && (bits & mask) <= max;
            }
    }
    return fit;
}

bool mm_hybrid_read_levels(struct mm_view bytes, unsigned max, uint8_t *out, size_t count)
{
    struct mm_thrift_reader r = mm_thrift_read(bytes);
    unsigned width = mm_bits_width(max);
    struct run run;
    for (size_t done = 0; done < count; done += run.count) {
        if (!next_run(&r, width, count - done, &run) ||
            !read_level_run(&run, width, max, out + done))
            return false;
    }
    return r.at == r.end;
}

/* ---- differences ---- */

enum { BLOCK = 128, PARTS = 4, PART = BLOCK / PARTS };

struct delta {
    struct mm_thrift_reader r;
    bool narrow;
    int64_t last;
};

/* last + more, which wraps. */
static int64_t sum(const struct delta *d, uint64_t more)
{
    uint64_t wide = (uint64_t)d->last + more;
    return d->narrow ? (int32_t)(uint32_t)wide : (int64_t)wide;
}

static bool read_part(struct delta *d, unsigned width, uint64_t least, int64_t *out, size_t count)
{
    size_t bytes = (size_t)PART * width / 8;
    if (width > (d->narrow ? 32u : 64u) || (size_t)(d->r.end - d->r.at) < bytes)
        return false;
    uint64_t more[PART] = {0};
    if (width)
        unpack((struct mm_view){d->r.at, bytes}, width, 0, more, count);
    for (size_t i = 0; i < count; i++)
        out[i] = d->last = sum(d, least + more[i]);
    d->r.at += bytes;
    return true;
}

/* Up to BLOCK values behind the last. */
static bool read_block(struct delta *d, int64_t *out, size_t count)
{
    uint64_t least = (uint64_t)mm_thrift_read_zigzag(&d->r);
    if (d->r.end - d->r.at < PARTS)
        return false;
    const char *widths = d->r.at;
    d->r.at += PARTS;
    for (size_t part = 0; part * PART < count; part++) {
        size_t from = part * PART, left = count - from;
        if (!read_part(d, (unsigned char)widths[part], least, out + from,
                       left < PART ? left : PART))
            return false;
    }
    return true;
}

bool mm_delta_read(struct mm_view bytes, bool narrow, int64_t *out, size_t count)
{
    struct delta d = {.r = mm_thrift_read(bytes), .narrow = narrow};
    if (mm_thrift_read_varint(&d.r) != BLOCK || mm_thrift_read_varint(&d.r) != PARTS ||
        mm_thrift_read_varint(&d.r) != count)
        return false;
    d.last = mm_thrift_read_zigzag(&d.r);
    if (narrow && d.last != (int32_t)d.last)
        return false;
    if (count)
        out[0] = d.last;
    for (size_t done = 1; done < count; done += BLOCK)
        if (!read_block(&d, out + done, count - done < BLOCK ? count - done : BLOCK))
            return false;
    return !d.r.bad && d.r.at == d.r.end;
}

/* ---- plain ---- */

bool mm_plain_read_numbers(struct mm_view bytes, size_t width, int64_t *out, size_t count)
{
    if (bytes.len / width != count || bytes.len % width)
        return false;
    for (size_t i = 0; i < count; i++) {
        uint64_t word = mm_word_load_part(bytes.data + i * width, width);
        out[i] = width == 4 ? (int32_t)(uint32_t)word : (int64_t)word;
    }
    return true;
}

bool mm_plain_read_booleans(struct mm_view bytes, int64_t *out, size_t count)
{
    if (bytes.len != (count + 7) / 8)
        return false;
    for (size_t i = 0; i < count; i += GROUP) {
        uint64_t values = (unsigned char)bytes.data[i / GROUP];
        for (size_t k = 0; k < GROUP && k < count - i; k++, values >>= 1)
            out[i + k] = values & 1;
    }
    return true;
}

bool mm_plain_read_texts(struct mm_view bytes, size_t fixed, struct mm_view *out, size_t count)
{
    enum { LENGTH_BYTES = 4 };
    for (size_t i = 0; i < count; i++) {
        size_t len = fixed;
        if (!fixed) {
            if (bytes.len < LENGTH_BYTES)
                return false;
            len = (size_t)mm_word_load_part(bytes.data, LENGTH_BYTES);
            bytes = mm_view_sub(bytes, LENGTH_BYTES, bytes.len - LENGTH_BYTES);
        }
        if (bytes.len < len)
            return false;
        out[i] = mm_view_sub(bytes, 0, len);
        bytes = mm_view_sub(bytes, len, bytes.len - len);
    }
    return bytes.len == 0;
}
