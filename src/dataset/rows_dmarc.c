/*
 * rows_dmarc.c - the rows of a DMARC aggregate report.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/report_rows_internal.h"
#include "report/dmarc_days.h"

enum { SECONDS_OF_DAY = 86400 };

/* A day of a report. */
struct day {
    int64_t day, begin_time, end_time;
    bool split;
};

static const char *flag_word(unsigned flag)
{
    return mm_dmarc_flag_word((enum mm_dmarc_flag)flag);
}

/* The standard's word; one that no standard has as it was written, so that it can be looked for. */
static void put_word(struct mm_report_rows *r, const struct mm_dmarc_value *value)
{
    if (value->word == MM_DMARC_OTHER)
        mm_rows_text(r, value->raw);
    else
        mm_rows_known(r, mm_dmarc_word_text(value->word));
}

static void put_bool_word(struct mm_report_rows *r, const struct mm_dmarc_value *value)
{
    if (value->word == MM_DMARC_Y || value->word == MM_DMARC_N)
        mm_row_bool(&r->writer, value->word == MM_DMARC_Y);
    else
        mm_row_null(&r->writer);
}

static void put_policy(struct mm_report_rows *r, const struct mm_dmarc_report *report)
{
    mm_rows_text(r, report->policy_domain);
    put_word(r, &report->p);
    put_word(r, &report->sp);
    put_word(r, &report->np);
    put_word(r, &report->adkim);
    put_word(r, &report->aspf);
    mm_rows_text(r, report->fo);
    mm_rows_number(r, report->pct);
    put_bool_word(r, &report->testing);
    put_word(r, &report->discovery_method);
}

static void put_report(struct mm_report_rows *r, const struct mm_dmarc_report *report,
                       const struct mm_report_origin *origin, const uint8_t *reading)
{
    mm_rows_begin(r, MM_TABLE_DMARC_REPORTS);
    mm_row_int(&r->writer, r->report_key);
    mm_rows_text(r, report->org_name);
    mm_rows_text(r, report->org_email);
    mm_rows_text(r, report->extra_contact_info);
    mm_rows_text(r, report->report_id);
    mm_rows_seconds(r, report->begin_time);
    mm_rows_seconds(r, report->end_time);
    mm_row_int(&r->writer, report->end_time - report->begin_time);
    put_policy(r, report);
    mm_rows_text(r, report->generator);
    mm_rows_text(r, report->xml_namespace);
    mm_rows_text(r, report->xml_version);
    mm_row_int(&r->writer, report->record_count);
    mm_row_int(&r->writer, report->message_count);
    mm_row_int(&r->writer, report->dmarc_pass_count);
    mm_rows_texts(r, &report->errors);
    mm_rows_flags(r, report->flags, flag_word);
    mm_rows_path(r, origin->source_path);
    mm_rows_path(r, origin->member);
    mm_row_int(&r->writer, mm_rows_signed(report->content_hash));
    mm_row_int(&r->writer, (int64_t)origin->document_bytes);
    mm_rows_seconds(r, origin->received_at);
    mm_rows_text(r, origin->reporter_domain);
    mm_rows_end(r, reading);
}

static void put_results(struct mm_report_rows *r, const struct mm_dmarc_record *record)
{
    mm_row_list(&r->writer, record->reason_count);
    for (uint32_t i = 0; i < record->reason_count; i++) {
        put_word(r, &record->reasons[i].type);
        mm_rows_text(r, record->reasons[i].comment);
    }
    mm_row_list(&r->writer, record->dkim_count);
    for (uint32_t i = 0; i < record->dkim_count; i++) {
        mm_rows_text(r, record->dkim_results[i].domain);
        mm_rows_text(r, record->dkim_results[i].selector);
        put_word(r, &record->dkim_results[i].result);
        mm_rows_text(r, record->dkim_results[i].human_result);
    }
    mm_row_list(&r->writer, record->spf_count);
    for (uint32_t i = 0; i < record->spf_count; i++) {
        mm_rows_text(r, record->spf_results[i].domain);
        put_word(r, &record->spf_results[i].scope);
        put_word(r, &record->spf_results[i].result);
        mm_rows_text(r, record->spf_results[i].human_result);
    }
}

