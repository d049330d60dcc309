/*
 * test_dkim_idn.c - U-labels become the A-labels that are asked for, or a reason why not.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/domain_name.h"
#include "dkim/idn.h"
#include "support/mm_test.h"

enum { ARENA_BYTES = 1024 * 1024 };

static const struct {
    const char *label, *name, *ascii; /* ascii NULL: there is none */
    enum mm_reason fault;
} cases[] = {
    {"ASCII", "Example.COM", "Example.COM", MM_REASON_NONE},
    {"ASCII that is no name", "a b..c", "a b..c", MM_REASON_NONE},
    {"an A-label", "xn--bcher-kva.example", "xn--bcher-kva.example", MM_REASON_NONE},
    {"nothing", "", "", MM_REASON_NONE},
    {"a U-label",
     "b\xc3\xbc"
     "cher.example",
     "xn--bcher-kva.example", MM_REASON_NONE},
    {"capitals of ASCII",
     "B\xc3\xbc"
     "CHER.XN--Bcher-kva.Example",
     "xn--bcher-kva.xn--bcher-kva.example", MM_REASON_NONE},
    {"U-label and A-label", "\xc3\xbc.xn--bcher-kva.example", "xn--tda.xn--bcher-kva.example",
     MM_REASON_NONE},
    {"an underscore beside it", "_x.\xc3\xbc.example", "_x.xn--tda.example", MM_REASON_NONE},
    /* IDNA2008 keeps these apart, IDNA2003 did not (UTS #46 section 1.2) */
    {"sharp s", "fa\xc3\x9f.example", "xn--fa-hia.example", MM_REASON_NONE},

    {"latin-1",
     "b\xfc"
     "cher.example",
     NULL, MM_REASON_BAD_U_LABEL},
    {"cut short", "example.\xc3", NULL, MM_REASON_BAD_U_LABEL},
    {"overlong", "\xc0\xae.example", NULL, MM_REASON_BAD_U_LABEL},
    {"a surrogate", "\xed\xa0\x80.example", NULL, MM_REASON_BAD_U_LABEL},
    {"a symbol", "\xe2\x98\x83.example", NULL, MM_REASON_U_LABEL},
    {"a combining mark first",
     "\xcc\x81"
     "a.example",
     NULL, MM_REASON_U_LABEL},
    {"right to left and left to right in a label",
     "\xd7\x90"
     "a.example",
     NULL, MM_REASON_U_LABEL},
    {"a hyphen first", "-\xc3\xbc.example", NULL, MM_REASON_U_LABEL},
    {"a false A-label beside it", "xn--a.\xc3\xbc.example", NULL, MM_REASON_U_LABEL},
};

static void labels_become_ascii_or_a_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_guard g = mm_guard_copy(mm_view_of(cases[i].name));
        struct mm_arena arena;
        struct mm_view out;
        enum mm_reason fault;
        mm_arena_init(&arena, ARENA_BYTES);
        MM_CHECK_INT(cases[i].label, mm_idn_to_ascii(g.view, MM_IDN_U_LABELS, &arena, &out, &fault),
                     MM_OK);
        MM_CHECK_INT(cases[i].label, fault, cases[i].fault);
        MM_CHECK_VIEW(cases[i].label, out, cases[i].ascii ? mm_view_of(cases[i].ascii) : g.view);
        mm_arena_deinit(&arena);
        mm_guard_free(&g);
    }
}

/* None of these is a U-label (RFC 5890 section 2.3.2.1), though a mapping makes one of it. */
static const struct {
    const char *label, *name, *mapped;
} no_u_labels[] = {
    {"capitals",
     "B\xc3\x9c"
     "CHER.Example",
     "xn--bcher-kva.example"},
    {"decomposed",
     "bu\xcc\x88"
     "cher.example",
     "xn--bcher-kva.example"},
    {"the dot of other scripts",
     "\xc3\xbc\xe3\x80\x82"
     "example",
     "xn--tda.example"},
    {"a wide dot",
     "a\xef\xbc\x8e"
     "example",
     "a.example"},
    {"a space of no width",
     "a.ex\xe2\x80\x8b"
     "ample",
     "a.example"},
    {"a letter in a circle", "\xe2\x93\x90.example", "a.example"},
    {"the sign of Kelvin", "\xe2\x84\xaa.example", "k.example"},
};

