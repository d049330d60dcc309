/*
 * test_mail_mbox.c - cutting, unquoting and writing mboxes, and the way there and back.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "mail/mbox.h"

#include "base/cpu.h"
#include "support/mm_test.h"

static const struct {
    const char *label, *text;
    int is_mbox;
} heads[] = {
    {"separator", "From a@b Thu\n", 1},
    {"shortest", "From ", 1},
    {"field", "From: a@b\n", 0},
    {"field with a blank", "From : a@b\n", 0},
    {"field with blanks", "From \t : a", 0},
    {"cut short", "From", 0},
    {"other case", "FROM a@b\n", 0},
    {"quoted", ">From a@b\n", 0},
    {"empty", "", 0},
    {"colon later", "From a:b\n", 1},
    {"CRLF", "From a@b Thu\r\nTo: c\r\n", 1},
    {"CRLF after a CR", "From a@b Thu\r\r\nTo: c\r\n", 1},
    {"cut in a line end", "From a@b Thu\r", 1},
    {"lines end in bare CR", "From a@b Thu\rTo: c\r\r", 0},
    {"bare CR, then LF", "From a@b Thu\rTo: c\n", 0},
};

static void sniffing_tells_separators_from_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(heads); i++) {
        struct mm_guard g = mm_guard_copy(mm_view_of(heads[i].text));
        MM_CHECK_INT(heads[i].label, mm_mbox_sniff(g.view), heads[i].is_mbox);
        mm_guard_free(&g);
    }
}

/* The message as it was before it was quoted; changes the mbox. */
static struct mm_view unquoted(struct mm_view quoted)
{
    char *text = (char *)(uintptr_t)quoted.data;
    return (struct mm_view){text, mm_mbox_unquote(text, quoted.len)};
}

/* Messages of an mbox as "<from_line><message>|…", unquoted. */
static const struct {
    const char *label, *mbox, *want;
} files[] = {
    {"one", "From a\nA: b\n\nx\n\n", "From a\n~A: b\n\nx\n|"},
    {"two", "From a\nA: b\n\nx\n\nFrom c\nC: d\n\ny\n\n",
     "From a\n~A: b\n\nx\n|From c\n~C: d\n\ny\n|"},
    {"no empty line at the end", "From a\nA: b\n\nx\n", "From a\n~A: b\n\nx\n|"},
    {"no line end at the end", "From a\nA: b\n\nx", "From a\n~A: b\n\nx|"},
    {"CRLF", "From a\r\nA: b\r\n\r\nx\r\n\r\nFrom c\r\nC: d\r\n\r\n",
     "From a\r\n~A: b\r\n\r\nx\r\n|From c\r\n~C: d\r\n|"},
    {"only one empty line is taken off", "From a\nA: b\n\nx\n\n\n\nFrom c\n\n",
     "From a\n~A: b\n\nx\n\n\n|From c\n~|"},
    {"no empty line before: text", "From a\nA: b\n\nx\nFrom c\ny\n\n",
     "From a\n~A: b\n\nx\nFrom c\ny\n|"},
    {"in mid-line: text", "From a\nA: b\n\nx\n\n From c\n\n", "From a\n~A: b\n\nx\n\n From c\n|"},
    {"header only", "From a\nA: b\n\nFrom c\nC: d\n\n", "From a\n~A: b\n|From c\n~C: d\n|"},
    {"separator only", "From a\n", "From a\n~|"},
    {"separator without end", "From a", "From a~|"},
    {"one quote is taken off", "From a\nA: b\n\n>From x\n>>From y\n>>\n>From\nx >From z\n\n",
     "From a\n~A: b\n\nFrom x\n>From y\n>>\n>From\nx >From z\n|"},
    {"quote after an empty line is no separator", "From a\nA: b\n\nx\n\n>From y\n\n",
     "From a\n~A: b\n\nx\n\nFrom y\n|"},
    {"quoted twice in a line", "From a\n>From >From x\n\n", "From a\n~From >From x\n|"},
};

