/*
 * test_pipeline_engine.c - runs that are short of memory, stopped or failing come to their end.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The job is one of our own, so that a batch can lag, stop or fail where the test wants it.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/engine.h"
#include "support/mm_test.h"

enum { MIB = 1024 * 1024, HANG_SECONDS = 60 };

static char top[64];

static int new_top(void **state)
{
    (void)state;
    strcpy(top, "/tmp/mm-engine-XXXXXX");
    (void)alarm(HANG_SECONDS); /* a run that hangs fails the test */
    return mkdtemp(top) ? chdir(top) : -1;
}

static int drop_top(void **state)
{
    (void)state;
    char command[128];
    alarm(0);
    snprintf(command, sizeof command, "cd / && rm -rf '%s'", top);
    return chdir("/") || system(command);
}

static void make_sparse(const char *name, off_t len)
{
    FILE *f = fopen(name, "wb");
    assert_non_null(f);
    assert_int_equal(ftruncate(fileno(f), len), 0);
    assert_int_equal(fclose(f), 0);
}

/* ---- a job that does as it is told ---- */

struct job {
    struct mm_engine *e;
    const char *lag_at;  /* the batch that holds it waits until no other goes on */
    const char *stop_at; /* the run is asked to stop while it is in work */
    atomic_ullong items;
    bool waits;
    uint64_t batches; /* of the run, once it has ended */
};

static enum mm_status worker_new(void *job, void **worker, struct mm_error *err)
{
    (void)err;
    *worker = job;
    return MM_OK;
}

static void worker_free(void *worker)
{
    (void)worker;
}

static void merge(void *job, void *worker, struct mm_run_stats *stats)
{
    (void)job;
    (void)worker;
    (void)stats;
}

/* Until all other workers stand still. */
static void lag(struct job *j)
{
    unsigned long long seen = 0;
    for (unsigned quiet = 0; quiet < 20; quiet++) {
        if (atomic_load(&j->items) != seen)
            quiet = 0;
        seen = atomic_load(&j->items);
        usleep(10000);
    }
}

static enum mm_status batch(void *worker, struct mm_arena *arena, struct mm_item *items,
                            size_t count, struct mm_error *err)
{
    struct job *j = worker;
    (void)arena;
    (void)err;
    for (size_t i = 0; i < count; i++) {
        if (j->lag_at && mm_view_eq(items[i].message, mm_view_of(j->lag_at)))
            lag(j);
        if (j->stop_at && mm_view_eq(items[i].message, mm_view_of(j->stop_at)))
            mm_run_stop();
        if (items[i].outcome == MM_OUTCOME_PENDING)
            items[i].outcome = MM_OUTCOME_VERIFIED;
    }
    atomic_fetch_add(&j->items, count);
    return MM_OK;
}

static const struct mm_job_ops ops = {
    .worker_new = worker_new, .worker_free = worker_free, .batch = batch, .merge = merge};

/* Run over the folder "in" into nothing. */
static struct mm_run_end run(struct job *job, unsigned threads, uint64_t memory_bytes)
{
    static const char *const sources[] = {"in"};
    const struct mm_run_options options = {.sources = sources,
                                           .source_count = 1,
                                           .threads = threads,
                                           .memory_bytes = memory_bytes,
                                           .io = MM_IO_THREADS};
    struct mm_rejects_log rejects = {.fd = -1};
    struct mm_operands operands;
    struct mm_engine e = {.options = &options,
                          .ops = &ops,
                          .job = job,
                          .sink = mm_sink_none_new(),
                          .operands = &operands,
                          .rejects = &rejects};
    struct mm_run_end end = {.exit_code = 0};
    struct mm_error err = {.status = MM_OK};
    int exit_code;
    job->e = &e;
    assert_int_equal(mm_operands_open(&operands, &options, MM_OUTPUT_NONE, false, &exit_code, &err),
                     MM_OK);
    assert_int_equal(mm_resources_plan(&e.resources, &options, job->waits, &err), MM_OK);
    if (mm_engine_run(&e, &end, &err) != MM_OK)
        fail_msg("the run failed: %s", err.text);
    job->batches = e.line.next_seq;
    mm_operands_close(&operands);
    mm_sink_free(&e.sink);
    return end;
}

