/*
 * scan.c - all rows of a table, from all its files, read by several threads.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "summary/scan.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* A file's row groups. Whoever opens it first says how many there are, and which file it is. */
struct file {
    atomic_size_t next, count;
    bool seen; /* with what follows, under the run's lock */
    struct mm_table_file which;
};

/* A row group that a thread had too little memory for. */
struct piece {
    size_t file, group;
    uint64_t passed; /* rows that it has handed over */
};

struct run {
    const struct mm_scan *scan;
    struct mm_table_read_options read; /* of one thread */
    unsigned threads;
    struct file *files;
    atomic_bool failed;
    atomic_bool starved; /* a thread had too little memory: no other begins a group */
    pthread_mutex_t lock;
    /* Given back: by each thread that began one, of which there are fewer each time. */
    struct piece pieces[2 * MM_SCAN_THREADS_MAX];
    size_t piece_count;
    size_t failed_file, failed_group; /* the first of those that failed */
    enum mm_status status;
    struct mm_error error;
};

struct worker {
    struct run *run;
    unsigned number;
    pthread_t thread;
    bool started;
};

enum { NOT_KNOWN = 0 }; /* a count; one more than there are groups is kept */

static bool goes_on(struct run *run)
{
    return !atomic_load(&run->failed) && !atomic_load(&run->starved);
}

static void fail(struct run *run, const struct piece *at, enum mm_status status,
                 const struct mm_error *error)
{
    pthread_mutex_lock(&run->lock);
    if (run->status == MM_OK || at->file < run->failed_file ||
        (at->file == run->failed_file && at->group < run->failed_group)) {
        run->status = status;
        run->error = *error;
        run->failed_file = at->file;
        run->failed_group = at->group;
    }
    pthread_mutex_unlock(&run->lock);
    atomic_store(&run->failed, true);
}

/* ---- groups that are given back ---- */

static void give_back(struct run *run, const struct piece *piece)
{
    pthread_mutex_lock(&run->lock);
    run->pieces[run->piece_count++] = *piece;
    pthread_mutex_unlock(&run->lock);
}

static bool take_back(struct run *run, struct piece *piece)
{
    pthread_mutex_lock(&run->lock);
    bool any = run->piece_count > 0;
    if (any)
        *piece = run->pieces[--run->piece_count];
    pthread_mutex_unlock(&run->lock);
    return any;
}

enum mm_status mm_scan_starved(const char *path, size_t bytes, struct mm_error *err)
{
    enum { MIB = 1024 * 1024, MORE = 2 };
    return mm_fail(err, MM_E_LIMIT,
                   "reading %s takes more than the %zu MiB that it may have of --memory: choose "
                   "--memory %zuM or more",
                   path, bytes / MIB, bytes / MIB * MM_SCAN_MEMORY_SHARE * MORE);
}

/* The reader's file cannot be read on, from `piece` on where a group was begun. Fewer threads may
 * have memory enough. */
static void stop(struct run *run, const struct piece *piece, bool begun, enum mm_status status,
                 struct mm_error *error)
{
    if (status == MM_E_LIMIT && run->threads > 1) {
        if (begun)
            give_back(run, piece);
        atomic_store(&run->starved, true);
        return;
    }
    if (status == MM_E_LIMIT)
        status = mm_scan_starved(run->scan->paths[piece->file], run->read.memory_bytes, error);
    fail(run, piece, status, error);
}

/* ---- rows ---- */

/* The rows of a group that were not handed over yet. The reader gives them in the same portions
 * each time. */
static void read_piece(struct run *run, unsigned number, struct mm_table_reader *reader,
                       struct piece *piece)
{
    struct mm_error error = {0};
    enum mm_status status;
    uint64_t row = 0;
    size_t rows;
    mm_table_reader_choose(reader, piece->group);
    while ((status = mm_table_reader_next(reader, &rows, &error)) == MM_OK) {
        row += rows;
        if (row <= piece->passed)
            continue;
        status = run->scan->rows(run->scan->context, number, rows, &error);
        if (status < 0) {
            fail(run, piece, status, &error);
            return;
        }
        piece->passed = row;
    }
    if (status < 0)
        stop(run, piece, true, status, &error);
}

