/*
 * fault.c - test builds: operations on files that fail, stop or are logged where a test says so.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/fault.h"

#ifdef MAILMILL_FAULTS
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/view.h"

enum { FAULTS_MAX = 32, SLOW_NS = 100 * 1000 * 1000, PAGE_BYTES = 4096 };
enum action { ACTION_ERRNO, ACTION_SHORT, ACTION_SLOW, ACTION_SIGNAL, ACTION_SKIP, ACTION_DUE };

static const char *const OPS[MM_FAULT_SAVE + 1] = {"read", "open",   "write", "create", "rename",
                                                   "sync", "remove", "any",   "save"};
static const struct {
    const char *name;
    enum action action;
    int number;
} ACTIONS[] = {{"ENOSPC", ACTION_ERRNO, ENOSPC}, {"EIO", ACTION_ERRNO, EIO},
               {"EINTR", ACTION_ERRNO, EINTR},   {"VANISH", ACTION_ERRNO, ENOENT},
               {"SHORT", ACTION_SHORT, 0},       {"SLOW", ACTION_SLOW, 0},
               {"KILL", ACTION_SIGNAL, SIGKILL}, {"STOP", ACTION_SIGNAL, SIGSTOP},
               {"SKIP", ACTION_SKIP, 0},         {"DUE", ACTION_DUE, 0}};

struct fault {
    unsigned op; /* MM_FAULT_OPS: any; MM_FAULT_SAVE */
    enum action action;
    int number;  /* errno or signal */
    uint64_t at; /* 0: each one */
    atomic_uint_fast64_t seen;
};

static struct {
    struct fault list[FAULTS_MAX];
    size_t count;
    int log_fd;
    atomic_uint_fast64_t fired;
} armed = {.log_fd = -1};

static enum mm_status open_log(const char *path, struct mm_error *err)
{
    armed.log_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    return armed.log_fd >= 0 ? MM_OK : mm_fail_os(err, errno, "cannot write %s", path);
}

static bool parse(const char *text, struct fault *f)
{
    const char *colon = strchr(text, ':'), *at = strchr(text, '@');
    char *end;
    if (!colon || !at || at < colon)
        return false;
    struct mm_view op = {text, (size_t)(colon - text)};
    struct mm_view action = {colon + 1, (size_t)(at - colon - 1)};
    size_t a = 0;
    while (f->op <= MM_FAULT_SAVE && !mm_view_eq(op, mm_view_of(OPS[f->op])))
        f->op++;
    while (a < MM_COUNT(ACTIONS) && !mm_view_eq(action, mm_view_of(ACTIONS[a].name)))
        a++;
    if (f->op > MM_FAULT_SAVE || a == MM_COUNT(ACTIONS))
        return false;
    f->action = ACTIONS[a].action;
    f->number = ACTIONS[a].number;
    if (f->action == ACTION_SKIP && f->op != MM_FAULT_SYNC)
        return false;
    if ((f->action == ACTION_DUE) != (f->op == MM_FAULT_SAVE))
        return false;
    if (strcmp(at + 1, "*") == 0)
        return true;
    f->at = at[1] >= '0' && at[1] <= '9' ? strtoull(at + 1, &end, 10) : 0;
    return f->at > 0 && *end == '\0';
}

enum mm_status mm_fault_arm(const char *const *texts, size_t count, struct mm_error *err)
{
    if (armed.log_fd >= 0)
        close(armed.log_fd);
    armed.log_fd = -1;
    armed.count = 0;
    atomic_store(&armed.fired, 0);
    for (size_t i = 0; i < count; i++) {
        if (strncmp(texts[i], "log:", 4) == 0) {
            MM_TRY(open_log(texts[i] + 4, err));
            continue;
        }
        if (armed.count == FAULTS_MAX)
            return mm_fail(err, MM_E_ARG, "more than %d faults", FAULTS_MAX);
        struct fault *f = &armed.list[armed.count];
        *f = (struct fault){.op = 0};
        if (!parse(texts[i], f))
            return mm_fail(err, MM_E_ARG, "--fault '%s': want OP:ACTION@N or log:FILE", texts[i]);
        armed.count++;
    }
    return MM_OK;
}

uint64_t mm_fault_count(void)
{
    return atomic_load(&armed.fired);
}

