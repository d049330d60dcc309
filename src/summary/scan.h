/*
 * scan.h - all rows of a table, from all its files, read by several threads.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Row groups are handed out one by one, so a single large file keeps every thread busy. Who gets
 * which, and in what order, is nobody's business: what is made of rows must not depend on it.
 */
#ifndef MM_SUMMARY_SCAN_H
#define MM_SUMMARY_SCAN_H

#include "base/error.h"
#include "columnar/parquet_reader.h"

enum { MM_SCAN_THREADS_MAX = 256 };

struct mm_scan {
    const struct mm_table_schema *schema;
    struct mm_table_read_options read; /* its memory is that of one thread */
    char *const *paths;
    size_t path_count;
    unsigned threads; /* 1..MM_SCAN_THREADS_MAX */
    /* A thread turns to another reader: what it keeps of dictionaries holds no longer. */
    void (*turn)(void *context, unsigned thread, const struct mm_table_reader *reader);
    /* Some rows, as mm_table_reader_next() gives them. */
    enum mm_status (*rows)(void *context, unsigned thread, size_t rows, struct mm_error *err);
    void *context;
};

/* MM_OK when all rows were handed over; else the error of the first file and row group, in their
 * order, of those that failed. */
enum mm_status mm_scan_run(const struct mm_scan *scan, struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_SUMMARY_SCAN_H */
