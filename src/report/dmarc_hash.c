/*
 * dmarc_hash.c - by what two aggregate reports are told to be the same.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report/dmarc_reader.h"
#include "report/value_hash.h"

/* "Pass" and "pass" say the same; what is unknown says what is written. */
static void put_value(struct mm_value_hash *h, const struct mm_dmarc_value *value)
{
    mm_value_hash_int(h, value->word);
    if (value->word == MM_DMARC_OTHER)
        mm_value_hash_text(h, value->raw);
}

static void put_key(struct mm_value_hash *h, const struct mm_dmarc_report *report)
{
    mm_value_hash_text(h, report->org_name);
    mm_value_hash_text(h, report->report_id);
    mm_value_hash_text(h, report->policy_domain);
    mm_value_hash_int(h, report->begin_time);
    mm_value_hash_int(h, report->end_time);
}

static void put_head(struct mm_value_hash *h, const struct mm_dmarc_report *report)
{
    const struct mm_dmarc_value *const values[] = {&report->p,
                                                   &report->sp,
                                                   &report->np,
                                                   &report->adkim,
                                                   &report->aspf,
                                                   &report->testing,
                                                   &report->discovery_method};
    put_key(h, report);
    mm_value_hash_text(h, report->org_email);
    mm_value_hash_text(h, report->extra_contact_info);
    mm_value_hash_text(h, report->generator);
    mm_value_hash_int(h, report->errors.count);
    for (uint32_t i = 0; i < report->errors.count; i++)
        mm_value_hash_text(h, report->errors.items[i]);
    for (size_t i = 0; i < MM_COUNT(values); i++)
        put_value(h, values[i]);
    mm_value_hash_text(h, report->fo);
    mm_value_hash_int(h, report->pct);
    mm_value_hash_text(h, report->xml_version);
    mm_value_hash_int(h, report->record_count);
}

static void put_results(struct mm_value_hash *h, const struct mm_dmarc_record *record)
{
    mm_value_hash_int(h, record->reason_count);
    for (uint32_t i = 0; i < record->reason_count; i++) {
        put_value(h, &record->reasons[i].type);
        mm_value_hash_text(h, record->reasons[i].comment);
    }
    mm_value_hash_int(h, record->dkim_count);
    for (uint32_t i = 0; i < record->dkim_count; i++) {
        const struct mm_dmarc_dkim *dkim = &record->dkim_results[i];
        mm_value_hash_text(h, dkim->domain);
        mm_value_hash_text(h, dkim->selector);
        put_value(h, &dkim->result);
        mm_value_hash_text(h, dkim->human_result);
    }
    mm_value_hash_int(h, record->spf_count);
    for (uint32_t i = 0; i < record->spf_count; i++) {
        const struct mm_dmarc_spf *spf = &record->spf_results[i];
        mm_value_hash_text(h, spf->domain);
        put_value(h, &spf->scope);
        put_value(h, &spf->result);
        mm_value_hash_text(h, spf->human_result);
    }
}

static void put_record(struct mm_value_hash *h, const struct mm_dmarc_record *record)
{
    mm_value_hash_text(h, record->source_ip_text);
    mm_value_hash_int(h, record->count);
    put_value(h, &record->disposition);
    put_value(h, &record->dkim);
    put_value(h, &record->spf);
    mm_value_hash_text(h, record->header_from);
    mm_value_hash_text(h, record->envelope_from);
    mm_value_hash_text(h, record->envelope_to);
    put_results(h, record);
}

void mm_dmarc_hash_report(struct mm_dmarc_report *report)
{
    struct mm_value_hash h;
    mm_value_hash_init(&h);
    put_key(&h, report);
    report->report_key = mm_value_hash_result(&h);
    mm_value_hash_init(&h);
    put_head(&h, report);
    for (uint32_t i = 0; i < report->record_count; i++)
        put_record(&h, &report->records[i]);
    report->content_hash = mm_value_hash_result(&h);
}
