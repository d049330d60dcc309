/*
 * test_dkim_canon_header.c - fields spelled out, and every form against a model on random input.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/canon_header.h"

#include "base/cpu.h"
#include "support/canon_model.h"

typedef void canon_fn(struct mm_buf *out, enum mm_canon canon, struct mm_view field,
                      size_t value_at, bool add_crlf);
static canon_fn *const forms[] = {mm_canon_header, mm_canon_header_reference, mm_model_header};

/* A field as it lies in a message, its final line end taken off; NULL: as it is. */
static const struct {
    const char *label, *field, *relaxed, *simple;
} cases[] = {
    {"RFC 6376 section 3.4.5, first", "A: X", "a:X", NULL},
    {"RFC 6376 section 3.4.5, second", "B : Y\t\r\n\tZ  ", "b:Y Z", NULL},
    {"no blank after the colon", "Subject:x", "subject:x", NULL},
    {"empty value", "Subject:", "subject:", NULL},
    {"value of one blank", "Subject: ", "subject:", NULL},
    {"value of blanks and folds", "Subject: \r\n \t\r\n ", "subject:", NULL},
    {"value begins with a fold", "Subject:\r\n foo", "subject:foo", NULL},
    {"last fold is blank", "Subject: foo\r\n \t ", "subject:foo", NULL},
    {"blanks on both sides of a fold", "Subject: foo \t\r\n\t bar", "subject:foo bar", NULL},
    {"fold of blanks in the middle", "Subject: foo\r\n \r\n\tbar", "subject:foo bar", NULL},
    {"form feed, VT and NBSP are content", "S: \f \v\xa0 ", "s:\f \v\xa0", NULL},
    {"only the name is lowered", "X-\xc3\x84Z: A:B; ", "x-\xc3\x84z:A:B;", NULL},
    {"lone CR is content", "S: a\r b \r", "s:a\r b \r", NULL},
    {"lone CR at the start", "S:\ra", "s:\ra", NULL},
    {"CR CR LF", "S: a\r\r\n b", "s:a\r b", NULL},
    {"fold with LF", "S: a\n b\n\tc", "s:a b c", "S: a\r\n b\r\n\tc"},
    {"folds of both kinds", "S: a\r\n b\n c", "s:a b c", "S: a\r\n b\r\n c"},
    {"line end without a blank", "S: a\r\nb\nc", "s:abc", "S: a\r\nb\r\nc"},
    {"blank, line end, no blank", "S: a \nb", "s:a b", "S: a \r\nb"},
};

static size_t after_colon(struct mm_view field)
{
    const char *colon = memchr(field.data, ':', field.len);
    assert_non_null(colon);
    return (size_t)(colon - field.data) + 1;
}

static void check_form(const char *label, canon_fn *form, enum mm_canon canon, struct mm_view field,
                       const char *want)
{
    struct mm_buf out;
    mm_buf_init(&out, 4096);
    form(&out, canon, field, after_colon(field), false);
    MM_CHECK_VIEW(label, mm_buf_view(&out), mm_view_of(want));
    mm_buf_clear(&out);
    form(&out, canon, field, after_colon(field), true);
    MM_CHECK_TRUE(label, mm_view_ends(mm_buf_view(&out), MM_VIEW("\r\n")));
    out.len -= 2;
    MM_CHECK_VIEW(label, mm_buf_view(&out), mm_view_of(want));
    mm_buf_deinit(&out);
}

static void fields_spelled_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_guard g = mm_guard_copy(mm_view_of(cases[i].field));
        const char *simple = cases[i].simple ? cases[i].simple : cases[i].field;
        for (size_t f = 0; f < MM_COUNT(forms); f++) {
            check_form(cases[i].label, forms[f], MM_CANON_RELAXED, g.view, cases[i].relaxed);
            check_form(cases[i].label, forms[f], MM_CANON_SIMPLE, g.view, simple);
        }
        mm_guard_free(&g);
    }
}

/* A name and a value of random pieces; `folds_only` keeps every line end before a blank. */
static size_t random_field(char *out, size_t cap, bool folds_only, uint64_t *seed)
{
    static const char *const pieces[] = {"a",
                                         "Zq",
                                         " ",
                                         "\t",
                                         "\r\n ",
                                         "\n\t",
                                         "  ",
                                         "\r\n \r\n\t",
                                         "word",
                                         "\r",
                                         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                                         ":",
                                         "\r\n",
                                         "\n"};
    size_t count = MM_COUNT(pieces) - (folds_only ? 2 : 0);
    size_t len = (size_t)snprintf(
        out, cap, "%s:", (const char *[]){"To", "X-aZ \t", "\xe4@["}[mm_random(seed) % 3]);
    size_t want = mm_random(seed) % (cap - 40);
    bool wordy = mm_random(seed) & 1;
    while (len < want) {
        const char *piece = wordy && mm_random(seed) % 4 ? "word" : pieces[mm_random(seed) % count];
        len += (size_t)snprintf(out + len, cap - len, "%s", piece);
        if (folds_only && out[len - 1] == '\r')
            out[len++] =
                'x'; /* or it might meet the LF of the next piece, which then begins a line */
    }
    return len;
}

