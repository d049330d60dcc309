/*
 * test_auth_signature_prefix.c - header.b: eight characters, or as many as tell signatures apart.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "auth/signature_prefix.h"

#include "support/mm_test.h"

enum { MAX_BYTES = 32, SIGNATURES = 4 };

static const struct {
    const char *label, *b[SIGNATURES], *shown[SIGNATURES];
} cases[] = {
    {"one", {"abcdefghijk"}, {"abcdefgh"}},
    {"short", {"abc"}, {"abc"}},
    {"none", {""}, {""}},
    {"white space", {"ab\r\n\tcd ef gh ij"}, {"abcdefgh"}},
    {"all apart", {"abcdefghi", "bbcdefghi"}, {"abcdefgh", "bbcdefgh"}},
    {"the ninth differs", {"abcdefghXi", "abcdefghYi"}, {"abcdefghX", "abcdefghY"}},
    {"the case differs", {"abcdefghi", "ABCDEFGHI"}, {"abcdefgh", "ABCDEFGH"}},
    {"two of three are near",
     {"abcdefgh1z", "zzzzzzzzzz", "abcdefgh2z"},
     {"abcdefgh1", "zzzzzzzz", "abcdefgh2"}},
    {"each as long as it must be",
     {"aaaaaaaa11x", "aaaaaaaa12x", "aaaaaaaa2xx"},
     {"aaaaaaaa11", "aaaaaaaa12", "aaaaaaaa2"}},
    {"white space does not tell", {"abcdefghXi", "a bcdefghYi"}, {"abcdefghX", "abcdefghY"}},
    {"the same twice", {"abcdefghijk", "abcdefghijk"}, {"abcdefgh", "abcdefgh"}},
    {"the same twice, and one near",
     {"abcdefgh1k", "abcdefgh1k", "abcdefgh2k", "abcdefgh1k"},
     {"abcdefgh1", "abcdefgh1", "abcdefgh2", "abcdefgh1"}},
    {"one begins the other", {"abcdefghij", "abcdefghijk"}, {"abcdefghij", "abcdefghijk"}},
    {"short ones", {"a", "ab", "b"}, {"a", "ab", "b"}},
    {"alike as far as we look",
     {"0123456789abcdef0123456789abcdefX", "0123456789abcdef0123456789abcdefY"},
     {"01234567", "01234567"}},
};

static void prefixes_tell_signatures_apart(void **state)
{
    (void)state;
    struct mm_arena arena;
    mm_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_dkim_signature s[SIGNATURES] = {{0}};
        struct mm_view shown[SIGNATURES];
        size_t count = 0;
        for (; count < SIGNATURES && cases[i].b[count]; count++)
            s[count].b = mm_view_of(cases[i].b[count]);
        MM_CHECK_INT(cases[i].label, mm_signature_prefixes(s, count, MAX_BYTES, &arena, shown),
                     MM_OK);
        for (size_t k = 0; k < count; k++)
            MM_CHECK_VIEW(cases[i].label, shown[k], mm_view_of(cases[i].shown[k]));
    }
    mm_arena_deinit(&arena);
}

/* The rule as it is written: the least prefix from eight on that no other signature has. */
static size_t plain_length(const struct mm_view *all, size_t count, size_t which)
{
    size_t n = all[which].len < 8 ? all[which].len : 8;
    for (size_t i = 0; i < count; i++) {
        if (mm_view_eq(all[i], all[which]))
            continue;
        while (n < all[which].len && mm_view_starts(all[i], mm_view_sub(all[which], 0, n)))
            n++;
    }
    return n;
}

static void prefixes_agree_with_the_rule_for_random_signatures(void **state)
{
    (void)state;
    enum { COUNT = 12, LENGTH = 24 };
    static char text[COUNT][LENGTH];
    uint64_t seed = 6008;
    struct mm_arena arena;
    mm_arena_init(&arena, 1 << 20);
    for (int round = 0; round < 3000; round++) {
        struct mm_dkim_signature s[COUNT] = {{0}};
        struct mm_view b[COUNT], shown[COUNT];
        for (size_t k = 0; k < COUNT; k++) {
            for (size_t i = 0; i < LENGTH; i++)
                text[k][i] = mm_random(&seed) % 8 ? 'a' : 'b';
            s[k].b = b[k] = (struct mm_view){text[k], mm_random(&seed) % (LENGTH + 1)};
        }
        MM_CHECK_INT("random", mm_signature_prefixes(s, COUNT, MAX_BYTES, &arena, shown), MM_OK);
        for (size_t k = 0; k < COUNT; k++)
            MM_CHECK_VIEW("random", shown[k], mm_view_sub(b[k], 0, plain_length(b, COUNT, k)));
        mm_arena_reset(&arena);
    }
    mm_arena_deinit(&arena);
}

static void no_memory_is_said(void **state)
{
    (void)state;
    struct mm_arena arena;
    struct mm_dkim_signature s = {.b = MM_VIEW("abcdefgh")};
    struct mm_view shown;
    mm_arena_init(&arena, 16);
    MM_CHECK_INT("16 bytes", mm_signature_prefixes(&s, 1, MAX_BYTES, &arena, &shown), MM_E_NOMEM);
    mm_arena_deinit(&arena);
}

MM_TEST_MAIN(MM_TEST(prefixes_tell_signatures_apart),
             MM_TEST(prefixes_agree_with_the_rule_for_random_signatures),
             MM_TEST(no_memory_is_said))
