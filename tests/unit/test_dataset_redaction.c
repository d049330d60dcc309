/*
 * test_dataset_redaction.c - no local part is left of an address, and equal ones stay equal.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <unistd.h>

#include "dataset/redaction.h"
#include "dataset/row_text.h"
#include "support/mm_test.h"

static const char KEY[] = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";

static struct mm_redaction *make(void)
{
    struct mm_redaction *redaction = NULL;
    MM_CHECK_INT("key", mm_redaction_new(&redaction, mm_view_of(KEY), NULL), MM_OK);
    return redaction;
}

/* `want` has one # for each hash. */
static void check_shape(const char *text, struct mm_view got, const char *want)
{
    char shape[512] = "";
    size_t len = 0;
    while (got.len) {
        bool hash = mm_view_starts(got, MM_VIEW("r-")) && got.len >= 28 &&
                    strspn(got.data + 2, "abcdefghijklmnopqrstuvwxyz234567") >= 26;
        shape[len++] = hash ? '#' : got.data[0];
        got = mm_view_sub(got, hash ? 28 : 1, got.len - (hash ? 28 : 1));
    }
    MM_CHECK_VIEW(text, ((struct mm_view){shape, len}), mm_view_of(want));
}

static void check(const struct mm_redaction *redaction, const char *text, const char *want)
{
    struct mm_buf out;
    mm_buf_init(&out, 4096);
    mm_redaction_append(redaction, &out, mm_view_of(text));
    check_shape(text, mm_buf_view(&out), want);
    mm_buf_deinit(&out);
}

static void local_parts_are_replaced_wherever_they_stand(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"jane@example.com", "#@example.com"},
        {"rfc822;<jane.doe+tag@example.com>", "rfc822;<#@example.com>"},
        {"550 5.1.1 <a@b.example>: unknown, c@d.example.",
         "550 5.1.1 <#@b.example>: unknown, #@d.example."},
        {"\"jane \\\" doe\"@example.com", "#@example.com"},
        {"bounce-jane=example.com@lists.example", "#@lists.example"},
        {"d\xc3\xb6rte@example.com", "#@example.com"},
        {"jane@[192.0.2.1]", "#@[192.0.2.1]"},
        {"https://example.com/u?e=jane%40example.com&x=1",
         "https://example.com/u?e=#%40example.com&x=1"},
        {"jane+40example.com", "#+40example.com"},
        {"a@b@c.example", "#@#@c.example"},
        {"", ""},
        {"no address", "no address"},
        {"@example.com", "@example.com"},
        {"jane@ example.com", "#@ example.com"},
        {"\"jane doe\" @ example.com", "# @ example.com"},
        {"jane@\r\n example.com.", "#@\r\n example.com."},
        {"<john.doe(work)@d.example>", "<#(work)@d.example>"},
        {"<john.doe@(at \\) (the) desk)d.example>", "<#@(at \\) (the) desk)d.example>"},
        {"a (see b@c.example) @ (not e@f.example) d.example",
         "# (see #@c.example) @ (not #@f.example) d.example"},
        {"jane @ [192.0.2.1]", "# @ [192.0.2.1]"},
        {"jane(home)@localhost", "#(home)@localhost"},
        {"meet me @ noon. Or call", "meet me @ noon. Or call"},
        {"me@ (without end d.example", "me@ (without end d.example"},
        {"me (see below) and @ d.example", "me (see below) # @ d.example"},
        {"jane=40d.example", "#=40d.example"},
        {"to=jane=2Bnews=40d.example", "to=#=40d.example"},
        {"size=40kb, from=40.2.3.4", "size=40kb, from=40.2.3.4"},
        {"jane\xef\xbc\xa0"
         "d.example, a\xef\xbc\xa0"
         "b\xef\xbc\xa0"
         "c",
         "#\xef\xbc\xa0"
         "d.example, #\xef\xbc\xa0"
         "#\xef\xbc\xa0"
         "c"},
        {"100%", "100%"},
    };
    struct mm_redaction *redaction = make();
    for (size_t i = 0; i < MM_COUNT(cases); i++)
        check(redaction, cases[i].text, cases[i].want);
    mm_redaction_free(&redaction);
}

