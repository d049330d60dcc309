/*
 * parquet_chunk.c - one leaf column of one row group, encoded and cut into pages.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_chunk.h"

#include "columnar/parquet_bits.h"
#include "columnar/parquet_hybrid.h"
#include "columnar/parquet_values.h"

/* So that pages of a column that packs into almost nothing can still be told apart by their
 * bounds; what other writers use. */
enum { PAGE_ROWS_MAX = 20000, LENGTH_BYTES = 4 };

/* How far into a column. */
struct place {
    size_t level, value, row, byte;
};

bool mm_parquet_chunk_writer_init(struct mm_parquet_chunk_writer *w)
{
    *w = (struct mm_parquet_chunk_writer){.page_bytes = 0};
    mm_buf_init(&w->body, SIZE_MAX);
    mm_buf_init(&w->words, SIZE_MAX);
    mm_buf_init(&w->seen, SIZE_MAX);
    mm_buf_init(&w->records, SIZE_MAX);
    return mm_parquet_packer_init(&w->packer);
}

void mm_parquet_chunk_writer_deinit(struct mm_parquet_chunk_writer *w)
{
    mm_parquet_packer_deinit(&w->packer);
    mm_buf_deinit(&w->body);
    mm_buf_deinit(&w->words);
    mm_buf_deinit(&w->seen);
    mm_buf_deinit(&w->records);
}

static bool row_begins(const struct mm_parquet_column *c, size_t level)
{
    return !c->leaf->max_repetition || c->repetition.data[level] == 0;
}

static bool has_value(const struct mm_parquet_column *c, size_t level)
{
    return !c->leaf->max_definition ||
           (unsigned char)c->definition.data[level] == c->leaf->max_definition;
}

static size_t bits_of_levels(const struct mm_parquet_column *c)
{
    return mm_bits_width(c->leaf->max_definition) + mm_bits_width(c->leaf->max_repetition);
}

/* One value takes more bits than another. */
static bool are_texts(const struct mm_parquet_column *c, const struct mm_parquet_plan *plan)
{
    return c->leaf->type == MM_PARQUET_BYTE_ARRAY && plan->encoding == MM_PARQUET_PLAIN;
}

/* Every row has one value, and each takes as many bits as any other. */
static bool is_uniform(const struct mm_parquet_column *c, const struct mm_parquet_plan *plan)
{
    return !are_texts(c, plan) && !c->leaf->max_repetition && c->value_count == c->level_count;
}

static struct place uniform_page_end(const struct mm_parquet_chunk_writer *w,
                                     const struct mm_parquet_column *c,
                                     const struct mm_parquet_plan *plan, struct place at)
{
    size_t bits = bits_of_levels(c) + mm_parquet_value_bits(c, plan, at.value, at.byte);
    size_t rows = (w->page_bytes * 8 + bits - 1) / bits, left = c->level_count - at.level;
    rows = rows < PAGE_ROWS_MAX ? rows : PAGE_ROWS_MAX;
    rows = rows < left ? rows : left;
    return (struct place){at.level + rows, at.value + rows, at.row + rows, at.byte};
}

/* How many of the bytes are this one. */
static size_t count_bytes(const char *at, size_t len, char byte)
{
    size_t count = 0;
    while (len >= MM_WORD_BYTES) {
        /* A sum a byte, for as many words as none of them overflows. */
        uint64_t sums = 0;
        size_t words = len / MM_WORD_BYTES < UINT8_MAX ? len / MM_WORD_BYTES : UINT8_MAX;
        for (size_t i = 0; i < words; i++, at += MM_WORD_BYTES)
            sums += mm_word_equal(mm_word_load(at), byte) >> 7;
        len -= words * MM_WORD_BYTES;
        for (; sums; sums >>= 8)
            count += sums & UINT8_MAX;
    }
    for (; len; len--)
        count += *at++ == byte;
    return count;
}

/* Where the row that is `rows` behind the one at `level` begins, or the end of the column; *passed:
 * rows up to there. */
