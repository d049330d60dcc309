/*
 * bounce.c - notices of delivery, one row a recipient, and mails that look alike.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/error.h"
#include "mail/encoded_word.h"
#include "report/bounce_internal.h"
#include "report/header_line.h"

const char *mm_notice_kind_word(enum mm_notice_kind kind)
{
    static const char *const words[] = {"bounce", "auto-reply", "mdn", "challenge", "mail"};
    return words[kind];
}

const char *mm_bounce_class_word(enum mm_bounce_class kind)
{
    static const char *const words[] = {"hard", "soft", "policy", "delayed", "receipt", "unknown"};
    return words[kind];
}

enum mm_status mm_bounce_add_row(struct mm_bounce_job *job, struct mm_bounce **row)
{
    struct mm_notice *notice = job->notice;
    if (notice->row_count == MM_BOUNCE_MAX_ROWS)
        return MM_E_LIMIT;
    if (notice->row_count == job->row_cap) {
        uint32_t cap = job->row_cap ? job->row_cap * 2 : 2;
        struct mm_bounce *rows = MM_ARENA_ARRAY(job->arena, struct mm_bounce, cap);
        if (!rows)
            return MM_E_NOMEM;
        if (notice->row_count)
            memcpy(rows, notice->rows, notice->row_count * sizeof(*rows));
        notice->rows = rows;
        job->row_cap = cap;
    }
    *row = &notice->rows[notice->row_count++];
    **row = (struct mm_bounce){
        .arrival_date = MM_NO_TIME,
        .last_attempt_date = MM_NO_TIME,
        .received_at = MM_NO_TIME,
        .status_class = MM_NO_NUMBER,
        .status_subject = MM_NO_NUMBER,
        .status_detail = MM_NO_NUMBER,
        .reply_code = MM_NO_NUMBER,
        .bounce_class = MM_BOUNCE_UNKNOWN,
    };
    return MM_OK;
}

enum mm_status mm_bounce_flag_add(struct mm_bounce_job *job, struct mm_bounce *row,
                                  enum mm_bounce_flag flag)
{
    static const char *const words[] = {
#define MM_BOUNCE_FLAG(name, word, meaning) word,
#include "report/bounce_flags.def"
#undef MM_BOUNCE_FLAG
    };
    return mm_text_list_add(&row->flags, mm_view_of(words[flag]), job->arena);
}

/* ---- the mail ---- */

static enum mm_status read_header(struct mm_bounce_job *job)
{
    const struct mm_msg *msg = job->mime->parts[0].msg;
    struct mm_view rest;
    struct mm_view subject = mm_header_line(msg, MM_VIEW("Subject"), job->arena);
    if (subject.data)
        MM_TRY(mm_encoded_words_decode(subject, job->arena, &job->subject, NULL));
    job->subject = mm_bounce_cut(job->subject, MM_NOTICE_MAX_FIELD_BYTES);
    job->sender =
        mm_bounce_cut(mm_header_line(msg, MM_VIEW("From"), job->arena), MM_NOTICE_MAX_FIELD_BYTES);
    job->addressee = mm_header_line(msg, MM_VIEW("To"), job->arena);
    job->failed_recipients = mm_header_line(msg, MM_VIEW("X-Failed-Recipients"), job->arena);
    struct mm_view automatic = mm_header_line(msg, MM_VIEW("Auto-Submitted"), job->arena);
    mm_view_cut(automatic, ';', &automatic, &rest); /* parameters: RFC 3834 section 5 */
    job->auto_submitted = mm_text_lower(mm_view_trim_fws(automatic), job->arena);
    return MM_OK;
}

/* The first part of a kind that is not inside a returned message. */
static struct mm_mime_part *part_of(const struct mm_mime *mime, enum mm_media media)
{
    for (uint32_t i = 0; i < mime->count; i++) {
        if (mime->parts[i].media == media)
            return &mime->parts[i];
        if (mime->parts[i].media == MM_MEDIA_MESSAGE)
            i = mime->parts[i].subtree_end - 1;
    }
    return NULL;
}

