/*
 * cmd_verify.c - mailmill verify: from the command line to a run, and back to words.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "closing.h"
#include "common.h"
#include "key_options.h"
#include "mailmill/mailmill.h"
#include "values.h"
#include "verbs.h"

struct verify_args {
    struct common_args common; /* first: see common.h */
    struct key_args key;
    int policy;
    int require, time_from; /* 0: as their only word says; -1: not */
    int64_t now;
    uint64_t max_signatures;
    const char *explain, *extract; /* NULL: not one message, but all of the sources */
    bool json;
    const char *authserv_id;
    int sink, format; /* places in their words; -1: not given */
};

#define FIELD(name) offsetof(struct verify_args, name)

/* RFC 6376 section 3.5: t= and x= have 12 digits at most. */
static const uint64_t time_max = 999999999999;
/* A header of 1 MiB has room for no more. */
enum { SIGNATURES_MAX = 65536 };

/* clang-format off */
static const struct option verify_options[] = {
    {.name = "keys", .kind = OPTION_TEXTS, .field = FIELD(key.files), .value = "FILE",
     .help = "zone, recorded answers or folder; none: no keys"},
    {.name = "dns", .kind = OPTION_OPTIONAL, .field = FIELD(key.dns), .value = "HOST[:PORT]",
     .help = "ask for keys that no FILE has"},
    {.name = "dns-timeout", .kind = OPTION_DURATION, .field = FIELD(key.dns_timeout_s),
     .value = "TIME", .min = 1, .max = DNS_TIMEOUT_MAX_S, .help = "for one name (default 5s)"},
    {.name = "dns-record", .kind = OPTION_TEXT, .field = FIELD(key.dns_record), .value = "FILE",
     .help = "write answers for later --keys"},
    {.name = "policy", .kind = OPTION_WORD, .field = FIELD(policy),
     .words = "strict|legacy", .help = "legacy: rsa-sha1 and RSA from 512 bits count"},
    {.name = "now", .kind = OPTION_TIME, .field = FIELD(now), .value = "EPOCH", .max = time_max,
     .help = "what x= is compared with (default: the clock)"},
    {.name = "time-from", .kind = OPTION_WORD, .field = FIELD(time_from), .words = "received",
     .help = "compare with the first Received field's date"},
    {.name = "max-signatures", .kind = OPTION_COUNT, .field = FIELD(max_signatures), .value = "N",
     .min = 1, .max = SIGNATURES_MAX, .help = "looked at in one message (default 32)"},
    {.name = "require", .kind = OPTION_WORD, .field = FIELD(require), .words = "pass",
     .help = "exit 1 unless every message passes"},
    {0},
};

static const struct option one_options[] = {
    {.name = "explain", .kind = OPTION_TEXT, .field = FIELD(explain), .value = "MESSAGE"},
    {.name = "json", .kind = OPTION_FLAG, .field = FIELD(json),
     .help = "tell why (FILE, FILE!OFFSET or -); as JSON"},
    {.name = "extract", .kind = OPTION_TEXT, .field = FIELD(extract), .value = "MESSAGE",
     .help = "write its bytes"},
    {0},
};

static const struct option output_options[] = {
    {.name = "authentication-results", .kind = OPTION_TEXT, .field = FIELD(authserv_id),
     .value = "ID", .help = "say this field, from host ID"},
    {.name = "output", .letter = 'o', .kind = OPTION_TEXT, .field = FIELD(common.output),
     .value = "OUT", .help = "FILE.ndjson, DATASET/, FILE.eml or - (default)"},
    {.name = "format", .kind = OPTION_WORD, .field = FIELD(format), .words = "parquet|ndjson|csv",
     .help = "of the tables of DATASET"},
    {.name = "sink", .kind = OPTION_WORD, .field = FIELD(sink), .words = "tree|maildir",
     .help = "messages with this field to folder OUT"},
    {.name = "resume", .kind = OPTION_FLAG, .field = FIELD(common.resume)},
    {.name = "overwrite", .kind = OPTION_FLAG, .field = FIELD(common.overwrite),
     .help = "go on with an unfinished OUT; replace it"},
    {.name = "rejects", .kind = OPTION_TEXT, .field = FIELD(common.rejects), .value = "FILE",
     .help = "rejected mail, as --files-from takes it"},
    {0},
};
/* clang-format on */