static size_t level_of_row(const struct mm_parquet_column *c, size_t level, size_t rows,
                           size_t *passed)
{
    enum { STRIDE = 256 };
    size_t left = c->level_count - level, begun = 0;
    if (!c->leaf->max_repetition) {
        *passed = rows < left ? rows : left;
        return level + *passed;
    }
    for (size_t some; c->level_count - level >= STRIDE; level += STRIDE, begun += some) {
        some = count_bytes(c->repetition.data + level, STRIDE, 0);
        if (begun + some > rows)
            break;
    }
    for (; level < c->level_count; level++)
        if (row_begins(c, level) && begun++ == rows)
            break;
    *passed = begun < rows ? begun : rows;
    return level;
}

/* Whether a page that begins at `at` has rows enough before it can have bytes enough; *end: where
 * it ends then. */
static bool ends_by_rows(const struct mm_parquet_chunk_writer *w, const struct mm_parquet_column *c,
                         size_t bits_a_level, struct place at, struct place *end)
{
    size_t rows, level = level_of_row(c, at.level, PAGE_ROWS_MAX, &rows), count = level - at.level;
    if (count * bits_a_level / 8 >= w->page_bytes)
        return false;
    size_t values = c->leaf->max_definition ? count_bytes(c->definition.data + at.level, count,
                                                          (char)c->leaf->max_definition)
                                            : count;
    *end = (struct place){level, at.value + values, at.row + rows, at.byte};
    return true;
}

/* Where the page that begins at `at` ends: before the row that comes when it is full. */
static struct place page_end(const struct mm_parquet_chunk_writer *w,
                             const struct mm_parquet_column *c, const struct mm_parquet_plan *plan,
                             struct place at)
{
    size_t first_row = at.row, bits = 0, level_bits = bits_of_levels(c);
    bool texts = are_texts(c, plan) && c->value_count;
    size_t value_bits =
        texts || !c->value_count ? 0 : mm_parquet_value_bits(c, plan, at.value, at.byte);
    struct place end;
    if (is_uniform(c, plan))
        return uniform_page_end(w, c, plan, at);
    if (!texts && ends_by_rows(w, c, level_bits + value_bits, at, &end))
        return end;
    for (; at.level < c->level_count; at.level++) {
        if (row_begins(c, at.level)) {
            if (bits / 8 >= w->page_bytes || at.row - first_row == PAGE_ROWS_MAX)
                break;
            at.row++;
        }
        bits += level_bits;
        if (!has_value(c, at.level))
            continue;
        bits += texts ? mm_parquet_value_bits(c, plan, at.value, at.byte) : value_bits;
        at.byte += mm_parquet_text_step(c, at.byte);
        at.value++;
    }
    return at;
}

/* Levels behind their length. Source: Data page v1 in README.md of the format, "Data Pages". */
static void append_levels(struct mm_parquet_chunk_writer *w, const struct mm_buf *levels,
                          size_t from, size_t to, unsigned max)
{
    if (!max)
        return;
    size_t begin = w->body.len;
    mm_bits_bytes(&w->body, 0, LENGTH_BYTES);
    mm_hybrid_append_levels(&w->body, (const uint8_t *)levels->data + from, to - from,
                            mm_bits_width(max), &w->words);
    if (!w->body.failed)
        mm_word_store_part(w->body.data + begin, w->body.len - begin - LENGTH_BYTES, LENGTH_BYTES);
}

static enum mm_status encode_page(struct mm_parquet_chunk_writer *w,
                                  const struct mm_parquet_column *c,
                                  const struct mm_parquet_plan *plan, struct place from,
                                  struct place to)
{
    const struct mm_parquet_stretch stretch = {from.value, to.value - from.value, from.byte};
    mm_buf_clear(&w->body);
    append_levels(w, &c->repetition, from.level, to.level, c->leaf->max_repetition);
    append_levels(w, &c->definition, from.level, to.level, c->leaf->max_definition);
    mm_parquet_values_append(&w->body, c, plan, &stretch, &w->words);
    return w->body.failed || w->words.failed ? MM_E_NOMEM : MM_OK;
}

static enum mm_status append_page(struct mm_parquet_chunk_writer *w, struct mm_buf *out,
                                  const struct mm_parquet_page *page, struct mm_view body,
                                  struct mm_parquet_chunk *chunk, size_t *stored_bytes)
{
    struct mm_parquet_page_size size;
    MM_TRY(mm_parquet_page_append(&w->packer, out, page, body, &size));
    chunk->stored_bytes += size.stored;
    chunk->unpacked_bytes += size.unpacked;
    *stored_bytes = size.stored;
    return MM_OK;
}

