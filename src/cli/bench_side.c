/*
 * bench_side.c - a mailmill in a process of its own that runs passes: ourselves, or another one.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench_side.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "mailmill/mailmill.h"
#include "signals.h"
#include "terminal.h"

enum {
    /* A pass takes some 30 ms; under an emulator a hundred times that; on a machine that is
     * overrun, more. */
    ANSWER_MS = 120 * 1000,
    POLL_MS = 100,
    END_PAUSE_NS = 2 * 1000 * 1000,
    END_PAUSES = 2500 /* until it is killed */
};
/* No pass takes a year, or all memory that there could be. */
static const uint64_t NUMBER_MAX = UINT64_C(1) << 55;

static enum bench_answer fail(struct mm_error *err, const char *fmt, ...) MM_PRINTF(2, 3);
static enum bench_answer fail(struct mm_error *err, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(err->text, sizeof err->text, fmt, args);
    va_end(args);
    return BENCH_FAILED;
}

static enum bench_answer not_comparable(struct mm_error *err, const char *why)
{
    (void)fail(err, "%s", why);
    return BENCH_OTHER;
}

/* ---- lines ---- */

/* A whole line in the buffer: cut off and copied out. */
static bool take_line(struct bench_side *side, char line[SERVE_LINE_BYTES])
{
    char *end = memchr(side->buffer, '\n', side->held);
    if (!end)
        return false;
    size_t len = (size_t)(end - side->buffer);
    memcpy(line, side->buffer, len);
    line[len] = '\0';
    side->held -= len + 1;
    memmove(side->buffer, end + 1, side->held);
    return true;
}

static enum bench_answer read_line(struct bench_side *side, char line[SERVE_LINE_BYTES],
                                   struct mm_error *err)
{
    for (int waited = 0; !take_line(side, line);) {
        struct pollfd ready = {.fd = side->from, .events = POLLIN};
        if (signals_stop_wanted())
            return BENCH_STOPPED;
        if (side->held == sizeof side->buffer)
            return fail(err, "its answer is too long");
        int events = poll(&ready, 1, POLL_MS);
        waited += events == 0 ? POLL_MS : 0;
        if (waited >= ANSWER_MS)
            return fail(err, "it does not answer");
        if (events <= 0)
            continue;
        ssize_t n = read(side->from, side->buffer + side->held, sizeof side->buffer - side->held);
        if (n == 0 || (n < 0 && errno != EINTR))
            return signals_stop_wanted() ? BENCH_STOPPED : fail(err, "it ended without an answer");
        side->held += n > 0 ? (size_t)n : 0;
    }
    return BENCH_READY;
}

static enum bench_answer ask(struct bench_side *side, const char *question,
                             char line[SERVE_LINE_BYTES], struct mm_error *err)
{
    size_t len = strlen(question);
    if (write(side->to, question, len) != (ssize_t)len)
        return signals_stop_wanted() ? BENCH_STOPPED : fail(err, "it takes no question");
    enum bench_answer answer = read_line(side, line, err);
    if (answer == BENCH_READY && strncmp(line, "failed ", 7) == 0)
        return signals_stop_wanted() ? BENCH_STOPPED : fail(err, "%.400s", escaped_text(line + 7));
    return answer;
}

/* Decimal numbers, each behind a blank, and nothing else. */
static bool read_numbers(const char *text, uint64_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *end;
        if (text[0] != ' ' || text[1] < '0' || text[1] > '9')
            return false;
        errno = 0;
        numbers[i] = strtoull(text + 1, &end, 10);
        if (errno || numbers[i] > NUMBER_MAX)
            return false;
        text = end;
    }
    return *text == '\0';
}

/* ---- the process ---- */

/* 0, or an errno. */
static int start(struct bench_side *side, const char *const *argv, int to[2], int from[2])
{
    posix_spawn_file_actions_t actions;
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed)
        return failed;
    failed = posix_spawn_file_actions_adddup2(&actions, to[0], STDIN_FILENO);
    if (!failed)
        failed = posix_spawn_file_actions_adddup2(&actions, from[1], STDOUT_FILENO);
    if (!failed)
        failed = posix_spawn(&side->pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv,
                             environ);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

