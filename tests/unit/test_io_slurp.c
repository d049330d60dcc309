/*
 * test_io_slurp.c - files, pipes and limits of reading whole.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/slurp.h"

#include <errno.h>
#include <unistd.h>

#include "support/mm_test.h"

/* What is read from a temporary file of `len` bytes, or from a pipe that holds them. */
static enum mm_status read_through(bool through_pipe, size_t len, size_t max_bytes, size_t *got)
{
    char path[64], *data, *bytes = calloc(1, len + 1);
    int ends[2] = {-1, -1};
    assert_non_null(bytes);
    memset(bytes, 'x', len);
    if (through_pipe) {
        assert_int_equal(pipe(ends), 0);
        assert_int_equal(write(ends[1], bytes, len), len);
        close(ends[1]);
        snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    } else {
        strcpy(path, "/tmp/mm_slurp_XXXXXX");
        ends[0] = mkstemp(path);
        assert_int_equal(write(ends[0], bytes, len), len);
    }
    enum mm_status st = mm_slurp(path, max_bytes, &data, got, NULL);
    if (st == MM_OK) {
        MM_CHECK_VIEW("the bytes", ((struct mm_view){data, *got}), ((struct mm_view){bytes, len}));
        MM_CHECK_INT("NUL behind them", data[*got], 0);
    } else {
        MM_CHECK_TRUE("nothing on failure", data == NULL);
    }
    if (!through_pipe)
        unlink(path);
    close(ends[0]);
    free(data);
    free(bytes);
    return st;
}

static void slurp_reads_files_and_pipes_to_their_limit(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 4096, 60000};
    for (size_t i = 0; i < MM_COUNT(sizes); i++)
        for (int through_pipe = 0; through_pipe < 2; through_pipe++) {
            size_t got, len = sizes[i];
            const char *label = through_pipe ? "pipe" : "file";
            MM_CHECK_INT(label, read_through(through_pipe, len, len, &got), MM_OK);
            MM_CHECK_INT(label, got, len);
            if (len)
                MM_CHECK_INT(label, read_through(through_pipe, len, len - 1, &got), MM_E_LIMIT);
        }
}

static void slurp_names_what_it_cannot_read(void **state)
{
    (void)state;
    struct mm_error err;
    char *data;
    size_t len;
    MM_CHECK_INT("missing", mm_slurp("/nowhere/at/all", 9, &data, &len, &err), MM_E_IO);
    MM_CHECK_INT("missing", err.os_errno, ENOENT);
    MM_CHECK_TRUE("named", strncmp(err.text, "/nowhere/at/all: ", 17) == 0);
    MM_CHECK_INT("folder", mm_slurp("/", 9, &data, &len, &err), MM_E_IO);
    MM_CHECK_INT("folder", err.os_errno, EISDIR);
    MM_CHECK_TRUE("nothing", data == NULL && len == 0);
}

MM_TEST_MAIN(MM_TEST(slurp_reads_files_and_pipes_to_their_limit),
             MM_TEST(slurp_names_what_it_cannot_read))
