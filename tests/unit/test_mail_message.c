/*
 * test_mail_message.c - fields, folds, line ends and names of messages, tame and hostile.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "mail/message.h"

#include "base/buf.h"
#include "base/clock.h"
#include "support/mm_test.h"
#include "text/eol.h"

enum { ARENA_BYTES = 128 * 1024 * 1024 };

static struct mm_arena arena;

static struct mm_msg indexed(struct mm_view bytes)
{
    struct mm_msg msg;
    MM_CHECK_INT("index", mm_msg_index(&msg, bytes, &arena), MM_OK);
    return msg;
}

/* "name=value|" for each field, folds shown as they are, then what is not a field. */
static struct mm_view described(const struct mm_msg *msg, struct mm_buf *out)
{
    mm_buf_clear(out);
    for (uint32_t i = 0; i < msg->field_count; i++) {
        mm_buf_append(out, mm_field_name(msg, &msg->fields[i]));
        mm_buf_append_char(out, '=');
        mm_buf_append(out, mm_field_value(msg, &msg->fields[i]));
        mm_buf_append_char(out, '|');
    }
    mm_buf_printf(out, "%u+", (unsigned)msg->stray_lines);
    mm_buf_append(out, msg->body);
    return mm_buf_view(out);
}

static const struct {
    const char *label, *text, *want; /* want: name=value|…, stray lines + body */
} headers[] = {
    {"one field", "A: b\r\n\r\nbody", "A= b|0+body"},
    {"line feeds only", "A: b\nC: d\n\nbody\n", "A= b|C= d|0+body\n"},
    {"mixed line ends", "A: b\nC: d\r\n\nbody", "A= b|C= d|0+body"},
    {"fold", "A: b\r\n c\r\n\td\r\nE:f\r\n\r\n", "A= b\r\n c\r\n\td|E=f|0+"},
    {"fold of blanks only", "A: b\r\n \t\r\nC: d\r\n\r\nx", "A= b\r\n \t|C= d|0+x"},
    {"value begins with a fold", "A:\r\n b\r\n\r\n", "A=\r\n b|0+"},
    {"empty value", "A:\r\nB: \r\n\r\n", "A=|B= |0+"},
    {"blanks before the colon", "A \t: b\r\n\r\n", "A= b|0+"},
    {"colons in the value", "A:b:c\r\n\r\n", "A=b:c|0+"},
    {"no empty line", "A: b\r\nC: d\r\n", "A= b|C= d|0+"},
    {"no line end at all", "A: b", "A= b|0+"},
    {"a CR ends the text", "A: b\r", "A= b\r|0+"},
    {"lone CR is content", "A: b\rc\r\n\r\n", "A= b\rc|0+"},
    {"CR CR LF keeps one CR", "A: b\r\r\n\r\n", "A= b\r|0+"},
    {"CR CR LF is no empty line", "A: b\r\n\r\r\nC: d\r\n\r\nx", "A= b|C= d|1+x"},
    {"stray line with its fold", "A: b\r\nstray\r\n fold\r\nC: d\r\n\r\n", "A= b|C= d|2+"},
    {"fold before any field", " x: y\r\nA: b\r\n\r\n", "A= b|1+"},
    {"empty name", ": x\r\nA: b\r\n\r\n", "A= b|1+"},
    {"empty name does not take folds", "A: b\r\n: x\r\n y\r\n\r\n", "A= b|2+"},
    {"body at once", "\r\nbody", "0+body"},
    {"body at once after LF", "\nbody", "0+body"},
    {"nothing", "", "0+"},
    {"only an empty line", "\r\n", "0+"},
    {"only a CR", "\r", "1+"},
    {"eight bits in name and value", "\xc3\xa9: \xff\r\n\r\n", "\xc3\xa9= \xff|0+"},
    {"separator is set aside", "From a@b Thu\nA: b\n\nx", "A= b|0+x"},
    {"quoted separator is a line like others", ">From a@b Thu\nA: b\n\nx", "A= b|1+x"},
    {"From with a blank before the colon", "From : a@b\r\n\r\n", "From= a@b|0+"},
    {"second separator", "From a\nFrom b\nA: b\n\n", "A= b|1+"},
};

static void message_index_finds_fields_strays_and_body(void **state)
{
    (void)state;
    struct mm_buf text;
    mm_buf_init(&text, 4096);
    for (size_t i = 0; i < MM_COUNT(headers); i++) {
        struct mm_guard end = mm_guard_copy(mm_view_of(headers[i].text));
        struct mm_guard front = mm_guard_copy_front(mm_view_of(headers[i].text));
        struct mm_msg msg = indexed(end.view);
        MM_CHECK_VIEW(headers[i].label, described(&msg, &text), mm_view_of(headers[i].want));
        msg = indexed(front.view);
        MM_CHECK_VIEW(headers[i].label, described(&msg, &text), mm_view_of(headers[i].want));
        mm_guard_free(&end);
        mm_guard_free(&front);
        mm_arena_reset(&arena);
    }
    mm_buf_deinit(&text);
}

