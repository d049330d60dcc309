/*
 * report_tables.h - the tables of a dataset of reports: their columns, in their order.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Names are the standards' words; a dataset is read for years by queries that other people wrote,
 * so columns are added, never renamed. What refers to a report does so by `report_key`, the XXH3-64
 * of what tells reports apart (org, report id, domain, begin, end). A column of words holds the
 * standard's word in small letters, and a word that no standard has as it was written.
 */
#ifndef MM_DATASET_REPORT_TABLES_H
#define MM_DATASET_REPORT_TABLES_H

#include "mailmill/columnar.h"

enum mm_report_table {
    MM_TABLE_DMARC_REPORTS,
    MM_TABLE_DMARC_RECORDS,
    MM_TABLE_TLS_REPORTS,
    MM_TABLE_TLS_POLICIES,
    MM_TABLE_TLS_FAILURES,
    MM_TABLE_ARF,
    MM_TABLE_BOUNCES,
    MM_TABLE_REJECTS,
    MM_TABLE_DUPLICATES,
    MM_TABLE_DAILY,
    MM_REPORT_TABLES
};

/* Raised with every change that a reader of an older dataset would notice. */
enum { MM_REPORT_SCHEMA_VERSION = 1 };

extern const struct mm_table_schema mm_report_tables[MM_REPORT_TABLES];

/* Where readers of rows need to know a place: the n-th column of its table. */
enum mm_dmarc_record_column {
    MM_RECORD_DATE = 1,
    MM_RECORD_ORG_NAME = 5,
    MM_RECORD_POLICY_DOMAIN = 6,
    MM_RECORD_COUNT = 12,
    MM_RECORD_DISPOSITION = 13,
    MM_RECORD_DKIM_ALIGNED = 14,
    MM_RECORD_SPF_ALIGNED = 15
};

#endif /* MM_DATASET_REPORT_TABLES_H */
