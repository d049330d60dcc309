/*
 * parquet_take.c - rows taken apart: what some rows have goes to the columns.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Sorted rows repeat what the rows above them have. A value whose bytes are those of the one before
 * it is not read: its levels and its place in the dictionary are known. Nor is a list, whatever is
 * in it. That bytes are the same is enough: no value's, and no list's, are the beginning of
 * another's.
 */
#include "columnar/parquet_take.h"

#include <assert.h>

#include "base/error.h"
#include "columnar/parquet_bits.h"

enum { LENGTH_BYTES = 4 };

/* Room for so many places more: levels, and values but for texts that stand there themselves. */
static bool reserve(struct mm_parquet_column *c, size_t count)
{
    return mm_buf_reserve(&c->definition, count) && mm_buf_reserve(&c->repetition, count) &&
           mm_buf_reserve(&c->values, count * MM_WORD_BYTES);
}

/* The bytes of a value or list, to be looked for; the first word of them apart. */
struct pattern {
    struct mm_view bytes;
    uint64_t word, mask;
};

static struct pattern pattern_of(const char *from, const char *to)
{
    size_t len = (size_t)(to - from);
    if (len >= MM_WORD_BYTES)
        return (struct pattern){{from, len}, mm_word_load(from), UINT64_MAX};
    return (struct pattern){
        {from, len}, mm_word_load_part(from, len), (UINT64_C(1) << 8 * len) - 1};
}

/* Where they end, if the bytes at `at` are these; else NULL. */
static inline const char *skip_same(const struct pattern *p, const char *at, const char *end)
{
    size_t left = (size_t)(end - at), len = p->bytes.len;
    if (left < MM_WORD_BYTES)
        return left >= len && mm_word_same(at, p->bytes.data, len) ? at + len : NULL;
    if ((mm_word_load(at) & p->mask) != p->word)
        return NULL;
    if (len <= MM_WORD_BYTES)
        return at + len;
    return left >= len && mm_word_same(at, p->bytes.data, len) ? at + len : NULL;
}

/* How many rows from row `from` on have these bytes at their places, which move behind them. */
static size_t take_same(const struct pattern *pattern, const char **places, const char *const *ends,
                        size_t from, size_t rows)
{
    size_t i = from;
    for (const char *behind; i < rows; i++) {
        behind = skip_same(pattern, places[i], ends[i]);
        if (!behind)
            break;
        places[i] = behind;
    }
    return i - from;
}

/* ---- One value; its room has been reserved ---- */

static void put_indices(struct mm_parquet_column *c, uint32_t index, size_t times)
{
    char *at = c->values.data + c->values.len;
    for (size_t i = 0; i < times; i++)
        memcpy(at + i * sizeof index, &index, sizeof index);
    c->values.len += times * sizeof index;
}

static size_t plain_bytes(const struct mm_parquet_column *c, size_t len)
{
    return c->leaf->type == MM_PARQUET_BYTE_ARRAY ? LENGTH_BYTES + len : len;
}

/* A text that stands there itself takes room that is to be kept for `more` behind it. */
static enum mm_status put_text(struct mm_parquet_column *c, struct mm_view text, size_t more)
{
    mm_bits_bytes(&c->values, text.len, LENGTH_BYTES);
    mm_buf_append(&c->values, text);
    return !c->values.failed && reserve(c, more) ? MM_OK : MM_E_NOMEM;
}

static enum mm_status put_indexed(struct mm_parquet_column *c, struct mm_view value)
{
    uint32_t index;
    MM_TRY(mm_dictionary_index(&c->dictionary, value, mm_dictionary_hash(&c->dictionary, value),
                               &index));
    put_indices(c, index, 1);
    return MM_OK;
}

/* Keep a value that is there, before `more` others. */
static enum mm_status put_value(struct mm_parquet_column *c, const struct mm_cell *cell,
                                size_t more)
{
    char number[MM_WORD_BYTES];
    struct mm_view value = cell->text;
    if (c->number_bytes) {
        mm_word_store(number, (uint64_t)cell->integer);
        value = (struct mm_view){number, c->number_bytes};
    }
    c->value_count++;
    c->plain_bytes += plain_bytes(c, value.len);
    if (c->store == MM_STORE_INDICES)
        return put_indexed(c, value);
    if (c->store == MM_STORE_TEXTS)
        return put_text(c, value, more);
    mm_word_store(c->values.data + c->values.len, (uint64_t)cell->integer);
    c->values.len += c->number_bytes;
    return MM_OK;
}

/* ---- Scalars ---- */

static void put_levels(struct mm_parquet_column *c, bool null, size_t count)
{
    c->level_count += count;
    if (!c->leaf->max_definition)
        return;
    char *at = c->definition.data + c->definition.len, level = null ? 0 : 1;
    if (count == 1)
        *at = level;
    else
        memset(at, level, count);
    c->definition.len += count;
}

