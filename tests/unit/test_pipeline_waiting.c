/*
 * test_pipeline_waiting.c - batches that wait for answers keep nobody from work, and lose nothing.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The job asks one question a message. A thread stands for the world outside: it answers when no
 * more questions come, in an order of its own, or never.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "pipeline/engine.h"
#include "support/mm_test.h"

enum { MIB = 1024 * 1024, HANG_SECONDS = 120, FILES_MAX = 8192 };

static char top[64];

static int new_top(void **state)
{
    (void)state;
    strcpy(top, "/tmp/mm-waiting-XXXXXX");
    (void)alarm(HANG_SECONDS); /* a run that hangs fails the test */
    return mkdtemp(top) && chdir(top) == 0 ? mkdir("in", 0777) : -1;
}

static int drop_top(void **state)
{
    (void)state;
    char command[128];
    alarm(0);
    snprintf(command, sizeof command, "cd / && rm -rf '%s'", top);
    return chdir("/") || system(command);
}

static void make_file(int number, off_t len)
{
    char name[64];
    snprintf(name, sizeof name, "in/%05d", number);
    FILE *f = fopen(name, "wb");
    assert_non_null(f);
    assert_int_equal(ftruncate(fileno(f), len), 0);
    assert_int_equal(fclose(f), 0);
}

static void make_files(int count, off_t len)
{
    for (int i = 0; i < count; i++)
        make_file(i, len);
}

/* ---- the world outside ---- */

enum answer_order { FORWARD, BACKWARD, SHUFFLED, ALL_AT_ONCE, NEVER };

struct world {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    enum answer_order order;
    bool asked[FILES_MAX], answered[FILES_MAX];
    size_t asked_count, answered_count;
    size_t waiting_at_first; /* unanswered questions when the first answer was given */
    uint64_t turn;
    bool over;
};

static void wait_until_quiet(struct world *w)
{
    size_t seen = SIZE_MAX;
    while (!w->over && (w->asked_count == w->answered_count || seen != w->asked_count)) {
        seen = w->asked_count;
        pthread_mutex_unlock(&w->lock);
        usleep(50000);
        pthread_mutex_lock(&w->lock);
    }
}

static void answer_one(struct world *w, size_t i)
{
    if (!w->asked[i] || w->answered[i])
        return;
    w->answered[i] = true;
    w->answered_count++;
    if (w->order == ALL_AT_ONCE)
        return;
    w->turn++;
    pthread_cond_broadcast(&w->moved);
    pthread_mutex_unlock(&w->lock); /* between two answers anybody may look */
    pthread_mutex_lock(&w->lock);
}

static void answer_all(struct world *w, uint64_t *random)
{
    for (size_t i = 0; i < FILES_MAX && w->order != SHUFFLED; i++)
        answer_one(w, w->order == BACKWARD ? FILES_MAX - 1 - i : i);
    for (size_t i = 0; i < 4 * FILES_MAX && w->order == SHUFFLED; i++)
        answer_one(w, mm_random(random) % FILES_MAX); /* who is missed is asked for again */
    w->turn++;
    pthread_cond_broadcast(&w->moved);
}

