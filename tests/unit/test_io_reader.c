/*
 * test_io_reader.c - the ring and the threads read the same: sizes, refusals, budget, early ends.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
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

static long sleeps(void)
{
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_THREAD, &usage), 0);
    return usage.ru_nvcsw;
}

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
            long slept = sleeps();
            read_all(reader, reads, MANY, 1 + k * 20, check_sized, &count);
            slept = sleeps() - slept;
            struct mm_reader_stats s = mm_reader_stats(reader);
            MM_CHECK_INT(backend_words[io], count, MANY);
            MM_CHECK_INT("most in flight", s.inflight_max,
                         slot_counts[k] && slot_counts[k] < MM_READ_DEPTH ? slot_counts[k]
                                                                          : MM_READ_DEPTH);
            if (slot_counts[k] == 0)
                MM_CHECK_TRUE("mean in flight", s.inflight_sum / s.inflight_samples >= 32);
            if (io == MM_IO_URING && slot_counts[k] == 0) {
                MM_CHECK_TRUE("turns", s.waits <= MANY / 8);
                /* What was just written is there at once: few reads under way do as well. */
                if (slept == 0)
                    MM_CHECK_TRUE("mean in flight without a wait",
                                  s.inflight_sum / s.inflight_samples <= 96);
            }
            mm_reader_free(&reader);
        }
    }
    mm_budget_deinit(&budget);
    for (size_t i = 0; i < MANY; i++)
        free((char *)reads[i].path);
    free(reads);
    free(files);
}

/* ---- what is refused ---- */

struct refusal {
    const char *name;
    bool follow;
    enum mm_read_outcome outcome;
    int os_errno;
};

static const struct refusal refusals[] = {
    {"none", false, MM_READ_VANISHED, ENOENT},
    {"file/below", false, MM_READ_VANISHED, ENOTDIR},
    {"folder", false, MM_READ_NOT_FILE, 0},
    {"fifo", false, MM_READ_NOT_FILE, 0},
    {"fifo-written", false, MM_READ_NOT_FILE, 0},
    {"link", false, MM_READ_NOT_FILE, 0},
    {"link", true, MM_READ_OK, 0},
    {"link-folder", true, MM_READ_NOT_FILE, 0},
    {"link-fifo", true, MM_READ_NOT_FILE, 0},
    {"dangling", true, MM_READ_VANISHED, ENOENT},
    {"null", true, MM_READ_NOT_FILE, 0},
    {"zero", true, MM_READ_NOT_FILE, 0},
    {"huge", false, MM_READ_TOO_LARGE, 0},
    {"over-the-budget", false, MM_READ_TOO_LARGE, 0},
    {"file", false, MM_READ_OK, 0},
};

static void check_refusal(struct mm_read *read, void *context)
{
    const struct refusal *want = read->tag;
    (void)context;
    MM_CHECK_INT(want->name, read->outcome, want->outcome);
    MM_CHECK_INT(want->name, read->os_errno, want->os_errno);
    MM_CHECK_INT(want->name, read->bytes.len, want->outcome == MM_READ_OK ? 100 : 0);
}

static void make_link(const char *target, const char *name)
{
    char *path = path_of(name);
    assert_int_equal(symlink(target, path), 0);
    free(path);
}

static void make_sparse(const char *name, off_t len)
{
    char *path = path_of(name);
    make_file(name, 0, 0);
    assert_int_equal(truncate(path, len), 0);
    free(path);
}

/* Returns a descriptor that keeps the bytes in the FIFO. */
static int make_fifos(void)
{
    char *quiet = path_of("fifo"), *written = path_of("fifo-written");
    assert_int_equal(mkfifo(quiet, 0600), 0);
    assert_int_equal(mkfifo(written, 0600), 0);
    int fd = open(written, O_RDWR);
    assert_int_equal(write(fd, "From: nobody\n", 13), 13);
    free(quiet);
    free(written);
    return fd;
}

