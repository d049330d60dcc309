/*
 * parquet_values.c - a stretch of a column's values: what they cost, where they lie, their bytes.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_values.h"

#include "columnar/parquet_bits.h"
#include "columnar/parquet_bloom.h"
#include "columnar/parquet_delta.h"
#include "columnar/parquet_hybrid.h"

enum {
    LENGTH_BYTES = 4,
    /* Readers hold a whole dictionary: above a page's usual size it helps little and costs much. */
    DICTIONARY_BYTES_MAX = 1024 * 1024
};

static bool is_text(const struct mm_parquet_column *c)
{
    return c->leaf->type == MM_PARQUET_BYTE_ARRAY ||
           c->leaf->type == MM_PARQUET_FIXED_LEN_BYTE_ARRAY;
}

struct mm_parquet_plan mm_parquet_plan_of(const struct mm_parquet_column *c)
{
    const struct mm_dictionary *d = &c->dictionary;
    struct mm_parquet_plan plan = {.encoding = MM_PARQUET_DELTA_BINARY_PACKED};
    if (is_text(c) || c->leaf->type == MM_PARQUET_BOOLEAN)
        plan.encoding = MM_PARQUET_PLAIN;
    if (c->store != MM_STORE_INDICES || d->count == 0 || d->plain.len > DICTIONARY_BYTES_MAX)
        return plan;
    unsigned bits = d->count > 1 ? mm_bits_width(d->count - 1) : 1; /* some readers refuse 0 */
    if (d->plain.len + (uint64_t)c->value_count * bits / 8 < c->plain_bytes)
        plan = (struct mm_parquet_plan){MM_PARQUET_RLE_DICTIONARY, bits};
    return plan;
}

size_t mm_parquet_text_step(const struct mm_parquet_column *c, size_t byte)
{
    if (c->store != MM_STORE_TEXTS)
        return 0;
    return LENGTH_BYTES + (size_t)mm_word_load_part(c->values.data + byte, LENGTH_BYTES);
}

size_t mm_parquet_value_bits(const struct mm_parquet_column *c, const struct mm_parquet_plan *plan,
                             size_t value, size_t byte)
{
    if (plan->encoding == MM_PARQUET_RLE_DICTIONARY)
        return plan->index_bits;
    if (c->leaf->type == MM_PARQUET_BOOLEAN)
        return 1;
    if (c->leaf->type != MM_PARQUET_BYTE_ARRAY)
        return mm_parquet_fixed_bytes(c->leaf->type) * 8;
    if (c->store == MM_STORE_TEXTS)
        return mm_parquet_text_step(c, byte) * 8;
    uint32_t index = mm_parquet_column_index(c, value);
    return (LENGTH_BYTES + mm_dictionary_value(&c->dictionary, index).len) * 8;
}

/* ---- Encoding ---- */

static void append_indices(struct mm_buf *body, const struct mm_parquet_column *c, unsigned bits,
                           const struct mm_parquet_stretch *s)
{
    const uint32_t *indices = (const uint32_t *)(const void *)c->values.data;
    mm_buf_append_char(body, (char)bits);
    mm_hybrid_append(body, indices + s->from, s->count, bits);
}

/* The stretch's numbers, of a column that keeps them or their places in the dictionary. */
static void load_numbers(const struct mm_parquet_column *c, const struct mm_parquet_stretch *s,
                         int64_t *numbers)
{
    const char *at = c->values.data + s->from * c->number_bytes;
    if (c->store != MM_STORE_NUMBERS) {
        for (size_t i = 0; i < s->count; i++)
            numbers[i] = mm_parquet_column_number(c, s->from + i);
    } else if (c->number_bytes == sizeof(int32_t)) {
        for (size_t i = 0; i < s->count; i++)
            numbers[i] =
                (int32_t)(uint32_t)mm_word_load_part(at + i * sizeof(int32_t), sizeof(int32_t));
    } else {
        for (size_t i = 0; i < s->count; i++)
            numbers[i] = (int64_t)mm_word_load(at + i * sizeof(int64_t));
    }
}

