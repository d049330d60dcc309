/*
 * parquet_column.c - the values of one leaf column while its row group grows.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_column.h"

#include <assert.h>

#include "base/error.h"
#include "columnar/parquet_bits.h"

enum { LENGTH_BYTES = 4 };

static enum mm_parquet_store store_of(const struct mm_parquet_leaf *leaf)
{
    if (leaf->type == MM_PARQUET_BYTE_ARRAY)
        return leaf->field->flags & MM_FIELD_DISTINCT ? MM_STORE_TEXTS : MM_STORE_INDICES;
    if (leaf->type == MM_PARQUET_FIXED_LEN_BYTE_ARRAY)
        return MM_STORE_INDICES;
    return leaf->type == MM_PARQUET_BOOLEAN || leaf->field->flags & MM_FIELD_DELTA
               ? MM_STORE_NUMBERS
               : MM_STORE_INDICES;
}

void mm_parquet_column_init(struct mm_parquet_column *c, const struct mm_parquet_leaf *leaf)
{
    bool text =
        leaf->type == MM_PARQUET_BYTE_ARRAY || leaf->type == MM_PARQUET_FIXED_LEN_BYTE_ARRAY;
    *c = (struct mm_parquet_column){
        .leaf = leaf,
        .store = store_of(leaf),
        .number_bytes = text ? 0 : mm_parquet_fixed_bytes(leaf->type),
    };
    mm_buf_init(&c->definition, SIZE_MAX);
    mm_buf_init(&c->repetition, SIZE_MAX);
    mm_buf_init(&c->values, SIZE_MAX);
    mm_dictionary_init(&c->dictionary, mm_parquet_fixed_bytes(leaf->type));
}

void mm_parquet_column_deinit(struct mm_parquet_column *c)
{
    mm_buf_deinit(&c->definition);
    mm_buf_deinit(&c->repetition);
    mm_buf_deinit(&c->values);
    mm_dictionary_deinit(&c->dictionary);
}

void mm_parquet_column_clear(struct mm_parquet_column *c)
{
    mm_buf_clear(&c->definition);
    mm_buf_clear(&c->repetition);
    mm_buf_clear(&c->values);
    mm_dictionary_clear(&c->dictionary);
    c->level_count = c->value_count = 0;
    c->plain_bytes = 0;
}

size_t mm_parquet_column_bytes(const struct mm_parquet_column *c)
{
    return c->definition.len + c->repetition.len + c->values.len + c->dictionary.plain.len +
           c->dictionary.entries.len;
}

/* Room for so many places more: levels, and values but for texts that stand there themselves. */
static bool reserve(struct mm_parquet_column *c, size_t count)
{
    return mm_buf_reserve(&c->definition, count) && mm_buf_reserve(&c->repetition, count) &&
           mm_buf_reserve(&c->values, count * MM_WORD_BYTES);
}

/* The next three have had their room reserved: they are called for each value that there is. */

static void add_levels(struct mm_parquet_column *c, unsigned definition, unsigned repetition)
{
    if (c->leaf->max_definition)
        c->definition.data[c->definition.len++] = (char)definition;
    if (c->leaf->max_repetition)
        c->repetition.data[c->repetition.len++] = (char)repetition;
    c->level_count++;
}

static void put_index(struct mm_parquet_column *c, uint32_t index)
{
    memcpy(c->values.data + c->values.len, &index, sizeof index);
    c->values.len += sizeof index;
}

static void put_number(struct mm_parquet_column *c, int64_t number)
{
    mm_word_store(c->values.data + c->values.len, (uint64_t)number);
    c->values.len += c->number_bytes;
}

/* Sorted rows repeat what the row above them has: that is asked first. */
static enum mm_status add_index(struct mm_parquet_column *c, struct mm_view value)
{
    uint32_t index = 0;
    bool found = false;
    if (c->values.len) {
        index = mm_parquet_column_index(c, c->values.len / sizeof index - 1);
        found = mm_dictionary_has(&c->dictionary, index, value);
    }
    if (!found)
        MM_TRY(mm_dictionary_index(&c->dictionary, value, mm_dictionary_hash(&c->dictionary, value),
                                   &index));
    put_index(c, index);
    return MM_OK;
}

static enum mm_status add_text(struct mm_parquet_column *c, struct mm_view text)
{
    if (c->leaf->type == MM_PARQUET_BYTE_ARRAY)
        c->plain_bytes += LENGTH_BYTES;
    c->plain_bytes += text.len;
    if (c->store == MM_STORE_INDICES)
        return add_index(c, text);
    mm_bits_bytes(&c->values, text.len, LENGTH_BYTES);
    mm_buf_append(&c->values, text);
    return c->values.failed ? MM_E_NOMEM : MM_OK;
}

static enum mm_status add_number(struct mm_parquet_column *c, int64_t number)
{
    char bytes[MM_WORD_BYTES];
    c->plain_bytes += c->number_bytes;
    if (c->store == MM_STORE_INDICES) {
        mm_word_store(bytes, (uint64_t)number);
        return add_index(c, (struct mm_view){bytes, c->number_bytes});
    }
    put_number(c, number);
    return MM_OK;
}