static void mboxes_are_cut_and_unquoted(void **state)
{
    (void)state;
    struct mm_buf got;
    mm_buf_init(&got, 4096);
    for (size_t i = 0; i < MM_COUNT(files); i++) {
        struct mm_guard g = mm_guard_copy(mm_view_of(files[i].mbox));
        mm_buf_clear(&got);
        for (size_t at = 0; at < g.view.len;) {
            size_t next = mm_mbox_next(g.view, at + 1);
            struct mm_mbox_message m = mm_mbox_trim(mm_view_sub(g.view, at, next - at));
            struct mm_view text = unquoted(m.quoted);
            MM_CHECK_INT(files[i].label, m.has_quotes, text.len != m.quoted.len);
            mm_buf_append(&got, m.from_line);
            mm_buf_append_char(&got, '~');
            mm_buf_append(&got, text);
            mm_buf_append_char(&got, '|');
            at = next;
        }
        MM_CHECK_VIEW(files[i].label, mm_buf_view(&got), mm_view_of(files[i].want));
        mm_guard_free(&g);
    }
    mm_buf_deinit(&got);
}

static const struct {
    const char *label, *from_line, *message, *want;
} written[] = {
    {"LF", "From a\n", "A: b\n\nx\n", "From a\nA: b\n\nx\n\n"},
    {"CRLF becomes LF", "From a\r\n", "A: b\r\n\r\nx\r\n", "From a\nA: b\n\nx\n\n"},
    {"line end is added", "From a", "A: b\n\nx", "From a\nA: b\n\nx\n\n"},
    {"no separator given", "", "A: b\n", "From MAILER-DAEMON Tue Nov 14 22:13:20 2023\nA: b\n\n"},
    {"empty message", "From a\n", "", "From a\n\n"},
    {"quotes", "From a\n", "From x\n>From y\nFrom\nFromm\n From z\n>>x\n",
     "From a\n>From x\n>>From y\nFrom\nFromm\n From z\n>>x\n\n"},
    {"part of a quote at the end", "From a\n", "\n>>Fro", "From a\n\n>>Fro\n\n"},
    {"CR is content", "From a\n", "x\ry\r\r\nz\r", "From a\nx\ry\r\r\nz\r\r\n\n"},
    {"a line of CRs", "From a\n", "\r\r\n\r\r\r\n\r\n\r", "From a\n\r\r\n\r\r\r\n\n\r\r\n\n"},
    {"CR before From", "From a\n", "\rFrom x\n\r\n", "From a\n\rFrom x\n\n\n"},
};

static void messages_are_written_as_mboxrd_at_every_split(void **state)
{
    (void)state;
    struct mm_buf out;
    mm_buf_init(&out, 4096);
    for (size_t i = 0; i < MM_COUNT(written); i++) {
        struct mm_view text = mm_view_of(written[i].message);
        for (size_t a = 0; a <= text.len; a++) {
            for (size_t b = a; b <= text.len; b++) {
                struct mm_mbox_writer w;
                mm_buf_clear(&out);
                mm_mbox_write_begin(&w, &out, mm_view_of(written[i].from_line), 1700000000);
                mm_mbox_write_part(&w, mm_view_sub(text, 0, a));
                mm_mbox_write_part(&w, mm_view_sub(text, a, b - a));
                mm_mbox_write_part(&w, mm_view_sub(text, b, text.len - b));
                mm_mbox_write_end(&w);
                MM_CHECK_VIEW(written[i].label, mm_buf_view(&out), mm_view_of(written[i].want));
            }
        }
    }
    mm_buf_deinit(&out);
}

