/*
 * bounce_codes.c - numbers and commands out of what a mail server answered.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report/bounce_codes.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
    unsigned char lower = mm_ascii_lower((unsigned char)c);
    return is_digit(c) || (lower >= 'a' && lower <= 'z');
}

/* One to three digits at *at; steps over them. */
static bool read_number(struct mm_view text, size_t *at, int32_t *number)
{
    size_t from = *at;
    *number = 0;
    while (*at < text.len && *at - from < 3 && is_digit(text.data[*at]))
        *number = *number * 10 + (text.data[(*at)++] - '0');
    return *at > from && (*at == text.len || !is_digit(text.data[*at]));
}

/* Length of a status at the start of the text, or 0. */
static size_t status_bytes(struct mm_view text, int32_t status[3])
{
    int32_t got[3];
    size_t at = 0;
    for (int i = 0; i < 3; i++) {
        if (i && (at == text.len || text.data[at++] != '.'))
            return 0;
        if (!read_number(text, &at, &got[i]))
            return 0;
    }
    bool goes_on = at + 1 < text.len && text.data[at] == '.' && is_digit(text.data[at + 1]);
    if ((got[0] != 2 && got[0] != 4 && got[0] != 5) || text.data[1] != '.' || goes_on)
        return 0;
    memcpy(status, got, sizeof(got));
    return at;
}

bool mm_status_parse(struct mm_view text, int32_t status[3])
{
    return status_bytes(mm_view_trim_fws(text), status) > 0;
}

/* A status behind a reply code: "550 5.1.1", "550-5.1.1", "550 #5.1.0", "550: 5.2.2". */
static size_t status_after(struct mm_view text, size_t at, int32_t status[3])
{
    while (at < text.len && mm_is_one_of(text.data[at], " -#:("))
        at++;
    size_t len = status_bytes(mm_view_sub(text, at, text.len - at), status);
    return len ? at + len : 0;
}

/* Three digits at `at` that can be a reply code (RFC 5321 section 4.2.1). */
static bool is_reply_at(struct mm_view text, size_t at)
{
    if (text.len - at < 3 || !mm_is_one_of(text.data[at], "245") || text.data[at + 1] < '0' ||
        text.data[at + 1] > '5' || !is_digit(text.data[at + 2]))
        return false;
    return at + 3 == text.len || mm_is_one_of(text.data[at + 3], " -:;\r\n\t>]'\"");
}

/* Whether what stands before and behind the digits says that they are an answer. */
static bool reads_as_reply(struct mm_view text, size_t at)
{
    int32_t status[3];
    size_t before = at;
    if (status_after(text, at + 3, status))
        return true;
    while (before > 0 && text.data[before - 1] == ' ')
        before--;
    if (before == 0 || mm_is_one_of(text.data[before - 1], ";<[('\"\r\n>"))
        return true;
    if (text.data[before - 1] == ':' && before < at)
        return true;
    return at + 4 < text.len && text.data[at + 3] == '-' && !is_digit(text.data[at + 4]);
}

/* The first status that stands apart, as "5.1.1" or "#5.1.1". */
static void find_status(struct mm_view text, int32_t status[3])
{
    for (size_t at = 0; at < text.len; at++) {
        char before = at ? text.data[at - 1] : ' ';
        if (is_digit(text.data[at]) && !is_alnum(before) && !mm_is_one_of(before, ".-=/_@") &&
            status_bytes(mm_view_sub(text, at, text.len - at), status))
            return;
    }
}

struct mm_reply_codes mm_reply_find(struct mm_view text)
{
    struct mm_reply_codes codes = {-1, {-1, -1, -1}};
    for (size_t at = 0; at + 3 <= text.len; at++) {
        if (!is_digit(text.data[at]) ||
            (at && (is_alnum(text.data[at - 1]) || mm_is_one_of(text.data[at - 1], ".-=/_@#"))))
            continue;
        if (!is_reply_at(text, at) || !reads_as_reply(text, at))
            continue;
        codes.reply = (text.data[at] - '0') * 100 + (text.data[at + 1] - '0') * 10 +
                      (text.data[at + 2] - '0');
        if (status_after(text, at + 3, codes.status))
            return codes;
        break;
    }
    find_status(text, codes.status);
    return codes;
}

/* ---- commands ---- */

