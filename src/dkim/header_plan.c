/*
 * header_plan.c - which header fields a signature covers: the signer's list, compiled once.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/header_plan.h"

#include <stdlib.h>

#include "dkim/sig_field.h"

/* What RFC 6376 section 5.4.1 recommends, the one-click header that RFC 8058 section 4 wants
 * covered with List-Unsubscribe, and the Feedback-ID that mailbox providers group complaints by. */
static const char default_headers[] =
    "from:reply-to:subject:date:to:cc:resent-date:resent-from:resent-to:resent-cc:"
    "in-reply-to:references:list-id:list-help:list-unsubscribe:list-unsubscribe-post:"
    "list-subscribe:list-post:list-owner:list-archive:feedback-id";

struct planned_name {
    struct mm_view name;
    uint32_t earlier; /* mentions of the same name before this one */
    uint32_t listed;  /* those among the headers, where this one is oversigned */
};

struct mm_header_plan {
    bool every_instance;
    char *text; /* owned: what the names borrow from */
    struct planned_name *names;
    size_t header_count, count; /* headers, then oversigned ones */
};

/* Add the names of one list; `text` is the plan's own copy of it. */
static enum mm_status add_list(struct mm_header_plan *plan, struct mm_view text, const char *option,
                               struct mm_error *err)
{
    struct mm_view name;
    if (text.len == 0)
        return MM_OK;
    while (mm_header_list_next(&text, &name)) {
        if (!mm_is_field_name(name) || memchr(name.data, ';', name.len))
            return mm_fail(err, MM_E_ARG, "%s: '%.*s' is no header field name", option,
                           (int)(name.len < 80 ? name.len : 80), name.data);
        if (plan->count == MM_SIG_HEADERS_MAX)
            return mm_fail(err, MM_E_ARG, "%s: more than %d names", option, MM_SIG_HEADERS_MAX);
        struct planned_name *entry = &plan->names[plan->count++];
        *entry = (struct planned_name){.name = name};
        for (const struct planned_name *e = plan->names; e < entry; e++) {
            bool same = mm_view_eq_nocase(e->name, name);
            entry->earlier += same;
            entry->listed += same && e < plan->names + plan->header_count;
        }
    }
    return MM_OK;
}

static bool plan_has(const struct mm_header_plan *plan, struct mm_view name, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (mm_view_eq_nocase(plan->names[i].name, name))
            return true;
    return false;
}

static size_t name_bound(const char *list)
{
    size_t count = 1;
    for (const char *at = list; *at; at++)
        count += *at == ':' || *at == ',';
    return count;
}

static enum mm_status compile(struct mm_header_plan *plan, const char *headers,
                              const char *oversign, struct mm_error *err)
{
    size_t headers_len = strlen(headers), oversign_len = strlen(oversign);
    plan->text = malloc(headers_len + oversign_len + 1);
    plan->names = calloc(name_bound(headers) + name_bound(oversign), sizeof *plan->names);
    if (!plan->text || !plan->names)
        return mm_fail(err, MM_E_NOMEM, "no memory for the list of headers");
    memcpy(plan->text, headers, headers_len);
    memcpy(plan->text + headers_len, oversign, oversign_len);
    for (size_t i = 0; i < headers_len + oversign_len; i++)
        if (plan->text[i] == ',')
            plan->text[i] = ':';
    MM_TRY(add_list(plan, (struct mm_view){plan->text, headers_len}, "--headers", err));
    plan->header_count = plan->count;
    MM_TRY(add_list(plan, (struct mm_view){plan->text + headers_len, oversign_len}, "--oversign",
                    err));
    if (!plan_has(plan, MM_VIEW("from"), 0, plan->header_count))
        return mm_fail(err, MM_E_ARG, "--headers: From must be in the list (RFC 6376 section 5.4)");
    if (plan_has(plan, MM_VIEW("dkim-signature"), plan->header_count, plan->count))
        return mm_fail(err, MM_E_ARG,
                       "--oversign: DKIM-Signature: a later signature would break this one");
    return MM_OK;
}

enum mm_status mm_header_plan_new(const char *headers, const char *oversign,
                                  struct mm_header_plan **out, struct mm_error *err)
{
    struct mm_header_plan *plan = calloc(1, sizeof *plan);
    *out = NULL;
    if (!plan)
        return mm_fail(err, MM_E_NOMEM, "no memory for the list of headers");
    plan->every_instance = headers == NULL;
    enum mm_status status =
        compile(plan, headers ? headers : default_headers, oversign ? oversign : "from", err);
    if (status != MM_OK) {
        mm_header_plan_free(&plan);
        return status;
    }
    *out = plan;
    return MM_OK;
}

void mm_header_plan_free(struct mm_header_plan **plan)
{
    if (!*plan)
        return;
    free((*plan)->text);
    free((*plan)->names);
    free(*plan);
    *plan = NULL;
}

/* Instances that the list of headers leaves over, where a name is oversigned first: as long as one
 * is left, the name once more would only cover that. */
static uint32_t left_over(const struct mm_header_plan *plan, const struct planned_name *over,
                          uint32_t instances)
{
    bool again = over->earlier > over->listed;
    if (again || (over->listed && plan->every_instance))
        return 0;
    return instances > over->listed ? instances - over->listed : 0;
}

static void append_name(struct mm_buf *out, struct mm_view name, uint32_t times,
                        struct mm_header_plan_result *result)
{
    for (uint32_t i = 0; i < times; i++) {
        if (result->name_count++ > 0)
            mm_buf_append_char(out, ':');
        mm_buf_append(out, name);
    }
}

struct mm_header_plan_result mm_header_plan_apply(const struct mm_header_plan *plan,
                                                  const struct mm_msg *msg, struct mm_buf *out)
{
    struct mm_header_plan_result result = {.name_count = 0};
    for (size_t i = 0; i < plan->header_count; i++) {
        const struct planned_name *entry = &plan->names[i];
        uint32_t instances = mm_msg_count(msg, entry->name);
        uint32_t times = plan->every_instance ? instances : instances > entry->earlier;
        append_name(out, entry->name, times, &result);
    }
    for (size_t i = plan->header_count; i < plan->count; i++) {
        const struct planned_name *entry = &plan->names[i];
        uint32_t instances = mm_msg_count(msg, entry->name);
        if (instances == 0)
            result.oversigned_absent = true;
        append_name(out, entry->name, left_over(plan, entry, instances) + 1, &result);
    }
    return result;
}