/* Long texts, written in pieces: what is copied in wide steps is what single bytes give. */
static void every_tier_writes_the_same(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "F",
        "From ",
        ">",
        ">>From ",
        "\n",
        "\r\n",
        "\r",
        "\r\r\n",
        "some words and more of them ",
        "\r\n",
        "a line of about the length that lines of mail do have, or a bit more\r\n"};
    enum { TEXT_BYTES = 2000, TIERS = MM_CPU_AVX512 + 1 };
    struct mm_buf text, out[TIERS];
    uint64_t seed = 4155;
    mm_buf_init(&text, 2 * TEXT_BYTES);
    for (int tier = 0; tier < TIERS; tier++)
        mm_buf_init(&out[tier], 8 * TEXT_BYTES);
    for (int round = 0; round < 4000; round++) {
        mm_buf_clear(&text);
        for (size_t len = mm_random(&seed) % TEXT_BYTES; text.len < len;)
            mm_buf_append_str(&text, pieces[mm_random(&seed) % MM_COUNT(pieces)]);
        size_t cut = mm_random(&seed) % (text.len + 1);
        struct mm_guard head = mm_guard_copy(mm_view_sub(mm_buf_view(&text), 0, cut));
        struct mm_guard tail = mm_guard_copy(mm_view_sub(mm_buf_view(&text), cut, text.len - cut));
        for (int tier = 0; tier < TIERS; tier++) {
            struct mm_mbox_writer w;
            mm_cpu_limit(tier);
            mm_buf_clear(&out[tier]);
            mm_mbox_write_begin(&w, &out[tier], MM_VIEW("From a\n"), 0);
            mm_mbox_write_part(&w, head.view);
            mm_mbox_write_part(&w, tail.view);
            mm_mbox_write_end(&w);
            MM_CHECK_VIEW(mm_cpu_tier_name(tier), mm_buf_view(&out[tier]), mm_buf_view(&out[0]));
        }
        mm_guard_free(&head);
        mm_guard_free(&tail);
    }
    mm_cpu_limit(MM_CPU_AVX512);
    for (int tier = 0; tier < TIERS; tier++)
        mm_buf_deinit(&out[tier]);
    mm_buf_deinit(&text);
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    static const char *const pieces[] = {"From ", ">", "\n", "\n\n", "x", "From", " ", ">From "};
    struct mm_buf mbox, text;
    uint64_t seed = 4155;
    mm_buf_init(&mbox, 1 << 16);
    mm_buf_init(&text, 4096);
    for (int round = 0; round < 5000; round++) {
        size_t ends[8], count = 1 + mm_random(&seed) % 8;
        mm_buf_clear(&mbox);
        mm_buf_clear(&text);
        for (size_t m = 0; m < count; m++) {
            struct mm_mbox_writer w;
            size_t start = text.len;
            for (uint64_t n = mm_random(&seed) % 12; n > 0; n--)
                mm_buf_append_str(&text, pieces[mm_random(&seed) % MM_COUNT(pieces)]);
            mm_buf_append_char(&text, '\n');
            mm_mbox_write_begin(&w, &mbox, MM_VIEW("From a\n"), 0);
            mm_mbox_write_part(&w, mm_view_sub(mm_buf_view(&text), start, text.len - start));
            mm_mbox_write_end(&w);
            ends[m] = text.len;
        }
        size_t at = 0, start = 0;
        for (size_t m = 0; m < count; m++) {
            size_t next = mm_mbox_next(mm_buf_view(&mbox), at + 1);
            struct mm_mbox_message got =
                mm_mbox_trim(mm_view_sub(mm_buf_view(&mbox), at, next - at));
            MM_CHECK_VIEW("message", unquoted(got.quoted),
                          mm_view_sub(mm_buf_view(&text), start, ends[m] - start));
            at = next;
            start = ends[m];
        }
        MM_CHECK_INT("all of it", at, mbox.len);
    }
    mm_buf_deinit(&mbox);
    mm_buf_deinit(&text);
}

static void quotes_are_the_body_s_where_an_empty_line_is_before_the_first(void **state)
{
    (void)state;
    static const struct {
        const char *label, *text;
        bool any, body_only;
    } cases[] = {
        {"none", "A: b\n\nFrom x\n", false, false},
        {"in the body", "A: b\n\n>From x\n", true, true},
        {"in the body, CRLF", "A: b\r\n\r\n>From x\r\n", true, true},
        {"in the header", "A: b\n>From x\n\nbody\n", true, false},
        {"in both", "A: b\n>>From x\n\n>From x\n", true, false},
        {"no header", "\n>From x\n", true, true},
        {"no body", ">From x\n", true, false},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_guard g = mm_guard_copy(mm_view_of(cases[i].text));
        struct mm_mbox_message m = mm_mbox_trim(g.view);
        MM_CHECK_INT(cases[i].label, m.has_quotes, cases[i].any);
        MM_CHECK_INT(cases[i].label, m.body_quotes_only, cases[i].body_only);
        mm_guard_free(&g);
    }
}

MM_TEST_MAIN(MM_TEST(sniffing_tells_separators_from_fields), MM_TEST(mboxes_are_cut_and_unquoted),
             MM_TEST(messages_are_written_as_mboxrd_at_every_split),
             MM_TEST(every_tier_writes_the_same), MM_TEST(what_is_written_is_read_back),
             MM_TEST(quotes_are_the_body_s_where_an_empty_line_is_before_the_first))
