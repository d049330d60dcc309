/*
 * cmd_reports.c - mailmill reports: from the command line to a run, and back to words.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "closing.h"
#include "common.h"
#include "mailmill/mailmill.h"
#include "terminal.h"
#include "verbs.h"

struct reports_args {
    struct common_args common; /* first: see common.h */
    int format;                /* place in its words */
    bool append, split_days, subjects;
    const char *redact;
    uint64_t row_group_rows, page_bytes; /* of builds for tests */
};

#define FIELD(name) offsetof(struct reports_args, name)

/* clang-format off */
static const struct option dataset_options[] = {
    {.name = "output", .letter = 'o', .kind = OPTION_TEXT, .field = FIELD(common.output),
     .value = "DATASET", .help = "a folder, with a folder for each table"},
    {.name = "append", .kind = OPTION_FLAG, .field = FIELD(append),
     .help = "add to DATASET what it has not taken yet"},
    {.name = "resume", .kind = OPTION_FLAG, .field = FIELD(common.resume),
     .help = "go on with a run that ended early"},
    {.name = "format", .kind = OPTION_WORD, .field = FIELD(format), .words = "parquet|ndjson|csv",
     .help = "of the tables (default parquet)"},
    {.name = "split-days", .kind = OPTION_FLAG, .field = FIELD(split_days),
     .help = "a record of several days: a row for each"},
    {.name = "redact", .kind = OPTION_TEXT, .field = FIELD(redact), .value = "KEYFILE",
     .help = "hash the local part of every address"},
    {.name = "subjects", .kind = OPTION_FLAG, .field = FIELD(subjects),
     .help = "tell subjects of mail complained about"},
    {.name = "rejects", .kind = OPTION_TEXT, .field = FIELD(common.rejects), .value = "FILE",
     .help = "rejected inputs, as --files-from takes it"},
#ifdef MAILMILL_FAULTS
    {.name = "row-group-rows", .kind = OPTION_COUNT, .field = FIELD(row_group_rows),
     .min = 1, .max = UINT32_MAX}, /* not in --help */
    {.name = "page-bytes", .kind = OPTION_COUNT, .field = FIELD(page_bytes),
     .min = 1, .max = UINT32_MAX},
#endif
    {0},
};
/* clang-format on */

const struct option_group reports_groups[] = {
    {"Dataset:", dataset_options},
    {"Input:", input_options},
    {"Run:", run_options},
    {0},
};

static int check_options(const struct verb *verb, const struct reports_args *args)
{
    if (!args->common.output)
        return usage_slip(verb->name, "no dataset: name -o DATASET, a folder");
    if (output_is_stdout(&args->common))
        return usage_slip(verb->name, "-o -: a dataset is a folder of tables");
    if (args->append && args->format != MM_DATASET_PARQUET)
        return usage_slip(verb->name,
                          "--append: tables of --format ndjson or csv are not added to");
    if (args->append && args->common.resume)
        return usage_slip(verb->name, "--append goes on by itself: --resume is of no use with it");
    int code = check_not_written(verb, &args->common, "--redact", &args->redact, 1);
    return code == OPTIONS_READY ? common_check(verb, &args->common) : code;
}

static int run(const struct verb *verb, int argc, char **argv, const struct reports_args *args)
{
    struct report report;
    struct mm_run_end end = {.exit_code = MM_EXIT_BUG};
    struct mm_error err = {0};
    struct mm_reports_run job = {
        .run = common_run_options(&args->common),
        .format = (enum mm_dataset_format)args->format,
        .append = args->append,
        .split_days = args->split_days,
        .subjects = args->subjects,
        .redact_key = args->redact,
        .row_group_rows = (uint32_t)args->row_group_rows,
        .page_bytes = (uint32_t)args->page_bytes,
    };
    report_init(&report, verb->name, &args->common, false);
    job.run.listener = report_listener(&report);
    enum mm_status status = mm_run_reports(&job, &end, &err);
    const struct closing closing = {
        .verb = verb,
        .args = &args->common,
        .report = &report,
        .argc = argc,
        .argv = argv,
        .go_on = args->append ? NULL : option_to_go_on(&args->common, false),
    };
    return closing_say(&closing, status, &end, &err);
}

int cmd_reports(const struct verb *verb, int argc, char **argv)
{
    struct reports_args args = {.format = 0};
    args.common.sources.items = calloc((size_t)argc, sizeof *args.common.sources.items);
    if (!args.common.sources.items)
        return out_of_memory(verb);
    int code = options_read(verb, argc, argv, &args, &args.common.sources);
    if (code == OPTIONS_READY)
        code = check_options(verb, &args);
    if (code == OPTIONS_READY)
        code = run(verb, argc, argv, &args);
    free(args.common.sources.items);
    return code;
}
