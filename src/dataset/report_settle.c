/*
 * report_settle.c - which reading of each report is kept.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/report_settle.h"

#include <assert.h>

#include "base/error.h"
#include "base/hash128.h"
#include "columnar/row.h"

/* What decides about a claim, its texts borrowed from its row. */
struct claim {
    int64_t kind, report_key, content_hash, records, messages;
    struct mm_view identity, source_path, member, reading, input;
    uint32_t siblings;
    bool alone;
    enum mm_claim_state state;
};

struct settling {
    const struct mm_settle_to *to;
    struct mm_settlement *settlement;
    struct mm_error *err;
    bool any; /* a report has been seen: these are its kept claim, and the one kept so far */
    struct claim kept, before;
    char identity[MM_ID_BYTES];
    struct mm_buf row; /* of duplicates, or a claim to be stored */
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
                            .state = (enum mm_claim_state)cells[MM_CLAIM_STATE].integer};
    return true;
}

static bool is_of_kept(const struct settling *s, const struct claim *claim)
{
    return s->any && claim->kind == s->kept.kind &&
           memcmp(claim->identity.data, s->identity, MM_ID_BYTES) == 0;
}

/* ---- duplicates ---- */

static bool same_content(const struct claim *a, const struct claim *b)
{
    return a->content_hash == b->content_hash && a->records == b->records &&
           a->messages == b->messages;
}

/* What `duplicates` has of a reading, another of its report being kept. */
static enum mm_status make_duplicate(struct settling *s, const struct claim *claim,
                                     const struct claim *kept, struct mm_view *row)
{
    struct mm_row_writer w;
    mm_buf_clear(&s->row);
    mm_row_writer_init(&w, &mm_work_tables[MM_TABLE_DUPLICATES], &s->row);
    mm_row_begin(&w);
    mm_row_int(&w, kept->report_key);
    mm_row_string_or_null(&w, claim->source_path);
    mm_row_string_or_null(&w, claim->member);
    mm_row_bool(&w, same_content(claim, kept));
    return mm_row_end(&w, row) == MM_OK ? MM_OK : no_memory(s->err);
}

static enum mm_status put_duplicate(struct settling *s, const struct claim *claim)
{
    struct mm_view row;
    MM_TRY(make_duplicate(s, claim, &s->kept, &row));
    return s->to->duplicate(s->to->context, row, s->err);
}

/* The dataset's row of a reading that had lost before speaks of the one that was kept then. */
static enum mm_status correct_duplicate(struct settling *s, const struct claim *claim)
{
    struct mm_view row;
    if (same_content(claim, &s->kept) == same_content(claim, &s->before))
        return MM_OK;
    MM_TRY(make_duplicate(s, claim, &s->before, &row));
    struct mm_hash128 id = mm_hash128_of(row);
    if (mm_id_map_add(&s->settlement->unsaid, &id, 1, NULL) != MM_OK)
        return no_memory(s->err);
    return put_duplicate(s, claim);
}

/* ---- one claim ---- */

/* An input is a duplicate when everything in it is. A file that is named twice is two of one name.
 */
static enum mm_status count_input(struct settling *s, const struct claim *claim)
{
    uint32_t lost = 1;
    if (!claim->alone)
        return MM_OK;
    if (claim->siblings > 1 &&
        mm_id_map_add(&s->settlement->lost, claim->input.data, 1, &lost) != MM_OK)
        return no_memory(s->err);
    if (claim->siblings && lost % claim->siblings == 0) {
        s->settlement->all_duplicate_inputs++;
        s->settlement->duplicate_inputs += claim->state == MM_CLAIM_NEW;
    }
    return MM_OK;
}

/* The dataset has rows of this reading: it is known by its report's key, since numbers of readings
 * are of one run. */
static enum mm_status replace(struct settling *s, const struct claim *claim)
{
    const int64_t stored[] = {claim->report_key, claim->kind};
    if (mm_id_map_add(&s->settlement->replaced, stored, 1, NULL) != MM_OK)
        return no_memory(s->err);
    s->settlement->replaced_of[claim->kind == MM_TABLE_TLS_REPORTS]++;
    s->before = *claim;
    return put_duplicate(s, claim);
}