/* Values of one batch on their way into a dictionary, each as often as it stands in a row. */
struct batch {
    struct mm_view values[MM_PARQUET_BATCH_ROWS];
    char numbers[MM_PARQUET_BATCH_ROWS][MM_WORD_BYTES];
    uint32_t hashes[MM_PARQUET_BATCH_ROWS], times[MM_PARQUET_BATCH_ROWS];
    size_t count;
};

static void add_to_batch(struct batch *b, struct mm_parquet_column *c, const struct mm_cell *cell,
                         size_t times)
{
    size_t i = b->count++;
    struct mm_view value = cell->text;
    if (c->number_bytes) {
        mm_word_store(b->numbers[i], (uint64_t)cell->integer);
        value = (struct mm_view){b->numbers[i], c->number_bytes};
    }
    b->values[i] = value;
    b->hashes[i] = mm_dictionary_hash(&c->dictionary, value);
    b->times[i] = (uint32_t)times;
    c->value_count += times;
    c->plain_bytes += times * plain_bytes(c, value.len);
}

/* First the hashes of all, whose places in the dictionary come into the cache meanwhile. */
static enum mm_status take_indices(struct mm_parquet_column *c, const char **places,
                                   const char *const *ends, size_t rows)
{
    struct batch b;
    b.count = 0;
    for (size_t i = 0, times; i < rows; i += times) {
        struct mm_cell cell = {.field = c->leaf->field};
        const char *at = places[i];
        if (!mm_row_take(&places[i], ends[i], &cell))
            return MM_E_BUG;
        const struct pattern pattern = pattern_of(at, places[i]);
        times = 1 + take_same(&pattern, places, ends, i + 1, rows);
        put_levels(c, cell.null, times);
        if (!cell.null)
            add_to_batch(&b, c, &cell, times);
    }
    for (size_t i = 0; i < b.count; i++) {
        uint32_t index;
        MM_TRY(mm_dictionary_index(&c->dictionary, b.values[i], b.hashes[i], &index));
        put_indices(c, index, b.times[i]);
    }
    return MM_OK;
}

/* In line for each kind of number, so that none of the rows asks of which it is. */
static inline enum mm_status take_numbers_of(struct mm_parquet_column *c, enum mm_value_type type,
                                             size_t bytes, bool nullable, const char **places,
                                             const char *const *ends, size_t rows)
{
    char *levels = c->definition.data + c->definition.len;
    char *values = c->values.data + c->values.len, *at = values;
    for (size_t i = 0; i < rows; i++) {
        struct mm_cell cell;
        if (!mm_row_take_of(&places[i], ends[i], type, nullable, &cell))
            return MM_E_BUG;
        if (nullable)
            levels[i] = cell.null ? 0 : 1;
        if (nullable && cell.null)
            continue;
        mm_word_store(at, (uint64_t)cell.integer);
        at += bytes;
    }
    size_t taken = (size_t)(at - values);
    c->definition.len += nullable ? rows : 0;
    c->values.len += taken;
    c->level_count += rows;
    c->value_count += taken / bytes;
    c->plain_bytes += taken;
    return MM_OK;
}

static enum mm_status take_numbers(struct mm_parquet_column *c, const char **places,
                                   const char *const *ends, size_t rows)
{
    bool nullable = c->leaf->max_definition;
    switch (c->number_bytes) {
    case 1:
        return nullable ? take_numbers_of(c, MM_VALUE_BOOL, 1, true, places, ends, rows)
                        : take_numbers_of(c, MM_VALUE_BOOL, 1, false, places, ends, rows);
    case 4:
        return nullable ? take_numbers_of(c, MM_VALUE_INT32, 4, true, places, ends, rows)
                        : take_numbers_of(c, MM_VALUE_INT32, 4, false, places, ends, rows);
    default:
        return nullable ? take_numbers_of(c, MM_VALUE_INT64, 8, true, places, ends, rows)
                        : take_numbers_of(c, MM_VALUE_INT64, 8, false, places, ends, rows);
    }
}

static enum mm_status take_texts(struct mm_parquet_column *c, const char **places,
                                 const char *const *ends, size_t rows)
{
    for (size_t i = 0; i < rows; i++) {
        struct mm_cell cell = {.field = c->leaf->field};
        if (!mm_row_take(&places[i], ends[i], &cell))
            return MM_E_BUG;
        put_levels(c, cell.null, 1);
        if (!cell.null)
            MM_TRY(put_value(c, &cell, rows - i));
    }
    return MM_OK;
}

enum mm_status mm_parquet_column_take(struct mm_parquet_column *c, const char **places,
                                      const char *const *ends, size_t rows)
{
    assert(rows <= MM_PARQUET_BATCH_ROWS);
    if (!reserve(c, rows))
        return MM_E_NOMEM;
    switch (c->store) {
    case MM_STORE_NUMBERS:
        return take_numbers(c, places, ends, rows);
    case MM_STORE_TEXTS:
        return take_texts(c, places, ends, rows);
    default:
        return take_indices(c, places, ends, rows);
    }
}

/* ---- Lists ---- */

