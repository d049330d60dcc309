/*
 * test_dkim_domain_name.c - what may become a name that is asked for, and label borders.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/domain_name.h"
#include "support/mm_test.h"

#define LABEL_63 "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0"

static const struct {
    const char *text;
    size_t len; /* 0: strlen */
    bool selector, domain;
} names[] = {
    {"example.com", 0, true, true},
    {"a.b", 0, true, true},
    {"EXAMPLE.Com", 0, true, true},
    {"2024-01_x.s1", 0, true, true},
    {"xn--bcher-kva.example", 0, true, true},
    {LABEL_63 ".example", 0, true, true},
    {LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63, 0, false, false}, /* 255 octets */
    {"com", 0, true, false},
    {"", 0, false, false},
    {".", 0, false, false},
    {".example.com", 0, false, false},
    {"example.com.", 0, false, false},
    {"example..com", 0, false, false},
    {LABEL_63 "x.example", 0, false, false},
    {"-a.example", 0, false, false},
    {"a-.example", 0, false, false},
    {"a b.example", 0, false, false},
    {"a/b.example", 0, false, false},
    {"legitimate.example(.attacker.example", 0, false, false},
    {"b\xc3\xbc"
     "cher.example",
     0, false, false},
    {"a.exam\0ple", 10, false, false},
    {"a.example\r\n", 0, false, false},
};

static void names_are_host_names_of_labels(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(names); i++) {
        struct mm_view v = mm_view_of(names[i].text);
        v.len = names[i].len ? names[i].len : v.len;
        struct mm_guard g = mm_guard_copy(v);
        MM_CHECK_INT(names[i].text, mm_is_selector(g.view), names[i].selector);
        MM_CHECK_INT(names[i].text, mm_is_domain_name(g.view), names[i].domain);
        mm_guard_free(&g);
    }
}

static void a_domain_lies_in_another_at_a_label_border(void **state)
{
    (void)state;
    static const struct {
        const char *domain, *parent;
        bool within;
    } pairs[] = {
        {"example.com", "example.com", true},
        {"Sub.Example.COM", "example.com", true},
        {"a.b.example.com", "example.com", true},
        {"evilexample.com", "example.com", false},
        {"example.com", "sub.example.com", false},
        {"", "example.com", false},
        {"example.com", "", false},
    };
    for (size_t i = 0; i < MM_COUNT(pairs); i++)
        MM_CHECK_INT(pairs[i].domain,
                     mm_domain_is_within(mm_view_of(pairs[i].domain), mm_view_of(pairs[i].parent)),
                     pairs[i].within);
}

static void the_whole_key_name_has_to_fit(void **state)
{
    (void)state;
    struct mm_view domain = mm_view_of(LABEL_63 "." LABEL_63 "." LABEL_63); /* 191 octets */
    struct mm_view selector = mm_view_of(LABEL_63);
    assert_true(mm_key_name_fits(mm_view_sub(selector, 0, 50), domain));
    assert_false(mm_key_name_fits(mm_view_sub(selector, 0, 51), domain));
}

MM_TEST_MAIN(MM_TEST(names_are_host_names_of_labels),
             MM_TEST(a_domain_lies_in_another_at_a_label_border),
             MM_TEST(the_whole_key_name_has_to_fit))