const struct option_group verify_groups[] = {
    {"Check:", verify_options},
    {"One message:", one_options},
    {"Output and input:", output_options},
    {"", input_options},
    {"Run:", run_options},
    {0},
};

/* One message is named by its option, and is all there is. */
static int check_one(const struct verb *verb, const struct verify_args *args)
{
    const char *output = args->common.output, *option = args->explain ? "explain" : "extract";
    if (args->explain && args->extract)
        return usage_slip(verb->name, "--explain and --extract exclude each other");
    if (args->common.sources.count || args->common.files_from)
        return usage_slip(verb->name, "--%s names its message; there is no SOURCE beside it",
                          option);
    if (args->common.rejects)
        return usage_slip(verb->name, "--rejects is of no use with --%s", option);
    if (args->authserv_id || args->sink >= 0 || args->format >= 0)
        return usage_slip(verb->name, "--%s is of no use with --%s",
                          args->format >= 0 ? "format"
                          : args->sink >= 0 ? "sink"
                                            : "authentication-results",
                          option);
    if (args->json && !args->explain)
        return usage_slip(verb->name, "--json is of use only with --explain");
    if (output && !output_is_stdout(&args->common) &&
        (args->explain || !has_suffix(output, ".eml")))
        return usage_slip(verb->name, "-o '%s': --%s", escaped_text(output),
                          args->explain ? "explain writes to standard output"
                                        : "extract writes FILE.eml or -");
    return OPTIONS_READY;
}

/* A folder of tables: neither a file of rows nor one of messages. */
static bool makes_dataset(const struct verify_args *args)
{
    const char *output = args->common.output;
    return args->sink < 0 && output && !output_is_stdout(&args->common) &&
           !has_suffix(output, ".ndjson");
}

static int check_dataset(const struct verb *verb, const struct verify_args *args)
{
    const struct common_args *common = &args->common;
    if (args->format >= 0 && !makes_dataset(args))
        return usage_slip(verb->name, "--format says how tables are written: name -o DATASET/, "
                                      "a folder");
    if (makes_dataset(args) && has_suffix(common->output, ".eml"))
        return usage_slip(verb->name, "-o '%s': only --extract writes a message",
                          escaped_text(common->output));
    if (makes_dataset(args) && common->overwrite && !common->rejects && !args->key.dns_record)
        return usage_slip(verb->name, "--overwrite: no dataset is replaced; remove it, or choose "
                                      "another name");
    return OPTIONS_READY;
}

/* The field that is said, and where messages and rows go. */
static int check_output(const struct verb *verb, const struct verify_args *args)
{
    struct mm_view id = {args->authserv_id, args->authserv_id ? strlen(args->authserv_id) : 0};
    if (args->authserv_id && !mm_authserv_id_is_valid(id))
        return usage_slip(verb->name,
                          "--authentication-results '%s': want the name of the checking host, "
                          "without blanks, quotes or any of ()<>@,;:\\/[]?=, in ASCII",
                          escaped_text(args->authserv_id));
    if (args->sink >= 0 && !args->common.output)
        return usage_slip(verb->name, "--sink says how messages lie in a folder: name -o OUT");
    if (args->sink >= 0 && !args->authserv_id)
        return usage_slip(verb->name, "--sink writes messages with their field on top: name "
                                      "--authentication-results ID");
    return check_dataset(verb, args);
}

static int check_keys(const struct verb *verb, const struct verify_args *args)
{
    if (args->key.files.count == 0 && !args->key.dns.given)
        return usage_slip(verb->name, "no keys: name --keys FILE, --dns or --keys none to check "
                                      "all but signatures");
    return key_args_check(verb, &args->key);
}

static int check_all(const struct verb *verb, const struct verify_args *args)
{
    if (args->json)
        return usage_slip(verb->name, "--json is of use only with --explain");
    int code = check_output(verb, args);
    if (code == OPTIONS_READY && !key_args_are_none(&args->key))
        code = check_not_written(verb, &args->common, "--keys", args->key.files.items,
                                 args->key.files.count);
    return code == OPTIONS_READY ? common_check(verb, &args->common) : code;
}

static int check_options(const struct verb *verb, const struct verify_args *args)
{
    int code = args->extract ? OPTIONS_READY : check_keys(verb, args);
    if (code != OPTIONS_READY)
        return code;
    return args->explain || args->extract ? check_one(verb, args) : check_all(verb, args);
}

