/*
 * recorded_line.h - one DNS answer as a line of JSON, which recorded_answers.c reads back.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DNS_RECORDED_LINE_H
#define MM_DNS_RECORDED_LINE_H

#include "base/buf.h"
#include "dns/txt_store.h"

struct mm_recorded_line {
    struct mm_view name; /* as it was asked for, without the final dot */
    enum mm_txt_status status;
    uint32_t ttl_s;
    bool ad;      /* the resolver vouches for DNSSEC (RFC 4035 section 3.2.3) */
    int64_t time; /* seconds since 1970 */
    const struct mm_view *records;
    size_t record_count; /* looked at with MM_TXT_NOERROR only */
};

/* Append the line with its line end. Bytes outside printable ASCII are \u00NN, one a byte. A status
 * that no answer has (MM_TXT_NOT_RECORDED) must not be given. */
void mm_recorded_line_write(struct mm_buf *out, const struct mm_recorded_line *line);
/* Does a file that begins so begin with such a line? */
bool mm_recorded_line_begins(struct mm_view text);

/* "NOERROR", "NXDOMAIN", …; NULL for MM_TXT_NOT_RECORDED, which is no answer. */
const char *mm_txt_status_word(enum mm_txt_status status);

#endif /* MM_DNS_RECORDED_LINE_H */
