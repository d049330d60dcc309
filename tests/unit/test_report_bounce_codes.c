/*
 * test_report_bounce_codes.c - reply codes, status codes and commands out of servers' words.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report/bounce_codes.h"
#include "support/mm_test.h"

static const struct {
    const char *label, *text;
    int reply, status[3];
} replies[] = {
    {"both", "550 5.1.1 User unknown", 550, {5, 1, 1}},
    {"of several lines", "550-5.1.1 The account", 550, {5, 1, 1}},
    {"reply alone", "550 no such user", 550, {-1, -1, -1}},
    {"behind said", "host mx.example.org[192.0.2.1] said: 452 4.2.2 full", 452, {4, 2, 2}},
    {"status with a hash", "550 #5.1.0 Address rejected.", 550, {5, 1, 0}},
    {"status in parentheses at the end", "Sorry, no mailbox here. (#5.1.1)", -1, {5, 1, 1}},
    {"colon behind the reply", "550: 5.2.2 full", 550, {5, 2, 2}},
    {"status before the reply", "5.3.0 - Other problem 550-'Unknown user'", 550, {5, 3, 0}},
    {"on a line of its own", "Remote host said:\n554 INVALID", 554, {-1, -1, -1}},
    {"in brackets", "It responded as follows: [550 5.1.1 User unknown]", 550, {5, 1, 1}},
    {"two replies", "554 4.4.7 Expired <421 4.4.2 timed out>", 554, {4, 4, 7}},
    {"twice the same", "550 550 5.2.2 full", 550, {5, 2, 2}},
    {"three digits a number", "550 5.7.606 banned", 550, {5, 7, 606}},
    {"an address is no status", "550 from 5.1.1.2 refused", 550, {-1, -1, -1}},
    {"an address is no reply", "mx [220.108.46.27] said: 550 no", 550, {-1, -1, -1}},
    {"a number of hours", "could not be delivered for 240 hours", -1, {-1, -1, -1}},
    {"a port", "connect to mx.example.org[192.0.2.1]:25: timed out", -1, {-1, -1, -1}},
    {"a version", "Exim 4.9.2 was here", -1, {4, 9, 2}},
    {"four digits", "5501 no", -1, {-1, -1, -1}},
    {"four digits in a status", "5.1.1111", -1, {-1, -1, -1}},
    {"nothing", "", -1, {-1, -1, -1}},
};

static void replies_are_found_among_other_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(replies); i++) {
        struct mm_guard g = mm_guard_copy(mm_view_of(replies[i].text));
        struct mm_reply_codes got = mm_reply_find(g.view);
        MM_CHECK_INT(replies[i].label, got.reply, replies[i].reply);
        for (int n = 0; n < 3; n++)
            MM_CHECK_INT(replies[i].label, got.status[n], replies[i].status[n]);
        mm_guard_free(&g);
    }
}

static const struct {
    const char *text, *command;
} commands[] = {
    {"550 no (in reply to RCPT TO command)", "rcpt"},
    {"554 no (in reply to end of DATA command)", "data"},
    {"SMTP error from remote mail server after MAIL FROM:<a@b>: 550", "mail"},
    {">>> RCPT To:<a@b>\n<<< 550 no", "rcpt"},
    {">>> MAIL From:<a@b>\n<<< 250 ok\n>>> DATA\n<<< 550 no", "data"},
    {"Sent <<< RCPT TO:<a@b>\nReceived >>> 550", "rcpt"},
    {"192.0.2.1 does not like recipient.", "rcpt"},
    {"192.0.2.1 failed after I sent the message.", "data"},
    {"Connected but my name was rejected.", "helo"},
    {"554 no [RCPT_TO]", "rcpt"},
    {"550 no", ""},
};

static void the_command_that_was_answered_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(commands); i++) {
        struct mm_guard g = mm_guard_copy(mm_view_of(commands[i].text));
        MM_CHECK_VIEW(commands[i].text, mm_reply_command(g.view), mm_view_of(commands[i].command));
        mm_guard_free(&g);
    }
}

static const struct {
    const char *label, *text, *want;
} joined[] = {
    {"with status", "550-5.1.1 The account 550-5.1.1 that you 550 5.1.1 tried",
     "550-5.1.1 The account that you tried"},
    {"without", "550-one 550-two 550 three", "550-one two 550 three"},
    {"other numbers stay", "550 error 451 is 550", "550 error 451 is 550"},
    {"one line", "550 5.1.1 no", "550 5.1.1 no"},
};

static void lines_of_one_reply_are_joined(void **state)
{
    (void)state;
    struct mm_arena arena;
    mm_arena_init(&arena, 1 << 16);
    for (size_t i = 0; i < MM_COUNT(joined); i++) {
        struct mm_guard g = mm_guard_copy(mm_view_of(joined[i].text));
        MM_CHECK_VIEW(joined[i].label, mm_reply_joined(g.view, &arena), mm_view_of(joined[i].want));
        mm_guard_free(&g);
    }
    mm_arena_deinit(&arena);
}

MM_TEST_MAIN(MM_TEST(replies_are_found_among_other_numbers),
             MM_TEST(the_command_that_was_answered_is_found),
             MM_TEST(lines_of_one_reply_are_joined))
