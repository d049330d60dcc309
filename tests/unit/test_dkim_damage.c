/*
 * test_dkim_damage.c - what undoes a damage of a body, what is found, and where finding ends.
 * SPDX-License-Identifier: Apache-2.0
 *
 * tests/cli/explain.sh has one damaged message of each kind.
 */
#include "dkim/damage.h"
#include "support/dkim_fixture.h"
#include "support/mm_test.h"

/* ---- text ---- */

static const struct {
    const char *label;
    enum mm_damage damage;
    const char *body, *undone; /* NULL: nothing is changed */
} texts[] = {
    {"as it is", MM_DAMAGE_NONE, "a\r\n", NULL},
    {"no matter of text", MM_DAMAGE_BODY_CANON, "a \r\n", NULL},
    {"one quote", MM_DAMAGE_FROM_QUOTED, "a\r\n>From b\r\n>>From c\r\n >From\r\n",
     "a\r\nFrom b\r\n>>From c\r\n >From\r\n"},
    {"no quote", MM_DAMAGE_FROM_QUOTED, "a\r\nFrom b\r\n>from c\r\n", NULL},
    {"quotes of mboxrd", MM_DAMAGE_FROM_QUOTED_RD, ">From b\n>>From c\nFrom d",
     "From b\n>From c\nFrom d"},
    {"to quote", MM_DAMAGE_FROM_UNQUOTED, "From b\r\n>From c\r\nFrom",
     ">From b\r\n>From c\r\nFrom"},
    {"to quote again", MM_DAMAGE_FROM_UNQUOTED_RD, "From b\r\n>From c\r\n",
     ">From b\r\n>>From c\r\n"},
    {"CRs in lines", MM_DAMAGE_CR_ADDED, "a\r\r\nb\rc\r\n\r", "a\r\nbc\r\n"},
    {"CRs of line ends alone", MM_DAMAGE_CR_ADDED, "a\r\nb\r\n", NULL},
    {"CRs as line ends", MM_DAMAGE_CR_WAS_LINE, "a\rb\r\n", "a\r\nb\r\n"},
    {"blank lines on top", MM_DAMAGE_BLANK_ABOVE, "\r\n\n\r\na\r\n\r\n", "a\r\n\r\n"},
    {"nothing but blank lines", MM_DAMAGE_BLANK_ABOVE, "\r\n\r\n", ""},
    {"a line of a blank on top", MM_DAMAGE_BLANK_ABOVE, " \r\na", NULL},
    {"a blank line to add", MM_DAMAGE_BLANK_LOST, "a", "\r\na"},
    {"a blank line to add to nothing", MM_DAMAGE_BLANK_LOST, "", "\r\n"},
    {"white space at ends", MM_DAMAGE_SPACE_ADDED, "a \t\r\n \nb ", "a\r\n\nb"},
    {"dashes", MM_DAMAGE_DASHES_CUT, "--\r\n---\r\n-- \r\n--", "-- \r\n---\r\n-- \r\n-- "},
    {"doubled dots", MM_DAMAGE_DOTS_DOUBLED, "..a\r\n.b\r\n..", ".a\r\n.b\r\n."},
    {"lost dots", MM_DAMAGE_DOTS_LOST, ".a\r\n..\r\nb.", "..a\r\n...\r\nb."},
    {"quoted-printable", MM_DAMAGE_QP_ADDED, "a=3Db=\r\nc =C3=BC \r\n=zz=4\r\n",
     "a=bc \xc3\xbc\r\n=zz=4\r\n"},
    {"into quoted-printable", MM_DAMAGE_QP_LOST, "a=b \xc3\xbc \r\n\tx\t\n",
     "a=3Db =C3=BC=20\r\n\tx=09\n"},
    {"into lines of 76", MM_DAMAGE_QP_LOST,
     "0123456789012345678901234567890123456789012345678901234567890123456789012345\r\n"
     "01234567890123456789012345678901234567890123456789012345678901234567890123456\r\n",
     "0123456789012345678901234567890123456789012345678901234567890123456789012345\r\n"
     "012345678901234567890123456789012345678901234567890123456789012345678901234=\r\n56\r\n"},
    {"base64", MM_DAMAGE_BASE64_ADDED, "SGVs\r\nbG8K\r\n", "Hello\n"},
    {"no base64", MM_DAMAGE_BASE64_ADDED, "Hello?\r\n", NULL},
    {"into base64", MM_DAMAGE_BASE64_LOST, "Hello\n", "SGVsbG8K\r\n"},
    {"nothing into base64", MM_DAMAGE_BASE64_LOST, "", NULL},
};

