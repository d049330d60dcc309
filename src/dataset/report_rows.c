/*
 * report_rows.c - rows of reports: what all kinds share, claims, and refusals.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/report_rows.h"

#include "base/error.h"
#include "base/hash128.h"
#include "dataset/report_rows_internal.h"

/* A row at a time is in the buffer. */
enum { BUF_MAX_BYTES = 2 * MM_ROW_BYTES_MAX };
/* Of the reports of one input, which unpacks to 256 MiB at most. */
enum { CLAIMS_MAX_BYTES = 256 * 1024 * 1024 };

/* A claim that is held. */
struct held_claim {
    int kind; /* as the column's */
    uint8_t identity[MM_READING_BYTES], reading[MM_READING_BYTES];
    bool salvaged;
    int64_t records, messages;
    uint64_t document_hash, content_hash;
    int64_t report_key;
    size_t member_at; /* in claim_members */
    uint32_t member_len;
    bool has_member;
};

void mm_report_rows_init(struct mm_report_rows *r)
{
    mm_buf_init(&r->buf, BUF_MAX_BYTES);
    mm_buf_init(&r->claims, CLAIMS_MAX_BYTES);
    mm_buf_init(&r->claim_members, CLAIMS_MAX_BYTES);
    mm_buf_init(&r->pieces.bytes, MM_ROWS_PIECES_MAX * MM_ROWS_PIECE_BYTES_MAX);
}

void mm_report_rows_deinit(struct mm_report_rows *r)
{
    mm_buf_deinit(&r->buf);
    mm_buf_deinit(&r->claims);
    mm_buf_deinit(&r->claim_members);
    mm_buf_deinit(&r->pieces.bytes);
    mm_row_text_deinit(&r->text);
}

/* A number that nothing else of the run has. */
static void next_number(struct mm_report_rows *r, uint8_t id[MM_READING_BYTES])
{
    /* The product spreads numbers over a table that looks at the low bits of the first bytes, and
     * what is taken down to them does so for each worker; both have an inverse, so that no two are
     * the same. */
    uint64_t number = r->counter++ << 16 | r->worker, spread = number * 0x9e3779b97f4a7c15u;
    spread ^= spread >> 32;
    memcpy(id, &spread, sizeof spread);
    memcpy(id + sizeof spread, &number, sizeof number);
}

/* ---- one row ---- */

void mm_rows_start(struct mm_report_rows *r, struct mm_error *err)
{
    r->err = err;
    r->status = MM_OK;
    r->text.failed = false;
}

void mm_rows_begin(struct mm_report_rows *r, size_t table)
{
    r->table = table;
    r->too_long = false;
    r->text.names.count = 0;
    if (r->text.arena->used_bytes) /* texts of the row before */
        mm_arena_reset(r->text.arena);
    mm_buf_clear(&r->buf);
    mm_row_writer_init(&r->writer, &mm_work_tables[table], &r->buf);
    mm_row_begin(&r->writer);
}

struct mm_rows_start mm_rows_keep_start(const struct mm_report_rows *r)
{
    return (struct mm_rows_start){r->writer, r->buf.len, r->too_long};
}

void mm_rows_begin_like(struct mm_report_rows *r, const struct mm_rows_start *start)
{
    if (r->text.arena->used_bytes)
        mm_arena_reset(r->text.arena);
    r->writer = start->writer;
    r->buf.len = start->len;
    r->too_long = start->too_long;
}

void mm_rows_end(struct mm_report_rows *r, const uint8_t *reading)
{
    struct mm_view row;
    if (mm_table_has_readings(r->table))
        mm_row_address(&r->writer, reading);
    enum mm_status st = mm_row_end(&r->writer, &row);
    /* A text that could not be made UTF-8 or redacted in the memory for that is too long as well:
     * one report of a stranger does not end the run. */
    if (r->too_long || r->text.failed)
        st = MM_E_LIMIT;
    if (r->status != MM_OK)
        return;
    r->status = st == MM_OK ? r->take(r->context, r->table, row, r->err)
                            : mm_fail(r->err, st, "cannot keep a row of %s: %s",
                                      mm_work_tables[r->table].name, mm_status_text(st));
}

typedef struct mm_view make_text(struct mm_row_text *t, struct mm_view text);

/* A text as the row takes it: without the rest of a row that is too long. */
static struct mm_view fitting(struct mm_report_rows *r, struct mm_view text, make_text *make)
{
    struct mm_view made = make(&r->text, text);
    if (r->buf.len + made.len <= MM_ROW_BYTES_MAX)
        return made;
    r->too_long = true;
    return MM_VIEW("");
}

static void put_texts(struct mm_report_rows *r, const struct mm_text_list *list, make_text *make)
{
    mm_row_list(&r->writer, list->count);
    for (uint32_t i = 0; i < list->count; i++)
        mm_row_string(&r->writer, fitting(r, list->items[i], make));
}