static void reader_says_why_a_file_was_not_read_and_hangs_on_none(void **state)
{
    (void)state;
    struct mm_budget budget;
    enum mm_io_choice io;
    char *folder = path_of("folder"), taken[32];
    int fifo = make_fifos();
    assert_int_equal(mkdir(folder, 0700), 0);
    make_file("file", 100, 5);
    make_link("file", "link");
    make_link("folder", "link-folder");
    make_link("fifo", "link-fifo");
    make_link("nothing", "dangling");
    make_link("/dev/null", "null");
    make_link("/dev/zero", "zero");
    make_sparse("huge", (off_t)1 << 40);
    make_sparse("over-the-budget", 20 * MIB);
    assert_int_equal(mm_budget_init(&budget, 20 * MIB), MM_OK);
    for (size_t turn = 0; each_backend(&turn, &io);) {
        struct mm_read reads[MM_COUNT(refusals)];
        struct mm_reader *reader = new_reader(io, &budget, 0);
        for (size_t i = 0; i < MM_COUNT(refusals); i++)
            reads[i] = (struct mm_read){.path = path_of(refusals[i].name),
                                        .follow = refusals[i].follow,
                                        .tag = (void *)(uintptr_t)&refusals[i]};
        read_all(reader, reads, MM_COUNT(reads), 3, check_refusal, NULL);
        mm_reader_free(&reader);
        for (size_t i = 0; i < MM_COUNT(refusals); i++)
            free((char *)reads[i].path);
    }
    MM_CHECK_INT("the FIFO kept its bytes", read(fifo, taken, sizeof taken), 13);
    close(fifo);
    free(folder);
    mm_budget_deinit(&budget);
}

static void check_denied(struct mm_read *read, void *context)
{
    *(int *)context += read->outcome == MM_READ_DENIED && read->os_errno == EACCES;
}

