/*
 * hand_on.c - a verified message as the next reader gets it: our field on top, forged ones gone.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/hand_on.h"

#include "auth/authres_field.h"

/* Append the header as far as its last field that claims to be ours, without such fields. Returns
 * where the rest of the message begins. */
static size_t append_without_claims(struct mm_buf *out, const struct mm_msg *msg,
                                    struct mm_view authserv_id, uint32_t *removed)
{
    uint32_t wanted = mm_msg_name_id(msg, MM_VIEW("Authentication-Results"));
    size_t from = 0;
    for (uint32_t i = 0; wanted != MM_FIELD_NONE && i < msg->field_count; i++) {
        const struct mm_field *f = &msg->fields[i];
        if (f->name_id != wanted || !mm_authres_claims(mm_field_value(msg, f), authserv_id))
            continue;
        mm_buf_append(out, mm_view_sub(msg->bytes, from, f->start - from));
        from = f->next;
        ++*removed;
    }
    return from;
}

enum mm_status mm_hand_on(struct mm_item *item, const struct mm_verify_item *v,
                          struct mm_view authserv_id, struct mm_arena *arena,
                          struct mm_buf *scratch, uint32_t *removed)
{
    const struct mm_msg *msg = &v->msg;
    *removed = 0;
    mm_buf_clear(scratch);
    mm_authres_append(scratch, arena, authserv_id, &v->verdict,
                      msg->first_line_is_lf ? MM_AUTHRES_LF : MM_AUTHRES_CRLF);
    size_t rest = append_without_claims(scratch, msg, authserv_id, removed);
    item->out_head = mm_arena_copy(arena, mm_buf_view(scratch));
    if (scratch->failed || !item->out_head.data)
        return MM_E_NOMEM;
    item->out_from_line = item->from_line.len ? item->from_line : msg->from_line;
    item->out_rest = mm_view_sub(msg->bytes, rest, msg->bytes.len - rest);
    item->emit = true;
    return MM_OK;
}
