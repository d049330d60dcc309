/*
 * job_reports.c - the reports job: rows of every report in an input.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/job_reports.h"

#include <stdlib.h>

#include "base/stage.h"
#include "crypto/digest.h"
#include "dataset/report_rows.h"
#include "report/content_kind.h"
#include "report/unwrap.h"

enum {
    /* What a document is read into: some ten times its size, which is 64 MiB at most. */
    READ_ARENA_BYTES = 1024 * 1024 * 1024,
    /* The texts of one row that are not UTF-8, or redacted. */
    TEXT_ARENA_BYTES = 128 * 1024 * 1024,
    NAME_MAX_BYTES = 64 * 1024 /* place of a member in a member */
};

/* Mail that is none: counted, and no failure. A reason of report/unwrap_reasons.def. */
static const char NOT_A_REPORT[] = "not-a-report";

struct reports_worker {
    struct mm_reports_job_state *job;
    struct mm_unwrapper *unwrapper;
    struct mm_bounce_matcher *matcher;
    struct mm_digest_ctx *digest;
    struct mm_row_runs *runs;
    struct mm_report_rows rows;
    struct mm_arena read, texts;  /* of one document, of one row */
    struct mm_xml_shapes *shapes; /* of records of aggregate reports */
    struct mm_buf member;         /* name of the document at hand */
    struct mm_report_counts counts;
    struct mm_report_counts saved;      /* counts that were saved, no longer among the others */
    uint64_t repeated, repeated_unread; /* see job_reports.h */
    uint64_t parse_ns, hash_ns;         /* parse: until the rows are in the runs */
    /* the input at hand */
    const struct mm_item *item;
    struct mm_error *err;
    uint64_t reports, others; /* that make claims; that ended in rows of another kind */
    const char *first_slug, *first_detail;
    uint64_t first_offset;
    const char *notice_word; /* what the mail is that is no report */
};

/* ---- a worker ---- */

static enum mm_status take_row(void *context, size_t table, struct mm_view row,
                               struct mm_error *err)
{
    struct reports_worker *w = context;
    return mm_row_runs_add(w->runs, table, row, err);
}

static enum mm_status worker_new(void *job, void **worker, struct mm_error *err)
{
    struct reports_worker *w = calloc(1, sizeof *w);
    if (!w)
        return mm_fail(err, MM_E_NOMEM, "no memory for a reader of reports");
    *worker = w;
    w->job = job;
    mm_arena_init(&w->read, READ_ARENA_BYTES);
    mm_arena_init(&w->texts, TEXT_ARENA_BYTES);
    mm_buf_init(&w->member, NAME_MAX_BYTES);
    unsigned index = w->job->workers++;
    w->runs = mm_dataset_runs(w->job->output->dataset, index);
    w->unwrapper = mm_unwrapper_new();
    w->digest = mm_digest_ctx_new();
    w->rows = (struct mm_report_rows){
        .text = {.arena = &w->texts, .redaction = w->job->redaction},
        .digest = w->digest,
        .worker = (uint16_t)mm_dataset_number(w->job->output->dataset, index),
        .split_days = w->job->split_days,
        .subjects = w->job->subjects,
        .take = take_row,
        .context = w};
    mm_report_rows_init(&w->rows);
    w->shapes = mm_xml_shapes_new();
    if (!w->unwrapper || !w->digest || !w->shapes ||
        mm_bounce_matcher_new(&w->matcher, w->job->rules) != MM_OK)
        return mm_fail(err, MM_E_NOMEM, "no memory for a reader of reports");
    if (w->job->openssl_only)
        mm_digest_ctx_openssl_only(w->digest);
    return MM_OK;
}

static void worker_free(void *worker)
{
    struct reports_worker *w = worker;
    mm_report_rows_deinit(&w->rows);
    mm_bounce_matcher_free(&w->matcher);
    mm_digest_ctx_free(&w->digest);
    mm_xml_shapes_free(&w->shapes);
    mm_unwrapper_free(&w->unwrapper);
    mm_buf_deinit(&w->member);
    mm_arena_deinit(&w->texts);
    mm_arena_deinit(&w->read);
    free(w);
}