static void known_damages_of_text_are_undone(void **state)
{
    (void)state;
    struct mm_buf out;
    mm_buf_init(&out, 4096);
    for (size_t i = 0; i < MM_COUNT(texts); i++) {
        struct mm_guard g = mm_guard_copy(mm_view_of(texts[i].body));
        bool undone = mm_damage_undo(texts[i].damage, g.view, &out);
        MM_CHECK_INT(texts[i].label, undone, texts[i].undone != NULL);
        if (undone && texts[i].undone)
            MM_CHECK_VIEW(texts[i].label, mm_buf_view(&out), mm_view_of(texts[i].undone));
        mm_guard_free(&g);
    }
    mm_buf_deinit(&out);
}

static void any_bytes_are_survived_and_bounded(void **state)
{
    (void)state;
    static const char bytes[] = "From \r\n\n>.=-A9 \t\xff\0[";
    uint64_t seed = 20261122;
    struct mm_buf out;
    mm_buf_init(&out, 4096);
    for (int round = 0; round < 2000; round++) {
        char text[200];
        size_t len = mm_random(&seed) % sizeof text;
        for (size_t i = 0; i < len; i++)
            text[i] = bytes[mm_random(&seed) % (sizeof bytes - 1)];
        struct mm_guard g = mm_guard_copy((struct mm_view){text, len});
        for (int damage = 0; damage < MM_DAMAGE_COUNT; damage++) {
            (void)mm_damage_undo((enum mm_damage)damage, g.view, &out);
            assert_false(out.failed);
        }
        mm_guard_free(&g);
    }
    mm_buf_deinit(&out);
}

/* ---- bodies ---- */

struct bench {
    struct mm_dkim_fixture fx;
    struct mm_damage_lab lab;
};

static void bench_open(struct bench *b)
{
    mm_dkim_fixture_init(&b->fx);
    assert_int_equal(mm_damage_lab_init(&b->lab, &b->fx.arena, b->fx.pk), MM_OK);
}

static void bench_close(struct bench *b)
{
    mm_damage_lab_deinit(&b->lab);
    mm_dkim_fixture_deinit(&b->fx);
}

/* What is found where `signed_body` was signed and `body` came. */
static struct mm_diagnosis find(struct bench *b, struct mm_view signed_body, struct mm_view body,
                                enum mm_canon canon, uint64_t length)
{
    uint8_t hash[MM_DIGEST_MAX_BYTES];
    struct mm_msg msg = {.body = body};
    struct mm_diagnosis out;
    struct mm_sig_field field = {.body_canon = canon,
                                 .digest = MM_SHA256,
                                 .body_length = length,
                                 .has_body_length = length != MM_SIG_LENGTH_ALL};
    assert_int_equal(mm_body_hash(b->fx.digest, canon, MM_SHA256, signed_body, length, hash),
                     MM_OK);
    field.body_hash = (struct mm_view){(const char *)hash, MM_SHA256_BYTES};
    assert_int_equal(mm_msg_index(&msg, MM_VIEW("From: a\r\n\r\n"), &b->fx.arena), MM_OK);
    msg.body = body;
    assert_int_equal(mm_damage_find_body(&b->lab, &msg, &field, &out), MM_OK);
    assert_true(out.made);
    return out;
}

/* `count` lines of a footer, behind `head`. */
static struct mm_view with_lines(struct bench *b, const char *head, size_t count)
{
    size_t len = strlen(head);
    char *text = mm_arena_alloc(&b->fx.arena, len + 8 * count + 1);
    assert_non_null(text);
    memcpy(text, head, len);
    for (size_t i = 0; i < count; i++, len += 8)
        snprintf(text + len, 9, "%06zu\r\n", i % 1000000);
    return (struct mm_view){text, len};
}

