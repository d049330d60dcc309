/*
 * test_dns_recorder.c - answers go to the file as whole lines, whatever happens to it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dns/recorder.h"
#include "support/mm_test.h"

static char folder[] = "/tmp/mailmill-recorder.XXXXXX";
static char path[64];

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(strcpy(folder, "/tmp/mailmill-recorder.XXXXXX")))
        return -1;
    snprintf(path, sizeof path, "%s/answers", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static void add(struct mm_recorder *r, const char *name)
{
    struct mm_view text = MM_VIEW("some text");
    mm_recorder_add(r, &(struct mm_recorded_line){.name = mm_view_of(name),
                                                  .status = MM_TXT_NOERROR,
                                                  .time = 1700000000,
                                                  .records = &text,
                                                  .record_count = 1});
}

static struct mm_recorder *open_recorder(struct mm_recorder *r)
{
    struct mm_error err = {.text = ""};
    if (mm_recorder_init(r, path, false, &err) != MM_OK)
        fail_msg("%s", err.text);
    return r;
}

static size_t file_bytes(void)
{
    struct stat st;
    return stat(path, &st) == 0 ? (size_t)st.st_size : 0;
}

static void check_replayed(size_t want)
{
    struct mm_txt_store *store = mm_txt_store_new();
    struct mm_error err = {.text = ""};
    size_t empty = mm_txt_store_size(store);
    if (mm_txt_store_add(store, path, &err) != MM_OK)
        fail_msg("%s", err.text);
    MM_CHECK_INT("answers", mm_txt_store_size(store) - empty, want);
    mm_txt_store_free(&store);
}

static void answers_are_added_and_read_back(void **state)
{
    (void)state;
    struct mm_recorder r;
    for (int run = 0; run < 2; run++) {
        open_recorder(&r);
        add(&r, run ? "c" : "a");
        MM_CHECK_INT("nothing is written for each", file_bytes() > 0, run);
        mm_recorder_tick(&r, 0, true);
        size_t bytes = file_bytes();
        MM_CHECK_TRUE("but when there is time", bytes > 0);
        add(&r, run ? "d" : "b");
        MM_CHECK_INT("flush", mm_recorder_flush(&r, NULL), MM_OK);
        MM_CHECK_TRUE("all of it", file_bytes() > bytes);
        MM_CHECK_INT("count", mm_recorder_count(&r), 2);
        mm_recorder_deinit(&r);
    }
    check_replayed(4);
}

static void many_answers_do_not_wait_in_memory(void **state)
{
    (void)state;
    struct mm_recorder r;
    open_recorder(&r);
    for (int i = 0; i < 5000; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        add(&r, name);
    }
    MM_CHECK_TRUE("most are written", file_bytes() > 300000);
    MM_CHECK_INT("flush", mm_recorder_flush(&r, NULL), MM_OK);
    mm_recorder_deinit(&r);
    check_replayed(5000);
}

static void without_a_file_lines_go_nowhere(void **state)
{
    (void)state;
    struct mm_recorder r;
    assert_int_equal(mm_recorder_init(&r, NULL, false, NULL), MM_OK);
    add(&r, "a");
    mm_recorder_tick(&r, 0, true);
    MM_CHECK_INT("flush", mm_recorder_flush(&r, NULL), MM_OK);
    MM_CHECK_INT("count", mm_recorder_count(&r), 0);
    mm_recorder_deinit(&r);
    int fd = open(path, O_CREAT | O_WRONLY, 0600); /* for tear_down */
    close(fd);
}

static void one_process_records_to_a_file(void **state)
{
    (void)state;
    struct mm_recorder r, second;
    struct mm_error err = {.text = ""};
    open_recorder(&r);
    MM_CHECK_INT("second", mm_recorder_init(&second, path, true, &err), MM_E_EXISTS);
    MM_CHECK_TRUE("words", strstr(err.text, path) != NULL);
    mm_recorder_deinit(&r);
    open_recorder(&second);
    mm_recorder_deinit(&second);
}

static void what_is_replaced_goes(void **state)
{
    (void)state;
    struct mm_recorder r;
    open_recorder(&r);
    add(&r, "a");
    assert_int_equal(mm_recorder_flush(&r, NULL), MM_OK);
    MM_CHECK_TRUE("written", file_bytes() > 0);
    mm_recorder_deinit(&r);
    assert_int_equal(mm_recorder_init(&r, path, true, NULL), MM_OK);
    MM_CHECK_INT("emptied", file_bytes(), 0);
    mm_recorder_deinit(&r);
}

/* The file may grow to 1000 bytes, which is in the middle of a line. */
static void what_a_full_device_cut_short_is_cut_off(void **state)
{
    (void)state;
    struct mm_recorder r;
    struct mm_error err = {.text = ""};
    struct rlimit before, small;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    small = (struct rlimit){.rlim_cur = 1000, .rlim_max = before.rlim_max};
    open_recorder(&r);
    for (int i = 0; i < 5; i++)
        add(&r, "a");
    MM_CHECK_INT("first", mm_recorder_flush(&r, &err), MM_OK);
    size_t whole = file_bytes();
    assert_true(whole > 0 && whole < 1000);
    for (int i = 0; i < 5; i++)
        add(&r, "b");
    setrlimit(RLIMIT_FSIZE, &small);
    MM_CHECK_INT("second", mm_recorder_flush(&r, &err), MM_E_IO);
    setrlimit(RLIMIT_FSIZE, &before);
    MM_CHECK_TRUE("words", strstr(err.text, path) != NULL);
    MM_CHECK_INT("whole lines", file_bytes(), whole);
    add(&r, "c");
    MM_CHECK_INT("it stays said", mm_recorder_flush(&r, &err), MM_E_IO);
    MM_CHECK_INT("nothing is added with a gap before it", file_bytes(), whole);
    mm_recorder_deinit(&r);
    check_replayed(5);
}

#define WITH_FILE(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
MM_TEST_MAIN(WITH_FILE(answers_are_added_and_read_back),
             WITH_FILE(many_answers_do_not_wait_in_memory),
             WITH_FILE(without_a_file_lines_go_nowhere), WITH_FILE(one_process_records_to_a_file),
             WITH_FILE(what_is_replaced_goes), WITH_FILE(what_a_full_device_cut_short_is_cut_off))
