/*
 * report_settle.c - which reading of each report is kept.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/report_settle.h"

#include <assert.h>

#include "base/error.h"
#include "columnar/row.h"

/* What decides about a claim, its texts borrowed from its row. */
struct claim {
    int64_t kind, report_key, content_hash, records, messages;
    struct mm_view identity, source_path, member, reading, input;
    uint32_t siblings;
    bool alone, stored;
};

struct settling {
    const struct mm_settle_to *to;
    struct mm_settlement *settlement;
    struct mm_error *err;
    bool any; /* a report has been seen: this is its kept claim */
    struct claim kept;
    char identity[MM_ID_BYTES];
    struct mm_buf row; /* of duplicates */
};

static enum mm_status no_memory(struct mm_error *err)
{
    return mm_fail(err, MM_E_NOMEM, "no memory for the reports that are told twice");
}

static bool read_claim(struct mm_view row, struct claim *claim)
{
    struct mm_cell cells[MM_CLAIM_COLUMNS];
    struct mm_row_cursor c;
    mm_row_cursor_init(&c, &mm_work_tables[MM_TABLE_CLAIMS], row);
    for (size_t i = 0; i < MM_CLAIM_COLUMNS; i++)
        if (mm_row_next(&c, &cells[i]) != MM_OK)
            return false;
    *claim = (struct claim){.kind = cells[MM_CLAIM_KIND].integer,
                            .identity = cells[MM_CLAIM_IDENTITY].text,
                            .records = cells[MM_CLAIM_RECORDS].integer,
                            .messages = cells[MM_CLAIM_MESSAGES].integer,
                            .source_path = cells[MM_CLAIM_SOURCE_PATH].text,
                            .member = cells[MM_CLAIM_MEMBER].text,
                            .report_key = cells[MM_CLAIM_REPORT_KEY].integer,
                            .content_hash = cells[MM_CLAIM_CONTENT_HASH].integer,
                            .reading = cells[MM_CLAIM_READING].text,
                            .input = cells[MM_CLAIM_INPUT].text,
                            .siblings = (uint32_t)cells[MM_CLAIM_SIBLINGS].integer,
                            .alone = cells[MM_CLAIM_ALONE].integer,
                            .stored = cells[MM_CLAIM_STORED].integer};
    return true;
}

static bool is_of_kept(const struct settling *s, const struct claim *claim)
{
    return s->any && claim->kind == s->kept.kind &&
           memcmp(claim->identity.data, s->identity, MM_ID_BYTES) == 0;
}

static enum mm_status put_duplicate(struct settling *s, const struct claim *claim)
{
    struct mm_row_writer w;
    struct mm_view row;
    mm_buf_clear(&s->row);
    mm_row_writer_init(&w, &mm_work_tables[MM_TABLE_DUPLICATES], &s->row);
    mm_row_begin(&w);
    mm_row_int(&w, s->kept.report_key);
    mm_row_string_or_null(&w, claim->source_path);
    mm_row_string_or_null(&w, claim->member);
    mm_row_bool(&w, claim->content_hash == s->kept.content_hash &&
                        claim->records == s->kept.records && claim->messages == s->kept.messages);
    if (mm_row_end(&w, &row) != MM_OK)
        return no_memory(s->err);
    return s->to->duplicate(s->to->context, row, s->err);
}

/* An input is a duplicate when everything in it is. */
static enum mm_status count_input(struct settling *s, const struct claim *claim)
{
    uint32_t lost = 1;
    if (claim->stored || !claim->alone)
        return MM_OK;
    if (claim->siblings > 1 &&
        mm_id_map_add(&s->settlement->lost, claim->input.data, 1, &lost) != MM_OK)
        return no_memory(s->err);
    s->settlement->duplicate_inputs += lost == claim->siblings;
    return MM_OK;
}

static enum mm_status drop(struct settling *s, const struct claim *claim)
{
    /* Numbers of readings are of this run; what is stored is known by its report's key. */
    const int64_t stored[] = {claim->report_key, claim->kind};
    if ((claim->stored
             ? mm_id_map_add(&s->settlement->replaced, stored, 1, NULL)
             : mm_id_map_add(&s->settlement->dropped, claim->reading.data, 1, NULL)) != MM_OK)
        return no_memory(s->err);
    MM_TRY(put_duplicate(s, claim));
    return count_input(s, claim);
}

/* What was taken of a reading that broke off. */
static enum mm_status drop_void(struct settling *s, const struct claim *claim)
{
    return mm_id_map_add(&s->settlement->dropped, claim->reading.data, 1, NULL) == MM_OK
               ? MM_OK
               : no_memory(s->err);
}

/* As a later run reads it: stored, and without the numbers that this run has given. */
static struct mm_view row_to_store(struct settling *s, struct mm_view row)
{
    enum { NUMBERS = 2 * MM_READING_BYTES, SIBLINGS = sizeof(int64_t), ALONE = 1, STORED = 1 };
    enum { TAIL = NUMBERS + SIBLINGS + ALONE + STORED };
    mm_buf_clear(&s->row);
    mm_buf_append(&s->row, row);
    if (!s->row.failed) {
        memset(s->row.data + row.len - TAIL, 0, NUMBERS);
        s->row.data[row.len - STORED] = 1;
    }
    return mm_buf_view(&s->row);
}

static enum mm_status keep(struct settling *s, const struct claim *claim, struct mm_view row)
{
    s->any = true;
    s->kept = *claim; /* only its numbers are looked at once the row has gone */
    memcpy(s->identity, claim->identity.data, MM_ID_BYTES);
    if (claim->kind == MM_TABLE_DMARC_REPORTS)
        s->settlement->dmarc_reports++;
    else
        s->settlement->tls_reports++;
    struct mm_view stored = row_to_store(s, row);
    return s->row.failed ? no_memory(s->err) : s->to->keep(s->to->context, stored, s->err);
}

enum mm_status mm_reports_settle(struct mm_row_merge *claims, const struct mm_settle_to *to,
                                 struct mm_settlement *settlement, struct mm_error *err)
{
    struct settling s = {.to = to, .settlement = settlement, .err = err};
    struct mm_view row;
    struct claim claim;
    enum mm_status st;
    mm_buf_init(&s.row, MM_ROW_BYTES_MAX);
    while ((st = mm_row_merge_next(claims, &row, err)) == MM_OK) {
        if (!read_claim(row, &claim))
            st = mm_fail(err, MM_E_BUG, "a claim that is no row of its table");
        else if (claim.kind == MM_CLAIM_KIND_VOID)
            st = drop_void(&s, &claim);
        else
            st = is_of_kept(&s, &claim) ? drop(&s, &claim) : keep(&s, &claim, row);
        if (st != MM_OK)
            break;
    }
    mm_buf_deinit(&s.row);
    return st == MM_END ? MM_OK : st;
}

void mm_settlement_deinit(struct mm_settlement *settlement)
{
    mm_id_map_deinit(&settlement->dropped);
    mm_id_map_deinit(&settlement->lost);
    mm_id_map_deinit(&settlement->replaced);
}

bool mm_settlement_replaces(const struct mm_settlement *settlement, enum mm_report_table kind,
                            int64_t report_key)
{
    const int64_t stored[] = {report_key, kind};
    return mm_id_map_has(&settlement->replaced, stored);
}

bool mm_settlement_keeps(const struct mm_settlement *settlement, size_t table, struct mm_view *row)
{
    if (!mm_table_has_readings(table))
        return true;
    assert(row->len >= MM_READING_BYTES);
    row->len -= MM_READING_BYTES;
    return !mm_id_map_has(&settlement->dropped, row->data + row->len);
}
