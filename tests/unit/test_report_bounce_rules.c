/*
 * test_report_bounce_rules.c - rules are read strictly, asked in order, and the built-in ones hold.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/map.h"
#include "report/bounce_rules.h"
#include "support/mm_test.h"

static const struct mm_bounce_facts nothing = {.status = {-1, -1, -1}, .reply_code = -1};

static struct mm_bounce_cause ask(const char *rules_text, struct mm_bounce_facts facts)
{
    struct mm_bounce_rules *rules;
    struct mm_bounce_matcher *matcher;
    struct mm_error err = {0};
    assert_int_equal(mm_bounce_rules_new(&rules, mm_view_of(rules_text), &err), MM_OK);
    assert_int_equal(mm_bounce_matcher_new(&matcher, rules), MM_OK);
    struct mm_bounce_cause cause = mm_bounce_classify(matcher, &facts);
    /* Words of reasons outlive the rules; the id does not. */
    static char id[32];
    snprintf(id, sizeof id, "%.*s", (int)cause.rule_id.len,
             cause.rule_id.data ? cause.rule_id.data : "");
    static char reason[32];
    snprintf(reason, sizeof reason, "%.*s", (int)cause.reason.len, cause.reason.data);
    cause.rule_id = mm_view_of(id);
    cause.reason = mm_view_of(reason);
    mm_bounce_matcher_free(&matcher);
    mm_bounce_rules_free(&rules);
    return cause;
}

#define TWO "a\tmailboxfull\ttext=full | quota\nb\tuserunknown\tstatus=5.1.*\tcommand!=mail\n"

static const struct {
    const char *label, *rules, *text, *command;
    int status[3], reply;
    const char *want;
} cases[] = {
    {"a text", TWO, "mailbox full", "", {-1, -1, -1}, -1, "a"},
    {"the first that holds", TWO, "over quota", "", {5, 1, 1}, -1, "a"},
    {"the second", TWO, "no such user", "rcpt", {5, 1, 1}, -1, "b"},
    {"none that is asked against", TWO, "no such user", "mail", {5, 1, 1}, -1, ""},
    {"none", TWO, "hello", "", {4, 4, 1}, -1, ""},
    {"a reply", "a\tsyntaxerror\treply=50*\n", "x", "", {-1, -1, -1}, 503, "a"},
    {"no reply", "a\tsyntaxerror\treply=none\n", "x", "", {-1, -1, -1}, -1, "a"},
    {"no status", "a\tsyntaxerror\tstatus=none\n", "x", "", {-1, -1, -1}, 550, "a"},
    {"a status is not the beginning of another",
     "a\tsyntaxerror\tstatus=5.1.1\n",
     "x",
     "",
     {5, 1, 10},
     -1,
     ""},
    {"no command", "a\tsyntaxerror\tcommand=none\n", "x", "", {-1, -1, -1}, -1, "a"},
    {"a line that goes on",
     "a\tsyntaxerror\ttext=one\n\t| two\n\t\treply=550\n",
     "two",
     "",
     {-1, -1, -1},
     550,
     "a"},
    {"a comment", "# a\n\na\tsyntaxerror\ttext=one\n", "one", "", {-1, -1, -1}, -1, "a"},
    {"CRLF", "a\tsyntaxerror\ttext=one\r\n", "one", "", {-1, -1, -1}, -1, "a"},
    {"rules of notices give no reason",
     "a\tis:bounce\tnotice=one\n",
     "one",
     "",
     {-1, -1, -1},
     -1,
     ""},
};

static void the_first_rule_whose_conditions_hold_is_taken(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_bounce_facts facts = nothing;
        facts.text = facts.notice = mm_view_of(cases[i].text);
        facts.command = mm_view_of(cases[i].command);
        memcpy(facts.status, cases[i].status, sizeof facts.status);
        facts.reply_code = cases[i].reply;
        struct mm_bounce_cause cause = ask(cases[i].rules, facts);
        MM_CHECK_VIEW(cases[i].label, cause.rule_id, mm_view_of(cases[i].want));
        if (!cases[i].want[0])
            MM_CHECK_VIEW(cases[i].label, cause.reason, MM_VIEW("undefined"));
    }
}

static void what_is_no_rule_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "a\n",
        "a\tmailboxfull\n",
        "a\tno-such-reason\ttext=x\n",
        "a\tis:nothing\ttext=x\n",
        "\tmailboxfull\ttext=x\n",
        "a\tmailboxfull\tcolour=x\n",
        "a\tmailboxfull\ttext\n",
        "a\tmailboxfull\ttext=\n",
        "a\tmailboxfull\ttext=x | | y\n",
        "a\tmailboxfull\ttext=*\n",
        "provider\tgoogle\n",
        "provider\ta\texample.org\nprovider\tb\texample.org\n",
    };
    for (size_t i = 0; i < MM_COUNT(bad); i++) {
        struct mm_bounce_rules *rules;
        struct mm_error err = {0};
        MM_CHECK_INT(bad[i], mm_bounce_rules_new(&rules, mm_view_of(bad[i]), &err), MM_E_SYNTAX);
        MM_CHECK_TRUE(bad[i], err.text[0] != '\0');
        assert_null(rules);
    }
}

