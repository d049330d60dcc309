/*
 * parquet_column.c - the values of one leaf column while its row group grows.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_column.h"

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

static int64_t number_at(const struct mm_parquet_column *c, const char *at)
{
    uint64_t word = mm_word_load_part(at, c->number_bytes);
    return c->number_bytes == 4 ? (int32_t)(uint32_t)word : (int64_t)word;
}

int64_t mm_parquet_dictionary_number(const struct mm_parquet_column *c, size_t index)
{
    return number_at(c, mm_dictionary_value(&c->dictionary, index).data);
}

int64_t mm_parquet_column_number(const struct mm_parquet_column *c, size_t value)
{
    return c->store == MM_STORE_NUMBERS
               ? number_at(c, c->values.data + value * c->number_bytes)
               : mm_parquet_dictionary_number(c, mm_parquet_column_index(c, value));
}
