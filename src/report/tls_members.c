/*
 * tls_members.c - which members the objects of a TLS report have, and where their values go.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/error.h"
#include "report/plain_value.h"
#include "report/tls_reader.h"

/* More sessions a day than there are on earth; sums stay far below 63 bits. */
#define SESSIONS_MAX ((int64_t)1000000000000)

struct member {
    struct mm_view name;
    /* Read the value that comes next; `value` is its first token. */
    enum mm_status (*read)(struct mm_tls_reader *r, const struct mm_json_token *value, void *target,
                           size_t offset);
    size_t offset;
    bool placeholder; /* a name that RFC 8460 gives to the value, not to the member */
};

struct object {
    const struct member *members;
    uint32_t count;
};

#define NAME(text)                                                                                 \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }
#define TEXT(name, type, field)                                                                    \
    {                                                                                              \
        NAME(name), read_text, offsetof(type, field), false                                        \
    }
#define LIST(name, type, field)                                                                    \
    {                                                                                              \
        NAME(name), read_list, offsetof(type, field), false                                        \
    }
#define COUNT(name, type, field)                                                                   \
    {                                                                                              \
        NAME(name), read_count, offsetof(type, field), false                                       \
    }
#define VALUE(name, read)                                                                          \
    {                                                                                              \
        NAME(name), read, 0, false                                                                 \
    }
#define OBJECT(array) ((struct object){array, MM_COUNT(array)})

static void *field_at(void *target, size_t offset)
{
    return (char *)target + offset;
}

static enum mm_status next(struct mm_tls_reader *r, struct mm_json_token *token)
{
    enum mm_status st = mm_json_pull_next(&r->json, token);
    if (st == MM_OK && token->text.len > MM_TLS_TEXT_MAX_BYTES)
        st = mm_tls_fail(r, MM_E_LIMIT, MM_REPORT_FAULT_JSON_TEXT_LENGTH, token->offset);
    return st;
}

static bool opens(const struct mm_json_token *token)
{
    return token->kind == MM_JSON_OBJECT_START || token->kind == MM_JSON_ARRAY_START;
}

/* Step over what is left of a value whose first token was read. */
static enum mm_status skip_rest(struct mm_tls_reader *r, const struct mm_json_token *value)
{
    struct mm_json_token token;
    if (!opens(value))
        return MM_OK;
    for (uint32_t outside = r->json.depth - 1; r->json.depth > outside;) {
        enum mm_status st = next(r, &token);
        if (st != MM_OK)
            return st;
    }
    return MM_OK;
}

static enum mm_status skip_bad(struct mm_tls_reader *r, const struct mm_json_token *value)
{
    mm_tls_note(r, MM_TLS_FLAG_BAD_TYPE, value->kind != MM_JSON_NULL);
    return skip_rest(r, value);
}

static enum mm_status unescape(struct mm_tls_reader *r, struct mm_view raw, struct mm_view *out)
{
    *out = raw;
    if (raw.len > 0 && memchr(raw.data, '\\', raw.len)) {
        char *room = mm_arena_alloc(r->arena, raw.len);
        if (!room)
            return MM_E_NOMEM;
        *out = (struct mm_view){room, mm_json_unescape(raw, false, room)};
    }
    *out = mm_view_trim_fws(*out);
    return MM_OK;
}

static enum mm_status read_text(struct mm_tls_reader *r, const struct mm_json_token *value,
                                void *target, size_t offset)
{
    struct mm_view *to = field_at(target, offset);
    *to = (struct mm_view){NULL, 0};
    if (value->kind == MM_JSON_NUMBER) {
        mm_tls_note(r, MM_TLS_FLAG_BAD_TYPE, true);
        *to = value->text;
        return MM_OK;
    }
    return value->kind == MM_JSON_STRING ? unescape(r, value->text, to) : skip_bad(r, value);
}

static enum mm_status read_count(struct mm_tls_reader *r, const struct mm_json_token *value,
                                 void *target, size_t offset)
{
    int64_t *to = field_at(target, offset);
    bool fraction;
    *to = MM_NO_NUMBER;
    if (value->kind != MM_JSON_NUMBER && value->kind != MM_JSON_STRING)
        return skip_bad(r, value);
    mm_tls_note(r, MM_TLS_FLAG_NUMBER_STRING, value->kind == MM_JSON_STRING);
    if (!mm_plain_integer(value->text, to, &fraction) || *to > SESSIONS_MAX) {
        mm_tls_note(r, MM_TLS_FLAG_BAD_NUMBER, true);
        *to = MM_NO_NUMBER;
    }
    return MM_OK;
}

