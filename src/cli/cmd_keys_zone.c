/*
 * cmd_keys_zone.c - mailmill keys zone: the keys that a pile of mail needs, into one file.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "closing.h"
#include "common.h"
#include "key_options.h"
#include "mailmill/mailmill.h"
#include "verbs.h"

struct zone_args {
    struct common_args common; /* first: see common.h */
    struct key_args records;
    int format; /* place in its words */
    int64_t now;
    uint64_t max_signatures;
};

#define FIELD(name) offsetof(struct zone_args, name)

/* As of verify. */
static const uint64_t time_max = 999999999999;
enum { SIGNATURES_MAX = 65536, FORMAT_ZONE = 1 };

/* clang-format off */
static const struct option record_options[] = {
    {.name = "keys", .kind = OPTION_TEXTS, .field = FIELD(records.files), .value = "FILE",
     .help = "records: zone, recorded answers or folder"},
    {.name = "dns", .kind = OPTION_OPTIONAL, .field = FIELD(records.dns),
     .value = "HOST[:PORT]", .help = "ask for names that no FILE has"},
    {.name = "dns-timeout", .kind = OPTION_DURATION, .field = FIELD(records.dns_timeout_s),
     .value = "TIME", .min = 1, .max = DNS_TIMEOUT_MAX_S, .help = "for one name (default 5s)"},
    {.name = "now", .kind = OPTION_TIME, .field = FIELD(now), .value = "EPOCH", .max = time_max,
     .help = "which of dated records; told in the output"},
    {.name = "max-signatures", .kind = OPTION_COUNT, .field = FIELD(max_signatures), .value = "N",
     .min = 1, .max = SIGNATURES_MAX, .help = "looked at in one message (default 32)"},
    {0},
};

static const struct option output_options[] = {
    {.name = "output", .letter = 'o', .kind = OPTION_TEXT, .field = FIELD(common.output),
     .value = "FILE", .help = "sorted by name (default: stdout)"},
    {.name = "format", .kind = OPTION_WORD, .field = FIELD(format), .words = "json|zone",
     .help = "recorded answers, or a master file"},
    {.name = "overwrite", .kind = OPTION_FLAG, .field = FIELD(common.overwrite),
     .help = "replace output that exists"},
    {.name = "rejects", .kind = OPTION_TEXT, .field = FIELD(common.rejects), .value = "FILE",
     .help = "rejected mail, as --files-from takes it"},
    {0},
};
/* clang-format on */

const struct option_group keys_zone_groups[] = {
    {"Records:", record_options},
    {"Output and input:", output_options},
    {"", input_options},
    {"Run:", run_options},
    {0},
};

static int check_options(const struct verb *verb, const struct zone_args *args)
{
    if (args->records.files.count == 0 && !args->records.dns.given)
        return usage_slip(verb->name, "no records: name --keys FILE or --dns");
    if (key_args_are_none(&args->records))
        return usage_slip(verb->name, "--keys none leaves nothing to look up");
    int code = key_args_check(verb, &args->records);
    return code == OPTIONS_READY ? common_check(verb, &args->common) : code;
}

static void say_names(const struct verb *verb, const struct mm_zone_counts *counts)
{
    terminal_say("mailmill %s: %" PRIu64 " name%s of keys: %" PRIu64 " found, %" PRIu64
                 " without a record, %" PRIu64 " without an answer, %" PRIu64 " not recorded",
                 verb->name, counts->names, counts->names == 1 ? "" : "s", counts->found,
                 counts->none, counts->unanswered, counts->unknown);
}

static int run(const struct verb *verb, int argc, char **argv, const struct zone_args *args,
               const struct mm_key_source *keys, struct report *report)
{
    struct mm_run_end end = {.exit_code = MM_EXIT_BUG};
    struct mm_zone_counts counts;
    struct mm_error err = {0};
    struct mm_zone_run job = {.run = common_run_options(&args->common),
                              .keys = keys,
                              .max_signatures = (uint32_t)args->max_signatures,
                              .now = args->now,
                              .master_file = args->format == FORMAT_ZONE};
    job.run.listener = report_listener(report);
    enum mm_status status = mm_run_zone(&job, &counts, &end, &err);
    struct closing closing = {.verb = verb,
                              .args = &args->common,
                              .report = report,
                              .argc = argc,
                              .argv = argv,
                              .go_on = output_is_in_the_way(&args->common) ? "--overwrite" : NULL};
    if (status >= 0 && !end.stopped && !args->common.quiet) {
        report_end(report);
        say_names(verb, &counts);
    }
    return closing_say(&closing, status, &end, &err);
}

int cmd_keys_zone(const struct verb *verb, int argc, char **argv)
{
    struct zone_args args = {.now = (int64_t)time(NULL),
                             .max_signatures = MM_MAX_SIGNATURES_DEFAULT};
    struct mm_key_source *keys = NULL;
    struct report report;
    args.common.sources.items = calloc((size_t)argc, sizeof *args.common.sources.items);
    if (!args.common.sources.items)
        return out_of_memory(verb);
    int code = options_read(verb, argc, argv, &args, &args.common.sources);
    if (code == OPTIONS_READY)
        code = check_options(verb, &args);
    if (code == OPTIONS_READY) {
        report_init(&report, verb->name, &args.common,
                    !args.common.output && terminal_of(STDOUT_FILENO).is_terminal);
        code = key_args_open(verb, &args.records, &keys);
        if (code == OPTIONS_READY)
            code = run(verb, argc, argv, &args, keys, &report);
    }
    mm_key_source_free(&keys);
    free(args.common.sources.items);
    return code;
}
