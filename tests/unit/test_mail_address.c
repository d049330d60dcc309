/*
 * test_mail_address.c - the author's address out of From fields, honest and tricky.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "mail/address.h"

#include "support/mm_test.h"

/* local|domain, or NULL where there is no address */
static const struct {
    const char *label, *value, *want;
} cases[] = {
    {"bare", "a@example.org", "a|example.org"},
    {"blanks around", "  a@example.org \t", "a|example.org"},
    {"name and brackets", "Jo Q. Public <a@example.org>", "a|example.org"},
    {"no blank before the bracket", "Jo<a@example.org>", "a|example.org"},
    {"quoted name", "\"Jo, the <x@y.org> one\" <a@example.org>", "a|example.org"},
    {"quoted pair in the name", "\"Jo \\\" <x@y.org>\" <a@example.org>", "a|example.org"},
    {"encoded name", "=?utf-8?Q?J=C3=B6?= <a@example.org>", "a|example.org"},
    {"8-bit name", "J\xc3\xb6 <a@example.org>", "a|example.org"},
    {"comment behind", "a@example.org (Jo <x@y.org>)", "a|example.org"},
    {"comment in front", "(x@y.org) a@example.org", "a|example.org"},
    {"nested comments", "(a (b) \\) c) a(b(c)d)@(e)example(f).(g)org", "a|example.org"},
    {"folds", "Jo\r\n <a@\r\n example.org>", "a|example.org"},
    {"fold inside the domain", "<a@example.\n org>", "a|example.org"},
    {"dots with blanks", "john . smith @ example . org", "john.smith|example.org"},
    {"quoted local part", "\"jo public\"@example.org", "jo public|example.org"},
    {"quoted local part with pairs", "<\"a\\\"b\\\\\"@example.org>", "a\"b\\|example.org"},
    {"quoted local part, folded", "\"a\r\n b\"@example.org", "a b|example.org"},
    {"quoted word and atom", "\"a\".b@example.org", "a.b|example.org"},
    {"empty quoted local part", "\"\"@example.org", "|example.org"},
    {"local part with odd dots", "<.a..b.@example.org>", ".a..b.|example.org"},
    {"domain literal", "a@[192.0.2.1]", "a|[192.0.2.1]"},
    {"trailing dot", "a@example.org.", "a|example.org."},
    {"U-label",
     "a@b\xc3\xbc"
     "cher.example",
     "a|b\xc3\xbc"
     "cher.example"},
    {"list", "a@example.org, b@example.net", "a|example.org"},
    {"empty items first", " , ,a@example.org", "a|example.org"},
    {"item without address first", "Jo, a@example.org", "a|example.org"},
    {"group", "Friends: Jo <a@example.org>, b@example.net;", "a|example.org"},
    {"empty group, then one", "none:; , a@example.org", "a|example.org"},
    {"source route", "<@x.org,@y.org:a@example.org>", "a|example.org"},
    {"brackets outrank what stands before", "x@y.org <a@example.org>", "a|example.org"},
    {"brackets outrank through blanks", "x@y.org Jo <a@example.org>", "a|example.org"},
    {"first brackets count", "<a@example.org> <x@y.org>", "a|example.org"},
    {"text behind brackets", "<a@example.org> at: home", "a|example.org"},
    {"missing bracket at the end", "Jo <a@example.org", "a|example.org"},
    {"words in front of a bare address", "Jo Public a@example.org", "a|example.org"},
    {"mailto", "mailto:a@example.org", "a|example.org"},

    {"empty", "", NULL},
    {"blanks", " \r\n ", NULL},
    {"name only", "Jo Public", NULL},
    {"empty brackets", "Jo <>", NULL},
    {"no domain", "<a@>", NULL},
    {"no local part", "<@example.org>", NULL},
    {"no local part, bare", "@example.org", NULL},
    {"empty group", "undisclosed-recipients:;", NULL},
    {"two at signs", "a@b@example.org", NULL},
    {"two at signs in brackets", "<a@b@example.org>", NULL},
    {"two words in brackets", "<x a@example.org>", NULL},
    {"list inside bad brackets", "<x y, a@example.org>", NULL},
    {"brackets without address behind one", "x@y.org <nobody>", NULL},
    {"domain begins with a dot", "a@.example.org", NULL},
    {"colon behind the domain", "a@example.org:x", NULL},
    {"bracket closes nothing", "a@example.org>", NULL},
    {"control byte in the domain", "a@example\x01.org", NULL},
    {"backslash in the domain", "a@example\\.org", NULL},
    {"quote runs to the end", "\"Jo <a@example.org>", NULL},
    {"comment runs to the end", "(Jo <a@example.org>", NULL},
    {"literal runs to the end", "a@[192.0.2.1", NULL},
    {"blank in a literal", "a@[192.0.2. 1]", NULL},
};

static void check_case(const char *label, struct mm_view value, const char *want)
{
    struct mm_arena arena;
    struct mm_address got;
    mm_arena_init(&arena, 1 << 20);
    enum mm_status st = mm_address_first(value, &arena, &got);
    MM_CHECK_INT(label, st, want ? MM_OK : MM_E_SYNTAX);
    if (want) {
        struct mm_view local, domain;
        mm_view_cut(mm_view_of(want), '|', &local, &domain);
        MM_CHECK_VIEW(label, got.local, local);
        MM_CHECK_VIEW(label, got.domain, domain);
    }
    mm_arena_deinit(&arena);
}