/* As a user without rights of root, in a child: its exit code is the number of the failing step. */
static void reader_names_files_that_may_not_be_read(void **state)
{
    (void)state;
    struct mm_read reads[2] = {{.path = path_of("secret")}, {.path = path_of("closed/file")}};
    char *closed = path_of("closed");
    struct mm_budget budget;
    enum mm_io_choice io;
    make_file("secret", 10, 1);
    assert_int_equal(mkdir(closed, 0700), 0);
    make_file("closed/file", 10, 1);
    assert_int_equal(chmod(reads[0].path, 0), 0);
    assert_int_equal(chmod(closed, 0), 0);
    assert_int_equal(mm_budget_init(&budget, MIB), MM_OK);
    for (size_t turn = 0; each_backend(&turn, &io);) {
        int status = -1;
        pid_t child = fork();
        if (child == 0) {
            int denied = 0;
            if (getuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
                _exit(2);
            struct mm_reader *reader = new_reader(io, &budget, 0);
            read_all(reader, reads, 2, 1, check_denied, &denied);
            mm_reader_free(&reader);
            _exit(denied == 2 ? 0 : 3);
        }
        waitpid(child, &status, 0);
        MM_CHECK_INT(backend_words[io], status, 0);
    }
    assert_int_equal(chmod(closed, 0700), 0);
    free(closed);
    free((char *)reads[0].path);
    free((char *)reads[1].path);
    mm_budget_deinit(&budget);
}

/* ---- files that change ---- */

struct appender {
    const char *path;
    atomic_bool stop;
};

/* Grows it by small steps, and cuts it back before it is too large to be read. */
static void *append(void *arg)
{
    struct appender *a = arg;
    char block[4096] = {0};
    int fd = open(a->path, O_WRONLY | O_APPEND);
    for (size_t len = MIB; fd >= 0 && !a->stop; len += sizeof block) {
        if (len > 16 * MIB && ftruncate(fd, len = MIB) != 0)
            break;
        if (write(fd, block, sizeof block) < 0)
            break;
    }
    close(fd);
    return NULL;
}

/* Whole for a moment that there was, or called changed: never a mixture that is neither. */
static void check_growing(struct mm_read *read, void *context)
{
    if (read->outcome == MM_READ_CHANGED) {
        ++*(size_t *)context;
        return;
    }
    MM_CHECK_INT("outcome", read->outcome, MM_READ_OK);
    MM_CHECK_INT("whole blocks", read->bytes.len % 4096, 0);
}

static void reader_notices_a_file_that_grows(void **state)
{
    (void)state;
    struct mm_budget budget;
    enum mm_io_choice io;
    assert_int_equal(mm_budget_init(&budget, 256 * MIB), MM_OK);
    for (size_t turn = 0; each_backend(&turn, &io);) {
        pthread_t thread;
        size_t changed = 0;
        make_file("grows", MIB, 3);
        struct appender a = {.path = path_of("grows")};
        struct mm_reader *reader = new_reader(io, &budget, 0);
        assert_int_equal(pthread_create(&thread, NULL, append, &a), 0);
        for (int i = 0; i < 5000 && changed < 3; i++) {
            struct mm_read read = {.path = a.path};
            read_all(reader, &read, 1, 1, check_growing, &changed);
        }
        a.stop = true;
        pthread_join(thread, NULL);
        MM_CHECK_TRUE(backend_words[io], changed > 0);
        mm_reader_free(&reader);
        free((char *)a.path);
    }
    mm_budget_deinit(&budget);
}

/* ---- the budget ---- */

enum { LARGE = 24, READERS = 4 };

struct competitor {
    struct mm_reader *reader;
    struct mm_read reads[LARGE];
    size_t ended;
    struct mm_budget *budget;
    _Atomic uint64_t *over;
};

static void check_large(struct mm_read *read, void *context)
{
    struct competitor *c = context;
    MM_CHECK_INT(read->path, read->outcome, MM_READ_OK);
    pthread_mutex_lock(&c->budget->lock);
    *c->over += c->budget->used_bytes > c->budget->total_bytes;
    pthread_mutex_unlock(&c->budget->lock);
    c->ended++;
}

static void *compete(void *arg)
{
    struct competitor *c = arg;
    if (mm_reader_start(c->reader, NULL) == MM_OK)
        read_all(c->reader, c->reads, LARGE, 5, check_large, c);
    return NULL;
}

static void readers_share_a_budget_that_is_too_small_for_all_without_a_deadlock(void **state)
{
    (void)state;
    struct mm_budget budget;
    enum mm_io_choice io;
    for (size_t i = 0; i < LARGE; i++) {
        char name[32];
        snprintf(name, sizeof name, "large%zu", i);
        make_file(name, i % 3 ? 300000 + i * 40000 : 900 + i, i);
    }
    for (size_t turn = 0; each_backend(&turn, &io);) {
        static struct competitor all[READERS];
        pthread_t threads[READERS];
        _Atomic uint64_t over = 0;
        assert_int_equal(mm_budget_init(&budget, 3 * MIB / 2), MM_OK);
        for (size_t r = 0; r < READERS; r++) {
            struct mm_reader_options options = {.io = io, .budget = &budget};
            all[r] = (struct competitor){.budget = &budget, .over = &over};
            assert_int_equal(mm_reader_new(&options, &all[r].reader, NULL), MM_OK);
            for (size_t i = 0; i < LARGE; i++) {
                char name[32];
                snprintf(name, sizeof name, "large%zu", (i + r * 5) % LARGE);
                all[r].reads[i].path = path_of(name);
            }
        }
        for (size_t r = 0; r < READERS; r++)
            assert_int_equal(pthread_create(&threads[r], NULL, compete, &all[r]), 0);
        for (size_t r = 0; r < READERS; r++)
            pthread_join(threads[r], NULL);
        for (size_t r = 0; r < READERS; r++) {
            MM_CHECK_INT(backend_words[io], all[r].ended, LARGE);
            for (size_t i = 0; i < LARGE; i++)
                free((char *)all[r].reads[i].path);
            mm_reader_free(&all[r].reader);
        }
        MM_CHECK_INT("over the budget", over, 0);
        MM_CHECK_INT("left taken", budget.used_bytes, 0);
        mm_budget_deinit(&budget);
    }
}

static void reader_that_may_not_block_hands_back_what_needs_no_memory(void **state)
{
    (void)state;
    struct mm_budget budget;
    enum mm_io_choice io;
    make_file("large", MIB, 1);
    make_file("small", 10, 2);
    for (size_t turn = 0; each_backend(&turn, &io);) {
        struct mm_read large = {.path = path_of("large")}, small = {.path = path_of("small")};
        struct mm_read *done[4];
        size_t got = 0;
        assert_int_equal(mm_budget_init(&budget, 2 * MIB), MM_OK);
        struct mm_reader *reader = new_reader(io, &budget, 0);
        assert_true(mm_budget_try(&budget, 3 * MIB / 2)); /* another worker's */
        mm_reader_submit(reader, &large);
        mm_reader_submit(reader, &small);
        assert_int_equal(mm_reader_wait(reader, done, 4, 2, false, &got, NULL), MM_OK);
        MM_CHECK_INT("small only", got, 1);
        MM_CHECK_TRUE("small only", done[0] == &small);
        mm_reader_release(reader, &small);
        MM_CHECK_INT("large is pending", mm_reader_pending(reader), 1);
        assert_int_equal(mm_reader_wait(reader, done, 4, 1, false, &got, NULL), MM_OK);
        MM_CHECK_INT("none", got, 0);
        mm_budget_give(&budget, 3 * MIB / 2);
        assert_int_equal(mm_reader_wait(reader, done, 4, 1, false, &got, NULL), MM_OK);
        MM_CHECK_INT("large", got, 1);
        MM_CHECK_INT("large", large.bytes.len, MIB);
        mm_reader_release(reader, &large);

        mm_budget_close(&budget);
        mm_reader_submit(reader, &large);
        assert_int_equal(mm_reader_wait(reader, done, 4, 1, true, &got, NULL), MM_OK);
        MM_CHECK_INT("closed budget", got, 1);
        MM_CHECK_INT("closed budget", large.outcome, MM_READ_FAILED);
        MM_CHECK_INT("closed budget", large.os_errno, ECANCELED);
        mm_reader_release(reader, &large);
        mm_reader_free(&reader);
        mm_budget_deinit(&budget);
        free((char *)large.path);
        free((char *)small.path);
    }
}

/* How many of NEAR large files a reader has at once, all of them having been submitted. */
enum { NEAR = 12, FIRST = 200 };

static void count_read(struct mm_read *read, void *context)
{
    MM_CHECK_INT("read", read->outcome, MM_READ_OK);
    ++*(size_t *)context;
}

static size_t read_at_once(struct mm_reader *reader, long *slept)
{
    struct mm_read reads[FIRST], *done[NEAR];
    char *near = path_of("near"), *small = path_of("small");
    size_t at_once, got, count = 0;
    for (size_t i = 0; i < FIRST; i++)
        reads[i] = (struct mm_read){.path = small};
    *slept = sleeps();
    read_all(reader, reads, FIRST, 1, count_read, &count);
    for (size_t i = 0; i < NEAR; i++) {
        reads[i] = (struct mm_read){.path = near, .order = i};
        mm_reader_submit(reader, &reads[i]);
    }
    assert_int_equal(mm_reader_wait(reader, done, NEAR, NEAR, false, &at_once, NULL), MM_OK);
    *slept = sleeps() - *slept;
    for (size_t ended = at_once, ready = at_once; ready; ended += ready = got) {
        for (size_t i = 0; i < ready; i++) {
            MM_CHECK_INT("the whole", done[i]->bytes.len, MIB);
            mm_reader_release(reader, done[i]);
        }
        assert_int_equal(mm_reader_wait(reader, done, NEAR, 1, false, &got, NULL), MM_OK);
        if (!got)
            MM_CHECK_INT("all of them", ended, NEAR);
    }
    free(near);
    free(small);
    return at_once;
}

static void large_files_at_hand_are_read_no_further_ahead_than_work_goes(void **state)
{
    (void)state;
    static const struct {
        uint64_t work_bytes;
        size_t at_once;
    } cases[] = {{4 * MIB, 3}, {MIB, 2}, {0, NEAR}};
    struct mm_budget budget;
    if (!has_ring)
        return;
    assert_int_equal(mm_budget_init(&budget, 64 * MIB), MM_OK);
    make_file("near", MIB, 1);
    make_file("small", 100, 1);
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        const struct mm_reader_options options = {.io = MM_IO_URING,
                                                  .message_max_bytes = 64 * MIB,
                                                  .work_bytes = cases[i].work_bytes,
                                                  .budget = &budget};
        struct mm_reader *reader = NULL;
        struct mm_error err = {0};
        long slept;
        assert_int_equal(mm_reader_new(&options, &reader, &err), MM_OK);
        assert_int_equal(mm_reader_start(reader, &err), MM_OK);
        size_t at_once = read_at_once(reader, &slept);
        if (slept == 0)
            MM_CHECK_INT("at once", at_once, cases[i].at_once);
        mm_reader_free(&reader);
    }
    mm_budget_deinit(&budget);
}

