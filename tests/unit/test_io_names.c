/*
 * test_io_names.c - names against qsort, in memory and past the limit; what is held is counted.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/names.h"

#include <dirent.h>
#include <unistd.h>

#include "support/mm_test.h"

struct want {
    char *name;
    size_t len;
    uint8_t kind;
    size_t order;
};

static int want_cmp(const void *a, const void *b)
{
    const struct want *x = a, *y = b;
    int order = mm_view_cmp((struct mm_view){x->name, x->len}, (struct mm_view){y->name, y->len});
    return order ? order : (x->order > y->order) - (x->order < y->order);
}

/* Names of any bytes but NUL, many equal, many with a common head, a few very long. */
static struct want *random_names(size_t count, uint64_t seed)
{
    struct want *list = calloc(count + 1, sizeof *list);
    assert_non_null(list);
    for (size_t i = 0; i < count; i++) {
        size_t len = mm_random(&seed) % 24;
        if (mm_random(&seed) % 997 == 0)
            len = 70000 + mm_random(&seed) % 70000;
        char *name = malloc(len + 1);
        assert_non_null(name);
        for (size_t k = 0; k < len; k++)
            name[k] = k < 3 ? 'm' : (char)(1 + mm_random(&seed) % (i % 5 ? 255 : 3));
        name[len] = '\0';
        list[i] = (struct want){name, len, (uint8_t)mm_random(&seed), i};
    }
    return list;
}

static const struct {
    const char *label;
    bool sorted;
    size_t count, memory_limit;
} cases[] = {
    {"no name, sorted", true, 0, 0},
    {"no name, as added", false, 0, 0},
    {"one name", true, 1, 0},
    {"a small folder", true, 40, 0},
    {"sorted in memory", true, 20000, 0},
    {"as added in memory", false, 20000, 0},
    {"sorted with many runs", true, 60000, 1},
    {"as added with a spill", false, 60000, 1},
    {"sorted with few runs", true, 60000, 1 << 20},
};

static void names_come_back_sorted_or_as_added(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        size_t count = cases[i].count;
        struct want *list = random_names(count, 17 + i);
        struct mm_names *names = mm_names_new(cases[i].sorted, cases[i].memory_limit, NULL);
        assert_non_null(names);
        for (size_t k = 0; k < count; k++)
            MM_CHECK_INT(cases[i].label,
                         mm_names_add(names, (struct mm_view){list[k].name, list[k].len},
                                      list[k].kind, NULL),
                         MM_OK);
        if (cases[i].sorted)
            qsort(list, count, sizeof *list, want_cmp);
        MM_CHECK_INT(cases[i].label, mm_names_seal(names, NULL), MM_OK);
        MM_CHECK_INT(cases[i].label, mm_names_count(names), count);
        struct mm_view name;
        uint8_t kind;
        for (size_t k = 0; k < count; k++) {
            MM_CHECK_INT(cases[i].label, mm_names_next(names, &name, &kind, NULL), MM_OK);
            MM_CHECK_VIEW(cases[i].label, name, ((struct mm_view){list[k].name, list[k].len}));
            MM_CHECK_INT(cases[i].label, name.data[name.len], 0);
            MM_CHECK_INT(cases[i].label, kind, list[k].kind);
        }
        MM_CHECK_INT(cases[i].label, mm_names_next(names, &name, &kind, NULL), MM_END);
        MM_CHECK_INT(cases[i].label, mm_names_next(names, &name, &kind, NULL), MM_END);
        mm_names_free(&names);
        MM_CHECK_TRUE(cases[i].label, names == NULL);
        for (size_t k = 0; k < count; k++)
            free(list[k].name);
        free(list);
    }
}

static void names_hold_no_more_than_their_limit(void **state)
{
    (void)state;
    const size_t limit = 4 << 20;
    struct mm_names *names = mm_names_new(true, limit, NULL);
    assert_non_null(names);
    char name[32];
    struct mm_view view;
    uint8_t kind;
    for (int i = 0; i < 400000; i++) {
        int len = snprintf(name, sizeof name, "message-%08d.eml", (int)((long)i * 7919 % 400000));
        assert_int_equal(mm_names_add(names, (struct mm_view){name, (size_t)len}, 8, NULL), MM_OK);
        if (mm_names_bytes(names) > limit)
            fail_msg("%zu bytes held after %d names", mm_names_bytes(names), i);
    }
    assert_int_equal(mm_names_seal(names, NULL), MM_OK);
    for (int i = 0; i < 400000; i++) {
        assert_int_equal(mm_names_next(names, &view, &kind, NULL), MM_OK);
        snprintf(name, sizeof name, "message-%08d.eml", i);
        MM_CHECK_VIEW("in order", view, mm_view_of(name));
    }
    MM_CHECK_TRUE("peak within the limit", mm_names_bytes_peak(names) <= limit);
    MM_CHECK_TRUE("peak seen", mm_names_bytes_peak(names) > limit / 2);
    mm_names_free(&names);
}

static size_t entries_of(const char *path)
{
    size_t count = 0;
    DIR *dir = opendir(path);
    assert_non_null(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

static void names_leave_no_file_and_name_the_folder_that_takes_none(void **state)
{
    (void)state;
    char dir[] = "/tmp/mm-names-XXXXXX", big[50000];
    assert_non_null(mkdtemp(dir));
    memset(big, 'x', sizeof big);
    struct mm_names *names = mm_names_new(true, 1, dir);
    assert_non_null(names);
    for (int i = 0; i < 20; i++)
        assert_int_equal(mm_names_add(names, (struct mm_view){big, sizeof big}, 0, NULL), MM_OK);
    MM_CHECK_INT("entries while spilled: . and ..", entries_of(dir), 2);
    mm_names_free(&names);
    assert_int_equal(rmdir(dir), 0);

    struct mm_error err = {0};
    enum mm_status st = MM_OK;
    names = mm_names_new(true, 1, dir);
    assert_non_null(names);
    for (int i = 0; i < 20 && st == MM_OK; i++)
        st = mm_names_add(names, (struct mm_view){big, sizeof big}, 0, &err);
    MM_CHECK_INT("folder is gone", st, MM_E_IO);
    MM_CHECK_TRUE("named", strstr(err.text, dir) != NULL);
    mm_names_free(&names);
}

MM_TEST_MAIN(MM_TEST(names_come_back_sorted_or_as_added),
             MM_TEST(names_hold_no_more_than_their_limit),
             MM_TEST(names_leave_no_file_and_name_the_folder_that_takes_none))
