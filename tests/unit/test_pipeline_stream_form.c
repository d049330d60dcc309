/*
 * test_pipeline_stream_form.c - a message is the same in a stream wherever its parts are cut.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/stream_form.h"
#include "support/mm_test.h"

static const char ENVELOPE[] = "MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\n";

/* Render a message, its parts of at most `step` bytes (0: of random length). */
static struct mm_buf render(enum mm_stream_form form, struct mm_view message, size_t step,
                            uint64_t *seed)
{
    struct mm_stream_former f;
    struct mm_buf out;
    const char *slug;
    const struct mm_item item = {.message = MM_VIEW("a.eml"),
                                 .out_path = MM_VIEW("a.eml"),
                                 .envelope = mm_view_of(ENVELOPE),
                                 .out_rest = message};
    mm_stream_former_init(&f, form, 1700000000);
    mm_buf_init(&out, 1 << 24);
    assert_int_equal(mm_stream_form_begin(&f, &out, &item, &slug), MM_OK);
    for (struct mm_view rest = message; rest.len;) {
        size_t len = step ? step : mm_random(seed) % 40;
        len = len < rest.len ? len : rest.len;
        mm_stream_form_part(&f, mm_view_sub(rest, 0, len));
        rest = mm_view_sub(rest, len, rest.len - len);
    }
    mm_stream_form_end(&f);
    mm_stream_former_deinit(&f);
    assert_false(out.failed);
    return out;
}

/* Bytes of which line ends, dots and separators are made, and others. */
static void fill(char *text, size_t len, uint64_t *seed)
{
    static const char *const PIECES[] = {"\r\n", "\n", "\r", ".",  "..", "From ", ">From ",
                                         "a",    "b ", "F",  "\0", "x.", "Fro",   "m \n"};
    for (size_t at = 0; at < len;) {
        const char *piece = PIECES[mm_random(seed) % MM_COUNT(PIECES)];
        size_t room = len - at, take = *piece ? strlen(piece) : 1;
        take = take < room ? take : room;
        memcpy(text + at, piece, take);
        at += take;
    }
}

static void parts_may_be_cut_anywhere(void **state)
{
    (void)state;
    static const enum mm_stream_form FORMS[] = {MM_STREAM_MBOX, MM_STREAM_TAR, MM_STREAM_BSMTP};
    uint64_t seed = 11;
    char text[300];
    for (int i = 0; i < 3000; i++) {
        size_t len = mm_random(&seed) % sizeof text;
        fill(text, len, &seed);
        for (size_t k = 0; k < MM_COUNT(FORMS); k++) {
            struct mm_buf whole = render(FORMS[k], (struct mm_view){text, len}, sizeof text, &seed);
            struct mm_buf bytes = render(FORMS[k], (struct mm_view){text, len}, 1, &seed);
            struct mm_buf parts = render(FORMS[k], (struct mm_view){text, len}, 0, &seed);
            MM_CHECK_VIEW("byte by byte", mm_buf_view(&bytes), mm_buf_view(&whole));
            MM_CHECK_VIEW("in parts", mm_buf_view(&parts), mm_buf_view(&whole));
            mm_buf_deinit(&whole);
            mm_buf_deinit(&bytes);
            mm_buf_deinit(&parts);
        }
    }
}

static void batch_smtp_ends_lines_in_crlf_and_doubles_dots(void **state)
{
    (void)state;
    static const struct {
        const char *label, *message, *wanted;
    } cases[] = {
        {"CRLF", "a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n.\r\n"},
        {"LF", "a\n\nb\n", "a\r\n\r\nb\r\n.\r\n"},
        {"a dot alone", "a\r\n.\r\n", "a\r\n..\r\n.\r\n"},
        {"a dot behind a LF", "a\n..b\n", "a\r\n...b\r\n.\r\n"},
        {"no end of the last line", "a\r\nb", "a\r\nb\r\n.\r\n"},
        {"a CR at the end", "a\r", "a\r\r\n.\r\n"},
        {"a CR before the line end", "a\r\r\n.b\n", "a\r\r\n..b\r\n.\r\n"},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++)
        for (size_t step = 1; step < 4; step++) {
            char wanted[200];
            struct mm_buf out = render(MM_STREAM_BSMTP, mm_view_of(cases[i].message), step, NULL);
            snprintf(wanted, sizeof wanted, "%sDATA\r\n%s", ENVELOPE, cases[i].wanted);
            MM_CHECK_VIEW(cases[i].label, mm_buf_view(&out), mm_view_of(wanted));
            mm_buf_deinit(&out);
        }
}

MM_TEST_MAIN(MM_TEST(parts_may_be_cut_anywhere),
             MM_TEST(batch_smtp_ends_lines_in_crlf_and_doubles_dots))
