/*
 * parquet_column.c - the values of one leaf column while its row group grows.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_column.h"

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
    *c = (struct mm_parquet_column){.leaf = leaf, .store = store_of(leaf)};
    mm_buf_init(&c->definition, SIZE_MAX);
    mm_buf_init(&c->repetition, SIZE_MAX);
    mm_buf_init(&c->values, SIZE_MAX);
    mm_dictionary_init(&c->dictionary, leaf->type == MM_PARQUET_BYTE_ARRAY);
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

static void append_levels(struct mm_parquet_column *c, unsigned definition, unsigned repetition)
{
    if (c->leaf->max_definition)
        mm_buf_append_char(&c->definition, (char)definition);
    if (c->leaf->max_repetition)
        mm_buf_append_char(&c->repetition, (char)repetition);
    c->level_count++;
}

/* Sorted rows repeat what the row above them has: that is asked first. */
static bool same_as_last(const struct mm_parquet_column *c, struct mm_view value, uint32_t *index)
{
    if (c->value_count == 0)
        return false;
    *index = mm_parquet_column_index(c, c->value_count - 1);
    return mm_view_eq(mm_dictionary_value(&c->dictionary, *index), value);
}

static enum mm_status append_value(struct mm_parquet_column *c, struct mm_view value)
{
    uint32_t index;
    bool text = c->leaf->type == MM_PARQUET_BYTE_ARRAY;
    c->plain_bytes += value.len + (text ? LENGTH_BYTES : 0);
    if (c->store == MM_STORE_INDICES) {
        if (!same_as_last(c, value, &index))
            MM_TRY(mm_dictionary_index(&c->dictionary, value, &index));
        value = (struct mm_view){(const char *)&index, sizeof index};
    } else if (text) {
        mm_bits_bytes(&c->values, value.len, LENGTH_BYTES);
    }
    mm_buf_append(&c->values, value);
    c->value_count++;
    return MM_OK;
}

static enum mm_status grown(const struct mm_parquet_column *c)
{
    return c->definition.failed || c->repetition.failed || c->values.failed ? MM_E_NOMEM : MM_OK;
}

enum mm_status mm_parquet_column_append(struct mm_parquet_column *c, const struct mm_cell *cell,
                                        unsigned repetition)
{
    char number[MM_WORD_BYTES];
    struct mm_view value = cell->text;
    append_levels(c, c->leaf->max_definition - (cell->null ? 1 : 0), repetition);
    if (cell->null)
        return grown(c);
    if (c->leaf->type != MM_PARQUET_BYTE_ARRAY &&
        c->leaf->type != MM_PARQUET_FIXED_LEN_BYTE_ARRAY) {
        mm_word_store(number, (uint64_t)cell->integer);
        value = (struct mm_view){number, mm_parquet_fixed_bytes(c->leaf->type)};
    }
    MM_TRY(append_value(c, value));
    return grown(c);
}

enum mm_status mm_parquet_column_append_empty(struct mm_parquet_column *c)
{
    append_levels(c, 0, 0);
    return grown(c);
}

int64_t mm_parquet_column_number(const struct mm_parquet_column *c, size_t value)
{
    size_t bytes = mm_parquet_fixed_bytes(c->leaf->type);
    const char *at =
        c->store == MM_STORE_NUMBERS
            ? c->values.data + value * bytes
            : mm_dictionary_value(&c->dictionary, mm_parquet_column_index(c, value)).data;
    uint64_t word = mm_word_load_part(at, bytes);
    return bytes == 4 ? (int32_t)(uint32_t)word : (int64_t)word;
}
