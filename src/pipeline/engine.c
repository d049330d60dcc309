/*
 * engine.c - starts scanner and workers, applies what they commit, ticks, joins, counts.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/engine.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/cpu.h"
#include "pipeline/waiting.h"

enum { TICK_MS = 100 };

static atomic_bool stop_asked; /* lock-free: C17 7.14.1.1 lets signal handlers set it */

void mm_run_stop(void)
{
    atomic_store(&stop_asked, true);
}

bool mm_run_stop_asked(void)
{
    return atomic_load_explicit(&stop_asked, memory_order_relaxed);
}

bool mm_run_stop_take(void)
{
    return atomic_exchange(&stop_asked, false);
}

bool mm_engine_failed(const struct mm_engine *e)
{
    return atomic_load_explicit(&e->failed, memory_order_relaxed) ||
           atomic_load_explicit(&e->pipe_closed, memory_order_relaxed);
}

bool mm_engine_stopping(const struct mm_engine *e)
{
    return mm_run_stop_asked() || mm_engine_failed(e);
}

void mm_engine_fail(struct mm_engine *e, int exit_code, const struct mm_error *error)
{
    pthread_mutex_lock(&e->error_lock);
    /* What follows from a closed pipe is no failure. */
    if (!mm_engine_failed(e)) {
        e->error = *error;
        e->error_exit = exit_code;
        atomic_store(&e->failed, true);
    }
    pthread_mutex_unlock(&e->error_lock);
    mm_commit_line_close(&e->line);
    mm_budget_close(&e->budget);
}

/* ---- commits ---- */

static enum mm_status apply_rejects(struct mm_engine *e, const struct mm_commit *c,
                                    struct mm_error *error)
{
    const struct mm_run_listener *l = &e->options->listener;
    if (c->note_count == 0)
        return MM_OK;
    pthread_mutex_lock(&e->listener_lock);
    for (uint32_t i = 0; i < c->note_count; i++) {
        const struct mm_reject_note *n = &c->notes[i];
        struct mm_view message =
            mm_view_sub(mm_buf_view(&c->notes_text), n->message_at, n->message_len);
        const char *detail = c->notes_text.data + n->detail_at;
        mm_rejects_log_add(e->rejects, message, n->slug, detail, n->offset);
        if (l->reject)
            l->reject(l->context, message, n->slug, detail, n->offset);
    }
    pthread_mutex_unlock(&e->listener_lock);
    return mm_rejects_log_flush(e->rejects, error);
}

static void apply_tally(struct mm_engine *e, const struct mm_tally *t)
{
    for (size_t i = 0; i < MM_COUNT(t->outcomes); i++)
        atomic_fetch_add_explicit(&e->outcomes[i], t->outcomes[i], memory_order_relaxed);
    for (size_t i = 0; i < MM_COUNT(t->results); i++)
        atomic_fetch_add_explicit(&e->results[i], t->results[i], memory_order_relaxed);
    atomic_fetch_add_explicit(&e->bytes, t->bytes, memory_order_relaxed);
}

/* What an ordered output holds by now, at the end of a batch. */
static enum mm_status note_prefix(struct mm_engine *e, const struct mm_commit *c,
                                  struct mm_error *error)
{
    struct mm_journal_prefix prefix = {.entries = c->entries, .chain = c->chain};
    if (!e->journal || !e->sink->ordered || !c->whole)
        return MM_OK;
    enum mm_status st = e->sink->ops->mark(e->sink, &e->mark, error);
    if (st != MM_OK)
        return st == MM_AGAIN ? MM_OK : st;
    if (e->journal->sync)
        MM_TRY(mm_rejects_log_sync(e->rejects, error));
    prefix.out_bytes = e->mark.bytes;
    prefix.packing_kept = e->mark.packing_kept;
    prefix.rejects_bytes = e->rejects->bytes;
    for (size_t i = 0; i < MM_COUNT(prefix.tally.outcomes); i++)
        prefix.tally.outcomes[i] = atomic_load(&e->outcomes[i]);
    for (size_t i = 0; i < MM_COUNT(prefix.tally.results); i++)
        prefix.tally.results[i] = atomic_load(&e->results[i]);
    prefix.tally.bytes = atomic_load(&e->bytes);
    return mm_journal_note_prefix(e->journal, &prefix, mm_buf_view(&e->mark.packing), error);
}

