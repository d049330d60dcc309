/*
 * test_text_json_pull.c - JSON that is accepted, JSON that is not, and where it goes wrong.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text/json_pull.h"

#include "support/mm_test.h"

/* Each token as a letter: { } [ ] N(ame) S(tring) 0(number) t f n. */
static const char kind_letters[] = "{}[]NS0tfn";

static enum mm_status pull_all(struct mm_view text, char *letters, size_t cap, size_t *at)
{
    struct mm_json_pull p;
    struct mm_json_token token;
    enum mm_status st;
    size_t n = 0;
    mm_json_pull_init(&p, text);
    while ((st = mm_json_pull_next(&p, &token)) == MM_OK)
        if (n + 1 < cap)
            letters[n++] = kind_letters[token.kind];
    letters[n] = '\0';
    MM_CHECK_INT("stays where it stopped", mm_json_pull_next(&p, &token), st);
    *at = p.at;
    return st;
}

static const struct {
    const char *label;
    struct mm_view text;
    const char *letters;
} accepted[] = {
    {"object", MM_VIEW("{\"a\":1,\"b\":[true,false,null]}"), "{N0N[tfn]}"},
    {"blanks", MM_VIEW(" \t\r\n{ \"a\" : \"x\" , \"b\" : { } } \n"), "{NSN{}}"},
    {"bare string", MM_VIEW("\"x\""), "S"},
    {"bare number", MM_VIEW("-0"), "0"},
    {"numbers", MM_VIEW("[0,-1,10.25,1e5,1E+5,0.5e-10]"), "[000000]"},
    {"empty array", MM_VIEW("[]"), "[]"},
    {"nested empties", MM_VIEW("[[],{},[[]]]"), "[[]{}[[]]]"},
    {"escapes", MM_VIEW("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\ude00\""), "S"},
    {"raw UTF-8 and DEL", MM_VIEW("\"\xc3\xa9\xf0\x9f\x98\x80\x7f\""), "S"},
    {"same name twice", MM_VIEW("{\"a\":1,\"a\":2}"), "{N0N0}"},
};

static void pull_accepts_what_the_grammar_has(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(accepted); i++) {
        struct mm_guard g = mm_guard_copy(accepted[i].text);
        char letters[64];
        size_t at;
        MM_CHECK_INT(accepted[i].label, pull_all(g.view, letters, sizeof letters, &at), MM_END);
        MM_CHECK_VIEW(accepted[i].label, mm_view_of(letters), mm_view_of(accepted[i].letters));
        MM_CHECK_INT(accepted[i].label, at, g.view.len);
        mm_guard_free(&g);
    }
}

static const struct {
    const char *label;
    struct mm_view text;
    size_t at;
} refused[] = {
    {"nothing", MM_VIEW(""), 0},
    {"blanks only", MM_VIEW(" \n"), 2},
    {"two values", MM_VIEW("1 2"), 2},
    {"trailing comma, array", MM_VIEW("[1,]"), 3},
    {"trailing comma, object", MM_VIEW("{\"a\":1,}"), 7},
    {"leading comma", MM_VIEW("[,1]"), 1},
    {"no comma", MM_VIEW("[1 2]"), 3},
    {"no colon", MM_VIEW("{\"a\" 1}"), 5},
    {"name is no string", MM_VIEW("{a:1}"), 1},
    {"value missing", MM_VIEW("{\"a\":}"), 5},
    {"wrong end", MM_VIEW("[1}"), 2},
    {"end without start", MM_VIEW("]"), 0},
    {"open array", MM_VIEW("[1"), 2},
    {"open object", MM_VIEW("{\"a\":1"), 6},
    {"open string", MM_VIEW("\"abc"), 4},
    {"escape at the end", MM_VIEW("\"\\"), 1},
    {"unknown escape", MM_VIEW("\"a\\x41\""), 2},
    {"escaped NUL byte", MM_VIEW("\"a\\\0\""), 2},
    {"short \\u", MM_VIEW("\"\\u12\""), 1},
    {"\\u with no hex", MM_VIEW("\"\\u12g4\""), 1},
    {"lone high surrogate", MM_VIEW("\"\\ud800\""), 1},
    {"lone low surrogate", MM_VIEW("\"\\udc00\""), 1},
    {"high and high", MM_VIEW("\"\\ud800\\ud800\""), 1},
    {"line end in a string", MM_VIEW("\"a\nb\""), 2},
    {"NUL in a string", MM_VIEW("\"a\0b\""), 2},
    {"bad UTF-8", MM_VIEW("\"a\xff\""), 2},
    {"overlong", MM_VIEW("\"\xc0\x80\""), 1},
    {"UTF-8 cut at the end", MM_VIEW("\"\xe2\x82"), 1},
    {"leading zero", MM_VIEW("01"), 1},
    {"plus", MM_VIEW("+1"), 0},
    {"minus alone", MM_VIEW("-"), 1},
    {"no fraction", MM_VIEW("1."), 2},
    {"no exponent", MM_VIEW("1e+"), 3},
    {"NaN", MM_VIEW("NaN"), 0},
    {"half a word", MM_VIEW("tru"), 0},
    {"word and more", MM_VIEW("nullx"), 4},
    {"comment", MM_VIEW("/**/1"), 0},
    {"byte order mark", MM_VIEW("\xef\xbb\xbf{}"), 0},
};

