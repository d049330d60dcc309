/*
 * test_dkim_canon_body.c - bodies of known digest, and every form against a model on random input.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/canon_body.h"

#include "base/cpu.h"
#include "support/canon_model.h"

enum { SIMPLE = 1, RELAXED = 2, BOTH = 3 };

#define EMPTY_SIMPLE  "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY="
#define EMPTY_RELAXED "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define LETTER_A      "jkYhN5eG70Kk/sFVzVJcKR3X2zwf3jR4Ui9PYcA/0b0="
#define BLANK_A       "+XtPzaPbbZ5SxJybKNm0w8KWahR3VLbbOmDeeofaSbk="

/* Digests of well-known bodies: RFC 6376 section 3.4.5, RFC 4871 errata 1376 and 1377, and others
 * that verifiers agree on. */
static const struct {
    const char *label;
    int canons;
    const char *body, *sha256;
} known[] = {
    {"absent", SIMPLE, "", EMPTY_SIMPLE},
    {"absent", RELAXED, "", EMPTY_RELAXED},
    {"one empty line", SIMPLE, "\r\n", EMPTY_SIMPLE},
    {"one empty line", RELAXED, "\r\n", EMPTY_RELAXED},
    {"empty lines", SIMPLE, "\r\n\r\n\r\n", EMPTY_SIMPLE},
    {"empty lines", RELAXED, "\r\n\r\n\r\n", EMPTY_RELAXED},
    {"lines of blanks", RELAXED, " \r\n\t\r\n \t \r\n", EMPTY_RELAXED},
    {"no final line end", BOTH, "a", LETTER_A},
    {"one line", BOTH, "a\r\n", LETTER_A},
    {"one line with LF", BOTH, "a\n", LETTER_A},
    {"empty lines after it", BOTH, "a\r\n\r\n\r\n", LETTER_A},
    {"empty lines after it with LF", BOTH, "a\n\n\n", LETTER_A},
    {"line of a blank after it", RELAXED, "a\r\n \r\n", LETTER_A},
    {"line of a blank after it", SIMPLE, "a\r\n \r\n",
     "ZO3D7rdoCJvvsca7ByQ7rWtdZIR/wo1wyF+eBMjazgQ="},
    {"one blank", SIMPLE, " \r\n", "a99mtb8qROZYvqLuhmlasVCgbmAL9nzVzOJFrVSWLGE="},
    {"one blank", RELAXED, " \r\n", EMPTY_RELAXED},
    {"blanks before the line end", RELAXED, "a \t\r\n", LETTER_A},
    {"blank at the very end", RELAXED, "a ", LETTER_A},
    {"blanks in front: SP", RELAXED, " a\r\n", BLANK_A},
    {"blanks in front: HTAB", RELAXED, "\ta\r\n", BLANK_A},
    {"blanks in front: several", RELAXED, " \t a\r\n", BLANK_A},
    {"RFC 6376 section 3.4.5", RELAXED, " C \r\nD \t E\r\n\r\n\r\n",
     "unak6JHq0wL+Q1HP7dW1tjBx9FLA6DffoZ0qrLwbbpo="},
    {"RFC 6376 section 3.4.5", SIMPLE, " C \r\nD \t E\r\n\r\n\r\n",
     "NOeivbQlDH9TmNKJUw7D53wZfsk8YMZ/hTuVVwTgi8s="},
};

static void run_in_every_way(struct mm_view body, enum mm_canon canon, const char *label,
                             const char *sha256)
{
    static const struct {
        const char *name;
        mm_feed_fn *feed;
        size_t piece_max;
    } ways[] = {
        {"fast", mm_canon_body_feed, 0},
        {"fast, a byte at a time", mm_canon_body_feed, 1},
        {"reference", mm_canon_body_feed_reference, 0},
        {"reference, a byte at a time", mm_canon_body_feed_reference, 1},
    };
    struct mm_buf out;
    char digest[64];
    uint64_t seed = 1;
    mm_buf_init(&out, 1 << 20);
    for (size_t i = 0; i < MM_COUNT(ways); i++) {
        mm_run_body(&out, ways[i].feed, canon, body, ways[i].piece_max, 512, &seed);
        mm_digest_base64("SHA256", mm_buf_view(&out), digest);
        if (strcmp(digest, sha256) != 0)
            print_error("way: %s, %s\n", ways[i].name, canon ? "relaxed" : "simple");
        MM_CHECK_VIEW(label, mm_view_of(digest), mm_view_of(sha256));
    }
    mm_buf_deinit(&out);
}