static void memory_goes_to_the_lowest_order_first(void **state)
{
    enum { WAITING = 16 };
    (void)state;
    struct mm_budget budget;
    enum mm_io_choice io;
    make_file("wanted", 600000, 1);
    char *path = path_of("wanted");
    for (size_t turn = 0; each_backend(&turn, &io);) {
        struct mm_read reads[WAITING], *done[WAITING];
        size_t got = 0;
        assert_int_equal(mm_budget_init(&budget, MIB), MM_OK);
        struct mm_reader *reader = new_reader(io, &budget, 0);
        assert_true(mm_budget_try(&budget, MIB)); /* another worker's */
        for (size_t i = 0; i < WAITING; i++) {
            reads[i] = (struct mm_read){.path = path, .order = (WAITING - i) * 7 % WAITING};
            mm_reader_submit(reader, &reads[i]);
        }
        assert_int_equal(mm_reader_wait(reader, done, WAITING, 1, false, &got, NULL), MM_OK);
        MM_CHECK_INT("all wait", got, 0);
        mm_budget_give(&budget, MIB);
        for (uint64_t order = 0; order < WAITING; order++) {
            assert_int_equal(mm_reader_wait(reader, done, WAITING, 1, true, &got, NULL), MM_OK);
            MM_CHECK_INT("memory for one", got, 1);
            MM_CHECK_INT(backend_words[io], done[0]->order, order);
            MM_CHECK_TRUE("it holds memory", mm_read_is_large(done[0]));
            mm_reader_release(reader, done[0]);
        }
        mm_reader_free(&reader);
        mm_budget_deinit(&budget);
    }
    free(path);
}