static void append_differences(struct mm_buf *body, const struct mm_parquet_column *c,
                               const struct mm_parquet_stretch *s, struct mm_buf *words)
{
    mm_buf_clear(words);
    if (!mm_buf_reserve(words, s->count * sizeof(int64_t))) {
        body->failed = true;
        return;
    }
    int64_t *numbers = (int64_t *)(void *)words->data;
    load_numbers(c, s, numbers);
    mm_delta_append(body, numbers, s->count, c->leaf->type == MM_PARQUET_INT32);
}

/* Eight a byte, the first one lowest. */
static void append_booleans(struct mm_buf *body, const struct mm_parquet_column *c,
                            const struct mm_parquet_stretch *s)
{
    const char *at = c->values.data + s->from;
    for (size_t i = 0; i < s->count; i += 8) {
        unsigned byte = 0;
        for (size_t k = 0; k < 8 && i + k < s->count; k++)
            byte |= (unsigned)at[i + k] << k;
        mm_buf_append_char(body, (char)byte);
    }
}

/* What a dictionary would have saved nothing on. */
static void append_from_dictionary(struct mm_buf *body, const struct mm_parquet_column *c,
                                   const struct mm_parquet_stretch *s)
{
    for (size_t i = 0; i < s->count; i++) {
        uint32_t index = mm_parquet_column_index(c, s->from + i);
        struct mm_view value = mm_dictionary_value(&c->dictionary, index);
        if (!c->dictionary.fixed_bytes)
            mm_bits_bytes(body, value.len, LENGTH_BYTES);
        mm_buf_append(body, value);
    }
}

static void append_texts(struct mm_buf *body, const struct mm_parquet_column *c,
                         const struct mm_parquet_stretch *s)
{
    size_t end = s->byte;
    for (size_t i = 0; i < s->count; i++)
        end += mm_parquet_text_step(c, end);
    mm_buf_append(body, (struct mm_view){c->values.data + s->byte, end - s->byte});
}

void mm_parquet_values_append(struct mm_buf *body, const struct mm_parquet_column *c,
                              const struct mm_parquet_plan *plan,
                              const struct mm_parquet_stretch *stretch, struct mm_buf *words)
{
    if (plan->encoding == MM_PARQUET_RLE_DICTIONARY)
        append_indices(body, c, plan->index_bits, stretch);
    else if (plan->encoding == MM_PARQUET_DELTA_BINARY_PACKED)
        append_differences(body, c, stretch, words);
    else if (c->leaf->type == MM_PARQUET_BOOLEAN)
        append_booleans(body, c, stretch);
    else if (c->store == MM_STORE_TEXTS && stretch->count)
        append_texts(body, c, stretch);
    else
        append_from_dictionary(body, c, stretch);
}

/* ---- Ranges and filters ---- */

static struct mm_view text_at(const struct mm_parquet_column *c, size_t byte)
{
    return (struct mm_view){c->values.data + byte + LENGTH_BYTES,
                            mm_parquet_text_step(c, byte) - LENGTH_BYTES};
}

static void add_entry(struct mm_range *range, const struct mm_parquet_column *c, uint32_t index)
{
    if (is_text(c))
        mm_range_add_text(range, mm_dictionary_value(&c->dictionary, index));
    else
        mm_range_add_number(range, mm_parquet_dictionary_number(c, index));
}

/* Each value once a page: comparing texts is what costs. */
static struct mm_range range_of_indices(const struct mm_parquet_column *c,
                                        const struct mm_parquet_stretch *s, uint32_t *seen,
                                        uint32_t mark)
{
    struct mm_range range = {.any = false};
    const char *at = c->values.data + s->from * sizeof(uint32_t);
    const char *end = at + s->count * sizeof(uint32_t);
    uint32_t index;
    bool few = c->dictionary.count <= s->count; /* all are marked before any is looked at */
    for (; at < end && !few; at += sizeof index) {
        memcpy(&index, at, sizeof index);
        if (seen[index] != mark)
            add_entry(&range, c, index);
        seen[index] = mark;
    }
    for (; at < end; at += sizeof index) {
        memcpy(&index, at, sizeof index);
        seen[index] = mark;
    }
    for (index = 0; few && index < c->dictionary.count; index++)
        if (seen[index] == mark)
            add_entry(&range, c, index);
    return range;
}

