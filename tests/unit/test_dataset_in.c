/*
 * test_dataset_in.c - what is a dataset, and of which version; the files of its tables in order.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/dataset_in.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/view.h"
#include "support/mm_test.h"

static char folder[] = "/tmp/mailmill-in-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder + sizeof folder - 7, "XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int drop_folder(void **state)
{
    char command[PATH_MAX];
    (void)state;
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    return system(command);
}

static void put(const char *name, const char *text)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static const struct {
    const char *label, *text;
    enum mm_status status;
    const char *words; /* of the error */
} cases[] = {
    {"ours", "{\"mailmill\":\"0.1.0\",\"verb\":\"reports\",\"schema_version\":2}\n", MM_OK, ""},
    {"older", "{\"mailmill\":\"0.1.0\",\"verb\":\"reports\",\"schema_version\":1}\n", MM_OK, ""},
    {"more members",
     "{\"x\":[{}],\"schema_version\":2,\"verb\":\"reports\",\"mailmill\":\"0.1.0\",\"y\":null}",
     MM_OK, ""},
    {"tables that are none",
     "{\"mailmill\":\"1\",\"verb\":\"reports\",\"schema_version\":2,\"tables\":[1]}", MM_E_SYNTAX,
     "not what"},
    {"newer", "{\"mailmill\":\"9.8.7\",\"verb\":\"reports\",\"schema_version\":3}", MM_E_LIMIT,
     "use mailmill 9.8.7 or later"},
    {"of another verb", "{\"mailmill\":\"0.1.0\",\"verb\":\"verify\",\"schema_version\":2}",
     MM_E_SYNTAX, "a dataset of verify, not of reports"},
    {"no version", "{\"mailmill\":\"0.1.0\",\"verb\":\"reports\"}", MM_E_SYNTAX, "not what"},
    {"version 0", "{\"mailmill\":\"0.1.0\",\"verb\":\"reports\",\"schema_version\":0}", MM_E_SYNTAX,
     "not what"},
    {"a version in words", "{\"mailmill\":\"1\",\"verb\":\"reports\",\"schema_version\":\"2\"}",
     MM_E_SYNTAX, "not what"},
    {"a version that is too large",
     "{\"mailmill\":\"1\",\"verb\":\"reports\",\"schema_version\":99999999999999999999}",
     MM_E_SYNTAX, "not what"},
    {"a long name",
     "{\"mailmill\":\"01234567890123456789012345678901\",\"verb\":\"reports\",\"schema_version\":"
     "2}",
     MM_E_SYNTAX, "not what"},
    {"cut short", "{\"mailmill\":\"0.1.0\",\"verb\":\"reports\",\"schema_version\":2", MM_E_SYNTAX,
     "not what"},
    {"more behind it", "{\"mailmill\":\"1\",\"verb\":\"reports\",\"schema_version\":2}{}",
     MM_E_SYNTAX, "not what"},
    {"no object", "[]", MM_E_SYNTAX, "not what"},
    {"empty", "", MM_E_SYNTAX, "not what"},
};

static void a_dataset_says_what_it_is(void **state)
{
    struct mm_dataset_about about;
    struct mm_error err;
    (void)state;
    MM_CHECK_INT("no dataset", mm_dataset_in_about(folder, "reports", 2, &about, &err),
                 MM_E_SYNTAX);
    assert_non_null(strstr(err.text, "is no dataset"));
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        put("_mailmill.json", cases[i].text);
        err.text[0] = '\0';
        MM_CHECK_INT(cases[i].label, mm_dataset_in_about(folder, "reports", 2, &about, &err),
                     cases[i].status);
        MM_CHECK_TRUE(cases[i].label, strstr(err.text, cases[i].words) != NULL);
        if (cases[i].status != MM_OK)
            assert_non_null(strstr(err.text, folder));
    }
}

/* More tables, and longer names, than any verb has are passed over. */
static void a_dataset_tells_of_rows(void **state)
{
    struct mm_dataset_about about;
    struct mm_error err;
    (void)state;
    put("_mailmill.json",
        "{\"mailmill\":\"0.1.0\",\"verb\":\"reports\",\"schema_version\":2,\"tables\":{\"daily\":7,"
        "\"a_name_that_is_longer_than_that_of_any_table\":1,\"rejects\":18446744073709551615,"
        "\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1}}");
    MM_CHECK_INT("read", mm_dataset_in_about(folder, "reports", 2, &about, &err), MM_OK);
    assert_true(mm_dataset_told_rows(&about, "daily", 1) == 7);
    assert_true(mm_dataset_told_rows(&about, "rejects", 1) == UINT64_MAX);
    assert_true(mm_dataset_told_rows(&about, "h", 5) == 1);
    assert_true(mm_dataset_told_rows(&about, "j", 5) == 5);
    assert_true(mm_dataset_told_rows(&about, "arf", 5) == 5);
}

static void the_files_of_a_table_come_in_order(void **state)
{
    static const char *const made[] = {"part-00001.parquet", "part-00000.parquet",
                                       "part-10.parquet",    "part-2.parquet.part",
                                       "other.parquet",      ".part-0.parquet"};
    static const char *const want[] = {"part-00000.parquet", "part-00001.parquet",
                                       "part-10.parquet"};
    struct mm_dataset_parts parts;
    struct mm_error err;
    char path[PATH_MAX];
    (void)state;
    MM_CHECK_INT("no table", mm_dataset_in_parts(folder, "daily", &parts, &err), MM_E_SYNTAX);
    assert_non_null(strstr(err.text, "no table daily"));
    mm_dataset_parts_deinit(&parts);
    snprintf(path, sizeof path, "%s/daily", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    for (size_t i = 0; i < MM_COUNT(made); i++) {
        snprintf(path, sizeof path, "daily/%s", made[i]);
        put(path, "");
    }
    MM_CHECK_INT("table", mm_dataset_in_parts(folder, "daily", &parts, &err), MM_OK);
    MM_CHECK_INT("files", parts.count, MM_COUNT(want));
    for (size_t i = 0; i < parts.count; i++) {
        snprintf(path, sizeof path, "%s/daily/%s", folder, want[i]);
        MM_CHECK_VIEW("file", mm_view_of(parts.paths[i]), mm_view_of(path));
    }
    mm_dataset_parts_deinit(&parts);
}

#define IN_FOLDER(fn) cmocka_unit_test_setup_teardown(fn, make_folder, drop_folder)
MM_TEST_MAIN(IN_FOLDER(a_dataset_says_what_it_is), IN_FOLDER(a_dataset_tells_of_rows),
             IN_FOLDER(the_files_of_a_table_come_in_order))