/* ---- where something is ---- */

static struct mm_view source_path(const struct mm_item *item)
{
    struct mm_view message = item->message;
    if (item->member_at)
        message.len = item->member_at - 1;
    return message;
}

/* The item's own place in its container, and the document's in the item; absent where neither is.
 */
static struct mm_view member_name(struct reports_worker *w, struct mm_view inside)
{
    struct mm_view message = w->item->message, own = {NULL, 0};
    if (w->item->member_at)
        own = mm_view_sub(message, w->item->member_at, message.len - w->item->member_at);
    if (inside.len == 0)
        return own;
    if (own.len == 0)
        return inside;
    mm_buf_clear(&w->member);
    mm_buf_append(&w->member, own);
    mm_buf_append_char(&w->member, '!');
    mm_buf_append(&w->member, inside);
    return w->member.failed ? own : mm_buf_view(&w->member);
}

/* Without folders: what a report's file is called says who sent it. */
static struct mm_view file_name(const struct mm_item *item)
{
    struct mm_view name = item->message;
    const char *slash = memrchr(name.data, '/', name.len);
    return slash ? mm_view_sub(name, (size_t)(slash - name.data) + 1,
                               name.len - (size_t)(slash - name.data) - 1)
                 : name;
}

static struct mm_report_origin origin_of(struct reports_worker *w, const struct mm_document *d)
{
    return (struct mm_report_origin){.source_path = source_path(w->item),
                                     .member = member_name(w, d->member),
                                     .received_at = d->received_at,
                                     .reporter_domain = d->reporter_domain,
                                     .document_bytes = d->bytes.len,
                                     .document_hash = d->hash};
}

/* ---- what is no report ---- */

static void note_first(struct reports_worker *w, const char *slug, const char *detail,
                       uint64_t offset)
{
    if (w->first_slug)
        return;
    w->first_slug = slug;
    w->first_detail = detail;
    w->first_offset = offset;
}

static enum mm_status refuse(struct reports_worker *w, struct mm_report_reject *reject)
{
    reject->source_path = source_path(w->item);
    bool told = mm_view_eq(reject->reason, mm_view_of(NOT_A_REPORT));
    w->counts.damaged += !told;
    return mm_rows_of_reject(&w->rows, reject, w->err);
}

/* A document that claims to be a report and cannot be read as one. */
static enum mm_status refuse_document(struct reports_worker *w, const struct mm_document *d,
                                      const char *slug, const char *words, uint64_t offset)
{
    struct mm_report_reject reject = {.member = member_name(w, d->member),
                                      .byte_offset = offset,
                                      .kind_guess = mm_view_of(mm_document_kind_word(d->kind)),
                                      .reason = mm_view_of(slug),
                                      .detail = mm_view_of(words),
                                      .hashed = true,
                                      .input_hash = d->hash};
    note_first(w, slug, words, offset);
    return refuse(w, &reject);
}

static enum mm_status take_reject(void *context, const struct mm_unwrap_reject *r)
{
    struct reports_worker *w = context;
    bool no_report = strcmp(r->reason, NOT_A_REPORT) == 0;
    struct mm_report_reject reject = {
        .member = member_name(w, r->member),
        .byte_offset = r->offset,
        .kind_guess = no_report && w->notice_word ? mm_view_of(w->notice_word) : r->kind_guess,
        .reason = mm_view_of(r->reason),
        .detail = mm_view_of(r->detail),
        .hashed = true,
        .input_hash = r->hash};
    note_first(w, r->reason, r->detail, r->offset);
    return refuse(w, &reject);
}

/* ---- documents ---- */

/* A document could not be read for want of memory: of what is set apart for one, which is the
 * document's fault and ends it alone; or of any. */
static enum mm_status no_memory(struct reports_worker *w, const struct mm_document *d)
{
    if (w->read.used_bytes > READ_ARENA_BYTES / 2)
        return refuse_document(w, d, "too-much-to-read", "reading it takes more than 1 GiB",
                               MM_NO_OFFSET);
    return mm_fail(w->err, MM_E_NOMEM, "no memory to read a document");
}

