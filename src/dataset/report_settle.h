/*
 * report_settle.h - which reading of each report is kept.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Reports are sent twice, forwarded and archived twice. Of the readings of one report the kept one
 * is: not salvaged before salvaged, then most records, then the largest sum of messages, then the
 * smallest hash of the document, then the smallest place. That is the order of claims, so that the
 * answer does not depend on what was read first: nor on which run read it, where readings of a
 * dataset that is added to take part.
 */
#ifndef MM_DATASET_REPORT_SETTLE_H
#define MM_DATASET_REPORT_SETTLE_H

#include "base/id_map.h"
#include "columnar/row_merge.h"
#include "dataset/report_tables.h"

struct mm_settlement {
    struct mm_id_map dropped; /* readings that rows are left out of */
    struct mm_id_map lost;    /* private: inputs with several reports, and how many of them lost */
    uint64_t dmarc_reports, tls_reports; /* of this run, and kept */
    /* Inputs whose reports were all told by others: of this run; and with those of the dataset that
     * is added to. */
    uint64_t duplicate_inputs, all_duplicate_inputs;
    /* Private, of the dataset that is added to: reports whose reading is another now, and rows of
     * `duplicates` that say of a reading what does not hold against that one. */
    struct mm_id_map replaced, unsaid;
    uint64_t replaced_of[2]; /* DMARC, TLS */
};

struct mm_settle_to {
    /* Each claim, in order, as a later run has to find it. */
    enum mm_status (*store)(void *context, struct mm_view claim, struct mm_error *err);
    /* A row of `duplicates` that is not in the dataset yet, in no order. */
    enum mm_status (*duplicate)(void *context, struct mm_view row, struct mm_error *err);
    void *context;
};

/*
 * Go through all claims, which come in their order. Memory: some 32 bytes for each reading that is
 * not kept and has rows.
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

/* Whether rows of this table may have to be taken out of the dataset that is added to. */
bool mm_settlement_touches(const struct mm_settlement *settlement, size_t table);
/* The same of one report's rows, in a table that has readings. */
bool mm_settlement_replaces(const struct mm_settlement *settlement, size_t table,
                            int64_t report_key);
/* The same of a row of `duplicates`. */
bool mm_settlement_unsays(const struct mm_settlement *settlement, struct mm_view row);

#endif /* MM_DATASET_REPORT_SETTLE_H */