static void pull_refuses_the_rest_and_says_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(refused); i++) {
        struct mm_guard g = mm_guard_copy(refused[i].text);
        char letters[64];
        size_t at;
        MM_CHECK_INT(refused[i].label, pull_all(g.view, letters, sizeof letters, &at), MM_E_SYNTAX);
        MM_CHECK_INT(refused[i].label, at, refused[i].at);
        mm_guard_free(&g);
    }
}

static void pull_stops_at_its_depth(void **state)
{
    (void)state;
    char text[2 * MM_JSON_DEPTH_MAX + 2], letters[2 * sizeof text];
    size_t at;
    memset(text, '[', MM_JSON_DEPTH_MAX);
    memset(text + MM_JSON_DEPTH_MAX, ']', MM_JSON_DEPTH_MAX);
    struct mm_view deepest = {text, 2 * MM_JSON_DEPTH_MAX};
    MM_CHECK_INT("deepest", pull_all(deepest, letters, sizeof letters, &at), MM_END);
    memset(text, '[', sizeof text);
    struct mm_view deeper = {text, sizeof text};
    MM_CHECK_INT("deeper", pull_all(deeper, letters, sizeof letters, &at), MM_E_LIMIT);
    MM_CHECK_INT("deeper", at, MM_JSON_DEPTH_MAX);
}

static void skip_steps_over_one_value(void **state)
{
    (void)state;
    static const char *values[] = {"1", "\"x\"", "null", "[]", "[[1,{\"b\":2}],3]", "{\"a\":[{}]}"};
    for (size_t i = 0; i < MM_COUNT(values); i++) {
        char text[100];
        struct mm_json_pull p;
        struct mm_json_token token;
        snprintf(text, sizeof text, "{\"skipped\":%s,\"next\":7}", values[i]);
        mm_json_pull_init(&p, mm_view_of(text));
        MM_CHECK_INT(values[i], mm_json_pull_next(&p, &token), MM_OK);
        MM_CHECK_INT(values[i], mm_json_pull_next(&p, &token), MM_OK);
        MM_CHECK_VIEW(values[i], token.text, MM_VIEW("skipped"));
        MM_CHECK_INT(values[i], mm_json_pull_skip(&p), MM_OK);
        MM_CHECK_INT(values[i], mm_json_pull_next(&p, &token), MM_OK);
        MM_CHECK_VIEW(values[i], token.text, MM_VIEW("next"));
        MM_CHECK_INT(values[i], mm_json_pull_next(&p, &token), MM_OK);
        MM_CHECK_VIEW(values[i], token.text, MM_VIEW("7"));
    }
}

static void tokens_know_their_offset(void **state)
{
    (void)state;
    static const size_t offsets[] = {1, 2, 7, 12, 16, 17, 18};
    struct mm_json_pull p;
    struct mm_json_token token;
    mm_json_pull_init(&p, MM_VIEW(" {\"a\": 1   ,\"b\":[]}"));
    for (size_t i = 0; i < MM_COUNT(offsets); i++) {
        MM_CHECK_INT("token", mm_json_pull_next(&p, &token), MM_OK);
        MM_CHECK_INT("offset", token.offset, offsets[i]);
    }
}