/* Rows of a document were taken, `count` of what `sum` counts and one for `found`; or it has a row
 * that is too long for any table. */
static enum mm_status account(struct reports_worker *w, const struct mm_document *d,
                              enum mm_status st, uint64_t *found, uint64_t *sum, uint64_t count)
{
    if (st == MM_E_LIMIT)
        return refuse_document(w, d, "row-too-long", "one of its rows is longer than 16 MiB",
                               MM_NO_OFFSET);
    if (st == MM_OK) {
        *sum += count;
        (*found)++;
    }
    return st;
}

/*
 * A document could not be read. `other` is the fault of one that is something else: without a sign
 * of a report in it, it is no damaged report but none.
 */
static enum mm_status fail_document(struct reports_worker *w, const struct mm_document *d,
                                    enum mm_status st, const struct mm_report_fault *fault,
                                    enum mm_report_fault_reason other)
{
    if (st == MM_E_NOMEM)
        return no_memory(w, d);
    if (fault->reason == other && !mm_content_looks_like_report(d->bytes))
        return MM_END;
    return refuse_document(w, d, mm_report_fault_slug(fault->reason),
                           mm_report_fault_words(fault->reason), fault->offset);
}

static enum mm_status read_aggregate(struct reports_worker *w, const struct mm_document *d)
{
    struct mm_dmarc_report report;
    struct mm_report_fault fault = {.offset = MM_NO_OFFSET};
    struct mm_report_origin origin = origin_of(w, d);
    enum mm_status st = mm_dmarc_parse(d->bytes, &d->hints, w->shapes, &w->read, &report, &fault);
    if (st != MM_OK)
        return fail_document(w, d, st, &fault, MM_REPORT_FAULT_DMARC_ROOT);
    if (d->packed_end != MM_INFLATE_WHOLE)
        report.flags |= MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_SALVAGED);
    st = mm_rows_of_dmarc(&w->rows, &report, &origin, w->err);
    return account(w, d, st, &w->reports, &w->counts.dmarc_reports, 1);
}

static enum mm_status read_tls(struct reports_worker *w, const struct mm_document *d)
{
    struct mm_tls_report report;
    struct mm_report_fault fault = {.offset = MM_NO_OFFSET};
    struct mm_report_origin origin = origin_of(w, d);
    enum mm_status st = mm_tls_parse(d->bytes, &d->hints, &w->read, &report, &fault);
    if (st != MM_OK)
        return fail_document(w, d, st, &fault, MM_REPORT_FAULT_TLS_SHAPE);
    if (d->packed_end != MM_INFLATE_WHOLE)
        report.flags |= MM_TLS_FLAG_BIT(MM_TLS_FLAG_SALVAGED);
    st = mm_rows_of_tls(&w->rows, &report, &origin, w->err);
    return account(w, d, st, &w->reports, &w->counts.tls_reports, 1);
}

static enum mm_status read_notice(struct reports_worker *w, const struct mm_document *d)
{
    struct mm_notice notice;
    struct mm_report_origin origin = origin_of(w, d);
    enum mm_status st = mm_bounce_read(w->matcher, d->mime, &w->read, &notice);
    if (st == MM_E_NOMEM)
        return no_memory(w, d);
    if (notice.kind != MM_NOTICE_BOUNCE) {
        w->notice_word = mm_notice_kind_word(notice.kind);
        return MM_END;
    }
    bool cut = st == MM_E_LIMIT;
    st = mm_rows_of_notice(&w->rows, &notice, &origin, w->err);
    st = account(w, d, st, &w->others, &w->counts.bounces, notice.row_count);
    return st == MM_OK && cut
               ? refuse_document(w, d, "too-many-recipients",
                                 "recipients behind the first 100,000 are not read", MM_NO_OFFSET)
               : st;
}

