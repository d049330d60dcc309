/*
 * hand_on.c - a verified message as the next reader gets it: our field on top, forged ones gone.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/hand_on.h"

#include "auth/authres_field.h"
#include "auth/hidden_claim.h"
#include "dkim/sign_batch.h"

/* Append the header as far as its last field that claims to be ours, without such fields. Returns
 * where the rest of the message begins; *top is where what stays of it begins. */
static size_t append_without_claims(struct mm_buf *out, const struct mm_msg *msg,
                                    struct mm_view authserv_id, uint32_t *removed, size_t *top)
{
    *top = 0;
    uint32_t wanted = mm_msg_name_id(msg, MM_VIEW(MM_AUTHRES_NAME));
    size_t from = 0;
    for (uint32_t i = 0; wanted != MM_FIELD_NONE && i < msg->field_count; i++) {
        const struct mm_field *f = &msg->fields[i];
        if (f->name_id != wanted || !mm_authres_claims(mm_field_value(msg, f), authserv_id))
            continue;
        mm_buf_append(out, mm_view_sub(msg->bytes, from, f->start - from));
        if (f->start == *top)
            *top = f->next;
        from = f->next;
        ++*removed;
    }
    return from;
}

/* A field may stand above the line at `at`: a field begins there, or the header ends. */
static bool is_apart(const struct mm_msg *msg, size_t at)
{
    struct mm_view rest = mm_view_sub(msg->bytes, at, msg->bytes.len - at);
    for (uint32_t i = 0; i < msg->field_count && msg->fields[i].start <= at; i++)
        if (msg->fields[i].start == at)
            return true;
    return rest.len == 0 || mm_view_starts(rest, MM_VIEW("\n")) ||
           mm_view_starts(rest, MM_VIEW("\r\n"));
}

/* True where the item is rejected for a claim that cannot be left out: for other readers it is part
 * of a field that is none. */
static bool reject_hidden_claim(struct mm_item *item, const struct mm_msg *msg,
                                struct mm_view authserv_id)
{
    size_t header_len = (size_t)(msg->body.data - msg->bytes.data), at;
    if (!mm_authres_hidden_claim(mm_view_sub(msg->bytes, 0, header_len), authserv_id, &at))
        return false;
    mm_item_reject(item, "claim-behind-cr",
                   "behind a bare CR an Authentication-Results field in our name: "
                   "only some readers end a line there",
                   msg->from_line.len + at);
    return true;
}

/* What stands at `top` would be read as part of our field. */
static void reject_joined(struct mm_item *item, const struct mm_msg *msg, size_t top)
{
    uint64_t offset = msg->from_line.len + top;
    if (mm_is_wsp((unsigned char)msg->bytes.data[top]))
        mm_item_reject(item, mm_sign_outcome_slug(MM_SIGN_FOLD_FIRST),
                       mm_sign_outcome_text(MM_SIGN_FOLD_FIRST), offset);
    else
        mm_item_reject(item, "line-before-field",
                       "the first line is no field: some readers join it to a field put above it",
                       offset);
}

enum mm_status mm_hand_on(struct mm_item *item, const struct mm_verify_item *v,
                          struct mm_view authserv_id, struct mm_arena *arena,
                          struct mm_buf *scratch, uint32_t *removed)
{
    const struct mm_msg *msg = &v->msg;
    size_t top = 0;
    uint32_t claims = 0;
    *removed = 0;
    if (reject_hidden_claim(item, msg, authserv_id))
        return MM_OK;
    mm_buf_clear(scratch);
    mm_authres_append(scratch, arena, authserv_id, &v->verdict,
                      msg->first_line_is_lf ? MM_AUTHRES_LF : MM_AUTHRES_CRLF);
    size_t rest = append_without_claims(scratch, msg, authserv_id, &claims, &top);
    if (!is_apart(msg, top)) {
        reject_joined(item, msg, top);
        return MM_OK;
    }
    item->out_head = mm_arena_copy(arena, mm_buf_view(scratch));
    if (scratch->failed || !item->out_head.data)
        return MM_E_NOMEM;
    mm_item_set_out_top(item, msg->from_line);
    item->out_rest = mm_view_sub(msg->bytes, rest, msg->bytes.len - rest);
    item->emit = true;
    *removed = claims;
    return MM_OK;
}
