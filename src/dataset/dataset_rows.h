/*
 * dataset_rows.h - whether a table has the rows that _mailmill.json tells of.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DATASET_DATASET_ROWS_H
#define MM_DATASET_DATASET_ROWS_H

#include "dataset/dataset_in.h"
#include "mailmill/columnar.h"

/* Of files of a table, as their footers say. */
struct mm_dataset_size {
    uint64_t rows;
    size_t groups;
};

/* Add what one file has. memory_bytes: for its footer, 0 as for reading rows. Errors as those of
 * mm_table_reader_open(). */
enum mm_status mm_dataset_size_add(struct mm_dataset_size *size, const char *file,
                                   const struct mm_table_schema *schema, size_t memory_bytes,
                                   struct mm_error *err) MM_MUST_CHECK;

/*
 * Hold the files of a table against what the dataset says of itself. A table that has lost all of
 * its files, or has other rows than were written, is refused.
 *
 * Readers take no lock, and may come while --append puts its files in their places. Then a table
 * has more rows than `about` tells of, or fewer, where a better reading of a report took the place
 * of a longer one; but no table is without a file in any moment. So rows are judged only where
 * nobody can have been at it: there is no append.commit, which is there from before the first file
 * is put until _mailmill.json is new, and _mailmill.json is still the one that `about` was read
 * from: with each append that changes a table it tells of more inputs.
 *
 * about    read before the files were listed.
 * Returns  MM_OK; MM_E_SYNTAX, with the table, both numbers and what to do; MM_E_IO, MM_E_NOMEM.
 */
enum mm_status mm_dataset_rows_check(const char *path, const struct mm_dataset_about *about,
                                     const char *table, const struct mm_dataset_parts *parts,
                                     const struct mm_dataset_size *size,
                                     struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_DATASET_DATASET_ROWS_H */