/* One column's part of the lists, on the way through them. */
struct part {
    struct mm_parquet_column *column;
    struct pattern last; /* the bytes of its last value that is there, the last one kept */
    /* Where the list at hand begins in the column. */
    size_t levels, values, value_bytes;
    uint64_t plain_bytes;
};

static void put_element_levels(struct mm_parquet_column *c, unsigned definition,
                               unsigned repetition)
{
    c->definition.data[c->definition.len++] = (char)definition;
    c->repetition.data[c->repetition.len++] = (char)repetition;
    c->level_count++;
}

/* It is kept again what was kept last. */
static void put_last_index(struct mm_parquet_column *c)
{
    uint32_t index = mm_parquet_column_index(c, c->values.len / sizeof index - 1);
    put_indices(c, index, 1);
    c->value_count++;
    c->plain_bytes += plain_bytes(c, mm_dictionary_value(&c->dictionary, index).len);
}

/* One value of an element, before `more` others of its list. */
static enum mm_status take_member(struct part *p, const char **at, const char *end,
                                  unsigned repetition, size_t more)
{
    struct mm_parquet_column *c = p->column;
    unsigned max = c->leaf->max_definition;
    if (p->last.bytes.len && take_same(&p->last, at, &end, 0, 1)) {
        put_element_levels(c, max, repetition);
        put_last_index(c);
        return MM_OK;
    }
    struct mm_cell cell = {.field = c->leaf->field};
    const char *from = *at;
    if (!mm_row_take(at, end, &cell))
        return MM_E_BUG;
    put_element_levels(c, cell.null ? max - 1 : max, repetition);
    if (cell.null)
        return MM_OK;
    if (c->store == MM_STORE_INDICES)
        p->last = pattern_of(from, *at);
    return put_value(c, &cell, more);
}

static enum mm_status take_elements(struct part *parts, size_t count, const char **at,
                                    const char *end, uint32_t elements)
{
    for (uint32_t i = 0; i < elements; i++)
        for (size_t k = 0; k < count; k++)
            MM_TRY(take_member(&parts[k], at, end, i ? 1 : 0, elements - i));
    return MM_OK;
}

/* A list of one row. */
static enum mm_status take_list(struct part *parts, size_t count, const char **at, const char *end)
{
    uint32_t elements;
    if (!mm_row_take_count(at, end, &elements) || elements > (size_t)(end - *at))
        return MM_E_BUG; /* each has a byte at least */
    for (size_t k = 0; k < count; k++) {
        struct mm_parquet_column *c = parts[k].column;
        parts[k].levels = c->level_count;
        parts[k].values = c->value_count;
        parts[k].value_bytes = c->values.len;
        parts[k].plain_bytes = c->plain_bytes;
        if (!reserve(c, elements ? elements : 1))
            return MM_E_NOMEM;
        if (elements == 0)
            put_element_levels(c, 0, 0);
    }
    return take_elements(parts, count, at, end, elements);
}

/* Append the last `bytes` bytes so many times more: mostly one level, or one index. */
static bool repeat(struct mm_buf *buf, size_t bytes, size_t times)
{
    if (!mm_buf_reserve(buf, bytes * times))
        return false;
    char *at = buf->data + buf->len;
    buf->len += bytes * times;
    if (bytes == 1)
        memset(at, at[-1], times);
    else
        for (; bytes && times; times--, at += bytes)
            mm_word_copy(at, at - bytes, bytes);
    return true;
}

/* The list taken last, so many times more. */
static enum mm_status repeat_list(const struct part *parts, size_t count, size_t times)
{
    for (size_t k = 0; k < count; k++) {
        const struct part *p = &parts[k];
        struct mm_parquet_column *c = p->column;
        size_t levels = c->level_count - p->levels;
        if (!repeat(&c->definition, levels, times) || !repeat(&c->repetition, levels, times) ||
            !repeat(&c->values, c->values.len - p->value_bytes, times))
            return MM_E_NOMEM;
        c->level_count += times * levels;
        c->value_count += times * (c->value_count - p->values);
        c->plain_bytes += times * (c->plain_bytes - p->plain_bytes);
    }
    return MM_OK;
}

enum mm_status mm_parquet_columns_take_lists(struct mm_parquet_column *columns, size_t count,
                                             const char **places, const char *const *ends,
                                             size_t rows)
{
    struct part parts[MM_STRUCT_MEMBERS_MAX];
    assert(count <= MM_STRUCT_MEMBERS_MAX);
    for (size_t k = 0; k < count; k++)
        parts[k] = (struct part){.column = &columns[k]};
    for (size_t i = 0, times; i < rows; i += times) {
        const char *at = places[i];
        MM_TRY(take_list(parts, count, &places[i], ends[i]));
        const struct pattern pattern = pattern_of(at, places[i]);
        times = 1 + take_same(&pattern, places, ends, i + 1, rows);
        if (times > 1)
            MM_TRY(repeat_list(parts, count, times - 1));
    }
    return MM_OK;
}
