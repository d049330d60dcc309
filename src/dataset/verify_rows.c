/*
 * verify_rows.c - verdicts as rows of the tables of a dataset.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/verify_rows.h"

#include "base/error.h"
#include "base/word.h"
#include "dkim/verdict_text.h"
#include "text/unfold.h"

enum {
    BUF_MAX_BYTES = 2 * MM_ROW_BYTES_MAX,
    /* The texts of a signature lie in a header of 1 MiB, and may double as they become UTF-8. */
    ARENA_MAX_BYTES = 64 * 1024 * 1024,
    /* Half of what a row may be: a byte that is not UTF-8 becomes two. */
    TEXTS_MAX_BYTES = MM_ROW_BYTES_MAX / 2 - 1024
};

void mm_verify_rows_init(struct mm_verify_rows *r, struct mm_row_runs *runs)
{
    *r = (struct mm_verify_rows){.runs = runs};
    mm_arena_init(&r->arena, ARENA_MAX_BYTES);
    mm_buf_init(&r->buf, BUF_MAX_BYTES);
    r->text.arena = &r->arena;
}

void mm_verify_rows_deinit(struct mm_verify_rows *r)
{
    mm_row_text_deinit(&r->text);
    mm_buf_deinit(&r->buf);
    mm_arena_deinit(&r->arena);
}

/* ---- one row ---- */

static void begin(struct mm_verify_rows *r, enum mm_verify_table table)
{
    if (r->arena.used_bytes)
        mm_arena_reset(&r->arena);
    mm_buf_clear(&r->buf);
    mm_row_writer_init(&r->writer, &mm_verify_tables[table], &r->buf);
    mm_row_begin(&r->writer);
}

static enum mm_status end(struct mm_verify_rows *r, enum mm_verify_table table,
                          struct mm_error *err)
{
    struct mm_view row;
    enum mm_status st = mm_row_end(&r->writer, &row);
    if (st == MM_OK && r->text.failed)
        st = MM_E_NOMEM;
    r->text.failed = false;
    if (st != MM_OK)
        return mm_fail(err, st, "cannot keep a row of %s: %s", mm_verify_tables[table].name,
                       mm_status_text(st));
    return mm_row_runs_add(r->runs, table, row, err);
}

static void put_text(struct mm_verify_rows *r, struct mm_view text)
{
    struct mm_view made = mm_row_text_of(&r->text, text);
    r->raw = r->raw || made.data != text.data;
    mm_row_string(&r->writer, made);
}

static void put_word(struct mm_verify_rows *r, const char *word)
{
    mm_row_string(&r->writer, mm_view_of(word));
}

static void put_nulls(struct mm_verify_rows *r, unsigned count)
{
    while (count--)
        mm_row_null(&r->writer);
}

/* A number of no use to anyone is the largest that the column takes: l= may have 76 digits. */
static void put_number(struct mm_verify_rows *r, bool there, uint64_t value)
{
    if (there)
        mm_row_int(&r->writer, value > INT64_MAX ? INT64_MAX : (int64_t)value);
    else
        mm_row_null(&r->writer);
}

/* RFC 6376 section 3.5: t= and x= have 12 digits at most, and fit. */
static void put_seconds(struct mm_verify_rows *r, bool there, uint64_t seconds)
{
    put_number(r, there, seconds > INT64_MAX / 1000000 ? INT64_MAX : seconds * 1000000);
}

/* ---- a signature ---- */

static void put_auid(struct mm_verify_rows *r, const struct mm_dkim_signature *s)
{
    struct mm_view pieces[2];
    mm_dkim_auid(s, pieces);
    if (pieces[0].len == 0) {
        put_text(r, pieces[1]);
        return;
    }
    char *text = mm_arena_alloc(&r->arena, pieces[0].len + pieces[1].len);
    struct mm_view auid = {text, text ? pieces[0].len + pieces[1].len : 0};
    r->text.failed = r->text.failed || !text;
    if (text) {
        memcpy(text, pieces[0].data, pieces[0].len);
        memcpy(text + pieces[0].len, pieces[1].data, pieces[1].len);
    }
    put_text(r, auid);
}

/* Without the folding white space inside, of which there is none more often than not. */
static void put_headers(struct mm_verify_rows *r, struct mm_view value)
{
    char *text = value.len ? mm_arena_alloc(&r->arena, value.len) : NULL;
    r->text.failed = r->text.failed || (value.len && !text);
    put_text(r, (struct mm_view){text, text ? mm_unfold(text, value) : 0});
}

