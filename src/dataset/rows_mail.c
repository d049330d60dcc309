/*
 * rows_mail.c - the rows of feedback reports and of notices of delivery.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/report_rows_internal.h"

static void put_sample(struct mm_report_rows *r, const struct mm_arf_report *report)
{
    const struct mm_view untold = {NULL, 0};
    mm_rows_word(r, mm_arf_sample_word(report->sample_kind));
    mm_rows_free_text(r, report->sample_message_id);
    mm_rows_text(r, report->sample_from_domain);
    mm_rows_free_text(r, r->subjects ? report->sample_subject : untold);
    mm_rows_free_text(r, report->sample_list_id);
    mm_rows_free_text(r, report->sample_list_unsubscribe);
    mm_rows_free_text(r, report->sample_feedback_id);
    mm_rows_text(r, report->sample_dkim_domain);
    mm_rows_text(r, report->sample_dkim_selector);
}

enum mm_status mm_rows_of_arf(struct mm_report_rows *r, const struct mm_arf_report *report,
                              const struct mm_report_origin *origin, struct mm_error *err)
{
    mm_rows_start(r, err);
    mm_rows_begin(r, MM_TABLE_ARF);
    mm_rows_word(r, mm_arf_kind_word(report->kind));
    mm_rows_text(r, report->feedback_type);
    mm_rows_text(r, report->user_agent);
    mm_rows_text(r, report->version);
    mm_rows_seconds(r, report->arrival_date);
    mm_rows_ip(r, &report->source_ip);
    mm_rows_text(r, report->source_ip_text);
    mm_rows_number(r, report->source_port);
    mm_rows_recipient(r, report->original_mail_from);
    mm_rows_recipients(r, &report->original_rcpt_to);
    mm_rows_texts(r, &report->reported_domain);
    mm_rows_free_texts(r, &report->reported_uri);
    mm_row_int(&r->writer, report->incidents);
    mm_rows_text(r, report->reporting_mta);
    mm_rows_free_text(r, report->original_envelope_id);
    mm_rows_texts(r, &report->auth_failure);
    mm_rows_text(r, report->delivery_result);
    mm_rows_texts(r, &report->identity_alignment);
    mm_rows_text(r, report->dkim_domain);
    mm_rows_text(r, report->dkim_selector);
    mm_rows_text(r, report->dkim_identity);
    mm_rows_text(r, report->spf_dns);
    mm_rows_free_texts(r, &report->authentication_results);
    mm_rows_free_texts(r, &report->unknown_fields);
    put_sample(r, report);
    mm_rows_texts(r, &report->provenance);
    mm_rows_texts(r, &report->flags);
    mm_rows_text(r, report->reporter_domain);
    mm_rows_seconds(r, report->received_at);
    mm_rows_path(r, origin->source_path);
    mm_rows_path(r, origin->member);
    mm_rows_end(r, NULL);
    return r->status;
}

static void put_status(struct mm_report_rows *r, const struct mm_bounce *bounce)
{
    mm_rows_text(r, bounce->action);
    mm_rows_free_text(r, bounce->status);
    mm_rows_number(r, bounce->status_class);
    mm_rows_number(r, bounce->status_subject);
    mm_rows_number(r, bounce->status_detail);
    mm_rows_number(r, bounce->reply_code);
    mm_rows_text(r, bounce->diagnostic_type);
    mm_rows_free_text(r, bounce->diagnostic_code);
    mm_row_string(&r->writer, bounce->reason);
    mm_rows_word(r, mm_bounce_class_word(bounce->bounce_class));
    mm_rows_text(r, bounce->rule_id);
}

static void put_bounce(struct mm_report_rows *r, const struct mm_bounce *bounce,
                       const struct mm_report_origin *origin)
{
    mm_rows_begin(r, MM_TABLE_BOUNCES);
    mm_rows_text(r, bounce->reporting_mta);
    mm_rows_text(r, bounce->remote_mta);
    mm_rows_seconds(r, bounce->arrival_date);
    mm_rows_seconds(r, bounce->last_attempt_date);
    mm_rows_seconds(r, bounce->received_at);
    mm_rows_recipient(r, bounce->final_recipient);
    mm_rows_text(r, bounce->recipient_domain);
    mm_rows_text(r, bounce->provider);
    mm_rows_recipient(r, bounce->original_recipient);
    put_status(r, bounce);
    mm_rows_free_text(r, bounce->original_envelope_id);
    mm_rows_free_text(r, bounce->original_message_id);
    mm_rows_free_text(r, bounce->list_id);
    mm_rows_free_text(r, bounce->feedback_id);
    mm_rows_free_text(r, bounce->verp_token);
    mm_row_bool(&r->writer, bounce->has_delivery_status);
    mm_rows_texts(r, &bounce->flags);
    mm_rows_path(r, origin->source_path);
    mm_rows_path(r, origin->member);
    mm_rows_end(r, NULL);
}

enum mm_status mm_rows_of_notice(struct mm_report_rows *r, const struct mm_notice *notice,
                                 const struct mm_report_origin *origin, struct mm_error *err)
{
    mm_rows_start(r, err);
    for (uint32_t i = 0; i < notice->row_count && r->status == MM_OK; i++)
        put_bounce(r, &notice->rows[i], origin);
    return r->status;
}
