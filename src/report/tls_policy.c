/*
 * tls_policy.c - a policy of a TLS report and its failures, from texts to values.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/error.h"
#include "report/plain_value.h"
#include "report/tls_reader.h"

/* Whether a word is one of those; it becomes the standard's, so that texts of both are equal. */
static bool take_word(struct mm_view *word, const struct mm_view *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (mm_view_eq_nocase(*word, words[i])) {
            *word = words[i];
            return true;
        }
    return false;
}

/* RFC 8460 section 4.4. */
static bool take_policy_type(struct mm_view *word)
{
    static const struct mm_view words[] = {{"sts", 3}, {"tlsa", 4}, {"no-policy-found", 15}};
    return take_word(word, words, MM_COUNT(words));
}

/* RFC 8460 section 4.3. */
static bool take_result_type(struct mm_view *word)
{
    static const struct mm_view words[] = {
        {"starttls-not-supported", 22}, {"certificate-host-mismatch", 25},
        {"certificate-expired", 19},    {"certificate-not-trusted", 23},
        {"validation-failure", 18},     {"tlsa-invalid", 12},
        {"dnssec-invalid", 14},         {"dane-required", 13},
        {"sts-policy-fetch-error", 22}, {"sts-policy-invalid", 18},
        {"sts-webpki-invalid", 18}};
    return take_word(word, words, MM_COUNT(words));
}

/* RFC 8461 section 3.2. */
static struct mm_view sts_mode(struct mm_view word)
{
    static const struct mm_view words[] = {{"enforce", 7}, {"testing", 7}, {"none", 4}};
    take_word(&word, words, MM_COUNT(words));
    return word;
}

static enum mm_status finish_domain(struct mm_tls_reader *r, struct mm_view *domain)
{
    bool bad; /* characters that make no A-label are kept */
    if (domain->len == 0)
        *domain = (struct mm_view){NULL, 0};
    return mm_plain_domain(*domain, r->arena, domain, &bad);
}

/* ---- MTA-STS (RFC 8461 section 3.2): "key: value" ---- */

static void take_sts_line(struct mm_tls_policy *policy, struct mm_view line)
{
    struct mm_view key, value;
    bool fraction;
    if (!mm_view_cut(line, ':', &key, &value))
        return;
    key = mm_view_trim_fws(key);
    value = mm_view_trim_fws(value);
    if (mm_view_eq_nocase(key, MM_VIEW("version")))
        policy->sts_version = value;
    else if (mm_view_eq_nocase(key, MM_VIEW("mode")))
        policy->sts_mode = sts_mode(value);
    else if (mm_view_eq_nocase(key, MM_VIEW("max_age")) &&
             !mm_plain_integer(value, &policy->sts_max_age, &fraction))
        policy->sts_max_age = MM_NO_NUMBER;
}

/* A string is a line of the policy; some reporters put all lines into one. */
static void finish_sts(struct mm_tls_policy *policy)
{
    policy->sts_max_age = MM_NO_NUMBER;
    if (!mm_view_eq(policy->policy_type, MM_VIEW("sts")))
        return;
    for (uint32_t i = 0; i < policy->policy_strings.count; i++) {
        struct mm_view rest = policy->policy_strings.items[i], line;
        while (rest.len > 0) {
            mm_view_cut(rest, '\n', &line, &rest);
            take_sts_line(policy, line);
        }
    }
}

/* ---- failures ---- */

static enum mm_status finish_ip(struct mm_tls_reader *r, struct mm_ip *ip, struct mm_view *text)
{
    if (text->len == 0) {
        *text = (struct mm_view){NULL, 0};
        return MM_OK;
    }
    if (!mm_ip_parse(*text, ip)) {
        mm_tls_note(r, MM_TLS_FLAG_IP_INVALID, true);
        return MM_OK;
    }
    *text = mm_ip_text(ip, *text, r->arena);
    return text->data ? MM_OK : MM_E_NOMEM;
}

enum mm_status mm_tls_finish_failure(struct mm_tls_reader *r, struct mm_tls_failure *failure)
{
    mm_tls_note(r, MM_TLS_FLAG_UNKNOWN_WORD, !take_result_type(&failure->result_type));
    MM_TRY(finish_ip(r, &failure->sending_mta_ip, &failure->sending_mta_ip_text));
    MM_TRY(finish_ip(r, &failure->receiving_ip, &failure->receiving_ip_text));
    MM_TRY(finish_domain(r, &failure->receiving_mx_hostname));
    return finish_domain(r, &failure->receiving_mx_helo);
}

/* The sessions of the failures are those of the summary, or there are no failures listed. */
static bool sums_agree(const struct mm_tls_reader *r, const struct mm_tls_draft *draft)
{
    int64_t sum = 0, total = draft->policy.total_failure_session_count;
    for (uint32_t i = draft->first_failure; i < r->failures.count; i++) {
        const struct mm_tls_failure *failure = mm_row_pool_at(&r->failures, i);
        if (failure->failed_session_count > 0)
            sum += failure->failed_session_count;
    }
    return r->failures.count == draft->first_failure || sum == (total > 0 ? total : 0);
}

enum mm_status mm_tls_finish_policy(struct mm_tls_reader *r, struct mm_tls_draft *draft)
{
    mm_tls_note(r, MM_TLS_FLAG_UNKNOWN_WORD, !take_policy_type(&draft->policy.policy_type));
    mm_tls_note(r, MM_TLS_FLAG_NO_SUMMARY, !draft->summary_seen);
    mm_tls_note(r, MM_TLS_FLAG_SUM_DIFFERS, !sums_agree(r, draft));
    MM_TRY(finish_domain(r, &draft->policy.policy_domain));
    finish_sts(&draft->policy);
    draft->policy.failure_count = r->failures.count - draft->first_failure;
    struct mm_tls_policy *policy = mm_row_pool_add(&r->policies, r->arena);
    if (!policy)
        return MM_E_NOMEM;
    *policy = draft->policy;
    return MM_OK;
}
