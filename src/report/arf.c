/*
 * arf.c - failure reports and complaints, one row each (RFC 5965, 6591, 6590, 6692, 9991).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/error.h"
#include "mail/date.h"
#include "report/arf_internal.h"

enum {
    /* Fields of one block that are kept, and entries of one list: real ones have thirty at most. */
    BLOCK_MAX_FIELDS = 1000
};

const char *mm_arf_kind_word(enum mm_arf_kind kind)
{
    static const char *const words[] = {"auth_failure", "complaint", "not_spam", "opt_out",
                                        "other"};
    return words[kind];
}

const char *mm_arf_sample_word(enum mm_arf_sample sample)
{
    static const char *const words[] = {"none", "headers", "full"};
    return words[sample];
}

enum mm_status mm_arf_note(struct mm_arf_job *job, const char *column_and_place)
{
    return mm_text_list_add(&job->report->provenance, mm_view_of(column_and_place), job->arena);
}

enum mm_status mm_arf_flag_add(struct mm_arf_job *job, enum mm_arf_flag flag)
{
    static const char *const words[] = {
#define MM_ARF_FLAG(name, word, meaning) word,
#include "report/arf_flags.def"
#undef MM_ARF_FLAG
    };
    return mm_text_list_add(&job->report->flags, mm_view_of(words[flag]), job->arena);
}

/* "<a@example.org>" without its angle brackets; any other text as it is. */
static struct mm_view bare_address(struct mm_view value)
{
    if (value.len >= 2 && value.data[0] == '<' && value.data[value.len - 1] == '>')
        return mm_view_sub(value, 1, value.len - 2);
    return value;
}

/* The first of several is kept; an empty value says nothing. */
static void take(struct mm_view *to, struct mm_view value)
{
    if (!to->data && value.len)
        *to = value;
}

/* A value without comments, trimmed: "dmarc (policy)" is "dmarc". */
static struct mm_view without_comment(struct mm_view value)
{
    struct mm_view rest;
    mm_view_cut(value, '(', &value, &rest);
    return mm_view_trim_fws(value);
}

/* Words parted by commas (RFC 6591 section 3.1, RFC 9991 section 3), in small letters. */
static enum mm_status take_words(struct mm_arf_job *job, struct mm_text_list *list,
                                 struct mm_view value)
{
    struct mm_view word;
    while (value.len) {
        mm_view_cut(value, ',', &word, &value);
        word = mm_text_lower(without_comment(word), job->arena);
        if (!word.data)
            return MM_E_NOMEM;
        if (word.len)
            MM_TRY(mm_text_list_add(list, word, job->arena));
    }
    return MM_OK;
}

static enum mm_status take_source_ip(struct mm_arf_job *job, struct mm_view value)
{
    struct mm_arf_report *report = job->report;
    if (report->source_ip_text.data)
        return MM_OK;
    report->source_ip_text = value;
    return mm_ip_parse(value, &report->source_ip) ? MM_OK
                                                  : mm_arf_flag_add(job, MM_ARF_FLAG_SOURCE_IP);
}

static enum mm_status take_date(struct mm_arf_job *job, struct mm_view value)
{
    if (job->report->arrival_date != MM_NO_TIME)
        return MM_OK;
    if (mm_date_parse(value, &job->report->arrival_date) == MM_OK)
        return MM_OK;
    job->report->arrival_date = MM_NO_TIME;
    return mm_arf_flag_add(job, MM_ARF_FLAG_ARRIVAL_DATE);
}

static enum mm_status take_number(struct mm_arf_job *job, struct mm_view value, uint64_t most,
                                  int64_t *to, enum mm_arf_flag flag)
{
    uint64_t number;
    if (mm_view_to_u64(without_comment(value), &number) && number >= 1 && number <= most) {
        *to = (int64_t)number;
        return MM_OK;
    }
    return mm_arf_flag_add(job, flag);
}

/* Fields that are one text and end up in a column as they are. */
static struct mm_view *text_column(struct mm_arf_report *report, struct mm_view name)
{
    const struct {
        struct mm_view name;
        struct mm_view *column;
    } columns[] = {
        {MM_VIEW("User-Agent"), &report->user_agent},
        {MM_VIEW("Version"), &report->version},
        {MM_VIEW("Original-Envelope-Id"), &report->original_envelope_id},
        {MM_VIEW("DKIM-Selector"), &report->dkim_selector},
        {MM_VIEW("DKIM-Identity"), &report->dkim_identity},
        {MM_VIEW("SPF-DNS"), &report->spf_dns},
    };
    for (size_t i = 0; i < MM_COUNT(columns); i++)
        if (mm_view_eq_nocase(columns[i].name, name))
            return columns[i].column;
    return NULL;
}

enum arf_field {
    ARF_FEEDBACK_TYPE,
    ARF_SOURCE_IP,
    ARF_SOURCE_PORT,
    ARF_DATE,
    ARF_MAIL_FROM,
    ARF_RCPT_TO,
    ARF_REPORTED_DOMAIN,
    ARF_REPORTED_URI,
    ARF_INCIDENTS,
    ARF_REPORTING_MTA,
    ARF_AUTH_FAILURE,
    ARF_DELIVERY_RESULT,
    ARF_ALIGNMENT,
    ARF_DKIM_DOMAIN,
    ARF_AUTH_RESULTS,
    ARF_UNKNOWN
};