static void hashes(const struct mm_redaction *redaction, const char *text, char out[27])
{
    struct mm_buf buf;
    mm_buf_init(&buf, 8192);
    mm_redaction_append(redaction, &buf, mm_view_of(text));
    const char *at = buf.data ? memmem(buf.data, buf.len, "r-", 2) : NULL;
    MM_CHECK_TRUE(text, at != NULL);
    if (at)
        memcpy(out, at + 2, 26);
    out[26] = '\0';
    mm_buf_deinit(&buf);
}

static void equal_addresses_stay_equal_and_others_differ(void **state)
{
    (void)state;
    static const char *const sames[] = {"jane(work) @ example.com", "jane=40example.com",
                                        "jane\uff20example.com"};
    static const char *const others[] = {"jane@example.org", "janet@example.com",
                                         "jan@eexample.com"};
    char one[27], other[27], long_address[3000];
    struct mm_redaction *redaction = make();
    hashes(redaction, "jane@example.com", one);
    hashes(redaction, "rfc822; <Jane@EXAMPLE.com>.", other);
    MM_CHECK_VIEW("case and place", mm_view_of(other), mm_view_of(one));
    for (size_t i = 0; i < MM_COUNT(sames); i++) {
        hashes(redaction, sames[i], other);
        MM_CHECK_VIEW(sames[i], mm_view_of(other), mm_view_of(one));
    }
    for (size_t i = 0; i < MM_COUNT(others); i++) {
        hashes(redaction, others[i], other);
        MM_CHECK_TRUE(others[i], strcmp(one, other) != 0);
    }
    memset(long_address, 'x', sizeof long_address);
    memcpy(long_address + 2000, "@example.com", 13);
    hashes(redaction, long_address, one);
    hashes(redaction, long_address + 1, other);
    MM_CHECK_TRUE("lengths past what is hashed", strcmp(one, other) != 0);
    mm_redaction_free(&redaction);
    MM_CHECK_INT(
        "another key",
        mm_redaction_new(&redaction, MM_VIEW("/wECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="), NULL),
        MM_OK);
    hashes(redaction, long_address, other);
    MM_CHECK_TRUE("another key", strcmp(one, other) != 0);
    mm_redaction_free(&redaction);
}

static void a_key_of_another_size_is_refused(void **state)
{
    (void)state;
    static const char *const keys[] = {"", "AAEC", "not base64 at all, not at all",
                                       "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gIQ=="};
    for (size_t i = 0; i < MM_COUNT(keys); i++) {
        struct mm_redaction *redaction = NULL;
        MM_CHECK_INT(keys[i], mm_redaction_new(&redaction, mm_view_of(keys[i]), NULL), MM_E_SYNTAX);
        MM_CHECK_TRUE(keys[i], redaction == NULL);
    }
}

static void a_local_part_in_a_path_ends_at_a_slash(void **state)
{
    (void)state;
    static const struct {
        const char *path, *want;
    } cases[] = {
        {"dir/jane@example.com.xml", "dir/#@example.com.xml"},
        {"jane@example.com/new/1.eml", "#@example.com/new/1.eml"},
        {"/mail/a@b.example/c@d.example!e.xml", "/mail/#@b.example/#@d.example!e.xml"},
        {"dir/jane%40example.com", "dir/#%40example.com"},
        {"dir/", "dir/"},
        {"", ""},
    };
    char one[27], other[27];
    struct mm_arena arena;
    struct mm_redaction *redaction = make();
    mm_arena_init(&arena, 1 << 20);
    struct mm_row_text t = {.arena = &arena, .redaction = redaction};
    for (size_t i = 0; i < MM_COUNT(cases); i++)
        check_shape(cases[i].path, mm_row_text_path(&t, mm_view_of(cases[i].path)), cases[i].want);
    memcpy(one, mm_row_text_path(&t, MM_VIEW("a/jane@example.com")).data + 4, 26);
    memcpy(other, mm_row_text_path(&t, MM_VIEW("bc/d/jane@example.com")).data + 7, 26);
    MM_CHECK_TRUE("equal addresses in two folders", memcmp(one, other, 26) == 0);
    mm_row_text_deinit(&t);
    mm_arena_deinit(&arena);
    mm_redaction_free(&redaction);
}