/* What the rows of a report's records on one day have in common. */
static struct mm_rows_start
start_records(struct mm_report_rows *r, const struct mm_dmarc_report *report, const struct day *day)
{
    mm_rows_begin(r, MM_TABLE_DMARC_RECORDS);
    mm_row_int(&r->writer, r->report_key);
    mm_row_int(&r->writer, day->day);
    mm_rows_seconds(r, day->begin_time);
    mm_rows_seconds(r, day->end_time);
    mm_row_bool(&r->writer, day->split);
    mm_rows_text(r, report->org_name);
    mm_rows_text(r, report->policy_domain);
    return mm_rows_keep_start(r);
}

/* Columns of a record: first these, then address and count, then the others. */
static void put_identifiers(struct mm_report_rows *r, const struct mm_dmarc_record *record)
{
    mm_rows_text(r, record->header_from);
    mm_rows_text(r, record->envelope_from);
    mm_rows_text(r, record->envelope_to);
}

static void put_source(struct mm_report_rows *r, const struct mm_dmarc_record *record,
                       int64_t count)
{
    mm_rows_ip(r, &record->source_ip);
    mm_rows_text(r, record->source_ip_text);
    mm_row_int(&r->writer, count);
}

static void put_evaluation(struct mm_report_rows *r, const struct mm_dmarc_report *report,
                           const struct mm_dmarc_record *record)
{
    put_word(r, &record->disposition);
    mm_row_bool(&r->writer, mm_dmarc_dkim_aligned(record));
    mm_row_bool(&r->writer, mm_dmarc_spf_aligned(record));
    mm_row_bool(&r->writer, mm_dmarc_pass(record));
    put_results(r, record);
    put_word(r, &report->p);
    put_word(r, &report->sp);
    mm_rows_flags(r, record->flags, flag_word);
}

/* The columns of a record that is like this one; NULL where they are not at hand. */
static const struct mm_rows_piece *find_piece(const struct mm_rows_pieces *pieces,
                                              const struct mm_dmarc_record *record)
{
    for (size_t i = 0; i < pieces->count; i++)
        if (pieces->list[i].record == record->like && pieces->list[i].flags == record->flags)
            return &pieces->list[i];
    return NULL;
}

/* The row at hand has such columns from one place to another, twice. */
static void keep_piece(struct mm_report_rows *r, const struct mm_dmarc_record *record,
                       size_t identifiers, size_t source, size_t evaluation)
{
    struct mm_rows_pieces *pieces = &r->pieces;
    struct mm_view row = mm_buf_view(&r->buf);
    size_t bytes = row.len - identifiers - (evaluation - source);
    if (r->buf.failed || r->too_long || r->text.failed || bytes > MM_ROWS_PIECE_BYTES_MAX)
        return;
    if (pieces->count == MM_ROWS_PIECES_MAX) {
        mm_buf_clear(&pieces->bytes);
        pieces->count = 0;
    }
    struct mm_rows_piece piece = {record->like, record->flags, pieces->bytes.len, 0, 0};
    mm_buf_append(&pieces->bytes, mm_view_sub(row, identifiers, source - identifiers));
    piece.middle = pieces->bytes.len;
    mm_buf_append(&pieces->bytes, mm_view_sub(row, evaluation, row.len - evaluation));
    piece.to = pieces->bytes.len;
    if (!pieces->bytes.failed)
        pieces->list[pieces->count++] = piece;
}

static void put_like(struct mm_report_rows *r, const struct mm_dmarc_record *record, int64_t count,
                     const struct mm_rows_piece *piece)
{
    struct mm_view bytes = mm_buf_view(&r->pieces.bytes);
    mm_row_repeat(&r->writer, mm_view_sub(bytes, piece->from, piece->middle - piece->from),
                  MM_RECORD_SOURCE_IP - MM_RECORD_HEADER_FROM);
    put_source(r, record, count);
    mm_row_repeat(&r->writer, mm_view_sub(bytes, piece->middle, piece->to - piece->middle),
                  MM_RECORD_READING - MM_RECORD_DISPOSITION);
}

