/*
 * report_settle.h - which reading of each report is kept.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Reports are sent twice, forwarded and archived twice. Of the readings of one report the kept one
 * is: not salvaged before salvaged, then most records, then the largest sum of messages, then the
 * smallest hash of the document, then the smallest place. That is the order of claims, so that the
 * answer does not depend on what was read first.
 */
#ifndef MM_DATASET_REPORT_SETTLE_H
#define MM_DATASET_REPORT_SETTLE_H

#include "base/id_map.h"
#include "columnar/row_merge.h"
#include "dataset/report_tables.h"

struct mm_settlement {
    struct mm_id_map dropped; /* readings that rows are left out of */
    struct mm_id_map lost;    /* private: inputs with several reports, and how many of them lost */
    uint64_t dmarc_reports, tls_reports; /* kept */
    uint64_t duplicate_inputs;           /* of this run: all their reports were told by others */
    struct mm_id_map replaced; /* private: reports of the dataset that is added to that have lost */
};

struct mm_settle_to {
    /* Each kept claim, in order, as one that is stored. */
    enum mm_status (*keep)(void *context, struct mm_view claim, struct mm_error *err);
    /* A row of `duplicates`, in no order. */
    enum mm_status (*duplicate)(void *context, struct mm_view row, struct mm_error *err);
    void *context;
};

/*
 * Go through all claims, which come in their order. Memory: some 32 bytes for each reading that is
 * not kept.
 * Returns MM_OK; MM_E_NOMEM; MM_E_IO; what `to` returned.
 */
enum mm_status mm_reports_settle(struct mm_row_merge *claims, const struct mm_settle_to *to,
                                 struct mm_settlement *settlement,
                                 struct mm_error *err) MM_MUST_CHECK;
void mm_settlement_deinit(struct mm_settlement *settlement); /* quiet on a zeroed struct */

/*
 * Cut the reading off the row of a table that has readings, and tell whether the row is one of a
 * kept reading. Rows of other tables are kept as they are.
 */
bool mm_settlement_keeps(const struct mm_settlement *settlement, size_t table, struct mm_view *row);

/* Whether the dataset that is added to holds another reading of this report, to be taken out. kind:
 * MM_TABLE_DMARC_REPORTS or MM_TABLE_TLS_REPORTS. */
bool mm_settlement_replaces(const struct mm_settlement *settlement, enum mm_report_table kind,
                            int64_t report_key);

#endif /* MM_DATASET_REPORT_SETTLE_H */
