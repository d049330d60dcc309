/*
 * tls_parse.c - one document as a TLS report.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/error.h"
#include "report/date_time.h"
#include "report/plain_value.h"
#include "report/tls_reader.h"
#include "report/value_hash.h"
#include "text/charset.h"

static const char *const flags[] = {
#define MM_TLS_FLAG(name, word, meaning) word,
#include "report/tls_flags.def"
#undef MM_TLS_FLAG
};

const char *mm_tls_flag_word(enum mm_tls_flag flag)
{
    return flags[flag];
}

/* ---- the text ---- */

struct json_text {
    struct mm_view text, source;
    size_t mark_bytes;
    struct mm_charset charset;
};

/* RFC 8259 section 8.1 wants UTF-8 without a mark; some tools of Windows write other forms. */
static enum mm_status make_text(struct mm_tls_reader *r, struct mm_view document,
                                struct json_text *t)
{
    t->charset = (struct mm_charset){.kind = MM_CHARSET_UTF8};
    t->mark_bytes = mm_charset_of_mark(document, &t->charset);
    t->source = mm_view_sub(document, t->mark_bytes, document.len - t->mark_bytes);
    MM_TRY(
        mm_charset_to_utf8(&t->charset, t->source, r->arena, &t->text, &r->report.replaced_count));
    mm_tls_note(r, MM_TLS_FLAG_RECOVERED, r->report.replaced_count > 0);
    return MM_OK;
}

static size_t source_offset(const struct json_text *t, size_t offset)
{
    if (t->text.data == t->source.data)
        return t->mark_bytes + offset;
    return t->mark_bytes + mm_charset_offset(&t->charset, t->source, offset);
}

/* ---- what can be said once all is read ---- */

static struct mm_view absent_if_empty(struct mm_view text)
{
    return text.len > 0 ? text : (struct mm_view){NULL, 0};
}

static enum mm_status finish_time(struct mm_tls_reader *r, struct mm_view text, int64_t *us)
{
    bool zone;
    size_t end = r->json.text.len;
    if (text.len == 0)
        return mm_tls_fail(r, MM_E_SYNTAX, MM_REPORT_FAULT_TLS_DATES, end);
    if (!mm_date_time_parse(text, us, &zone))
        return mm_tls_fail(r, MM_E_SYNTAX, MM_REPORT_FAULT_TLS_BAD_DATE, end);
    mm_tls_note(r, MM_TLS_FLAG_DATE_ZONE, !zone);
    return MM_OK;
}

static enum mm_status finish_range(struct mm_tls_reader *r)
{
    struct mm_tls_report *report = &r->report;
    const int64_t longest_usual = (int64_t)25 * 3600 * 1000000;
    MM_TRY(finish_time(r, r->start_text, &report->start_us));
    MM_TRY(finish_time(r, r->end_text, &report->end_us));
    mm_tls_note(r, MM_TLS_FLAG_RANGE_REVERSED, report->start_us > report->end_us);
    mm_tls_note(r, MM_TLS_FLAG_RANGE_LONG, report->end_us - report->start_us > longest_usual);
    return MM_OK;
}

/* RFC 8460 section 5.1: sender "!" policy-domain "!" begin "!" end; section 5.3: the subject is
 * "Report Domain: policy-domain Submitter: …". */
static struct mm_view domain_from_hints(const struct mm_report_hints *hints)
{
    struct mm_view head, rest, domain, none = {NULL, 0};
    static const struct mm_view label = {"Report Domain:", 14};
    if (!hints)
        return none;
    if (mm_view_cut(hints->file_name, '!', &head, &rest) &&
        mm_view_cut(rest, '!', &domain, &rest) && mm_view_cut(rest, '!', &head, &rest))
        return absent_if_empty(mm_view_trim_fws(domain));
    rest = mm_view_trim_fws(hints->subject);
    if (rest.len < label.len || !mm_view_eq_nocase(mm_view_sub(rest, 0, label.len), label))
        return none;
    rest = mm_view_trim_fws(mm_view_sub(rest, label.len, rest.len - label.len));
    size_t len = 0;
    while (len < rest.len && !mm_is_fws((unsigned char)rest.data[len]))
        len++;
    return absent_if_empty(mm_view_sub(rest, 0, len));
}

static enum mm_status finish_domains(struct mm_tls_reader *r, const struct mm_report_hints *hints)
{
    bool bad;
    struct mm_view guess;
    MM_TRY(mm_plain_domain(domain_from_hints(hints), r->arena, &guess, &bad));
    for (uint32_t i = 0; i < r->report.policy_count; i++) {
        struct mm_tls_policy *policy = &r->report.policies[i];
        if (policy->policy_domain.data)
            continue;
        policy->policy_domain = guess;
        mm_tls_note(r, guess.data ? MM_TLS_FLAG_DOMAIN_GUESSED : MM_TLS_FLAG_DOMAIN_MISSING, true);
    }
    return MM_OK;
}

/* The pools have their last place: give each policy its failures. */
static void finish_policies(struct mm_tls_reader *r)
{
    struct mm_tls_report *report = &r->report;
    uint32_t failure = 0;
    report->policies = mm_row_pool_at(&r->policies, 0);
    report->policy_count = r->policies.count;
    for (uint32_t i = 0; i < report->policy_count; i++) {
        report->policies[i].failures = mm_row_pool_at(&r->failures, failure);
        failure += report->policies[i].failure_count;
    }
    mm_tls_note(r, MM_TLS_FLAG_NO_POLICIES, report->policy_count == 0);
}