/* What is written counts, also when the list of rejects cannot be. */
static enum mm_status apply_commit(void *context, struct mm_commit *c)
{
    struct mm_engine *e = context;
    struct mm_error error = {.status = MM_OK};
    enum mm_status st = MM_OK;
    if (c->out.len)
        st = e->sink->ops->write(e->sink, mm_buf_view(&c->out), &error);
    if (st == MM_OK) {
        apply_tally(e, &c->tally);
        st = apply_rejects(e, c, &error);
    }
    if (st == MM_OK)
        st = note_prefix(e, c, &error);
    if (st == MM_OK)
        return MM_OK;
    if (error.os_errno == EPIPE && e->sink->reader_may_leave)
        atomic_store(&e->pipe_closed, true);
    mm_engine_fail(e, MM_EXIT_IO, &error);
    return st;
}

/* ---- statistics ---- */

uint64_t mm_run_peak_bytes(void)
{
    char line[256];
    unsigned long long kib = 0;
    FILE *f = fopen("/proc/self/status", "re");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "VmHWM: %llu kB", &kib) == 1)
            break;
    if (f)
        fclose(f);
    return kib * 1024;
}

static void take_counts(struct mm_engine *e, struct mm_run_stats *s)
{
    s->signed_count = atomic_load(&e->outcomes[MM_OUTCOME_SIGNED]);
    s->verified = atomic_load(&e->outcomes[MM_OUTCOME_VERIFIED]);
    s->extracted = atomic_load(&e->outcomes[MM_OUTCOME_EXTRACTED]);
    s->rejected = atomic_load(&e->outcomes[MM_OUTCOME_REJECTED]);
    s->duplicates = atomic_load(&e->outcomes[MM_OUTCOME_DUPLICATE]);
    s->inputs = s->signed_count + s->verified + s->extracted + s->rejected + s->duplicates;
    for (size_t i = 0; i < MM_COUNT(s->results); i++)
        s->results[i] = atomic_load(&e->results[i]);
    s->bytes = atomic_load(&e->bytes);
    s->names_bytes = atomic_load(&e->names_bytes);
    s->links_skipped = atomic_load(&e->links_skipped);
    s->openssl_only = e->options->openssl_only;
    s->resumed = atomic_load(&e->resumed);
    s->threads = e->resources.threads;
    s->threads_why = e->resources.threads_why;
    s->memory_bytes = e->resources.memory_bytes;
    const char *apart = atomic_load(&e->sink->synced_apart);
    s->synced_apart = apart ? apart : "";
}

/* Files synced one by one take their time: once, a line tells why. */
static void tell_how_synced(struct mm_engine *e)
{
    const struct mm_run_listener *l = &e->options->listener;
    const char *why = atomic_load(&e->sink->synced_apart);
    char text[160];
    if (e->told_how_synced || !why || !l->warn)
        return;
    e->told_how_synced = true;
    snprintf(text, sizeof text,
             "the output lies on %s: its files are synced one by one, since one sync of all is not "
             "enough there",
             why);
    pthread_mutex_lock(&e->listener_lock);
    l->warn(l->context, text);
    pthread_mutex_unlock(&e->listener_lock);
}

static void tick(struct mm_engine *e, uint64_t started_ns)
{
    const struct mm_run_listener *l = &e->options->listener;
    struct mm_run_stats now = {.io = "", .io_why = ""};
    tell_how_synced(e);
    if (!l->tick)
        return;
    take_counts(e, &now);
    now.wall_ns = mm_wall_ns() - started_ns;
    now.all_found = atomic_load(&e->scan_done);
    uint64_t known = now.all_found ? atomic_load(&e->inputs_seen) : atomic_load(&e->inputs_known);
    pthread_mutex_lock(&e->listener_lock);
    l->tick(l->context, &now, known);
    pthread_mutex_unlock(&e->listener_lock);
}

/* ---- threads ---- */

struct crew {
    struct mm_engine *e;
    struct member {
        struct crew *crew;
        struct mm_worker *worker;
        pthread_t thread;
        bool started;
    } * members; /* one a worker */
    pthread_t scanner;
    bool scanner_started;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned running;
};

static void *member_main(void *argument)
{
    struct member *m = argument;
    mm_worker_main(m->worker);
    pthread_mutex_lock(&m->crew->lock);
    m->crew->running--;
    pthread_cond_signal(&m->crew->changed);
    pthread_mutex_unlock(&m->crew->lock);
    return NULL;
}

