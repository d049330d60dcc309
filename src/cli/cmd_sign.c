/*
 * cmd_sign.c - mailmill sign: from the command line to a run, and back to words.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "closing.h"
#include "common.h"
#include "help.h"
#include "key_options.h"
#include "mailmill/mailmill.h"
#include "values.h"
#include "verbs.h"

struct sign_args {
    struct common_args common; /* first: see common.h */
    struct text_list domains, selectors, keys;
    struct key_args check; /* what a dry run compares keys with */
    const char *key_table, *signing_table;
    const char *headers, *oversign, *identity;
    uint64_t expire_s;
    int64_t now;
    int canon, eol, unmatched, signed_already, durability; /* places in their words */
    int sink;                                              /* place in its words; -1: not given */
    bool multiple, allow_ed25519_only, allow_insecure_key, dry_run, in_place;
};

#define FIELD(name) offsetof(struct sign_args, name)

/* What x= and t= can hold: RFC 6376 section 3.5, 1*12DIGIT. A century keeps their sum far below. */
static const uint64_t time_max = 999999999999, expire_max_s = UINT64_C(36500) * 86400;

/* Header above body; one word is the header's, the body is then simple (RFC 6376 section 3.5, c=).
 */
#define CANON_WORDS "simple/simple|simple/relaxed|relaxed/simple|relaxed/relaxed|simple|relaxed"
enum { CANON_DEFAULT = 3 };

/* clang-format off */
static const struct option key_options[] = {
    {.name = "domain", .kind = OPTION_TEXTS, .field = FIELD(domains), .value = "D"},
    {.name = "selector", .kind = OPTION_TEXTS, .field = FIELD(selectors), .value = "S"},
    {.name = "key", .kind = OPTION_TEXTS, .field = FIELD(keys), .value = "FILE",
     .help = "a signature; repeat for more"},
    {.name = "key-table", .kind = OPTION_TEXT, .field = FIELD(key_table), .value = "FILE"},
    {.name = "signing-table", .kind = OPTION_TEXT, .field = FIELD(signing_table), .value = "FILE",
     .help = "as OpenDKIM reads them"},
    {.name = "multiple", .kind = OPTION_FLAG, .field = FIELD(multiple),
     .help = "every matching row signs, not only the first"},
    {.name = "unmatched", .kind = OPTION_WORD, .field = FIELD(unmatched),
     .words = "reject|copy", .help = "mail that matches no row"},
    {.name = "allow-ed25519-only", .kind = OPTION_FLAG, .field = FIELD(allow_ed25519_only)},
    {.name = "allow-insecure-key", .kind = OPTION_FLAG, .field = FIELD(allow_insecure_key),
     .help = "do not refuse these"},
    {0},
};

static const struct option field_options[] = {
    {.name = "canon", .kind = OPTION_WORD, .field = FIELD(canon), .value = "H/B",
     .words = CANON_WORDS,
     .help = "simple or relaxed each (default relaxed/relaxed)"},
    {.name = "headers", .kind = OPTION_TEXT, .field = FIELD(headers), .value = "LIST",
     .help = "fields to sign, a:b:c (default: see the manual)"},
    {.name = "oversign", .kind = OPTION_LIST, .field = FIELD(oversign), .value = "LIST",
     .help = "fields to sign once more (default from)"},
    {.name = "identity", .kind = OPTION_TEXT, .field = FIELD(identity), .value = "AUID",
     .help = "i=, as @sub.example.com (default none)"},
    {.name = "expire", .kind = OPTION_DURATION, .field = FIELD(expire_s), .value = "TIME",
     .min = 1, .max = expire_max_s,
     .help = "x= this long after t=: 7d 12h 30m or 45s"},
    {.name = "now", .kind = OPTION_TIME, .field = FIELD(now), .value = "EPOCH",
     .max = time_max,
     .help = "t=, seconds since 1970 (default: the clock)"},
    {.name = "signed-already", .kind = OPTION_WORD, .field = FIELD(signed_already),
     .words = "reject|sign|skip", .help = "by this d= and s="},
    {.name = "eol", .kind = OPTION_WORD, .field = FIELD(eol),
     .words = "auto|strict", .help = "strict: reject lines that end in LF alone"},
    {0},
};