/* The file that another thread reads under that name, or the first one. */
static bool is_the_same(struct run *run, size_t at, struct mm_table_file which)
{
    struct file *file = &run->files[at];
    pthread_mutex_lock(&run->lock);
    bool same =
        !file->seen || (file->which.device == which.device && file->which.inode == which.inode);
    if (!file->seen)
        file->which = which;
    file->seen = true;
    pthread_mutex_unlock(&run->lock);
    return same;
}

/* Groups of two files would be counted as those of one: as if the first were gone. */
static enum mm_status open_file(struct run *run, unsigned number, size_t at,
                                struct mm_table_reader **reader, struct mm_error *error)
{
    const char *path = run->scan->paths[at];
    MM_TRY(mm_table_reader_open(path, run->scan->schema, &run->read, reader, error));
    if (!is_the_same(run, at, mm_table_reader_file(*reader))) {
        mm_table_reader_free(reader);
        return mm_fail_os(error, ENOENT, "%s was replaced while it was read", path);
    }
    run->scan->turn(run->scan->context, number, *reader);
    return MM_OK;
}

static void read_given_back(struct run *run, unsigned number, struct piece *piece)
{
    struct mm_table_reader *reader;
    struct mm_error error = {0};
    enum mm_status status = open_file(run, number, piece->file, &reader, &error);
    if (status == MM_OK)
        read_piece(run, number, reader, piece);
    else
        stop(run, piece, true, status, &error);
    mm_table_reader_free(&reader);
}

/* Groups of one file until there is none left. */
static void read_groups(struct run *run, unsigned number, size_t at)
{
    struct file *file = &run->files[at];
    struct mm_table_reader *reader;
    struct mm_error error = {0};
    struct piece piece = {.file = at};
    enum mm_status status = open_file(run, number, at, &reader, &error);
    if (status < 0) {
        stop(run, &piece, false, status, &error);
        return;
    }
    size_t count = mm_table_reader_groups(reader);
    atomic_store(&file->count, count + 1);
    while (goes_on(run) && (piece.group = atomic_fetch_add(&file->next, 1)) < count) {
        piece.passed = 0;
        read_piece(run, number, reader, &piece);
    }
    mm_table_reader_free(&reader);
}

static void *work(void *argument)
{
    const struct worker *worker = argument;
    struct run *run = worker->run;
    struct piece piece;
    while (goes_on(run) && take_back(run, &piece))
        read_given_back(run, worker->number, &piece);
    for (size_t i = 0; i < run->scan->path_count && goes_on(run); i++) {
        size_t count = atomic_load(&run->files[i].count);
        if (count == NOT_KNOWN || atomic_load(&run->files[i].next) < count - 1)
            read_groups(run, worker->number, i);
    }
    return NULL;
}

/* This thread is one of them; where no other can be had it does all. */
static void start_workers(struct run *run, struct worker *workers)
{
    for (unsigned i = 0; i < run->threads; i++)
        workers[i] = (struct worker){.run = run, .number = i};
    for (unsigned i = 1; i < run->threads; i++)
        workers[i].started = pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0;
    work(&workers[0]);
    for (unsigned i = 1; i < run->threads; i++)
        if (workers[i].started)
            pthread_join(workers[i].thread, NULL);
}

enum mm_status mm_scan_run(const struct mm_scan *scan, struct mm_error *err)
{
    struct run run = {.scan = scan, .read = scan->read, .threads = scan->threads};
    struct worker workers[MM_SCAN_THREADS_MAX];
    run.files = calloc(scan->path_count ? scan->path_count : 1, sizeof *run.files);
    if (!run.files)
        return mm_fail(err, MM_E_NOMEM, "no memory to read %s", scan->schema->name);
    pthread_mutex_init(&run.lock, NULL);
    for (;; run.threads /= 2) {
        run.read.memory_bytes = scan->read.memory_bytes / run.threads;
        atomic_store(&run.starved, false);
        start_workers(&run, workers);
        if (!atomic_load(&run.starved) || atomic_load(&run.failed))
            break;
    }
    pthread_mutex_destroy(&run.lock);
    free(run.files);
    if (run.status < 0 && err)
        *err = run.error;
    return run.status;
}
