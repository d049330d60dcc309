/*
 * message.c - one message of the campaign: distinct, decided by the seed and the shape alone.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Header and body look like those of shops and lists: folded fields, prose with format=flowed and
 * quotes, HTML indented with tabs or blanks, here and there blanks at the end of a line.
 */
#include "campaign/message.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    TARGET_MIN_BYTES = 2200, /* with the last paragraph this stays within 2 to 6 KB */
    TARGET_SPAN_BYTES = 3350,
    BODY_MIN_BYTES = 500,
    HUGE_BYTES = 10 * 1000 * 1000,
    MIXED_MAX_BYTES = 20 * 1000 * 1000,
    FIELD_MAX_BYTES = 4096,
};
static const double MIXED_MEDIAN_BYTES = 12000, MIXED_SIGMA = 1.507; /* ln(400 / 12) / 2.326 */

static const char *const words[] = {
    "account",   "again",    "agreed",    "all",     "already", "and",     "answer",   "arrive",
    "autumn",    "basket",   "because",   "before",  "between", "bicycle", "booking",  "bright",
    "café",      "change",   "city",      "coffee",  "collect", "colour",  "come",     "customer",
    "day",       "delivery", "discount",  "door",    "early",   "easy",    "enjoy",    "every",
    "express",   "family",   "first",     "five",    "for",     "free",    "fresh",    "friends",
    "from",      "garden",   "gift",      "give",    "good",    "great",   "Grüße",    "half",
    "happy",     "have",     "hello",     "holiday", "home",    "house",   "in",       "invoice",
    "is",        "item",     "just",      "kitchen", "large",   "last",    "letter",   "light",
    "little",    "made",     "market",    "member",  "morning", "more",    "mountain", "new",
    "next",      "now",      "of",        "offer",   "on",      "once",    "only",     "open",
    "or",        "order",    "our",       "out",     "over",    "parcel",  "people",   "place",
    "please",    "points",   "price",     "quality", "quick",   "reader",  "ready",    "receipt",
    "river",     "sale",     "save",      "season",  "send",    "shop",    "small",    "soon",
    "special",   "spring",   "station",   "stay",    "store",   "summer",  "table",    "thank",
    "that",      "the",      "this",      "ticket",  "to",      "today",   "together", "travel",
    "unlimited", "until",    "value",     "visit",   "water",   "week",    "welcome",  "when",
    "winter",    "with",     "wonderful", "yard",    "year",    "you",     "your",     "zero",
};
static const char *const given_names[] = {"Ada",  "Ben", "Chloé", "Dora",
                                          "Emil", "Fay", "Gus",   "Hana"};

/* ---- chance and text ---- */

static uint64_t random_state;

void message_seed(uint64_t seed)
{
    random_state = seed;
}

static uint64_t draw(void) /* splitmix64 */
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* 0..below-1 */
static unsigned pick(unsigned below)
{
    return (unsigned)(draw() % below);
}

/* Between 0 and 1, neither of them. */
static double pick_part(void)
{
    return ((double)(draw() >> 12) + 0.5) / (double)(UINT64_C(1) << 52);
}

/* 0..below-1, k with a probability of ln(1 + 1/(k+1)) / ln(below + 1): Zipf's law, nearly. */
static unsigned pick_zipf(unsigned below)
{
    unsigned k = (unsigned)exp(pick_part() * log(below + 1.0)) - 1;
    return k < below ? k : below - 1;
}

/* Box and Muller's way to a normal distribution. */
static size_t pick_mixed_bytes(void)
{
    double radius = sqrt(-2 * log(pick_part()));
    double normal = radius * cos(2 * 3.14159265358979 * pick_part());
    double bytes = MIXED_MEDIAN_BYTES * exp(MIXED_SIGMA * normal);
    return bytes < MIXED_MAX_BYTES ? (size_t)bytes : MIXED_MAX_BYTES;
}

static const char *word(void)
{
    return words[pick(sizeof(words) / sizeof(words[0]))];
}

__attribute__((format(printf, 2, 3))) static void put(struct text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(t->data + t->len, sizeof(t->data) - t->len, format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= sizeof(t->data) - t->len)
        die("message too long", format);
    t->len += (size_t)len;
}

/* Some words as a sentence has them. */
static void put_words(struct text *t, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        put(t, "%s%s", i ? " " : "", word());
}