static void put_anew(struct mm_report_rows *r, const struct mm_dmarc_report *report,
                     const struct mm_dmarc_record *record, int64_t count)
{
    size_t identifiers = r->buf.len;
    put_identifiers(r, record);
    size_t source = r->buf.len;
    put_source(r, record, count);
    size_t evaluation = r->buf.len;
    put_evaluation(r, report, record);
    keep_piece(r, record, identifiers, source, evaluation);
}

static void put_record(struct mm_report_rows *r, const struct mm_rows_start *start,
                       const struct mm_dmarc_report *report, const struct mm_dmarc_record *record,
                       int64_t count, const uint8_t *reading)
{
    const struct mm_rows_piece *piece = find_piece(&r->pieces, record);
    mm_rows_begin_like(r, start);
    if (piece)
        put_like(r, record, count, piece);
    else
        put_anew(r, report, record, count);
    mm_rows_end(r, reading);
}

/* The part of the interval that lies on one of its days. */
static struct day day_of(const struct mm_day_split *split, uint32_t index)
{
    int64_t day = split->first_day + index, start = day * SECONDS_OF_DAY;
    int64_t end = start + SECONDS_OF_DAY;
    return (struct day){.day = day,
                        .begin_time = split->begin_time > start ? split->begin_time : start,
                        .end_time = split->end_time < end ? split->end_time : end,
                        .split = true};
}

/* A row for each day that has messages; a record of none is of the first day. */
static void put_split_record(struct mm_report_rows *r, const struct mm_dmarc_report *report,
                             const struct mm_dmarc_record *record, const struct mm_day_split *split,
                             int64_t *shares, const uint8_t *reading)
{
    mm_day_split_share(split, record->count, shares);
    for (uint32_t i = 0; i < split->day_count; i++) {
        struct day day = day_of(split, i);
        if (!shares[i] && !(i == 0 && record->count == 0))
            continue;
        struct mm_rows_start start = start_records(r, report, &day);
        put_record(r, &start, report, record, shares[i], reading);
    }
}

static void put_records(struct mm_report_rows *r, const struct mm_dmarc_report *report,
                        const uint8_t *reading)
{
    int64_t shares[MM_DAY_SPLIT_MAX];
    struct mm_day_split split = mm_day_split_of(report->begin_time, report->end_time);
    bool splits = r->split_days && mm_day_split_is_split(&split);
    const struct day day = {
        .day = split.first_day, .begin_time = report->begin_time, .end_time = report->end_time};
    struct mm_rows_start start = start_records(r, report, &day);
    mm_buf_clear(&r->pieces.bytes);
    r->pieces.count = 0;
    for (uint32_t i = 0; i < report->record_count && r->status == MM_OK; i++)
        if (splits)
            put_split_record(r, report, &report->records[i], &split, shares, reading);
        else
            put_record(r, &start, report, &report->records[i], report->records[i].count, reading);
}

enum mm_status mm_rows_of_dmarc(struct mm_report_rows *r, const struct mm_dmarc_report *report,
                                const struct mm_report_origin *origin, struct mm_error *err)
{
    uint8_t reading[MM_READING_BYTES];
    const struct mm_rows_claim claim = {
        .kind = MM_TABLE_DMARC_REPORTS,
        .org = report->org_name,
        .report_id = report->report_id,
        .domain = report->policy_domain,
        .begin = report->begin_time,
        .end = report->end_time,
        .content_hash = report->content_hash,
        .salvaged = report->flags & MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_SALVAGED),
        .records = report->record_count,
        .messages = report->message_count,
    };
    mm_rows_start(r, err);
    mm_rows_hold_claim(r, &claim, origin, reading);
    put_report(r, report, origin, reading);
    put_records(r, report, reading);
    return mm_rows_finish(r);
}