static struct mm_range range_of_numbers(const struct mm_parquet_column *c,
                                        const struct mm_parquet_stretch *s)
{
    struct mm_range range = {.any = false};
    const char *at = c->values.data + s->from * c->number_bytes;
    if (s->count == 0)
        return range;
    int64_t low = mm_parquet_column_number(c, s->from), high = low;
    for (size_t i = 0; i < s->count; i++, at += c->number_bytes) {
        uint64_t word = c->number_bytes == sizeof(int64_t) ? mm_word_load(at)
                                                           : mm_word_load_part(at, c->number_bytes);
        int64_t number =
            c->number_bytes == sizeof(int32_t) ? (int32_t)(uint32_t)word : (int64_t)word;
        low = number < low ? number : low;
        high = number > high ? number : high;
    }
    mm_range_add_number(&range, low);
    mm_range_add_number(&range, high);
    return range;
}

struct mm_range mm_parquet_values_range(const struct mm_parquet_column *c,
                                        const struct mm_parquet_stretch *stretch, uint32_t *seen,
                                        uint32_t mark)
{
    struct mm_range range = {.any = false};
    size_t byte = stretch->byte;
    if (c->store == MM_STORE_INDICES)
        return range_of_indices(c, stretch, seen, mark);
    if (c->store == MM_STORE_NUMBERS)
        return range_of_numbers(c, stretch);
    for (size_t i = 0; i < stretch->count; i++) {
        mm_range_add_text(&range, text_at(c, byte));
        byte += mm_parquet_text_step(c, byte);
    }
    return range;
}

static void write_bloom_header(struct mm_buf *out, size_t bytes)
{
    enum { BLOCK = 1, XXHASH = 1, UNCOMPRESSED = 1 };
    struct mm_thrift t;
    mm_thrift_begin(&t, out);
    mm_thrift_i32(&t, 1, (int32_t)bytes);
    mm_thrift_empty_member(&t, 2, BLOCK);
    mm_thrift_empty_member(&t, 3, XXHASH);
    mm_thrift_empty_member(&t, 4, UNCOMPRESSED);
    mm_thrift_end(&t);
}

/* Value number i of the filter; `byte` moves on over texts. */
static struct mm_view value_at(const struct mm_parquet_column *c, size_t i, size_t *byte)
{
    if (c->store == MM_STORE_INDICES)
        return mm_dictionary_value(&c->dictionary, i);
    if (c->store == MM_STORE_NUMBERS)
        return (struct mm_view){c->values.data + i * c->number_bytes, c->number_bytes};
    struct mm_view text = text_at(c, *byte);
    *byte += mm_parquet_text_step(c, *byte);
    return text;
}

void mm_parquet_values_bloom(struct mm_buf *out, const struct mm_parquet_column *c)
{
    bool raw = c->leaf->type == MM_PARQUET_FIXED_LEN_BYTE_ARRAY; /* two hashes a value */
    size_t count = c->store == MM_STORE_INDICES ? c->dictionary.count : c->value_count;
    size_t bytes = mm_bloom_bytes(raw ? 2 * count : count), byte = 0;
    if (count == 0)
        return;
    write_bloom_header(out, bytes);
    if (!mm_buf_reserve(out, bytes))
        return;
    char *filter = out->data + out->len;
    memset(filter, 0, bytes);
    for (size_t i = 0; i < count; i++) {
        struct mm_view value = value_at(c, i, &byte);
        mm_bloom_add(filter, bytes, mm_bloom_hash(value));
        if (raw)
            mm_bloom_add(filter, bytes, mm_bloom_hash_as_shown(value));
    }
    out->len += bytes;
}