static void a_recipient_without_a_domain_is_hashed_and_so_is_its_name_in_the_row(void **state)
{
    (void)state;
    static const struct {
        const char *recipient, *column, *text, *want;
    } cases[] = {
        {"nair_s", "#", "no such user Nair_S.", "no such user #."},
        {"nair_s", "#", "nair_s: mailbox /mail/nair_s/inbox is full",
         "#: mailbox /mail/#/inbox is full"},
        {"nair_s", "#", "xnair_s nair_sy nair", "xnair_s nair_sy nair"},
        {"nair_s", "#", "<nair_s@example.com>, nair_s@", "<#@example.com>, #@"},
        {"|/bin/filter", "#", "/bin/filter failed", "/# failed"},
        {"d\xf6rte", "#", "no d\xf6rte here", "no # here"},
        {"jane@", "#", "jane is unknown", "# is unknown"},
        {"jane@example.com", "#@example.com", "jane is unknown", "jane is unknown"},
        {"...", "#", "... while talking", "... while talking"},
        {"", "", "no such user", "no such user"},
    };
    struct mm_arena arena;
    struct mm_redaction *redaction = make();
    mm_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_row_text t = {.arena = &arena, .redaction = redaction};
        check_shape(cases[i].recipient, mm_row_text_recipient(&t, mm_view_of(cases[i].recipient)),
                    cases[i].column);
        check_shape(cases[i].text, mm_row_text_free(&t, mm_view_of(cases[i].text)), cases[i].want);
        MM_CHECK_TRUE("absent stays absent",
                      mm_row_text_free(&t, (struct mm_view){NULL, 0}).data == NULL);
        MM_CHECK_TRUE("no failure", !t.failed);
        mm_row_text_deinit(&t);
    }
    mm_arena_deinit(&arena);
    mm_redaction_free(&redaction);
}

static void names_that_none_can_have_are_not_looked_for(void **state)
{
    (void)state;
    char longest[MM_REDACTION_NAME_BYTES_MAX + 1];
    struct mm_redaction_names names = {.count = 0};
    memset(longest, 'x', sizeof longest);
    mm_redaction_names_add(&names, (struct mm_view){longest, sizeof longest});
    mm_redaction_names_add(&names, MM_VIEW("|/"));
    MM_CHECK_INT("too long, or no name", names.count, 0);
    for (int i = 0; i < MM_REDACTION_NAMES_MAX + 2; i++)
        mm_redaction_names_add(&names, (struct mm_view){longest, sizeof longest - 1});
    MM_CHECK_INT("full", names.count, MM_REDACTION_NAMES_MAX);
}

static void an_address_without_its_sign_is_found_too(void **state)
{
    (void)state;
    struct mm_arena arena;
    struct mm_redaction *redaction = make();
    mm_arena_init(&arena, 1 << 20);
    struct mm_row_text t = {.arena = &arena, .redaction = redaction};
    check_shape("in a URL", mm_row_text_of(&t, MM_VIEW("https://x.example/?e=jane%40example.com")),
                "https://x.example/?e=#%40example.com");
    check_shape("in xtext", mm_row_text_of(&t, MM_VIEW("jane+40example.com")), "#+40example.com");
    check_shape("in quoted-printable", mm_row_text_of(&t, MM_VIEW("jane=40example.com")),
                "#=40example.com");
    check_shape("of full width",
                mm_row_text_of(&t, MM_VIEW("jane\xef\xbc\xa0"
                                           "example.com")),
                "#\xef\xbc\xa0"
                "example.com");
    mm_row_text_deinit(&t);
    mm_arena_deinit(&arena);
    mm_redaction_free(&redaction);
}

