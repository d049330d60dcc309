/*
 * scan.h - all rows of a table, from all its files, read by several threads.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Row groups are handed out one by one, so a single large file keeps every thread busy. Who gets
 * which, and in what order, is nobody's business: what is made of rows must not depend on it.
 *
 * How much memory a group takes shows when its pages are unpacked. So threads have equal parts of
 * the memory, and one that has too little for a group gives it back, with the number of rows that
 * it has handed over. Then half as many threads go on, with twice as much each. What one thread can
 * read with all of the memory is read, whatever the number of threads.
 */
#ifndef MM_SUMMARY_SCAN_H
#define MM_SUMMARY_SCAN_H

#include "base/error.h"
#include "columnar/parquet_reader.h"

enum {
    MM_SCAN_THREADS_MAX = 256,
    MM_SCAN_MEMORY_SHARE = 4 /* of --memory, a quarter is for reading */
};

struct mm_scan {
    const struct mm_table_schema *schema;
    struct mm_table_read_options read; /* its memory is that of all threads together */
    char *const *paths;
    size_t path_count;
    unsigned threads; /* at most: 1..MM_SCAN_THREADS_MAX */
    /* A thread turns to another reader: what it keeps of dictionaries holds no longer. */
    void (*turn)(void *context, unsigned thread, const struct mm_table_reader *reader);
    /* Some rows, as mm_table_reader_next() gives them. */
    enum mm_status (*rows)(void *context, unsigned thread, size_t rows, struct mm_error *err);
    void *context;
};

/* MM_OK when all rows were handed over; else the error of the first file and row group, in their
 * order, of those that failed. MM_E_LIMIT where one thread has too little memory; the text names
 * --memory. */
enum mm_status mm_scan_run(const struct mm_scan *scan, struct mm_error *err) MM_MUST_CHECK;
/* What is said where all memory for reading, `bytes`, is too little for a file: MM_E_LIMIT. */
enum mm_status mm_scan_starved(const char *path, size_t bytes, struct mm_error *err);

#endif /* MM_SUMMARY_SCAN_H */
