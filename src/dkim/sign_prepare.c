/*
 * sign_prepare.c - whether a message can be signed, and with what: all that precedes hashing.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/error.h"
#include "dkim/domain_name.h"
#include "dkim/sig_field.h"
#include "dkim/sign_batch.h"
#include "dkim/tag_list.h"

/* Offset in the item's bytes of an offset in the message: a separator line may precede it. */
static uint64_t item_offset(const struct mm_sign_item *item, uint64_t message_offset)
{
    return item->msg.from_line.len + message_offset;
}

static void reject(struct mm_sign_item *item, enum mm_sign_outcome outcome, uint64_t offset)
{
    item->outcome = outcome;
    item->offset = offset;
}

static void check_header(const struct mm_sign_worker *w, struct mm_sign_item *item)
{
    const struct mm_msg *msg = &item->msg;
    if (item->bytes.len == 0)
        reject(item, MM_SIGN_EMPTY, MM_NO_OFFSET);
    else if (msg->field_count == 0)
        reject(item, MM_SIGN_NO_HEADER, item_offset(item, 0));
    else if (mm_is_wsp((unsigned char)msg->bytes.data[0]))
        reject(item, MM_SIGN_FOLD_FIRST, item_offset(item, 0));
    else if (msg->header_has_nul)
        reject(item, MM_SIGN_NUL_IN_HEADER,
               item_offset(item,
                           (uint64_t)((const char *)memchr(msg->bytes.data, '\0', msg->bytes.len) -
                                      msg->bytes.data)));
    else if (w->strict_eol && msg->has_bare_lf)
        reject(item, MM_SIGN_BARE_LF, item_offset(item, msg->first_bare_lf));
}

/* The author's address from the one From field. */
static enum mm_status read_author(struct mm_sign_item *item, struct mm_arena *arena,
                                  struct mm_address *author)
{
    const struct mm_msg *msg = &item->msg;
    uint32_t at = mm_msg_lowest(msg, MM_VIEW("from"));
    if (at == MM_FIELD_NONE) {
        reject(item, MM_SIGN_NO_FROM, MM_NO_OFFSET);
        return MM_OK;
    }
    const struct mm_field *from = &msg->fields[at];
    if (from->upper_same != MM_FIELD_NONE) {
        reject(item, MM_SIGN_SEVERAL_FROM, item_offset(item, from->start));
        return MM_OK;
    }
    enum mm_status status = mm_address_first(mm_field_value(msg, from), arena, author);
    if (status == MM_E_SYNTAX)
        reject(item, MM_SIGN_BAD_FROM, item_offset(item, from->start));
    return status == MM_E_SYNTAX ? MM_OK : status;
}

static enum mm_status choose(const struct mm_sign_worker *w, struct mm_arena *arena,
                             struct mm_address author, struct mm_sign_item *item)
{
    struct mm_sign_choice found[MM_SIGN_CHOICES_MAX];
    bool unfit_domain;
    MM_TRY(mm_sign_rules_find(w->rules, author, arena, found, &item->choice_count, &unfit_domain));
    if (item->choice_count == 0) {
        reject(item, unfit_domain ? MM_SIGN_BAD_DOMAIN : MM_SIGN_NO_ROW, MM_NO_OFFSET);
        return MM_OK;
    }
    item->choices = MM_ARENA_ARRAY(arena, struct mm_sign_choice, item->choice_count);
    if (!item->choices)
        return MM_E_NOMEM;
    memcpy(item->choices, found, item->choice_count * sizeof *found);
    return MM_OK;
}

/* The domain of i=, that of the table's row before that of the options; empty without i=. */
static struct mm_view identity_domain(const struct mm_sign_worker *w,
                                      const struct mm_sign_choice *choice)
{
    const char *at = choice->auid.len ? memrchr(choice->auid.data, '@', choice->auid.len) : NULL;
    if (!at)
        return w->identity_domain;
    return (struct mm_view){at + 1, (size_t)(choice->auid.data + choice->auid.len - at) - 1};
}

