/*
 * test_report_text_patterns.c - which patterns a text has, compared with one search after the
 * other.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report/text_patterns.h"
#include "support/mm_test.h"

static const struct {
    const char *label, *pattern, *text;
    bool found;
} cases[] = {
    {"a word", "quota", "550 over quota", true},
    {"case aside", "OVER Quota", "Over qUOTA", true},
    {"not inside a word on the right", "quota", "a quotation", false},
    {"not inside a word on the left", "ban", "urban", false},
    {"a star lets a word go on", "quot*", "a quotation", true},
    {"a star in front", "*box", "mailbox", true},
    {"beside signs", "quota", "(quota)", true},
    {"a sign at its end needs no border", "user:", "user:x", true},
    {"white space of any kind", "user unknown", "user\r\n \tunknown", true},
    {"a gap", "mailbox * full", "mailbox of joe is full", true},
    {"a gap of nothing but a blank", "mailbox * full", "mailbox full", true},
    {"pieces in order", "full * mailbox", "mailbox is full", false},
    {"pieces do not share bytes", "aa * aa", "aa", false},
    {"the same piece twice", "aa * aa", "aa b aa", true},
    {"the first of two is followed by the second", "user * unknown", "unknown user unknown", true},
    {"a gap inside a word", "host*known", "hostunknown", true},
    {"a blank beside the star is a border", "host *", "hostile", false},
    {"whole text", "x", "x", true},
    {"empty text", "x", "", false},
    {"bytes over 127 are no letters", "user", "\xc3\xa9user\xc3\xa9", true},
};

static bool finds(const char *pattern, struct mm_view text)
{
    struct mm_arena arena;
    struct mm_text_patterns set;
    struct mm_pattern_hits hits;
    uint32_t id;
    mm_arena_init(&arena, 1 << 20);
    mm_text_patterns_init(&set, &arena);
    assert_int_equal(mm_text_patterns_add(&set, mm_view_of(pattern), &id), MM_OK);
    assert_int_equal(mm_text_patterns_seal(&set), MM_OK);
    assert_int_equal(mm_pattern_hits_init(&hits, &set, &arena), MM_OK);
    char *flat = malloc(text.len + 1);
    struct mm_guard g = mm_guard_copy(mm_text_flatten(flat, text));
    mm_text_patterns_scan(&set, g.view, &hits);
    bool found = mm_pattern_hit(&set, &hits, id);
    mm_guard_free(&g);
    free(flat);
    mm_arena_deinit(&arena);
    return found;
}

static void patterns_are_words_with_gaps(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(cases); i++)
        MM_CHECK_INT(cases[i].label, finds(cases[i].pattern, mm_view_of(cases[i].text)),
                     cases[i].found);
}

static void patterns_that_say_nothing_are_refused(void **state)
{
    (void)state;
    struct mm_arena arena;
    struct mm_text_patterns set;
    uint32_t id;
    char longest[MM_PATTERN_MAX_BYTES + 1];
    mm_arena_init(&arena, 1 << 20);
    mm_text_patterns_init(&set, &arena);
    memset(longest, 'x', sizeof longest);
    assert_int_equal(mm_text_patterns_add(&set, MM_VIEW(""), &id), MM_E_SYNTAX);
    assert_int_equal(mm_text_patterns_add(&set, MM_VIEW(" * "), &id), MM_E_SYNTAX);
    assert_int_equal(mm_text_patterns_add(&set, MM_VIEW("a*b*c*d*e*f*g*h*i"), &id), MM_E_SYNTAX);
    assert_int_equal(mm_text_patterns_add(&set, (struct mm_view){longest, sizeof longest}, &id),
                     MM_E_SYNTAX);
    assert_int_equal(mm_text_patterns_add(&set, (struct mm_view){longest, sizeof longest - 1}, &id),
                     MM_OK);
    mm_arena_deinit(&arena);
}

/* ---- against a search for each pattern by itself ---- */

static bool word_at(struct mm_view text, size_t at)
{
    return at < text.len && text.data[at] >= 'a' && text.data[at] <= 'z';
}

/* Where the literal first stands at or behind `from`, with borders as asked; len + 1 for nowhere.
 */
static size_t search(struct mm_view text, size_t from, const char *word, size_t len, bool left,
                     bool right)
{
    for (size_t at = from; at + len <= text.len; at++)
        if (memcmp(text.data + at, word, len) == 0 && !(left && at && word_at(text, at - 1)) &&
            !(right && word_at(text, at + len)))
            return at;
    return text.len + 1;
}

/* Two words with a gap: "w1*w2", "w1 * w2" or one word. */
static bool plain_finds(struct mm_view text, const char *pattern)
{
    const char *star = strchr(pattern, '*');
    size_t len = star ? (size_t)(star - pattern) : strlen(pattern);
    bool spaced = star && len && pattern[len - 1] == ' ';
    size_t at = search(text, 0, pattern, len - spaced, true, !star || spaced);
    if (!star || at > text.len)
        return at <= text.len;
    const char *second = star + 1 + (star[1] == ' ');
    return search(text, at + len - spaced, second, strlen(second), spaced, true) <= text.len;
}

static void many_patterns_are_found_as_each_would_be_alone(void **state)
{
    (void)state;
    enum { PATTERNS = 200, TEXTS = 300 };
    static char patterns[PATTERNS][16];
    uint64_t seed = 7;
    struct mm_arena arena;
    struct mm_text_patterns set;
    struct mm_pattern_hits hits;
    mm_arena_init(&arena, 1 << 22);
    mm_text_patterns_init(&set, &arena);
    for (uint32_t i = 0; i < PATTERNS; i++) {
        uint32_t id;
        char words[2][4] = {{0}};
        for (int w = 0; w < 2; w++)
            for (uint64_t c = 0, len = 1 + mm_random(&seed) % 3; c < len; c++)
                words[w][c] = (char)('a' + mm_random(&seed) % 3);
        static const char *const joints[] = {"", "*", " * "};
        const char *joint = joints[mm_random(&seed) % 3];
        snprintf(patterns[i], sizeof patterns[i], "%s%s%s", words[0], joint,
                 joint[0] ? words[1] : "");
        assert_int_equal(mm_text_patterns_add(&set, mm_view_of(patterns[i]), &id), MM_OK);
        assert_int_equal(id, i);
    }
    assert_int_equal(mm_text_patterns_seal(&set), MM_OK);
    assert_int_equal(mm_pattern_hits_init(&hits, &set, &arena), MM_OK);
    for (int n = 0; n < TEXTS; n++) {
        char text[24];
        size_t len = mm_random(&seed) % sizeof text;
        for (size_t i = 0; i < len; i++)
            text[i] = " abc"[mm_random(&seed) % 4];
        char flat[sizeof text];
        struct mm_guard g = mm_guard_copy(mm_text_flatten(flat, (struct mm_view){text, len}));
        mm_text_patterns_scan(&set, g.view, &hits);
        for (uint32_t i = 0; i < PATTERNS; i++)
            MM_CHECK_INT(patterns[i], mm_pattern_hit(&set, &hits, i),
                         plain_finds(g.view, patterns[i]));
        mm_guard_free(&g);
    }
    mm_arena_deinit(&arena);
}

MM_TEST_MAIN(MM_TEST(patterns_are_words_with_gaps), MM_TEST(patterns_that_say_nothing_are_refused),
             MM_TEST(many_patterns_are_found_as_each_would_be_alone))