static const struct option output_options[] = {
    {.name = "output", .letter = 'o', .kind = OPTION_TEXT, .field = FIELD(common.output),
     .value = "OUT", .help = "folder, FILE.mbox|.tar|.tar.zst|.bsmtp|.eml or -"},
    {.name = "in-place", .kind = OPTION_FLAG, .field = FIELD(in_place),
     .help = "replace each message by its signed form"},
    {.name = "sink", .kind = OPTION_WORD, .field = FIELD(sink),
     .words = "tree|maildir|pickup|signatures"},
    {.name = "overwrite", .kind = OPTION_FLAG, .field = FIELD(common.overwrite),
     .help = "what OUT holds; replace it"},
    {.name = "resume", .kind = OPTION_FLAG, .field = FIELD(common.resume)},
    {.name = "durability", .kind = OPTION_WORD, .field = FIELD(durability),
     .words = "batch|none|each", .help = "on disk before it counts"},
    {.name = "rejects", .kind = OPTION_TEXT, .field = FIELD(common.rejects), .value = "FILE",
     .help = "default OUT/.mailmill/rejects.ndjson"},
    {.name = "dry-run", .kind = OPTION_FLAG, .field = FIELD(dry_run)},
    {.name = "keys", .kind = OPTION_TEXTS, .field = FIELD(check.files), .value = "FILE"},
    {.name = "dns", .kind = OPTION_OPTIONAL, .field = FIELD(check.dns), .value = "HOST[:PORT]"},
    {.name = "dns-timeout", .kind = OPTION_DURATION, .field = FIELD(check.dns_timeout_s),
     .value = "TIME", .min = 1, .max = DNS_TIMEOUT_MAX_S, .help = "check keys"},
    {0},
};
/* clang-format on */

const struct option_group sign_groups[] = {
    {"Keys:", key_options}, {"Signature:", field_options}, {"Output and input:", output_options},
    {"", input_options},    {"Run:", run_options},         {0},
};

/* Keys: as triples or as two tables. */
static int check_key_options(const struct verb *verb, const struct sign_args *args)
{
    bool triples = args->domains.count || args->selectors.count || args->keys.count;
    bool tables = args->key_table || args->signing_table;
    if (triples && tables)
        return usage_slip(verb->name,
                          "--domain, --selector and --key do not go with --key-table and "
                          "--signing-table");
    if (!triples && !tables)
        return usage_slip(verb->name, "no keys: name --domain, --selector and --key, or "
                                      "--key-table and --signing-table");
    if (args->domains.count != args->selectors.count || args->domains.count != args->keys.count)
        return usage_slip(verb->name,
                          "--domain, --selector and --key come in threes, not %zu, %zu and %zu",
                          args->domains.count, args->selectors.count, args->keys.count);
    if (tables && !(args->key_table && args->signing_table))
        return usage_slip(verb->name, "--key-table and --signing-table go together");
    if (!tables && args->multiple)
        return usage_slip(verb->name, "--multiple is of use only with --signing-table");
    if (!tables && args->unmatched != MM_UNMATCHED_REJECT)
        return usage_slip(verb->name, "--unmatched is of use only with --signing-table");
    return OPTIONS_READY;
}

static int check_output_options(const struct verb *verb, const struct sign_args *args)
{
    const char *output = args->common.output;
    bool rows = args->sink + 1 == MM_SINK_SIGNATURES;
    if (!output && !args->in_place && !args->dry_run)
        return usage_slip(verb->name, "no output: name -o OUT, or --in-place");
    if (args->sink >= 0 && !output)
        return usage_slip(verb->name, "--sink says how messages lie in a folder: name -o OUT");
    if (output && args->in_place)
        return usage_slip(verb->name, "-o and --in-place exclude each other");
    if (output && !rows && has_suffix(output, ".ndjson"))
        return usage_slip(verb->name, "-o '%s': rows are what --sink signatures writes",
                          escaped_text(output));
    return OPTIONS_READY;
}

