/*
 * scan.c - all rows of a table, from all its files, read by several threads.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "summary/scan.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* A file's row groups. Whoever opens it first says how many there are. */
struct file {
    atomic_size_t next, count;
};

struct run {
    const struct mm_scan *scan;
    struct file *files;
    atomic_bool failed;
    pthread_mutex_t lock;
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

static void fail(struct run *run, size_t file, size_t group, enum mm_status status,
                 const struct mm_error *error)
{
    pthread_mutex_lock(&run->lock);
    if (run->status == MM_OK || file < run->failed_file ||
        (file == run->failed_file && group < run->failed_group)) {
        run->status = status;
        run->error = *error;
        run->failed_file = file;
        run->failed_group = group;
    }
    pthread_mutex_unlock(&run->lock);
    atomic_store(&run->failed, true);
}

static enum mm_status read_group(struct run *run, unsigned number, struct mm_table_reader *reader,
                                 size_t group, struct mm_error *error)
{
    size_t rows;
    enum mm_status status;
    mm_table_reader_choose(reader, group);
    while ((status = mm_table_reader_next(reader, &rows, error)) == MM_OK)
        MM_TRY(run->scan->rows(run->scan->context, number, rows, error));
    return status;
}

/* Groups of one file until there is none left. */
static void read_groups(struct run *run, unsigned number, size_t at, struct mm_table_reader *reader)
{
    struct file *file = &run->files[at];
    size_t count = mm_table_reader_groups(reader), group;
    struct mm_error error = {0};
    atomic_store(&file->count, count + 1);
    run->scan->turn(run->scan->context, number, reader);
    while (!atomic_load(&run->failed) && (group = atomic_fetch_add(&file->next, 1)) < count) {
        enum mm_status status = read_group(run, number, reader, group, &error);
        if (status < 0)
            fail(run, at, group, status, &error);
    }
}

static void *work(void *argument)
{
    const struct worker *worker = argument;
    struct run *run = worker->run;
    for (size_t i = 0; i < run->scan->path_count && !atomic_load(&run->failed); i++) {
        struct mm_table_reader *reader;
        struct mm_error error = {0};
        size_t count = atomic_load(&run->files[i].count);
        if (count != NOT_KNOWN && atomic_load(&run->files[i].next) >= count - 1)
            continue;
        enum mm_status status = mm_table_reader_open(run->scan->paths[i], run->scan->schema,
                                                     &run->scan->read, &reader, &error);
        if (status < 0)
            fail(run, i, 0, status, &error);
        else
            read_groups(run, worker->number, i, reader);
        mm_table_reader_free(&reader);
    }
    return NULL;
}

/* This thread is one of them; where no other can be had it does all. */
static void start_workers(struct run *run, struct worker *workers)
{
    for (unsigned i = 0; i < run->scan->threads; i++)
        workers[i] = (struct worker){.run = run, .number = i};
    for (unsigned i = 1; i < run->scan->threads; i++)
        workers[i].started = pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0;
    work(&workers[0]);
    for (unsigned i = 1; i < run->scan->threads; i++)
        if (workers[i].started)
            pthread_join(workers[i].thread, NULL);
}

enum mm_status mm_scan_run(const struct mm_scan *scan, struct mm_error *err)
{
    struct run run = {.scan = scan, .status = MM_OK};
    struct worker workers[MM_SCAN_THREADS_MAX];
    run.files = calloc(scan->path_count ? scan->path_count : 1, sizeof *run.files);
    if (!run.files)
        return mm_fail(err, MM_E_NOMEM, "no memory to read %s", scan->schema->name);
    pthread_mutex_init(&run.lock, NULL);
    start_workers(&run, workers);
    pthread_mutex_destroy(&run.lock);
    free(run.files);
    if (run.status < 0 && err)
        *err = run.error;
    return run.status;
}
