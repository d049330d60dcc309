/*
 * bounce_row.c - what follows from the fields of a row: host, provider, codes, cause and class.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/error.h"
#include "report/bounce_internal.h"
#include "report/header_line.h"

/* Rows whose words are looked for in the notice, each with a pass over it. */
enum { ROWS_LOOKED_UP = 64 };

static bool is_host_byte(char c)
{
    unsigned char lower = mm_ascii_lower((unsigned char)c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
}

struct mm_view mm_bounce_host(struct mm_bounce_job *job, struct mm_view value)
{
    struct mm_view type, host = mm_block_typed(value, &type);
    size_t len = 0;
    bool literal = host.len && host.data[0] == '[';
    if (literal)
        host = mm_view_sub(host, 1, host.len - 1);
    while (len < host.len && (is_host_byte(host.data[len]) || (literal && host.data[len] == ':')))
        len++;
    while (len && host.data[len - 1] == '.')
        len--;
    return len ? mm_text_lower(mm_view_sub(host, 0, len), job->arena) : (struct mm_view){NULL, 0};
}

struct mm_view mm_bounce_host_in(struct mm_bounce_job *job, struct mm_view text)
{
    static const struct mm_view before[] = {
        {"host ", 5},
        {"connect to ", 11},
        {"talking to ", 11},
        {"conversation with ", 18},
        {"by the server for the recipient domain ", 39},
        {"SMTP Server <", 13},
        {"Server ", 7},
    };
    for (size_t at = 0; at < text.len; at++) {
        if (!mm_is_one_of((char)mm_ascii_lower((unsigned char)text.data[at]), "hctbs"))
            continue;
        struct mm_view rest = mm_view_sub(text, at, text.len - at);
        for (size_t i = 0; i < MM_COUNT(before); i++) {
            if (!mm_view_starts_nocase(rest, before[i]))
                continue;
            struct mm_view host = mm_bounce_host(
                job, mm_view_trim_fws(mm_view_sub(rest, before[i].len, rest.len - before[i].len)));
            if (host.data && memchr(host.data, '.', host.len))
                return host;
        }
    }
    return (struct mm_view){NULL, 0};
}

/* ---- codes, cause and class ---- */

/*
 * Fill `status_*` and `reply_code`. What the diagnostic says is nearer to the cause than Status,
 * unless it says nothing more than "x.0.0". RFC 3463 section 2 has no code for a reply alone: its
 * first digit then makes one, which is flagged.
 */
static enum mm_status read_codes(struct mm_bounce_job *job, struct mm_bounce *row,
                                 struct mm_view text)
{
    struct mm_reply_codes codes = mm_reply_find(text);
    int32_t status[3] = {MM_NO_NUMBER, MM_NO_NUMBER, MM_NO_NUMBER};
    bool has_status = row->status.data && mm_status_parse(row->status, status);
    if (!has_status || codes.status[1] > 0 || codes.status[2] > 0)
        memcpy(status, codes.status, sizeof(status));
    bool from_reply = status[0] < 0 && codes.reply >= 0;
    row->status_class = from_reply ? codes.reply / 100 : status[0];
    row->status_subject = from_reply ? 0 : status[1];
    row->status_detail = from_reply ? 0 : status[2];
    row->reply_code = codes.reply;
    return from_reply ? mm_bounce_flag_add(job, row, MM_BOUNCE_FLAG_STATUS_FROM_REPLY) : MM_OK;
}

/* A piece of text without header, action or code may be about a first attempt. */
static bool is_final(const struct mm_bounce_job *job, const struct mm_bounce *row)
{
    return row->action.len || row->status_class >= 0 || job->mime->parts[0].msg->field_count;
}

static enum mm_bounce_class class_of(const struct mm_bounce_job *job, const struct mm_bounce *row,
                                     struct mm_bounce_cause cause)
{
    static const struct mm_view receipts[] = {
        {"delivered", 9}, {"relayed", 7}, {"expanded", 8}, {"deliverable", 11}};
    bool temporary = row->status_class == 4;
    if (mm_view_eq(row->action, MM_VIEW("delayed")))
        return MM_BOUNCE_DELAYED;
    for (size_t i = 0; i < MM_COUNT(receipts); i++)
        if (mm_view_eq(row->action, receipts[i]))
            return MM_BOUNCE_RECEIPT;
    if (mm_view_eq(cause.reason, MM_VIEW("delivered")))
        return MM_BOUNCE_RECEIPT;
    switch (cause.reason_class) {
    case MM_REASON_CLASS_HARD:
        /* Hosts come back. An address that failed for good is gone, whatever the code of the last
         * attempt: unverified recipients and unknown users of some servers get 450 for ever. */
        if (temporary && !(mm_view_eq(cause.reason, MM_VIEW("userunknown")) &&
                           mm_view_eq(row->action, MM_VIEW("failed"))))
            return MM_BOUNCE_SOFT;
        if (job->notice->unparsed)
            return MM_BOUNCE_UNKNOWN; /* whose address it is about is not known */
        return is_final(job, row) ? MM_BOUNCE_HARD : MM_BOUNCE_SOFT;
    case MM_REASON_CLASS_SOFT:
        return MM_BOUNCE_SOFT;
    case MM_REASON_CLASS_POLICY:
        return MM_BOUNCE_POLICY;
    default:
        return temporary ? MM_BOUNCE_SOFT : MM_BOUNCE_UNKNOWN;
    }
}

/* The words of the notice are on this row and no other. */
static bool is_alone(const struct mm_bounce_job *job, uint32_t index)
{
    return index == 0 && job->first_rows == 1;
}

static void find_provider(struct mm_bounce_job *job, struct mm_bounce *row)
{
    const struct mm_bounce_rules *rules = mm_bounce_matcher_rules(job->matcher);
    row->provider = mm_bounce_provider(rules, row->remote_mta);
    if (!row->provider.data)
        row->provider = mm_bounce_provider(rules, row->recipient_domain);
}

/* Who runs the host that wrote the notice. */
static struct mm_view via_of(struct mm_bounce_job *job, const struct mm_bounce *row)
{
    const struct mm_bounce_rules *rules = mm_bounce_matcher_rules(job->matcher);
    struct mm_view via = mm_bounce_provider(rules, row->reporting_mta);
    if (via.data)
        return via;
    return mm_bounce_provider(rules, mm_domain_of(mm_text_in_angles(job->sender), job->arena));
}

/* The command that was answered: said with the answer, or where the notice speaks of the recipient,
 * or anywhere in the notice on this one alone. */
static struct mm_view command_of(struct mm_bounce_job *job, const struct mm_bounce *row,
                                 uint32_t index, struct mm_view text)
{
    struct mm_view command = mm_reply_command(text);
    if (!command.data && index < ROWS_LOOKED_UP)
        command = mm_reply_command(mm_bounce_words_on(job, row->final_recipient));
    if (!command.data && is_alone(job, index))
        command = mm_reply_command(job->words);
    return command;
}

static struct mm_bounce_cause cause_of(struct mm_bounce_job *job, const struct mm_bounce *row,
                                       uint32_t index, struct mm_view text)
{
    struct mm_bounce_facts facts = {
        .text = mm_reply_joined(text, job->arena),
        .notice = is_alone(job, index) ? job->words : (struct mm_view){NULL, 0},
        .subject = job->subject,
        .sender = job->sender,
        .provider = row->provider,
        .via = via_of(job, row),
        .command = command_of(job, row, index, text),
        .action = row->action,
        .type = row->diagnostic_type,
        .status = {row->status_class, row->status_subject, row->status_detail},
        .reply_code = row->reply_code,
    };
    return mm_bounce_classify(job->matcher, &facts);
}

static enum mm_status classify(struct mm_bounce_job *job, struct mm_bounce *row, uint32_t index,
                               struct mm_view text)
{
    MM_TRY(read_codes(job, row, text));
    struct mm_bounce_cause cause = cause_of(job, row, index, text);
    if (!cause.rule_id.data && is_alone(job, index) && !row->has_delivery_status) {
        /* Some say why before they say who. */
        MM_TRY(read_codes(job, row, job->words));
        cause = cause_of(job, row, index, job->words);
    }
    /* sisimai's word for a text that says nothing known. */
    row->reason = cause.rule_id.data || text.len == 0 ? cause.reason : MM_VIEW("onhold");
    row->rule_id = cause.rule_id;
    row->bounce_class = class_of(job, row, cause);
    if (job->delayed && !row->has_delivery_status)
        row->bounce_class = MM_BOUNCE_DELAYED;
    return MM_OK;
}

/* What is known of a recipient in words: the diagnostic, or the words on it, or all words. */
static struct mm_view text_on(struct mm_bounce_job *job, struct mm_bounce *row, uint32_t index)
{
    struct mm_view text = mm_view_trim_fws(row->diagnostic_code);
    if (text.len == 0 && index < ROWS_LOOKED_UP)
        text = mm_view_trim_fws(mm_bounce_words_on(job, row->final_recipient));
    if (text.len == 0 && is_alone(job, index))
        text = mm_view_trim_fws(job->words);
    return text;
}

enum mm_status mm_bounce_finish_row(struct mm_bounce_job *job, struct mm_bounce *row,
                                    uint32_t index)
{
    if (!row->final_recipient.len)
        row->final_recipient = row->original_recipient;
    row->recipient_domain = mm_domain_of(row->final_recipient, job->arena);
    struct mm_view text = text_on(job, row, index);
    row->diagnostic_code = mm_text_one_line(mm_bounce_kept(text), job->arena);
    if (!row->remote_mta.data)
        row->remote_mta = mm_bounce_host_in(job, row->diagnostic_code);
    find_provider(job, row);
    MM_TRY(classify(job, row, index, text));
    return row->diagnostic_code.data || !text.data ? MM_OK : MM_E_NOMEM;
}
