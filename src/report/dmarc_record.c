/*
 * dmarc_record.c - one record of an aggregate report, from texts to values.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/error.h"
#include "report/dmarc_reader.h"
#include "report/dmarc_word.h"
#include "report/plain_value.h"

/* An empty result is that of a check that was not made (RFC 8601 section 2.7). */
static void finish_result(uint64_t *flags, enum mm_dmarc_place place, struct mm_dmarc_value *result)
{
    mm_dmarc_note(flags, MM_DMARC_FLAG_RESULT_ALIAS, mm_dmarc_word_find(place, result));
    mm_dmarc_note(flags, MM_DMARC_FLAG_RESULT_WORD, result->word == MM_DMARC_OTHER);
    if (result->raw.data && result->raw.len == 0) {
        result->word = MM_DMARC_NONE;
        mm_dmarc_note(flags, MM_DMARC_FLAG_RESULT_EMPTY, true);
    }
}

static enum mm_status finish_domain(struct mm_dmarc_reader *r, uint64_t *flags,
                                    struct mm_view *domain)
{
    bool bad = false;
    enum mm_status st = mm_plain_domain(*domain, r->arena, domain, &bad);
    mm_dmarc_note(flags, MM_DMARC_FLAG_BAD_DOMAIN, bad);
    return st;
}

enum mm_status mm_dmarc_finish_dkim(struct mm_dmarc_reader *r, struct mm_dmarc_draft *draft,
                                    void *part)
{
    struct mm_dmarc_dkim *dkim = part;
    finish_result(&draft->record.flags, MM_DMARC_AT_DKIM, &dkim->result);
    return finish_domain(r, &draft->record.flags, &dkim->domain);
}

enum mm_status mm_dmarc_finish_spf(struct mm_dmarc_reader *r, struct mm_dmarc_draft *draft,
                                   void *part)
{
    struct mm_dmarc_spf *spf = part;
    finish_result(&draft->record.flags, MM_DMARC_AT_SPF, &spf->result);
    mm_dmarc_word_find(MM_DMARC_AT_SCOPE, &spf->scope);
    mm_dmarc_note(&draft->record.flags, MM_DMARC_FLAG_RESULT_WORD,
                  spf->scope.word == MM_DMARC_OTHER);
    return finish_domain(r, &draft->record.flags, &spf->domain);
}

enum mm_status mm_dmarc_finish_reason(struct mm_dmarc_reader *r, struct mm_dmarc_draft *draft,
                                      void *part)
{
    struct mm_dmarc_reason *reason = part;
    (void)r;
    mm_dmarc_word_find(MM_DMARC_AT_REASON, &reason->type);
    bool known =
        reason->type.word > MM_DMARC_OTHER || mm_view_eq_nocase(reason->type.raw, MM_VIEW("other"));
    mm_dmarc_note(&draft->record.flags, MM_DMARC_FLAG_REASON_WORD, !known);
    return MM_OK;
}

/* Whether something stood beside the address: brackets, a port, a name. */
static bool was_trimmed(struct mm_view raw, bool v4)
{
    const char *colon = memchr(raw.data, ':', raw.len), *dot = memchr(raw.data, '.', raw.len);
    if (v4 && colon && dot && dot < colon)
        return true;
    for (size_t i = 0; i < raw.len; i++)
        if (!memchr("0123456789abcdefABCDEF.:", raw.data[i], 24))
            return true;
    return false;
}

static enum mm_status finish_ip(struct mm_dmarc_reader *r, struct mm_dmarc_record *record)
{
    struct mm_view raw = record->source_ip_raw;
    record->source_ip_text = raw;
    if (!mm_ip_parse(raw, &record->source_ip)) {
        mm_dmarc_note(&record->flags, MM_DMARC_FLAG_IP_INVALID, true);
        return MM_OK;
    }
    record->source_ip_text = mm_ip_text(&record->source_ip, raw, r->arena);
    if (!record->source_ip_text.data)
        return MM_E_NOMEM;
    if (record->source_ip_text.data != raw.data) {
        bool v4 = mm_ip_is_v4(&record->source_ip), trimmed = was_trimmed(raw, v4);
        bool mapped = v4 && memchr(raw.data, ':', raw.len) && !trimmed;
        mm_dmarc_note(&record->flags, MM_DMARC_FLAG_IP_TRIMMED, trimmed);
        mm_dmarc_note(&record->flags, MM_DMARC_FLAG_IP_MAPPED, mapped);
    }
    return MM_OK;
}

static void finish_evaluated(struct mm_dmarc_record *record)
{
    mm_dmarc_word_find(MM_DMARC_AT_DISPOSITION, &record->disposition);
    mm_dmarc_word_find(MM_DMARC_AT_EVALUATED, &record->dkim);
    mm_dmarc_word_find(MM_DMARC_AT_EVALUATED, &record->spf);
    mm_dmarc_note(&record->flags, MM_DMARC_FLAG_EVALUATION_WORD,
                  record->disposition.word == MM_DMARC_OTHER ||
                      record->dkim.word == MM_DMARC_OTHER || record->spf.word == MM_DMARC_OTHER);
    mm_dmarc_note(&record->flags, MM_DMARC_FLAG_NO_EVALUATION,
                  record->dkim.word == MM_DMARC_ABSENT && record->spf.word == MM_DMARC_ABSENT);
}

