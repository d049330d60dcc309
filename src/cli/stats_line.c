/*
 * stats_line.c - the counters of a run as one line of JSON.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "stats_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "line.h"
#include "terminal.h"

static void put_count(struct line *line, const char *name, uint64_t value)
{
    line_add(line, "\"%s\":%" PRIu64 ",", name, value);
}

static void put_seconds(struct line *line, const char *name, uint64_t ns)
{
    line_add(line, "\"%s\":%" PRIu64 ".%06" PRIu64 ",", name, ns / 1000000000u,
             ns % 1000000000u / 1000u);
}

/* Blanks inside text are written as \u0020: the whole line is one word for awk and cut. */
static void put_text(struct line *line, const char *name, const char *value)
{
    char quoted[1024];
    if (!value)
        value = "";
    mm_escape_json((struct mm_view){value, strlen(value)}, quoted, sizeof quoted);
    line_add(line, "\"%s\":", name);
    for (const char *c = quoted; *c; c++)
        line_add(line, *c == ' ' ? "\\u0020" : "%c", *c);
    line_add(line, ",");
}

/* The comma behind the last member becomes the bracket. */
static void close_object(struct line *line)
{
    if (line->text[line->len - 1] == ',')
        line->len--;
    line_add(line, "},");
}

static void put_outcomes(struct line *line, const struct mm_run_stats *stats)
{
    put_count(line, "inputs", stats->inputs);
    put_count(line, "signed", stats->signed_count);
    put_count(line, "verified", stats->verified);
    put_count(line, "extracted", stats->extracted);
    put_count(line, "rejected", stats->rejected);
    put_count(line, "duplicates", stats->duplicates);
    put_count(line, "unmatched_copied", stats->unmatched_copied);
    put_count(line, "resumed", stats->resumed);
    put_count(line, "links_skipped", stats->links_skipped);
    line_add(line, "\"results\":{");
    for (int r = 0; r <= MM_DKIM_PERMERROR; r++)
        put_count(line, mm_dkim_result_word((enum mm_dkim_result)r), stats->results[r]);
    close_object(line);
}

static void put_cost(struct line *line, const struct mm_run_stats *stats)
{
    put_count(line, "bytes", stats->bytes);
    put_seconds(line, "wall_s", stats->wall_ns);
    put_seconds(line, "cpu_s", stats->cpu_ns);
    put_count(line, "peak_bytes", stats->peak_bytes);
    put_count(line, "names_bytes", stats->names_bytes);
    put_count(line, "memory_bytes", stats->memory_bytes);
    put_count(line, "threads", stats->threads);
    put_text(line, "threads_why", stats->threads_why);
    put_text(line, "io", stats->io);
    put_text(line, "io_why", stats->io_why);
    put_text(line, "synced_apart", stats->synced_apart);
    line_add(line, "\"io_inflight_mean\":%.3f,", stats->io_inflight_mean);
    put_count(line, "io_inflight_max", stats->io_inflight_max);
}

static void put_stages(struct line *line, const struct mm_run_stats *stats)
{
    line_add(line, "\"stages\":{");
    put_seconds(line, "scan", stats->scan_ns);
    put_seconds(line, "read", stats->read_ns);
    put_seconds(line, "parse", stats->parse_ns);
    put_seconds(line, "canonicalize", stats->canonicalize_ns);
    put_seconds(line, "hash", stats->hash_ns);
    put_seconds(line, "crypto", stats->crypto_ns);
    put_seconds(line, "encode", stats->encode_ns);
    put_seconds(line, "write", stats->write_ns);
    close_object(line);
}

static void put_dns(struct line *line, const struct mm_dns_counts *dns)
{
    line_add(line, "\"dns\":{");
    put_count(line, "questions", dns->questions);
    put_count(line, "noerror", dns->noerror);
    put_count(line, "nxdomain", dns->nxdomain);
    put_count(line, "nodata", dns->nodata);
    put_count(line, "servfail", dns->servfail);
    put_count(line, "timeout", dns->timeout);
    put_count(line, "hits", dns->hits);
    put_count(line, "merged", dns->merged);
    put_count(line, "retries", dns->retries);
    put_count(line, "tcp_connections", dns->tcp_connections);
    put_count(line, "evicted", dns->evicted);
    put_count(line, "recorded", dns->recorded);
    close_object(line);
}

static void put_reports(struct line *line, const struct mm_report_counts *counts)
{
    line_add(line, "\"reports\":{");
    put_count(line, "dmarc_reports", counts->dmarc_reports);
    put_count(line, "tls_reports", counts->tls_reports);
    put_count(line, "feedback_reports", counts->feedback_reports);
    put_count(line, "bounces", counts->bounces);
    put_count(line, "duplicate_reports", counts->duplicate_reports);
    put_count(line, "not_reports", counts->not_reports);
    put_count(line, "damaged", counts->damaged);
    put_count(line, "records_skipped", counts->records_skipped);
    put_count(line, "spilled_runs", counts->spilled_runs);
    close_object(line);
}

struct kernels {
    struct line *line;
    bool openssl_only;
};

/* The kernels among what the library tells of itself; the rest is for `mailmill version`. */
static void put_kernel(void *context, const char *name, const char *value)
{
    const struct kernels *kernels = context;
    static const char *const others[] = {"openssl", "liburing", "xxhash", "libidn2",
                                         "c-ares",  "cpu",      "io"};
    char key[64];
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strcmp(name, others[i]) == 0)
            return;
    snprintf(key, sizeof key, "%s", name);
    for (char *c = key; *c; c++)
        if (*c == ' ')
            *c = '_';
    bool crypto = strcmp(name, "sha256") == 0 || strcmp(name, "public keys") == 0;
    put_text(kernels->line, key, crypto && kernels->openssl_only ? "openssl" : value);
}

void stats_line_say(const struct mm_run_stats *stats)
{
    char text[8192]; /* numbers and short words; kernels and one system error are the longest */
    struct line line = {.text = text, .cap = sizeof text};
    line_add(&line, "{");
    put_outcomes(&line, stats);
    put_cost(&line, stats);
    put_stages(&line, stats);
    if (stats->asked_dns)
        put_dns(&line, &stats->dns);
    if (stats->read_reports)
        put_reports(&line, &stats->reports);
    line_add(&line, "\"cpu\":{");
    mm_describe(put_kernel, &(struct kernels){&line, stats->openssl_only});
    close_object(&line);
    put_count(&line, "body_cache_hits", stats->body_cache_hits);
    put_count(&line, "remade", stats->remade);
    put_count(&line, "faults", stats->faults);
    close_object(&line);
    text[line.len - 1] = '\0'; /* the comma behind the last bracket */
    terminal_say("%s", text);
}
