/*
 * test_io_reader.c - the ring and the threads read the same: sizes, refusals, budget, early ends.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/mm_test.h"

enum { ROOM = MM_READ_SLOT_BYTES - MM_READ_PAD_BYTES, MIB = 1024 * 1024 };

static const enum mm_io_choice backends[] = {MM_IO_URING, MM_IO_THREADS};
static const char *const backend_words[] = {
    [MM_IO_AUTO] = "auto", [MM_IO_URING] = "uring", [MM_IO_THREADS] = "threads"};

static char top[64];
static bool has_ring;

static int new_top(void **state)
{
    (void)state;
    char why[MM_ERROR_TEXT_BYTES];
    strcpy(top, "/tmp/mm-reader-XXXXXX");
    mm_reader_probe(why, sizeof why);
    has_ring = !*why;
    if (!has_ring)
        print_message("# no ring here, threads only: %s\n", why);
    return mkdtemp(top) ? chmod(top, 0755) : -1;
}

static int drop_top(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", top);
    return system(command);
}

/* ---- files whose bytes follow from their name ---- */

static char *path_of(const char *name)
{
    char *path;
    if (asprintf(&path, "%s/%s", top, name) < 0)
        fail_msg("no memory");
    return path;
}

static void fill(char *to, size_t len, uint64_t seed)
{
    for (size_t i = 0; i < len; i += 8) {
        uint64_t word = mm_random(&seed);
        memcpy(to + i, &word, len - i < 8 ? len - i : 8);
    }
}

static void make_file(const char *name, size_t len, uint64_t seed)
{
    char *path = path_of(name), *bytes = malloc(len + 1);
    FILE *f = fopen(path, "wb");
    assert_non_null(bytes);
    assert_non_null(f);
    fill(bytes, len, seed);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
    free(bytes);
    free(path);
}

/* ---- a reader and what it gave ---- */

static struct mm_reader *new_reader(enum mm_io_choice io, struct mm_budget *budget, uint32_t slots)
{
    struct mm_reader_options options = {
        .io = io, .slot_count = slots, .message_max_bytes = 64 * MIB, .budget = budget};
    struct mm_reader *reader;
    struct mm_error err = {0};
    if (mm_reader_new(&options, &reader, &err) != MM_OK)
        fail_msg("no reader: %s", err.text);
    if (mm_reader_start(reader, &err) != MM_OK)
        fail_msg("reader does not start: %s", err.text);
    return reader;
}

typedef void (*read_check)(struct mm_read *read, void *context);

/* As the engine does: keep the reader full, take what comes, hand it on, give it back. */
static void read_all(struct mm_reader *reader, struct mm_read *reads, size_t count, size_t min,
                     read_check check, void *context)
{
    struct mm_read *done[64];
    size_t next = 0, ended = 0;
    while (ended < count) {
        size_t got;
        while (next < count && mm_reader_has_room(reader))
            mm_reader_submit(reader, &reads[next++]);
        assert_int_equal(mm_reader_wait(reader, done, MM_COUNT(done), min, true, &got, NULL),
                         MM_OK);
        for (size_t i = 0; i < got; i++) {
            check(done[i], context);
            mm_reader_release(reader, done[i]);
        }
        ended += got;
    }
    MM_CHECK_INT("pending at the end", mm_reader_pending(reader), 0);
}

static bool each_backend(size_t *turn, enum mm_io_choice *io)
{
    while (*turn < MM_COUNT(backends)) {
        *io = backends[(*turn)++];
        if (*io != MM_IO_URING || has_ring)
            return true;
    }
    return false;
}

/* ---- sizes ---- */

struct sized {
    struct mm_read read;
    size_t len;
    uint64_t seed;
};

static void check_sized(struct mm_read *read, void *context)
{
    const struct sized *want = read->tag;
    char *bytes = malloc(want->len + 1);
    volatile char sum = 0;
    assert_non_null(bytes);
    fill(bytes, want->len, want->seed);
    MM_CHECK_INT(read->path, read->outcome, MM_READ_OK);
    MM_CHECK_INT(read->path, read->os_errno, 0);
    MM_CHECK_VIEW(read->path, read->bytes, ((struct mm_view){bytes, want->len}));
    for (size_t i = 0; i < MM_READ_PAD_BYTES; i++)
        sum = (char)(sum + read->bytes.data[read->bytes.len + i]); /* readable */
    free(bytes);
    ++*(size_t *)context;
}

