/*
 * test_io_whole_file.c - a file is there whole or not at all, and replaces nothing unasked.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/whole_file.h"
#include "support/mm_test.h"

static char folder[] = "/tmp/mailmill-whole-file.XXXXXX";
static char path[sizeof folder + 16];

static int enter(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "%s/file", mkdtemp(folder));
    return 0;
}

static int leave(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder); /* fails where anything of ours is left */
}

/* Names in the folder. */
static int count_names(void)
{
    int count = -2;
    DIR *dir = opendir(folder);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

static enum mm_status write_file(const char *text, mode_t mode, bool overwrite,
                                 struct mm_error *err)
{
    struct mm_whole_file f;
    enum mm_status status = mm_whole_file_open(&f, path, mode, overwrite, err);
    if (status == MM_OK)
        status = mm_whole_file_write(&f, mm_view_of(text), err);
    if (status == MM_OK)
        status = mm_whole_file_commit(&f, err);
    mm_whole_file_abort(&f);
    return status;
}

static void whole_file_has_the_mode_it_was_made_for(void **state)
{
    static const struct {
        mode_t mask, mode, want;
    } cases[] = {{0, 0600, 0600}, {0777, 0600, 0600}, {0, 0666, 0666}, {027, 0666, 0640}};
    (void)state;
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct stat info;
        mode_t before = umask(cases[i].mask);
        MM_CHECK_INT("write", write_file("text", cases[i].mode, true, NULL), MM_OK);
        umask(before);
        MM_CHECK_INT("stat", stat(path, &info), 0);
        MM_CHECK_INT("mode", info.st_mode & 07777, cases[i].want);
        MM_CHECK_INT("bytes", info.st_size, 4);
        MM_CHECK_INT("names", count_names(), 1);
    }
}

static void whole_file_replaces_only_when_asked(void **state)
{
    struct mm_error err;
    (void)state;
    MM_CHECK_INT("first", write_file("one", 0600, true, &err), MM_OK);
    MM_CHECK_INT("there", mm_whole_file_check(path, false, &err), MM_E_EXISTS);
    MM_CHECK_INT("second", write_file("other", 0600, false, &err), MM_E_EXISTS);
    struct mm_view text = mm_test_read_file(path);
    MM_CHECK_VIEW("text", text, MM_VIEW("one"));
    free((char *)text.data);
    MM_CHECK_INT("names", count_names(), 1);
}

static void whole_file_that_appears_meanwhile_stays(void **state)
{
    struct mm_whole_file f;
    struct mm_error err;
    (void)state;
    unlink(path);
    MM_CHECK_INT("open", mm_whole_file_open(&f, path, 0600, false, &err), MM_OK);
    MM_CHECK_INT("write", mm_whole_file_write(&f, MM_VIEW("late"), &err), MM_OK);
    MM_CHECK_INT("another", write_file("early", 0600, false, &err), MM_OK);
    MM_CHECK_INT("commit", mm_whole_file_commit(&f, &err), MM_E_EXISTS);
    mm_whole_file_abort(&f);
    struct mm_view text = mm_test_read_file(path);
    MM_CHECK_VIEW("text", text, MM_VIEW("early"));
    free((char *)text.data);
    MM_CHECK_INT("names", count_names(), 1);
}

static void whole_file_given_up_leaves_nothing(void **state)
{
    struct mm_whole_file f;
    struct mm_error err;
    (void)state;
    unlink(path);
    MM_CHECK_INT("open", mm_whole_file_open(&f, path, 0600, false, &err), MM_OK);
    MM_CHECK_INT("write", mm_whole_file_write(&f, MM_VIEW("half"), &err), MM_OK);
    MM_CHECK_INT("not there yet", access(path, F_OK), -1);
    mm_whole_file_abort(&f);
    MM_CHECK_INT("names", count_names(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MM_TEST(whole_file_has_the_mode_it_was_made_for),
        MM_TEST(whole_file_replaces_only_when_asked),
        MM_TEST(whole_file_that_appears_meanwhile_stays),
        MM_TEST(whole_file_given_up_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
