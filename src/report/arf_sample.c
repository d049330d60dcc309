/*
 * arf_sample.c - the message that a feedback report is about, or what is left of it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/error.h"
#include "dkim/tag_list.h"
#include "mail/date.h"
#include "mail/encoded_word.h"
#include "report/arf_internal.h"

static bool is_sample(const struct mm_mime_part *part)
{
    return part->media == MM_MEDIA_MESSAGE || part->media == MM_MEDIA_HEADERS ||
           (mm_view_eq(part->type, MM_VIEW("text")) &&
            mm_view_eq(part->subtype, MM_VIEW("rfc822")));
}

/* The first part behind the block, and within the same message, that can be a sample; without a
 * block, the first one of the message. */
static uint32_t find_part(const struct mm_arf_job *job)
{
    const struct mm_mime *mime = job->mime;
    uint32_t from = job->block == MM_PART_NONE ? job->root + 1 : job->block + 1;
    for (uint32_t i = from; i < mime->parts[job->root].subtree_end; i++)
        if (is_sample(&mime->parts[i]))
            return i;
    for (uint32_t i = job->root + 1; job->block != MM_PART_NONE && i < job->block; i++)
        if (is_sample(&mime->parts[i]))
            return i;
    return MM_PART_NONE;
}

enum mm_status mm_arf_find_sample(struct mm_arf_job *job)
{
    uint32_t at = find_part(job);
    struct mm_view bytes;
    if (at == MM_PART_NONE)
        return MM_OK;
    struct mm_mime_part *part = &job->mime->parts[at];
    MM_TRY(mm_mime_decode(part, job->arena, &bytes, NULL));
    while (bytes.len && mm_is_fws((unsigned char)bytes.data[0]))
        bytes = mm_view_sub(bytes, 1, bytes.len - 1);
    enum mm_status st = mm_msg_index(&job->sample, bytes, job->arena);
    if (st == MM_E_NOMEM)
        return st;
    job->has_sample = st == MM_OK && job->sample.field_count > 0;
    if (job->has_sample)
        job->report->sample_kind = part->media == MM_MEDIA_HEADERS || job->sample.body.len == 0
                                       ? MM_ARF_SAMPLE_HEADERS
                                       : MM_ARF_SAMPLE_FULL;
    return MM_OK;
}

/* d= and s= of the topmost signature. */
static void read_signature(struct mm_arf_job *job)
{
    struct mm_tag_list list;
    struct mm_view field = mm_header_line(&job->sample, MM_VIEW("DKIM-Signature"), job->arena);
    if (!field.data || mm_tag_list_parse(field, &list) != MM_OK)
        return;
    const struct mm_tag *domain = mm_tag_find(&list, MM_VIEW("d"));
    const struct mm_tag *selector = mm_tag_find(&list, MM_VIEW("s"));
    if (domain)
        job->report->sample_dkim_domain = mm_text_lower(domain->value, job->arena);
    if (selector)
        job->report->sample_dkim_selector = selector->value;
}

/* "from host (name [192.0.2.1])": the address in brackets, which the receiver wrote. */
static bool ip_of_received(struct mm_view received, struct mm_view *text, struct mm_ip *ip)
{
    struct mm_view rest = received, inside;
    while (mm_view_cut(rest, '[', &inside, &rest)) {
        struct mm_view behind;
        if (mm_view_cut(rest, ']', &inside, &behind) && mm_ip_parse(inside, ip)) {
            *text = inside;
            return true;
        }
    }
    return false;
}

/* The reporter's own Received field stands in for what a sparse block leaves out. */
static enum mm_status read_received(struct mm_arf_job *job)
{
    struct mm_arf_report *report = job->report;
    struct mm_view received = mm_header_line(&job->sample, MM_VIEW("Received"), job->arena);
    if (!received.data)
        return MM_OK;
    if (!report->source_ip_text.data &&
        ip_of_received(received, &report->source_ip_text, &report->source_ip))
        MM_TRY(mm_arf_note(job, "source_ip=sample-received"));
    if (report->arrival_date == MM_NO_TIME) {
        if (mm_date_of_received(received, &report->arrival_date) == MM_OK)
            return mm_arf_note(job, "arrival_date=sample-received");
        report->arrival_date = MM_NO_TIME;
    }
    return MM_OK;
}

/* The recipient that Microsoft writes in front of the sample. */
static enum mm_status read_recipient(struct mm_arf_job *job)
{
    struct mm_view recipient =
        mm_header_line(&job->sample, MM_VIEW("X-HmXmrOriginalRecipient"), job->arena);
    if (!recipient.len || job->report->original_rcpt_to.count)
        return MM_OK;
    MM_TRY(
        mm_text_list_add(&job->report->original_rcpt_to, mm_text_in_angles(recipient), job->arena));
    return mm_arf_note(job, "original_rcpt_to=sample");
}

static enum mm_status read_domain(struct mm_arf_job *job)
{
    struct mm_arf_report *report = job->report;
    if (report->reported_domain.count || !report->sample_from_domain.len)
        return MM_OK;
    MM_TRY(mm_text_list_add(&report->reported_domain, report->sample_from_domain, job->arena));
    return mm_arf_note(job, "reported_domain=sample");
}

enum mm_status mm_arf_read_sample(struct mm_arf_job *job)
{
    struct mm_arf_report *report = job->report;
    struct mm_arena *arena = job->arena;
    if (!job->has_sample)
        return MM_OK;
    struct mm_view id = mm_header_line(&job->sample, MM_VIEW("Message-ID"), arena);
    struct mm_view from = mm_header_line(&job->sample, MM_VIEW("From"), arena);
    struct mm_view subject = mm_header_line(&job->sample, MM_VIEW("Subject"), arena);
    struct mm_view list_id = mm_header_line(&job->sample, MM_VIEW("List-Id"), arena);
    report->sample_message_id = id.data ? mm_text_in_angles(id) : id;
    report->sample_list_id = list_id.data ? mm_text_in_angles(list_id) : list_id;
    report->sample_list_unsubscribe =
        mm_header_line(&job->sample, MM_VIEW("List-Unsubscribe"), arena);
    report->sample_feedback_id = mm_header_line(&job->sample, MM_VIEW("Feedback-ID"), arena);
    report->sample_from_domain = mm_domain_of(mm_text_in_angles(from), arena);
    if (subject.data)
        MM_TRY(mm_encoded_words_decode(subject, arena, &report->sample_subject, NULL));
    read_signature(job);
    MM_TRY(read_recipient(job));
    MM_TRY(read_received(job));
    return read_domain(job);
}
