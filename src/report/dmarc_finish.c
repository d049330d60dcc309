/*
 * dmarc_finish.c - what can be said of an aggregate report once all of it is read.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/error.h"
#include "report/dmarc_reader.h"
#include "report/dmarc_word.h"
#include "report/plain_value.h"

enum {
    YEAR_1971 = 31536000,
    LONGEST_USUAL = 25 * 3600 /* a day and an hour of slack */
};
#define YEAR_2100 ((int64_t)4102444800)

static struct mm_view absent_if_empty(struct mm_view text)
{
    return text.len > 0 ? text : (struct mm_view){NULL, 0};
}

/* ---- report_metadata ---- */

/* RFC 7489 section 7.2.1.1: receiver "!" policy-domain "!" begin "!" end. */
static struct mm_view receiver_of(const struct mm_report_hints *hints)
{
    struct mm_view receiver = {NULL, 0}, rest, part;
    if (!hints || !mm_view_cut(hints->file_name, '!', &receiver, &rest) ||
        !mm_view_cut(rest, '!', &part, &rest) || !mm_view_cut(rest, '!', &part, &rest))
        return (struct mm_view){NULL, 0};
    return absent_if_empty(mm_view_trim_fws(receiver));
}

static struct mm_view domain_of(struct mm_view email)
{
    const char *at = email.len > 0 ? memrchr(email.data, '@', email.len) : NULL;
    if (!at)
        return (struct mm_view){NULL, 0};
    size_t from = (size_t)(at - email.data) + 1, len = email.len - from;
    while (len > 0 && (at[len] == '>' || mm_is_fws((unsigned char)at[len])))
        len--;
    return absent_if_empty(mm_view_sub(email, from, len));
}

static void finish_org(struct mm_dmarc_reader *r)
{
    struct mm_dmarc_report *report = &r->report;
    if (report->org_name.len > 0)
        return;
    report->org_name = domain_of(report->org_email);
    if (!report->org_name.data)
        report->org_name = receiver_of(r->hints);
    mm_dmarc_note(&report->flags,
                  report->org_name.data ? MM_DMARC_FLAG_ORG_GUESSED : MM_DMARC_FLAG_ORG_MISSING,
                  true);
}

static void finish_id(struct mm_dmarc_report *report)
{
    struct mm_view id = report->report_id_raw;
    bool trimmed = id.len >= 2 && id.data[0] == '<' && id.data[id.len - 1] == '>';
    if (trimmed)
        id = mm_view_trim_fws(mm_view_sub(id, 1, id.len - 2));
    report->report_id = absent_if_empty(id);
    mm_dmarc_note(&report->flags, MM_DMARC_FLAG_ID_TRIMMED, trimmed);
    mm_dmarc_note(&report->flags, MM_DMARC_FLAG_ID_MISSING, id.len == 0);
}

static enum mm_status finish_time(struct mm_dmarc_reader *r, struct mm_view text, int64_t *time)
{
    bool fraction = false;
    if (text.len == 0)
        return mm_dmarc_fail(r, MM_E_SYNTAX, MM_REPORT_FAULT_DMARC_DATES, r->document.text.len);
    if (!mm_plain_integer(text, time, &fraction) || *time > MM_DMARC_TIME_MAX) {
        /* The text is of the document, or was decoded and has no place there. */
        uintptr_t place = (uintptr_t)text.data - (uintptr_t)r->document.text.data;
        return mm_dmarc_fail(r, MM_E_SYNTAX, MM_REPORT_FAULT_DMARC_BAD_DATE,
                             place < r->document.text.len ? place : 0);
    }
    mm_dmarc_note(&r->report.flags, MM_DMARC_FLAG_DATE_FRACTION, fraction);
    mm_dmarc_note(&r->report.flags, MM_DMARC_FLAG_DATE_EPOCH, *time < YEAR_1971);
    mm_dmarc_note(&r->report.flags, MM_DMARC_FLAG_DATE_FUTURE, *time >= YEAR_2100);
    return MM_OK;
}

static enum mm_status finish_range(struct mm_dmarc_reader *r)
{
    struct mm_dmarc_report *report = &r->report;
    MM_TRY(finish_time(r, r->begin_text, &report->begin_time));
    MM_TRY(finish_time(r, r->end_text, &report->end_time));
    int64_t span = report->end_time - report->begin_time;
    mm_dmarc_note(&report->flags, MM_DMARC_FLAG_RANGE_REVERSED, span < 0);
    mm_dmarc_note(&report->flags, MM_DMARC_FLAG_RANGE_ZERO, span == 0);
    mm_dmarc_note(&report->flags, MM_DMARC_FLAG_RANGE_LONG, span > LONGEST_USUAL);
    return MM_OK;
}

/* ---- policy_published ---- */

static bool is_unknown(enum mm_dmarc_place place, struct mm_dmarc_value *value)
{
    mm_dmarc_word_find(place, value);
    return value->word == MM_DMARC_OTHER;
}