/* ---- early ends ---- */

struct deserter {
    struct mm_reader *reader;
    struct mm_read *reads;
    size_t count, stop_after;
};

/* Submit, take and keep some, and leave the rest wherever they are. */
static void *desert(void *arg)
{
    struct deserter *d = arg;
    struct mm_read *done[8];
    size_t next = 0, ended = 0, got = 0;
    if (mm_reader_start(d->reader, NULL) != MM_OK)
        return NULL;
    while (next < d->count && mm_reader_has_room(d->reader))
        mm_reader_submit(d->reader, &d->reads[next++]);
    while (ended < d->stop_after) {
        if (mm_reader_wait(d->reader, done, MM_COUNT(done), ended % 3, false, &got, NULL) != MM_OK)
            break;
        for (size_t i = 0; i < got; i++)
            mm_reader_release(d->reader, done[i]);
        ended += got + 1;
        while (next < d->count && mm_reader_has_room(d->reader))
            mm_reader_submit(d->reader, &d->reads[next++]);
    }
    return NULL;
}

static void reader_can_be_freed_with_reads_pending(void **state)
{
    (void)state;
    enum { FILES = 200 };
    struct mm_budget budget;
    enum mm_io_choice io;
    uint64_t seed = 5;
    char *paths[FILES];
    assert_int_equal(mm_budget_init(&budget, 4 * MIB), MM_OK);
    for (size_t i = 0; i < FILES; i++) {
        char name[32];
        snprintf(name, sizeof name, "p%zu", i);
        make_file(name, i % 10 ? 1000 + i : 500000, i);
        paths[i] = path_of(name);
    }
    for (size_t turn = 0; each_backend(&turn, &io);) {
        for (int round = 0; round < 30; round++) {
            struct mm_reader_options options = {.io = io, .budget = &budget};
            struct mm_read reads[FILES] = {{.path = NULL}};
            struct deserter d = {.reads = reads, .count = FILES};
            d.stop_after = mm_random(&seed) % 60;
            for (size_t i = 0; i < FILES; i++)
                reads[i].path = paths[i];
            assert_int_equal(mm_reader_new(&options, &d.reader, NULL), MM_OK);
            if (round % 2) { /* the thread that submitted is gone when the reader is freed */
                pthread_t thread;
                assert_int_equal(pthread_create(&thread, NULL, desert, &d), 0);
                pthread_join(thread, NULL);
            } else {
                desert(&d);
            }
            mm_reader_free(&d.reader);
            MM_CHECK_INT(backend_words[io], budget.used_bytes, 0);
        }
    }
    for (size_t i = 0; i < FILES; i++)
        free(paths[i]);
    mm_budget_deinit(&budget);
}

#define READER_TEST(fn) cmocka_unit_test_setup_teardown(fn, new_top, drop_top)

MM_TEST_MAIN(READER_TEST(reader_reads_files_of_every_size),
             READER_TEST(reader_reads_five_thousand_files_with_any_number_of_slots),
             READER_TEST(reader_says_why_a_file_was_not_read_and_hangs_on_none),
             READER_TEST(reader_names_files_that_may_not_be_read),
             READER_TEST(reader_notices_a_file_that_grows),
             READER_TEST(readers_share_a_budget_that_is_too_small_for_all_without_a_deadlock),
             READER_TEST(reader_that_may_not_block_hands_back_what_needs_no_memory),
             READER_TEST(large_files_at_hand_are_read_no_further_ahead_than_work_goes),
             READER_TEST(memory_goes_to_the_lowest_order_first),
             READER_TEST(reader_can_be_freed_with_reads_pending))
