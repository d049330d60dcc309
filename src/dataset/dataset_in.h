/*
 * dataset_in.h - a dataset that is read: what it says of itself, and the files of its tables.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DATASET_DATASET_IN_H
#define MM_DATASET_DATASET_IN_H

#include <limits.h>

#include "base/error.h"
#include "dataset/dataset_verb.h"

enum {
    MM_DATASET_ABOUT_BYTES_MAX = 1024 * 1024, /* ours has a few hundred */
    MM_DATASET_PARTS_MAX = 65536              /* files of one table; merged shards have one each */
};

struct mm_dataset_told {
    char table[32];
    uint64_t rows;
};

struct mm_dataset_about {
    char mailmill[32]; /* version of the program that wrote it */
    char verb[32];     /* whose tables it has */
    int schema_version;
    char config[33]; /* hash of the options that decide rows; empty where it does not say */
    uint64_t inputs, rejected, duplicates; /* how many it has taken, and what became of them */
    struct mm_dataset_told told[MM_DATASET_TABLES_MAX]; /* rows of each table */
    size_t told_count;
};

/* Read PATH/_mailmill.json. MM_OK; MM_E_SYNTAX: no dataset; MM_E_IO; MM_E_NOMEM. The text says what
 * to do. */
enum mm_status mm_dataset_in_read(const char *path, struct mm_dataset_about *about,
                                  struct mm_error *err) MM_MUST_CHECK;
/* MM_E_LIMIT where it is of a newer schema than the caller knows. */
enum mm_status mm_dataset_in_known(const char *path, const struct mm_dataset_about *about,
                                   int schema_version, struct mm_error *err) MM_MUST_CHECK;
/*
 * Read it, and refuse what is not of that verb and schema.
 *
 * schema_version  the newest that the caller knows.
 * Returns         as both above; MM_E_SYNTAX also where it is not one of `verb`.
 */
enum mm_status mm_dataset_in_about(const char *path, const char *verb, int schema_version,
                                   struct mm_dataset_about *about,
                                   struct mm_error *err) MM_MUST_CHECK;

/* Rows that a table should have; `otherwise` where it does not say. */
uint64_t mm_dataset_told_rows(const struct mm_dataset_about *about, const char *table,
                              uint64_t otherwise);
/* Whether there is PATH/NAME. */
bool mm_dataset_in_has(const char *path, const char *name);
/* Whether a dataset of that verb was written with --format ndjson or csv. */
bool mm_dataset_in_is_text(const char *path, const struct mm_dataset_verb *verb);

/* Paths of a table's files, in bytewise order of their names. */
struct mm_dataset_parts {
    char **paths; /* each and the list to be given to free(): mm_dataset_parts_deinit */
    size_t count, cap;
};

/*
 * Every file PATH/TABLE/part-*.parquet. MM_E_SYNTAX where the dataset has no such folder;
 * MM_E_LIMIT; MM_E_IO; MM_E_NOMEM. deinit is wanted all the same.
 */
enum mm_status mm_dataset_in_parts(const char *path, const char *table,
                                   struct mm_dataset_parts *parts,
                                   struct mm_error *err) MM_MUST_CHECK;
void mm_dataset_parts_deinit(struct mm_dataset_parts *parts);

#endif /* MM_DATASET_DATASET_IN_H */