/* What the rules say of the mail. */
static struct mm_view word_of(struct mm_bounce_job *job)
{
    struct mm_bounce_facts facts = {.notice = job->words,
                                    .subject = job->subject,
                                    .sender = job->sender,
                                    .auto_submitted = job->auto_submitted,
                                    .status = {-1, -1, -1},
                                    .reply_code = -1};
    return mm_bounce_notice_word(job->matcher, &facts);
}

static enum mm_notice_kind kind_of(struct mm_bounce_job *job)
{
    const struct mm_mime *mime = job->mime;
    if (part_of(mime, MM_MEDIA_DELIVERY_STATUS))
        return MM_NOTICE_BOUNCE;
    if (part_of(mime, MM_MEDIA_DISPOSITION) ||
        mm_view_eq(mime->parts[0].report_type, MM_VIEW("disposition-notification")))
        return MM_NOTICE_MDN;
    struct mm_view word = word_of(job);
    job->delayed = mm_view_eq(word, MM_VIEW("delay"));
    if (job->delayed || job->failed_recipients.len ||
        mm_view_eq(mime->parts[0].report_type, MM_VIEW("delivery-status")))
        return MM_NOTICE_BOUNCE;
    for (int kind = MM_NOTICE_BOUNCE; word.data && kind < MM_NOTICE_NONE; kind++)
        if (mm_view_eq(word, mm_view_of(mm_notice_kind_word(kind))))
            return kind;
    return MM_NOTICE_NONE;
}

/* The text has a field of message/delivery-status at the start of a line: some write it so. */
static struct mm_view groups_in(struct mm_view text)
{
    static const struct mm_view names[] = {
        {"Reporting-MTA:", 14}, {"Final-Recipient:", 16}, {"Original-Recipient:", 19}};
    struct mm_view rest = text, line, from = {NULL, 0};
    bool has_recipient = false;
    while (mm_line_next(&rest, &line)) {
        for (size_t i = 0; i < MM_COUNT(names); i++) {
            if (!mm_view_starts_nocase(line, names[i]))
                continue;
            has_recipient = has_recipient || i > 0;
            if (!from.data)
                from = (struct mm_view){line.data, (size_t)(text.data + text.len - line.data)};
        }
    }
    return has_recipient ? from : (struct mm_view){NULL, 0};
}

/* ---- the returned message ---- */

static struct mm_view message_id(struct mm_bounce_job *job, const struct mm_msg *msg)
{
    struct mm_view id = mm_header_line(msg, MM_VIEW("Message-ID"), job->arena);
    if (!id.data)
        id = mm_header_line(msg, MM_VIEW("X-Original-Message-ID"), job->arena);
    return id.data ? mm_text_in_angles(id) : id;
}

/* An address that says which message and recipient it is for: it has a '=' or a number in it. */
static struct mm_view verp_of(struct mm_view address)
{
    address = mm_text_in_angles(address);
    const char *at = address.len ? memchr(address.data, '@', address.len) : NULL;
    if (!at)
        return (struct mm_view){NULL, 0};
    size_t local = (size_t)(at - address.data), digits = 0;
    for (size_t i = 0; i < local; i++)
        digits += address.data[i] >= '0' && address.data[i] <= '9';
    return memchr(address.data, '=', local) || digits >= 4 ? address : (struct mm_view){NULL, 0};
}