static const struct {
    struct mm_view words;
    struct mm_view command;
} phrases[] = {
#define PHRASE(words, command)                                                                     \
    {                                                                                              \
        {words, sizeof(words) - 1},                                                                \
        {                                                                                          \
            command, sizeof(command) - 1                                                           \
        }                                                                                          \
    }
    PHRASE("in reply to rcpt to", "rcpt"),
    PHRASE("in reply to mail from", "mail"),
    PHRASE("in reply to end of data", "data"),
    PHRASE("in reply to data", "data"),
    PHRASE("in reply to ehlo", "helo"),
    PHRASE("in reply to helo", "helo"),
    PHRASE("while sending rcpt to", "rcpt"),
    PHRASE("while sending mail from", "mail"),
    PHRASE("while sending end of data", "data"),
    PHRASE("after rcpt", "rcpt"),
    PHRASE("after mail from", "mail"),
    PHRASE("after end of data", "data"),
    PHRASE("after data", "data"),
    PHRASE("after ehlo", "helo"),
    PHRASE("after helo", "helo"),
    PHRASE("after initial connection", "connect"),
    PHRASE("following rcpt", "rcpt"),
    PHRASE("following mail", "mail"),
    PHRASE("following data", "data"),
    PHRASE("like our rcpt to", "rcpt"),
    PHRASE("like our mail from", "mail"),
    PHRASE("like our data", "data"),
    PHRASE("does not like recipient", "rcpt"),
    PHRASE("sender was rejected", "mail"),
    PHRASE("after i sent the message", "data"),
    PHRASE("failed on data command", "data"),
    PHRASE("(state 14)", "rcpt"), /* of Gmail's client */
    PHRASE("(state 17)", "data"),
    PHRASE("(state 18)", "data"),
    PHRASE("progress was rcpt to", "rcpt"),
    PHRASE("my name was rejected", "helo"),
    PHRASE("[rcpt_to]", "rcpt"),
    PHRASE("[mail_from]", "mail"),
    PHRASE("[helo]", "helo"),
    PHRASE("[ehlo]", "helo"),
    PHRASE("[connect]", "connect"),
    PHRASE("[data]", "data"),
    PHRASE("smtp:rcpt", "rcpt"),
    PHRASE("smtp:data", "data"),
    PHRASE("smtp:mail", "mail"),
    PHRASE("(rcpt to)", "rcpt"),
    PHRASE("(mail from)", "mail"),
    PHRASE("(data)", "data"),
#undef PHRASE
};

/* The command that a line of a dialogue sends: ">>> RCPT To:<a@b>", "Sent <<< DATA". */
static struct mm_view sent_command(struct mm_view text)
{
    static const struct {
        struct mm_view verb, command;
    } verbs[] = {
        {{"RCPT", 4}, {"rcpt", 4}}, {{"MAIL", 4}, {"mail", 4}}, {{"DATA", 4}, {"data", 4}},
        {{"EHLO", 4}, {"helo", 4}}, {{"HELO", 4}, {"helo", 4}}, {{".", 1}, {"data", 4}},
    };
    text = mm_view_trim_wsp(text);
    for (size_t i = 0; i < MM_COUNT(verbs); i++)
        if (mm_view_starts_nocase(text, verbs[i].verb))
            return verbs[i].command;
    return (struct mm_view){NULL, 0};
}

struct mm_view mm_reply_command(struct mm_view text)
{
    struct mm_view last = {NULL, 0}, phrase = {NULL, 0};
    for (size_t at = 0; at < text.len; at++) {
        struct mm_view rest = mm_view_sub(text, at, text.len - at);
        unsigned char first = mm_ascii_lower((unsigned char)rest.data[0]);
        if (mm_view_starts(rest, MM_VIEW(">>> ")) || mm_view_starts(rest, MM_VIEW("<<< "))) {
            struct mm_view sent = sent_command(mm_view_sub(rest, 4, rest.len - 4));
            last = sent.data ? sent : last;
        }
        if (phrase.data || !mm_is_one_of((char)first, "iwaflsdpm[("))
            continue;
        for (size_t i = 0; i < MM_COUNT(phrases) && !phrase.data; i++)
            if (phrases[i].words.data[0] == (char)first &&
                mm_view_starts_nocase(rest, phrases[i].words))
                phrase = phrases[i].command;
    }
    return phrase.data ? phrase : last;
}

/* ---- replies of several lines ---- */

/* Length of a repeat of the code at `at`: "550-5.1.1 ", "550 5.1.1 ", "550-"; 0 for no repeat. */
static size_t repeat_bytes(struct mm_view text, size_t at, int32_t reply)
{
    int32_t status[3];
    if (!is_reply_at(text, at) || at + 3 >= text.len)
        return 0;
    int32_t code =
        (text.data[at] - '0') * 100 + (text.data[at + 1] - '0') * 10 + (text.data[at + 2] - '0');
    bool dash = text.data[at + 3] == '-';
    size_t end = status_after(text, at + 3, status);
    if (code != reply || (!dash && !end))
        return 0;
    end = end ? end : at + 4;
    while (end < text.len && text.data[end] == ' ')
        end++;
    return end - at;
}

struct mm_view mm_reply_joined(struct mm_view text, struct mm_arena *arena)
{
    char *out = NULL;
    size_t len = 0;
    int32_t reply = -1;
    for (size_t at = 0; at < text.len;) {
        bool apart = at == 0 || mm_is_fws((unsigned char)text.data[at - 1]);
        size_t skip = apart && reply >= 0 ? repeat_bytes(text, at, reply) : 0;
        if (skip && !out) {
            out = mm_arena_alloc(arena, text.len);
            if (!out)
                return text;
            memcpy(out, text.data, at);
            len = at;
        }
        if (apart && reply < 0 && is_reply_at(text, at))
            reply = (text.data[at] - '0') * 100 + (text.data[at + 1] - '0') * 10 +
                    (text.data[at + 2] - '0');
        if (!skip && out)
            out[len++] = text.data[at];
        at += skip ? skip : 1;
    }
    return out ? (struct mm_view){out, len} : text;
}
