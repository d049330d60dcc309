/*
 * closing.c - how a run ends on stderr: what went wrong, one line of counts, --stats.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "closing.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "line.h"
#include "stats_line.h"

static void add_argument(struct line *line, const char *text)
{
    static char quoted[TERMINAL_LINE_BYTES];
    mm_escape_shell((struct mm_view){text, strlen(text)}, quoted, sizeof quoted);
    line_add(line, " %s", quoted);
}

/* What is added comes last, where it outranks what was given, but before a `--`. */
static void add_command(struct line *line, const struct closing *closing)
{
    const char *more = closing->go_on;
    line_add(line, ": mailmill %s", closing->verb->name);
    for (int i = 2; i < closing->argc; i++) {
        if (more && strcmp(closing->argv[i], "--") == 0) {
            line_add(line, " %s", more);
            more = NULL;
        }
        add_argument(line, closing->argv[i]);
    }
    if (more)
        line_add(line, " %s", more);
}

/* Part of a command would be another one: of many names none is said. */
static void add_how_to_go_on(struct line *line, const char *when, const struct closing *closing)
{
    line_add(line, "; %s, go on with", when);
    size_t before = line->len;
    add_command(line, closing);
    if (!line->cut)
        return;
    line->len = before;
    line->cut = false;
    line_add(line, " the same command%s%s", closing->go_on ? " and " : "",
             closing->go_on ? closing->go_on : "");
}

static void add_signed(struct line *line, const struct mm_run_stats *stats, bool dry_run)
{
    line_add(line, "%" PRIu64 " %s", stats->signed_count, dry_run ? "would be signed" : "signed");
    if (stats->unmatched_copied)
        line_add(line, ", %" PRIu64 " %s unsigned", stats->unmatched_copied,
                 dry_run ? "would be copied" : "copied");
    uint64_t skipped = stats->duplicates - stats->unmatched_copied;
    if (skipped)
        line_add(line, ", %" PRIu64 " signed already", skipped);
}

static void add_verified(struct line *line, const struct mm_run_stats *stats)
{
    const char *comma = " (";
    line_add(line, "%" PRIu64 " verified", stats->verified);
    for (int r = 0; r <= MM_DKIM_PERMERROR; r++) {
        if (stats->results[r] == 0)
            continue;
        line_add(line, "%s%s %" PRIu64, comma, mm_dkim_result_word((enum mm_dkim_result)r),
                 stats->results[r]);
        comma = ", ";
    }
    if (stats->verified)
        line_add(line, ")");
}

/* What is no report was looked at and put aside: to call it rejected would alarm for nothing. */
static void add_reports(struct line *line, const struct mm_run_stats *stats)
{
    const struct mm_report_counts *counts = &stats->reports;
    const struct {
        uint64_t count;
        const char *what;
    } kinds[] = {{counts->dmarc_reports, "DMARC"},
                 {counts->tls_reports, "TLS"},
                 {counts->feedback_reports, "feedback"},
                 {counts->bounces, "bounces"}};
    const char *comma = " (";
    line_add(line, "%" PRIu64 " extracted", stats->extracted);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].count == 0)
            continue;
        line_add(line, "%s%" PRIu64 " %s", comma, kinds[i].count, kinds[i].what);
        comma = ", ";
    }
    line_add(line, "%s, %" PRIu64 " duplicate%s, %" PRIu64 " no report", *comma == ',' ? ")" : "",
             stats->duplicates, stats->duplicates == 1 ? "" : "s", counts->not_reports);
    uint64_t rejected = stats->rejected - counts->not_reports;
    line_add(line, ", %" PRIu64 " rejected", rejected);
    if (counts->damaged > rejected) /* the others are parts of inputs */
        line_add(line, ", %" PRIu64 " damaged part%s", counts->damaged - rejected,
                 counts->damaged - rejected == 1 ? "" : "s");
    if (counts->records_skipped)
        line_add(line, ", %" PRIu64 " record%s left out", counts->records_skipped,
                 counts->records_skipped == 1 ? "" : "s");
}