void mm_rows_text(struct mm_report_rows *r, struct mm_view text)
{
    mm_row_string_or_null(&r->writer, fitting(r, text, mm_row_text_of));
}

void mm_rows_path(struct mm_report_rows *r, struct mm_view path)
{
    mm_row_string_or_null(&r->writer, fitting(r, path, mm_row_text_path));
}

void mm_rows_recipient(struct mm_report_rows *r, struct mm_view recipient)
{
    mm_row_string_or_null(&r->writer, fitting(r, recipient, mm_row_text_recipient));
}

void mm_rows_free_text(struct mm_report_rows *r, struct mm_view text)
{
    mm_row_string_or_null(&r->writer, fitting(r, text, mm_row_text_free));
}

void mm_rows_known(struct mm_report_rows *r, struct mm_view word)
{
    mm_row_string_or_null(&r->writer, word);
}

void mm_rows_word(struct mm_report_rows *r, const char *word)
{
    mm_row_string(&r->writer, mm_view_of(word));
}

void mm_rows_texts(struct mm_report_rows *r, const struct mm_text_list *list)
{
    put_texts(r, list, mm_row_text_of);
}

void mm_rows_recipients(struct mm_report_rows *r, const struct mm_text_list *list)
{
    put_texts(r, list, mm_row_text_recipient);
}

void mm_rows_free_texts(struct mm_report_rows *r, const struct mm_text_list *list)
{
    put_texts(r, list, mm_row_text_free);
}

void mm_rows_seconds(struct mm_report_rows *r, int64_t seconds)
{
    if (seconds > INT64_MAX / 1000000 || seconds < INT64_MIN / 1000000) /* MM_NO_TIME too */
        mm_row_null(&r->writer);
    else
        mm_row_int(&r->writer, seconds * 1000000);
}

void mm_rows_number(struct mm_report_rows *r, int64_t number)
{
    if (number == MM_NO_NUMBER)
        mm_row_null(&r->writer);
    else
        mm_row_int(&r->writer, number);
}

void mm_rows_ip(struct mm_report_rows *r, const struct mm_ip *ip)
{
    if (ip->present)
        mm_row_address(&r->writer, ip->bytes);
    else
        mm_row_null(&r->writer);
}

void mm_rows_flags(struct mm_report_rows *r, uint64_t bits, const char *(*word)(unsigned flag))
{
    mm_row_list(&r->writer, (uint32_t)__builtin_popcountll(bits));
    for (; bits; bits &= bits - 1)
        mm_rows_word(r, word((unsigned)__builtin_ctzll(bits)));
}

/* ---- claims ---- */

/* Each with its length before it, so that no two lists of texts give the same bytes. */
static void add_text(struct mm_buf *out, struct mm_view text)
{
    int64_t len = text.data ? (int64_t)text.len : -1;
    mm_buf_append(out, (struct mm_view){(const char *)&len, sizeof len});
    mm_buf_append(out, text);
}

static void add_number(struct mm_buf *out, int64_t number)
{
    mm_buf_append(out, (struct mm_view){(const char *)&number, sizeof number});
}

/* Half of the SHA-256 of what is in the buffer. */
static void hash_buf(struct mm_report_rows *r, uint8_t id[MM_READING_BYTES])
{
    struct mm_digest_job job = {.alg = MM_SHA256, .whole = mm_buf_view(&r->buf)};
    enum mm_status st = r->buf.failed ? MM_E_NOMEM : mm_digest_many(r->digest, &job, 1);
    if (st != MM_OK && r->status == MM_OK)
        r->status = mm_fail(r->err, st, "cannot hash a name: %s", mm_status_text(st));
    memcpy(id, job.digest, MM_READING_BYTES);
}

/* What tells reports apart. */
static void identify(struct mm_report_rows *r, const struct mm_rows_claim *claim,
                     uint8_t identity[MM_READING_BYTES])
{
    mm_buf_clear(&r->buf);
    add_number(&r->buf, claim->kind);
    add_text(&r->buf, claim->org);
    add_text(&r->buf, claim->report_id);
    add_text(&r->buf, claim->domain);
    add_number(&r->buf, claim->begin);
    add_number(&r->buf, claim->end);
    hash_buf(r, identity);
}

void mm_rows_hold_claim(struct mm_report_rows *r, const struct mm_rows_claim *claim,
                        const struct mm_report_origin *origin, uint8_t reading[MM_READING_BYTES])
{
    struct held_claim held = {.kind = claim->kind,
                              .salvaged = claim->salvaged,
                              .records = claim->records,
                              .messages = claim->messages,
                              .document_hash = origin->document_hash,
                              .content_hash = claim->content_hash,
                              .member_at = r->claim_members.len,
                              .member_len = (uint32_t)origin->member.len,
                              .has_member = origin->member.data};
    identify(r, claim, held.identity);
    memcpy(&held.report_key, held.identity, sizeof held.report_key);
    r->report_key = held.report_key;
    next_number(r, held.reading);
    memcpy(reading, held.reading, sizeof held.reading);
    mm_buf_append(&r->claim_members, origin->member);
    mm_buf_append(&r->claims, (struct mm_view){(const char *)&held, sizeof held});
}

