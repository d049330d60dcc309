/*
 * rows_tls.c - the rows of a TLS report.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/report_rows_internal.h"
#include "report/dmarc_days.h"

static const char *flag_word(unsigned flag)
{
    return mm_tls_flag_word((enum mm_tls_flag)flag);
}

static int64_t day_of(const struct mm_tls_report *report)
{
    int64_t us = report->start_us;
    return mm_day_of(us / 1000000 - (us % 1000000 < 0));
}

static struct mm_view first_domain(const struct mm_tls_report *report)
{
    for (uint32_t i = 0; i < report->policy_count; i++)
        if (report->policies[i].policy_domain.data)
            return report->policies[i].policy_domain;
    return (struct mm_view){NULL, 0};
}

static void put_report(struct mm_report_rows *r, const struct mm_tls_report *report,
                       const struct mm_report_origin *origin, const uint8_t *reading)
{
    mm_rows_begin(r, MM_TABLE_TLS_REPORTS);
    mm_row_int(&r->writer, r->report_key);
    mm_rows_text(r, report->organization_name);
    mm_rows_text(r, report->contact_info);
    mm_rows_text(r, report->report_id);
    mm_row_int(&r->writer, report->start_us);
    mm_row_int(&r->writer, report->end_us);
    mm_rows_text(r, first_domain(report));
    mm_row_int(&r->writer, report->policy_count);
    mm_rows_flags(r, report->flags, flag_word);
    mm_rows_path(r, origin->source_path);
    mm_rows_path(r, origin->member);
    mm_row_int(&r->writer, mm_rows_signed(report->content_hash));
    mm_row_int(&r->writer, (int64_t)origin->document_bytes);
    mm_rows_seconds(r, origin->received_at);
    mm_rows_text(r, origin->reporter_domain);
    mm_rows_end(r, reading);
}

static void put_policy(struct mm_report_rows *r, const struct mm_tls_report *report, uint32_t index,
                       const uint8_t *reading)
{
    const struct mm_tls_policy *policy = &report->policies[index];
    mm_rows_begin(r, MM_TABLE_TLS_POLICIES);
    mm_row_int(&r->writer, r->report_key);
    mm_row_int(&r->writer, index);
    mm_row_int(&r->writer, day_of(report));
    mm_rows_text(r, report->organization_name);
    mm_rows_text(r, policy->policy_domain);
    mm_rows_text(r, policy->policy_type);
    mm_rows_texts(r, &policy->policy_strings);
    mm_rows_text(r, policy->sts_mode);
    mm_rows_text(r, policy->sts_version);
    mm_rows_number(r, policy->sts_max_age);
    mm_rows_texts(r, &policy->mx_hosts);
    mm_rows_number(r, policy->total_successful_session_count);
    mm_rows_number(r, policy->total_failure_session_count);
    mm_rows_end(r, reading);
}

static void put_failure(struct mm_report_rows *r, const struct mm_tls_report *report,
                        uint32_t index, const struct mm_tls_failure *failure,
                        const uint8_t *reading)
{
    const struct mm_tls_policy *policy = &report->policies[index];
    mm_rows_begin(r, MM_TABLE_TLS_FAILURES);
    mm_row_int(&r->writer, r->report_key);
    mm_row_int(&r->writer, index);
    mm_row_int(&r->writer, day_of(report));
    mm_rows_text(r, report->organization_name);
    mm_rows_text(r, policy->policy_domain);
    mm_rows_text(r, policy->policy_type);
    mm_rows_text(r, failure->result_type);
    mm_rows_ip(r, &failure->sending_mta_ip);
    mm_rows_text(r, failure->sending_mta_ip_text);
    mm_rows_text(r, failure->receiving_mx_hostname);
    mm_rows_text(r, failure->receiving_mx_helo);
    mm_rows_ip(r, &failure->receiving_ip);
    mm_rows_text(r, failure->receiving_ip_text);
    mm_rows_number(r, failure->failed_session_count);
    mm_rows_text(r, failure->additional_information);
    mm_rows_text(r, failure->failure_reason_code);
    mm_rows_end(r, reading);
}

/* Sessions that the report is about, as far as a sum of hostile numbers fits. */
static int64_t session_count(const struct mm_tls_report *report)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < report->policy_count; i++) {
        const struct mm_tls_policy *policy = &report->policies[i];
        const int64_t counts[] = {policy->total_successful_session_count,
                                  policy->total_failure_session_count};
        for (size_t k = 0; k < MM_COUNT(counts); k++)
            if (counts[k] > 0 && __builtin_add_overflow(sum, counts[k], &sum))
                return INT64_MAX;
    }
    return sum;
}

enum mm_status mm_rows_of_tls(struct mm_report_rows *r, const struct mm_tls_report *report,
                              const struct mm_report_origin *origin, struct mm_error *err)
{
    uint8_t reading[MM_READING_BYTES];
    const struct mm_rows_claim claim = {.kind = MM_TABLE_TLS_REPORTS,
                                        .org = report->organization_name,
                                        .report_id = report->report_id,
                                        .begin = report->start_us,
                                        .end = report->end_us,
                                        .content_hash = report->content_hash,
                                        .salvaged =
                                            report->flags & MM_TLS_FLAG_BIT(MM_TLS_FLAG_SALVAGED),
                                        .records = report->policy_count,
                                        .messages = session_count(report)};
    mm_rows_start(r, err);
    mm_rows_hold_claim(r, &claim, origin, reading);
    put_report(r, report, origin, reading);
    for (uint32_t i = 0; i < report->policy_count && r->status == MM_OK; i++) {
        put_policy(r, report, i, reading);
        for (uint32_t k = 0; k < report->policies[i].failure_count; k++)
            put_failure(r, report, i, &report->policies[i].failures[k], reading);
    }
    return mm_rows_finish(r);
}
