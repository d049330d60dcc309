/*
 * expat_report.h - an aggregate report by expat, as a competent C programmer reads it: record by
 * record.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Texts are gathered in one buffer; a record is handed on when its end tag comes. It knows no
 * malformed report, no namespace, no second form of anything.
 */
#ifndef MM_BENCH_EXPAT_REPORT_H
#define MM_BENCH_EXPAT_REPORT_H

#include <stddef.h>

enum expat_field {
    /* of the report */
    FIELD_ORG,
    FIELD_EMAIL,
    FIELD_REPORT_ID,
    FIELD_BEGIN,
    FIELD_END,
    FIELD_DOMAIN,
    FIELD_P,
    FIELD_SP,
    FIELD_PCT,
    /* of the record */
    FIELD_SOURCE_IP,
    FIELD_COUNT,
    FIELD_DISPOSITION,
    FIELD_DKIM,
    FIELD_SPF,
    FIELD_REASON,
    FIELD_HEADER_FROM,
    FIELD_ENVELOPE_FROM,
    /* the last result of each kind */
    FIELD_DKIM_DOMAIN,
    FIELD_DKIM_SELECTOR,
    FIELD_DKIM_RESULT,
    FIELD_SPF_DOMAIN,
    FIELD_SPF_RESULT,
    FIELD_COUNT_ALL,
    FIELD_NONE
};

struct expat_text {
    const char *data; /* ends in NUL; NULL where absent */
    size_t len;
};

struct expat_reader;
typedef void expat_record_fn(void *context, const struct expat_text fields[FIELD_COUNT_ALL]);

/* One reader for any number of documents. NULL without memory. */
struct expat_reader *expat_reader_new(expat_record_fn *record, void *context);
void expat_reader_free(struct expat_reader *reader);
/* 0, or -1 for a document that is not well-formed. */
int expat_reader_read(struct expat_reader *reader, const char *data, size_t len);

#endif /* MM_BENCH_EXPAT_REPORT_H */
