/*
 * row_value.h - values of report rows that plain C has no word for: absent ones, lists, addresses.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A text that is absent (a null of its column) is a view whose data is NULL; an empty text has data
 * and no length. Texts borrow the mail or the arena and may hold any byte: what is written out is
 * made UTF-8 there.
 */
#ifndef MM_REPORT_ROW_VALUE_H
#define MM_REPORT_ROW_VALUE_H

#include "base/arena.h"
#include "base/view.h"

#define MM_NO_TIME   INT64_MIN /* an absent time; others are seconds since 1970 UTC */
#define MM_NO_NUMBER (-1)      /* an absent number of a column that has none below zero */

/* Texts in the order of the report. `cap` is private to mm_text_list_add(). */
struct mm_text_list {
    struct mm_view *items;
    uint32_t count, cap;
};

/* Append; the bytes are borrowed. MM_OK or MM_E_NOMEM. */
enum mm_status mm_text_list_add(struct mm_text_list *list, struct mm_view text,
                                struct mm_arena *arena) MM_MUST_CHECK;

/* An address of the Internet protocol in 16 bytes; IPv4 is mapped (RFC 4291 section 2.5.5.2). */
struct mm_ip {
    uint8_t bytes[16];
    bool present;
    bool plain; /* what it was read from is its text */
};

/*
 * An address as reporters write it: IPv4 or IPv6 of any case, "IPv6:" in front, brackets around it,
 * behind it a host name (in parentheses or not), a port or a comment. False for anything else; the
 * address is absent then.
 */
bool mm_ip_parse(struct mm_view text, struct mm_ip *ip);

/*
 * The text of an address that is present (RFC 5952; IPv4 in dotted form).
 * `written`  what it was read from: handed back where it is that text already.
 * Returns    data NULL without memory.
 */
struct mm_view mm_ip_text(const struct mm_ip *ip, struct mm_view written, struct mm_arena *arena);

/* RFC 4291 section 2.5.5.2. */
bool mm_ip_is_v4(const struct mm_ip *ip);

#endif /* MM_REPORT_ROW_VALUE_H */