static int check_record_options(const struct verb *verb, const struct sign_args *args)
{
    if ((args->check.files.count || args->check.dns.given) && !args->dry_run)
        return usage_slip(verb->name, "--%s is of use only with --dry-run",
                          args->check.files.count ? "keys" : "dns");
    if (key_args_are_none(&args->check))
        return usage_slip(verb->name, "--keys none leaves nothing to compare keys with");
    return key_args_check(verb, &args->check);
}

/* OpenDKIM's names of tables may begin with "file:" or "refile:". */
static const char *file_of_table(const char *spec)
{
    const char *colon = spec ? strchr(spec, ':') : NULL;
    bool kind =
        colon && (strncasecmp(spec, "file:", 5) == 0 || strncasecmp(spec, "refile:", 7) == 0);
    return kind ? colon + 1 : spec;
}

/* What signs is not what is written, or emptied for a list of rejects. */
static int check_files(const struct verb *verb, const struct sign_args *args)
{
    const char *const tables[] = {file_of_table(args->key_table),
                                  file_of_table(args->signing_table)};
    int code = check_not_written(verb, &args->common, "--key", args->keys.items, args->keys.count);
    if (code == OPTIONS_READY)
        code = check_not_written(verb, &args->common, "--key-table", &tables[0], 1);
    return code == OPTIONS_READY
               ? check_not_written(verb, &args->common, "--signing-table", &tables[1], 1)
               : code;
}

static int check_options(const struct verb *verb, const struct sign_args *args)
{
    int code = check_key_options(verb, args);
    if (code == OPTIONS_READY)
        code = check_output_options(verb, args);
    if (code == OPTIONS_READY)
        code = check_record_options(verb, args);
    if (code == OPTIONS_READY)
        code = check_files(verb, args);
    if (code == OPTIONS_READY)
        code = common_check(verb, &args->common);
    return code;
}

static enum mm_status load_rules(const struct sign_args *args, struct report *report,
                                 struct mm_sign_rules **rules, struct mm_error *err)
{
    struct mm_sign_identity identities[TEXT_LIST_MAX];
    struct mm_sign_rules_options options = {.allow_insecure_key = args->allow_insecure_key,
                                            .multiple = args->multiple,
                                            .warn = report_warn,
                                            .warn_context = report};
    if (args->key_table)
        return mm_sign_rules_from_tables(args->key_table, args->signing_table, &options, rules,
                                         err);
    for (size_t i = 0; i < args->domains.count; i++)
        identities[i] = (struct mm_sign_identity){.domain = args->domains.items[i],
                                                  .selector = args->selectors.items[i],
                                                  .key_path = args->keys.items[i]};
    return mm_sign_rules_of(identities, args->domains.count, &options, rules, err);
}

static struct mm_sign_options sign_options(const struct sign_args *args)
{
    int header = args->canon >> 1, body = args->canon & 1;
    if (args->canon > CANON_DEFAULT) { /* one word */
        header = args->canon & 1;
        body = MM_CANONICALIZATION_SIMPLE;
    }
    return (struct mm_sign_options){
        .header_canon = (enum mm_canonicalization)header,
        .body_canon = (enum mm_canonicalization)body,
        .headers = args->headers,
        .oversign = args->oversign,
        .identity = args->identity,
        .now = args->now,
        .expire_s = args->expire_s,
        .allow_ed25519_only = args->allow_ed25519_only,
    };
}

/* ---- what a dry run tells, on stdout ---- */

static void print_plan_row(void *context, struct mm_view domain, struct mm_view selector,
                           uint64_t messages)
{
    (void)context;
    printf("%12" PRIu64 "  %s", messages, escaped(selector));
    printf("._domainkey.%s\n", escaped(domain));
}

static void print_plan_end(const struct report *report, const struct mm_run_end *end)
{
    char amount[AMOUNT_BYTES];
    if (end->stats.unmatched_copied)
        printf("%12" PRIu64 "  copied: no row of the signing table\n", end->stats.unmatched_copied);
    for (size_t i = 0; i < report->reason_count; i++)
        printf("%12" PRIu64 "  rejected: %s\n", report->reasons[i].count, report->reasons[i].slug);
    if (end->estimate_ns)
        printf("estimated time to sign: %s, without writing\n",
               amount_of_time((double)end->estimate_ns / 1e9, amount));
}

