/*
 * bench_canon.c - what canonical forms and the header index cost, on every tier.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each figure is the best of several rounds over one text in cache; the ratio is to the byte-wise
 * reference on the same text in the same run. Usage: bench_canon [BODY_BYTES]
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/cpu.h"
#include "dkim/canon_header.h"
#include "mail/message.h"

enum { ROUNDS = 25, ROUND_BYTES = 8 * 1024 * 1024, OUT_BYTES = 16 * 1024 };

static uint64_t random_state = 1;

static uint32_t random_below(uint32_t limit)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((random_state >> 33) % limit);
}

/* Words of two to nine letters, a double blank after a sentence, lines below 76 columns. */
static void add_prose_line(struct mm_buf *out)
{
    size_t start = out->len;
    while (out->len - start < 62) {
        for (uint32_t n = 2 + random_below(8); n > 0; n--)
            mm_buf_append_char(out, (char)('a' + random_below(26)));
        mm_buf_append_str(out, random_below(12) ? " " : ".  ");
    }
    out->len -= random_below(8) > 0; /* now and then the blank at the end stays */
    if (random_below(9) == 0)
        mm_buf_append_char(out, '\n');
}

static void add_base64_line(struct mm_buf *out)
{
    for (int i = 0; i < 76; i++)
        mm_buf_append_char(out, (char)('A' + random_below(26)));
}

static void add_html_line(struct mm_buf *out)
{
    for (uint32_t n = 2 * random_below(12); n > 0; n--)
        mm_buf_append_char(out, random_below(40) ? ' ' : '\t');
    mm_buf_append_str(out, random_below(2) ? "<td class=\"c\" style=\"padding:0 4px\">" : "</td>");
    for (uint32_t n = random_below(4); n > 0; n--)
        mm_buf_append_str(out, "some text ");
}

static void add_soup_line(struct mm_buf *out)
{
    for (uint32_t n = random_below(20); n > 0; n--)
        mm_buf_append_char(out, "a \tb  \t\r"[random_below(8)]);
}

static const struct {
    const char *name;
    void (*add_line)(struct mm_buf *out);
} kinds[] = {
    {"prose", add_prose_line},
    {"base64", add_base64_line},
    {"html", add_html_line},
    {"soup", add_soup_line},
};

/* Lines end in LF while they are made; `crlf` turns every LF into CRLF. */
static void make_body(struct mm_buf *out, size_t bytes, void (*add_line)(struct mm_buf *),
                      bool crlf)
{
    struct mm_buf text;
    mm_buf_init(&text, 2 * bytes + 4096);
    random_state = 7;
    while (text.len < bytes) {
        add_line(&text);
        mm_buf_append_char(&text, '\n');
    }
    mm_buf_clear(out);
    for (size_t i = 0; i < text.len; i++) {
        if (crlf && text.data[i] == '\n')
            mm_buf_append_char(out, '\r');
        mm_buf_append_char(out, text.data[i]);
    }
    mm_buf_deinit(&text);
}

typedef size_t feed_fn(struct mm_canon_body *c, struct mm_view *in, char *out, size_t cap);

/* Best nanoseconds for one pass over the body. */
static double body_ns(feed_fn *feed, enum mm_canon canon, struct mm_view body)
{
    static char out[OUT_BYTES];
    size_t passes = ROUND_BYTES / body.len + 1;
    uint64_t best = UINT64_MAX;
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t start = mm_process_cpu_ns();
        for (size_t i = 0; i < passes; i++) {
            struct mm_canon_body c;
            struct mm_view rest = body;
            mm_canon_body_init(&c, canon);
            while (rest.len > 0)
                feed(&c, &rest, out, sizeof out);
            mm_canon_body_end(&c, out);
        }
        uint64_t ns = mm_process_cpu_ns() - start;
        best = ns < best ? ns : best;
    }
    return (double)best / (double)passes;
}

static void bench_bodies(size_t bytes)
{
    static const char *const canons[] = {"simple", "relaxed"};
    static const enum mm_cpu_tier tiers[] = {MM_CPU_PORTABLE, MM_CPU_AVX2, MM_CPU_AVX512};
    struct mm_buf body;
    mm_buf_init(&body, 8 * bytes + 8192);
    printf("%-8s %-8s %-5s %9s", "canon", "body", "eol", "reference");
    for (size_t t = 0; t < MM_COUNT(tiers); t++)
        printf("  %8s      ", mm_cpu_tier_name(tiers[t]));
    printf("   (GB/s of input, x reference)\n");
    for (int canon = MM_CANON_SIMPLE; canon <= MM_CANON_RELAXED; canon++) {
        for (size_t k = 0; k < 2 * MM_COUNT(kinds); k++) {
            make_body(&body, bytes, kinds[k / 2].add_line, k % 2 == 0);
            double slow = body_ns(mm_canon_body_feed_reference, canon, mm_buf_view(&body));
            printf("%-8s %-8s %-5s %9.2f", canons[canon], kinds[k / 2].name, k % 2 ? "lf" : "crlf",
                   (double)body.len / slow);
            for (size_t t = 0; t < MM_COUNT(tiers); t++) {
                mm_cpu_limit(tiers[t]);
                if (mm_cpu_tier() != tiers[t]) {
                    printf("  %8s      ", "-");
                    continue;
                }
                double fast = body_ns(mm_canon_body_feed, canon, mm_buf_view(&body));
                printf("  %8.2f %4.1fx", (double)body.len / fast, slow / fast);
            }
            mm_cpu_limit(MM_CPU_AVX512);
            printf("\n");
        }
    }
    mm_buf_deinit(&body);
}