static enum arf_field field_of(struct mm_view name)
{
    static const struct {
        const char *name;
        enum arf_field field;
    } names[] = {
        {"Feedback-Type", ARF_FEEDBACK_TYPE},
        {"Source-IP", ARF_SOURCE_IP},
        {"Source-Port", ARF_SOURCE_PORT},
        {"Arrival-Date", ARF_DATE},
        {"Received-Date", ARF_DATE},
        {"Original-Mail-From", ARF_MAIL_FROM},
        {"Original-Rcpt-To", ARF_RCPT_TO},
        {"Reported-Domain", ARF_REPORTED_DOMAIN},
        {"Reported-URI", ARF_REPORTED_URI},
        {"Incidents", ARF_INCIDENTS},
        {"Reporting-MTA", ARF_REPORTING_MTA},
        {"Auth-Failure", ARF_AUTH_FAILURE},
        {"Delivery-Result", ARF_DELIVERY_RESULT},
        {"Identity-Alignment", ARF_ALIGNMENT},
        {"DKIM-Domain", ARF_DKIM_DOMAIN},
        {"Authentication-Results", ARF_AUTH_RESULTS},
    };
    for (size_t i = 0; i < MM_COUNT(names); i++)
        if (mm_view_eq_nocase(mm_view_of(names[i].name), name))
            return names[i].field;
    return ARF_UNKNOWN;
}

static enum mm_status take_unknown(struct mm_arf_job *job, const struct mm_block_field *field)
{
    size_t len = field->name.len + 2 + field->value.len;
    char *text = mm_arena_alloc(job->arena, len);
    if (!text)
        return MM_E_NOMEM;
    memcpy(text, field->name.data, field->name.len);
    memcpy(text + field->name.len, ": ", 2);
    if (field->value.len)
        memcpy(text + field->name.len + 2, field->value.data, field->value.len);
    return mm_text_list_add(&job->report->unknown_fields, (struct mm_view){text, len}, job->arena);
}

static enum mm_status take_lower(struct mm_arf_job *job, struct mm_view *to, struct mm_view value)
{
    struct mm_view lower = mm_text_lower(value, job->arena);
    take(to, lower);
    return lower.data ? MM_OK : MM_E_NOMEM;
}

static enum mm_status take_field(struct mm_arf_job *job, const struct mm_block_field *field)
{
    struct mm_arf_report *report = job->report;
    struct mm_view value = field->value, type, *column = text_column(report, field->name);
    int64_t number = MM_NO_NUMBER;
    enum mm_status st;
    if (column) {
        take(column, value);
        return MM_OK;
    }
    switch (field_of(field->name)) {
    case ARF_FEEDBACK_TYPE:
        return take_lower(job, &report->feedback_type, without_comment(value));
    case ARF_SOURCE_IP:
        return take_source_ip(job, value);
    case ARF_SOURCE_PORT:
        st = take_number(job, value, 65535, &number, MM_ARF_FLAG_SOURCE_PORT);
        report->source_port = (int32_t)number;
        return st;
    case ARF_DATE:
        return take_date(job, value);
    case ARF_MAIL_FROM:
        /* An empty one is the null sender, and says something. */
        if (!report->original_mail_from.data)
            report->original_mail_from = bare_address(value);
        return MM_OK;
    case ARF_RCPT_TO:
        return mm_text_list_add(&report->original_rcpt_to, bare_address(value), job->arena);
    case ARF_REPORTED_DOMAIN:
        value = mm_text_lower(value, job->arena);
        return value.data ? mm_text_list_add(&report->reported_domain, value, job->arena)
                          : MM_E_NOMEM;
    case ARF_REPORTED_URI:
        return mm_text_list_add(&report->reported_uri, value, job->arena);
    case ARF_INCIDENTS:
        return take_number(job, value, INT64_MAX, &report->incidents, MM_ARF_FLAG_INCIDENTS);
    case ARF_REPORTING_MTA:
        take(&report->reporting_mta, mm_block_typed(value, &type));
        return MM_OK;
    case ARF_AUTH_FAILURE:
        return take_words(job, &report->auth_failure, value);
    case ARF_DELIVERY_RESULT:
        return take_lower(job, &report->delivery_result, without_comment(value));
    case ARF_ALIGNMENT:
        return take_words(job, &report->identity_alignment, value);
    case ARF_DKIM_DOMAIN:
        return take_lower(job, &report->dkim_domain, value);
    case ARF_AUTH_RESULTS:
        return mm_text_list_add(&report->authentication_results, value, job->arena);
    default:
        return take_unknown(job, field);
    }
}

