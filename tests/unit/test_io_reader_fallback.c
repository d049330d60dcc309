/*
 * test_io_reader_fallback.c - the reader where the system refuses what the ring needs.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each case runs read_files as a program of its own, under syscall_fail or with lowered limits, and
 * compares what it read with what plain calls read.
 */
#include <libgen.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/reader.h"
#include "support/mm_test.h"

enum { FILES = 2000, EXIT_SKIP = 77 };

static char top[64], exe[PATH_MAX], *tools;
static bool has_ring;

static char *text(const char *fmt, ...) MM_PRINTF(1, 2);
static char *text(const char *fmt, ...)
{
    char *out;
    va_list args;
    va_start(args, fmt);
    if (vasprintf(&out, fmt, args) < 0)
        fail_msg("no memory");
    va_end(args);
    return out;
}

static int shell(char *command)
{
    int rc = system(command);
    free(command);
    return rc;
}

static int make_files(void)
{
    char bytes[6000];
    uint64_t seed = 3;
    for (int i = 0; i < FILES; i++) {
        char *path = text("%s/m%d", top, i);
        FILE *f = fopen(path, "wb");
        free(path);
        if (!f)
            return -1;
        for (size_t k = 0; k < sizeof bytes; k++)
            bytes[k] = (char)mm_random(&seed);
        for (int k = i % 1000 == 500 ? 40 : 1; k > 0; k--) /* some go through the budget */
            fwrite(bytes, 1, (size_t)(mm_random(&seed) % sizeof bytes), f);
        if (fclose(f) != 0)
            return -1;
    }
    return 0;
}

static int setup(void **state)
{
    (void)state;
    char why[MM_ERROR_TEXT_BYTES];
    if (readlink("/proc/self/exe", exe, sizeof exe - 1) < 0)
        return -1;
    tools = dirname(exe);
    mm_reader_probe(why, sizeof why);
    has_ring = !*why;
    strcpy(top, "/tmp/mm-fallback-XXXXXX");
    return mkdtemp(top) && chmod(top, 0755) == 0 ? make_files() : -1;
}

static int teardown(void **state)
{
    (void)state;
    return shell(text("rm -rf '%s'", top));
}

struct answer {
    int exit_code;
    char backend[16], why[512];
    unsigned long long files, bytes, sum, failed;
};

static struct answer run(char *command)
{
    struct answer a = {.exit_code = -1};
    char line[1024];
    FILE *out = popen(command, "r");
    assert_non_null(out);
    while (fgets(line, sizeof line, out)) {
        sscanf(line, "backend %15s", a.backend);
        sscanf(line, "why %511[^\n]", a.why);
        sscanf(line, "files %llu", &a.files);
        sscanf(line, "bytes %llu", &a.bytes);
        sscanf(line, "sum %llu", &a.sum);
        sscanf(line, "failed %llu", &a.failed);
    }
    int status = pclose(out);
    a.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    free(command);
    return a;
}

static struct answer run_under(const char *before, const char *io)
{
    return run(text("%s %s '%s/read_files' %s %s 2 2>/dev/null", before, mm_test_emulator(), tools,
                    io, top));
}

static void check_all_read(const char *label, const struct answer *a)
{
    static struct answer plain;
    if (!plain.files)
        plain = run_under("", "threads");
    MM_CHECK_INT(label, a->exit_code, 0);
    MM_CHECK_INT(label, a->files, FILES);
    MM_CHECK_INT(label, a->failed, 0);
    MM_CHECK_INT(label, a->bytes, plain.bytes);
    MM_CHECK_INT(label, a->sum, plain.sum);
}

/* why: what its words hold; NULL for none. forced: exit code of the tool with the ring forced, 78
 * where it could not be made, 1 where it failed later. */
