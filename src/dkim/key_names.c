/*
 * key_names.c - the names of the keys that a message's signatures are checked with.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/key_names.h"

#include "base/error.h"
#include "dkim/domain_name.h"
#include "dkim/sig_field.h"
#include "mail/message.h"

enum mm_status mm_key_names_of(struct mm_view message, uint32_t limit, struct mm_arena *arena,
                               enum mm_status (*found)(void *context, struct mm_view name),
                               void *context)
{
    struct mm_msg msg;
    MM_TRY(mm_msg_index(&msg, message, arena));
    uint32_t i = mm_msg_count(&msg, MM_VIEW("dkim-signature"));
    uint32_t at = i > 0 ? mm_msg_lowest(&msg, MM_VIEW("dkim-signature")) : MM_FIELD_NONE;
    for (; i-- > 0; at = msg.fields[at].upper_same) {
        struct mm_sig_field field;
        char name[MM_DOMAIN_MAX_BYTES], lower[MM_DOMAIN_MAX_BYTES];
        if (i >= limit)
            continue;
        MM_TRY(mm_sig_field_parse(mm_field_value(&msg, &msg.fields[at]), arena, &field));
        if (field.fault != MM_REASON_NONE)
            continue;
        struct mm_view whole = mm_key_name(field.selector_ascii, field.domain_ascii, name);
        mm_view_lower_to(lower, whole);
        MM_TRY(found(context, (struct mm_view){lower, whole.len}));
    }
    return MM_OK;
}