static void *world_main(void *argument)
{
    struct world *w = argument;
    uint64_t random = 7;
    pthread_mutex_lock(&w->lock);
    while (!w->over) {
        wait_until_quiet(w);
        if (!w->waiting_at_first)
            w->waiting_at_first = w->asked_count;
        if (!w->over && w->order != NEVER)
            answer_all(w, &random);
        else if (!w->over)
            mm_run_stop();
        if (w->order == NEVER)
            break;
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* ---- a job that asks ---- */

struct job {
    struct world world;
    int unknown_every;        /* one in so many is not answered at once; 0: none is */
    size_t keep_bytes;        /* beside the questions, a segment keeps so much */
    int too_much_every;       /* of so many segments one keeps more than is allowed; 0: none */
    atomic_ullong kept_bytes; /* now */
    atomic_ullong kept_bytes_max, kept_segments, begun_segments, dropped_messages;
};

struct questions {
    struct job *job;
    size_t count, kept_bytes;
    int *numbers;
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

static enum mm_status begin(void *worker, struct mm_arena *arena, struct mm_item *items,
                            size_t count, void **open, struct mm_error *err)
{
    struct job *j = worker;
    struct questions *q = MM_ARENA_NEW(arena, struct questions);
    (void)err;
    *q = (struct questions){.job = j, .count = count, .numbers = MM_ARENA_ARRAY(arena, int, count)};
    pthread_mutex_lock(&j->world.lock);
    for (size_t i = 0; i < count; i++) {
        q->numbers[i] = atoi(items[i].message.data + items[i].message.len - 5);
        assert_false(j->world.asked[q->numbers[i]]);
        j->world.asked[q->numbers[i]] = true;
        j->world.asked_count++;
        if (j->unknown_every && q->numbers[i] % j->unknown_every != 0) {
            j->world.answered[q->numbers[i]] = true;
            j->world.answered_count++;
        }
    }
    pthread_mutex_unlock(&j->world.lock);
    atomic_fetch_add(&j->begun_segments, 1);
    *open = q;
    return MM_OK;
}

static void raise_to(atomic_ullong *max, unsigned long long value)
{
    unsigned long long seen = atomic_load(max);
    while (seen < value && !atomic_compare_exchange_weak(max, &seen, value))
        continue;
}

static enum mm_status keep(void *worker, void *open, struct mm_arena *to, void **kept)
{
    struct job *j = worker;
    struct questions *q = open, *copy = MM_ARENA_NEW(to, struct questions);
    unsigned long long nth = atomic_fetch_add(&j->kept_segments, 1);
    bool too_much = j->too_much_every && nth % (unsigned)j->too_much_every == 0;
    size_t bytes = too_much ? (size_t)1 << 30 : j->keep_bytes + 1;
    if (!copy || !mm_arena_alloc(to, bytes))
        return MM_E_NOMEM;
    *copy = *q;
    copy->numbers = MM_ARENA_ARRAY(to, int, q->count);
    if (!copy->numbers)
        return MM_E_NOMEM;
    memcpy(copy->numbers, q->numbers, q->count * sizeof *q->numbers);
    memset(q->numbers, 0x55, q->count * sizeof *q->numbers); /* nobody looks there any more */
    copy->kept_bytes = bytes;
    raise_to(&j->kept_bytes_max, atomic_fetch_add(&j->kept_bytes, bytes) + bytes);
    *kept = copy;
    return MM_OK;
}

static enum mm_status finish(void *worker, struct mm_arena *arena, void *open,
                             struct mm_item *items, size_t count, struct mm_error *err)
{
    struct job *j = worker;
    const struct questions *q = open;
    bool all = true;
    (void)err;
    pthread_mutex_lock(&j->world.lock);
    for (size_t i = 0; i < count; i++)
        all = all && j->world.answered[q->numbers[i]];
    pthread_mutex_unlock(&j->world.lock);
    if (!all)
        return MM_AGAIN;
    for (size_t i = 0; i < count; i++) {
        struct mm_buf row;
        mm_buf_init(&row, 4096);
        mm_buf_printf(&row, "%05d %.*s\n", q->numbers[i], (int)items[i].message.len,
                      items[i].message.data);
        items[i].outcome = MM_OUTCOME_VERIFIED;
        items[i].out_row = mm_arena_copy(arena, mm_buf_view(&row));
        mm_buf_deinit(&row);
    }
    atomic_fetch_sub(&j->kept_bytes, q->kept_bytes);
    return MM_OK;
}

static void drop(void *worker, void *open)
{
    struct job *j = worker;
    const struct questions *q = open;
    atomic_fetch_add(&j->dropped_messages, q->count);
    atomic_fetch_sub(&j->kept_bytes, q->kept_bytes);
}

static uint64_t turn(void *worker)
{
    struct job *j = worker;
    pthread_mutex_lock(&j->world.lock);
    uint64_t now = j->world.turn;
    pthread_mutex_unlock(&j->world.lock);
    return now;
}

static void wait_for_turn(void *worker, uint64_t seen, unsigned timeout_ms)
{
    struct job *j = worker;
    struct timespec until = mm_clock_in(CLOCK_REALTIME, timeout_ms);
    int timed_out = 0;
    pthread_mutex_lock(&j->world.lock);
    while (j->world.turn == seen && !timed_out)
        timed_out = pthread_cond_timedwait(&j->world.moved, &j->world.lock, &until);
    pthread_mutex_unlock(&j->world.lock);
}

static const struct mm_job_steps STEPS = {.begin = begin,
                                          .keep = keep,
                                          .finish = finish,
                                          .drop = drop,
                                          .turn = turn,
                                          .wait = wait_for_turn};
static const struct mm_job_ops OPS = {
    .steps = &STEPS, .worker_new = worker_new, .worker_free = worker_free, .merge = merge};

/* ---- a run ---- */

struct outcome {
    struct mm_run_end end;
    struct mm_resources resources;
    uint64_t wall_ns;
};

/* Over the folder "in" into the file "rows". */
static struct outcome run(struct job *job, unsigned threads, uint64_t memory_bytes, bool keeps)
{
    static const char *const sources[] = {"in"};
    const struct mm_run_options options = {.sources = sources,
                                           .source_count = 1,
                                           .threads = threads,
                                           .memory_bytes = memory_bytes,
                                           .io = MM_IO_THREADS};
    const struct mm_sink_options sink = {.path = "rows", .overwrite = true, .threads = threads};
    struct mm_rejects_log rejects = {.fd = -1};
    struct mm_operands operands;
    struct mm_engine e = {.options = &options,
                          .ops = &OPS,
                          .job = job,
                          .sink = mm_sink_stream_new(&sink, MM_STREAM_ROWS),
                          .operands = &operands,
                          .rejects = &rejects};
    struct outcome o = {.wall_ns = mm_wall_ns()};
    struct mm_error err = {.status = MM_OK};
    pthread_t world;
    int exit_code;
    pthread_mutex_init(&job->world.lock, NULL);
    pthread_cond_init(&job->world.moved, NULL);
    assert_int_equal(mm_operands_open(&operands, &options, MM_OUTPUT_NONE, false, &exit_code, &err),
                     MM_OK);
    assert_int_equal(mm_resources_plan(&e.resources, &options, true, &err), MM_OK);
    o.resources = e.resources;
    e.sink->wants_messages = !keeps;
    assert_int_equal(e.sink->ops->open(e.sink, &err), MM_OK);
    assert_int_equal(pthread_create(&world, NULL, world_main, &job->world), 0);
    if (mm_engine_run(&e, &o.end, &err) != MM_OK)
        fail_msg("the run failed: %s", err.text);
    pthread_mutex_lock(&job->world.lock);
    job->world.over = true;
    pthread_mutex_unlock(&job->world.lock);
    pthread_join(world, NULL);
    assert_int_equal(e.sink->ops->close(e.sink, true, &err), MM_OK);
    mm_operands_close(&operands);
    mm_sink_free(&e.sink);
    pthread_mutex_destroy(&job->world.lock);
    pthread_cond_destroy(&job->world.moved);
    o.wall_ns = mm_wall_ns() - o.wall_ns;
    return o;
}

/* Rows 0..count-1, each with the number that its question had. */
static void check_rows(const char *label, uint64_t count)
{
    char line[256], want[256];
    uint64_t seen = 0;
    FILE *f = fopen("rows", "rb");
    assert_non_null(f);
    for (; fgets(line, sizeof line, f); seen++) {
        snprintf(want, sizeof want, "%05d in/%05d\n", (int)seen, (int)seen);
        if (strcmp(line, want) != 0)
            fail_msg("%s: row %d is %s", label, (int)seen, line);
    }
    fclose(f);
    MM_CHECK_INT(label, seen, count);
}

/* ---- the tests ---- */

static void rows_come_in_order_whatever_the_answers_do(void **state)
{
    enum { FILES = 3000 };
    static const struct {
        const char *label;
        enum answer_order order;
        unsigned threads;
        int too_much_every, unknown_every;
    } cases[] = {
        {"forward", FORWARD, 2, 0, 0},
        {"backward", BACKWARD, 2, 0, 0},
        {"shuffled", SHUFFLED, 3, 0, 0},
        {"all at once", ALL_AT_ONCE, 2, 0, 0},
        {"one worker", BACKWARD, 1, 0, 0},
        {"some keep too much", FORWARD, 2, 3, 0},
        {"none can be kept", BACKWARD, 2, 1, 0},
        {"some batches need not wait", BACKWARD, 2, 0, 700},
        {"nor those of the only worker", FORWARD, 1, 0, 700},
    };
    (void)state;
    make_files(FILES, 10);
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct job *job = calloc(1, sizeof *job);
        assert_non_null(job);
        job->world.order = cases[i].order;
        job->too_much_every = cases[i].too_much_every;
        job->unknown_every = cases[i].unknown_every;
        struct outcome o = run(job, cases[i].threads, 0, true);
        MM_CHECK_INT(cases[i].label, o.end.stats.verified, FILES);
        MM_CHECK_INT(cases[i].label, o.end.stats.bytes, FILES * 10);
        MM_CHECK_INT(cases[i].label, atomic_load(&job->kept_bytes), 0);
        check_rows(cases[i].label, FILES);
        free(job);
    }
}

/* Nothing is answered until nobody asks any more: by then all have, or nobody could go on. */
static void who_waits_keeps_nobody_from_work(void **state)
{
    enum { FILES = 6000, THREADS = 2 };
    (void)state;
    make_files(FILES, 10);
    for (int keeps = 0; keeps <= 1; keeps++) {
        const char *label = keeps ? "without its messages" : "with its messages";
        struct job *job = calloc(1, sizeof *job);
        assert_non_null(job);
        job->world.order = ALL_AT_ONCE;
        run(job, THREADS, 0, keeps);
        check_rows(label, FILES);
        /* A sink that wants the messages shows what this test sees where a worker blocks. */
        if (keeps)
            MM_CHECK_INT(label, job->world.waiting_at_first, FILES);
        else
            MM_CHECK_TRUE(label, job->world.waiting_at_first <= THREADS * MM_BATCH_ITEMS);
        free(job);
    }
}

static void memory_of_those_who_wait_is_bounded(void **state)
{
    enum { FILES = 8000, THREADS = 2, KEPT = 100 * 1024 };
    (void)state;
    make_files(FILES, 10);
    struct job *job = calloc(1, sizeof *job);
    assert_non_null(job);
    job->world.order = FORWARD;
    job->keep_bytes = KEPT;
    struct outcome o = run(job, THREADS, 24 * MIB, true);
    check_rows("rows", FILES);
    unsigned long long most = atomic_load(&job->kept_bytes_max);
    MM_CHECK_TRUE("some are kept", most >= THREADS * KEPT);
    MM_CHECK_TRUE("within their share", most <= THREADS * o.resources.waiting_bytes);
    MM_CHECK_TRUE("which is the run's",
                  THREADS * o.resources.waiting_bytes <= o.resources.memory_bytes / 4);
    free(job);
}

/*
 * Large messages want the reserve, which is had only in turn: the turn comes only after all that
 * the same worker has set aside before.
 */
static void who_waits_for_memory_finishes_what_waits_for_answers(void **state)
{
    enum { FILES = 1200 };
    (void)state;
    for (int i = 0; i < FILES; i++)
        make_file(i, i % 40 == 7 ? 3 * MIB : i % 5 == 1 ? 50 * 1024 : 10);
    struct job *job = calloc(1, sizeof *job);
    assert_non_null(job);
    job->world.order = BACKWARD;
    struct outcome o = run(job, 2, 20 * MIB, true);
    MM_CHECK_INT("all", o.end.stats.verified, FILES);
    check_rows("rows", FILES);
    free(job);
}

/* As batches that are queued are. */
static void a_stop_does_not_wait_for_answers(void **state)
{
    enum { FILES = 4000 };
    (void)state;
    make_files(FILES, 10);
    for (int keeps = 0; keeps <= 1; keeps++) {
        const char *label = keeps ? "set aside" : "with its messages";
        struct job *job = calloc(1, sizeof *job);
        assert_non_null(job);
        job->world.order = NEVER; /* the run is asked to stop when no more questions come */
        struct outcome o = run(job, 2, 0, keeps);
        MM_CHECK_TRUE(label, o.end.stopped);
        MM_CHECK_TRUE(label, o.wall_ns < 2000000000);
        MM_CHECK_INT(label, o.end.stats.inputs, 0);
        MM_CHECK_INT(label, atomic_load(&job->dropped_messages), job->world.asked_count);
        MM_CHECK_INT(label, atomic_load(&job->kept_bytes), 0);
        check_rows(label, 0);
        free(job);
    }
}

#define WAITING_TEST(fn) cmocka_unit_test_setup_teardown(fn, new_top, drop_top)

MM_TEST_MAIN(WAITING_TEST(rows_come_in_order_whatever_the_answers_do),
             WAITING_TEST(who_waits_keeps_nobody_from_work),
             WAITING_TEST(memory_of_those_who_wait_is_bounded),
             WAITING_TEST(who_waits_for_memory_finishes_what_waits_for_answers),
             WAITING_TEST(a_stop_does_not_wait_for_answers))
