/*
 * test_summary_scan.c - a file that is replaced while several threads read it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "columnar/parquet_writer.h"
#include "summary/scan.h"
#include "support/mm_test.h"
#include "support/random_table.h"

enum { OLD_ROWS = 900, NEW_ROWS = 500, GROUP_ROWS = 100, THREADS = 2, REPEATS = 60 };

static char folder[] = "/tmp/mailmill-scan-XXXXXX";

static const char *name(const char *file)
{
    static char path[4][sizeof folder + 8];
    static unsigned turn;
    char *to = path[turn++ % 4];
    snprintf(to, sizeof path[0], "%s/%s", folder, file);
    return to;
}

static void put_table(const char *file, uint64_t seed, size_t rows)
{
    const struct mm_table_options options = {.row_group_rows = GROUP_ROWS, .page_bytes = 4096};
    struct mm_random_table table;
    struct mm_table_totals totals;
    struct mm_error err;
    int fd = open(name(file), O_WRONLY | O_CREAT | O_EXCL, 0600);
    mm_random_table_make(&table, seed, rows);
    MM_CHECK_INT("write",
                 mm_random_table_write(&table, &mm_parquet_form, fd, &options, &totals, &err),
                 MM_OK);
    mm_random_table_free(&table);
    close(fd);
}

static void put_name(const char *file, const char *as)
{
    MM_CHECK_INT("link", link(name(file), name("next")), 0);
    MM_CHECK_INT("rename", rename(name("next"), name(as)), 0);
}

struct reading {
    atomic_bool replaced;
    atomic_size_t rows;
};

/* Whoever opens the file first gives its name to another one, before the others come. */
static void replace_once(void *context, unsigned thread, const struct mm_table_reader *reader)
{
    struct reading *r = context;
    (void)thread;
    (void)reader;
    if (!atomic_exchange(&r->replaced, true)) {
        put_name("new", "part");
        usleep(2000);
    }
}

static enum mm_status count_rows(void *context, unsigned thread, size_t rows, struct mm_error *err)
{
    struct reading *r = context;
    (void)thread;
    (void)err;
    atomic_fetch_add(&r->rows, rows);
    return MM_OK;
}

/* All rows of one of the two, or none: a file that is gone is looked for again by who asked. */
static void a_name_that_becomes_another_files_is_never_read_as_both(void **state)
{
    size_t refused = 0;
    (void)state;
    assert_non_null(mkdtemp(folder));
    put_table("old", 1, OLD_ROWS);
    put_table("new", 2, NEW_ROWS);
    for (int i = 0; i < REPEATS; i++) {
        char path[sizeof folder + 8];
        snprintf(path, sizeof path, "%s", name("part"));
        char *const paths[] = {path};
        struct reading r = {.replaced = false};
        struct mm_error err = {.os_errno = 0};
        const struct mm_scan scan = {.schema = &mm_random_schema,
                                     .read = {.memory_bytes = 64 * 1024 * 1024},
                                     .paths = paths,
                                     .path_count = 1,
                                     .threads = THREADS,
                                     .turn = replace_once,
                                     .rows = count_rows,
                                     .context = &r};
        put_name("old", "part");
        enum mm_status status = mm_scan_run(&scan, &err);
        refused += status == MM_E_IO && err.os_errno == ENOENT;
        if (status == MM_OK)
            MM_CHECK_INT("rows", atomic_load(&r.rows), OLD_ROWS);
        else
            MM_CHECK_TRUE("told as gone", status == MM_E_IO && err.os_errno == ENOENT);
    }
    MM_CHECK_TRUE("it was replaced in time at least once", refused > 0);
    for (size_t i = 0; i < 3; i++)
        unlink(name((const char *const[]){"old", "new", "part"}[i]));
    rmdir(folder);
}

MM_TEST_MAIN(MM_TEST(a_name_that_becomes_another_files_is_never_read_as_both))
