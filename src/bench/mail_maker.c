/*
 * mail_maker.c - messages for measuring: distinct, decided by the seed and the shape alone.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Header and body look like those of shops and lists: folded fields, prose with format=flowed and
 * quotes, HTML indented with tabs or blanks, here and there blanks at the end of a line.
 */
#include "bench/mail_maker.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "text/base64.h"

enum {
    SMALL_MIN_BYTES = 2200, /* with the last paragraph this stays within 2 to 6 KB */
    SMALL_SPAN_BYTES = 3350,
    BODY_MIN_BYTES = 500,
    LARGE_BYTES = 10 * 1000 * 1000,
    FIELD_MAX_BYTES = 4096,
    LINE_OCTETS = 57 /* of base64 in 76 characters: RFC 2045 section 6.8 */
};

/* Log-normal sizes: median, and the logarithm's standard deviation. */
struct sizes {
    double median_bytes, sigma, max_bytes;
};
static const struct sizes MIXED = {12000, 1.507 /* ln(400 / 12) / 2.326 */, 20e6};
/* The parts of an archive, of a hundred messages so many. Medians and nine in ten are those of
 * public archives and generated campaigns; sigma is ln(p90 / median) / 1.282. */
enum archive_kind { OF_LIST, OF_BULK, OF_NEWSLETTER, OF_ATTACHMENT };
static const struct {
    uint32_t percent;
    struct sizes sizes;
} ARCHIVE[] = {
    [OF_LIST] = {60, {3435, 0.38, 24e3}},
    [OF_BULK] = {20, {3709, 1.17, 190e3}},
    [OF_NEWSLETTER] = {15, {24613, 0.26, 310e3}},
    [OF_ATTACHMENT] = {5, {148627, 1.07, 1.2e6}},
};

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

static uint32_t pick(struct mm_mail_maker *m, uint32_t below)
{
    return mm_draw_below(&m->draw, below);
}

/* 0..below-1, k with a probability of ln(1 + 1/(k+1)) / ln(below + 1): Zipf's law, nearly. */
static uint32_t pick_zipf(struct mm_mail_maker *m, uint32_t below)
{
    uint32_t k = (uint32_t)exp(mm_draw_part(&m->draw) * log(below + 1.0)) - 1;
    return k < below ? k : below - 1;
}

/* Box and Muller's way to a normal distribution. */
static size_t pick_bytes_of(struct mm_mail_maker *m, const struct sizes *sizes)
{
    double radius = sqrt(-2 * log(mm_draw_part(&m->draw)));
    double normal = radius * cos(2 * 3.14159265358979 * mm_draw_part(&m->draw));
    double bytes = sizes->median_bytes * exp(sizes->sigma * normal);
    return (size_t)(bytes < sizes->max_bytes ? bytes : sizes->max_bytes);
}

static const char *word(struct mm_mail_maker *m)
{
    return words[pick(m, MM_COUNT(words))];
}

static void put_str(struct mm_mail_maker *m, const char *text)
{
    mm_buf_append_str(&m->text, text);
}

/* Some words as a sentence has them. */
static void put_words(struct mm_mail_maker *m, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        put_str(m, i ? " " : "");
        put_str(m, word(m));
    }
}

/* Draws have statements of their own: in what order arguments are drawn is the compiler's choice,
 * and a seed means the same message everywhere. */

/* ---- header ---- */

static void put_field(struct mm_mail_maker *m, const char *name, const char *format, ...)
    MM_PRINTF(3, 4);
static void put_field(struct mm_mail_maker *m, const char *name, const char *format, ...)
{
    char value[FIELD_MAX_BYTES]; /* a longer one is cut: none is */
    va_list args;
    va_start(args, format);
    vsnprintf(value, sizeof value, format, args);
    va_end(args);
    mm_buf_printf(&m->text, "%s:%s%s\r\n", name, pick(m, 20) ? " " : "  ", value);
}

