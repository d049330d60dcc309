/*
 * arf_plain.c - feedback without a message/feedback-report part, in the forms that are known.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Microsoft's older complaints are a mail with the message attached and no word on it; mail
 * gateways that filter by Exim send failure reports as a text of labelled lines; Apple's mail
 * client asks to be taken off a list. Each says less than a block does.
 */
#include "base/error.h"
#include "mail/date.h"
#include "report/arf_internal.h"

enum { PLAIN_MAX_BYTES = 64 * 1024 }; /* of a text whose lines are looked at */

static struct mm_view behind(struct mm_view text, size_t len)
{
    return mm_view_trim_fws(mm_view_sub(text, len, text.len - len));
}

/* ---- complaints with the message attached ---- */

/* "complaint about message from 192.0.2.1" */
static enum mm_status take_subject_ip(struct mm_arf_job *job, struct mm_view text)
{
    if (!mm_ip_parse(text, &job->report->source_ip))
        return MM_OK;
    job->report->source_ip_text = text;
    return mm_arf_note(job, "source_ip=mail-header");
}

static enum mm_status read_attached(struct mm_arf_job *job)
{
    static const struct mm_view heads[] = {{"complaint about message from ", 29},
                                           {"email feedback report for ip ", 29}};
    const struct mm_mime_part *root = &job->mime->parts[job->root];
    struct mm_view subject = mm_header_line(root->msg, MM_VIEW("Subject"), job->arena);
    bool known = mm_view_eq(root->report_type, MM_VIEW("feedback-report")) ||
                 mm_header_line(&job->sample, MM_VIEW("X-HmXmrOriginalRecipient"), job->arena).data;
    struct mm_view ip = {NULL, 0};
    for (size_t i = 0; i < MM_COUNT(heads); i++)
        if (mm_view_starts_nocase(subject, heads[i]))
            ip = behind(subject, heads[i].len);
    if (!known && !ip.data)
        return MM_END;
    job->report->kind = MM_ARF_COMPLAINT;
    return ip.data ? take_subject_ip(job, ip) : MM_OK;
}

/* ---- failure reports in words ---- */

/* The first text of the message. MM_END where there is none. */
static enum mm_status find_words(struct mm_arf_job *job)
{
    for (uint32_t i = job->root; i < job->mime->parts[job->root].subtree_end; i++) {
        struct mm_mime_part *part = &job->mime->parts[i];
        if (part->media != MM_MEDIA_TEXT_PLAIN || !mm_mime_is_leaf(job->mime, i))
            continue;
        MM_TRY(mm_mime_decode(part, job->arena, &job->words, NULL));
        if (job->words.len > PLAIN_MAX_BYTES)
            job->words.len = PLAIN_MAX_BYTES;
        return MM_OK;
    }
    return MM_END;
}

/* The value of the line that begins with a label; without data where no line does. */
static struct mm_view labelled(struct mm_view words, struct mm_view label)
{
    struct mm_view line;
    while (mm_line_next(&words, &line)) {
        line = mm_view_trim_wsp(line);
        if (mm_view_starts_nocase(line, label))
            return behind(line, label.len);
    }
    return (struct mm_view){NULL, 0};
}

/* The headers of the failed message stand below a line of dashes that says so. */
static enum mm_status take_headers(struct mm_arf_job *job)
{
    struct mm_view rest = job->words, line;
    while (mm_line_next(&rest, &line)) {
        if (!mm_view_starts(line, MM_VIEW("------ This is a copy of")))
            continue;
        while (rest.len && mm_is_fws((unsigned char)rest.data[0]))
            rest = mm_view_sub(rest, 1, rest.len - 1);
        enum mm_status st = mm_msg_index(&job->sample, rest, job->arena);
        if (st == MM_E_NOMEM)
            return st;
        job->has_sample = st == MM_OK && job->sample.field_count > 0;
        job->report->sample_kind = job->has_sample ? MM_ARF_SAMPLE_HEADERS : MM_ARF_SAMPLE_NONE;
        return MM_OK;
    }
    return MM_OK;
}

/* The summary that Exim's filters send: "Sender Domain:", "Sender IP Address:", "Received date:".
 */
static enum mm_status read_summary(struct mm_arf_job *job)
{
    struct mm_arf_report *report = job->report;
    struct mm_view domain = labelled(job->words, MM_VIEW("Sender Domain:"));
    struct mm_view ip = labelled(job->words, MM_VIEW("Sender IP Address:"));
    struct mm_view date = labelled(job->words, MM_VIEW("Received date:"));
    if (!domain.len || !ip.len)
        return MM_END;
    report->kind = MM_ARF_AUTH_FAILURE;
    domain = mm_text_lower(domain, job->arena);
    if (!domain.data)
        return MM_E_NOMEM;
    MM_TRY(mm_text_list_add(&report->reported_domain, domain, job->arena));
    MM_TRY(mm_arf_note(job, "reported_domain=text"));
    report->source_ip_text = ip;
    MM_TRY(mm_ip_parse(ip, &report->source_ip) ? MM_OK
                                               : mm_arf_flag_add(job, MM_ARF_FLAG_SOURCE_IP));
    MM_TRY(mm_arf_note(job, "source_ip=text"));
    if (!date.len || mm_date_parse(date, &report->arrival_date) != MM_OK)
        report->arrival_date = MM_NO_TIME;
    else
        MM_TRY(mm_arf_note(job, "arrival_date=text"));
    return take_headers(job);
}

/* ---- requests to be taken off a list ---- */

static enum mm_status read_unsubscribe(struct mm_arf_job *job)
{
    const struct mm_msg *mail = job->mime->parts[job->root].msg;
    struct mm_view asked = mm_header_line(mail, MM_VIEW("X-Apple-Unsubscribe"), job->arena);
    if (!mm_view_eq_nocase(asked, MM_VIEW("true")))
        return MM_END;
    job->report->kind = MM_ARF_OPT_OUT;
    struct mm_view to = mm_header_line(mail, MM_VIEW("To"), job->arena);
    struct mm_view from = mm_header_line(mail, MM_VIEW("From"), job->arena);
    if (from.len) {
        MM_TRY(
            mm_text_list_add(&job->report->original_rcpt_to, mm_text_in_angles(from), job->arena));
        MM_TRY(mm_arf_note(job, "original_rcpt_to=mail-header"));
    }
    if (to.len) {
        struct mm_view domain = mm_domain_of(mm_text_in_angles(to), job->arena);
        if (domain.len)
            MM_TRY(mm_text_list_add(&job->report->reported_domain, domain, job->arena));
        MM_TRY(mm_arf_note(job, "reported_domain=mail-header"));
    }
    return MM_OK;
}

enum mm_status mm_arf_read_plain(struct mm_arf_job *job)
{
    enum mm_status st = read_unsubscribe(job);
    if (st == MM_END && job->has_sample)
        st = read_attached(job);
    if (st == MM_END)
        st = find_words(job);
    else
        return st;
    return st == MM_OK ? read_summary(job) : st;
}