static enum mm_status append_dictionary(struct mm_parquet_chunk_writer *w, struct mm_buf *out,
                                        const struct mm_dictionary *d,
                                        struct mm_parquet_chunk *chunk)
{
    size_t stored_bytes;
    const struct mm_parquet_page page = {
        .type = MM_PARQUET_DICTIONARY_PAGE, .encoding = MM_PARQUET_PLAIN, .level_count = d->count};
    chunk->has_dictionary = true;
    chunk->dictionary_offset = out->len;
    return append_page(w, out, &page, mm_buf_view(&d->plain), chunk, &stored_bytes);
}

/* Levels and values of the page are in w->body. */
static enum mm_status append_data(struct mm_parquet_chunk_writer *w, struct mm_buf *out,
                                  const struct mm_parquet_column *c, struct place from,
                                  struct place to, const struct mm_range *range,
                                  struct mm_parquet_chunk *chunk)
{
    struct mm_parquet_page_record record = {
        .offset = out->len,
        .first_row = from.row,
        .null_count = to.level - from.level - (to.value - from.value),
        .empty = to.value == from.value,
        .bounds = mm_bounds_of(c->leaf->type, range),
    };
    const struct mm_parquet_page page = {
        .type = MM_PARQUET_DATA_PAGE,
        .encoding = chunk->encoding,
        .level_count = to.level - from.level,
        .null_count = record.null_count,
        .bounds = &record.bounds,
    };
    MM_TRY(append_page(w, out, &page, mm_buf_view(&w->body), chunk, &record.stored_bytes));
    mm_buf_append(&w->records, (struct mm_view){(const char *)&record, sizeof record});
    chunk->null_count += record.null_count;
    chunk->page_count++;
    return w->records.failed ? MM_E_NOMEM : MM_OK;
}

/* A word for each entry of the dictionary, zero. */
static bool clear_seen(struct mm_parquet_chunk_writer *w, size_t count)
{
    mm_buf_clear(&w->seen);
    if (!mm_buf_reserve(&w->seen, count * sizeof(uint32_t)))
        return false;
    memset(w->seen.data, 0, count * sizeof(uint32_t));
    return true;
}

static enum mm_status append_pages(struct mm_parquet_chunk_writer *w, struct mm_buf *out,
                                   const struct mm_parquet_column *c,
                                   const struct mm_parquet_plan *plan,
                                   struct mm_parquet_chunk *chunk)
{
    struct mm_range all = {.any = false};
    for (struct place at = {0}, end; at.level < c->level_count; at = end) {
        end = page_end(w, c, plan, at);
        const struct mm_parquet_stretch stretch = {at.value, end.value - at.value, at.byte};
        struct mm_range range = mm_parquet_values_range(
            c, &stretch, (uint32_t *)(void *)w->seen.data, (uint32_t)chunk->page_count + 1);
        MM_TRY(encode_page(w, c, plan, at, end));
        MM_TRY(append_data(w, out, c, at, end, &range, chunk));
        mm_range_merge(&all, &range);
    }
    chunk->bounds = mm_bounds_of(c->leaf->type, &all);
    return MM_OK;
}

enum mm_status mm_parquet_chunk_write(struct mm_parquet_chunk_writer *w,
                                      const struct mm_parquet_column *column, struct mm_buf *out,
                                      struct mm_parquet_chunk *chunk)
{
    struct mm_parquet_plan plan = mm_parquet_plan_of(column);
    *chunk =
        (struct mm_parquet_chunk){.encoding = plan.encoding, .level_count = column->level_count};
    mm_buf_clear(&w->records);
    if (!clear_seen(w, column->dictionary.count + 1))
        return MM_E_NOMEM;
    if (plan.encoding == MM_PARQUET_RLE_DICTIONARY)
        MM_TRY(append_dictionary(w, out, &column->dictionary, chunk));
    chunk->data_offset = out->len;
    return append_pages(w, out, column, &plan, chunk);
}