/* A header such as a campaign's, and a list's with twice the fields. */
static void make_message(struct mm_buf *out, size_t fields, size_t body_bytes)
{
    static const char *const names[] = {
        "Received",    "From",         "To",           "Subject",          "Date",
        "Message-ID",  "MIME-Version", "Content-Type", "List-Unsubscribe", "List-Unsubscribe-Post",
        "Feedback-ID", "Reply-To",     "X-Campaign",   "X-Mailer",         "Sender",
        "List-Id",
    };
    make_body(out, body_bytes, add_prose_line, true);
    struct mm_buf header;
    mm_buf_init(&header, 1 << 20);
    for (size_t i = 0; i < fields; i++) {
        mm_buf_append_str(&header, names[i % MM_COUNT(names)]);
        mm_buf_append_str(&header, ": some words of a value, <someone@example.org>");
        mm_buf_append_str(&header, i % 3 ? "\r\n" : ";\r\n\tfolded=\"and more of it\"\r\n");
    }
    mm_buf_append_str(&header, "\r\n");
    mm_buf_append(&header, mm_buf_view(out));
    mm_buf_clear(out);
    mm_buf_append(out, mm_buf_view(&header));
    mm_buf_deinit(&header);
}

enum { CALLS = 20000 };

static double index_ns(struct mm_view bytes, struct mm_arena *arena)
{
    uint64_t best = UINT64_MAX;
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t start = mm_process_cpu_ns();
        for (int i = 0; i < CALLS; i++) {
            struct mm_msg msg;
            if (i % 256 == 0)
                mm_arena_reset(arena);
            if (mm_msg_index(&msg, bytes, arena) != MM_OK)
                exit(70);
        }
        uint64_t ns = mm_process_cpu_ns() - start;
        best = ns < best ? ns : best;
    }
    return (double)best / CALLS;
}

typedef void header_fn(struct mm_buf *out, enum mm_canon canon, struct mm_view field,
                       size_t value_at, bool add_crlf);

/* Nanoseconds a field, over all fields of a message. */
static double header_ns(header_fn *form, enum mm_canon canon, const struct mm_msg *msg)
{
    struct mm_buf out;
    uint64_t best = UINT64_MAX;
    mm_buf_init(&out, 1 << 20);
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t start = mm_process_cpu_ns();
        for (int i = 0; i < CALLS / 10; i++) {
            mm_buf_clear(&out);
            for (uint32_t f = 0; f < msg->field_count; f++)
                form(&out, canon, mm_field_whole(msg, &msg->fields[f]),
                     msg->fields[f].value - msg->fields[f].start, true);
        }
        uint64_t ns = mm_process_cpu_ns() - start;
        best = ns < best ? ns : best;
    }
    mm_buf_deinit(&out);
    return (double)best / (CALLS / 10.0 * msg->field_count);
}

static void bench_headers(enum mm_cpu_tier tier)
{
    static const size_t fields[] = {16, 30};
    static const size_t bodies[] = {1500, 5000};
    struct mm_arena arena;
    struct mm_buf text;
    mm_arena_init(&arena, 64 << 20);
    mm_buf_init(&text, 1 << 20);
    for (size_t i = 0; i < MM_COUNT(fields); i++) {
        for (size_t b = 0; b < MM_COUNT(bodies); b++) {
            struct mm_msg msg;
            make_message(&text, fields[i], bodies[b]);
            printf("%-8s index, %2zu fields, %5zu bytes: %6.0f ns a message\n",
                   mm_cpu_tier_name(tier), fields[i], text.len,
                   index_ns(mm_buf_view(&text), &arena));
            mm_arena_reset(&arena);
            if (b > 0 || mm_msg_index(&msg, mm_buf_view(&text), &arena) != MM_OK)
                continue;
            printf(
                "%-8s fields: relaxed %.0f ns (reference %.0f), simple %.0f ns (reference %.0f)\n",
                mm_cpu_tier_name(tier), header_ns(mm_canon_header, MM_CANON_RELAXED, &msg),
                header_ns(mm_canon_header_reference, MM_CANON_RELAXED, &msg),
                header_ns(mm_canon_header, MM_CANON_SIMPLE, &msg),
                header_ns(mm_canon_header_reference, MM_CANON_SIMPLE, &msg));
        }
    }
    mm_buf_deinit(&text);
    mm_arena_deinit(&arena);
}

int main(int argc, char **argv)
{
    size_t bytes = argc > 1 ? strtoul(argv[1], NULL, 10) : 40000;
    if (bytes < 100 || bytes > 64 << 20) {
        fprintf(stderr, "usage: bench_canon [BODY_BYTES, 100 to 67108864]\n");
        return 64;
    }
    printf("tier %s: %s; bodies of %zu bytes\n", mm_cpu_tier_name(mm_cpu_tier()), mm_cpu_features(),
           bytes);
    bench_bodies(bytes);
    enum mm_cpu_tier best = mm_cpu_tier();
    for (int tier = MM_CPU_PORTABLE; tier <= (int)best; tier++) {
        mm_cpu_limit(tier);
        if (tier != MM_CPU_SSE2) /* no kernels of its own */
            bench_headers(tier);
    }
    return 0;
}