static void bodies_of_known_digest(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(known); i++) {
        struct mm_guard g = mm_guard_copy(mm_view_of(known[i].body));
        if (known[i].canons & SIMPLE)
            run_in_every_way(g.view, MM_CANON_SIMPLE, known[i].label, known[i].sha256);
        if (known[i].canons & RELAXED)
            run_in_every_way(g.view, MM_CANON_RELAXED, known[i].label, known[i].sha256);
        mm_guard_free(&g);
    }
}

static void empty_bodies_have_the_known_sha1(void **state)
{
    (void)state;
    struct mm_buf out;
    char digest[64];
    uint64_t seed = 1;
    mm_buf_init(&out, 64);
    mm_run_body(&out, mm_canon_body_feed, MM_CANON_SIMPLE, MM_VIEW("\r\n"), 0, 512, &seed);
    mm_digest_base64("SHA1", mm_buf_view(&out), digest);
    assert_string_equal(digest, "uoq1oCgLlTqpdDX/iUbLy7J1Wic=");
    mm_run_body(&out, mm_canon_body_feed, MM_CANON_RELAXED, MM_VIEW("\r\n"), 0, 512, &seed);
    mm_digest_base64("SHA1", mm_buf_view(&out), digest);
    assert_string_equal(digest, "2jmj7l5rSw0yVb/vlWAYkK/YBwk=");
    mm_buf_deinit(&out);
}

/* Input and both canonical forms, spelled out. */
static const struct {
    const char *label, *body, *simple, *relaxed;
} spelled[] = {
    {"empty lines in the middle stay", "a\r\n\r\n\r\nb\r\n", "a\r\n\r\n\r\nb\r\n",
     "a\r\n\r\n\r\nb\r\n"},
    {"blanks in the middle become an empty line", "a\r\n \t\r\nb\r\n", "a\r\n \t\r\nb\r\n",
     "a\r\n\r\nb\r\n"},
    {"form feed, VT and NBSP are content", "\f\r\na\v \r\n\xa0\r\n", "\f\r\na\v \r\n\xa0\r\n",
     "\f\r\na\v\r\n\xa0\r\n"},
    {"LF counts as CRLF", "a \nb\n\n", "a \r\nb\r\n", "a\r\nb\r\n"},
    {"mixed line ends", "a\nb\r\nc\n\r\n", "a\r\nb\r\nc\r\n", "a\r\nb\r\nc\r\n"},
    {"CR is content", "a\rb \r c\r\n", "a\rb \r c\r\n", "a\rb \r c\r\n"},
    {"CR at the end is content", "a \r", "a \r\r\n", "a \r\r\n"},
    {"CR after an empty line", "a\r\n\r\n\r", "a\r\n\r\n\r\r\n", "a\r\n\r\n\r\r\n"},
    {"CR CR LF", "a\r\r\n", "a\r\r\n", "a\r\r\n"},
    {"a lone CR is a body", "\r", "\r\r\n", "\r\r\n"},
    {"LF CR", "a\n\rb\n", "a\r\n\rb\r\n", "a\r\n\rb\r\n"},
    {"dots stay as they are", ".\r\n..\r\n", ".\r\n..\r\n", ".\r\n..\r\n"},
    {"blanks at the end without a line end", "a\r\n  ", "a\r\n  \r\n", "a\r\n"},
};

static void bodies_spelled_out(void **state)
{
    (void)state;
    struct mm_buf out;
    uint64_t seed = 1;
    mm_buf_init(&out, 4096);
    for (size_t i = 0; i < MM_COUNT(spelled); i++) {
        for (size_t piece = 0; piece < 4; piece++) {
            struct mm_view body = mm_view_of(spelled[i].body);
            mm_run_body(&out, mm_canon_body_feed, MM_CANON_SIMPLE, body, piece, 300, &seed);
            MM_CHECK_VIEW(spelled[i].label, mm_buf_view(&out), mm_view_of(spelled[i].simple));
            mm_run_body(&out, mm_canon_body_feed, MM_CANON_RELAXED, body, piece, 300, &seed);
            MM_CHECK_VIEW(spelled[i].label, mm_buf_view(&out), mm_view_of(spelled[i].relaxed));
        }
        mm_model_body(&out, MM_CANON_SIMPLE, mm_view_of(spelled[i].body));
        MM_CHECK_VIEW(spelled[i].label, mm_buf_view(&out), mm_view_of(spelled[i].simple));
        mm_model_body(&out, MM_CANON_RELAXED, mm_view_of(spelled[i].body));
        MM_CHECK_VIEW(spelled[i].label, mm_buf_view(&out), mm_view_of(spelled[i].relaxed));
    }
    mm_buf_deinit(&out);
}