static const struct {
    const char *label, *text;
    enum mm_msg_eol eol;
    int first_line_is_lf;
    long long first_bare_lf; /* -1: none */
    int body_has_bare_lf;
} line_ends[] = {
    {"none", "A: b", MM_EOL_CRLF, 0, -1, 0},
    {"crlf", "A: b\r\n\r\nx\r\n", MM_EOL_CRLF, 0, -1, 0},
    {"lf", "A: b\n\nx\n", MM_EOL_LF, 1, 4, 1},
    {"lf in the header only", "A: b\n\r\nx\r\n", MM_EOL_MIXED, 1, 4, 0},
    {"lf in the body only", "A: b\r\n\r\nx\n", MM_EOL_MIXED, 0, 9, 1},
    {"body begins with lf", "A: b\r\n\r\n\n", MM_EOL_MIXED, 0, 8, 1},
    {"crlf then lf in the header", "A: b\r\nC: d\n\r\n", MM_EOL_MIXED, 0, 10, 0},
    {"cr alone", "A: b\rc\r\n\r\n\r", MM_EOL_CRLF, 0, -1, 0},
    {"separator is left out", "From x\nA: b\r\n\r\n", MM_EOL_CRLF, 0, -1, 0},
};

static void message_index_tells_line_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(line_ends); i++) {
        struct mm_msg msg = indexed(mm_view_of(line_ends[i].text));
        const char *label = line_ends[i].label;
        MM_CHECK_INT(label, msg.eol, line_ends[i].eol);
        MM_CHECK_INT(label, msg.first_line_is_lf, line_ends[i].first_line_is_lf);
        MM_CHECK_INT(label, msg.has_bare_lf, line_ends[i].first_bare_lf >= 0);
        if (msg.has_bare_lf)
            MM_CHECK_INT(label, msg.first_bare_lf, line_ends[i].first_bare_lf);
        MM_CHECK_INT(label, msg.body_has_bare_lf, line_ends[i].body_has_bare_lf);
        mm_arena_reset(&arena);
    }
}

static void message_index_flags_a_nul_in_the_header_only(void **state)
{
    (void)state;
    struct mm_msg msg = indexed(MM_VIEW("A: b\0c\r\n\r\nx"));
    MM_CHECK_TRUE("in a value", msg.header_has_nul);
    MM_CHECK_VIEW("value", mm_field_value(&msg, &msg.fields[0]), MM_VIEW(" b\0c"));
    msg = indexed(MM_VIEW("A: b\r\nstr\0ay\r\n\r\nx"));
    MM_CHECK_TRUE("in a stray line", msg.header_has_nul);
    msg = indexed(MM_VIEW("A: b\r\n\r\nx\0y"));
    MM_CHECK_TRUE("in the body", !msg.header_has_nul);
    mm_arena_reset(&arena);
}

static void names_are_linked_from_the_bottom_whatever_their_case(void **state)
{
    (void)state;
    struct mm_msg msg =
        indexed(MM_VIEW("Received: 1\r\nTo: x\r\nRECEIVED: 2\r\nreceived : 3\r\n\r\n"));
    MM_CHECK_INT("count", mm_msg_count(&msg, MM_VIEW("rEcEiVeD")), 3);
    MM_CHECK_INT("others", mm_msg_count(&msg, MM_VIEW("to")), 1);
    MM_CHECK_INT("absent", mm_msg_count(&msg, MM_VIEW("Cc")), 0);
    MM_CHECK_INT("absent", mm_msg_lowest(&msg, MM_VIEW("Cc")), MM_FIELD_NONE);
    MM_CHECK_INT("prefix of a name", mm_msg_count(&msg, MM_VIEW("Receive")), 0);
    MM_CHECK_INT("empty name", mm_msg_count(&msg, MM_VIEW("")), 0);
    MM_CHECK_INT("names", msg.name_count, 2);
    uint32_t at = mm_msg_lowest(&msg, MM_VIEW("Received"));
    MM_CHECK_INT("lowest", at, 3);
    MM_CHECK_INT("next up", at = msg.fields[at].upper_same, 2);
    MM_CHECK_INT("next up", at = msg.fields[at].upper_same, 0);
    MM_CHECK_INT("top", msg.fields[at].upper_same, MM_FIELD_NONE);
    mm_arena_reset(&arena);
}