static enum mm_status finish_identifiers(struct mm_dmarc_reader *r, struct mm_dmarc_record *record)
{
    MM_TRY(finish_domain(r, &record->flags, &record->header_from));
    MM_TRY(finish_domain(r, &record->flags, &record->envelope_from));
    MM_TRY(finish_domain(r, &record->flags, &record->envelope_to));
    if (record->header_from.len == 0) {
        record->header_from = (struct mm_view){NULL, 0};
        mm_dmarc_note(&record->flags, MM_DMARC_FLAG_NO_HEADER_FROM, true);
    }
    return MM_OK;
}

/* False for a count that cannot be used; *why then says why. */
static bool finish_count(struct mm_dmarc_draft *draft, enum mm_dmarc_skip_reason *why)
{
    struct mm_dmarc_record *record = &draft->record;
    bool fraction = false;
    *why = draft->count_text.len > 0 ? MM_DMARC_SKIP_BAD_COUNT : MM_DMARC_SKIP_NO_COUNT;
    if (!mm_plain_integer(draft->count_text, &record->count, &fraction) ||
        record->count > MM_DMARC_COUNT_MAX)
        return false;
    mm_dmarc_note(&record->flags, MM_DMARC_FLAG_COUNT_FRACTION, fraction);
    mm_dmarc_note(&record->flags, MM_DMARC_FLAG_COUNT_ZERO, record->count == 0);
    return true;
}

static enum mm_status leave_out(struct mm_dmarc_reader *r, const struct mm_dmarc_draft *draft,
                                enum mm_dmarc_skip_reason why)
{
    struct mm_dmarc_report *report = &r->report;
    r->dkims.count = draft->record.first_dkim;
    r->spfs.count = draft->record.first_spf;
    r->reasons.count = draft->record.first_reason;
    if (!report->skips)
        report->skips = MM_ARENA_ARRAY(r->arena, struct mm_dmarc_skip, MM_DMARC_SKIPS_MAX);
    if (!report->skips)
        return MM_E_NOMEM;
    if (report->skipped_count < MM_DMARC_SKIPS_MAX)
        report->skips[report->skipped_count] =
            (struct mm_dmarc_skip){why, mm_xml_document_offset(&r->document, draft->record.offset)};
    report->skipped_count++;
    return MM_OK;
}

static enum mm_status keep_record(struct mm_dmarc_reader *r, const struct mm_dmarc_record *record)
{
    if (r->records.count == MM_DMARC_RECORDS_MAX)
        return mm_dmarc_fail(r, MM_E_LIMIT, MM_REPORT_FAULT_DMARC_RECORDS, record->offset);
    struct mm_dmarc_record *kept = mm_row_pool_add(&r->records, r->arena);
    if (!kept)
        return MM_E_NOMEM;
    *kept = *record;
    return MM_OK;
}

enum mm_status mm_dmarc_finish_record(struct mm_dmarc_reader *r, struct mm_dmarc_draft *draft,
                                      bool whole)
{
    struct mm_dmarc_record *record = &draft->record;
    enum mm_dmarc_skip_reason why = MM_DMARC_SKIP_NOT_WHOLE;
    if (!whole || !finish_count(draft, &why))
        return leave_out(r, draft, why);
    finish_evaluated(record);
    MM_TRY(finish_ip(r, record));
    MM_TRY(finish_identifiers(r, record));
    record->dkim_count = r->dkims.count - record->first_dkim;
    record->spf_count = r->spfs.count - record->first_spf;
    record->reason_count = r->reasons.count - record->first_reason;
    record->like = r->records.count;
    return keep_record(r, record);
}

/* Flags of the address and the count. */
#define OWN_FLAGS                                                                                  \
    (MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_IP_INVALID) | MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_IP_TRIMMED) |   \
     MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_IP_MAPPED) |                                                  \
     MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_COUNT_FRACTION) |                                             \
     MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_COUNT_ZERO))

enum mm_status mm_dmarc_finish_like(struct mm_dmarc_reader *r, struct mm_dmarc_draft *draft,
                                    uint32_t index)
{
    enum mm_dmarc_skip_reason why;
    const struct mm_dmarc_record *other = mm_row_pool_at(&r->records, index);
    if (!finish_count(draft, &why))
        return leave_out(r, draft, why);
    struct mm_dmarc_record record = *other;
    record.source_ip_raw = draft->record.source_ip_raw;
    record.count = draft->record.count;
    record.offset = draft->record.offset;
    record.flags = (other->flags & ~OWN_FLAGS) | draft->record.flags;
    MM_TRY(finish_ip(r, &record));
    return keep_record(r, &record);
}