static const struct refusal {
    const char *what, *backend, *why;
    int forced;
} refusals[] = {
    {"io_uring_setup EPERM", "threads", "Operation not permitted", 78},
    {"io_uring_setup ENOSYS", "threads", "Function not implemented", 78},
    {"io_uring_setup EINVAL", "threads", "Invalid argument", 78},
    {"io_uring_setup ENOMEM", "threads", "Cannot allocate memory", 78},
    {"io_uring_setup:DEFER_TASKRUN EINVAL", "uring", NULL, 0},
    {"io_uring_setup:SINGLE_ISSUER EINVAL", "uring", NULL, 0},
    {"io_uring_register:BUFFERS2 EINVAL", "uring", "Invalid argument", 0},
    {"io_uring_register:BUFFERS_UPDATE ENOMEM", "uring", "Cannot allocate memory", 0},
    {"io_uring_register:BUFFERS_UPDATE EPERM 1", "uring", "Operation not permitted", 0},
    {"io_uring_register:FILES2 EMFILE", "threads", "Too many open files", 78},
    {"io_uring_register:FILES2 EINVAL", "threads", "Invalid argument", 78},
    {"io_uring_register:ENABLE_RINGS EPERM", "threads", "Operation not permitted", 1},
    {"io_uring_register EPERM", "threads", "Operation not permitted", 78},
    {"io_uring_enter EPERM", "threads", "mid-run", 1},
    {"io_uring_enter ENOSYS 1", "threads", "mid-run", 1},
    {"io_uring_enter EIO 20", "threads", "mid-run", 1},
    {"io_uring_enter EAGAIN 33", "threads", "mid-run", 1},
};

static void check_refusal(const struct refusal *r)
{
    char *before = text("%s '%s/syscall_fail' %s --", mm_test_emulator(), tools, r->what);
    struct answer a = run_under(before, "auto");
    struct answer forced = run_under(before, "uring");
    free(before);
    if (a.exit_code == EXIT_SKIP) {
        print_message("# no seccomp, or no notification, here: %s\n", r->what);
        return;
    }
    check_all_read(r->what, &a);
    if (!has_ring) { /* refused already, whatever is refused now */
        MM_CHECK_VIEW(r->what, mm_view_of(a.backend), MM_VIEW("threads"));
        return;
    }
    MM_CHECK_VIEW(r->what, mm_view_of(a.backend), mm_view_of(r->backend));
    MM_CHECK_TRUE(r->what, r->why ? strstr(a.why, r->why) != NULL : a.why[0] == '\0');
    MM_CHECK_INT(r->what, forced.exit_code, r->forced);
}

static void reader_falls_back_and_says_so(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(refusals); i++)
        check_refusal(&refusals[i]);
}

static void reader_works_with_few_descriptors(void **state)
{
    (void)state;
    static const char *const ios[] = {"auto", "threads"};
    for (size_t i = 0; i < MM_COUNT(ios); i++) {
        struct answer a = run_under("ulimit -n 64;", ios[i]);
        check_all_read(ios[i], &a);
    }
}

/* Root may lock what it likes, so the tool runs as nobody, from a place that nobody may enter. */
static void reader_works_with_little_locked_memory(void **state)
{
    (void)state;
    const char *as_nobody =
        getuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups" : "";
    assert_int_equal(shell(text("mkdir %s/tools && cp '%s/read_files' %s/tools", top, tools, top)),
                     0);
    struct answer a = run(text("ulimit -l 64; %s %s %s/tools/read_files auto %s 2 2>/dev/null",
                               as_nobody, mm_test_emulator(), top, top));
    assert_int_equal(shell(text("rm -r %s/tools", top)), 0);
    MM_CHECK_INT("locked memory", a.exit_code, 0);
    MM_CHECK_INT("locked memory", a.files, FILES + 1); /* the tool itself was read too */
    if (has_ring) {
        MM_CHECK_VIEW("locked memory", mm_view_of(a.backend), MM_VIEW("uring"));
        MM_CHECK_TRUE("locked memory", strstr(a.why, "without registered buffers") != NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {MM_TEST(reader_falls_back_and_says_so),
                                       MM_TEST(reader_works_with_few_descriptors),
                                       MM_TEST(reader_works_with_little_locked_memory)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