static void header_over_its_limit_is_refused_and_leaves_no_index(void **state)
{
    (void)state;
    const struct {
        const char *label;
        size_t header_bytes;
        bool empty_line;
        enum mm_status want;
    } cases[] = {
        {"just fits", MM_HEADER_MAX_BYTES, true, MM_OK},
        {"just fits, no body", MM_HEADER_MAX_BYTES, false, MM_OK},
        {"one more", MM_HEADER_MAX_BYTES + 1, true, MM_E_LIMIT},
        {"one more, no body", MM_HEADER_MAX_BYTES + 1, false, MM_E_LIMIT},
        {"two MiB", 2 * MM_HEADER_MAX_BYTES, true, MM_E_LIMIT},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        size_t len = cases[i].header_bytes;
        char *text = malloc(len + 2);
        assert_non_null(text);
        memset(text, 'x', len);
        memcpy(text, "A:\nB:", 5);
        memcpy(text + len - 1, "\n\r\n", 3);
        struct mm_msg msg;
        enum mm_status st =
            mm_msg_index(&msg, (struct mm_view){text, len + (cases[i].empty_line ? 2 : 0)}, &arena);
        MM_CHECK_INT(cases[i].label, st, cases[i].want);
        MM_CHECK_INT(cases[i].label, msg.field_count, st == MM_OK ? 2 : 0);
        MM_CHECK_INT(cases[i].label, mm_msg_count(&msg, MM_VIEW("A")), st == MM_OK ? 1 : 0);
        MM_CHECK_TRUE(cases[i].label, msg.has_bare_lf);
        free(text);
        mm_arena_reset(&arena);
    }
}

static void index_without_memory_is_an_error_and_leaves_no_index(void **state)
{
    (void)state;
    for (size_t limit = 0; limit < 4096; limit += 64) {
        struct mm_arena small;
        struct mm_msg msg;
        mm_arena_init(&small, limit);
        enum mm_status st = mm_msg_index(&msg, MM_VIEW("A: b\r\nC: d\r\n\r\n"), &small);
        MM_CHECK_TRUE("status", st == MM_E_NOMEM || (st == MM_OK && msg.field_count == 2));
        MM_CHECK_INT("fields", mm_msg_count(&msg, MM_VIEW("a")), st == MM_OK);
        mm_arena_deinit(&small);
    }
}

/* `count` fields, names made of a number in `digits` letters (0: all the same name). */
static struct mm_view many_fields(size_t count, int digits, struct mm_buf *out)
{
    mm_buf_clear(out);
    for (size_t i = 0; i < count; i++) {
        size_t number = i;
        for (int d = 0; d < digits; d++, number /= 26)
            mm_buf_append_char(out, (char)((i & 1 ? 'a' : 'A') + number % 26));
        mm_buf_append_str(out, digits ? ":v\n" : "Same: v\n");
    }
    mm_buf_append_str(out, "\nbody");
    return mm_buf_view(out);
}

static uint64_t index_ns(struct mm_view bytes)
{
    uint64_t best = UINT64_MAX;
    for (int run = 0; run < 5; run++) {
        struct mm_msg msg;
        mm_arena_reset(&arena);
        uint64_t start = mm_process_cpu_ns();
        MM_CHECK_INT("index", mm_msg_index(&msg, bytes, &arena), MM_OK);
        uint64_t ns = mm_process_cpu_ns() - start;
        best = ns < best ? ns : best;
    }
    return best;
}

static void thirty_thousand_fields_cost_ten_times_three_thousand(void **state)
{
    (void)state;
    struct mm_buf text;
    mm_buf_init(&text, 1024 * 1024);
    for (int digits = 0; digits <= 8; digits += 4) {
        uint64_t few = index_ns(many_fields(3000, digits, &text));
        struct mm_view bytes = many_fields(30000, digits, &text);
        uint64_t many = index_ns(bytes);
        struct mm_msg msg = indexed(bytes);
        MM_CHECK_INT("fields", msg.field_count, 30000);
        MM_CHECK_INT("names", msg.name_count, digits ? 30000 : 1);
        for (uint32_t i = 0; i < msg.field_count; i++)
            MM_CHECK_INT("found again", mm_msg_name_id(&msg, mm_field_name(&msg, &msg.fields[i])),
                         msg.fields[i].name_id);
        MM_CHECK_TRUE("far from a hundred times", many < few * 40 + 1000000);
        mm_arena_reset(&arena);
    }
    mm_buf_deinit(&text);
}