/* ---- by what two reports are told to be the same ---- */

static void put_key(struct mm_value_hash *h, const struct mm_tls_report *report)
{
    mm_value_hash_text(h, report->organization_name);
    mm_value_hash_text(h, report->report_id);
    mm_value_hash_int(h, report->start_us);
    mm_value_hash_int(h, report->end_us);
}

static void put_list(struct mm_value_hash *h, const struct mm_text_list *list)
{
    mm_value_hash_int(h, list->count);
    for (uint32_t i = 0; i < list->count; i++)
        mm_value_hash_text(h, list->items[i]);
}

static void put_policy(struct mm_value_hash *h, const struct mm_tls_policy *policy)
{
    mm_value_hash_text(h, policy->policy_type);
    mm_value_hash_text(h, policy->policy_domain);
    put_list(h, &policy->policy_strings);
    put_list(h, &policy->mx_hosts);
    mm_value_hash_int(h, policy->total_successful_session_count);
    mm_value_hash_int(h, policy->total_failure_session_count);
    mm_value_hash_int(h, policy->failure_count);
    for (uint32_t i = 0; i < policy->failure_count; i++) {
        const struct mm_tls_failure *failure = &policy->failures[i];
        mm_value_hash_text(h, failure->result_type);
        mm_value_hash_text(h, failure->sending_mta_ip_text);
        mm_value_hash_text(h, failure->receiving_ip_text);
        mm_value_hash_text(h, failure->receiving_mx_hostname);
        mm_value_hash_text(h, failure->receiving_mx_helo);
        mm_value_hash_int(h, failure->failed_session_count);
        mm_value_hash_text(h, failure->additional_information);
        mm_value_hash_text(h, failure->failure_reason_code);
    }
}

static void hash_report(struct mm_tls_report *report)
{
    struct mm_value_hash h;
    mm_value_hash_init(&h);
    put_key(&h, report);
    report->report_key = mm_value_hash_result(&h);
    mm_value_hash_init(&h);
    put_key(&h, report);
    mm_value_hash_text(&h, report->contact_info);
    mm_value_hash_int(&h, report->policy_count);
    for (uint32_t i = 0; i < report->policy_count; i++)
        put_policy(&h, &report->policies[i]);
    report->content_hash = mm_value_hash_result(&h);
}

/* ---- the document ---- */

static enum mm_status finish_report(struct mm_tls_reader *r, const struct mm_report_hints *hints)
{
    struct mm_tls_report *report = &r->report;
    report->organization_name = absent_if_empty(report->organization_name);
    report->contact_info = absent_if_empty(report->contact_info);
    report->report_id = absent_if_empty(report->report_id);
    mm_tls_note(r, MM_TLS_FLAG_ORG_MISSING, !report->organization_name.data);
    mm_tls_note(r, MM_TLS_FLAG_ID_MISSING, !report->report_id.data);
    if (!r->any_known)
        return mm_tls_fail(r, MM_E_SYNTAX, MM_REPORT_FAULT_TLS_SHAPE, 0);
    MM_TRY(finish_range(r));
    finish_policies(r);
    MM_TRY(finish_domains(r, hints));
    hash_report(report);
    return MM_OK;
}

static enum mm_status read_text(struct mm_tls_reader *r, struct mm_view text)
{
    if (mm_view_trim_fws(text).len == 0)
        return mm_tls_fail(r, MM_E_SYNTAX, MM_REPORT_FAULT_EMPTY, 0);
    mm_json_pull_init(&r->json, text);
    r->json.lone_surrogates_pass = true;
    enum mm_status st = mm_tls_read_document(r);
    r->report.replaced_count += r->json.lone_surrogates;
    mm_tls_note(r, MM_TLS_FLAG_RECOVERED, r->json.lone_surrogates > 0);
    if (st == MM_END)
        return MM_OK;
    if (r->fault == MM_REPORT_FAULT_NONE && st == MM_E_SYNTAX)
        return mm_tls_fail(r, st, MM_REPORT_FAULT_JSON_SYNTAX, r->json.at);
    if (r->fault == MM_REPORT_FAULT_NONE && st == MM_E_LIMIT)
        return mm_tls_fail(r, st, MM_REPORT_FAULT_JSON_DEPTH, r->json.at);
    return st;
}

enum mm_status mm_tls_parse(struct mm_view document, const struct mm_report_hints *hints,
                            struct mm_arena *arena, struct mm_tls_report *report,
                            struct mm_report_fault *fault)
{
    struct mm_tls_reader r = {.arena = arena};
    struct json_text t;
    r.policies = mm_row_pool_of(sizeof(struct mm_tls_policy), 2);
    r.failures = mm_row_pool_of(sizeof(struct mm_tls_failure), 4);
    MM_TRY(make_text(&r, document, &t));
    enum mm_status st = read_text(&r, t.text);
    if (st == MM_OK)
        st = finish_report(&r, hints);
    if (st != MM_OK) {
        *fault = (struct mm_report_fault){
            r.fault, source_offset(&t, r.fault_offset), absent_if_empty(r.report.organization_name),
            absent_if_empty(r.report.report_id), (struct mm_view){NULL, 0}};
        return st;
    }
    *report = r.report;
    return MM_OK;
}
