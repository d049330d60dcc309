/*
 * header_select.c - the header bytes that a signature covers (RFC 6376 sections 3.7 and 5.4.2).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/header_select.h"

#include "dkim/sig_field.h"

/* Index of the next instance of `name`, from the bottom up, without `self`; MM_FIELD_NONE when they
 * are used up. */
static uint32_t take(const struct mm_msg *msg, struct mm_view name, uint32_t self,
                     uint32_t *cursors)
{
    uint32_t id = mm_msg_name_id(msg, name);
    if (id == MM_FIELD_NONE)
        return MM_FIELD_NONE;
    uint32_t at = cursors[id];
    if (at == self && at != MM_FIELD_NONE)
        at = msg->fields[at].upper_same;
    if (at != MM_FIELD_NONE)
        cursors[id] = msg->fields[at].upper_same;
    return at;
}

void mm_header_select(struct mm_buf *out, const struct mm_msg *msg, struct mm_view names,
                      uint32_t self, enum mm_canon canon, uint32_t *cursors)
{
    struct mm_view name;
    if (msg->name_count)
        memcpy(cursors, msg->lowest_of_name, msg->name_count * sizeof *cursors);
    while (mm_header_list_next(&names, &name)) {
        uint32_t at = take(msg, name, self, cursors);
        if (at == MM_FIELD_NONE)
            continue;
        const struct mm_field *f = &msg->fields[at];
        mm_canon_header(out, canon, mm_field_whole(msg, f), f->value - f->start, true);
    }
}

void mm_header_select_signature(struct mm_buf *out, struct mm_view field, size_t value_at,
                                struct mm_view b_raw, enum mm_canon canon, struct mm_buf *scratch)
{
    size_t head = (size_t)(b_raw.data - field.data);
    size_t tail = head + b_raw.len;
    if (tail < field.len) {
        mm_buf_clear(scratch);
        mm_buf_append(scratch, mm_view_sub(field, 0, head));
        mm_buf_append(scratch, mm_view_sub(field, tail, field.len - tail));
        out->failed = out->failed || scratch->failed;
        field = mm_buf_view(scratch);
    } else {
        field.len = head; /* b= comes last, as nearly all signers have it: nothing to copy */
    }
    mm_canon_header(out, canon, field, value_at, false);
}
