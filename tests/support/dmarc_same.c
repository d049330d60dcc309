/*
 * dmarc_same.c - whether two readings of an aggregate report say the same.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "support/dmarc_same.h"

static bool same_text(struct mm_view a, struct mm_view b)
{
    return !a.data == !b.data && mm_view_eq(a, b);
}

static bool same_value(const struct mm_dmarc_value *a, const struct mm_dmarc_value *b)
{
    return a->word == b->word && same_text(a->raw, b->raw);
}

#define SAME(how, member)                                                                          \
    do {                                                                                           \
        if (!(how))                                                                                \
            return #member;                                                                        \
    } while (0)
#define SAME_TEXT(member)   SAME(same_text(a->member, b->member), member)
#define SAME_VALUE(member)  SAME(same_value(&a->member, &b->member), member)
#define SAME_NUMBER(member) SAME(a->member == b->member, member)

static const char *dkim_difference(const struct mm_dmarc_dkim *a, const struct mm_dmarc_dkim *b)
{
    SAME_TEXT(domain);
    SAME_TEXT(selector);
    SAME_VALUE(result);
    SAME_TEXT(human_result);
    return NULL;
}

static const char *spf_difference(const struct mm_dmarc_spf *a, const struct mm_dmarc_spf *b)
{
    SAME_TEXT(domain);
    SAME_VALUE(scope);
    SAME_VALUE(result);
    SAME_TEXT(human_result);
    return NULL;
}

static const char *reason_difference(const struct mm_dmarc_reason *a,
                                     const struct mm_dmarc_reason *b)
{
    SAME_VALUE(type);
    SAME_TEXT(comment);
    return NULL;
}

static const char *record_difference(const struct mm_dmarc_record *a,
                                     const struct mm_dmarc_record *b)
{
    const char *what = NULL;
    SAME_NUMBER(source_ip.present);
    SAME(!a->source_ip.present ||
             memcmp(a->source_ip.bytes, b->source_ip.bytes, sizeof a->source_ip.bytes) == 0,
         source_ip);
    SAME_TEXT(source_ip_text);
    SAME_TEXT(source_ip_raw);
    SAME_NUMBER(count);
    SAME_VALUE(disposition);
    SAME_VALUE(dkim);
    SAME_VALUE(spf);
    SAME_TEXT(header_from);
    SAME_TEXT(envelope_from);
    SAME_TEXT(envelope_to);
    SAME_NUMBER(flags);
    SAME_NUMBER(offset);
    SAME_NUMBER(dkim_count);
    SAME_NUMBER(spf_count);
    SAME_NUMBER(reason_count);
    for (uint32_t i = 0; i < a->dkim_count && !what; i++)
        what = dkim_difference(&a->dkim_results[i], &b->dkim_results[i]);
    for (uint32_t i = 0; i < a->spf_count && !what; i++)
        what = spf_difference(&a->spf_results[i], &b->spf_results[i]);
    for (uint32_t i = 0; i < a->reason_count && !what; i++)
        what = reason_difference(&a->reasons[i], &b->reasons[i]);
    return what;
}

const char *mm_dmarc_difference(const struct mm_dmarc_report *a, const struct mm_dmarc_report *b)
{
    const char *what = NULL;
    SAME_TEXT(org_name);
    SAME_TEXT(org_email);
    SAME_TEXT(extra_contact_info);
    SAME_TEXT(generator);
    SAME_TEXT(report_id);
    SAME_TEXT(report_id_raw);
    SAME_NUMBER(begin_time);
    SAME_NUMBER(end_time);
    SAME_NUMBER(errors.count);
    for (uint32_t i = 0; i < a->errors.count; i++)
        SAME_TEXT(errors.items[i]);
    SAME_TEXT(policy_domain);
    SAME_VALUE(p);
    SAME_VALUE(sp);
    SAME_VALUE(np);
    SAME_VALUE(adkim);
    SAME_VALUE(aspf);
    SAME_VALUE(testing);
    SAME_VALUE(discovery_method);
    SAME_TEXT(fo);
    SAME_NUMBER(pct);
    SAME_TEXT(xml_namespace);
    SAME_TEXT(xml_version);
    SAME_NUMBER(shape);
    SAME_NUMBER(record_count);
    for (uint32_t i = 0; i < a->record_count && !what; i++)
        what = record_difference(&a->records[i], &b->records[i]);
    if (what)
        return what;
    SAME_NUMBER(skipped_count);
    for (uint32_t i = 0; i < a->skipped_count && i < MM_DMARC_SKIPS_MAX; i++) {
        SAME_NUMBER(skips[i].reason);
        SAME_NUMBER(skips[i].offset);
    }
    SAME_NUMBER(message_count);
    SAME_NUMBER(dkim_aligned_count);
    SAME_NUMBER(spf_aligned_count);
    SAME_NUMBER(dmarc_pass_count);
    SAME_NUMBER(flags);
    SAME_NUMBER(record_flags);
    SAME_NUMBER(replaced_count);
    SAME_NUMBER(report_key);
    SAME_NUMBER(content_hash);
    return NULL;
}
