/*
 * test_pipeline_commit_line.c - commits take effect in order, whichever thread is done first.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

#include "pipeline/commit_line.h"
#include "support/mm_test.h"

enum { COMMITS = 2000, THREADS = 4, OUTPUT_BYTES = 1000 };

struct log {
    uint64_t seen[COMMITS * 2];
    size_t count;
    uint64_t verified;
    size_t fail_at;
};

static enum mm_status note(void *context, struct mm_commit *c)
{
    struct log *log = context;
    if (log->count == log->fail_at)
        return MM_E_IO;
    log->seen[log->count++] = c->seq;
    log->verified += c->tally.outcomes[MM_OUTCOME_VERIFIED];
    return MM_OK;
}

struct crew {
    struct mm_commit_line line;
    struct log log;
    pthread_mutex_t lock;
    uint64_t next;
    bool flush_some;
};

static bool next_seq(struct crew *crew, uint64_t *seq)
{
    pthread_mutex_lock(&crew->lock);
    bool more = crew->next < COMMITS;
    if (more)
        *seq = crew->next++;
    pthread_mutex_unlock(&crew->lock);
    return more;
}

static void fill(struct mm_commit *c, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        mm_buf_append_char(&c->out, 'x');
}

static void *work(void *argument)
{
    struct crew *crew = argument;
    uint64_t seq, random = (uintptr_t)&seq;
    while (next_seq(crew, &seq)) {
        struct mm_item item = {.outcome = MM_OUTCOME_VERIFIED};
        struct mm_commit *c = mm_commit_begin(&crew->line, seq);
        if (!c || !mm_commit_note(c, &item))
            break;
        if (mm_random(&random) % 3 == 0)
            usleep(50);
        bool go_on = !crew->flush_some || seq % 5 ||
                     (fill(c, OUTPUT_BYTES), mm_commit_flush_if_much(&crew->line, c) == MM_OK);
        if (mm_commit_end(&crew->line, c) != MM_OK || !go_on)
            break;
    }
    return NULL;
}

static void run_crew(struct crew *crew)
{
    pthread_t threads[THREADS];
    pthread_mutex_init(&crew->lock, NULL);
    assert_int_equal(mm_commit_line_init(&crew->line, THREADS, OUTPUT_BYTES, note, &crew->log),
                     MM_OK);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, crew), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

static void commits_of_four_threads_are_applied_in_order(void **state)
{
    (void)state;
    static struct crew crew;
    crew = (struct crew){.log.fail_at = SIZE_MAX};
    run_crew(&crew);
    MM_CHECK_INT("all", crew.log.count, COMMITS);
    for (size_t i = 0; i < crew.log.count; i++)
        MM_CHECK_INT("order", crew.log.seen[i], i);
    MM_CHECK_INT("counts", crew.log.verified, COMMITS);
    mm_commit_line_deinit(&crew.line);
}

static void commits_that_flush_in_their_turn_stay_in_order(void **state)
{
    (void)state;
    static struct crew crew;
    crew = (struct crew){.log.fail_at = SIZE_MAX, .flush_some = true};
    run_crew(&crew);
    MM_CHECK_INT("each flush is one more", crew.log.count, COMMITS + COMMITS / 5);
    for (size_t i = 1; i < crew.log.count; i++)
        MM_CHECK_TRUE("order", crew.log.seen[i - 1] <= crew.log.seen[i]);
    MM_CHECK_INT("nothing is counted twice", crew.log.verified, COMMITS);
    mm_commit_line_deinit(&crew.line);
}

static void commit_that_fails_sends_everybody_home(void **state)
{
    (void)state;
    static struct crew crew;
    crew = (struct crew){.log.fail_at = 100, .flush_some = true};
    run_crew(&crew);
    MM_CHECK_INT("nothing after the failure", crew.log.count, 100);
    mm_commit_line_deinit(&crew.line);
}

static void commit_behind_a_dropped_batch_does_not_wait(void **state)
{
    (void)state;
    struct log log = {.fail_at = SIZE_MAX};
    struct mm_commit_line line;
    struct mm_item item = {.outcome = MM_OUTCOME_SIGNED};
    assert_int_equal(mm_commit_line_init(&line, 1, OUTPUT_BYTES, note, &log), MM_OK);
    struct mm_commit *later = mm_commit_begin(&line, 1);
    assert_true(later && mm_commit_note(later, &item));
    mm_commit_drop(&line, 0);
    MM_CHECK_TRUE("its turn never comes", !mm_commit_wait_turn(&line, later));
    fill(later, OUTPUT_BYTES);
    MM_CHECK_INT("nor is it written", mm_commit_flush_if_much(&line, later), MM_AGAIN);
    MM_CHECK_INT("it is handed over", mm_commit_end(&line, later), MM_OK);
    MM_CHECK_INT("and not applied in an ordered output", log.count, 0);
    MM_CHECK_INT("an output without order takes it", mm_commit_line_drain(&line), MM_OK);
    MM_CHECK_INT("once", log.count, 1);
    mm_commit_line_deinit(&line);
}

struct hurry {
    struct mm_commit_line *line;
    atomic_int ended;
};

static void *end_two(void *argument)
{
    struct hurry *h = argument;
    for (uint64_t seq = 1; seq <= 2; seq++) {
        struct mm_commit *c = mm_commit_begin(h->line, seq);
        if (c)
            fill(c, OUTPUT_BYTES * 9 / 10);
        if (!c || mm_commit_end(h->line, c) != MM_OK)
            break;
        atomic_fetch_add(&h->ended, 1);
    }
    return NULL;
}

static void text_that_waits_for_its_turn_is_bounded(void **state)
{
    (void)state;
    struct log log = {.fail_at = SIZE_MAX};
    struct mm_commit_line line;
    struct hurry h = {.line = &line};
    pthread_t thread;
    assert_int_equal(mm_commit_line_init(&line, 1, OUTPUT_BYTES, note, &log), MM_OK);
    struct mm_commit *first = mm_commit_begin(&line, 0);
    assert_int_equal(pthread_create(&thread, NULL, end_two, &h), 0);
    usleep(100000);
    MM_CHECK_INT("one may wait, the next has no room", atomic_load(&h.ended), 1);
    MM_CHECK_INT("the first in line does not wait", mm_commit_end(&line, first), MM_OK);
    pthread_join(thread, NULL);
    MM_CHECK_INT("all", log.count, 3);
    MM_CHECK_TRUE("memory kept is bounded", line.free_bytes <= line.ready_max_bytes);
    mm_commit_line_deinit(&line);
}

/* A worker that is ahead of another goes on. */
static void text_before_its_turn_is_held_and_in_its_turn_written(void **state)
{
    (void)state;
    struct log log = {.fail_at = SIZE_MAX};
    struct mm_commit_line line;
    assert_int_equal(mm_commit_line_init(&line, 1, 2 * MM_COMMIT_MUCH_BYTES, note, &log), MM_OK);
    struct mm_commit *first = mm_commit_begin(&line, 0), *later = mm_commit_begin(&line, 1);
    assert_true(first && later);
    fill(first, MM_COMMIT_MUCH_BYTES - 1);
    fill(later, 2 * MM_COMMIT_MUCH_BYTES - 1);
    MM_CHECK_INT("it is not much", mm_commit_flush_if_much(&line, first), MM_OK);
    MM_CHECK_INT("it is ahead", mm_commit_flush_if_much(&line, later), MM_OK);
    MM_CHECK_INT("both are held", log.count, 0);
    MM_CHECK_INT("the first ends", mm_commit_end(&line, first), MM_OK);
    MM_CHECK_INT("now it has its turn", mm_commit_flush_if_much(&line, later), MM_OK);
    MM_CHECK_INT("both are written", log.count, 2);
    MM_CHECK_INT("nothing of it is left", later->out.len, 0);
    MM_CHECK_INT("it ends", mm_commit_end(&line, later), MM_OK);
    mm_commit_line_deinit(&line);
}