/* A table for a person at a terminal, else NDJSON; a table has no place for a field. An explanation
 * is text wherever it goes. */
static enum mm_row_format row_format(const struct verify_args *args)
{
    struct terminal terminal = terminal_of(STDOUT_FILENO);
    bool rows = args->common.output || args->authserv_id || !terminal.is_terminal;
    if (args->explain ? args->json : rows)
        return MM_ROWS_NDJSON;
    return terminal.colour ? MM_ROWS_TABLE_COLOR : MM_ROWS_TABLE;
}

static enum mm_status run_job(struct mm_verify_run *job, const struct verify_args *args,
                              struct mm_run_end *end, struct mm_error *err)
{
    if (!args->explain && !args->extract)
        return mm_run_verify(job, end, err);
    job->run.sources = args->explain ? &args->explain : &args->extract;
    job->run.source_count = 1;
    return args->explain ? mm_run_explain(job, end, err) : mm_run_extract(&job->run, end, err);
}

/* What the same command needs after a stop. */
static const char *how_to_go_on(const struct verify_args *args)
{
    bool overwrite = args->common.overwrite;
    if (args->sink >= 0) /* its rows cannot be gone on with: all is written anew */
        return overwrite ? NULL : "--overwrite";
    return args->key.dns_record && !overwrite ? "--overwrite"
                                              : option_to_go_on(&args->common, false);
}

static int run(const struct verb *verb, int argc, char **argv, const struct verify_args *args,
               const struct mm_key_source *keys, struct report *report)
{
    struct mm_run_end end = {.exit_code = MM_EXIT_BUG};
    struct mm_error err = {0};
    struct mm_verify_run job = {
        .run = common_run_options(&args->common),
        .keys = keys,
        .verify = {.policy = (enum mm_dkim_policy)args->policy,
                   .now = args->now,
                   .time_from = args->time_from == 0 ? MM_TIME_FROM_RECEIVED : MM_TIME_FROM_NOW,
                   .max_signatures = (uint32_t)args->max_signatures},
        .require_pass = args->require == 0,
        .format = row_format(args),
        .dataset_format =
            args->format < 0 ? MM_DATASET_PARQUET : (enum mm_dataset_format)args->format,
        .authserv_id = args->authserv_id,
        .sink = (enum mm_message_sink)(args->sink + 1),
    };
    job.run.listener = report_listener(report);
    enum mm_status status = run_job(&job, args, &end, &err);
    const struct closing closing = {
        .verb = verb,
        .args = &args->common,
        .report = report,
        .argc = argc,
        .argv = argv,
        .go_on = how_to_go_on(args),
    };
    return closing_say(&closing, status, &end, &err);
}

static int load_and_run(const struct verb *verb, int argc, char **argv,
                        const struct verify_args *args)
{
    struct mm_key_source *keys = NULL;
    struct report report;
    bool to_stdout = !args->common.output || args->sink >= 0 || output_is_stdout(&args->common);
    bool rows_shown = to_stdout && terminal_of(STDOUT_FILENO).is_terminal;
    report_init(&report, verb->name, &args->common, rows_shown);
    report.rejects_in_rows = rows_shown && report.terminal.is_terminal;
    int code = key_args_open(verb, &args->key, &keys);
    if (code == OPTIONS_READY)
        code = key_args_close(verb, keys, run(verb, argc, argv, args, keys, &report));
    mm_key_source_free(&keys);
    return code;
}

int cmd_verify(const struct verb *verb, int argc, char **argv)
{
    struct verify_args args = {.require = -1,
                               .time_from = -1,
                               .sink = -1,
                               .format = -1,
                               .now = NOW_NOT_GIVEN,
                               .max_signatures = MM_MAX_SIGNATURES_DEFAULT};
    args.common.sources.items = calloc((size_t)argc, sizeof *args.common.sources.items);
    if (!args.common.sources.items)
        return out_of_memory(verb);
    int code = options_read(verb, argc, argv, &args, &args.common.sources);
    args.common.clock_now = args.now == NOW_NOT_GIVEN;
    if (args.common.clock_now)
        args.now = (int64_t)time(NULL);
    args.key.run = &args.common;
    if (code == OPTIONS_READY)
        code = check_options(verb, &args);
    if (code == OPTIONS_READY)
        code = load_and_run(verb, argc, argv, &args);
    free(args.common.sources.items);
    return code;
}
