/*
 * job_reports.c - the reports job: rows of every report in an input.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/job_reports.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/stage.h"
#include "crypto/digest.h"
#include "dataset/report_rows.h"
#include "pipeline/input_faults.h"
#include "report/content_kind.h"
#include "report/unwrap.h"

enum {
    /* What a document is read into: some ten times its size, which is 64 MiB at most. */
    READ_ARENA_BYTES = 1024 * 1024 * 1024,
    /* The texts of one row that are not UTF-8, or redacted. */
    TEXT_ARENA_BYTES = 128 * 1024 * 1024,
    NAME_MAX_BYTES = 64 * 1024, /* place of a member in a member */
    WORDS_MAX_BYTES = 4 * 1024  /* what is wrong with a document */
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
    struct mm_arena *arena; /* of its segment */
    struct mm_error *err;
    uint64_t reports, others;      /* that make claims; that ended in rows of another kind */
    struct mm_input_faults faults; /* but for mail that is no report */
    struct mm_buf words;           /* of a document's fault */
    bool damaged;                  /* some of it should be a report and cannot be read */
    bool has_letter;               /* mail that is no report… */
    uint64_t letter_offset;        /* …the first of it */
    const char *notice_word;       /* what that is */
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
    mm_buf_init(&w->words, WORDS_MAX_BYTES);
    mm_input_faults_init(&w->faults);
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
    mm_input_faults_deinit(&w->faults);
    mm_buf_deinit(&w->words);
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

/* A row of rejects, and a fault of the input at hand. inside: where in it. */
static enum mm_status put_fault(struct reports_worker *w, struct mm_view inside, const char *slug,
                                struct mm_report_reject *reject)
{
    mm_input_faults_note(&w->faults, inside, slug, reject->detail, reject->byte_offset);
    reject->source_path = source_path(w->item);
    reject->member = member_name(w, inside);
    reject->reason = mm_view_of(slug);
    return mm_rows_of_reject(&w->rows, reject, w->err);
}

static enum mm_status refuse(struct reports_worker *w, struct mm_view inside, const char *slug,
                             struct mm_report_reject *reject)
{
    w->damaged = true;
    w->counts.damaged++;
    return put_fault(w, inside, slug, reject);
}

/* A document that claims to be a report and cannot be read as one. */
static enum mm_status refuse_document(struct reports_worker *w, const struct mm_document *d,
                                      const char *slug, struct mm_view words, uint64_t offset)
{
    struct mm_report_reject reject = {.byte_offset = offset,
                                      .kind_guess = mm_view_of(mm_document_kind_word(d->kind)),
                                      .detail = words,
                                      .hashed = true,
                                      .input_hash = d->hash};
    return refuse(w, d->member, slug, &reject);
}

/* Mail that is none has its row, and nothing is wrong with it. */
static enum mm_status put_letter(struct reports_worker *w, const struct mm_unwrap_reject *r)
{
    struct mm_report_reject reject = {.source_path = source_path(w->item),
                                      .member = member_name(w, r->member),
                                      .byte_offset = r->offset,
                                      .kind_guess = w->notice_word ? mm_view_of(w->notice_word)
                                                                   : r->kind_guess,
                                      .reason = mm_view_of(r->reason),
                                      .detail = mm_view_of(r->detail),
                                      .hashed = true,
                                      .input_hash = r->hash};
    if (!w->has_letter)
        w->letter_offset = r->offset;
    w->has_letter = true;
    return mm_rows_of_reject(&w->rows, &reject, w->err);
}

static enum mm_status take_reject(void *context, const struct mm_unwrap_reject *r)
{
    struct reports_worker *w = context;
    struct mm_report_reject reject = {.byte_offset = r->offset,
                                      .kind_guess = r->kind_guess,
                                      .detail = mm_view_of(r->detail),
                                      .hashed = true,
                                      .input_hash = r->hash};
    bool letter = strcmp(r->reason, NOT_A_REPORT) == 0;
    return letter ? put_letter(w, r) : refuse(w, r->member, r->reason, &reject);
}

/* ---- documents ---- */

/* A document could not be read for want of memory: of what is set apart for one, which is the
 * document's fault and ends it alone; or of any. */
static enum mm_status no_memory(struct reports_worker *w, const struct mm_document *d)
{
    if (w->read.used_bytes > READ_ARENA_BYTES / 2)
        return refuse_document(w, d, "too-much-to-read",
                               MM_VIEW("reading it takes more than 1 GiB"), MM_NO_OFFSET);
    return mm_fail(w->err, MM_E_NOMEM, "no memory to read a document");
}

/* Rows of a document were taken, `count` of what `sum` counts and one for `found`; or it has a row
 * that is too long for any table. */