static void batch_that_came_in_part_is_the_last(void **state)
{
    (void)state;
    struct log log = {.fail_at = SIZE_MAX};
    struct mm_commit_line line;
    assert_int_equal(mm_commit_line_init(&line, 1, OUTPUT_BYTES, note, &log), MM_OK);
    struct mm_commit *part = mm_commit_begin(&line, 0), *later = mm_commit_begin(&line, 1);
    assert_true(part && later);
    MM_CHECK_INT("the one behind is ready", mm_commit_end(&line, later), MM_OK);
    mm_commit_drop(&line, 1);
    MM_CHECK_TRUE("the part's turn comes", mm_commit_wait_turn(&line, part));
    MM_CHECK_INT("it takes effect", mm_commit_end(&line, part), MM_OK);
    MM_CHECK_INT("alone", log.count, 1);
    MM_CHECK_INT("seq", log.seen[0], 0);
    mm_commit_line_deinit(&line);
}

static void failure_loses_no_count_of_an_output_without_order(void **state)
{
    (void)state;
    struct log log = {.fail_at = SIZE_MAX};
    struct mm_commit_line line;
    struct mm_item signed_item = {.outcome = MM_OUTCOME_SIGNED}, pending = {.message = {"", 0}};
    assert_int_equal(mm_commit_line_init(&line, 1, OUTPUT_BYTES, note, &log), MM_OK);
    struct mm_commit *c = mm_commit_begin(&line, 3);
    assert_true(c && mm_commit_note(c, &signed_item) && mm_commit_note(c, &pending));
    MM_CHECK_INT("what was not finished does not count", c->tally.outcomes[MM_OUTCOME_PENDING], 0);
    mm_commit_line_close(&line);
    MM_CHECK_INT("it is handed over", mm_commit_end(&line, c), MM_OK);
    MM_CHECK_INT("not yet applied", log.count, 0);
    MM_CHECK_INT("drained", mm_commit_line_drain(&line), MM_OK);
    MM_CHECK_INT("applied", log.count, 1);
    mm_commit_line_deinit(&line);
}