/* The d= of each choice is sound; whether i= lies in it may depend on the author. */
static void check_identity(const struct mm_sign_worker *w, struct mm_sign_item *item)
{
    for (size_t i = 0; i < item->choice_count; i++) {
        const struct mm_sign_choice *choice = &item->choices[i];
        struct mm_view identity = identity_domain(w, choice);
        if (identity.len > 0 && !mm_domain_is_within(identity, choice->domain))
            reject(item, MM_SIGN_IDENTITY, MM_NO_OFFSET);
    }
}

static bool is_by_a_choice(const struct mm_sign_item *item, struct mm_view signature)
{
    struct mm_tag_list list;
    /* A malformed list still tells by its first tags who meant to sign. */
    enum mm_status status = mm_tag_list_parse(signature, &list);
    (void)status;
    const struct mm_tag *d = mm_tag_find(&list, MM_VIEW("d"));
    const struct mm_tag *s = mm_tag_find(&list, MM_VIEW("s"));
    for (size_t i = 0; d && s && i < item->choice_count; i++)
        if (mm_view_eq_nocase(d->value, item->choices[i].domain) &&
            mm_view_eq_nocase(s->value, item->choices[i].selector))
            return true;
    return false;
}

static void check_already(const struct mm_sign_worker *w, struct mm_sign_item *item)
{
    const struct mm_msg *msg = &item->msg;
    if (w->already == MM_ALREADY_SIGN)
        return;
    for (uint32_t at = mm_msg_lowest(msg, MM_VIEW("dkim-signature")); at != MM_FIELD_NONE;
         at = msg->fields[at].upper_same) {
        const struct mm_field *f = &msg->fields[at];
        if (!is_by_a_choice(item, mm_field_value(msg, f)))
            continue;
        reject(item, w->already == MM_ALREADY_SKIP ? MM_SIGN_DUPLICATE : MM_SIGN_ALREADY,
               item_offset(item, f->start));
        return;
    }
}

/* Which fields the signatures will cover. */
static enum mm_status plan_header(struct mm_sign_worker *w, struct mm_arena *arena,
                                  struct mm_sign_item *item)
{
    mm_buf_clear(&w->names);
    struct mm_header_plan_result plan = mm_header_plan_apply(w->plan, &item->msg, &w->names);
    item->oversigned_absent = plan.oversigned_absent;
    item->names = mm_arena_copy(arena, mm_buf_view(&w->names));
    if (w->names.failed || !item->names.data)
        return MM_E_NOMEM;
    if (plan.name_count > MM_SIG_HEADERS_MAX)
        reject(item, MM_SIGN_TOO_MANY, MM_NO_OFFSET);
    return MM_OK;
}

enum mm_status mm_sign_prepare(struct mm_sign_worker *w, struct mm_arena *arena,
                               struct mm_sign_item *item)
{
    struct mm_address author;
    *item = (struct mm_sign_item){.bytes = item->bytes, .offset = MM_NO_OFFSET};
    enum mm_status status = mm_msg_index(&item->msg, item->bytes, arena);
    if (status == MM_E_LIMIT) {
        reject(item, MM_SIGN_HEADER_TOO_LARGE, MM_NO_OFFSET);
        return MM_OK;
    }
    MM_TRY(status);
    check_header(w, item);
    if (item->outcome == MM_SIGN_OK)
        MM_TRY(read_author(item, arena, &author));
    if (item->outcome == MM_SIGN_OK)
        MM_TRY(choose(w, arena, author, item));
    if (item->outcome == MM_SIGN_OK)
        check_identity(w, item);
    if (item->outcome == MM_SIGN_OK)
        check_already(w, item);
    return item->outcome == MM_SIGN_OK ? plan_header(w, arena, item) : MM_OK;
}