static void a_rule_file_of_any_size_is_not_read(void **state)
{
    (void)state;
    struct mm_bounce_rules *rules;
    char *text = calloc(1, MM_BOUNCE_RULES_MAX_BYTES + 1);
    assert_int_equal(
        mm_bounce_rules_new(&rules, (struct mm_view){text, MM_BOUNCE_RULES_MAX_BYTES + 1}, NULL),
        MM_E_LIMIT);
    free(text);
}

static void a_provider_is_the_longest_known_end_of_a_host(void **state)
{
    (void)state;
    struct mm_bounce_rules *rules;
    assert_int_equal(mm_bounce_rules_new(&rules,
                                         MM_VIEW("provider\tone\texample.org\n"
                                                 "provider\ttwo\tmx.example.org example.net\n"),
                                         NULL),
                     MM_OK);
    MM_CHECK_VIEW("itself", mm_bounce_provider(rules, MM_VIEW("example.org")), MM_VIEW("one"));
    MM_CHECK_VIEW("below", mm_bounce_provider(rules, MM_VIEW("a.example.org")), MM_VIEW("one"));
    MM_CHECK_VIEW("longer", mm_bounce_provider(rules, MM_VIEW("a.mx.example.org")), MM_VIEW("two"));
    MM_CHECK_VIEW("not a label", mm_bounce_provider(rules, MM_VIEW("myexample.net")), MM_VIEW(""));
    assert_null(mm_bounce_provider(rules, MM_VIEW("")).data);
    mm_bounce_rules_free(&rules);
}

/* Ids are what a row shows: each is of one rule. */
static void built_in_rules_are_read_and_their_ids_are_their_own(void **state)
{
    (void)state;
    struct mm_bounce_rules *rules;
    struct mm_error err = {0};
    struct mm_view text = mm_bounce_rules_builtin(), line;
    struct mm_map ids = {0};
    if (mm_bounce_rules_new(&rules, text, &err) != MM_OK)
        fail_msg("%s", err.text);
    uint32_t count = 0;
    while (text.len) {
        struct mm_view id, rest;
        mm_view_cut(text, '\n', &line, &text);
        if (line.len == 0 || line.data[0] == '#' || line.data[0] == '\t' ||
            mm_view_starts(line, MM_VIEW("provider\t")))
            continue;
        mm_view_cut(line, '\t', &id, &rest);
        if (mm_map_put(&ids, id, count++) != MM_OK)
            fail_msg("the rule %.*s comes twice", (int)id.len, id.data);
    }
    assert_true(count > 100);
    mm_map_deinit(&ids);
    mm_bounce_rules_free(&rules);
}

/* Item 48: what ends an address, and what never does. */
static void only_four_reasons_are_hard(void **state)
{
    (void)state;
    static const char *const hard[] = {"userunknown", "hostunknown", "hasmoved", "notaccept"};
    static const char *const other[] = {
        "mailboxfull", "speeding", "toomanyconn",  "blocked",      "exceedlimit",
        "mesgtoobig",  "expired",  "networkerror", "spamdetected", "authfailure",
        "suspend",     "filtered", "onhold",       "undefined"};
    enum mm_reason_class kind;
    for (size_t i = 0; i < MM_COUNT(hard); i++) {
        assert_true(mm_bounce_reason_class(mm_view_of(hard[i]), &kind));
        MM_CHECK_INT(hard[i], kind, MM_REASON_CLASS_HARD);
    }
    for (size_t i = 0; i < MM_COUNT(other); i++) {
        assert_true(mm_bounce_reason_class(mm_view_of(other[i]), &kind));
        MM_CHECK_TRUE(other[i], kind != MM_REASON_CLASS_HARD);
    }
    assert_false(mm_bounce_reason_class(MM_VIEW("no-reason"), &kind));
}

MM_TEST_MAIN(MM_TEST(the_first_rule_whose_conditions_hold_is_taken),
             MM_TEST(what_is_no_rule_is_refused), MM_TEST(a_rule_file_of_any_size_is_not_read),
             MM_TEST(a_provider_is_the_longest_known_end_of_a_host),
             MM_TEST(built_in_rules_are_read_and_their_ids_are_their_own),
             MM_TEST(only_four_reasons_are_hard))