static void reader_reads_files_of_every_size(void **state)
{
    (void)state;
    static const size_t lens[] = {0,         1,        2,        4095,      4096,
                                  ROOM - 1,  ROOM,     ROOM + 1, ROOM + 63, ROOM + 64,
                                  ROOM + 65, 2 * ROOM, MIB,      5 * MIB};
    struct sized files[MM_COUNT(lens)];
    struct mm_read reads[MM_COUNT(lens)];
    struct mm_budget budget;
    enum mm_io_choice io;
    for (size_t i = 0; i < MM_COUNT(lens); i++) {
        char name[32];
        snprintf(name, sizeof name, "%zu", lens[i]);
        make_file(name, lens[i], 7 + i);
        files[i] = (struct sized){.len = lens[i], .seed = 7 + i};
        reads[i] = (struct mm_read){.path = path_of(name), .tag = &files[i]};
    }
    assert_int_equal(mm_budget_init(&budget, 64 * MIB), MM_OK);
    for (size_t turn = 0; each_backend(&turn, &io);) {
        size_t count = 0;
        struct mm_reader *reader = new_reader(io, &budget, 0);
        read_all(reader, reads, MM_COUNT(reads), 1, check_sized, &count);
        MM_CHECK_INT(backend_words[io], count, MM_COUNT(lens));
        MM_CHECK_INT(backend_words[io], budget.used_bytes, 0);
        MM_CHECK_TRUE("backend", strcmp(mm_reader_backend(reader), backend_words[io]) == 0);
        mm_reader_free(&reader);
        assert_null(reader);
    }
    mm_budget_deinit(&budget);
    for (size_t i = 0; i < MM_COUNT(reads); i++)
        free((char *)reads[i].path);
}

enum { MANY = 5000 };

static void reader_reads_five_thousand_files_with_any_number_of_slots(void **state)
{
    (void)state;
    static const uint32_t slot_counts[] = {MM_READ_SLOTS_MIN, 100, 0};
    struct sized *files = calloc(MANY, sizeof *files);
    struct mm_read *reads = calloc(MANY, sizeof *reads);
    struct mm_budget budget;
    enum mm_io_choice io;
    uint64_t seed = 99;
    for (size_t i = 0; i < MANY; i++) {
        char name[32];
        snprintf(name, sizeof name, "m%zu", i);
        files[i] = (struct sized){.len = mm_random(&seed) % 7000, .seed = i};
        make_file(name, files[i].len, i);
        reads[i].path = path_of(name);
    }
    assert_int_equal(mm_budget_init(&budget, 64 * MIB), MM_OK);
    for (size_t turn = 0; each_backend(&turn, &io);) {
        for (size_t k = 0; k < MM_COUNT(slot_counts); k++) {
            size_t count = 0;
            struct mm_reader *reader = new_reader(io, &budget, slot_counts[k]);
            for (size_t i = 0; i < MANY; i++)
                reads[i].tag = &files[i];
            read_all(reader, reads, MANY, 1 + k * 20, check_sized, &count);
            struct mm_reader_stats s = mm_reader_stats(reader);
            MM_CHECK_INT(backend_words[io], count, MANY);
            MM_CHECK_INT("most in flight", s.inflight_max,
                         slot_counts[k] && slot_counts[k] < MM_READ_DEPTH ? slot_counts[k]
                                                                          : MM_READ_DEPTH);
            if (slot_counts[k] == 0)
                MM_CHECK_TRUE("mean in flight", s.inflight_sum / s.inflight_samples >= 32);
            if (io == MM_IO_URING && slot_counts[k] == 0)
                MM_CHECK_TRUE("turns", s.waits <= MANY / 8);
            mm_reader_free(&reader);
        }
    }
    mm_budget_deinit(&budget);
    for (size_t i = 0; i < MANY; i++)
        free((char *)reads[i].path);
    free(reads);
    free(files);
}

#define READER_TEST(fn) cmocka_unit_test_setup_teardown(fn, new_top, drop_top)

MM_TEST_MAIN(READER_TEST(reader_reads_files_of_every_size),
             READER_TEST(reader_reads_five_thousand_files_with_any_number_of_slots))