static void texts_of_rows_are_utf8_and_keep_every_byte(void **state)
{
    (void)state;
    static const struct {
        const char *label, *text, *want;
    } cases[] = {
        {"plain", "plain text", "plain text"},
        {"UTF-8 stays",
         "gr\xc3\xbc\xc3\x9f"
         "e",
         "gr\xc3\xbc\xc3\x9f"
         "e"},
        {"Latin-1 byte",
         "gr\xfc"
         "n",
         "gr\xc3\xbcn"},
        {"cut short", "long enough text \xe2\x82", "long enough text \xc3\xa2\xc2\x82"},
        {"surrogate", "\xed\xa0\x80", "\xc3\xad\xc2\xa0\xc2\x80"},
    };
    struct mm_arena arena;
    mm_arena_init(&arena, 1 << 20);
    struct mm_row_text t = {.arena = &arena};
    for (size_t i = 0; i < MM_COUNT(cases); i++)
        MM_CHECK_VIEW(cases[i].label, mm_row_text_of(&t, mm_view_of(cases[i].text)),
                      mm_view_of(cases[i].want));
    MM_CHECK_TRUE("absent stays absent",
                  mm_row_text_of(&t, (struct mm_view){NULL, 0}).data == NULL);
    MM_CHECK_TRUE("no failure", !t.failed);
    mm_row_text_deinit(&t);
    mm_arena_deinit(&arena);
}

/* Each of these looks for the other end of something at every second byte. */
static void no_text_takes_time_by_the_square_of_its_length(void **state)
{
    enum { TEXT_BYTES = 2 * 1024 * 1024, SECONDS = 60 }; /* the square takes many minutes */
    static const char *const patterns[] = {
        "%40", "\"@a", "@[",   "a@",  "\"\"@", "\\\"@b.", "+40[",         "@",
        "a(",  "a@(",  "a @ ", "a (", "a()@",  "a=40",    "\xef\xbc\xa0", "a\xef\xbc\xa0"};
    struct mm_redaction *redaction = make();
    struct mm_buf text, out;
    (void)state;
    mm_buf_init(&text, TEXT_BYTES);
    mm_buf_init(&out, (size_t)1 << 30);
    for (size_t i = 0; i < MM_COUNT(patterns); i++) {
        mm_buf_clear(&text);
        mm_buf_clear(&out);
        while (text.len + strlen(patterns[i]) <= TEXT_BYTES)
            mm_buf_append_str(&text, patterns[i]);
        alarm(SECONDS);
        mm_redaction_append(redaction, &out, mm_buf_view(&text));
        alarm(0);
        MM_CHECK_TRUE(patterns[i], out.len >= text.len && !out.failed);
    }
    mm_buf_deinit(&out);
    mm_buf_deinit(&text);
    mm_redaction_free(&redaction);
}

static void a_text_without_memory_is_noticed(void **state)
{
    (void)state;
    struct mm_arena arena;
    mm_arena_init(&arena, 4);
    struct mm_row_text t = {.arena = &arena};
    MM_CHECK_VIEW("no memory",
                  mm_row_text_of(&t, MM_VIEW("gr\xfc"
                                             "n")),
                  MM_VIEW(""));
    MM_CHECK_TRUE("noticed", t.failed);
    mm_row_text_deinit(&t);
    mm_arena_deinit(&arena);
}

MM_TEST_MAIN(MM_TEST(local_parts_are_replaced_wherever_they_stand),
             MM_TEST(equal_addresses_stay_equal_and_others_differ),
             MM_TEST(a_key_of_another_size_is_refused),
             MM_TEST(a_local_part_in_a_path_ends_at_a_slash),
             MM_TEST(a_recipient_without_a_domain_is_hashed_and_so_is_its_name_in_the_row),
             MM_TEST(names_that_none_can_have_are_not_looked_for),
             MM_TEST(an_address_without_its_sign_is_found_too),
             MM_TEST(texts_of_rows_are_utf8_and_keep_every_byte),
             MM_TEST(no_text_takes_time_by_the_square_of_its_length),
             MM_TEST(a_text_without_memory_is_noticed))