static enum mm_status too_many(struct mm_tls_reader *r, const struct mm_json_token *token)
{
    return mm_tls_fail(r, MM_E_LIMIT, MM_REPORT_FAULT_TLS_PARTS, token->offset);
}

static enum mm_status add_to_list(struct mm_tls_reader *r, const struct mm_json_token *value,
                                  struct mm_text_list *list)
{
    struct mm_view text;
    if (value->kind != MM_JSON_STRING)
        return skip_bad(r, value);
    if (list->count == MM_TLS_LIST_MAX)
        return too_many(r, value);
    MM_TRY(unescape(r, value->text, &text));
    return text.len > 0 ? mm_text_list_add(list, text, r->arena) : MM_OK;
}

/* Call `one` for each element of an array; what is no array is one element, but for null. */
static enum mm_status each(struct mm_tls_reader *r, const struct mm_json_token *value,
                           enum mm_status (*one)(struct mm_tls_reader *r,
                                                 const struct mm_json_token *value, void *target),
                           void *target)
{
    struct mm_json_token token;
    enum mm_status st = MM_OK;
    if (value->kind == MM_JSON_NULL)
        return MM_OK;
    if (value->kind != MM_JSON_ARRAY_START)
        return one(r, value, target);
    while (st == MM_OK && (st = next(r, &token)) == MM_OK && token.kind != MM_JSON_ARRAY_END)
        st = one(r, &token, target);
    return st;
}

static enum mm_status read_list_item(struct mm_tls_reader *r, const struct mm_json_token *value,
                                     void *target)
{
    return add_to_list(r, value, target);
}

static enum mm_status read_list(struct mm_tls_reader *r, const struct mm_json_token *value,
                                void *target, size_t offset)
{
    struct mm_text_list *list = field_at(target, offset);
    *list = (struct mm_text_list){0};
    return each(r, value, read_list_item, list);
}

static const struct member *find(struct object o, struct mm_view name)
{
    for (uint32_t i = 0; i < o.count; i++)
        if (mm_view_eq(o.members[i].name, name))
            return &o.members[i];
    return NULL;
}

/* Members of an object whose start was read. Of a name that comes twice the last counts. */
static enum mm_status read_object(struct mm_tls_reader *r, struct object o, void *target)
{
    uint32_t seen = 0;
    for (;;) {
        struct mm_json_token name, value;
        enum mm_status st = next(r, &name);
        if (st != MM_OK || name.kind == MM_JSON_OBJECT_END)
            return st;
        const struct member *member = find(o, name.text);
        if ((st = next(r, &value)) != MM_OK)
            return st;
        if (member) {
            uint32_t bit = 1u << (member - o.members);
            mm_tls_note(r, MM_TLS_FLAG_DUPLICATE_KEY, seen & bit);
            mm_tls_note(r, MM_TLS_FLAG_PLACEHOLDER_KEY, member->placeholder);
            seen |= bit;
            st = member->read(r, &value, target, member->offset);
        } else {
            st = skip_rest(r, &value);
        }
        if (st != MM_OK)
            return st;
    }
}

static enum mm_status read_inner(struct mm_tls_reader *r, const struct mm_json_token *value,
                                 struct object o, void *target)
{
    if (value->kind != MM_JSON_OBJECT_START)
        return skip_bad(r, value);
    return read_object(r, o, target);
}

/* ---- a policy ---- */

static enum mm_status read_failure(struct mm_tls_reader *r, const struct mm_json_token *value,
                                   void *target)
{
    static const struct member members[] = {
        TEXT("result-type", struct mm_tls_failure, result_type),
        TEXT("sending-mta-ip", struct mm_tls_failure, sending_mta_ip_text),
        TEXT("receiving-ip", struct mm_tls_failure, receiving_ip_text),
        TEXT("receiving-mx-hostname", struct mm_tls_failure, receiving_mx_hostname),
        TEXT("receiving-mx-helo", struct mm_tls_failure, receiving_mx_helo),
        COUNT("failed-session-count", struct mm_tls_failure, failed_session_count),
        TEXT("additional-information", struct mm_tls_failure, additional_information),
        {NAME("additional-info-uri"), read_text,
         offsetof(struct mm_tls_failure, additional_information), true},
        TEXT("failure-reason-code", struct mm_tls_failure, failure_reason_code)};
    (void)target;
    if (value->kind != MM_JSON_OBJECT_START)
        return skip_bad(r, value);
    if (r->failures.count == MM_TLS_FAILURES_MAX)
        return too_many(r, value);
    struct mm_tls_failure *failure = mm_row_pool_add(&r->failures, r->arena);
    if (!failure)
        return MM_E_NOMEM;
    failure->failed_session_count = MM_NO_NUMBER;
    enum mm_status st = read_object(r, OBJECT(members), failure);
    return st == MM_OK ? mm_tls_finish_failure(r, failure) : st;
}