static enum mm_status read_returned(struct mm_bounce_job *job)
{
    struct mm_msg msg;
    struct mm_notice *notice = job->notice;
    struct mm_view list_id = {NULL, 0}, feedback_id = {NULL, 0}, id = {NULL, 0};
    int64_t received_at = mm_header_date(job->mime->parts[0].msg, job->arena);
    struct mm_view bytes = job->returned;
    while (bytes.len && mm_is_fws((unsigned char)bytes.data[0]))
        bytes = mm_view_sub(bytes, 1, bytes.len - 1);
    if (bytes.len) {
        enum mm_status st = mm_msg_index(&msg, bytes, job->arena);
        if (st == MM_E_NOMEM)
            return st;
        if (st == MM_OK) {
            id = message_id(job, &msg);
            list_id = mm_header_line(&msg, MM_VIEW("List-Id"), job->arena);
            feedback_id = mm_header_line(&msg, MM_VIEW("Feedback-ID"), job->arena);
        }
    }
    for (uint32_t i = 0; i < notice->row_count; i++) {
        notice->rows[i].original_message_id = id;
        notice->rows[i].list_id = list_id.data ? mm_text_in_angles(list_id) : list_id;
        notice->rows[i].feedback_id = feedback_id;
        notice->rows[i].verp_token = verp_of(job->addressee);
        notice->rows[i].received_at = received_at;
    }
    return MM_OK;
}

/* ---- all of it ---- */

/* Nobody is named, or nothing of the text is understood: one row that keeps the text. */
static enum mm_status keep_unparsed(struct mm_bounce_job *job)
{
    struct mm_bounce *row;
    MM_TRY(mm_bounce_add_row(job, &row));
    job->notice->unparsed = true;
    return mm_bounce_flag_add(job, row, MM_BOUNCE_FLAG_UNPARSED);
}

/* Rows from the words: of fields as in message/delivery-status, else of lines and sentences. */
static enum mm_status read_text(struct mm_bounce_job *job)
{
    struct mm_view groups = groups_in(job->words);
    if (groups.data)
        MM_TRY(mm_bounce_read_groups(job, groups));
    return job->notice->row_count ? MM_OK : mm_bounce_read_words(job);
}

/* Rows of each message/delivery-status, those of returned notices included. */
static enum mm_status read_parts(struct mm_bounce_job *job)
{
    for (uint32_t i = 0; i < job->mime->count; i++) {
        struct mm_mime_part *part = &job->mime->parts[i];
        struct mm_view groups;
        if (part->media != MM_MEDIA_DELIVERY_STATUS)
            continue;
        MM_TRY(mm_bounce_body(job, part, &groups));
        MM_TRY(mm_bounce_read_groups(job, groups));
        if (job->first_rows == 0)
            job->first_rows = job->notice->row_count;
    }
    return MM_OK;
}

static enum mm_status find_rows(struct mm_bounce_job *job)
{
    MM_TRY(read_parts(job));
    for (uint32_t i = 0; i < job->notice->row_count; i++)
        job->notice->rows[i].has_delivery_status = true;
    if (job->notice->row_count == 0)
        MM_TRY(read_text(job));
    if (job->notice->row_count == 0 && job->whole.len > job->words.len) {
        /* A notice inside the text of another one. */
        job->words = job->whole;
        MM_TRY(read_text(job));
    }
    if (job->notice->row_count == 0)
        MM_TRY(keep_unparsed(job));
    if (job->first_rows == 0)
        job->first_rows = job->notice->row_count;
    return MM_OK;
}

static enum mm_status read_rows(struct mm_bounce_job *job)
{
    enum mm_status st = find_rows(job);
    for (uint32_t i = 0; i < job->notice->row_count && (st == MM_OK || st == MM_E_LIMIT); i++)
        MM_TRY(mm_bounce_finish_row(job, &job->notice->rows[i], i));
    return st;
}

enum mm_status mm_bounce_read(struct mm_bounce_matcher *matcher, struct mm_mime *mime,
                              struct mm_arena *arena, struct mm_notice *notice)
{
    struct mm_bounce_job job = {.matcher = matcher, .mime = mime, .arena = arena, .notice = notice};
    *notice = (struct mm_notice){.kind = MM_NOTICE_NONE};
    MM_TRY(read_header(&job));
    MM_TRY(mm_bounce_find_words(&job));
    notice->text = mm_bounce_kept(job.words);
    notice->kind = kind_of(&job);
    if (notice->kind != MM_NOTICE_BOUNCE)
        return MM_OK;
    enum mm_status st = read_rows(&job);
    if (st == MM_OK || st == MM_E_LIMIT)
        MM_TRY(read_returned(&job));
    return st;
}