/* ---- the run ---- */

/* What the same command needs so that it goes on after a stop. */
static const char *how_to_go_on(const struct sign_args *args)
{
    if (args->dry_run)
        return NULL;
    const char *more = option_to_go_on(&args->common, args->in_place);
    if (more || !args->in_place || args->common.sources.count)
        return more;
    return "--signed-already skip"; /* a list alone has no folder for a journal */
}

static int run(const struct verb *verb, int argc, char **argv, const struct sign_args *args,
               const struct mm_sign_rules *rules, const struct mm_key_source *check_keys,
               struct report *report)
{
    struct mm_run_end end = {.exit_code = MM_EXIT_BUG};
    struct mm_error err = {0};
    struct mm_sign_run job = {
        .run = common_run_options(&args->common),
        .rules = rules,
        .sign = sign_options(args),
        .signed_already = (enum mm_signed_already)args->signed_already,
        .unmatched = (enum mm_unmatched)args->unmatched,
        .durability = (enum mm_durability)args->durability,
        .sink = (enum mm_message_sink)(args->sink + 1),
        .strict_eol = args->eol == 1,
        .in_place = args->in_place,
        .dry_run = args->dry_run,
        .check_keys = check_keys,
        .plan_row = print_plan_row,
    };
    job.run.listener = report_listener(report);
    if (args->dry_run)
        job.run.output = NULL; /* what -o would be given is not looked at */
    enum mm_status status = mm_run_sign(&job, &end, &err);
    if (args->dry_run && status >= 0) {
        print_plan_end(report, &end);
        int code = stdout_done(verb->name);
        if (code != MM_EXIT_DONE && end.exit_code <= MM_EXIT_SOME_FAILED)
            end.exit_code = code;
    }
    struct closing closing = {.verb = verb,
                              .args = &args->common,
                              .report = report,
                              .argc = argc,
                              .argv = argv,
                              .go_on = how_to_go_on(args),
                              .dry_run = args->dry_run};
    return closing_say(&closing, status, &end, &err);
}

static int load_and_run(const struct verb *verb, int argc, char **argv,
                        const struct sign_args *args)
{
    struct mm_sign_rules *rules = NULL;
    struct mm_key_source *check_keys = NULL;
    struct mm_error err = {0};
    struct report report;
    int code;
    report_init(&report, verb->name, &args->common,
                output_is_stdout(&args->common) && terminal_of(STDOUT_FILENO).is_terminal);
    enum mm_status status = load_rules(args, &report, &rules, &err);
    bool slip = status == MM_E_ARG && !args->key_table; /* names on the command line */
    if (slip)
        code = usage_slip(verb->name, "%s", escaped_text(err.text));
    else if (status < 0)
        code = configuration_failed(verb, &err);
    else
        code = key_args_open(verb, &args->check, &check_keys);
    if (code == OPTIONS_READY)
        code = run(verb, argc, argv, args, rules, check_keys, &report);
    mm_key_source_free(&check_keys);
    mm_sign_rules_free(&rules);
    return code;
}

int cmd_sign(const struct verb *verb, int argc, char **argv)
{
    struct sign_args args = {.canon = CANON_DEFAULT, .sink = -1, .now = NOW_NOT_GIVEN};
    args.common.sources.items = calloc((size_t)argc, sizeof *args.common.sources.items);
    if (!args.common.sources.items)
        return out_of_memory(verb);
    int code = options_read(verb, argc, argv, &args, &args.common.sources);
    args.common.clock_now = args.now == NOW_NOT_GIVEN;
    if (args.common.clock_now)
        args.now = (int64_t)time(NULL);
    if (code == OPTIONS_READY)
        code = check_options(verb, &args);
    if (code == OPTIONS_READY)
        code = load_and_run(verb, argc, argv, &args);
    free(args.common.sources.items);
    return code;
}