static struct held_claim held_claim(const struct mm_report_rows *r, size_t index)
{
    struct held_claim held;
    memcpy(&held, r->claims.data + index * sizeof held, sizeof held);
    return held;
}

enum mm_status mm_rows_finish(struct mm_report_rows *r)
{
    struct held_claim held;
    if (r->status == MM_OK || r->claims.len < sizeof held)
        return r->status;
    size_t last = r->claims.len - sizeof held;
    memcpy(&held, r->claims.data + last, sizeof held);
    held.kind = MM_CLAIM_KIND_VOID;
    memcpy(r->claims.data + last, &held, sizeof held);
    return r->status;
}

static void put_claim(struct mm_report_rows *r, const struct held_claim *held,
                      struct mm_view source_path, const struct mm_hash128 *input, uint32_t siblings,
                      bool alone)
{
    struct mm_view member = {NULL, 0};
    if (held->has_member)
        member = mm_view_sub(mm_buf_view(&r->claim_members), held->member_at, held->member_len);
    mm_rows_begin(r, MM_TABLE_CLAIMS);
    mm_row_int(&r->writer, held->kind);
    mm_row_address(&r->writer, held->identity);
    mm_row_bool(&r->writer, held->salvaged);
    mm_row_int(&r->writer, -held->records);
    mm_row_int(&r->writer, -held->messages);
    /* Smallest first, as numbers without a sign. */
    mm_row_int(&r->writer, mm_rows_signed(held->document_hash ^ (uint64_t)1 << 63));
    mm_rows_path(r, source_path);
    mm_rows_path(r, member);
    mm_row_int(&r->writer, held->report_key);
    mm_row_int(&r->writer, mm_rows_signed(held->content_hash));
    mm_row_address(&r->writer, held->reading);
    mm_row_address(&r->writer, (const uint8_t *)input);
    mm_row_int(&r->writer, siblings);
    mm_row_bool(&r->writer, alone);
    mm_row_int(&r->writer, MM_CLAIM_NEW);
    mm_rows_end(r, NULL);
}

enum mm_status mm_rows_of_input(struct mm_report_rows *r, struct mm_view source_path,
                                const uint8_t id[MM_READING_BYTES], bool alone,
                                struct mm_error *err)
{
    size_t count = r->claims.len / sizeof(struct held_claim);
    struct mm_hash128 bytes = mm_hash128_of((struct mm_view){(const char *)id, MM_READING_BYTES}),
                      input = mm_hash128_chain(bytes, source_path);
    mm_rows_start(r, err);
    if (r->claims.failed || r->claim_members.failed)
        r->status = mm_fail(err, MM_E_NOMEM, "no memory for the reports of one input");
    for (size_t i = 0; i < count && r->status == MM_OK; i++) {
        struct held_claim held = held_claim(r, i);
        put_claim(r, &held, source_path, &input, (uint32_t)count, alone);
    }
    mm_buf_clear(&r->claims);
    mm_buf_clear(&r->claim_members);
    r->repeated_beyond = 0;
    mm_rows_begin(r, MM_TABLE_INPUTS);
    mm_row_address(&r->writer, id);
    mm_rows_end(r, NULL);
    return r->status;
}

/* ---- refusals ---- */

enum mm_status mm_rows_of_reject(struct mm_report_rows *r, const struct mm_report_reject *reject,
                                 struct mm_error *err)
{
    mm_rows_start(r, err);
    mm_rows_begin(r, MM_TABLE_REJECTS);
    mm_rows_path(r, reject->source_path);
    mm_rows_path(r, reject->member);
    if (reject->byte_offset > INT64_MAX)
        mm_row_null(&r->writer);
    else
        mm_row_int(&r->writer, (int64_t)reject->byte_offset);
    mm_rows_text(r, reject->kind_guess);
    mm_row_string(&r->writer, reject->reason);
    mm_rows_text(r, reject->detail);
    if (reject->hashed)
        mm_row_int(&r->writer, mm_rows_signed(reject->input_hash));
    else
        mm_row_null(&r->writer);
    mm_rows_end(r, NULL);
    return r->status;
}

enum mm_status mm_rows_unread_id(struct mm_report_rows *r, const struct mm_report_reject *reject,
                                 uint8_t id[MM_READING_BYTES], struct mm_error *err)
{
    mm_rows_start(r, err);
    mm_buf_clear(&r->buf);
    add_text(&r->buf, reject->source_path);
    add_text(&r->buf, reject->member);
    add_text(&r->buf, reject->reason);
    add_text(&r->buf, reject->detail);
    add_number(&r->buf, (int64_t)reject->byte_offset);
    hash_buf(r, id);
    return r->status;
}
