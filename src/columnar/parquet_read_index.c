/*
 * parquet_read_index.c - where the pages of a chunk are, and which rows a filter leaves of a group.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_read_index.h"

#include "base/word.h"
#include "columnar/parquet_read_thrift.h"

static const char *name_of(const struct mm_parquet_leaf *leaf)
{
    return leaf->path[0];
}

static const char bad_pages[] = "an index of pages that is none";
static const char bad_bounds[] = "an index of bounds that is none";

/* ---- pages ---- */

static struct mm_parquet_page_place read_page_place(struct mm_thrift_reader *r, uint32_t rows)
{
    struct mm_thrift_field field = {0};
    int64_t offset = -1, bytes = -1, row = -1;
    while (mm_thrift_read_field(r, &field))
        if (field.id == 1)
            offset = mm_thrift_read_int(r, &field);
        else if (field.id == 2)
            bytes = mm_thrift_read_int(r, &field);
        else if (field.id == 3)
            row = mm_thrift_read_int(r, &field);
        else
            mm_thrift_skip(r, &field);
    if (offset < 0 || bytes <= 0 || row < 0 || row >= rows || bytes > INT32_MAX)
        mm_thrift_read_bad(r);
    return (struct mm_parquet_page_place){(uint64_t)offset, (uint32_t)bytes, (uint32_t)row};
}

/* Each behind the one before, from the chunk's data to its end; rows rise from 0. */
static bool pages_fit(const struct mm_parquet_page_place *pages, size_t count,
                      const struct mm_parquet_place *place)
{
    uint64_t at = place->data_offset;
    for (size_t i = 0; i < count; at += pages[i++].bytes)
        if (pages[i].offset != at ||
            (i ? pages[i].first_row <= pages[i - 1].first_row : pages[i].first_row != 0))
            return false;
    return count && at == place->end;
}

enum mm_status mm_parquet_read_pages(struct mm_parquet_source *source,
                                     const struct mm_parquet_leaf *leaf,
                                     const struct mm_parquet_place *place, uint32_t rows,
                                     struct mm_buf *scratch, struct mm_buf *pages,
                                     struct mm_error *err)
{
    struct mm_thrift_field field = {0};
    size_t count = 0;
    MM_TRY(mm_parquet_source_read(source, place->offset_index, place->offset_index_bytes, scratch,
                                  err));
    struct mm_thrift_reader r = mm_thrift_read(mm_buf_view(scratch));
    struct mm_parquet_page_place *list = NULL;
    while (mm_thrift_read_field(&r, &field)) {
        if (field.id != 1 || list) {
            mm_thrift_skip(&r, &field);
            continue;
        }
        count = mm_thrift_read_list(&r, &field, MM_THRIFT_STRUCT);
        MM_TRY(mm_parquet_source_room(source, pages, (count + 1) * sizeof *list, err));
        list = (struct mm_parquet_page_place *)(void *)pages->data;
        for (size_t i = 0; i < count; i++)
            list[i] = read_page_place(&r, rows);
    }
    if (r.bad || !list || !pages_fit(list, count, place))
        return mm_parquet_source_fault(source, place->offset_index, name_of(leaf), bad_pages, err);
    list[count] = (struct mm_parquet_page_place){.offset = place->end, .first_row = rows};
    return MM_OK;
}

/* ---- bounds ---- */

/* Of a page; no data: not known. */
struct bounds {
    bool empty; /* no value */
    struct mm_view low, high;
};

static void read_bound_list(struct mm_thrift_reader *r, const struct mm_thrift_field *field,
                            struct bounds *list, size_t count)
{
    bool flags = field->id == 1;
    if (mm_thrift_read_list(r, field, flags ? MM_THRIFT_TRUE : MM_THRIFT_BINARY) != count)
        mm_thrift_read_bad(r);
    for (size_t i = 0; i < count && !r->bad; i++)
        if (flags)
            list[i].empty = mm_thrift_read_item_bool(r);
        else
            *(field->id == 2 ? &list[i].low : &list[i].high) = mm_thrift_read_item_binary(r);
}

/* The bounds of `count` pages; texts borrow skip->scratch. */
static enum mm_status read_bounds(struct mm_parquet_skip *skip, struct mm_parquet_source *source,
                                  const struct mm_parquet_leaf *leaf,
                                  const struct mm_parquet_place *place, size_t count,
                                  struct mm_error *err)
{
    struct mm_thrift_field field = {0};
    unsigned seen = 0;
    MM_TRY(mm_parquet_source_read(source, place->column_index, place->column_index_bytes,
                                  &skip->scratch, err));
    MM_TRY(mm_parquet_source_room(source, &skip->bounds, count * sizeof(struct bounds), err));
    struct bounds *list = (struct bounds *)(void *)skip->bounds.data;
    struct mm_thrift_reader r = mm_thrift_read(mm_buf_view(&skip->scratch));
    while (mm_thrift_read_field(&r, &field)) {
        if (field.id < 1 || field.id > 3) {
            mm_thrift_skip(&r, &field);
            continue;
        }
        read_bound_list(&r, &field, list, count);
        seen |= 1u << field.id;
    }
    if (r.bad || seen != (1u << 1 | 1u << 2 | 1u << 3))
        return mm_parquet_source_fault(source, place->column_index, name_of(leaf), bad_bounds, err);
    return MM_OK;
}

