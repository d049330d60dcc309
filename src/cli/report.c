/*
 * report.c - what stderr shows while a run goes on: rejects, warnings, progress.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "signals.h"

enum { LINE_EVERY_S = 30 }; /* --progress always, off a terminal */
#define NS_PER_S 1e9

/* Rates are smoothed with this time constant: long enough to be read, short enough to follow. */
static const double smoothing_s = 4.0;
/* Before that a rate says little, and a time left nothing. */
static const double first_estimate_s = 1.0;

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

const char *amount_of_bytes(double bytes, char out[AMOUNT_BYTES])
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
    size_t unit = 0;
    /* 999.95 would be written as 1000.0 */
    for (; bytes >= (unit ? 999.95 : 1000) && unit + 1 < sizeof units / sizeof units[0]; unit++)
        bytes /= 1000;
    snprintf(out, AMOUNT_BYTES, unit ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
    return out;
}

static const char *amount_of_whole_time(double seconds, char out[AMOUNT_BYTES])
{
    uint64_t whole = seconds < 1e15 ? (uint64_t)(seconds + 0.5) : UINT64_C(1000000000000000);
    if (whole < 60)
        snprintf(out, AMOUNT_BYTES, "%" PRIu64 " s", whole);
    else if (whole < 3600)
        snprintf(out, AMOUNT_BYTES, "%" PRIu64 " min %02" PRIu64 " s", whole / 60, whole % 60);
    else
        snprintf(out, AMOUNT_BYTES, "%" PRIu64 " h %02" PRIu64 " min", whole / 3600,
                 whole / 60 % 60);
    return out;
}

const char *amount_of_time(double seconds, char out[AMOUNT_BYTES])
{
    if (seconds >= 9.995)
        return amount_of_whole_time(seconds, out);
    snprintf(out, AMOUNT_BYTES, "%.2f s", seconds);
    return out;
}

void report_init(struct report *report, const char *verb, const struct common_args *args,
                 bool data_on_terminal)
{
    bool wanted = !args->quiet && args->progress != PROGRESS_NEVER;
    *report =
        (struct report){.verb = verb, .quiet = args->quiet, .terminal = terminal_of(STDERR_FILENO)};
    report->live = wanted && report->terminal.can_redraw && !data_on_terminal;
    report->lines = wanted && !report->live && args->progress == PROGRESS_ALWAYS;
    report->begun_ns = report->last_news_ns = report->last_line_ns = now_ns();
}

static struct report_reason *reason_entry(struct report *report, const char *slug)
{
    size_t i = 0;
    while (i < report->reason_count && strcmp(report->reasons[i].slug, slug) != 0)
        i++;
    if (i == REPORT_REASONS)
        return &report->reasons[REPORT_REASONS - 1];
    if (i == report->reason_count) {
        const char *kept = i == REPORT_REASONS - 1 ? "other reasons" : slug;
        snprintf(report->reasons[i].slug, sizeof report->reasons[i].slug, "%s", kept);
        report->reason_count++;
    }
    return &report->reasons[i];
}

static void on_reject(void *context, struct mm_view message, const char *slug, const char *detail,
                      uint64_t offset)
{
    struct report *report = context;
    char at[32] = "";
    if (++reason_entry(report, slug)->count > REPORT_NAMED || report->rejects_in_rows)
        return;
    if (offset != UINT64_MAX)
        snprintf(at, sizeof at, ":%" PRIu64, offset);
    terminal_say("mailmill %s: %s%s: %s (%s)", report->verb, escaped(message), at,
                 escaped_text(detail), slug);
}

void report_warn(void *context, const char *text)
{
    struct report *report = context;
    if (!report->quiet)
        terminal_say("mailmill %s: warning: %s", report->verb, escaped_text(text));
}

static uint64_t inputs_done(const struct mm_run_stats *stats)
{
    return stats->signed_count + stats->verified + stats->extracted + stats->rejected +
           stats->duplicates;
}