static enum mm_status start_thread(pthread_t *thread, void *(*run)(void *), void *argument,
                                   bool *started, struct mm_error *err)
{
    int failed = pthread_create(thread, NULL, run, argument);
    *started = failed == 0;
    return failed ? mm_fail_os(err, failed, "cannot start a thread") : MM_OK;
}

/* All readers are there before the first worker starts (see mm_reader_new()). */
static enum mm_status start_crew(struct crew *crew, struct mm_error *err)
{
    struct mm_engine *e = crew->e;
    for (unsigned i = 0; i < e->resources.threads; i++) {
        struct member *m = &crew->members[i];
        m->crew = crew;
        MM_TRY(mm_worker_new(e, i, &m->worker, err));
    }
    MM_TRY(start_thread(&crew->scanner, mm_scanner_main, e, &crew->scanner_started, err));
    for (unsigned i = 0; i < e->resources.threads; i++) {
        struct member *m = &crew->members[i];
        pthread_mutex_lock(&crew->lock);
        enum mm_status st = start_thread(&m->thread, member_main, m, &m->started, err);
        crew->running += m->started;
        pthread_mutex_unlock(&crew->lock);
        MM_TRY(st);
    }
    return MM_OK;
}

static void wait_for_crew(struct crew *crew, uint64_t started_ns)
{
    pthread_mutex_lock(&crew->lock);
    while (crew->running) {
        struct timespec until = mm_clock_in(CLOCK_MONOTONIC, TICK_MS);
        pthread_cond_timedwait(&crew->changed, &crew->lock, &until);
        pthread_mutex_unlock(&crew->lock);
        tick(crew->e, started_ns);
        if (mm_engine_stopping(crew->e))
            mm_queue_close(&crew->e->queue, true, &crew->e->budget);
        pthread_mutex_lock(&crew->lock);
    }
    pthread_mutex_unlock(&crew->lock);
}

static void join_crew(struct crew *crew)
{
    struct mm_engine *e = crew->e;
    mm_queue_close(&e->queue, true, &e->budget);
    for (unsigned i = 0; i < e->resources.threads; i++)
        if (crew->members[i].started)
            pthread_join(crew->members[i].thread, NULL);
    if (crew->scanner_started)
        pthread_join(crew->scanner, NULL);
}

/* What the workers counted is the engine's now. */
static void dismiss_crew(struct crew *crew)
{
    static _Thread_local char why[256]; /* outlives the worker; one run a thread at a time */
    struct mm_engine *e = crew->e;
    e->stats.io = e->stats.io_why = "";
    if (crew->members[0].worker) {
        snprintf(why, sizeof why, "%s", mm_worker_io_why(crew->members[0].worker));
        e->stats.io = mm_worker_io(crew->members[0].worker);
        e->stats.io_why = why;
    }
    for (unsigned i = 0; i < e->resources.threads; i++)
        mm_worker_free(&crew->members[i].worker);
}

static void run_crew(struct mm_engine *e, uint64_t started_ns)
{
    struct crew crew = {.e = e, .lock = PTHREAD_MUTEX_INITIALIZER};
    struct mm_error error = {.status = MM_OK};
    pthread_condattr_t monotonic;
    enum mm_status st;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&crew.changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    crew.members = calloc(e->resources.threads, sizeof *crew.members);
    st = crew.members ? start_crew(&crew, &error) : mm_fail(&error, MM_E_NOMEM, "no memory");
    if (st != MM_OK)
        mm_engine_fail(e, st == MM_E_NOMEM ? MM_EXIT_IO : MM_EXIT_CONFIG, &error);
    if (crew.members) {
        wait_for_crew(&crew, started_ns);
        join_crew(&crew);
        dismiss_crew(&crew);
    }
    pthread_cond_destroy(&crew.changed);
    free(crew.members);
}

/* ---- the run ---- */

/* Inputs that are in the output already count as if this run had done them. */
static void take_over(struct mm_engine *e, const struct mm_tally *tally)
{
    uint64_t inputs = 0;
    apply_tally(e, tally);
    for (size_t i = 0; i < MM_COUNT(tally->outcomes); i++)
        inputs += tally->outcomes[i];
    atomic_store(&e->inputs_seen, inputs);
    atomic_store(&e->resumed, inputs);
}

