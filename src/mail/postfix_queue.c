/*
 * postfix_queue.c - records of a Postfix queue file, and the message in them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "mail/postfix_queue.h"

#include <string.h>

enum {
    LENGTH_BITS_MAX = 28, /* five bytes: more than any file that is read here */
    /* A time is two numbers. Shorter than ' ', so that no header field begins with such a record.
     */
    TIME_MAX_BYTES = 31,
    SIZE_MIN_BYTES = 15 /* the first number alone */
};

static bool read_length(struct mm_view bytes, size_t *at, size_t *length)
{
    *length = 0;
    for (unsigned shift = 0; shift <= LENGTH_BITS_MAX && *at < bytes.len; shift += 7) {
        unsigned char c = (unsigned char)bytes.data[(*at)++];
        *length |= (size_t)(c & 0x7f) << shift;
        if (!(c & 0x80))
            return true;
    }
    return false;
}

static bool is_known(char type)
{
    return type != '\0' && strchr("CTAFISDROWVBZMNLXEpweno/", type) != NULL;
}

bool mm_queue_next(struct mm_view bytes, size_t *at, struct mm_queue_record *record)
{
    size_t from = *at, length;
    if (from >= bytes.len || !is_known(bytes.data[from]))
        return false;
    record->type = bytes.data[from++];
    if (!read_length(bytes, &from, &length) || length > bytes.len - from)
        return false;
    record->data = mm_view_sub(bytes, from, length);
    *at = from + length;
    return true;
}

static bool holds_numbers(struct mm_view data)
{
    for (size_t i = 0; i < data.len; i++)
        if (data.data[i] != ' ' && (data.data[i] < '0' || data.data[i] > '9'))
            return false;
    return data.len > 0;
}

bool mm_queue_sniff(struct mm_view head)
{
    struct mm_queue_record r;
    size_t at = 0;
    if (!mm_queue_next(head, &at, &r) || !holds_numbers(r.data))
        return false;
    bool is_size = r.type == MM_QUEUE_SIZE && r.data.len >= SIZE_MIN_BYTES;
    if (!is_size && (r.type != MM_QUEUE_TIME || r.data.len > TIME_MAX_BYTES))
        return false;
    while (mm_queue_next(head, &at, &r) && r.type != MM_QUEUE_MESSAGE)
        if (r.type == MM_QUEUE_LINE || r.type == MM_QUEUE_PART || r.type == MM_QUEUE_END)
            return false;
    return r.type == MM_QUEUE_MESSAGE || at == head.len || is_known(head.data[at]);
}

/* A pointer of zeros is room that nobody used. */
static bool leads_on(const struct mm_queue_record *r)
{
    for (size_t i = 0; i < r->data.len; i++)
        if (r->data.data[i] != ' ' && r->data.data[i] != '0')
            return true;
    return false;
}

const char *mm_queue_message(char *bytes, size_t len, struct mm_view *message, size_t *at)
{
    struct mm_view whole = {bytes, len};
    struct mm_queue_record r = {.type = '\0'};
    size_t to = 0;
    bool inside = false, was_there = false;
    *at = 0;
    for (size_t next = 0; mm_queue_next(whole, &next, &r); *at = next) {
        if (r.type == MM_QUEUE_END)
            break;
        if (r.type == MM_QUEUE_POINTER && leads_on(&r))
            return "a queue file that was edited in the queue: parts of it lie elsewhere";
        if (r.type == MM_QUEUE_MESSAGE || r.type == MM_QUEUE_EXTRACTED)
            inside = r.type == MM_QUEUE_MESSAGE;
        was_there = was_there || inside;
        if (!inside || (r.type != MM_QUEUE_LINE && r.type != MM_QUEUE_PART))
            continue;
        /* A record is longer than what it becomes. */
        memmove(bytes + to, r.data.data, r.data.len);
        to += r.data.len;
        if (r.type == MM_QUEUE_LINE)
            bytes[to++] = '\n';
    }
    if (r.type != MM_QUEUE_END || !was_there)
        return "a queue file that ends too early, or holds what is no record";
    *message = (struct mm_view){bytes, to};
    return NULL;
}
