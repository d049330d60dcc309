/*
 * parquet_index.c - where each page of a chunk is, and what lies between its bounds.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_index.h"

static bool bounds_are_known(struct mm_view records)
{
    for (size_t i = 0; i < mm_parquet_page_record_count(records); i++) {
        struct mm_parquet_page_record page = mm_parquet_page_record_at(records, i);
        if (!page.empty && !page.bounds.known)
            return false;
    }
    return true;
}

/* Both bounds rise, or both fall, from page to page; pages without values are left out. */
static enum mm_parquet_order order_of(enum mm_parquet_type type, struct mm_view records)
{
    bool rising = true, falling = true, any = false;
    struct mm_bounds last;
    for (size_t i = 0; i < mm_parquet_page_record_count(records); i++) {
        struct mm_parquet_page_record page = mm_parquet_page_record_at(records, i);
        if (page.empty)
            continue;
        if (any) {
            int low = mm_bound_compare(type, &last.low, &page.bounds.low);
            int high = mm_bound_compare(type, &last.high, &page.bounds.high);
            rising = rising && low <= 0 && high <= 0;
            falling = falling && low >= 0 && high >= 0;
        }
        last = page.bounds;
        any = true;
    }
    return rising ? MM_PARQUET_ASCENDING : falling ? MM_PARQUET_DESCENDING : MM_PARQUET_UNORDERED;
}

static void write_bounds(struct mm_thrift *t, int id, struct mm_view records, bool low)
{
    size_t count = mm_parquet_page_record_count(records);
    mm_thrift_list(t, id, MM_THRIFT_BINARY, count);
    for (size_t i = 0; i < count; i++) {
        struct mm_parquet_page_record page = mm_parquet_page_record_at(records, i);
        mm_thrift_item_binary(t, mm_bound_view(low ? &page.bounds.low : &page.bounds.high));
    }
}

size_t mm_parquet_index_columns(struct mm_buf *out, enum mm_parquet_type type,
                                struct mm_view records)
{
    size_t begin = out->len, count = mm_parquet_page_record_count(records);
    struct mm_thrift t;
    if (!bounds_are_known(records))
        return 0;
    mm_thrift_begin(&t, out);
    mm_thrift_list(&t, 1, MM_THRIFT_TRUE, count);
    for (size_t i = 0; i < count; i++)
        mm_thrift_item_bool(&t, mm_parquet_page_record_at(records, i).empty);
    write_bounds(&t, 2, records, true);
    write_bounds(&t, 3, records, false);
    mm_thrift_i32(&t, 4, order_of(type, records));
    mm_thrift_list(&t, 5, MM_THRIFT_I64, count);
    for (size_t i = 0; i < count; i++)
        mm_thrift_item_int(&t, (int64_t)mm_parquet_page_record_at(records, i).null_count);
    mm_thrift_end(&t);
    return out->len - begin;
}

size_t mm_parquet_index_offsets(struct mm_buf *out, uint64_t begin, struct mm_view records)
{
    size_t written = out->len, count = mm_parquet_page_record_count(records);
    struct mm_thrift t;
    mm_thrift_begin(&t, out);
    mm_thrift_list(&t, 1, MM_THRIFT_STRUCT, count);
    for (size_t i = 0; i < count; i++) {
        struct mm_parquet_page_record page = mm_parquet_page_record_at(records, i);
        mm_thrift_item_struct(&t);
        mm_thrift_i64(&t, 1, (int64_t)(begin + page.offset));
        mm_thrift_i32(&t, 2, (int32_t)page.stored_bytes);
        mm_thrift_i64(&t, 3, (int64_t)page.first_row);
        mm_thrift_end(&t);
    }
    mm_thrift_end(&t);
    return out->len - written;
}
