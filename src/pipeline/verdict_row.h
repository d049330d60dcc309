/*
 * verdict_row.h - one message's verdict as a line: JSON for machines, a table for a terminal.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_PIPELINE_VERDICT_ROW_H
#define MM_PIPELINE_VERDICT_ROW_H

#include "base/buf.h"
#include "dkim/verify_batch.h"

/* What a row says beside the verdict, where it was asked for. */
struct mm_row_extra {
    struct mm_view authentication_results; /* unfolded field; empty: not asked for */
    uint32_t fields_removed;               /* from the copy of the message; 0: not said */
};

/* {"message":…,"bytes":…,…,"signatures":[…]} with a line end. `extra` may be NULL. */
void mm_verdict_row_json(struct mm_buf *out, struct mm_view message, const struct mm_verify_item *v,
                         const struct mm_row_extra *extra);

/* The table: result, signing domain and selector of the signature that decided, reason, message. */
extern const char MM_VERDICT_TABLE_HEADING[];
void mm_verdict_row_table(struct mm_buf *out, struct mm_view message,
                          const struct mm_verify_item *v, bool color);
void mm_reject_row_table(struct mm_buf *out, struct mm_view message, const char *slug, bool color);

#endif /* MM_PIPELINE_VERDICT_ROW_H */