static enum mm_status read_block(struct mm_arf_job *job)
{
    struct mm_view text;
    struct mm_block_iter it;
    struct mm_block_field field;
    enum mm_status st;
    uint32_t count = 0;
    MM_TRY(mm_mime_decode(&job->mime->parts[job->block], job->arena, &text, NULL));
    mm_block_begin(&it, text, job->arena);
    while ((st = mm_block_next(&it, &field)) == MM_OK) {
        if (count++ == BLOCK_MAX_FIELDS)
            return mm_arf_flag_add(job, MM_ARF_FLAG_TOO_MANY_FIELDS);
        MM_TRY(take_field(job, &field));
    }
    return st == MM_END ? MM_OK : st;
}

static enum mm_arf_kind kind_of(struct mm_view type)
{
    static const struct {
        struct mm_view type;
        enum mm_arf_kind kind;
    } kinds[] = {
        {{"auth-failure", 12}, MM_ARF_AUTH_FAILURE},
        {{"dmarc", 5}, MM_ARF_AUTH_FAILURE},
        {{"abuse", 5}, MM_ARF_COMPLAINT},
        {{"fraud", 5}, MM_ARF_COMPLAINT},
        {{"virus", 5}, MM_ARF_COMPLAINT},
        {{"miscategorized", 14}, MM_ARF_NOT_SPAM},
        {{"not-spam", 8}, MM_ARF_NOT_SPAM},
        {{"opt-out", 7}, MM_ARF_OPT_OUT},
        {{"opt-out-list", 12}, MM_ARF_OPT_OUT},
        {{"unsubscribe", 11}, MM_ARF_OPT_OUT},
    };
    for (size_t i = 0; i < MM_COUNT(kinds); i++)
        if (mm_view_eq(kinds[i].type, type))
            return kinds[i].kind;
    return MM_ARF_OTHER;
}

/* The first block of the mail; one that is not inside a message comes before those that are. */
static uint32_t find_block(const struct mm_mime *mime)
{
    uint32_t inside = MM_PART_NONE;
    for (uint32_t i = 0; i < mime->count; i++) {
        if (mime->parts[i].media != MM_MEDIA_FEEDBACK_REPORT)
            continue;
        uint32_t at = i;
        while (at != MM_PART_NONE && mime->parts[at].media != MM_MEDIA_MESSAGE)
            at = mime->parts[at].parent;
        if (at == MM_PART_NONE)
            return i;
        inside = inside == MM_PART_NONE ? i : inside;
    }
    return inside;
}

/* The part that is the message in which a part stands. */
static uint32_t message_of(const struct mm_mime *mime, uint32_t part)
{
    while (mime->parts[part].parent != MM_PART_NONE &&
           mime->parts[mime->parts[part].parent].media != MM_MEDIA_MESSAGE)
        part = mime->parts[part].parent;
    return part;
}

/* Addresses are in one form in all tables; a host name that somebody wrote beside one stays. */
static enum mm_status finish_source_ip(struct mm_arf_job *job)
{
    struct mm_view *text = &job->report->source_ip_text;
    bool alone = true;
    for (size_t at = 0; at < text->len; at++)
        alone = alone && text->data[at] != '(' && !mm_is_fws((unsigned char)text->data[at]);
    if (job->report->source_ip.present && alone)
        *text = mm_ip_text(&job->report->source_ip, *text, job->arena);
    return text->data || !job->report->source_ip.present ? MM_OK : MM_E_NOMEM;
}

/* What the mail says that carries the report, and what it stands in for. */
static enum mm_status read_mail(struct mm_arf_job *job)
{
    const struct mm_msg *mail = job->mime->parts[job->root].msg;
    struct mm_arf_report *report = job->report;
    struct mm_view from = mm_header_line(mail, MM_VIEW("From"), job->arena);
    report->reporter_domain = mm_domain_of(from, job->arena);
    report->received_at = mm_header_date(mail, job->arena);
    if (report->arrival_date != MM_NO_TIME || report->received_at == MM_NO_TIME)
        return MM_OK;
    report->arrival_date = report->received_at;
    return mm_arf_note(job, "arrival_date=mail-date");
}

enum mm_status mm_arf_read(struct mm_mime *mime, struct mm_arena *arena,
                           struct mm_arf_report *report)
{
    struct mm_arf_job job = {.mime = mime, .arena = arena, .report = report};
    *report = (struct mm_arf_report){.arrival_date = MM_NO_TIME,
                                     .received_at = MM_NO_TIME,
                                     .source_port = MM_NO_NUMBER,
                                     .incidents = 1};
    job.block = find_block(mime);
    job.root = job.block == MM_PART_NONE ? 0 : message_of(mime, job.block);
    MM_TRY(mm_arf_find_sample(&job));
    if (job.block != MM_PART_NONE) {
        MM_TRY(read_block(&job));
        report->kind = kind_of(report->feedback_type);
    } else {
        enum mm_status st = mm_arf_read_plain(&job);
        if (st != MM_OK)
            return st;
        MM_TRY(mm_arf_flag_add(&job, MM_ARF_FLAG_NO_FEEDBACK_PART));
    }
    MM_TRY(mm_arf_read_sample(&job));
    MM_TRY(finish_source_ip(&job));
    return read_mail(&job);
}