/* Bytes of one of several kinds: prose, soup of blanks and line ends, long runs, any bytes. */
static size_t random_body(char *out, size_t cap, uint64_t *seed)
{
    static const char *const kinds[] = {
        "abcdefghij  ", "ab \r\n\t", "a\n ", "a\r\n", "aaaaaaaaaaaaaaaaaaaaaaaa\r\n \t",
        " \t\r",        "\n\r",
    };
    size_t len = mm_random(seed) % (cap + 1), kind = mm_random(seed) % (MM_COUNT(kinds) + 2);
    for (size_t i = 0; i < len;) {
        uint64_t r = mm_random(seed);
        if (kind < MM_COUNT(kinds)) {
            out[i++] = kinds[kind][r % strlen(kinds[kind])];
        } else if (kind == MM_COUNT(kinds)) {
            out[i++] = (char)(r >> 32);
        } else {
            char c = "a \t\r\n"[r % 5]; /* a run of one byte around the size of a block */
            for (size_t run = (r >> 8) % 140; run > 0 && i < len; run--)
                out[i++] = c;
        }
        if (i < len && i >= 60 && r % 97 == 0)
            i += (size_t)snprintf(out + i, 3, "%s", r & 128 && i + 2 < len ? "\r\n" : "\n");
    }
    return len;
}

static void check_body(struct mm_view body, struct mm_buf *want, struct mm_buf *got, uint64_t *seed)
{
    for (int canon = MM_CANON_SIMPLE; canon <= MM_CANON_RELAXED; canon++) {
        mm_model_body(want, canon, body);
        size_t piece = (size_t[]){0, 0, 3, 80, 300}[mm_random(seed) % 5];
        size_t cap = (size_t[]){256, 300, 1000, 4000}[mm_random(seed) % 4];
        mm_run_body(got, mm_canon_body_feed, canon, body, piece, cap, seed);
        MM_CHECK_VIEW("fast form", mm_buf_view(got), mm_buf_view(want));
        mm_run_body(got, mm_canon_body_feed_reference, canon, body, piece, cap, seed);
        MM_CHECK_VIEW("reference", mm_buf_view(got), mm_buf_view(want));
    }
}

static void random_bodies_agree_with_the_model_on_every_tier(void **state)
{
    (void)state;
    static char text[1500];
    struct mm_buf want, got;
    uint64_t seed = 6376;
    mm_buf_init(&want, 16384);
    mm_buf_init(&got, 16384);
    mm_cpu_limit(MM_CPU_AVX512);
    enum mm_cpu_tier best = mm_cpu_tier();
    for (int tier = MM_CPU_PORTABLE; tier <= MM_CPU_AVX512; tier++) {
        if (tier > (int)best) {
            print_message("# no %s here\n", mm_cpu_tier_name(tier));
            continue;
        }
        mm_cpu_limit(tier);
        for (int round = 0; round < 6000; round++) {
            size_t len = random_body(text, round % 3 ? 200 : sizeof text - 2, &seed);
            struct mm_view body = {text, len};
            struct mm_guard g = round & 1 ? mm_guard_copy(body) : mm_guard_copy_front(body);
            check_body(g.view, &want, &got, &seed);
            mm_guard_free(&g);
        }
    }
    mm_cpu_limit(MM_CPU_AVX512);
    mm_buf_deinit(&want);
    mm_buf_deinit(&got);
}

static void every_split_in_two_gives_the_same_bytes(void **state)
{
    (void)state;
    static const char text[] = "  a\r\n\r\n b \t c\r\n \r\n\r\nd\re \r\n\n\nf \n\t\r\n\r\n  ";
    struct mm_view body = {text, sizeof text - 1};
    struct mm_buf want;
    char out[MM_CANON_OUT_MIN * 2];
    mm_buf_init(&want, 4096);
    for (int canon = MM_CANON_SIMPLE; canon <= MM_CANON_RELAXED; canon++) {
        mm_model_body(&want, canon, body);
        for (size_t cut = 0; cut <= body.len; cut++) {
            struct mm_canon_body c;
            mm_canon_body_init(&c, canon);
            struct mm_view first = mm_view_sub(body, 0, cut);
            struct mm_view second = mm_view_sub(body, cut, body.len - cut);
            size_t len = mm_canon_body_feed(&c, &first, out, sizeof out);
            len += mm_canon_body_feed(&c, &second, out + len, sizeof out - len);
            len += mm_canon_body_end(&c, out + len);
            MM_CHECK_VIEW("split", ((struct mm_view){out, len}), mm_buf_view(&want));
        }
    }
    mm_buf_deinit(&want);
}

static void feed_blocks(struct mm_canon_body *c, struct mm_view in, uint64_t *total)
{
    static char out[4096];
    while (in.len > 0)
        *total += mm_canon_body_feed(c, &in, out, sizeof out);
}

