/*
 * report_tables.h - the tables of a dataset of reports: their columns, in their order.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Names are the standards' words; a dataset is read for years by queries that other people wrote,
 * so columns are added, never renamed. What refers to a report does so by `report_key`, the first
 * eight bytes of the SHA-256 of what tells reports apart (kind, org, report id, domain, begin,
 * end): a stored report that gives way to another is found by it, so nobody may make another's. A
 * column of words holds the standard's word in small letters, and a word that no standard has as it
 * was written.
 */
#ifndef MM_DATASET_REPORT_TABLES_H
#define MM_DATASET_REPORT_TABLES_H

#include "dataset/dataset_verb.h"

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

/*
 * The same tables as rows of a run have them: what belongs to a report says last from which reading
 * of it it comes, since a report may turn out to be told twice. And two tables more.
 *
 * A claim is one reading of a report. All claims together decide which reading is kept.
 * An input is one that was taken: SHA-256, cut, of its bytes.
 */
enum { MM_TABLE_CLAIMS = MM_REPORT_TABLES, MM_TABLE_INPUTS, MM_WORK_TABLES };
extern const struct mm_table_schema mm_work_tables[MM_WORK_TABLES];
extern const struct mm_dataset_verb mm_reports_verb;

static inline bool mm_table_has_readings(size_t table)
{
    return table <= MM_TABLE_TLS_FAILURES;
}

/* A number that is given once in a run: the same file may be named twice. */
enum { MM_READING_BYTES = MM_ADDRESS_BYTES };

/* Columns of a claim. Those up to MEMBER order them: the first of a report is the one kept. */
enum mm_claim_column {
    MM_CLAIM_KIND,     /* MM_TABLE_DMARC_REPORTS, MM_TABLE_TLS_REPORTS, MM_CLAIM_KIND_VOID */
    MM_CLAIM_IDENTITY, /* SHA-256, cut, of what tells reports apart */
    MM_CLAIM_SALVAGED,
    MM_CLAIM_RECORDS,  /* negative: most come first */
    MM_CLAIM_MESSAGES, /* likewise */
    MM_CLAIM_DOCUMENT_HASH,
    MM_CLAIM_SOURCE_PATH,
    MM_CLAIM_MEMBER,
    MM_CLAIM_REPORT_KEY,
    MM_CLAIM_CONTENT_HASH,
    MM_CLAIM_READING,
    MM_CLAIM_INPUT,    /* which one it was in: a hash of its bytes and place */
    MM_CLAIM_SIBLINGS, /* reports that its input holds, itself included */
    MM_CLAIM_ALONE,    /* its input has nothing else that ended in a row */
    MM_CLAIM_STATE,    /* of enum mm_claim_state */
    MM_CLAIM_COLUMNS
};

/* Of the readings that a dataset knows, one of each report is kept: its rows are in the tables. */
enum mm_claim_state { MM_CLAIM_NEW, MM_CLAIM_KEPT, MM_CLAIM_LOST };

/* The kind of a claim that is none: a reading that broke off, whose rows are not kept. */
enum { MM_CLAIM_KIND_VOID = MM_TABLE_REJECTS };

/* Where readers of rows need to know a place: the n-th column of its table. */
enum mm_dmarc_record_column {
    MM_RECORD_DATE = 1,
    MM_RECORD_ORG_NAME = 5,
    MM_RECORD_POLICY_DOMAIN = 6,
    MM_RECORD_HEADER_FROM = 7,
    MM_RECORD_SOURCE_IP = 10,
    MM_RECORD_COUNT = 12,
    MM_RECORD_DISPOSITION = 13,
    MM_RECORD_DKIM_ALIGNED = 14,
    MM_RECORD_SPF_ALIGNED = 15,
    MM_RECORD_READING = 23
};

#endif /* MM_DATASET_REPORT_TABLES_H */