static void addresses_are_found_where_mail_readers_find_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_guard g = mm_guard_copy(mm_view_of(cases[i].value));
        check_case(cases[i].label, g.view, cases[i].want);
        mm_guard_free(&g);
    }
    check_case("NUL in the domain", MM_VIEW("a@example.org\0.net"), NULL);
    check_case("NUL in the name", MM_VIEW("Jo\0 <a@example.org>"), "a|example.org");
}

static void plain_addresses_borrow(void **state)
{
    (void)state;
    struct mm_arena arena;
    struct mm_address got;
    struct mm_view value = MM_VIEW("\"Jo\" (x) <a.b@mail.example.org> (y)");
    mm_arena_init(&arena, 1 << 20);
    MM_CHECK_INT("status", mm_address_first(value, &arena, &got), MM_OK);
    MM_CHECK_INT("arena", arena.used_bytes, 0);
    MM_CHECK_TRUE("local", got.local.data == value.data + 10);
    mm_arena_deinit(&arena);
}

static void no_memory_is_told_from_no_address(void **state)
{
    (void)state;
    struct mm_arena arena;
    struct mm_address got;
    mm_arena_init(&arena, 0);
    MM_CHECK_INT("copy needed", mm_address_first(MM_VIEW("a@b . org"), &arena, &got), MM_E_NOMEM);
    MM_CHECK_INT("no copy needed", mm_address_first(MM_VIEW("a@b.org"), &arena, &got), MM_OK);
    mm_arena_deinit(&arena);
}

/* Ten thousand broken mailboxes must not cost ten thousand copies. */
static void hostile_lists_cost_one_copy_at_most(void **state)
{
    (void)state;
    static const char *const pieces[] = {"a(b)c@(,", "\"\\a\\b\"@[,", "a.(x)b@c.(d)e@f,",
                                         "<<@@::\"\\", "((("};
    static char text[80000];
    for (size_t p = 0; p < MM_COUNT(pieces); p++) {
        size_t len = 0, piece = strlen(pieces[p]);
        while (len + piece <= sizeof text) {
            memcpy(text + len, pieces[p], piece);
            len += piece;
        }
        struct mm_arena arena;
        struct mm_address got;
        mm_arena_init(&arena, 2 * sizeof text);
        MM_CHECK_INT(pieces[p], mm_address_first((struct mm_view){text, len}, &arena, &got),
                     MM_E_SYNTAX);
        mm_arena_deinit(&arena);
    }
}

static void random_fields_give_parts_without_blanks_in_the_domain(void **state)
{
    (void)state;
    static const char letters[] = "ab.@<>,;:\"\\()[] \t\r\n";
    uint64_t seed = 822, found = 0;
    char text[40];
    for (int round = 0; round < 60000; round++) {
        size_t len = mm_random(&seed) % sizeof text;
        for (size_t i = 0; i < len; i++)
            text[i] = letters[mm_random(&seed) % (mm_random(&seed) & 1 ? 4 : sizeof letters - 1)];
        struct mm_guard g = mm_guard_copy((struct mm_view){text, len});
        struct mm_arena arena;
        struct mm_address got;
        mm_arena_init(&arena, 4096);
        if (mm_address_first(g.view, &arena, &got) == MM_OK) {
            found++;
            MM_CHECK_TRUE("domain", got.domain.len > 0 && got.domain.data[0] != '.');
            for (size_t i = 0; i < got.domain.len; i++)
                MM_CHECK_TRUE("domain byte", !strchr(" \t\r\n()<>,;:\"@", got.domain.data[i]));
        }
        mm_arena_deinit(&arena);
        mm_guard_free(&g);
    }
    MM_CHECK_TRUE("some were found", found > 1000);
}

static void local_parts_are_dot_atoms_or_quoted(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_one;
    } parts[] = {
        {"joe", true},       {"a.b.c", true},
        {"joe=x+y", true},   {"!#$%&'*+-/=?^_`{|}~", true},
        {"\"a b\"", true},   {"\"a@b;\"", true},
        {"\"\"", true},      {"\"a\\\"b\"", true},
        {"j\xc3\xb6", true}, {"\"\xc3\xb6\"", true},

        {"", false},         {".joe", false},
        {"joe.", false},     {"a..b", false},
        {"joe@", false},     {"a b", false},
        {"joe\n", false},    {"joe;", false},
        {"\"a", false},      {"a\"", false},
        {"\"", false},       {"\"a\"b\"", false},
        {"\"a\\\"", false},  {"\"a\nb\"", false},
        {"j\xc3", false},    {"\"\\\xc3\xb6\"", false},
        {"a\x7f", false},
    };
    for (size_t i = 0; i < MM_COUNT(parts); i++)
        MM_CHECK_INT(parts[i].text, mm_is_local_part(mm_view_of(parts[i].text)), parts[i].is_one);
    MM_CHECK_TRUE("NUL", !mm_is_local_part((struct mm_view){"a\0b", 3}));
}

MM_TEST_MAIN(MM_TEST(local_parts_are_dot_atoms_or_quoted),
             MM_TEST(addresses_are_found_where_mail_readers_find_them),
             MM_TEST(plain_addresses_borrow), MM_TEST(no_memory_is_told_from_no_address),
             MM_TEST(hostile_lists_cost_one_copy_at_most),
             MM_TEST(random_fields_give_parts_without_blanks_in_the_domain))
