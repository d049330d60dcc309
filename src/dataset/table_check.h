/*
 * table_check.h - a look at a table's file that was just written, before anything relies on it.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DATASET_TABLE_CHECK_H
#define MM_DATASET_TABLE_CHECK_H

#include "base/error.h"
#include "mailmill/columnar.h"

/*
 * Read a Parquet file as a stranger's: every page of every column, each against its checksum, and
 * as many rows as there should be.
 * threads  may be used, the caller's among them; above 0.
 * Returns  MM_OK; MM_E_IO: it is not what was written; MM_E_NOMEM. With any number of threads the
 *          same.
 */
enum mm_status mm_table_check(const char *path, const struct mm_table_schema *schema, uint64_t rows,
                              unsigned threads, struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_DATASET_TABLE_CHECK_H */