static void rejects_keep_their_words(void **state)
{
    (void)state;
    struct log log = {.fail_at = SIZE_MAX};
    struct mm_commit_line line;
    assert_int_equal(mm_commit_line_init(&line, 1, OUTPUT_BYTES, note, &log), MM_OK);
    struct mm_commit *c = mm_commit_begin(&line, 0);
    for (int i = 0; i < 100; i++) {
        struct mm_item item = {.message = MM_VIEW("a/b.eml")};
        mm_item_reject(&item, "no-from", "no From field", 7);
        assert_true(mm_commit_note(c, &item));
    }
    MM_CHECK_INT("notes", c->note_count, 100);
    const struct mm_reject_note *n = &c->notes[99];
    MM_CHECK_VIEW("message",
                  mm_view_sub(mm_buf_view(&c->notes_text), n->message_at, n->message_len),
                  MM_VIEW("a/b.eml"));
    MM_CHECK_VIEW("detail", mm_view_of(c->notes_text.data + n->detail_at),
                  MM_VIEW("no From field"));
    MM_CHECK_INT("offset", n->offset, 7);
    MM_CHECK_INT("end", mm_commit_end(&line, c), MM_OK);
    mm_commit_line_deinit(&line);
}

MM_TEST_MAIN(MM_TEST(commits_of_four_threads_are_applied_in_order),
             MM_TEST(commits_that_flush_in_their_turn_stay_in_order),
             MM_TEST(commit_that_fails_sends_everybody_home),
             MM_TEST(commit_behind_a_dropped_batch_does_not_wait),
             MM_TEST(text_that_waits_for_its_turn_is_bounded),
             MM_TEST(text_before_its_turn_is_held_and_in_its_turn_written),
             MM_TEST(batch_that_came_in_part_is_the_last),
             MM_TEST(failure_loses_no_count_of_an_output_without_order),
             MM_TEST(rejects_keep_their_words))