static enum mm_status account(struct reports_worker *w, const struct mm_document *d,
                              enum mm_status st, uint64_t *found, uint64_t *sum, uint64_t count)
{
    if (st == MM_E_LIMIT)
        return refuse_document(w, d, "row-too-long",
                               MM_VIEW("one of its rows is longer than 16 MiB"), MM_NO_OFFSET);
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
    mm_buf_clear(&w->words);
    mm_report_fault_describe(fault, &w->words);
    return refuse_document(w, d, mm_report_fault_slug(fault->reason), mm_buf_view(&w->words),
                           fault->offset);
}

/* Records that cannot be used are no harm to the others: each of the first has a row of rejects,
 * and the last of those tells how many have none. */
static enum mm_status name_skipped(struct reports_worker *w, const struct mm_document *d,
                                   const struct mm_dmarc_report *report)
{
    w->counts.records_skipped += report->skipped_count;
    for (uint32_t i = 0; i < report->skipped_count && i < MM_DMARC_SKIPS_MAX; i++) {
        const struct mm_dmarc_skip *skip = &report->skips[i];
        mm_buf_clear(&w->words);
        mm_buf_append_str(&w->words, mm_dmarc_skip_words(skip->reason));
        if (i == MM_DMARC_SKIPS_MAX - 1 && i + 1 < report->skipped_count)
            mm_buf_printf(&w->words, "; so are %" PRIu32 " more of this report",
                          report->skipped_count - i - 1);
        struct mm_report_reject reject = {.byte_offset = skip->offset,
                                          .kind_guess = mm_view_of(mm_document_kind_word(d->kind)),
                                          .detail = mm_buf_view(&w->words),
                                          .hashed = true,
                                          .input_hash = d->hash};
        MM_TRY(put_fault(w, d->member, mm_dmarc_skip_slug(skip->reason), &reject));
    }
    return MM_OK;
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
    uint64_t before = w->reports;
    st = mm_rows_of_dmarc(&w->rows, &report, &origin, w->err);
    MM_TRY(account(w, d, st, &w->reports, &w->counts.dmarc_reports, 1));
    return w->reports > before ? name_skipped(w, d, &report) : MM_OK;
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
                                 MM_VIEW("recipients behind the first 100,000 are not read"),
                                 MM_NO_OFFSET)
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
    w->counts.damaged++;
    MM_TRY(mm_rows_of_reject(&w->rows, &reject, w->err));
    return mm_rows_of_input(&w->rows, reject.source_path, id, false, w->err);
}

/* MM_AGAIN: its messages are the inputs. */
static enum mm_status see_unpacked(void *context, struct mm_view text)
{
    const struct reports_worker *w = context;
    const struct mm_item *item = w->item;
    return item->is_container && item->is_container(item->bytes, text) ? MM_AGAIN : MM_OK;
}

/* The line of an input that was rejected, or is damaged in part. */
static enum mm_status tell_faults(struct reports_worker *w, struct mm_item *item)
{
    struct mm_view words = mm_input_faults_tell(&w->faults);
    struct mm_row_text text = {.arena = w->arena, .redaction = w->job->redaction};
    if (w->job->redaction)
        words = mm_row_text_of(&text, words);
    bool failed = text.failed;
    mm_row_text_deinit(&text);
    char *detail = words.data && !failed ? mm_arena_alloc(w->arena, words.len + 1) : NULL;
    if (!detail)
        return mm_fail(w->err, MM_E_NOMEM, "no memory for what is wrong with an input");
    memcpy(detail, words.data, words.len);
    detail[words.len] = '\0';
    item->slug = w->faults.slug;
    item->detail = detail;
    item->offset = w->faults.offset;
    return MM_OK;
}

/* All of it has been read. */
static enum mm_status decide(struct reports_worker *w, struct mm_item *item)
{
    bool found = w->reports + w->others > 0;
    if (!found && !w->faults.count) {
        w->counts.not_reports++;
        mm_item_reject(item, NOT_A_REPORT, mm_unwrap_reason_words(NOT_A_REPORT), w->letter_offset);
        return MM_OK;
    }
    item->outcome = found ? MM_OUTCOME_EXTRACTED : MM_OUTCOME_REJECTED;
    return w->faults.count ? tell_faults(w, item) : MM_OK;
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
    w->damaged = w->has_letter = false;
    w->notice_word = NULL;
    mm_input_faults_clear(&w->faults);
    enum mm_status st = mm_unwrap_input(w->unwrapper, item->bytes, file_name(item), &sink, NULL);
    if (st == MM_E_NOMEM && w->err->status != st)
        return mm_fail(w->err, st, "no memory to unpack an input");
    if (st != MM_OK)
        return st;
    MM_TRY(decide(w, item));
    bool alone = w->others == 0 && !w->damaged && !w->has_letter;
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
    w->arena = arena;
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
    sum->records_skipped += more->records_skipped;
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