static void random_fields_agree_with_the_model_on_every_tier(void **state)
{
    (void)state;
    char text[700];
    uint64_t seed = 3402;
    mm_cpu_limit(MM_CPU_AVX512);
    enum mm_cpu_tier best = mm_cpu_tier();
    for (int tier = MM_CPU_PORTABLE; tier <= (int)best; tier++) {
        mm_cpu_limit(tier);
        for (int round = 0; round < 8000; round++) {
            size_t cap = round & 2 ? 110 : sizeof text;
            size_t len = random_field(text, cap, round & 1, &seed);
            struct mm_guard g = round & 4 ? mm_guard_copy((struct mm_view){text, len})
                                          : mm_guard_copy_front((struct mm_view){text, len});
            for (int canon = MM_CANON_SIMPLE; canon <= MM_CANON_RELAXED; canon++) {
                struct mm_buf want, got;
                mm_buf_init(&want, 2048);
                mm_buf_init(&got, 2048);
                mm_model_header(&want, canon, g.view, after_colon(g.view), round & 8);
                for (size_t f = 0; f < 2; f++) {
                    mm_buf_clear(&got);
                    forms[f](&got, canon, g.view, after_colon(g.view), round & 8);
                    MM_CHECK_VIEW(f ? "reference" : "fast form", mm_buf_view(&got),
                                  mm_buf_view(&want));
                }
                mm_buf_deinit(&want);
                mm_buf_deinit(&got);
            }
            mm_guard_free(&g);
        }
    }
    mm_cpu_limit(MM_CPU_AVX512);
}

static void a_field_of_a_megabyte_is_not_cut(void **state)
{
    (void)state;
    struct mm_buf field, want, got;
    mm_buf_init(&field, 2 << 20);
    mm_buf_init(&want, 2 << 20);
    mm_buf_init(&got, 2 << 20);
    mm_buf_append_str(&field, "To:");
    for (int i = 0; i < 40000; i++)
        mm_buf_printf(&field, "%s user%d@example.org,", i % 3 ? "" : "\r\n", i);
    size_t value_at = after_colon(mm_buf_view(&field));
    mm_model_header(&want, MM_CANON_RELAXED, mm_buf_view(&field), value_at, true);
    mm_canon_header(&got, MM_CANON_RELAXED, mm_buf_view(&field), value_at, true);
    MM_CHECK_VIEW("relaxed", mm_buf_view(&got), mm_buf_view(&want));
    mm_buf_deinit(&field);
    mm_buf_deinit(&want);
    mm_buf_deinit(&got);
}

static void a_full_buffer_is_marked_and_not_overrun(void **state)
{
    (void)state;
    struct mm_buf field, want;
    mm_buf_init(&field, 4096);
    mm_buf_init(&want, 4096);
    mm_buf_append_str(&field, "Subject:");
    while (field.len < 600)
        mm_buf_append_str(&field, "  some words\r\n and more\n words of a fold");
    for (int canon = MM_CANON_SIMPLE; canon <= MM_CANON_RELAXED; canon++) {
        mm_buf_clear(&want);
        mm_canon_header(&want, canon, mm_buf_view(&field), 8, true);
        for (size_t max = 256; max <= want.len + 200; max++) {
            struct mm_buf out;
            mm_buf_init(&out, max);
            mm_canon_header(&out, canon, mm_buf_view(&field), 8, true);
            MM_CHECK_TRUE("within its maximum", out.len <= max && out.cap <= max);
            if (!out.failed)
                MM_CHECK_VIEW("whole", mm_buf_view(&out), mm_buf_view(&want));
            MM_CHECK_TRUE("room for all of the input is enough",
                          !out.failed || max < field.len + want.len);
            mm_buf_deinit(&out);
        }
    }
    mm_buf_deinit(&field);
    mm_buf_deinit(&want);
}

MM_TEST_MAIN(MM_TEST(fields_spelled_out), MM_TEST(random_fields_agree_with_the_model_on_every_tier),
             MM_TEST(a_field_of_a_megabyte_is_not_cut),
             MM_TEST(a_full_buffer_is_marked_and_not_overrun))