static const struct {
    const char *label;
    struct mm_view text, utf8, bytes;
} escapes[] = {
    {"none", MM_VIEW("abc"), MM_VIEW("abc"), MM_VIEW("abc")},
    {"short ones", MM_VIEW("\\\"\\\\\\/\\b\\f\\n\\r\\t"), MM_VIEW("\"\\/\b\f\n\r\t"),
     MM_VIEW("\"\\/\b\f\n\r\t")},
    {"NUL", MM_VIEW("a\\u0000b"), MM_VIEW("a\0b"), MM_VIEW("a\0b")},
    {"Latin-1", MM_VIEW("\\u00e9\\u00FF"), MM_VIEW("\xc3\xa9\xc3\xbf"), MM_VIEW("\xe9\xff")},
    {"above it", MM_VIEW("\\u0100\\u20ac"), MM_VIEW("\xc4\x80\xe2\x82\xac"),
     MM_VIEW("\xc4\x80\xe2\x82\xac")},
    {"pair", MM_VIEW("\\ud83d\\uDE00!"), MM_VIEW("\xf0\x9f\x98\x80!"),
     MM_VIEW("\xf0\x9f\x98\x80!")},
    {"last pair", MM_VIEW("\\udbff\\udfff"), MM_VIEW("\xf4\x8f\xbf\xbf"),
     MM_VIEW("\xf4\x8f\xbf\xbf")},
    {"literal UTF-8", MM_VIEW("\xc3\xa9"), MM_VIEW("\xc3\xa9"), MM_VIEW("\xc3\xa9")},
    {"lone high surrogate", MM_VIEW("a\\ud83d x"), MM_VIEW("a\xef\xbf\xbd x"),
     MM_VIEW("a\xef\xbf\xbd x")},
    {"lone low surrogate", MM_VIEW("\\ude00"), MM_VIEW("\xef\xbf\xbd"), MM_VIEW("\xef\xbf\xbd")},
    {"high and pair", MM_VIEW("\\ud83d\\ud83d\\ude00"), MM_VIEW("\xef\xbf\xbd\xf0\x9f\x98\x80"),
     MM_VIEW("\xef\xbf\xbd\xf0\x9f\x98\x80")},
};

static void lone_surrogates_pass_and_are_counted_where_that_is_asked_for(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t count;
        enum mm_status want;
    } cases[] = {
        {"\"a\\ud83d x\"", 1, MM_OK},          {"\"\\ude00\"", 1, MM_OK},
        {"\"\\ude00\\ud83d\"", 2, MM_OK},      {"\"\\ud83d\\ude00\"", 0, MM_OK},
        {"\"\\ud83d\\u0041\"", 1, MM_OK},      {"\"\\ud83d", 1, MM_E_SYNTAX},
        {"\"\\ud83d\\ude0\"", 1, MM_E_SYNTAX}, {"\"\\ud8\"", 0, MM_E_SYNTAX},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_guard g = mm_guard_copy(mm_view_of(cases[i].text));
        struct mm_json_pull p;
        struct mm_json_token token;
        mm_json_pull_init(&p, g.view);
        p.lone_surrogates_pass = true;
        MM_CHECK_INT(cases[i].text, mm_json_pull_next(&p, &token), cases[i].want);
        MM_CHECK_INT(cases[i].text, p.lone_surrogates, cases[i].count);
        mm_guard_free(&g);
    }
}

static void unescape_gives_bytes_or_utf8(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(escapes); i++) {
        char out[64];
        struct mm_guard g = mm_guard_copy(escapes[i].text);
        size_t len = mm_json_unescape(g.view, false, out);
        MM_CHECK_VIEW(escapes[i].label, ((struct mm_view){out, len}), escapes[i].utf8);
        len = mm_json_unescape(g.view, true, out);
        MM_CHECK_VIEW(escapes[i].label, ((struct mm_view){out, len}), escapes[i].bytes);
        mm_guard_free(&g);
    }
}

static void pull_never_reads_past_damaged_text(void **state)
{
    (void)state;
    static const char whole[] =
        "{\"name\":\"s1.example\",\"ttl\":-1.5e3,\"txt\":[\"v=\\u00e9\\ud83d"
        "\\ude00 \xc3\xa9\",null,true],\"x\":{}}";
    uint64_t seed = 11;
    for (int round = 0; round < 20000; round++) {
        char text[sizeof whole], letters[200];
        size_t at;
        memcpy(text, whole, sizeof whole);
        struct mm_view v = {text, mm_random(&seed) % sizeof whole};
        if (v.len)
            text[mm_random(&seed) % v.len] = (char)mm_random(&seed);
        struct mm_guard g = mm_guard_copy(v);
        pull_all(g.view, letters, sizeof letters, &at);
        MM_CHECK_TRUE("within", at <= v.len);
        mm_guard_free(&g);
    }
}

MM_TEST_MAIN(MM_TEST(pull_accepts_what_the_grammar_has),
             MM_TEST(pull_refuses_the_rest_and_says_where), MM_TEST(pull_stops_at_its_depth),
             MM_TEST(skip_steps_over_one_value), MM_TEST(tokens_know_their_offset),
             MM_TEST(lone_surrogates_pass_and_are_counted_where_that_is_asked_for),
             MM_TEST(unescape_gives_bytes_or_utf8), MM_TEST(pull_never_reads_past_damaged_text))
