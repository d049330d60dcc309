/*
 * test_pipeline_journal.c - what a journal holds after records that could not be written or read.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/mm_test.h"

#include "pipeline/journal.h"

static char folder[64], path[128];

static void make_folder(void)
{
    snprintf(folder, sizeof folder, "/tmp/mailmill-journal-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/journal", folder);
}

static void open_journal(struct mm_journal *j)
{
    struct mm_error err;
    mm_journal_init(j);
    assert_int_equal(mm_journal_read(j, path, &err), MM_OK);
    assert_int_equal(mm_journal_open(j, 1700000000, MM_VIEW("a\tb\n"), false, &err), MM_OK);
}

static enum mm_status note(struct mm_journal *j, const char *name)
{
    struct mm_error err;
    struct mm_item item = {.message = mm_view_of(name), .outcome = MM_OUTCOME_SIGNED};
    return mm_journal_note_done(j, &item, 1, &err);
}

static bool is_done(const struct mm_journal *j, const char *name)
{
    enum mm_outcome outcome;
    return mm_journal_is_done(j, mm_view_of(name), &outcome);
}

/* Writes may make files this long; RLIM_INFINITY: any. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void no_record_follows_one_that_is_torn(void **state)
{
    struct mm_journal j;
    struct mm_error err;
    struct stat st;
    (void)state;
    make_folder();
    open_journal(&j);
    assert_int_equal(note(&j, "first"), MM_OK);
    assert_int_equal(stat(path, &st), 0);
    limit_files((rlim_t)st.st_size + 3);
    MM_CHECK_INT("torn", note(&j, "torn"), MM_E_IO);
    limit_files(RLIM_INFINITY);
    /* Written behind the torn one it would be lost to who reads. */
    MM_CHECK_INT("behind it", note(&j, "behind"), MM_E_IO);
    mm_journal_deinit(&j);

    open_journal(&j);
    MM_CHECK_INT("first", is_done(&j, "first"), 1);
    MM_CHECK_INT("behind it", is_done(&j, "behind"), 0);
    MM_CHECK_INT("with the tail dropped", note(&j, "later"), MM_OK);
    mm_journal_deinit(&j);
    mm_journal_init(&j);
    assert_int_equal(mm_journal_read(&j, path, &err), MM_OK);
    MM_CHECK_INT("later", is_done(&j, "later"), 1);
    mm_journal_deinit(&j);
    unlink(path);
    rmdir(folder);
}

static void what_cannot_be_read_is_no_short_journal(void **state)
{
    struct mm_journal j;
    struct mm_error err;
    (void)state;
    make_folder();
    mm_journal_init(&j);
    MM_CHECK_INT("a folder", mm_journal_read(&j, folder, &err), MM_E_IO);
    mm_journal_deinit(&j);
    rmdir(folder);
}

/* A name, where it is a member of a container, and how often it is to be found. */
static const struct {
    const char *name;
    uint64_t offset;
    int times;
} inputs[] = {
    {"a.tar!same.eml", 0, 1},
    {"a.tar!same.eml", 512, 2},
    {"a.tar!same.eml", 1024, 0},
    {"b.eml", MM_NO_OFFSET, 3},
    {"b.eml", 0, 0},
    {"c.eml", MM_NO_OFFSET, 0},
};

static void what_is_saved_is_found_as_often_as_it_was(void **state)
{
    struct mm_journal j;
    struct mm_error err;
    struct mm_journal_saved saved = {.told = MM_VIEW("rows"), .counts = MM_VIEW("12345")};
    size_t at = 0;
    (void)state;
    make_folder();
    open_journal(&j);
    for (size_t i = 0; i < MM_COUNT(inputs); i++)
        for (int k = 0; k < inputs[i].times; k++) {
            struct mm_hash128 key = mm_journal_key(mm_view_of(inputs[i].name), inputs[i].offset);
            saved.keys = (struct mm_view){(const char *)&key, sizeof key};
            saved.tally.outcomes[MM_OUTCOME_EXTRACTED] = 2;
            MM_CHECK_INT("note", mm_journal_note_saved(&j, &saved, &err), MM_OK);
        }
    mm_journal_deinit(&j);
    mm_journal_init(&j);
    MM_CHECK_INT("read", mm_journal_read(&j, path, &err), MM_OK);
    for (size_t i = 0; i < MM_COUNT(inputs); i++) {
        struct mm_hash128 key = mm_journal_key(mm_view_of(inputs[i].name), inputs[i].offset);
        for (int k = 0; k < inputs[i].times; k++)
            MM_CHECK_TRUE(inputs[i].name, mm_journal_take_saved(&j, key));
        MM_CHECK_TRUE(inputs[i].name, !mm_journal_take_saved(&j, key));
    }
    MM_CHECK_INT("tally", j.saved_tally.outcomes[MM_OUTCOME_EXTRACTED], 12);
    for (int i = 0; i < 6; i++) {
        MM_CHECK_TRUE("next", mm_journal_next_saved(&j, &at, &saved));
        MM_CHECK_VIEW("told", saved.told, MM_VIEW("rows"));
        MM_CHECK_VIEW("counts", saved.counts, MM_VIEW("12345"));
    }
    MM_CHECK_TRUE("no more", !mm_journal_next_saved(&j, &at, &saved));
    mm_journal_deinit(&j);
    unlink(path);
    MM_CHECK_INT("folder is empty", rmdir(folder), 0);
}

MM_TEST_MAIN(MM_TEST(what_is_saved_is_found_as_often_as_it_was),
             MM_TEST(no_record_follows_one_that_is_torn),
             MM_TEST(what_cannot_be_read_is_no_short_journal))