static enum mm_status take_over_saved(struct mm_engine *e, struct mm_error *err)
{
    struct mm_journal_saved saved;
    size_t at = 0;
    take_over(e, &e->journal->saved_tally);
    while (e->ops->load_counts && mm_journal_next_saved(e->journal, &at, &saved))
        if (e->ops->load_counts(e->job, saved.counts) != MM_OK)
            return mm_fail(err, MM_E_SYNTAX, "the journal %s is damaged", e->journal->path);
    return MM_OK;
}

static enum mm_status prepare(struct mm_engine *e, struct mm_error *err)
{
    enum { BATCHES_A_THREAD = 4, BLOCKS_A_THREAD = 1 };
    uint32_t threads = e->resources.threads;
    pthread_mutex_init(&e->listener_lock, NULL);
    pthread_mutex_init(&e->error_lock, NULL);
    if (mm_budget_init(&e->budget, e->resources.large_bytes) != MM_OK ||
        mm_queue_init(&e->queue, BATCHES_A_THREAD * threads, BLOCKS_A_THREAD * threads) != MM_OK ||
        mm_commit_line_init(&e->line, threads, e->resources.output_bytes, apply_commit, e) != MM_OK)
        return mm_fail(err, MM_E_NOMEM, "no memory for a run");
    e->budget.reserve_bytes = e->resources.reserve_bytes;
    mm_buf_init(&e->mark.packing, MM_MARK_MAX_BYTES);
    if (e->journal && e->journal->has_prefix && e->sink->ordered)
        take_over(e, &e->journal->prefix.tally);
    if (e->journal && e->sink->ops->save)
        MM_TRY(take_over_saved(e, err));
    if (e->resources.waiting_bytes)
        e->line.window = MM_WAITING_BATCHES * threads;
    return MM_OK;
}

static void dismantle(struct mm_engine *e)
{
    mm_buf_deinit(&e->mark.packing);
    mm_commit_line_deinit(&e->line);
    mm_queue_deinit(&e->queue, &e->budget);
    mm_budget_deinit(&e->budget);
    pthread_mutex_destroy(&e->listener_lock);
    pthread_mutex_destroy(&e->error_lock);
}

/* inputs = signed + verified + extracted + rejected + duplicates, whatever happened. */
static enum mm_status check_accounts(struct mm_engine *e, struct mm_run_end *end,
                                     struct mm_error *err)
{
    uint64_t seen = atomic_load(&e->inputs_seen);
    if (end->stopped || atomic_load(&e->pipe_closed) || seen == e->stats.inputs)
        return MM_OK;
    end->exit_code = MM_EXIT_BUG;
    return mm_fail(err, MM_E_BUG,
                   "%llu inputs were found, %llu have an outcome: please report this",
                   (unsigned long long)seen, (unsigned long long)e->stats.inputs);
}

enum mm_status mm_engine_run(struct mm_engine *e, struct mm_run_end *end, struct mm_error *err)
{
    uint64_t wall = mm_wall_ns(), cpu = mm_process_cpu_ns();
    enum mm_status st = prepare(e, err);
    if (st != MM_OK) {
        end->exit_code = MM_EXIT_IO;
        return st;
    }
    run_crew(e, wall);
    /* What an output without order holds counts, although batches before it were dropped. */
    if (!e->sink->ordered && mm_commit_line_drain(&e->line) != MM_OK)
        assert(mm_engine_failed(e));
    end->exit_code = MM_EXIT_DONE;
    if (atomic_load(&e->failed)) {
        if (err)
            *err = e->error;
        st = e->error.status;
        end->exit_code = e->error_exit;
    }
    end->stopped = mm_run_stop_take() && !atomic_load(&e->pipe_closed);
    tick(e, wall);
    take_counts(e, &e->stats);
    e->stats.wall_ns = mm_wall_ns() - wall;
    e->stats.cpu_ns = mm_process_cpu_ns() - cpu;
    e->stats.scan_ns = atomic_load(&e->scan_ns);
    e->stats.peak_bytes = mm_run_peak_bytes();
    e->stats.io_inflight_mean =
        e->inflight_samples ? (double)e->inflight_sum / (double)e->inflight_samples : 0;
    end->stats = e->stats;
    if (st == MM_OK)
        st = check_accounts(e, end, err);
    dismantle(e);
    return st;
}