/* ---- memory ---- */

/*
 * One batch lags. A message in it is large and has not been asked for yet, since small ones hold
 * all slots. The other worker goes on until it is as far ahead as may be; the last messages of that
 * batch leave slots for the one behind it, which is large messages only. Then the batch that lagged
 * asks for its own.
 */
static void batch_that_lags_gets_its_memory(void **state)
{
    enum { FILES = 6600, LAG = 448, LARGE_AT = LAG + 64, MIDDLE_FROM = 6272, LARGE_FROM = 6336 };
    (void)state;
    char name[64];
    struct job job = {.lag_at = "in/00448"};
    assert_int_equal(mkdir("in", 0777), 0);
    for (int i = 0; i < FILES; i++) {
        snprintf(name, sizeof name, "in/%05d", i);
        make_sparse(name, i == LARGE_AT      ? 4 * MIB
                          : i >= LARGE_FROM  ? 12 * MIB / 5
                          : i >= MIDDLE_FROM ? 40 * 1024
                                             : 100);
    }
    for (int round = 0; round < 3; round++) /* one in three may miss the instant */
        MM_CHECK_INT("all", run(&job, 2, 16 * MIB).stats.verified, FILES);
}

static void make_files(const char *folder, int count, off_t len)
{
    char name[64];
    assert_int_equal(mkdir(folder, 0777), 0);
    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof name, "%s/%03d", folder, i);
        make_sparse(name, len);
    }
}

/* A batch of large messages may take minutes; a stop waits for what is in work only. */
static void stop_finishes_the_segment_and_counts_it(void **state)
{
    (void)state;
    struct job job = {.stop_at = "in/003"};
    make_files("in", 200, 2 * MIB);
    struct mm_run_end end = run(&job, 1, 64 * MIB);
    MM_CHECK_TRUE("stopped", end.stopped);
    MM_CHECK_INT("the messages in work", end.stats.verified, MM_BATCH_BYTES / (2 * MIB));
    MM_CHECK_INT("and no others", end.stats.inputs, end.stats.verified);
    MM_CHECK_INT("bytes", end.stats.bytes, MM_BATCH_BYTES);
}

/* ---- large messages: two are hashed together, and a batch has few of them ---- */

static void large_messages_are_worked_on_in_pairs(void **state)
{
    static const struct {
        const char *label;
        off_t bytes;
        unsigned in_work, batches_of_twelve;
    } cases[] = {
        {"small ones all", MIB / 2, 12, 1},
        {"of an eighth, eight", MIB, 8, 1},
        {"of a half and a bit, two", MM_BATCH_BYTES / 2 + 1, 2, 3},
        {"larger than a segment, two", MM_BATCH_BYTES + 1, 2, 6},
        {"too large for two of them, one", MM_BATCH_PAIR_BYTES - 1, 1, 6},
        {"two segments, one", MM_BATCH_PAIR_BYTES, 1, 12},
    };
    (void)state;
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct job stops = {.stop_at = "in/000"}, all = {.items = 0};
        make_files("in", 12, cases[i].bytes);
        MM_CHECK_INT(cases[i].label, run(&stops, 1, 256 * MIB).stats.verified, cases[i].in_work);
        MM_CHECK_INT(cases[i].label, run(&all, 1, 256 * MIB).stats.verified, 12);
        MM_CHECK_INT(cases[i].label, all.batches, cases[i].batches_of_twelve);
        assert_int_equal(system("rm -r in"), 0);
    }
}

/* The two do not fit into what may be read ahead, or into the memory: one goes alone. */
static void large_message_alone_does_not_wait_for_ever(void **state)
{
    (void)state;
    struct job job = {.items = 0};
    make_files("in", 6, 9 * MIB);
    MM_CHECK_INT("all", run(&job, 2, 48 * MIB).stats.verified, 6);
}

#define ENGINE_TEST(fn) cmocka_unit_test_setup_teardown(fn, new_top, drop_top)

MM_TEST_MAIN(ENGINE_TEST(batch_that_lags_gets_its_memory),
             ENGINE_TEST(stop_finishes_the_segment_and_counts_it),
             ENGINE_TEST(large_messages_are_worked_on_in_pairs),
             ENGINE_TEST(large_message_alone_does_not_wait_for_ever))