static void add_outcomes(struct line *line, const struct closing *closing,
                         const struct mm_run_stats *stats)
{
    enum verb_counts counts = stats->extracted && closing->verb->counts != COUNTS_REPORTS
                                  ? COUNTS_EXTRACTED
                                  : closing->verb->counts;
    switch (counts) {
    case COUNTS_REPORTS:
        add_reports(line, stats);
        return;
    case COUNTS_EXTRACTED:
        line_add(line, "%" PRIu64 " extracted", stats->extracted);
        break;
    case COUNTS_VERIFIED:
        add_verified(line, stats);
        break;
    case COUNTS_SIGNED:
        add_signed(line, stats, closing->dry_run);
        break;
    }
    line_add(line, ", %" PRIu64 " rejected", stats->rejected);
}

static void add_speed(struct line *line, const struct mm_run_stats *stats)
{
    char amount[AMOUNT_BYTES];
    double wall_s = (double)stats->wall_ns / 1e9;
    line_add(line, "; %s", amount_of_bytes((double)stats->bytes, amount));
    line_add(line, " in %s", amount_of_time(wall_s, amount));
    if (wall_s > 0) {
        double inputs_per_s = (double)stats->inputs / wall_s;
        line_add(line, inputs_per_s < 10 ? " (%.1f/s, " : " (%.0f/s, ", inputs_per_s);
        line_add(line, "%s/s)", amount_of_bytes((double)stats->bytes / wall_s, amount));
    }
}

static void say_counts(const struct closing *closing, const struct mm_run_end *end)
{
    static char text[TERMINAL_LINE_BYTES - 64];
    struct line line = {.text = text, .cap = sizeof text};
    const struct mm_run_stats *stats = &end->stats;
    line_add(&line, "mailmill %s: %" PRIu64 " input%s: ", closing->verb->name, stats->inputs,
             stats->inputs == 1 ? "" : "s");
    add_outcomes(&line, closing, stats);
    if (end->finished_before)
        line_add(&line, "; finished already");
    else if (stats->resumed)
        line_add(&line, "; %" PRIu64 " of them by an earlier run", stats->resumed);
    if (stats->links_skipped)
        line_add(&line, "; %" PRIu64 " link%s skipped", stats->links_skipped,
                 stats->links_skipped == 1 ? "" : "s");
    if (!end->finished_before)
        add_speed(&line, stats);
    if (end->rejects_at[0])
        line_add(&line, "; rejects in %s", escaped_text(end->rejects_at));
    if (end->stopped)
        add_how_to_go_on(&line, "stopped early", closing);
    else if (end->can_go_on)
        add_how_to_go_on(&line, "once that is put right", closing);
    terminal_say("%s", text);
}

/* A reader that went away, as `| head` does, is no failure worth a line, but where mail was to come
 * out. */
static bool reader_left(const struct closing *closing, const struct mm_error *err)
{
    bool to_stdout = !closing->args->output || output_is_stdout(closing->args);
    return to_stdout && closing->verb->counts != COUNTS_SIGNED && err->os_errno == EPIPE;
}

static void say_error(const struct closing *closing, int exit_code, const struct mm_error *err)
{
    const char *verb = closing->verb->name;
    if (exit_code == MM_EXIT_USAGE)
        usage_slip(verb, "%s", escaped_text(err->text));
    else if (exit_code == MM_EXIT_BUG)
        terminal_say("mailmill %s: %s (a bug in mailmill: please report it)", verb,
                     escaped_text(err->text));
    else
        terminal_say("mailmill %s: %s", verb, escaped_text(err->text));
}

int closing_say(const struct closing *closing, enum mm_status status, const struct mm_run_end *end,
                const struct mm_error *err)
{
    bool quiet_end = status < 0 && reader_left(closing, err);
    report_end(closing->report);
    if (status < 0 && !quiet_end)
        say_error(closing, end->exit_code, err);
    if (!closing->args->quiet && !quiet_end && (status >= 0 || end->stats.inputs))
        say_counts(closing, end);
    if (closing->args->stats)
        stats_line_say(&end->stats);
    return end->exit_code;
}