/* A complaint or failure report; else perhaps a bounce. */
static enum mm_status read_mail(struct reports_worker *w, const struct mm_document *d)
{
    struct mm_arf_report report;
    struct mm_report_origin origin = origin_of(w, d);
    enum mm_status st = mm_arf_read(d->mime, &w->read, &report);
    if (st == MM_END)
        return read_notice(w, d);
    if (st != MM_OK)
        return no_memory(w, d);
    st = mm_rows_of_arf(&w->rows, &report, &origin, w->err);
    return account(w, d, st, &w->others, &w->counts.feedback_reports, 1);
}

static enum mm_status take_document(void *context, const struct mm_document *d)
{
    struct reports_worker *w = context;
    enum mm_status st = MM_END;
    switch (d->kind) {
    case MM_DOCUMENT_XML:
        st = read_aggregate(w, d);
        break;
    case MM_DOCUMENT_JSON:
        st = read_tls(w, d);
        break;
    case MM_DOCUMENT_MAIL:
    case MM_DOCUMENT_TEXT:
        st = read_mail(w, d);
        break;
    }
    mm_arena_reset(&w->read);
    return st;
}

/* ---- inputs ---- */

static bool is_taken(const struct reports_worker *w, const uint8_t *id)
{
    return mm_dataset_has(w->job->output->dataset, id);
}

/* What could not be read has its row as well: once. */
static enum mm_status put_unread(struct reports_worker *w)
{
    uint8_t id[MM_READING_BYTES];
    struct mm_report_reject reject = {.source_path = source_path(w->item),
                                      .member = member_name(w, (struct mm_view){NULL, 0}),
                                      .byte_offset = w->item->offset,
                                      .reason = mm_view_of(w->item->slug),
                                      .detail = mm_view_of(w->item->detail)};
    MM_TRY(mm_rows_unread_id(&w->rows, &reject, id, w->err));
    if (is_taken(w, id)) {
        w->repeated_unread++;
        w->counts.damaged++;
        return MM_OK;
    }
    MM_TRY(refuse(w, &reject));
    return mm_rows_of_input(&w->rows, reject.source_path, id, false, w->err);
}

/* MM_AGAIN: its messages are the inputs. */
static enum mm_status see_unpacked(void *context, struct mm_view text)
{
    const struct reports_worker *w = context;
    const struct mm_item *item = w->item;
    return item->is_container && item->is_container(item->bytes, text) ? MM_AGAIN : MM_OK;
}

/* MM_AGAIN: it holds a container, and stays pending. */
static enum mm_status read_input(struct reports_worker *w, struct mm_item *item,
                                 const uint8_t *digest)
{
    const struct mm_unwrap_sink sink = {w, take_document, take_reject, see_unpacked};
    if (is_taken(w, digest)) {
        if (item->is_container && item->is_container(item->bytes, (struct mm_view){NULL, 0}))
            return MM_AGAIN;
        item->outcome = MM_OUTCOME_DUPLICATE;
        w->repeated++;
        return MM_OK;
    }
    w->reports = w->others = 0;
    w->first_slug = w->notice_word = NULL;
    enum mm_status st = mm_unwrap_input(w->unwrapper, item->bytes, file_name(item), &sink, NULL);
    if (st == MM_E_NOMEM && w->err->status != st)
        return mm_fail(w->err, st, "no memory to unpack an input");
    if (st != MM_OK)
        return st;
    bool found = w->reports + w->others > 0;
    if (found)
        item->outcome = MM_OUTCOME_EXTRACTED;
    else
        mm_item_reject(item, w->first_slug, w->first_detail, w->first_offset);
    w->counts.not_reports += !found && strcmp(w->first_slug, NOT_A_REPORT) == 0;
    bool alone = w->others == 0 && !w->first_slug;
    return mm_rows_of_input(&w->rows, source_path(item), digest, alone, w->err);
}

