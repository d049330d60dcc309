/*
 * verify_tables.h - the tables of a dataset of verdicts: their columns, in their order.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The keys of a verdict row are columns of the same names: of `messages` what is told of a message,
 * of `signatures` what is told of one of its signatures. An input that was rejected is a row of
 * `messages` with nothing but its name and why, so that every input is one row there. Columns are
 * added, never renamed.
 */
#ifndef MM_DATASET_VERIFY_TABLES_H
#define MM_DATASET_VERIFY_TABLES_H

#include "dataset/dataset_verb.h"

enum mm_verify_table { MM_TABLE_MESSAGES, MM_TABLE_SIGNATURES, MM_VERIFY_TABLES };

/* Raised with every change that a reader of an older dataset would notice. */
enum { MM_VERIFY_SCHEMA_VERSION = 1 };

/* On their way there are inputs as well: XXH3-128 of each that was read. */
enum { MM_TABLE_VERIFY_INPUTS = MM_VERIFY_TABLES, MM_VERIFY_WORK_TABLES };

extern const struct mm_table_schema mm_verify_tables[MM_VERIFY_WORK_TABLES];
extern const struct mm_dataset_verb mm_verify_verb;

#endif /* MM_DATASET_VERIFY_TABLES_H */