static enum mm_status finish_policy(struct mm_dmarc_reader *r)
{
    struct mm_dmarc_report *report = &r->report;
    int64_t pct = MM_NO_NUMBER;
    bool fraction, bad = false;
    bool unknown = is_unknown(MM_DMARC_AT_POLICY, &report->p);
    unknown |= is_unknown(MM_DMARC_AT_POLICY, &report->sp);
    unknown |= is_unknown(MM_DMARC_AT_POLICY, &report->np);
    unknown |= is_unknown(MM_DMARC_AT_MODE, &report->adkim);
    unknown |= is_unknown(MM_DMARC_AT_MODE, &report->aspf);
    unknown |= is_unknown(MM_DMARC_AT_TESTING, &report->testing);
    unknown |= is_unknown(MM_DMARC_AT_METHOD, &report->discovery_method);
    if (r->pct_text.len > 0 && (!mm_plain_integer(r->pct_text, &pct, &fraction) || pct > 100)) {
        unknown = true;
        pct = MM_NO_NUMBER;
    }
    report->pct = (int32_t)pct;
    report->policy_domain = absent_if_empty(report->policy_domain);
    MM_TRY(mm_plain_domain(report->policy_domain, r->arena, &report->policy_domain, &bad));
    mm_dmarc_note(&report->flags, MM_DMARC_FLAG_POLICY_WORD, unknown);
    mm_dmarc_note(&report->flags, MM_DMARC_FLAG_BAD_DOMAIN, bad);
    mm_dmarc_note(&report->flags, MM_DMARC_FLAG_NO_POLICY, !r->policy_seen);
    mm_dmarc_note(&report->flags, MM_DMARC_FLAG_NO_POLICY_DOMAIN, !report->policy_domain.data);
    return MM_OK;
}

static void finish_shape(struct mm_dmarc_reader *r)
{
    struct mm_dmarc_report *report = &r->report;
    bool fresh = mm_view_eq(report->xml_namespace, MM_VIEW("urn:ietf:params:xml:ns:dmarc-2.0")) ||
                 r->extension_seen || report->generator.data || report->np.raw.data ||
                 report->testing.raw.data || report->discovery_method.raw.data;
    report->shape = fresh ? MM_DMARC_RFC9990 : MM_DMARC_RFC7489;
}

/* ---- records ---- */

static bool lacks_selector(const struct mm_dmarc_record *record)
{
    for (uint32_t i = 0; i < record->dkim_count; i++)
        if (record->dkim_results[i].selector.len == 0)
            return true;
    return false;
}

static void add_up(struct mm_dmarc_report *report, const struct mm_dmarc_record *record)
{
    report->message_count += record->count;
    report->dkim_aligned_count += mm_dmarc_dkim_aligned(record) ? record->count : 0;
    report->spf_aligned_count += mm_dmarc_spf_aligned(record) ? record->count : 0;
    report->dmarc_pass_count += mm_dmarc_pass(record) ? record->count : 0;
    report->record_flags |= record->flags;
}

/* The pools have their last place: show each record its parts of them. */
static void finish_records(struct mm_dmarc_reader *r)
{
    struct mm_dmarc_report *report = &r->report;
    report->records = (struct mm_dmarc_record *)(void *)r->records.items;
    report->record_count = r->records.count;
    for (uint32_t i = 0; i < report->record_count; i++) {
        struct mm_dmarc_record *record = &report->records[i];
        record->dkim_results = mm_row_pool_at(&r->dkims, record->first_dkim);
        record->spf_results = mm_row_pool_at(&r->spfs, record->first_spf);
        record->reasons = mm_row_pool_at(&r->reasons, record->first_reason);
        mm_dmarc_note(&record->flags, MM_DMARC_FLAG_NO_SELECTOR,
                      report->shape == MM_DMARC_RFC9990 && lacks_selector(record));
        add_up(report, record);
    }
    mm_dmarc_note(&report->flags, MM_DMARC_FLAG_NO_RECORDS, report->record_count == 0);
    mm_dmarc_note(&report->flags, MM_DMARC_FLAG_RECORDS_SKIPPED, report->skipped_count > 0);
}

enum mm_status mm_dmarc_finish_report(struct mm_dmarc_reader *r, bool recovered)
{
    struct mm_dmarc_report *report = &r->report;
    size_t end = r->document.text.len;
    finish_org(r);
    finish_id(report);
    if (recovered && r->feedback_seen && r->records.count == 0)
        return mm_dmarc_fail(r, MM_E_SYNTAX, MM_REPORT_FAULT_DMARC_NO_RECORD, r->fault_offset);
    if (!r->metadata_seen)
        return mm_dmarc_fail(r, MM_E_SYNTAX, MM_REPORT_FAULT_DMARC_METADATA, end);
    MM_TRY(finish_range(r));
    MM_TRY(finish_policy(r));
    finish_shape(r);
    finish_records(r);
    mm_dmarc_note(&report->flags, MM_DMARC_FLAG_RECOVERED, r->document.replaced > 0);
    mm_dmarc_note(&report->flags, MM_DMARC_FLAG_SALVAGED, recovered || r->document.replaced > 0);
    mm_dmarc_note(&report->flags, MM_DMARC_FLAG_TRUNCATED, r->xml.ended_open);
    mm_dmarc_note(&report->flags, MM_DMARC_FLAG_ENCODING, r->document.mislabelled);
    report->replaced_count = r->document.replaced;
    mm_dmarc_hash_report(report);
    return MM_OK;
}
