/*
 * mm_test.h - what every unit test uses: cmocka with labels, bytes that end at an unmapped page.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_SUPPORT_TEST_H
#define MM_SUPPORT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/view.h"

/* Each says the expression, both values and the label when it does not hold. */
void mm_check_int(const char *label, const char *expr, long long value, long long want,
                  const char *file, int line);
void mm_check_view(const char *label, const char *expr, struct mm_view value, struct mm_view want,
                   const char *file, int line);
#define MM_CHECK_INT(label, value, want)                                                           \
    mm_check_int((label), #value, (long long)(value), (long long)(want), __FILE__, __LINE__)
#define MM_CHECK_VIEW(label, value, want)                                                          \
    mm_check_view((label), #value, (value), (want), __FILE__, __LINE__)
#define MM_CHECK_TRUE(label, value)                                                                \
    mm_check_int((label), #value, (value) ? 1 : 0, 1, __FILE__, __LINE__)

/* A copy of bytes flush against an unmapped page: at its end (mm_guard_copy_front: its start). */
struct mm_guard {
    struct mm_view view;
    void *map;
    size_t map_bytes;
};
struct mm_guard mm_guard_copy(struct mm_view bytes);
struct mm_guard mm_guard_copy_front(struct mm_view bytes);
void mm_guard_free(struct mm_guard *g);

/* xorshift64*: the same numbers everywhere from a seed (0 is made 1). */
uint64_t mm_random(uint64_t *state);

/* A whole file; exits the test with a failure where it cannot be read. Free data. */
struct mm_view mm_test_read_file(const char *path);
/* MAILMILL_CORPUS from the environment, or NULL where the folder is not there. */
const char *mm_test_corpus(void);
/* The project's own folder (MAILMILL_SOURCE_DIR). */
const char *mm_test_source_dir(void);
/* What runs programs of this build where the system itself cannot (MAILMILL_EMULATOR), or "". */
const char *mm_test_emulator(void);

/* Fields of a tab-separated line, split in place; empty fields are kept. Returns their count. */
size_t mm_test_split_tabs(char *line, char **fields, size_t cap);

#define MM_TEST(fn) cmocka_unit_test(fn)
#define MM_TEST_MAIN(...)                                                                          \
    int main(void)                                                                                 \
    {                                                                                              \
        const struct CMUnitTest mm_tests_[] = {__VA_ARGS__};                                       \
        return cmocka_run_group_tests(mm_tests_, NULL, NULL);                                      \
    }

#endif /* MM_SUPPORT_TEST_H */