/* ---- filters ---- */

static int64_t number_of(struct mm_view bound)
{
    uint64_t word = mm_word_load_part(bound.data, bound.len);
    return bound.len == 4 ? (int32_t)(uint32_t)word : (int64_t)word;
}

/* Whether a value between the bounds may pass. */
static bool may_pass(const struct mm_table_filter *filter, enum mm_parquet_type type,
                     struct mm_view low, struct mm_view high)
{
    if (!low.data || !high.data)
        return true;
    if (type == MM_PARQUET_BYTE_ARRAY || type == MM_PARQUET_FIXED_LEN_BYTE_ARRAY)
        return (!filter->low_text.data || mm_view_cmp(high, filter->low_text) >= 0) &&
               (!filter->high_text.data || mm_view_cmp(low, filter->high_text) <= 0);
    size_t bytes = mm_parquet_fixed_bytes(type);
    if (low.len != bytes || high.len != bytes)
        return true;
    return number_of(high) >= filter->low && number_of(low) <= filter->high;
}

static struct mm_row_range *ranges_of(struct mm_buf *buf)
{
    return (struct mm_row_range *)(void *)buf->data;
}

/* Leave of the ranges what lies in pages that may pass. */
static enum mm_status skip_pages(struct mm_parquet_skip *skip, struct mm_parquet_source *source,
                                 const struct mm_parquet_leaf *leaf,
                                 const struct mm_table_filter *filter, struct mm_error *err)
{
    const struct mm_parquet_page_place *pages = mm_parquet_pages(&skip->pages);
    const struct bounds *bounds = (const struct bounds *)(const void *)skip->bounds.data;
    size_t page_count = mm_parquet_page_count(&skip->pages), count = 0;
    size_t range_count = skip->ranges.len / sizeof(struct mm_row_range), range = 0;
    const struct mm_row_range *ranges = ranges_of(&skip->ranges);
    MM_TRY(mm_parquet_source_room(source, &skip->other,
                                  (page_count + range_count) * sizeof(struct mm_row_range), err));
    struct mm_row_range *out = ranges_of(&skip->other);
    for (size_t page = 0; page < page_count && range < range_count;) {
        uint32_t from = pages[page].first_row, to = pages[page + 1].first_row;
        const struct mm_row_range *r = &ranges[range];
        struct mm_row_range both = {from > r->from ? from : r->from, to < r->to ? to : r->to};
        if (both.from < both.to && !bounds[page].empty &&
            may_pass(filter, leaf->type, bounds[page].low, bounds[page].high))
            out[count++] = both;
        if (to <= r->to)
            page++;
        else
            range++;
    }
    skip->other.len = count * sizeof *out;
    struct mm_buf swap = skip->ranges;
    skip->ranges = skip->other;
    skip->other = swap;
    return MM_OK;
}

static enum mm_status apply(struct mm_parquet_skip *skip, struct mm_parquet_source *source,
                            const struct mm_parquet_leaf *leaf,
                            const struct mm_parquet_place *place, uint32_t rows,
                            const struct mm_table_filter *filter, struct mm_error *err)
{
    bool no_value = place->has_null_count && place->null_count == place->level_count;
    if (no_value || !may_pass(filter, leaf->type, place->low, place->high))
        skip->ranges.len = 0;
    if (skip->ranges.len == 0 || !place->column_index)
        return MM_OK;
    MM_TRY(mm_parquet_read_pages(source, leaf, place, rows, &skip->scratch, &skip->pages, err));
    MM_TRY(read_bounds(skip, source, leaf, place, mm_parquet_page_count(&skip->pages), err));
    return skip_pages(skip, source, leaf, filter, err);
}

void mm_parquet_skip_init(struct mm_parquet_skip *skip)
{
    *skip = (struct mm_parquet_skip){0};
}

void mm_parquet_skip_deinit(struct mm_parquet_skip *skip)
{
    mm_buf_deinit(&skip->ranges);
    mm_buf_deinit(&skip->scratch);
    mm_buf_deinit(&skip->pages);
    mm_buf_deinit(&skip->other);
    mm_buf_deinit(&skip->bounds);
}

enum mm_status mm_parquet_skip_group(struct mm_parquet_skip *skip, struct mm_parquet_source *source,
                                     const struct mm_parquet_file *file,
                                     const struct mm_parquet_place *places, uint32_t rows,
                                     const struct mm_table_filter *filters, size_t filter_count,
                                     struct mm_error *err)
{
    MM_TRY(mm_parquet_source_room(source, &skip->ranges, sizeof(struct mm_row_range), err));
    *ranges_of(&skip->ranges) = (struct mm_row_range){0, rows};
    for (size_t i = 0; i < filter_count; i++) {
        size_t leaf = mm_parquet_first_leaf(file->schema, filters[i].column);
        if (!file->present[filters[i].column]) /* every value is absent */
            skip->ranges.len = 0;
        else
            MM_TRY(apply(skip, source, &file->leaves[leaf], &places[leaf], rows, &filters[i], err));
    }
    return MM_OK;
}