static void what_a_mapping_would_make_a_u_label_is_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(no_u_labels); i++) {
        struct mm_guard g = mm_guard_copy(mm_view_of(no_u_labels[i].name));
        struct mm_arena arena;
        struct mm_view out;
        enum mm_reason fault;
        const char *label = no_u_labels[i].label;
        mm_arena_init(&arena, ARENA_BYTES);
        MM_CHECK_INT(label, mm_idn_to_ascii(g.view, MM_IDN_U_LABELS, &arena, &out, &fault), MM_OK);
        MM_CHECK_INT(label, fault, MM_REASON_U_LABEL);
        MM_CHECK_VIEW(label, out, g.view);
        MM_CHECK_INT(label, mm_idn_to_ascii(g.view, MM_IDN_MAPPED, &arena, &out, &fault), MM_OK);
        MM_CHECK_INT(label, fault, MM_REASON_NONE);
        MM_CHECK_VIEW(label, out, mm_view_of(no_u_labels[i].mapped));
        mm_arena_deinit(&arena);
        mm_guard_free(&g);
    }
}

/* One character over and over, of `bytes` in all. */
static enum mm_reason fault_of_length(size_t bytes)
{
    char *text = malloc(bytes);
    struct mm_arena arena;
    struct mm_view out;
    enum mm_reason fault;
    assert_non_null(text);
    for (size_t i = 0; i < bytes; i++)
        text[i] = "\xc3\xbc"[i % 2];
    mm_arena_init(&arena, ARENA_BYTES);
    assert_int_equal(
        mm_idn_to_ascii((struct mm_view){text, bytes}, MM_IDN_U_LABELS, &arena, &out, &fault),
        MM_OK);
    bool is_name = fault == MM_REASON_NONE && mm_is_selector(out);
    free(text);
    mm_arena_deinit(&arena);
    return is_name ? MM_REASON_NONE : fault;
}

static void names_beyond_the_limits_are_refused(void **state)
{
    (void)state;
    MM_CHECK_INT("a label of 57 characters", fault_of_length(2 * 57), MM_REASON_NONE);
    MM_CHECK_INT("a label of 80 characters", fault_of_length(2 * 80), MM_REASON_U_LABEL);
    MM_CHECK_INT("the longest text", fault_of_length(MM_IDN_MAX_BYTES), MM_REASON_U_LABEL);
    MM_CHECK_INT("longer", fault_of_length(MM_IDN_MAX_BYTES + 2), MM_REASON_U_LABEL);
    MM_CHECK_INT("a megabyte", fault_of_length(1024 * 1024), MM_REASON_U_LABEL);
}

static void a_nul_does_not_hide_what_follows(void **state)
{
    (void)state;
    struct mm_arena arena;
    struct mm_view out;
    enum mm_reason fault;
    mm_arena_init(&arena, ARENA_BYTES);
    assert_int_equal(mm_idn_to_ascii(MM_VIEW("\xc3\xbc.example\0.evil.example"), MM_IDN_U_LABELS,
                                     &arena, &out, &fault),
                     MM_OK);
    assert_int_equal(fault, MM_REASON_BAD_U_LABEL);
    mm_arena_deinit(&arena);
}

static void without_memory_it_says_so(void **state)
{
    (void)state;
    struct mm_arena arena;
    struct mm_view out;
    enum mm_reason fault;
    mm_arena_init(&arena, 4);
    assert_int_equal(
        mm_idn_to_ascii(MM_VIEW("\xc3\xbc.example"), MM_IDN_U_LABELS, &arena, &out, &fault),
        MM_E_NOMEM);
    mm_arena_deinit(&arena);
}

MM_TEST_MAIN(MM_TEST(labels_become_ascii_or_a_reason),
             MM_TEST(what_a_mapping_would_make_a_u_label_is_none),
             MM_TEST(names_beyond_the_limits_are_refused),
             MM_TEST(a_nul_does_not_hide_what_follows), MM_TEST(without_memory_it_says_so))
