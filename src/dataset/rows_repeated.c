/*
 * rows_repeated.c - how much of a report its rows repeat: a text that is said once may stand in
 * each of them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/report_rows.h"
#include "report/dmarc_days.h"

/* Of one report: far above what those of strangers need, which say names of some 50 bytes over a
 * few thousand records; far below what one mail would cost without it, which is hundreds of GiB. */
enum { REPEATED_MAX_BYTES = 256 * 1024 * 1024 };

/*
 * Of all reports of an input, which can be a thousand in an archive of some KB. Rows of reports as
 * they should be repeat less than their report has, and those of a month of busy records, where
 * days are split, some 12 times that. OWN_TIMES is beyond that, and for reports of a few rows over
 * many days, as of 200 records over 200, there is BEYOND_MAX_BYTES. So no such report is refused,
 * however many there are and whatever lies beside it, and what an input becomes is bounded by what
 * it unpacks to.
 */
enum { OWN_TIMES = 32, BEYOND_MAX_BYTES = 16 * 1024 * 1024 };

enum {
    ROW_BYTES = 128, /* numbers, times and flags of a row */
    PART_BYTES = 8   /* an element of a list, were all its texts empty */
};

static bool fits(struct mm_report_rows *r, uint64_t bytes, const struct mm_report_origin *origin)
{
    if (bytes > REPEATED_MAX_BYTES)
        return false;
    uint64_t beyond =
        bytes / OWN_TIMES < origin->document_bytes ? 0 : bytes - OWN_TIMES * origin->document_bytes;
    if (beyond > BEYOND_MAX_BYTES - r->repeated_beyond)
        return false;
    r->repeated_beyond += beyond;
    return true;
}

/* ---- DMARC ---- */

static uint64_t bytes_of_results(const struct mm_dmarc_record *record)
{
    uint64_t parts = (uint64_t)record->reason_count + record->dkim_count + record->spf_count;
    uint64_t bytes = parts * PART_BYTES;
    for (uint32_t i = 0; i < record->reason_count; i++)
        bytes += record->reasons[i].type.raw.len + record->reasons[i].comment.len;
    for (uint32_t i = 0; i < record->dkim_count; i++) {
        const struct mm_dmarc_dkim *dkim = &record->dkim_results[i];
        bytes +=
            dkim->domain.len + dkim->selector.len + dkim->result.raw.len + dkim->human_result.len;
    }
    for (uint32_t i = 0; i < record->spf_count; i++) {
        const struct mm_dmarc_spf *spf = &record->spf_results[i];
        bytes += spf->domain.len + spf->scope.raw.len + spf->result.raw.len + spf->human_result.len;
    }
    return bytes;
}

static uint64_t bytes_of_record(const struct mm_dmarc_record *record)
{
    return record->header_from.len + record->envelope_from.len + record->envelope_to.len +
           record->source_ip_text.len + record->disposition.raw.len + bytes_of_results(record);
}

/* No day has a row without messages, but for the first. */
static uint64_t rows_of_record(const struct mm_dmarc_record *record, uint32_t days)
{
    int64_t most = record->count > 1 ? record->count : 1;
    return most < days ? (uint64_t)most : days;
}

bool mm_rows_of_dmarc_fit(struct mm_report_rows *r, const struct mm_dmarc_report *report,
                          const struct mm_report_origin *origin)
{
    struct mm_day_split split = mm_day_split_of(report->begin_time, report->end_time);
    uint64_t bytes = 0, common = ROW_BYTES + report->org_name.len + report->policy_domain.len +
                                 report->p.raw.len + report->sp.raw.len;
    if (!r->split_days || !mm_day_split_is_split(&split))
        return fits(r, report->record_count * common, origin);
    for (uint32_t i = 0; i < report->record_count; i++) {
        const struct mm_dmarc_record *record = &report->records[i];
        bytes += rows_of_record(record, split.day_count) * (common + bytes_of_record(record));
    }
    return fits(r, bytes, origin);
}

/* ---- TLS ---- */

bool mm_rows_of_tls_fit(struct mm_report_rows *r, const struct mm_tls_report *report,
                        const struct mm_report_origin *origin)
{
    uint64_t bytes = 0, common = ROW_BYTES + report->organization_name.len;
    for (uint32_t i = 0; i < report->policy_count; i++) {
        const struct mm_tls_policy *policy = &report->policies[i];
        bytes += common;
        bytes +=
            policy->failure_count * (common + policy->policy_domain.len + policy->policy_type.len);
    }
    return fits(r, bytes, origin);
}

/* ---- notices of delivery ---- */

bool mm_rows_of_notice_fit(struct mm_report_rows *r, const struct mm_notice *notice,
                           const struct mm_report_origin *origin)
{
    if (notice->row_count == 0)
        return true;
    const struct mm_bounce *any = &notice->rows[0];
    uint64_t common = ROW_BYTES + any->reporting_mta.len + any->original_envelope_id.len +
                      any->original_message_id.len + any->list_id.len + any->feedback_id.len +
                      any->verp_token.len + origin->member.len;
    return fits(r, notice->row_count * common, origin);
}