/* ---- canonical sizes (RFC 6376 section 3.4.2 and 3.4.4) ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Bytes of one header field in relaxed form, its CRLF included; folds count as blanks. */
static size_t relaxed_field_bytes(const char *field, size_t len)
{
    size_t bytes = 0;
    bool blank = false, in_value = false;
    for (size_t i = 0; i < len; i++) {
        if (is_blank(field[i]) || field[i] == '\r' || field[i] == '\n') {
            blank = true;
            continue;
        }
        if (blank && in_value)
            bytes++;
        blank = false;
        bytes++;
        if (field[i] == ':' && bytes == i + 1)
            continue; /* blanks right after the colon go */
        in_value = in_value || memchr(field, ':', i) != NULL;
    }
    return bytes + 2;
}

size_t message_body_bytes(const struct message *m)
{
    const char *body = m->text.data + m->body;
    size_t len = m->text.len - m->body;
    size_t bytes = 0, empty_lines = 0;
    for (size_t at = 0; at < len;) {
        const char *end = memchr(body + at, '\r', len - at);
        size_t line_end = (size_t)(end - body), line_bytes = 0;
        assert(end && end[1] == '\n');
        while (line_end > at && is_blank(body[line_end - 1]))
            line_end--;
        for (size_t i = at; i < line_end; i++)
            line_bytes += !is_blank(body[i]) || !is_blank(body[i + 1]);
        empty_lines = line_bytes ? 0 : empty_lines + 1;
        bytes += line_bytes + 2;
        at = (size_t)(end - body) + 2;
    }
    return bytes - 2 * empty_lines;
}

/* ---- header ---- */

/* Add one field; a signed one also to h= and to the bytes that it covers. */
__attribute__((format(printf, 4, 5))) static void
put_field(struct message *m, bool is_signed, const char *name, const char *format, ...)
{
    char value[FIELD_MAX_BYTES];
    size_t start = m->text.len;
    va_list args;
    va_start(args, format);
    int len = vsnprintf(value, sizeof(value), format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= sizeof(value))
        die("field too long", name);
    put(&m->text, "%s:%s%s\r\n", name, pick(20) ? " " : "  ", value);
    if (!is_signed)
        return;
    m->covered_bytes += relaxed_field_bytes(m->text.data + start, m->text.len - start);
    put(&m->names, "%s%s", m->names.len ? ":" : "", name);
}

static const char *date_text(char out[64], unsigned number)
{
    time_t when = CAMPAIGN_TIME + (time_t)number * 7;
    struct tm tm;
    gmtime_r(&when, &tm);
    strftime(out, 64, "%a, %d %b %Y %H:%M:%S +0000", &tm);
    return out;
}

/* Fields that only some messages have. Their order here is that of the header. */
enum extra {
    REPLY_TO,
    CC,
    IN_REPLY_TO,
    REFERENCES,
    LIST_ID,
    LIST_HELP,
    LIST_SUBSCRIBE,
    LIST_POST,
    LIST_OWNER,
    LIST_ARCHIVE,
    FEEDBACK_ID,
    RESENT_DATE,
    RESENT_FROM,
    EXTRA_COUNT
};

static void put_extra(struct message *m, enum extra extra, unsigned number, const char *date)
{
    char domain[32];
    snprintf(domain, sizeof(domain), CAMPAIGN_DOMAIN, m->domain);
    switch (extra) {
    case REPLY_TO:
        put_field(m, true, "Reply-To", "\"Answers, please\" <reply+%u@%s>", number, domain);
        break;
    case CC:
        put_field(m, true, "Cc", "%s <copy%u@reader.example>,\r\n\tarchive@%s", word(), pick(9999),
                  domain);
        break;
    case IN_REPLY_TO:
        put_field(m, true, "In-Reply-To", "<%08x.%u@%s>", pick(1u << 31), number, domain);
        break;
    case REFERENCES:
        put_field(m, true, "References", "<%08x.1@%s>\r\n  <%08x.2@%s>\r\n  <%08x.3@%s>",
                  pick(1u << 31), domain, pick(1u << 31), domain, pick(1u << 31), domain);
        break;
    case LIST_ID:
        put_field(m, true, "List-Id", "\"%s %s\" <%s.%s>", word(), word(), word(), domain);
        break;
    case FEEDBACK_ID:
        put_field(m, true, "Feedback-ID", "%u:%s:campaign:%s", number, word(), domain);
        break;
    case RESENT_DATE:
        put_field(m, true, "Resent-Date", "%s", date);
        break;
    case RESENT_FROM:
        put_field(m, true, "Resent-From", "mailer@%s", domain);
        break;
    default: {
        static const char *const list_names[] = {
            [LIST_HELP] = "List-Help",       [LIST_SUBSCRIBE] = "List-Subscribe",
            [LIST_POST] = "List-Post",       [LIST_OWNER] = "List-Owner",
            [LIST_ARCHIVE] = "List-Archive",
        };
        put_field(m, true, list_names[extra], "<https://lists.%s/%s/%u>", domain, word(), number);
    }
    }
}