static void put_b(struct mm_verify_rows *r, struct mm_view b)
{
    char shown[MM_B_SHOWN_CHARS];
    put_text(r, (struct mm_view){shown, mm_unfold_first(shown, sizeof shown, b)});
}

static enum mm_status add_signature(struct mm_verify_rows *r, struct mm_view message,
                                    struct mm_view from_domain, const struct mm_dkim_signature *s,
                                    struct mm_error *err)
{
    begin(r, MM_TABLE_SIGNATURES);
    put_text(r, message);
    put_text(r, from_domain);
    mm_row_int(&r->writer, s->index);
    put_word(r, mm_dkim_result_word(s->result));
    put_word(r, mm_reason_slug(s->reason));
    put_text(r, s->domain);
    put_text(r, s->selector);
    put_auid(r, s);
    put_text(r, s->algorithm);
    put_text(r, s->canon);
    put_number(r, s->key_bits != 0, s->key_bits);
    mm_row_bool(&r->writer, s->testing);
    put_word(r, mm_dkim_check_word(s->body_hash));
    put_word(r, mm_dkim_check_word(s->signature));
    put_number(r, s->has_body_length, s->body_length);
    put_number(r, true, s->uncovered_bytes);
    put_seconds(r, s->has_signed_at, s->signed_at);
    put_seconds(r, s->has_expires_at, s->expires_at);
    put_headers(r, s->headers);
    put_b(r, s->b);
    mm_row_bool(&r->writer, s->dnssec);
    return end(r, MM_TABLE_SIGNATURES, err);
}

/* ---- a message ---- */

static enum mm_status add_message(struct mm_verify_rows *r, struct mm_view message,
                                  const struct mm_verify_item *v,
                                  struct mm_view authentication_results, struct mm_error *err)
{
    begin(r, MM_TABLE_MESSAGES);
    put_text(r, message);
    put_number(r, true, v->bytes.len);
    put_word(r, mm_msg_eol_word(v->msg.eol));
    put_text(r, v->verdict.from_domain);
    put_word(r, mm_dkim_result_word(v->verdict.result));
    put_number(r, true, v->verdict.skipped);
    if (v->mboxo)
        put_word(r, "mboxo");
    else
        mm_row_null(&r->writer);
    if (authentication_results.len)
        put_text(r, authentication_results);
    else
        mm_row_null(&r->writer);
    mm_row_bool(&r->writer, r->raw);
    put_nulls(r, 3); /* rejected, detail, offset */
    return end(r, MM_TABLE_MESSAGES, err);
}

enum mm_status mm_verify_rows_add(struct mm_verify_rows *r, struct mm_view message,
                                  const struct mm_verify_item *v,
                                  struct mm_view authentication_results, struct mm_error *err)
{
    const struct mm_dkim_verdict *d = &v->verdict;
    /* What a signature says is in the header, and no such row can come near the limit. */
    if (message.len + d->from_domain.len + authentication_results.len > TEXTS_MAX_BYTES)
        return MM_E_LIMIT;
    r->raw = false;
    for (uint32_t i = 0; i < d->count; i++)
        MM_TRY(add_signature(r, message, d->from_domain, &d->signatures[i], err));
    return add_message(r, message, v, authentication_results, err);
}

enum mm_status mm_verify_rows_add_reject(struct mm_verify_rows *r, struct mm_view message,
                                         const char *slug, const char *detail, uint64_t offset,
                                         struct mm_error *err)
{
    r->raw = false;
    begin(r, MM_TABLE_MESSAGES);
    put_text(r, message);
    put_nulls(r, 7); /* what is told of a message that was read */
    struct mm_view why = mm_row_text_of(&r->text, mm_view_of(detail ? detail : ""));
    mm_row_bool(&r->writer, r->raw || (detail && why.data != detail));
    put_word(r, slug);
    mm_row_string(&r->writer, why);
    put_number(r, offset != MM_NO_OFFSET, offset);
    return end(r, MM_TABLE_MESSAGES, err);
}

enum mm_status mm_verify_rows_add_input(struct mm_verify_rows *r, struct mm_hash128 content,
                                        struct mm_error *err)
{
    char bytes[MM_ADDRESS_BYTES];
    mm_word_store(bytes, content.low);
    mm_word_store(bytes + MM_WORD_BYTES, content.high);
    begin(r, (enum mm_verify_table)MM_TABLE_VERIFY_INPUTS);
    mm_row_address(&r->writer, (const uint8_t *)bytes);
    return end(r, (enum mm_verify_table)MM_TABLE_VERIFY_INPUTS, err);
}