static enum mm_status take(struct mm_parquet_column *c, const char **at, const char *end,
                           unsigned repetition)
{
    struct mm_cell cell = {.field = c->leaf->field};
    if (!mm_row_take(at, end, &cell))
        return MM_E_BUG;
    add_levels(c, c->leaf->max_definition - (cell.null ? 1 : 0), repetition);
    if (cell.null)
        return MM_OK;
    c->value_count++;
    return c->number_bytes ? add_number(c, cell.integer) : add_text(c, cell.text);
}

/* Values of one batch on their way into a dictionary. */
struct batch {
    struct mm_view values[MM_PARQUET_BATCH_ROWS];
    char numbers[MM_PARQUET_BATCH_ROWS][MM_WORD_BYTES];
    uint32_t hashes[MM_PARQUET_BATCH_ROWS];
    bool repeats[MM_PARQUET_BATCH_ROWS]; /* it is the value before it: sorted rows have many */
    size_t count;
};

static enum mm_status take_values(struct mm_parquet_column *c, struct batch *b, const char **places,
                                  const char *const *ends, size_t rows)
{
    for (size_t i = 0; i < rows; i++) {
        struct mm_cell cell = {.field = c->leaf->field};
        if (!mm_row_take(&places[i], ends[i], &cell))
            return MM_E_BUG;
        add_levels(c, c->leaf->max_definition - (cell.null ? 1 : 0), 0);
        if (cell.null)
            continue;
        if (c->number_bytes) {
            mm_word_store(b->numbers[b->count], (uint64_t)cell.integer);
            cell.text = (struct mm_view){b->numbers[b->count], c->number_bytes};
        }
        b->values[b->count++] = cell.text;
    }
    return MM_OK;
}

static bool same(struct mm_view a, struct mm_view b)
{
    return a.len == b.len && mm_word_same(a.data, b.data, a.len);
}

/* First the hashes of all, whose places in the dictionary come into the cache meanwhile. */
static enum mm_status take_indices(struct mm_parquet_column *c, const char **places,
                                   const char *const *ends, size_t rows)
{
    struct batch b;
    uint32_t index = 0;
    b.count = 0;
    MM_TRY(take_values(c, &b, places, ends, rows));
    for (size_t i = 0; i < b.count; i++) {
        b.repeats[i] = i && same(b.values[i], b.values[i - 1]);
        if (!b.repeats[i])
            b.hashes[i] = mm_dictionary_hash(&c->dictionary, b.values[i]);
        c->plain_bytes += b.values[i].len;
    }
    if (c->leaf->type == MM_PARQUET_BYTE_ARRAY)
        c->plain_bytes += b.count * LENGTH_BYTES;
    for (size_t i = 0; i < b.count; i++) {
        if (!b.repeats[i])
            MM_TRY(mm_dictionary_index(&c->dictionary, b.values[i], b.hashes[i], &index));
        put_index(c, index);
    }
    c->value_count += b.count;
    return MM_OK;
}

/* A text that stands there itself takes room that is to be kept for those behind it. */
static enum mm_status take_each(struct mm_parquet_column *c, const char **places,
                                const char *const *ends, size_t rows)
{
    for (size_t i = 0; i < rows; i++) {
        MM_TRY(take(c, &places[i], ends[i], 0));
        if (c->store == MM_STORE_TEXTS && !reserve(c, rows - i))
            return MM_E_NOMEM;
    }
    return MM_OK;
}

enum mm_status mm_parquet_column_take(struct mm_parquet_column *c, const char **places,
                                      const char *const *ends, size_t rows)
{
    assert(rows <= MM_PARQUET_BATCH_ROWS);
    if (!reserve(c, rows))
        return MM_E_NOMEM;
    return c->store == MM_STORE_INDICES ? take_indices(c, places, ends, rows)
                                        : take_each(c, places, ends, rows);
}

/* One element of a list, of each column. */
static enum mm_status take_element(struct mm_parquet_column *columns, size_t count, const char **at,
                                   const char *end, unsigned repetition)
{
    for (size_t k = 0; k < count; k++) {
        if (!reserve(&columns[k], 1))
            return MM_E_NOMEM;
        MM_TRY(take(&columns[k], at, end, repetition));
    }
    return MM_OK;
}

static enum mm_status take_empty(struct mm_parquet_column *columns, size_t count)
{
    for (size_t k = 0; k < count; k++) {
        if (!reserve(&columns[k], 1))
            return MM_E_NOMEM;
        add_levels(&columns[k], 0, 0);
    }
    return MM_OK;
}

enum mm_status mm_parquet_columns_take_lists(struct mm_parquet_column *columns, size_t count,
                                             const char **places, const char *const *ends,
                                             size_t rows)
{
    for (size_t i = 0; i < rows; i++) {
        uint32_t elements;
        if (!mm_row_take_count(&places[i], ends[i], &elements))
            return MM_E_BUG;
        if (elements == 0)
            MM_TRY(take_empty(columns, count));
        for (uint32_t element = 0; element < elements; element++)
            MM_TRY(take_element(columns, count, &places[i], ends[i], element ? 1 : 0));
    }
    return MM_OK;
}

int64_t mm_parquet_column_number(const struct mm_parquet_column *c, size_t value)
{
    size_t bytes = c->number_bytes;
    const char *at =
        c->store == MM_STORE_NUMBERS
            ? c->values.data + value * bytes
            : mm_dictionary_value(&c->dictionary, mm_parquet_column_index(c, value)).data;
    uint64_t word = mm_word_load_part(at, bytes);
    return bytes == 4 ? (int32_t)(uint32_t)word : (int64_t)word;
}
