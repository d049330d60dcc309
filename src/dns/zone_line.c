/*
 * zone_line.c - a TXT record as a line of a master file (RFC 1035 section 5.1).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dns/zone_line.h"

#include "dns/quoted.h"

enum { STRING_MAX_BYTES = 255 };

void mm_zone_line_write(struct mm_buf *out, struct mm_view name, struct mm_view record)
{
    mm_buf_append(out, name);
    mm_buf_append_str(out, ". IN TXT ( ");
    do {
        size_t len = record.len < STRING_MAX_BYTES ? record.len : STRING_MAX_BYTES;
        mm_quoted_write(out, mm_view_sub(record, 0, len), "\\%03u");
        mm_buf_append_char(out, ' ');
        record = mm_view_sub(record, len, record.len - len);
    } while (record.len);
    mm_buf_append_str(out, ")\n");
}
