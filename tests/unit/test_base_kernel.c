/*
 * test_base_kernel.c - the best form that works is taken; one with a wrong answer is passed over.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/kernel.h"

#include "dkim/canon_header.h"
#include "mail/mbox_lines.h"
#include "support/mm_test.h"
#include "text/base64.h"
#include "text/eol.h"
#include "text/line_marks.h"
#include "text/unfold.h"
#include "text/xml_marks.h"

typedef int answer_fn(int question);

static int right(int question)
{
    return question + 1;
}

static int right_too(int question)
{
    return 1 + question;
}

static int wrong(int question)
{
    return question;
}

static int asked;

static bool answers(mm_kernel_fn *run)
{
    asked++;
    return ((answer_fn *)run)(41) == 42;
}

#define FORM(tier, needs, fn)                                                                      \
    {                                                                                              \
        (tier), (needs), (mm_kernel_fn *)(fn)                                                      \
    }

static void check_pick(const char *label, struct mm_kernel *kernel, answer_fn *want)
{
    MM_CHECK_TRUE(label, mm_kernel_pick(kernel) == (mm_kernel_fn *)want);
}

static void the_first_form_that_answers_rightly_is_taken(void **state)
{
    (void)state;
    struct mm_kernel sound = {
        .forms = {FORM(MM_CPU_SSE2, NULL, right), FORM(MM_CPU_PORTABLE, NULL, right_too)},
        .works = answers};
    struct mm_kernel faulty = {.forms = {FORM(MM_CPU_SSE2, NULL, wrong),
                                         FORM(MM_CPU_SSE2, NULL, right_too),
                                         FORM(MM_CPU_PORTABLE, NULL, right)},
                               .works = answers};
    struct mm_kernel hopeless = {
        .forms = {FORM(MM_CPU_SSE2, NULL, wrong), FORM(MM_CPU_PORTABLE, NULL, NULL)},
        .works = answers};
    struct mm_kernel lacking = {.forms = {FORM(MM_CPU_SSE2, "no-such-feature", right),
                                          FORM(MM_CPU_PORTABLE, NULL, right_too)},
                                .works = answers};
    bool wide = mm_cpu_tier() >= MM_CPU_SSE2;
    asked = 0;
    check_pick("sound", &sound, wide ? right : right_too);
    MM_CHECK_INT("asked before it is used", asked, wide);
    check_pick("sound", &sound, wide ? right : right_too);
    MM_CHECK_INT("asked once", asked, wide);
    check_pick("a fault is passed over", &faulty, wide ? right_too : right);
    check_pick("down to the plain form", &hopeless, NULL);
    assert_string_equal(mm_kernel_tier_name(&hopeless), "portable");
    check_pick("a feature is missing", &lacking, right_too);
    mm_cpu_limit(MM_CPU_PORTABLE);
    check_pick("narrowed", &sound, right_too);
    mm_cpu_limit(MM_CPU_AVX512);
    check_pick("and wide again", &sound, wide ? right : right_too);
}

/* ---- the known answers of the kernels tell a planted fault ---- */

static struct mm_eol_count count_none(struct mm_view v)
{
    (void)v;
    return (struct mm_eol_count){0};
}

/* Right but for the state between blocks: every CR at a block's end is forgotten. */
static struct mm_eol_count count_block_by_block(struct mm_view v)
{
    struct mm_eol_count sum = {0};
    for (size_t at = 0; at < v.len; at += 64) {
        size_t left = v.len - at;
        struct mm_eol_count c = mm_eol_count_reference(mm_view_sub(v, at, left < 64 ? left : 64));
        sum.crlf += c.crlf;
        sum.bare_lf += c.bare_lf;
    }
    return sum;
}

static size_t first_lf(struct mm_view v)
{
    const char *lf = v.len ? memchr(v.data, '\n', v.len) : NULL;
    return lf ? (size_t)(lf - v.data) : v.len;
}

static void mark_lf_only(struct mm_view v, uint64_t *lf, uint64_t *colon)
{
    mm_line_marks_reference(v, lf, colon);
    memset(colon, 0, MM_MARK_WORDS(v.len) * sizeof *colon);
}

static size_t unfold_blanks_only(char *out, struct mm_view text)
{
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] != ' ' && text.data[i] != '\n')
            out[len++] = text.data[i];
    return len;
}

static size_t decode_nothing(char *out, const char *digits, size_t len)
{
    (void)out;
    (void)digits;
    return len;
}

/* Takes everything as it stands, white space, line ends and all. */
static size_t copy_body(struct mm_view *in, char *out, size_t cap, bool relaxed)
{
    size_t len = in->len < cap ? in->len : cap;
    (void)relaxed;
    memcpy(out, in->data, len);
    *in = mm_view_sub(*in, len, in->len - len);
    return len;
}

static size_t copy_value(struct mm_view *value, char *out, size_t cap)
{
    return copy_body(value, out, cap, true);
}

static void mark_tags_only(struct mm_view v, struct mm_xml_marks *marks)
{
    mm_xml_marks_reference(v, marks);
    for (size_t i = 0; i < MM_COUNT(marks->stop); i++)
        marks->stop[i] = 0;
    for (size_t i = 0; i < v.len && i < MM_XML_MARK_BYTES; i++)
        marks->stop[i / 64] |= (uint64_t)(v.data[i] == '<') << i % 64;
}

/* Looks for a quote nowhere. */
static size_t copy_lines(struct mm_view *in, char *out, bool at_line_start)
{
    return copy_body(in, out, in->len - 1, at_line_start);
}

static void known_answers_tell_a_wrong_kernel(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        struct mm_kernel *kernel;
        mm_kernel_fn *fault;
    } cases[] = {
        {"counts nothing", &mm_eol_count_kernel, (mm_kernel_fn *)count_none},
        {"forgets between blocks", &mm_eol_count_kernel, (mm_kernel_fn *)count_block_by_block},
        {"takes any LF", &mm_eol_first_kernel, (mm_kernel_fn *)first_lf},
        {"marks no colon", &mm_line_marks_kernel, (mm_kernel_fn *)mark_lf_only},
        {"marks tags, not '&'", &mm_xml_marks_kernel, (mm_kernel_fn *)mark_tags_only},
        {"keeps tabs", &mm_unfold_kernel, (mm_kernel_fn *)unfold_blanks_only},
        {"decodes nothing", &mm_base64_kernel, (mm_kernel_fn *)decode_nothing},
        {"copies a body", &mm_canon_body_kernel, (mm_kernel_fn *)copy_body},
        {"quotes nothing", &mm_mbox_lines_kernel, (mm_kernel_fn *)copy_lines},
        {"copies a value", &mm_canon_header_kernel, (mm_kernel_fn *)copy_value},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        MM_CHECK_TRUE(cases[i].label, !cases[i].kernel->works(cases[i].fault));
        for (const struct mm_kernel_form *form = cases[i].kernel->forms;
             form->tier > MM_CPU_PORTABLE; form++)
            if (form->tier <= mm_cpu_tier())
                MM_CHECK_TRUE(mm_cpu_tier_name(form->tier), cases[i].kernel->works(form->run));
    }
}

MM_TEST_MAIN(MM_TEST(the_first_form_that_answers_rightly_is_taken),
             MM_TEST(known_answers_tell_a_wrong_kernel))