static enum mm_status read_failures(struct mm_tls_reader *r, const struct mm_json_token *value,
                                    void *target, size_t offset)
{
    const struct mm_tls_draft *draft = target;
    (void)offset;
    r->failures.count = draft->first_failure;
    return each(r, value, read_failure, NULL);
}

static void forget_summary(struct mm_tls_draft *draft)
{
    draft->policy.total_successful_session_count = MM_NO_NUMBER;
    draft->policy.total_failure_session_count = MM_NO_NUMBER;
}

static enum mm_status read_summary(struct mm_tls_reader *r, const struct mm_json_token *value,
                                   void *target, size_t offset)
{
    static const struct member members[] = {
        COUNT("total-successful-session-count", struct mm_tls_draft,
              policy.total_successful_session_count),
        COUNT("total-failure-session-count", struct mm_tls_draft,
              policy.total_failure_session_count)};
    struct mm_tls_draft *draft = target;
    (void)offset;
    forget_summary(draft);
    draft->summary_seen = value->kind == MM_JSON_OBJECT_START;
    return read_inner(r, value, OBJECT(members), draft);
}

static enum mm_status read_policy(struct mm_tls_reader *r, const struct mm_json_token *value,
                                  void *target, size_t offset)
{
    static const struct member members[] = {
        TEXT("policy-type", struct mm_tls_draft, policy.policy_type),
        LIST("policy-string", struct mm_tls_draft, policy.policy_strings),
        TEXT("policy-domain", struct mm_tls_draft, policy.policy_domain),
        LIST("mx-host", struct mm_tls_draft, policy.mx_hosts),
        {NAME("mx-host-pattern"), read_list, offsetof(struct mm_tls_draft, policy.mx_hosts), true}};
    struct mm_tls_policy *policy = &((struct mm_tls_draft *)target)->policy;
    (void)offset;
    policy->policy_type = policy->policy_domain = (struct mm_view){NULL, 0};
    policy->policy_strings = policy->mx_hosts = (struct mm_text_list){0};
    return read_inner(r, value, OBJECT(members), target);
}

static enum mm_status read_entry(struct mm_tls_reader *r, const struct mm_json_token *value,
                                 void *target)
{
    static const struct member members[] = {VALUE("policy", read_policy),
                                            VALUE("summary", read_summary),
                                            VALUE("failure-details", read_failures)};
    struct mm_tls_draft draft = {.first_failure = r->failures.count};
    (void)target;
    forget_summary(&draft);
    if (value->kind != MM_JSON_OBJECT_START)
        return skip_bad(r, value);
    if (r->policies.count == MM_TLS_POLICIES_MAX)
        return too_many(r, value);
    enum mm_status st = read_object(r, OBJECT(members), &draft);
    return st == MM_OK ? mm_tls_finish_policy(r, &draft) : st;
}

/* ---- the report ---- */

static enum mm_status read_policies(struct mm_tls_reader *r, const struct mm_json_token *value,
                                    void *target, size_t offset)
{
    (void)target;
    (void)offset;
    r->any_known = true;
    r->policies.count = r->failures.count = 0;
    return each(r, value, read_entry, NULL);
}

static enum mm_status read_range(struct mm_tls_reader *r, const struct mm_json_token *value,
                                 void *target, size_t offset)
{
    static const struct member members[] = {
        TEXT("start-datetime", struct mm_tls_reader, start_text),
        TEXT("end-datetime", struct mm_tls_reader, end_text)};
    (void)offset;
    r->start_text = r->end_text = (struct mm_view){NULL, 0};
    return read_inner(r, value, OBJECT(members), target);
}

static enum mm_status read_name(struct mm_tls_reader *r, const struct mm_json_token *value,
                                void *target, size_t offset)
{
    r->any_known = true;
    return read_text(r, value, target, offset);
}

enum mm_status mm_tls_read_document(struct mm_tls_reader *r)
{
    static const struct member members[] = {
        {NAME("organization-name"), read_name,
         offsetof(struct mm_tls_reader, report.organization_name), false},
        VALUE("date-range", read_range),
        TEXT("contact-info", struct mm_tls_reader, report.contact_info),
        {NAME("report-id"), read_name, offsetof(struct mm_tls_reader, report.report_id), false},
        VALUE("policies", read_policies)};
    struct mm_json_token token;
    enum mm_status st = next(r, &token);
    if (st != MM_OK)
        return st;
    if (token.kind != MM_JSON_OBJECT_START)
        st = skip_rest(r, &token);
    else
        st = read_object(r, OBJECT(members), r);
    return st == MM_OK ? next(r, &token) : st; /* nothing may follow */
}