static void lines_at_the_end_are_counted_up_to_the_limit(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    static const size_t counts[] = {1, 2, 17, MM_DAMAGE_LINES_MAX, MM_DAMAGE_LINES_MAX + 1};
    for (size_t i = 0; i < MM_COUNT(counts); i++) {
        for (enum mm_canon canon = MM_CANON_SIMPLE; canon <= MM_CANON_RELAXED; canon++) {
            struct mm_diagnosis d =
                find(&b, MM_VIEW("a \r\n\r\n"), with_lines(&b, "a \r\n\r\n", counts[i]), canon,
                     MM_SIG_LENGTH_ALL);
            bool within = counts[i] <= MM_DAMAGE_LINES_MAX;
            MM_CHECK_INT("found", d.found, within);
            MM_CHECK_INT("lines", d.lines, within ? counts[i] : 0);
        }
    }
    bench_close(&b);
}

static void the_fewest_lines_are_told(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    struct mm_diagnosis d = find(&b, MM_VIEW("a\r\n"), MM_VIEW("a\r\n\r\n\r\nx\r\ny"),
                                 MM_CANON_SIMPLE, MM_SIG_LENGTH_ALL);
    MM_CHECK_INT("blank lines above a footer are not of it", d.lines, 2);
    MM_CHECK_INT("bytes", d.bytes, 4);
    d = find(&b, MM_VIEW("a\r\n"), MM_VIEW("b\r\n"), MM_CANON_SIMPLE, MM_SIG_LENGTH_ALL);
    MM_CHECK_INT("another text is not explained", d.found, 0);
    d = find(&b, MM_VIEW(""), MM_VIEW("footer"), MM_CANON_SIMPLE, MM_SIG_LENGTH_ALL);
    MM_CHECK_INT("all of it was added", d.found && d.lines == 1, 1);
    d = find(&b, MM_VIEW("a\r\nbcd"), MM_VIEW("a\r\nbxx"), MM_CANON_SIMPLE, 4);
    MM_CHECK_INT("l= ends before the change", d.found, 1);
    bench_close(&b);
}

static void blank_lines_at_the_end_do_not_use_up_the_limit(void **state)
{
    (void)state;
    enum { BLANKS = 1000 * 1000 };
    struct bench b;
    bench_open(&b);
    char *text = malloc(10 + 2 * (size_t)BLANKS);
    assert_non_null(text);
    memcpy(text, "a\r\nfoot\r\n", 9);
    for (size_t i = 0; i < BLANKS; i++)
        memcpy(text + 9 + 2 * i, "\r\n", 2);
    struct mm_diagnosis d =
        find(&b, MM_VIEW("a\r\n"), (struct mm_view){text, 9 + 2 * (size_t)BLANKS}, MM_CANON_RELAXED,
             MM_SIG_LENGTH_ALL);
    MM_CHECK_INT("found", d.found, 1);
    MM_CHECK_INT("lines", d.lines, 1);
    free(text);
    bench_close(&b);
}

static void work_has_a_limit_that_is_told(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    struct mm_view body = with_lines(&b, "x\r\n", 1000);
    b.lab.work_bytes = 3 * body.len;
    struct mm_diagnosis d = find(&b, MM_VIEW("y"), body, MM_CANON_RELAXED, MM_SIG_LENGTH_ALL);
    MM_CHECK_INT("limited", d.limited, 1);
    MM_CHECK_INT("tried", d.tried <= 3 && d.tried > 0, 1);
    b.lab.work_bytes = MM_DAMAGE_WORK_BYTES;
    d = find(&b, MM_VIEW("y"), body, MM_CANON_RELAXED, MM_SIG_LENGTH_ALL);
    MM_CHECK_INT("not limited", d.limited, 0);
    uint64_t used = MM_DAMAGE_WORK_BYTES - b.lab.work_bytes;
    MM_CHECK_TRUE("a known factor of the size", used < 3 * MM_DAMAGE_COUNT * body.len);
    bench_close(&b);
}

MM_TEST_MAIN(MM_TEST(known_damages_of_text_are_undone), MM_TEST(any_bytes_are_survived_and_bounded),
             MM_TEST(lines_at_the_end_are_counted_up_to_the_limit),
             MM_TEST(the_fewest_lines_are_told),
             MM_TEST(blank_lines_at_the_end_do_not_use_up_the_limit),
             MM_TEST(work_has_a_limit_that_is_told))
