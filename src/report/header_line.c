/*
 * header_line.c - fields of a message as report readers want them: one line, bounded, or absent.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report/header_line.h"
#include "mail/date.h"
#include "report/fields_block.h"
#include "report/plain_value.h"
#include "report/row_value.h"

struct mm_view mm_header_line(const struct mm_msg *msg, struct mm_view name, struct mm_arena *arena)
{
    uint32_t at = mm_msg_lowest(msg, name);
    if (at == MM_FIELD_NONE)
        return (struct mm_view){NULL, 0};
    while (msg->fields[at].upper_same != MM_FIELD_NONE)
        at = msg->fields[at].upper_same;
    struct mm_view value = mm_field_value(msg, &msg->fields[at]);
    if (value.len > MM_HEADER_LINE_MAX_BYTES)
        value.len = MM_HEADER_LINE_MAX_BYTES;
    return mm_text_one_line(value, arena);
}

struct mm_view mm_domain_of(struct mm_view address, struct mm_arena *arena)
{
    const char *at = address.len ? memrchr(address.data, '@', address.len) : NULL;
    if (!at)
        return (struct mm_view){NULL, 0};
    struct mm_view domain = {at + 1, address.len - (size_t)(at + 1 - address.data)};
    size_t len = 0;
    while (len < domain.len && domain.data[len] != '>' && domain.data[len] != ')' &&
           !mm_is_fws((unsigned char)domain.data[len]))
        len++;
    while (len && domain.data[len - 1] == '.')
        len--;
    bool bad; /* characters that make no A-label are kept */
    domain.len = len;
    return mm_plain_domain(domain, arena, &domain, &bad) == MM_OK ? domain
                                                                  : (struct mm_view){NULL, 0};
}

int64_t mm_header_date(const struct mm_msg *msg, struct mm_arena *arena)
{
    int64_t seconds;
    struct mm_view date = mm_header_line(msg, MM_VIEW("Date"), arena);
    return date.data && mm_date_parse(date, &seconds) == MM_OK ? seconds : MM_NO_TIME;
}