static const char *date_text(char out[64], uint32_t number)
{
    time_t when = MM_MAIL_TIME + (time_t)number * 7;
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

static void put_extra(struct mm_mail_maker *m, enum extra extra, uint32_t number, const char *date)
{
    char domain[32];
    uint32_t id = pick(m, 1u << 31), former = pick(m, 1u << 31), first = pick(m, 1u << 31);
    const char *a = word(m), *b = word(m);
    snprintf(domain, sizeof(domain), MM_MAIL_DOMAIN, m->domain);
    switch (extra) {
    case REPLY_TO:
        put_field(m, "Reply-To", "\"Answers, please\" <reply+%u@%s>", number, domain);
        break;
    case CC:
        put_field(m, "Cc", "%s <copy%u@reader.example>,\r\n\tarchive@%s", a, id % 9999, domain);
        break;
    case IN_REPLY_TO:
        put_field(m, "In-Reply-To", "<%08x.%u@%s>", id, number, domain);
        break;
    case REFERENCES:
        put_field(m, "References", "<%08x.1@%s>\r\n  <%08x.2@%s>\r\n  <%08x.3@%s>", first, domain,
                  former, domain, id, domain);
        break;
    case LIST_ID:
        put_field(m, "List-Id", "\"%s %s\" <%s.%s>", a, b, a, domain);
        break;
    case FEEDBACK_ID:
        put_field(m, "Feedback-ID", "%u:%s:campaign:%s", number, a, domain);
        break;
    case RESENT_DATE:
        put_field(m, "Resent-Date", "%s", date);
        break;
    case RESENT_FROM:
        put_field(m, "Resent-From", "mailer@%s", domain);
        break;
    default: {
        static const char *const list_names[] = {
            [LIST_HELP] = "List-Help",       [LIST_SUBSCRIBE] = "List-Subscribe",
            [LIST_POST] = "List-Post",       [LIST_OWNER] = "List-Owner",
            [LIST_ARCHIVE] = "List-Archive",
        };
        put_field(m, list_names[extra], "<https://lists.%s/%s/%u>", domain, a, number);
    }
    }
}

enum body { BODY_PROSE, BODY_HTML, BODY_BOTH, BODY_ATTACHMENT };
static const char *const content_types[] = {
    [BODY_PROSE] = "text/plain; charset=utf-8; format=flowed",
    [BODY_HTML] = "text/html; charset=utf-8",
    [BODY_BOTH] = "multipart/alternative;\r\n boundary=\"%s\"",
    [BODY_ATTACHMENT] = "multipart/mixed;\r\n boundary=\"%s\"",
};

/* Which extra fields a message has: any number of them is as likely as any other. */
static uint32_t pick_extras(struct mm_mail_maker *m)
{
    uint32_t chosen = 0;
    for (uint32_t wanted = pick(m, EXTRA_COUNT + 1); wanted > 0;) {
        uint32_t bit = 1u << pick(m, EXTRA_COUNT);
        wanted -= !(chosen & bit);
        chosen |= bit;
    }
    return chosen;
}

/* hops: fields of relays on top. */
static void put_header(struct mm_mail_maker *m, uint32_t number, uint32_t hops, enum body body)
{
    char domain[32], date[64], subject[256] = "";
    const char *given = given_names[pick(m, MM_COUNT(given_names))];
    uint32_t extras = pick_extras(m);
    snprintf(domain, sizeof(domain), MM_MAIL_DOMAIN, m->domain);
    date_text(date, number);
    for (uint32_t i = hops; i > 0; i--) {
        uint32_t host = pick(m, 256), id = pick(m, 1u << 31);
        put_field(m, "Received",
                  "from relay%u.%s (relay%u.%s [192.0.2.%u])\r\n"
                  "\tby mx.reader.example (Postfix) with ESMTPS id %08X\r\n\tfor "
                  "<reader%u@reader.example>; %s",
                  i, domain, i, domain, host, id, number, date);
    }
    put_field(m, "Message-ID", "<%u.%08x@%s>", number, pick(m, 1u << 31), domain);
    put_field(m, "Date", "%s", date);
    const char *brand = word(m), *kind = word(m);
    put_field(m, "From", "\"The %s %s\" <hello@%s>", brand, kind, domain);
    put_field(m, "To", "%s %u <reader%u@reader.example>", given, number, number);
    for (uint32_t i = 0, at = 0; i < 4 + pick(m, 5); i++)
        at += (uint32_t)snprintf(subject + at, sizeof(subject) - at, "%s%s",
                                 i == 5 ? "\r\n "
                                 : i    ? " "
                                        : "",
                                 word(m));
    put_field(m, "Subject", "%s", subject);
    uint32_t reader = pick(m, 1u << 31), issue = pick(m, 1u << 31);
    put_field(m, "List-Unsubscribe", "<https://%s/u/%08x%08x>,\r\n <mailto:leave+%u@%s>", domain,
              reader, issue, number, domain);
    put_field(m, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
    for (uint32_t extra = 0; extra < EXTRA_COUNT; extra++) {
        if (extras & (1u << extra))
            put_extra(m, (enum extra)extra, number, date);
    }
    put_field(m, "MIME-Version", "1.0");
    put_field(m, "Content-Type", content_types[body], m->boundary);
    put_field(m, "Content-Transfer-Encoding", "8bit");
    put_str(m, "\r\n");
}

/* ---- body ---- */

/* A paragraph of wrapped lines. Some end in a blank (format=flowed), some have two after a full
 * stop. */
static void put_prose(struct mm_mail_maker *m)
{
    uint32_t flowed = pick(m, 3) == 0;
    size_t line = 0;
    const char *quote = pick(m, 8) ? "" : "> ";
    put_str(m, quote);
    for (uint32_t i = 30 + pick(m, 50); i > 0; i--) {
        size_t start = m->text.len;
        put_str(m, word(m));
        put_str(m, pick(m, 9) ? " " : pick(m, 2) ? ". " : ".  ");
        line += m->text.len - start;
        if (line > 62) {
            m->text.len -= !flowed;
            mm_buf_printf(&m->text, "\r\n%s", quote);
            line = 0;
        }
    }
    mm_buf_printf(&m->text, "%s.\r\n\r\n", word(m));
}

static void put_indent(struct mm_mail_maker *m, bool tabs, uint32_t depth)
{
    for (uint32_t i = 0; i < depth; i++)
        put_str(m, tabs ? "\t" : "    ");
}

/* A row of a layout table, indented as editors do it. */
static void put_html(struct mm_mail_maker *m)
{
    bool tabs = pick(m, 3) == 0;
    uint32_t depth = 2 + pick(m, 4);
    put_indent(m, tabs, depth);
    mm_buf_printf(&m->text, "<tr>%s\r\n", pick(m, 6) ? "" : "  ");
    put_indent(m, tabs, depth + 1);
    uint32_t above = pick(m, 40), beside = pick(m, 40), color = pick(m, 1u << 24);
    mm_buf_printf(&m->text,
                  "<td style=\"padding: %upx %upx; font-family: sans-serif;  color: #%06x;\">\r\n",
                  above, beside, color);
    for (uint32_t i = 1 + pick(m, 3); i > 0; i--) {
        put_indent(m, tabs, depth + 2);
        put_str(m, "<p>");
        put_words(m, 6 + pick(m, 8));
        put_str(m, "</p>\r\n");
    }
    put_indent(m, tabs, depth + 2);
    uint32_t high = pick(m, 1u << 31), low = pick(m, 1u << 31);
    const char *verb = word(m), *noun = word(m);
    mm_buf_printf(&m->text, "<a href=\"https://click.example/%08x%08x\">%s %s</a>\r\n", high, low,
                  verb, noun);
    put_indent(m, tabs, depth + 1);
    put_str(m, "</td>\r\n");
    put_indent(m, tabs, depth);
    mm_buf_printf(&m->text, "</tr>\r\n%s", pick(m, 4) ? "" : "\r\n");
}

static void fill(struct mm_mail_maker *m, size_t target, void (*put_piece)(struct mm_mail_maker *m))
{
    do
        put_piece(m);
    while (m->text.len < target && !m->text.failed);
}

static void put_html_part(struct mm_mail_maker *m, size_t target)
{
    put_str(m, "<!DOCTYPE html>\r\n<html>\r\n  <body>\r\n    <table role=\"presentation\">\r\n");
    fill(m, target, put_html);
    put_str(m, "    </table>\r\n  </body>\r\n</html>\r\n");
}

static void put_alternative(struct mm_mail_maker *m, size_t target)
{
    mm_buf_printf(&m->text, "--%s\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n", m->boundary);
    fill(m, m->text.len + (target - m->text.len) / 3, put_prose);
    mm_buf_printf(&m->text, "--%s\r\nContent-Type: text/html; charset=utf-8\r\n\r\n", m->boundary);
    put_html_part(m, target);
    mm_buf_printf(&m->text, "--%s--\r\n", m->boundary);
}

static void put_base64_line(struct mm_mail_maker *m)
{
    uint8_t octets[LINE_OCTETS];
    char line[MM_BASE64_ENCODED_BYTES(LINE_OCTETS)];
    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (uint8_t)mm_draw_next(&m->draw);
    mm_buf_append(&m->text, (struct mm_view){line, mm_base64_encode(line, octets, sizeof octets)});
    put_str(m, "\r\n");
}

static void put_attachment(struct mm_mail_maker *m, size_t target)
{
    mm_buf_printf(&m->text, "--%s\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n", m->boundary);
    put_prose(m);
    mm_buf_printf(&m->text,
                  "--%s\r\nContent-Type: application/octet-stream\r\n"
                  "Content-Transfer-Encoding: base64\r\n\r\n",
                  m->boundary);
    fill(m, target, put_base64_line);
    mm_buf_printf(&m->text, "--%s--\r\n", m->boundary);
}

static void put_body(struct mm_mail_maker *m, enum body body, size_t target)
{
    if (target < m->body_at + BODY_MIN_BYTES)
        target = m->body_at + BODY_MIN_BYTES;
    switch (body) {
    case BODY_PROSE:
        fill(m, target, put_prose);
        break;
    case BODY_HTML:
        put_html_part(m, target);
        break;
    case BODY_BOTH:
        put_alternative(m, target);
        break;
    case BODY_ATTACHMENT:
        put_attachment(m, target);
    }
}

/* The same prose for all, about as long as another body is. */
static void put_one_body(struct mm_mail_maker *m)
{
    struct mm_draw others = m->draw;
    m->draw.state = 0;
    fill(m, m->body_at + SMALL_MIN_BYTES, put_prose);
    m->draw = others;
}

/* ---- a message ---- */

struct plan {
    size_t bytes;
    uint32_t hops;
    enum body body;
};

static void plan_of_archive(struct mm_mail_maker *m, struct plan *plan)
{
    uint32_t percent = pick(m, 100), kind = 0;
    while (percent >= ARCHIVE[kind].percent) {
        percent -= ARCHIVE[kind].percent;
        kind++;
    }
    plan->bytes = pick_bytes_of(m, &ARCHIVE[kind].sizes);
    if (kind == OF_LIST) { /* some 30 fields, 2 KB of them */
        plan->hops += 8;
        plan->body = BODY_PROSE;
    } else if (kind == OF_ATTACHMENT) {
        plan->body = BODY_ATTACHMENT;
    }
}

static struct plan make_plan(struct mm_mail_maker *m)
{
    struct plan plan = {.hops = pick(m, 3)};
    plan.body = (enum body)pick(m, 3);
    switch (m->shape.sizes) {
    case MM_MAIL_SMALL:
        plan.bytes = SMALL_MIN_BYTES + pick(m, SMALL_SPAN_BYTES);
        break;
    case MM_MAIL_MIXED:
        plan.bytes = pick_bytes_of(m, &MIXED);
        break;
    case MM_MAIL_LARGE:
        plan.bytes = LARGE_BYTES;
        break;
    case MM_MAIL_ARCHIVE:
        plan_of_archive(m, &plan);
    }
    if (m->shape.one_body)
        plan.body = BODY_PROSE;
    return plan;
}

void mm_mail_maker_init(struct mm_mail_maker *m, const struct mm_mail_shape *shape, uint64_t seed)
{
    *m = (struct mm_mail_maker){.draw = {seed}, .shape = *shape};
    mm_buf_init(&m->text, MM_MAIL_MAX_BYTES);
}

void mm_mail_maker_deinit(struct mm_mail_maker *m)
{
    mm_buf_deinit(&m->text);
}

bool mm_mail_make(struct mm_mail_maker *m, uint32_t number)
{
    struct plan plan = make_plan(m);
    mm_buf_clear(&m->text);
    m->domain = m->shape.zipf ? pick_zipf(m, m->shape.domains) : pick(m, m->shape.domains);
    uint32_t high = pick(m, 1u << 31), low = pick(m, 1u << 31);
    snprintf(m->boundary, sizeof m->boundary, "=_%08x%08x", high, low);
    put_header(m, number, plan.hops, plan.body);
    m->body_at = m->text.len;
    if (m->shape.one_body)
        put_one_body(m);
    else
        put_body(m, plan.body, plan.bytes);
    return !m->text.failed;
}
