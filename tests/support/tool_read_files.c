/*
 * tool_read_files.c - read every file below a folder with one reader or several, and say how.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   read_files auto|uring|threads FOLDER [READERS]
 *
 * Prints one line each: "backend", "why", "files", "bytes", "sum" (of all bytes, whatever the
 * order), "failed", "inflight_mean", "inflight_max", "waits". Exit code 0; 1 when a reader ended
 * with an error or a file was not read; 78 when it could not be made.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/reader.h"
#include "io/tree_walk.h"

enum { READERS_MAX = 64, EXIT_CONFIG = 78 };

struct part {
    struct mm_reader *reader;
    struct mm_read *reads;
    size_t count;
    uint64_t files, bytes, sum, failed;
    enum mm_status status;
    struct mm_error err;
};

static void take(struct part *part, struct mm_read *read)
{
    if (read->outcome != MM_READ_OK) {
        fprintf(stderr, "%s: outcome %d, errno %d\n", read->path, (int)read->outcome,
                read->os_errno);
        part->failed++;
    } else {
        part->files++;
        part->bytes += read->bytes.len;
        for (size_t i = 0; i < read->bytes.len; i++)
            part->sum += (uint64_t)(unsigned char)read->bytes.data[i] * (i + 1);
    }
    mm_reader_release(part->reader, read);
}

static void *work(void *arg)
{
    struct part *part = arg;
    struct mm_read *done[256];
    size_t next = 0, ended = 0, got;
    part->status = mm_reader_start(part->reader, &part->err);
    while (part->status == MM_OK && ended < part->count) {
        while (next < part->count && mm_reader_has_room(part->reader))
            mm_reader_submit(part->reader, &part->reads[next++]);
        part->status =
            mm_reader_wait(part->reader, done, MM_COUNT(done), 1, true, &got, &part->err);
        for (size_t i = 0; part->status == MM_OK && i < got; i++)
            take(part, done[i]);
        ended += got;
    }
    return NULL;
}

static struct mm_read *list_files(const char *folder, size_t *count)
{
    struct mm_read *reads = NULL;
    struct mm_walk *walk;
    struct mm_walk_entry entry;
    struct mm_error err = {.status = MM_OK};
    size_t cap = 0;
    *count = 0;
    if (mm_walk_new(folder, false, 0, &walk, &err) != MM_OK) {
        fprintf(stderr, "read_files: %s\n", err.text);
        exit(EXIT_CONFIG);
    }
    while (mm_walk_next(walk, &entry, &err) == MM_OK) {
        if (entry.kind != MM_WALK_FILE)
            continue;
        if (*count == cap) {
            cap = cap ? cap * 2 : 1024;
            reads = realloc(reads, cap * sizeof *reads);
            if (!reads)
                abort();
        }
        reads[(*count)++] = (struct mm_read){.path = strdup(entry.path.data)};
    }
    mm_walk_free(&walk);
    return reads;
}

static int report(const struct part *parts, unsigned count)
{
    struct part all = {.files = 0};
    struct mm_reader_stats sum = {.waits = 0};
    for (unsigned i = 0; i < count; i++) {
        struct mm_reader_stats s = mm_reader_stats(parts[i].reader);
        all.files += parts[i].files;
        all.bytes += parts[i].bytes;
        all.sum += parts[i].sum;
        all.failed += parts[i].failed;
        sum.waits += s.waits;
        sum.inflight_sum += s.inflight_sum;
        sum.inflight_samples += s.inflight_samples;
        if (s.inflight_max > sum.inflight_max)
            sum.inflight_max = s.inflight_max;
        if (parts[i].status != MM_OK) {
            fprintf(stderr, "read_files: %s\n", parts[i].err.text);
            all.status = MM_E_IO;
        }
    }
    printf("backend %s\nwhy %s\nfiles %llu\nbytes %llu\nsum %llu\nfailed %llu\n",
           mm_reader_backend(parts[0].reader), mm_reader_why(parts[0].reader),
           (unsigned long long)all.files, (unsigned long long)all.bytes,
           (unsigned long long)all.sum, (unsigned long long)all.failed);
    printf("inflight_mean %.1f\ninflight_max %llu\nwaits %llu\n",
           sum.inflight_samples ? (double)sum.inflight_sum / (double)sum.inflight_samples : 0,
           (unsigned long long)sum.inflight_max, (unsigned long long)sum.waits);
    return all.status == MM_OK && !all.failed ? 0 : 1;
}

static enum mm_io_choice choice(const char *word)
{
    return strcmp(word, "uring") == 0     ? MM_IO_URING
           : strcmp(word, "threads") == 0 ? MM_IO_THREADS
                                          : MM_IO_AUTO;
}

int main(int argc, char **argv)
{
    unsigned readers = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 1;
    if (argc < 3 || readers < 1 || readers > READERS_MAX) {
        fprintf(stderr, "usage: read_files auto|uring|threads FOLDER [READERS]\n");
        return 64;
    }
    static struct part parts[READERS_MAX];
    static pthread_t threads[READERS_MAX];
    struct mm_budget budget;
    size_t count, from = 0;
    struct mm_read *reads = list_files(argv[2], &count);
    if (mm_budget_init(&budget, 64u << 20) != MM_OK)
        abort();
    struct mm_reader_options options = {
        .io = choice(argv[1]), .message_max_bytes = 64u << 20, .budget = &budget};
    for (unsigned i = 0; i < readers; i++) {
        size_t to = count * (i + 1) / readers;
        parts[i] = (struct part){.reads = reads + from, .count = to - from};
        from = to;
        if (mm_reader_new(&options, &parts[i].reader, &parts[i].err) != MM_OK) {
            fprintf(stderr, "read_files: %s\n", parts[i].err.text);
            return EXIT_CONFIG;
        }
    }
    for (unsigned i = 0; i < readers; i++)
        if (pthread_create(&threads[i], NULL, work, &parts[i]) != 0)
            abort();
    for (unsigned i = 0; i < readers; i++)
        pthread_join(threads[i], NULL);
    int code = report(parts, readers);
    for (unsigned i = 0; i < readers; i++)
        mm_reader_free(&parts[i].reader);
    mm_budget_deinit(&budget);
    for (size_t i = 0; i < count; i++)
        free((char *)reads[i].path);
    free(reads);
    return code;
}