static enum bench_answer spawn(struct bench_side *side, const char *const *argv,
                               struct mm_error *err)
{
    int to[2] = {-1, -1}, from[2] = {-1, -1};
    *side = BENCH_SIDE_NONE;
    int failed =
        pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC) ? errno : start(side, argv, to, from);
    side->to = to[1];
    side->from = from[0];
    if (to[0] >= 0)
        close(to[0]);
    if (from[1] >= 0)
        close(from[1]);
    if (!failed)
        return BENCH_READY;
    side->pid = 0;
    return fail(err, "it cannot be run: %s", strerror(failed));
}

/* "mailmill-bench 1 WORKLOADS_VERSION VERSION". Who says something else, or nothing, is none that
 * we could be compared with. */
static enum bench_answer greet(struct bench_side *side, struct mm_error *err)
{
    static const char stranger[] = "it is no mailmill with `bench`";
    char line[SERVE_LINE_BYTES], version[64];
    uint64_t numbers[2];
    enum bench_answer answer = read_line(side, line, err);
    if (answer != BENCH_READY)
        return answer == BENCH_FAILED ? BENCH_OTHER : answer;
    char *last = strrchr(line, ' ');
    if (!last || strncmp(line, "mailmill-bench ", 15) != 0 || strlen(last + 1) >= sizeof version)
        return not_comparable(err, stranger);
    *last = '\0';
    if (!read_numbers(line + 14, numbers, 2))
        return not_comparable(err, stranger);
    if (numbers[0] == SERVE_PROTOCOL && numbers[1] == MM_BENCH_WORKLOADS_VERSION)
        return BENCH_READY;
    return not_comparable(err, "its workloads are of another version: costs are not comparable");
}

enum bench_answer bench_side_open(struct bench_side *side, const char *const *argv,
                                  const char *workload, struct mm_error *err)
{
    char question[MM_BENCH_NAME_BYTES + 16], line[SERVE_LINE_BYTES];
    enum bench_answer answer = spawn(side, argv, err);
    if (answer == BENCH_READY)
        answer = greet(side, err);
    if (answer != BENCH_READY)
        return answer;
    snprintf(question, sizeof question, "open %s\n", workload);
    answer = ask(side, question, line, err);
    if (answer == BENCH_READY && strcmp(line, "missing") == 0)
        return BENCH_MISSING;
    if (answer == BENCH_READY && strcmp(line, "ready") != 0)
        return fail(err, "it answers with something else");
    return answer;
}

enum bench_answer bench_side_pass(struct bench_side *side, struct mm_bench_sample *sample,
                                  struct mm_error *err)
{
    char line[SERVE_LINE_BYTES];
    uint64_t numbers[SERVE_NUMBERS];
    enum bench_answer answer = ask(side, "pass\n", line, err);
    if (answer != BENCH_READY)
        return answer;
    if (strncmp(line, "sample", 6) != 0 || !read_numbers(line + 6, numbers, SERVE_NUMBERS))
        return fail(err, "it answers with something else");
    *sample = (struct mm_bench_sample){.items = numbers[0],
                                       .bytes = numbers[1],
                                       .wall_ns = numbers[2],
                                       .cpu_ns = numbers[3],
                                       .peak_bytes = numbers[4]};
    memcpy(sample->stage_ns, numbers + 5, sizeof sample->stage_ns);
    if (sample->items == 0 || sample->cpu_ns == 0 || sample->wall_ns == 0)
        return fail(err, "it says that it did nothing");
    return BENCH_READY;
}

void bench_side_close(struct bench_side *side)
{
    const struct timespec pause = {.tv_nsec = END_PAUSE_NS};
    if (side->to >= 0)
        close(side->to);
    if (side->from >= 0)
        close(side->from);
    for (int i = 0; side->pid > 0; i++) {
        if (i == END_PAUSES)
            kill(side->pid, SIGKILL);
        pid_t ended = waitpid(side->pid, NULL, i < END_PAUSES ? WNOHANG : 0);
        if (ended == side->pid || (ended < 0 && errno != EINTR))
            side->pid = 0;
        else
            nanosleep(&pause, NULL);
    }
    *side = BENCH_SIDE_NONE;
}
