/*
 * job_reports.c - the reports job: rows of every report in an input.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "base/stage.h"
#include "pipeline/job_reports_internal.h"

enum {
    /* The texts of one row that are not UTF-8, or redacted. */
    TEXT_ARENA_BYTES = 128 * 1024 * 1024,
    NAME_MAX_BYTES = 64 * 1024, /* place of a member in a member */
    WORDS_MAX_BYTES = 4 * 1024  /* what is wrong with a document */
};

/* ---- a worker ---- */

static enum mm_status take_row(void *context, size_t table, struct mm_view row,
                               struct mm_error *err)
{
    struct mm_reports_worker *w = context;
    return mm_row_runs_add(w->runs, table, row, err);
}

static enum mm_status worker_new(void *job, void **worker, struct mm_error *err)
{
    struct mm_reports_worker *w = calloc(1, sizeof *w);
    if (!w)
        return mm_fail(err, MM_E_NOMEM, "no memory for a reader of reports");
    *worker = w;
    w->job = job;
    mm_arena_init(&w->read, MM_REPORTS_READ_BYTES);
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
    struct mm_reports_worker *w = worker;
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

/* ---- inputs ---- */

/* Without folders: what a report's file is called says who sent it. */
static struct mm_view file_name(const struct mm_item *item)
{
    struct mm_view name = item->message;
    const char *slash = memrchr(name.data, '/', name.len);
    return slash ? mm_view_sub(name, (size_t)(slash - name.data) + 1,
                               name.len - (size_t)(slash - name.data) - 1)
                 : name;
}

static bool is_taken(const struct mm_reports_worker *w, const uint8_t *id)
{
    return mm_dataset_has(w->job->output->dataset, id);
}

/* What could not be read has its row as well: once. */
static enum mm_status put_unread(struct mm_reports_worker *w)
{
    uint8_t id[MM_READING_BYTES];
    struct mm_report_reject reject = {.source_path = mm_reports_source_path(w->item),
                                      .member = mm_reports_member(w, (struct mm_view){NULL, 0}),
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
    const struct mm_reports_worker *w = context;
    const struct mm_item *item = w->item;
    return item->is_container && item->is_container(item->bytes, text) ? MM_AGAIN : MM_OK;
}

/* The line of an input that was rejected, or is damaged in part. */
static enum mm_status tell_faults(struct mm_reports_worker *w, struct mm_item *item)
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
static enum mm_status decide(struct mm_reports_worker *w, struct mm_item *item)
{
    bool found = w->reports + w->others > 0;
    if (!found && !w->faults.count) {
        w->counts.not_reports++;
        mm_item_reject(item, MM_NOT_A_REPORT, mm_unwrap_reason_words(MM_NOT_A_REPORT),
                       w->letter_offset);
        return MM_OK;
    }
    item->outcome = found ? MM_OUTCOME_EXTRACTED : MM_OUTCOME_REJECTED;
    return w->faults.count ? tell_faults(w, item) : MM_OK;
}

/* MM_AGAIN: it holds a container, and stays pending. */
static enum mm_status read_input(struct mm_reports_worker *w, struct mm_item *item,
                                 const uint8_t *digest)
{
    const struct mm_unwrap_sink sink = {w, mm_reports_take_document, mm_reports_take_reject,
                                        see_unpacked};
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
    return mm_rows_of_input(&w->rows, mm_reports_source_path(item), digest, alone, w->err);
}

/* SHA-256 of every input, many at a time. */
static enum mm_status hash_inputs(struct mm_reports_worker *w, struct mm_arena *arena,
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
static enum mm_status redact_name(const struct mm_reports_worker *w, struct mm_arena *arena,
                                  struct mm_item *item, struct mm_error *err)
{
    struct mm_row_text text = {.arena = arena, .redaction = w->job->redaction};
    if (!w->job->redaction)
        return MM_OK;
    item->message = mm_row_text_path(&text, item->message);
    bool failed = text.failed;
    mm_row_text_deinit(&text);
    return failed ? mm_fail(err, MM_E_NOMEM, "no memory for a name") : MM_OK;
}

static enum mm_status batch(void *worker, struct mm_arena *arena, struct mm_item *items,
                            size_t count, struct mm_error *err)
{
    struct mm_reports_worker *w = worker;
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
    struct mm_reports_worker *w = worker;
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
    const struct mm_reports_worker *w = worker;
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