/*
 * Rates change with the counts, which grow by whole batches: a tick without news is no slowness.
 * Only a long silence is.
 */
static void measure(struct report *report, const struct mm_run_stats *stats, uint64_t now)
{
    double step_s = (double)(now - report->last_news_ns) / NS_PER_S;
    double age_s = (double)(now - report->begun_ns) / NS_PER_S;
    uint64_t done = inputs_done(stats);
    if (step_s < 0.01 || (done == report->last_done && step_s < smoothing_s))
        return;
    /* The first seconds are their own mean, so that the rate need not climb from nothing. */
    double share = age_s < smoothing_s ? step_s / age_s : step_s / (smoothing_s + step_s);
    report->inputs_per_s +=
        share * ((double)(done - report->last_done) / step_s - report->inputs_per_s);
    report->bytes_per_s +=
        share * ((double)(stats->bytes - report->last_bytes) / step_s - report->bytes_per_s);
    report->last_news_ns = now;
    report->last_done = done;
    report->last_bytes = stats->bytes;
}

/* "12345 of 20000 (61%), 8211/s, 31.2 MB/s, 3 rejected, 1 s left"; while inputs are still being
 * found the total and the time are lower bounds, and there is no share. */
static void progress_text(const struct report *report, const struct mm_run_stats *stats,
                          uint64_t total, uint64_t now, bool colour, char *out, size_t cap)
{
    char amount[AMOUNT_BYTES];
    uint64_t done = inputs_done(stats);
    bool settled = (double)(now - report->begun_ns) / NS_PER_S >= first_estimate_s;
    int len = snprintf(out, cap, "mailmill %s: %" PRIu64, report->verb, done);
    if (total && stats->all_found)
        len += snprintf(out + len, cap - (size_t)len, " of %" PRIu64 " (%.0f%%)", total,
                        100.0 * (double)done / (double)total);
    else if (total)
        len += snprintf(out + len, cap - (size_t)len, " of %" PRIu64 "+", total);
    len += snprintf(out + len, cap - (size_t)len, ", %.0f/s, %s/s", report->inputs_per_s,
                    amount_of_bytes(report->bytes_per_s, amount));
    if (stats->rejected)
        len += snprintf(out + len, cap - (size_t)len, ", %s%" PRIu64 " rejected%s",
                        colour ? "\033[31m" : "", stats->rejected, colour ? "\033[m" : "");
    if (total > done && settled && report->inputs_per_s > 0)
        snprintf(out + len, cap - (size_t)len, ", %s%s left", stats->all_found ? "" : "at least ",
                 amount_of_whole_time((double)(total - done) / report->inputs_per_s, amount));
}

static void on_tick(void *context, const struct mm_run_stats *so_far, uint64_t total)
{
    struct report *report = context;
    char text[256];
    uint64_t now = now_ns();
    bool asked = signals_progress_wanted();
    bool due = report->lines && now - report->last_line_ns >= LINE_EVERY_S * UINT64_C(1000000000);
    measure(report, so_far, now);
    if (asked || due) {
        progress_text(report, so_far, total, now, false, text, sizeof text);
        terminal_say("%s", text);
        if (due)
            report->last_line_ns = now;
    }
    if (report->live) {
        progress_text(report, so_far, total, now, report->terminal.colour, text, sizeof text);
        terminal_draw(text);
    }
}

struct mm_run_listener report_listener(struct report *report)
{
    return (struct mm_run_listener){
        .context = report, .reject = on_reject, .warn = report_warn, .tick = on_tick};
}

void report_end(struct report *report)
{
    terminal_clear();
    for (size_t i = 0; i < report->reason_count; i++)
        if (report->reasons[i].count > REPORT_NAMED && !report->rejects_in_rows)
            terminal_say("mailmill %s: %" PRIu64 " more rejected (%s), %" PRIu64 " in all",
                         report->verb, report->reasons[i].count - REPORT_NAMED,
                         report->reasons[i].slug, report->reasons[i].count);
}
