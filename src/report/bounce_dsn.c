/*
 * bounce_dsn.c - rows from the groups of fields of message/delivery-status (RFC 3464, RFC 6533).
 * SPDX-License-Identifier: Apache-2.0
 *
 * The standard has one group on the message, then one for each recipient. Groups come in other
 * orders, are missing, or are torn by empty lines; so a field is taken for what its name says, and
 * a new row begins where a field comes that the row at hand has already.
 */
#include "base/error.h"
#include "mail/date.h"
#include "report/bounce_internal.h"
#include "report/dsn_recipient.h"

/* What the notice says of the message: copied to all rows at the end. */
struct of_message {
    struct mm_view reporting_mta, original_envelope_id;
    int64_t arrival_date;
};

enum dsn_field {
    DSN_OTHER,
    DSN_REPORTING_MTA,
    DSN_ENVELOPE_ID,
    DSN_ARRIVAL_DATE,
    DSN_ORIGINAL_RECIPIENT, /* from here on: of one recipient */
    DSN_FINAL_RECIPIENT,
    DSN_ACTION,
    DSN_STATUS,
    DSN_REMOTE_MTA,
    DSN_DIAGNOSTIC,
    DSN_LAST_ATTEMPT
};

static enum dsn_field field_of(struct mm_view name)
{
    static const struct {
        struct mm_view name;
        enum dsn_field field;
    } names[] = {
        {{"Reporting-MTA", 13}, DSN_REPORTING_MTA},
        {{"Original-Envelope-Id", 20}, DSN_ENVELOPE_ID},
        {{"Arrival-Date", 12}, DSN_ARRIVAL_DATE},
        {{"Original-Recipient", 18}, DSN_ORIGINAL_RECIPIENT},
        {{"Final-Recipient", 15}, DSN_FINAL_RECIPIENT},
        {{"Action", 6}, DSN_ACTION},
        {{"Status", 6}, DSN_STATUS},
        {{"Remote-MTA", 10}, DSN_REMOTE_MTA},
        {{"Diagnostic-Code", 15}, DSN_DIAGNOSTIC},
        {{"Last-Attempt-Date", 17}, DSN_LAST_ATTEMPT},
    };
    for (size_t i = 0; i < MM_COUNT(names); i++)
        if (mm_view_eq_nocase(name, names[i].name))
            return names[i].field;
    return DSN_OTHER;
}

static int64_t date_of(struct mm_view value)
{
    int64_t seconds;
    return mm_date_parse(value, &seconds) == MM_OK ? seconds : MM_NO_TIME;
}

static void take(struct mm_view *to, struct mm_view value)
{
    if (!to->data)
        *to = value;
}

static enum mm_status take_recipient(struct mm_bounce_job *job, struct mm_view *to,
                                     struct mm_view value)
{
    return to->data ? MM_OK : mm_dsn_recipient(value, job->arena, to);
}

/* Type and text; a text without a type keeps its semicolons: "said: 550; see …" */
static void take_diagnostic(struct mm_bounce_job *job, struct mm_bounce *row, struct mm_view value)
{
    struct mm_view type, text = mm_block_typed(value, &type);
    if (row->diagnostic_code.data && row->diagnostic_code.len)
        return;
    bool is_type = type.data && type.len && !memchr(type.data, ' ', type.len);
    row->diagnostic_type = is_type ? mm_text_lower(type, job->arena) : (struct mm_view){NULL, 0};
    row->diagnostic_code = is_type ? text : value;
}

static enum mm_status take_of_recipient(struct mm_bounce_job *job, struct mm_bounce *row,
                                        enum dsn_field field, struct mm_view value)
{
    struct mm_view type;
    switch (field) {
    case DSN_ORIGINAL_RECIPIENT:
        return take_recipient(job, &row->original_recipient, value);
    case DSN_FINAL_RECIPIENT:
        return take_recipient(job, &row->final_recipient, value);
    case DSN_ACTION:
        /* "failed (bad host)": the comment is not part of the word. */
        mm_view_cut(value, '(', &value, &type);
        take(&row->action, mm_text_lower(mm_view_trim_fws(value), job->arena));
        break;
    case DSN_STATUS:
        take(&row->status, value);
        break;
    case DSN_REMOTE_MTA:
        take(&row->remote_mta, mm_bounce_host(job, value));
        break;
    case DSN_DIAGNOSTIC:
        take_diagnostic(job, row, value);
        break;
    case DSN_LAST_ATTEMPT:
        row->last_attempt_date = date_of(value);
        break;
    default:
        break;
    }
    return MM_OK;
}

static void take_of_message(struct mm_bounce_job *job, struct of_message *message,
                            enum dsn_field field, struct mm_view value)
{
    if (field == DSN_REPORTING_MTA)
        take(&message->reporting_mta, mm_bounce_host(job, value));
    else if (field == DSN_ENVELOPE_ID)
        take(&message->original_envelope_id, value);
    else if (field == DSN_ARRIVAL_DATE && message->arrival_date == MM_NO_TIME)
        message->arrival_date = date_of(value);
}

/* Whether the field is of another recipient than the row. An empty line is a border only where the
 * row would get what it has; without one, only Final-Recipient is. */
static bool begins_row(const struct mm_bounce *row, enum dsn_field field, bool after_blank)
{
    switch (field) {
    case DSN_FINAL_RECIPIENT:
        return row->final_recipient.data != NULL;
    case DSN_ORIGINAL_RECIPIENT:
        return after_blank && (row->original_recipient.data || row->final_recipient.data);
    case DSN_ACTION:
        return after_blank && row->action.data;
    case DSN_STATUS:
        return after_blank && row->status.data;
    default:
        return false;
    }
}

enum mm_status mm_bounce_read_groups(struct mm_bounce_job *job, struct mm_view groups)
{
    struct of_message message = {.arrival_date = MM_NO_TIME};
    struct mm_block_iter it;
    struct mm_block_field field;
    struct mm_bounce *row = NULL;
    uint32_t first = job->notice->row_count;
    enum mm_status st;
    bool after_blank = false; /* somewhere between the row's last field and this one */
    mm_block_begin(&it, groups, job->arena);
    while ((st = mm_block_next(&it, &field)) == MM_OK) {
        enum dsn_field kind = field_of(field.name);
        after_blank = after_blank || field.after_blank;
        if (kind < DSN_ORIGINAL_RECIPIENT) {
            take_of_message(job, &message, kind, field.value);
            continue;
        }
        if (!row || begins_row(row, kind, after_blank))
            MM_TRY(mm_bounce_add_row(job, &row));
        MM_TRY(take_of_recipient(job, row, kind, field.value));
        after_blank = false;
    }
    for (uint32_t i = first; i < job->notice->row_count; i++) {
        row = &job->notice->rows[i];
        row->reporting_mta = message.reporting_mta;
        row->original_envelope_id = message.original_envelope_id;
        row->arrival_date = message.arrival_date;
        MM_TRY(mm_dsn_decode_xtext(&row->original_recipient, row->final_recipient, job->arena));
    }
    return st == MM_END ? MM_OK : st;
}