/* Which extra fields a message has: any number of them is as likely as any other. */
static unsigned pick_extras(void)
{
    unsigned chosen = 0;
    for (unsigned wanted = pick(EXTRA_COUNT + 1); wanted > 0;) {
        unsigned bit = 1u << pick(EXTRA_COUNT);
        wanted -= !(chosen & bit);
        chosen |= bit;
    }
    return chosen;
}

static void put_header(struct message *m, unsigned number, const char *content_type)
{
    char domain[32], date[64], subject[256] = "";
    const char *given = given_names[pick(sizeof(given_names) / sizeof(given_names[0]))];
    unsigned extras = pick_extras();
    snprintf(domain, sizeof(domain), CAMPAIGN_DOMAIN, m->domain);
    date_text(date, number);
    for (unsigned i = pick(3); i > 0; i--)
        put_field(m, false, "Received",
                  "from relay%u.%s (relay%u.%s [192.0.2.%u])\r\n"
                  "\tby mx.reader.example (Postfix) with ESMTPS id %08X\r\n\tfor "
                  "<reader%u@reader.example>; %s",
                  i, domain, i, domain, pick(256), pick(1u << 31), number, date);
    put_field(m, false, "Message-ID", "<%u.%08x@%s>", number, pick(1u << 31), domain);
    put_field(m, true, "Date", "%s", date);
    put_field(m, true, "From", "\"The %s %s\" <hello@%s>", word(), word(), domain);
    put_field(m, true, "To", "%s %u <reader%u@reader.example>", given, number, number);
    for (unsigned i = 0, at = 0; i < 4 + pick(5); i++)
        at += (unsigned)snprintf(subject + at, sizeof(subject) - at, "%s%s",
                                 i == 5 ? "\r\n "
                                 : i    ? " "
                                        : "",
                                 word());
    put_field(m, true, "Subject", "%s", subject);
    put_field(m, true, "List-Unsubscribe", "<https://%s/u/%08x%08x>,\r\n <mailto:leave+%u@%s>",
              domain, pick(1u << 31), pick(1u << 31), number, domain);
    put_field(m, true, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
    for (unsigned extra = 0; extra < EXTRA_COUNT; extra++) {
        if (extras & (1u << extra))
            put_extra(m, (enum extra)extra, number, date);
    }
    put_field(m, false, "MIME-Version", "1.0");
    put_field(m, false, "Content-Type", content_type, m->boundary);
    put_field(m, false, "Content-Transfer-Encoding", "8bit");
    put(&m->text, "\r\n");
}

/* ---- body ---- */

/* A paragraph of wrapped lines. Some end in a blank (format=flowed), some have two after a full
 * stop. */
static void put_prose(struct text *t)
{
    unsigned flowed = pick(3) == 0;
    size_t line = 0;
    const char *quote = pick(8) ? "" : "> ";
    put(t, "%s", quote);
    for (unsigned i = 30 + pick(50); i > 0; i--) {
        size_t start = t->len;
        put(t, "%s%s", word(), pick(9) ? " " : pick(2) ? ". " : ".  ");
        line += t->len - start;
        if (line > 62) {
            t->len -= !flowed;
            put(t, "\r\n%s", quote);
            line = 0;
        }
    }
    put(t, "%s.\r\n\r\n", word());
}

static void put_indent(struct text *t, bool tabs, unsigned depth)
{
    for (unsigned i = 0; i < depth; i++)
        put(t, "%s", tabs ? "\t" : "    ");
}

/* A row of a layout table, indented as editors do it. */
static void put_html(struct text *t)
{
    bool tabs = pick(3) == 0;
    unsigned depth = 2 + pick(4);
    put_indent(t, tabs, depth);
    put(t, "<tr>%s\r\n", pick(6) ? "" : "  ");
    put_indent(t, tabs, depth + 1);
    put(t, "<td style=\"padding: %upx %upx; font-family: sans-serif;  color: #%06x;\">\r\n",
        pick(40), pick(40), pick(1u << 24));
    for (unsigned i = 1 + pick(3); i > 0; i--) {
        put_indent(t, tabs, depth + 2);
        put(t, "<p>");
        put_words(t, 6 + pick(8));
        put(t, "</p>\r\n");
    }
    put_indent(t, tabs, depth + 2);
    put(t, "<a href=\"https://click.example/%08x%08x\">%s %s</a>\r\n", pick(1u << 31),
        pick(1u << 31), word(), word());
    put_indent(t, tabs, depth + 1);
    put(t, "</td>\r\n");
    put_indent(t, tabs, depth);
    put(t, "</tr>\r\n%s", pick(4) ? "" : "\r\n");
}

static void fill(struct text *t, size_t target, void (*put_piece)(struct text *))
{
    do
        put_piece(t);
    while (t->len < target);
}

static void put_html_part(struct text *t, size_t target)
{
    put(t, "<!DOCTYPE html>\r\n<html>\r\n  <body>\r\n    <table role=\"presentation\">\r\n");
    fill(t, target, put_html);
    put(t, "    </table>\r\n  </body>\r\n</html>\r\n");
}

static void put_alternative(struct message *m, size_t target)
{
    struct text *t = &m->text;
    put(t, "--%s\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n", m->boundary);
    fill(t, t->len + (target - t->len) / 3, put_prose);
    put(t, "--%s\r\nContent-Type: text/html; charset=utf-8\r\n\r\n", m->boundary);
    put_html_part(t, target);
    put(t, "--%s--\r\n", m->boundary);
}

static size_t pick_bytes(enum message_sizes sizes)
{
    switch (sizes) {
    case MESSAGE_MIXED:
        return pick_mixed_bytes();
    case MESSAGE_HUGE:
        return HUGE_BYTES;
    default:
        return TARGET_MIN_BYTES + pick(TARGET_SPAN_BYTES);
    }
}

/* Prose, HTML or both. */
static void put_body(struct message *m, unsigned kind, size_t target)
{
    if (target < m->body + BODY_MIN_BYTES)
        target = m->body + BODY_MIN_BYTES;
    if (kind == 0)
        fill(&m->text, target, put_prose);
    else if (kind == 1)
        put_html_part(&m->text, target);
    else
        put_alternative(m, target);
}

/* The same prose for all, about as long as another body is. */
static void put_one_body(struct message *m)
{
    uint64_t state = random_state;
    message_seed(0);
    fill(&m->text, m->body + TARGET_MIN_BYTES, put_prose);
    random_state = state;
}

void message_make(struct message *m, unsigned number, const struct message_shape *shape)
{
    static const char *const content_types[] = {
        "text/plain; charset=utf-8; format=flowed",
        "text/html; charset=utf-8",
        "multipart/alternative;\r\n boundary=\"%s\"",
    };
    size_t target = pick_bytes(shape->sizes);
    unsigned kind = pick(3);
    if (shape->one_body)
        kind = 0;
    m->text.len = m->names.len = m->covered_bytes = 0;
    m->domain = shape->zipf ? pick_zipf(shape->domains) : pick(shape->domains);
    snprintf(m->boundary, sizeof(m->boundary), "=_%08x%08x", pick(1u << 31), pick(1u << 31));
    put_header(m, number, content_types[kind]);
    m->body = m->text.len;
    if (shape->one_body)
        put_one_body(m);
    else
        put_body(m, kind, target);
}

size_t message_header_bytes(const struct message *m)
{
    int own = snprintf(NULL, 0,
                       "dkim-signature:v=1; a=rsa-sha256; c=relaxed/relaxed; d=" CAMPAIGN_DOMAIN
                       "; s=" CAMPAIGN_SELECTOR "; t=%d; h=%s:from; bh=%044d; b=",
                       m->domain, CAMPAIGN_TIME, m->names.data, 0);
    return m->covered_bytes + (size_t)own;
}
