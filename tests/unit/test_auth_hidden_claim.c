/*
 * test_auth_hidden_claim.c - claims behind a bare CR are found, and nothing else is.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <unistd.h>

#include "auth/hidden_claim.h"
#include "base/buf.h"
#include "support/mm_test.h"

#define ID MM_VIEW("mx.example.com")

enum { NONE = -1 };

static const struct {
    const char *label;
    struct mm_view header;
    int64_t at; /* NONE: no claim */
} cases[] = {
    {"behind a field", MM_VIEW("X: y\rAuthentication-Results: mx.example.com; none\n"), 4},
    {"in any case", MM_VIEW("X: y\rauthentication-RESULTS \t:MX.example.com; none\n"), 4},
    {"behind CRs and blanks", MM_VIEW("X: y\r\r \t\rAuthentication-Results: mx.example.com\n"), 4},
    {"on top", MM_VIEW("\rAuthentication-Results: mx.example.com\n"), 0},
    {"on a line of its own", MM_VIEW("X: y\r\n\rAuthentication-Results: mx.example.com\n"), 6},
    {"behind one from others",
     MM_VIEW("\rAuthentication-Results: a; none\rAuthentication-Results: mx.example.com\n"), 32},
    {"folded with CR", MM_VIEW("X: y\rAuthentication-Results:\r mx.example.com; none\n"), 4},
    {"folded with CRLF", MM_VIEW("X: y\rAuthentication-Results:\r\n mx.example.com; none"), 4},
    {"folded with LF", MM_VIEW("X: y\rAuthentication-Results:\n\tmx.example.com; none"), 4},
    {"empty for whom CR ends it", MM_VIEW("\rAuthentication-Results:\rmx.example.org\n"), 0},
    {"a comment that the line ends", MM_VIEW("\rAuthentication-Results: (\nX: y) a\n"), 0},
    {"from others", MM_VIEW("X: y\rAuthentication-Results: mx.example.org; none\n"), NONE},
    {"another field", MM_VIEW("X: y\rAuthentication-Results-Old: mx.example.com\n"), NONE},
    {"no field", MM_VIEW("X: y\rAuthentication-Results"), NONE},
    {"no colon", MM_VIEW("X: y\rAuthentication-Results \n"), NONE},
    {"behind CRLF", MM_VIEW("X: y\r\nAuthentication-Results: mx.example.com\r\n"), NONE},
    {"behind CR and CRLF", MM_VIEW("X: y\r\r\nAuthentication-Results: mx.example.com\r\n"), NONE},
    {"in a value", MM_VIEW("X: Authentication-Results: mx.example.com\r\n"), NONE},
    {"a CR at the end", MM_VIEW("X: y\r"), NONE},
    {"nothing", MM_VIEW(""), NONE},
};

static void claims_behind_a_cr_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_guard g = mm_guard_copy(cases[i].header);
        size_t at;
        bool found = mm_authres_hidden_claim(g.view, ID, &at);
        MM_CHECK_INT(cases[i].label, found ? (int64_t)at : NONE, cases[i].at);
        mm_guard_free(&g);
    }
}

/* Each of these is a field, and a fold of all before it. */
static void folds_upon_folds_take_linear_time(void **state)
{
    enum { HEADER_BYTES = 16 * 1024 * 1024, SECONDS = 60 }; /* the square takes many minutes */
    struct mm_buf header;
    size_t at;
    (void)state;
    mm_buf_init(&header, HEADER_BYTES + 64);
    while (header.len < HEADER_BYTES)
        mm_buf_append_str(&header, "\r Authentication-Results: a;");
    alarm(SECONDS);
    MM_CHECK_INT("none is ours", mm_authres_hidden_claim(mm_buf_view(&header), ID, &at), false);
    alarm(0);
    mm_buf_deinit(&header);
}

static void a_comment_without_end_counts_as_ours(void **state)
{
    enum { BYTES = 10000 };
    struct mm_buf header;
    size_t at;
    (void)state;
    mm_buf_init(&header, 2 * BYTES);
    mm_buf_append_str(&header, "\rAuthentication-Results: (");
    while (header.len < BYTES)
        mm_buf_append_char(&header, 'x');
    mm_buf_append_str(&header, ") a;\r\n");
    MM_CHECK_INT("too long to be read", mm_authres_hidden_claim(mm_buf_view(&header), ID, &at),
                 true);
    mm_buf_deinit(&header);
}

MM_TEST_MAIN(MM_TEST(claims_behind_a_cr_are_found), MM_TEST(folds_upon_folds_take_linear_time),
             MM_TEST(a_comment_without_end_counts_as_ours))
