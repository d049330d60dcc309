/*
 * parquet_chunk.h - one leaf column of one row group, encoded and cut into pages.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_COLUMNAR_PARQUET_CHUNK_H
#define MM_COLUMNAR_PARQUET_CHUNK_H

#include "columnar/parquet_column.h"
#include "columnar/parquet_pack.h"

/* What the footer says of a chunk. Offsets are from the beginning of the file; from that of the
 * chunk until it has its place. */
struct mm_parquet_chunk {
    enum mm_parquet_encoding encoding; /* of the data pages */
    bool has_dictionary;
    uint64_t dictionary_offset, data_offset;
    uint64_t bloom_offset;                         /* bloom_bytes: 0 without one */
    size_t bloom_bytes;                            /* with its header */
    size_t level_count, null_count;                /* null_count: levels without a value */
    size_t page_count;                             /* of data */
    size_t stored_bytes, unpacked_bytes;           /* of all pages with their headers */
    size_t column_index_bytes, offset_index_bytes; /* 0 without one */
    struct mm_bounds bounds;
};

/* Of a data page, for the indexes. */
struct mm_parquet_page_record {
    uint64_t offset; /* from the beginning of the chunk */
    size_t stored_bytes, first_row, null_count;
    bool empty; /* without a value */
    struct mm_bounds bounds;
};

/* Memory that chunk after chunk uses; of one thread. */
struct mm_parquet_chunk_writer {
    size_t page_bytes; /* of values, before compression */
    struct mm_parquet_packer packer;
    struct mm_buf body;    /* of a page, before compression */
    struct mm_buf words;   /* levels or numbers on their way into it */
    struct mm_buf seen;    /* for each entry of the dictionary: the last page that has it, from 1 */
    struct mm_buf records; /* struct mm_parquet_page_record each */
};

/* False without memory; deinit is wanted all the same. page_bytes is the caller's to set. */
bool mm_parquet_chunk_writer_init(struct mm_parquet_chunk_writer *w);
void mm_parquet_chunk_writer_deinit(struct mm_parquet_chunk_writer *w);

/*
 * Append all pages of a column to `out`, which is empty. Afterwards w->records has the data pages;
 * the filter and the indexes are not in the chunk yet. MM_E_LIMIT: a page over 2 GiB; MM_E_NOMEM.
 */
enum mm_status mm_parquet_chunk_write(struct mm_parquet_chunk_writer *w,
                                      const struct mm_parquet_column *column, struct mm_buf *out,
                                      struct mm_parquet_chunk *chunk) MM_MUST_CHECK;

static inline size_t mm_parquet_page_record_count(struct mm_view records)
{
    return records.len / sizeof(struct mm_parquet_page_record);
}

static inline struct mm_parquet_page_record mm_parquet_page_record_at(struct mm_view records,
                                                                      size_t index)
{
    struct mm_parquet_page_record record;
    memcpy(&record, records.data + index * sizeof record, sizeof record);
    return record;
}

#endif /* MM_COLUMNAR_PARQUET_CHUNK_H */