/* The fault that acts at this operation; NULL: it is made as ever. */
static const struct fault *next_fault(enum mm_fault_op op)
{
    const struct fault *acts = NULL;
    for (size_t i = 0; i < armed.count; i++) {
        struct fault *f = &armed.list[i];
        if ((f->op == op || f->op == MM_FAULT_OPS) &&
            (atomic_fetch_add(&f->seen, 1) + 1 == f->at || f->at == 0))
            acts = f;
    }
    if (!acts)
        return NULL;
    atomic_fetch_add(&armed.fired, 1);
    if (acts->action == ACTION_SIGNAL)
        raise(acts->number); /* ends or stops all threads, this one before it goes on */
    if (acts->action == ACTION_SLOW)
        nanosleep(&(struct timespec){.tv_nsec = SLOW_NS}, NULL);
    return acts;
}

static int errno_of(const struct fault *f)
{
    return f && f->action == ACTION_ERRNO ? f->number : 0;
}

/* ---- the log ---- */

/* The path of `name` below fd, of fd itself where it is NULL. */
static void path_of(char out[PATH_MAX], int fd, const char *name)
{
    char link[64];
    size_t len = 0;
    if (fd != AT_FDCWD && !(name && *name == '/')) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t n = readlink(link, out, PATH_MAX - 1);
        len = n > 0 ? (size_t)n : 0;
    }
    snprintf(out + len, PATH_MAX - len, "%s%s", name && len ? "/" : "", name ? name : "");
}

/* Thread, operation, path, and where it goes: one write, so that lines of threads keep apart. */
static void log_line(enum mm_fault_op op, const char *path, const char *to)
{
    char line[2 * PATH_MAX + 64];
    int len = snprintf(line, sizeof line, "%d\t%s\t%s\t%s\n", (int)gettid(), OPS[op], path, to);
    if (write(armed.log_fd, line, (size_t)len) != len)
        abort(); /* a log with gaps proves nothing */
}

/* ---- the points ---- */

int mm_fault_before(enum mm_fault_op op, int fd, const char *name, size_t *len)
{
    const struct fault *f = next_fault(op);
    char path[PATH_MAX];
    if (f && f->action == ACTION_SHORT && len && *len > 1)
        *len /= 2;
    if (armed.log_fd >= 0 && !errno_of(f)) {
        path_of(path, fd, name);
        log_line(op, path, op == MM_FAULT_WRITE && !len ? "cut" : "");
    }
    return errno_of(f);
}

int mm_fault_before_rename(int from_fd, const char *from, int to_fd, const char *to)
{
    const struct fault *f = next_fault(MM_FAULT_RENAME);
    char path[PATH_MAX], to_path[PATH_MAX];
    if (armed.log_fd >= 0 && !errno_of(f)) {
        path_of(path, from_fd, from);
        path_of(to_path, to_fd, to);
        log_line(MM_FAULT_RENAME, path, to_path);
    }
    return errno_of(f);
}

int mm_fault_before_sync(int fd, bool all, bool *skip)
{
    const struct fault *f = next_fault(MM_FAULT_SYNC);
    char path[PATH_MAX];
    *skip = f && f->action == ACTION_SKIP;
    if (armed.log_fd >= 0 && !errno_of(f) && !*skip) {
        path_of(path, fd, NULL);
        log_line(MM_FAULT_SYNC, path, all ? "*" : "");
    }
    return errno_of(f);
}

int mm_fault_after(enum mm_fault_op op, int result)
{
    if (result < 0)
        return result;
    const struct fault *f = next_fault(op);
    if (armed.log_fd >= 0 && !errno_of(f))
        log_line(op, "", "");
    if (f && f->action == ACTION_SHORT) /* the page cache gives whole pages until the file ends */
        return result / 2 / PAGE_BYTES * PAGE_BYTES;
    return errno_of(f) ? -errno_of(f) : result;
}

bool mm_fault_save_is_due(void)
{
    bool due = false;
    for (size_t i = 0; i < armed.count; i++) {
        struct fault *f = &armed.list[i];
        if (f->op == MM_FAULT_SAVE)
            due = atomic_fetch_add(&f->seen, 1) + 1 == f->at || f->at == 0 || due;
    }
    return due;
}

#endif
