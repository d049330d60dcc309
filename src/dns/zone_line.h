/*
 * zone_line.h - a TXT record as a line of a master file (RFC 1035 section 5.1).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DNS_ZONE_LINE_H
#define MM_DNS_ZONE_LINE_H

#include "base/buf.h"

/*
 * Append `NAME. IN TXT ( "…" "…" )` and a line end: the record in strings of up to 255 bytes, which
 * is what one holds (RFC 1035 section 3.3). Quotes and backslashes get a backslash, bytes outside
 * printable ASCII are \DDD. name: letters, digits, '-', '_' and dots, absolute without the final
 * dot.
 */
void mm_zone_line_write(struct mm_buf *out, struct mm_view name, struct mm_view record);

#endif /* MM_DNS_ZONE_LINE_H */