/* What was taken of a reading that is not kept has no rows. */
static enum mm_status drop_rows(struct settling *s, const struct claim *claim)
{
    return mm_id_map_add(&s->settlement->dropped, claim->reading.data, 1, NULL) == MM_OK
               ? MM_OK
               : no_memory(s->err);
}

static enum mm_status drop(struct settling *s, const struct claim *claim)
{
    switch (claim->state) {
    case MM_CLAIM_KEPT:
        return replace(s, claim);
    case MM_CLAIM_LOST:
        return s->kept.state == MM_CLAIM_NEW ? correct_duplicate(s, claim) : MM_OK;
    case MM_CLAIM_NEW:
        break;
    }
    MM_TRY(drop_rows(s, claim));
    return put_duplicate(s, claim);
}

static void keep(struct settling *s, const struct claim *claim)
{
    s->any = true;
    s->kept = s->before = *claim; /* only numbers are looked at once the row has gone */
    memcpy(s->identity, claim->identity.data, MM_ID_BYTES);
    if (claim->state == MM_CLAIM_NEW && claim->kind == MM_TABLE_DMARC_REPORTS)
        s->settlement->dmarc_reports++;
    else if (claim->state == MM_CLAIM_NEW)
        s->settlement->tls_reports++;
}

/* As a later run reads it: without the number of the reading, which is of this run. */
static enum mm_status store(struct settling *s, struct mm_view row, enum mm_claim_state state)
{
    enum { READING_AND_INPUT = 2 * MM_READING_BYTES, SIBLINGS = sizeof(int64_t), ALONE = 1 };
    const int64_t stored = state;
    mm_buf_clear(&s->row);
    mm_buf_append(&s->row, row);
    if (s->row.failed)
        return no_memory(s->err);
    char *end = s->row.data + row.len - sizeof stored;
    memset(end - ALONE - SIBLINGS - READING_AND_INPUT, 0, MM_READING_BYTES);
    memcpy(end, &stored, sizeof stored);
    return s->to->store(s->to->context, mm_buf_view(&s->row), s->err);
}

static enum mm_status settle_one(struct settling *s, const struct claim *claim, struct mm_view row)
{
    bool lost = is_of_kept(s, claim);
    if (claim->kind == MM_CLAIM_KIND_VOID)
        return drop_rows(s, claim);
    if (lost) {
        MM_TRY(drop(s, claim));
        MM_TRY(count_input(s, claim));
    } else
        keep(s, claim);
    return store(s, row, lost ? MM_CLAIM_LOST : MM_CLAIM_KEPT);
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
        st = read_claim(row, &claim)
                 ? settle_one(&s, &claim, row)
                 : mm_fail(err, MM_E_BUG, "a claim that is no row of its table");
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
    mm_id_map_deinit(&settlement->unsaid);
}

/* ---- what follows for rows ---- */

bool mm_settlement_keeps(const struct mm_settlement *settlement, size_t table, struct mm_view *row)
{
    if (!mm_table_has_readings(table))
        return true;
    assert(row->len >= MM_READING_BYTES);
    row->len -= MM_READING_BYTES;
    return !mm_id_map_has(&settlement->dropped, row->data + row->len);
}

static enum mm_report_table kind_of(size_t table)
{
    return table <= MM_TABLE_DMARC_RECORDS ? MM_TABLE_DMARC_REPORTS : MM_TABLE_TLS_REPORTS;
}

bool mm_settlement_touches(const struct mm_settlement *settlement, size_t table)
{
    if (mm_table_has_readings(table))
        return settlement->replaced_of[kind_of(table) == MM_TABLE_TLS_REPORTS] > 0;
    return table == MM_TABLE_DUPLICATES && settlement->unsaid.count > 0;
}

bool mm_settlement_replaces(const struct mm_settlement *settlement, size_t table,
                            int64_t report_key)
{
    const int64_t stored[] = {report_key, kind_of(table)};
    return mm_id_map_has(&settlement->replaced, stored);
}

bool mm_settlement_unsays(const struct mm_settlement *settlement, struct mm_view row)
{
    struct mm_hash128 id = mm_hash128_of(row);
    return mm_id_map_has(&settlement->unsaid, &id);
}