static void ten_million_empty_lines_are_a_counter(void **state)
{
    (void)state;
    static char lines[100000];
    for (size_t i = 0; i < sizeof lines; i += 2)
        memcpy(lines + i, "\r\n", 2);
    for (int canon = MM_CANON_SIMPLE; canon <= MM_CANON_RELAXED; canon++) {
        struct mm_canon_body c;
        uint64_t total = 0;
        char end[8];
        mm_canon_body_init(&c, canon);
        feed_blocks(&c, MM_VIEW("a"), &total);
        for (int i = 0; i < 200; i++)
            feed_blocks(&c, (struct mm_view){lines, sizeof lines}, &total);
        MM_CHECK_INT("nothing yet", total, 1);
        MM_CHECK_INT("counted", c.pending_lines, 10000000);
        struct mm_canon_body again = c;
        feed_blocks(&again, MM_VIEW("x"), &total);
        MM_CHECK_INT("they all come back", total, 2 * 10000000 + 2);
        MM_CHECK_INT("end", mm_canon_body_end(&c, end), 2);
        MM_CHECK_INT("end once", mm_canon_body_end(&c, end), 0);
        MM_CHECK_INT("bytes", c.out_bytes, 3);
    }
}

static void end_hands_out_empty_lines_before_a_lone_cr_in_parts(void **state)
{
    (void)state;
    struct mm_buf want, got;
    char text[100];
    uint64_t seed = 1;
    mm_buf_init(&want, 1024);
    mm_buf_init(&got, 1024);
    for (size_t lines = 0; lines < 20; lines++) {
        memset(text, '\n', lines);
        memcpy(text + lines, " \r", 2);
        for (int canon = MM_CANON_SIMPLE; canon <= MM_CANON_RELAXED; canon++) {
            mm_model_body(&want, canon, (struct mm_view){text, lines + 2});
            mm_run_body(&got, mm_canon_body_feed, canon, (struct mm_view){text, lines + 2}, 0, 256,
                        &seed);
            MM_CHECK_VIEW("lines, blank, CR", mm_buf_view(&got), mm_buf_view(&want));
        }
    }
    mm_buf_deinit(&want);
    mm_buf_deinit(&got);
}

static void a_line_of_a_megabyte_is_copied(void **state)
{
    (void)state;
    struct mm_buf text, got;
    uint64_t seed = 1;
    mm_buf_init(&text, 2 << 20);
    mm_buf_init(&got, 2 << 20);
    for (int i = 0; i < 1 << 20; i++)
        mm_buf_append_char(&text, i % 200 ? (char)(0x21 + i % 200) : '\0');
    mm_run_body(&got, mm_canon_body_feed, MM_CANON_RELAXED, mm_buf_view(&text), 0, 65536, &seed);
    mm_buf_append_str(&text, "\r\n");
    MM_CHECK_VIEW("8 bits, NUL, no line end", mm_buf_view(&got), mm_buf_view(&text));
    mm_buf_deinit(&text);
    mm_buf_deinit(&got);
}

static void simple_trim_is_a_head_of_the_body_and_maybe_a_line_end(void **state)
{
    (void)state;
    static const char pieces[] = "ab\r ";
    struct mm_buf want, body;
    uint64_t seed = 51;
    mm_buf_init(&want, 4096);
    mm_buf_init(&body, 4096);
    for (int round = 0; round < 20000; round++) {
        mm_buf_clear(&body);
        for (uint64_t n = mm_random(&seed) % 12; n > 0; n--) {
            if (mm_random(&seed) % 2)
                mm_buf_append_str(&body, "\r\n");
            else
                mm_buf_append_char(&body, pieces[mm_random(&seed) % 4]);
        }
        bool add_crlf = false;
        struct mm_view head = mm_canon_body_simple_trim(mm_buf_view(&body), &add_crlf);
        mm_model_body(&want, MM_CANON_SIMPLE, mm_buf_view(&body));
        MM_CHECK_INT("length", head.len + 2 * (size_t)add_crlf, want.len);
        MM_CHECK_VIEW("head", head, mm_view_sub(mm_buf_view(&want), 0, head.len));
    }
    mm_buf_deinit(&want);
    mm_buf_deinit(&body);
}

MM_TEST_MAIN(MM_TEST(bodies_of_known_digest), MM_TEST(empty_bodies_have_the_known_sha1),
             MM_TEST(bodies_spelled_out), MM_TEST(random_bodies_agree_with_the_model_on_every_tier),
             MM_TEST(every_split_in_two_gives_the_same_bytes),
             MM_TEST(ten_million_empty_lines_are_a_counter),
             MM_TEST(end_hands_out_empty_lines_before_a_lone_cr_in_parts),
             MM_TEST(a_line_of_a_megabyte_is_copied),
             MM_TEST(simple_trim_is_a_head_of_the_body_and_maybe_a_line_end))