/* SHA-256 of every input, many at a time. */
static enum mm_status hash_inputs(struct reports_worker *w, struct mm_arena *arena,
                                  const struct mm_item *items, size_t count,
                                  struct mm_digest_job **jobs, struct mm_error *err)
{
    size_t pending = 0;
    uint64_t start = mm_stage_ns();
    *jobs = MM_ARENA_ARRAY(arena, struct mm_digest_job, count);
    if (!*jobs)
        return mm_fail(err, MM_E_NOMEM, "no memory for a batch");
    for (size_t i = 0; i < count; i++)
        if (items[i].outcome == MM_OUTCOME_PENDING)
            (*jobs)[pending++] = (struct mm_digest_job){.alg = MM_SHA256, .whole = items[i].bytes};
    enum mm_status st = mm_digest_many(w->digest, *jobs, pending);
    mm_stage_slow(MM_STAGE_HASH);
    w->hash_ns += mm_stage_ns() - start;
    return st == MM_OK ? st : mm_fail(err, st, "cannot hash a batch: %s", mm_status_text(st));
}

/* What is told of an input from now on is without local parts too. */
static enum mm_status redact_name(const struct reports_worker *w, struct mm_arena *arena,
                                  struct mm_item *item, struct mm_error *err)
{
    struct mm_row_text text = {.arena = arena, .redaction = w->job->redaction};
    if (!w->job->redaction)
        return MM_OK;
    item->message = mm_row_text_of(&text, item->message);
    bool failed = text.failed;
    mm_row_text_deinit(&text);
    return failed ? mm_fail(err, MM_E_NOMEM, "no memory for a name") : MM_OK;
}

static enum mm_status batch(void *worker, struct mm_arena *arena, struct mm_item *items,
                            size_t count, struct mm_error *err)
{
    struct reports_worker *w = worker;
    struct mm_digest_job *jobs;
    w->err = err;
    MM_TRY(hash_inputs(w, arena, items, count, &jobs, err));
    uint64_t start = mm_stage_ns();
    for (size_t i = 0, k = 0; i < count; i++) {
        w->item = &items[i];
        enum mm_status st = items[i].outcome == MM_OUTCOME_PENDING
                                ? read_input(w, &items[i], jobs[k++].digest)
                                : put_unread(w);
        MM_TRY(st);
        if (st == MM_AGAIN)
            break;
        MM_TRY(redact_name(w, arena, &items[i], err));
    }
    mm_stage_slow(MM_STAGE_PARSE);
    w->parse_ns += mm_stage_ns() - start;
    return MM_OK;
}

static void add_counts(struct mm_report_counts *sum, const struct mm_report_counts *more)
{
    sum->dmarc_reports += more->dmarc_reports;
    sum->tls_reports += more->tls_reports;
    sum->feedback_reports += more->feedback_reports;
    sum->bounces += more->bounces;
    sum->not_reports += more->not_reports;
    sum->damaged += more->damaged;
}

static void save_counts(void *worker, struct mm_buf *out)
{
    struct reports_worker *w = worker;
    mm_buf_append(out, (struct mm_view){(const char *)&w->counts, sizeof w->counts});
    add_counts(&w->saved, &w->counts);
    w->counts = (struct mm_report_counts){.dmarc_reports = 0};
}

static enum mm_status load_counts(void *job, struct mm_view text)
{
    struct mm_report_counts counts;
    if (text.len != sizeof counts)
        return MM_E_SYNTAX;
    memcpy(&counts, text.data, sizeof counts);
    add_counts(&((struct mm_reports_job_state *)job)->counts, &counts);
    return MM_OK;
}

static void merge(void *job, void *worker, struct mm_run_stats *stats)
{
    const struct reports_worker *w = worker;
    struct mm_reports_job_state *state = job;
    add_counts(&state->counts, &w->saved);
    add_counts(&state->counts, &w->counts);
    state->repeated += w->repeated;
    state->repeated_unread += w->repeated_unread;
    stats->parse_ns += w->parse_ns;
    stats->hash_ns += w->hash_ns;
}

const struct mm_job_ops mm_reports_job = {.sniff_files = true,
                                          .unpacks = true,
                                          .worker_new = worker_new,
                                          .worker_free = worker_free,
                                          .batch = batch,
                                          .save_counts = save_counts,
                                          .load_counts = load_counts,
                                          .merge = merge};