/* What the contract says, one line at a time and without cleverness. */
static void check_against_plain_walk(struct mm_view bytes, const struct mm_msg *msg)
{
    size_t at = 0, field = 0, stray = 0;
    bool open = false, ended = false;
    while (at < bytes.len && !ended) {
        size_t next = at;
        while (next < bytes.len && bytes.data[next] != '\n')
            next++;
        bool has_lf = next < bytes.len;
        size_t end = next;
        next += has_lf;
        if (has_lf && end > at && bytes.data[end - 1] == '\r')
            end--;
        struct mm_view line = mm_view_sub(bytes, at, end - at), name, value;
        if (has_lf && line.len == 0) {
            ended = true;
        } else if (mm_is_wsp((unsigned char)line.data[0])) {
            if (open)
                MM_CHECK_INT("fold", msg->fields[field - 1].next >= next, 1);
            else
                stray++;
        } else if (mm_view_cut(line, ':', &name, &value) && mm_view_trim_wsp(name).len > 0) {
            assert_true(field < msg->field_count);
            const struct mm_field *f = &msg->fields[field++];
            MM_CHECK_INT("start", f->start, at);
            MM_CHECK_VIEW("name", mm_field_name(msg, f), mm_view_trim_wsp(name));
            MM_CHECK_INT("value", f->value, value.data - bytes.data);
            open = true;
        } else {
            stray++;
            open = false;
        }
        at = next;
    }
    MM_CHECK_INT("fields", msg->field_count, field);
    MM_CHECK_INT("stray", msg->stray_lines, stray);
    MM_CHECK_VIEW("body", msg->body, mm_view_sub(bytes, at, bytes.len - at));
}

static void random_headers_agree_with_a_plain_walk(void **state)
{
    (void)state;
    static const char letters[] = "aAb::\r\n\n\r\t  x";
    uint64_t seed = 20240101;
    char text[200];
    for (int round = 0; round < 40000; round++) {
        size_t len = mm_random(&seed) % sizeof text;
        for (size_t i = 0; i < len; i++)
            text[i] = letters[mm_random(&seed) % (sizeof letters - 1)];
        struct mm_msg msg = indexed((struct mm_view){text, len});
        check_against_plain_walk((struct mm_view){text, len}, &msg);
        mm_arena_reset(&arena);
    }
}

/* Lines of up to three times what is marked at once, and the line ends as they are counted plainly.
 */
static void long_lines_agree_with_a_plain_walk(void **state)
{
    (void)state;
    static const char letters[] = "aAb::\r\n\n\t  xxx";
    enum { MAX_BYTES = 8000, RUN_MAX = 3000 };
    uint64_t seed = 998;
    char *text = malloc(MAX_BYTES);
    assert_non_null(text);
    for (int round = 0; round < 3000; round++) {
        size_t len = 0, most = mm_random(&seed) % MAX_BYTES;
        while (len < most) {
            size_t left = most - len;
            size_t run = mm_random(&seed) % 16 ? 1 : 1 + mm_random(&seed) % RUN_MAX;
            run = run < left ? run : left;
            bool pair = run == 1 && left > 1 && mm_random(&seed) % 4 == 0;
            char letter = run > 1 ? 'x' : letters[mm_random(&seed) % (sizeof letters - 1)];
            memset(text + len, letter, run);
            if (pair)
                memcpy(text + len++, "\r\n", 2);
            len += run;
        }
        struct mm_view bytes = {text, len};
        struct mm_msg msg = indexed(bytes);
        struct mm_eol_count count = mm_eol_count_reference(bytes);
        check_against_plain_walk(bytes, &msg);
        MM_CHECK_INT("bare LF", msg.has_bare_lf, count.bare_lf > 0);
        MM_CHECK_INT("line ends", msg.eol,
                     count.bare_lf == 0 ? MM_EOL_CRLF
                     : count.crlf       ? MM_EOL_MIXED
                                        : MM_EOL_LF);
        MM_CHECK_INT("in the body", msg.body_has_bare_lf,
                     mm_eol_count_reference(msg.body).bare_lf > 0);
        mm_arena_reset(&arena);
    }
    free(text);
}

static int make_arena(void **state)
{
    (void)state;
    mm_arena_init(&arena, ARENA_BYTES);
    return 0;
}

static int drop_arena(void **state)
{
    (void)state;
    mm_arena_deinit(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MM_TEST(message_index_finds_fields_strays_and_body),
        MM_TEST(message_index_tells_line_ends),
        MM_TEST(message_index_flags_a_nul_in_the_header_only),
        MM_TEST(names_are_linked_from_the_bottom_whatever_their_case),
        MM_TEST(header_over_its_limit_is_refused_and_leaves_no_index),
        MM_TEST(index_without_memory_is_an_error_and_leaves_no_index),
        MM_TEST(thirty_thousand_fields_cost_ten_times_three_thousand),
        MM_TEST(random_headers_agree_with_a_plain_walk),
        MM_TEST(long_lines_agree_with_a_plain_walk),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
