/*
 * cmd_keys_check.c - mailmill keys check: every key against the record that receivers find.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common.h"
#include "help.h"
#include "key_options.h"
#include "mailmill/mailmill.h"
#include "report.h"
#include "terminal.h"
#include "verbs.h"

struct check_args {
    const char *key_table, *signing_table, *domain, *selector, *key;
    struct key_args records;
    int64_t now;
    bool allow_insecure_key, json, quiet;
};

#define FIELD(name) offsetof(struct check_args, name)

/* RFC 6376 section 3.5: 12 digits at most. */
static const uint64_t time_max = 999999999999;

/* clang-format off */
static const struct option key_options[] = {
    {.name = "key-table", .kind = OPTION_TEXT, .field = FIELD(key_table), .value = "FILE",
     .help = "every key of OpenDKIM's KeyTable"},
    {.name = "signing-table", .kind = OPTION_TEXT, .field = FIELD(signing_table), .value = "FILE",
     .help = "read too: are its keys there?"},
    {.name = "domain", .kind = OPTION_TEXT, .field = FIELD(domain), .value = "D"},
    {.name = "selector", .kind = OPTION_TEXT, .field = FIELD(selector), .value = "S",
     .help = "one key: the one at S._domainkey.D"},
    {.name = "key", .kind = OPTION_TEXT, .field = FIELD(key), .value = "FILE",
     .help = "its private or public half (default: any)"},
    {.name = "allow-insecure-key", .kind = OPTION_FLAG, .field = FIELD(allow_insecure_key),
     .help = "though others can read a private key"},
    {0},
};

static const struct option record_options[] = {
    {.name = "keys", .kind = OPTION_TEXTS, .field = FIELD(records.files), .value = "FILE",
     .help = "records: zone, recorded answers or folder"},
    {.name = "dns", .kind = OPTION_OPTIONAL, .field = FIELD(records.dns),
     .value = "HOST[:PORT]", .help = "ask for names that no FILE has"},
    {.name = "dns-timeout", .kind = OPTION_DURATION, .field = FIELD(records.dns_timeout_s),
     .value = "TIME", .min = 1, .max = DNS_TIMEOUT_MAX_S, .help = "for one name (default 5s)"},
    {.name = "now", .kind = OPTION_TIME, .field = FIELD(now), .value = "EPOCH", .max = time_max,
     .help = "which of dated records (default: the clock)"},
    {0},
};

static const struct option output_options[] = {
    {.name = "json", .kind = OPTION_FLAG, .field = FIELD(json),
     .help = "one JSON object a key"},
    {.name = "quiet", .kind = OPTION_FLAG, .field = FIELD(quiet), .help = "no closing line"},
    {.name = "help", .letter = 'h', .kind = OPTION_HELP, .help = "this text"},
    {0},
};
/* clang-format on */

const struct option_group keys_check_groups[] = {
    {"Keys:", key_options}, {"Records:", record_options}, {"Output:", output_options}, {0}};

static int check_options(const struct verb *verb, const struct check_args *args)
{
    bool one = args->domain || args->selector || args->key;
    if (one && (args->key_table || args->signing_table))
        return usage_slip(verb->name, "--domain, --selector and --key do not go with --key-table");
    if (!one && !args->key_table)
        return usage_slip(verb->name,
                          "no keys: name --key-table FILE, or --domain, --selector and --key");
    if (one && !(args->domain && args->selector))
        return usage_slip(verb->name, "the key has no name: want --domain and --selector");
    if (args->records.files.count == 0 && !args->records.dns.given)
        return usage_slip(verb->name, "no records: name --keys FILE or --dns");
    if (key_args_are_none(&args->records))
        return usage_slip(verb->name, "--keys none leaves nothing to look up");
    return key_args_check(verb, &args->records);
}

/* ---- what is told, on stdout ---- */

struct telling {
    const struct verb *verb;
    const struct check_args *args;
    bool failed; /* a row could not be made */
};

static void tell_json(struct telling *t, const struct mm_key_check *check)
{
    struct mm_error err = {0};
    char *row;
    if (mm_key_check_row(check, &row, &err) < 0) {
        if (!t->failed)
            terminal_say("mailmill %s: %s", t->verb->name, escaped_text(err.text));
        t->failed = true;
        return;
    }
    fputs(row, stdout);
    free(row);
}

/* RFC 8301 section 3.2: below 1024 bits a key must not sign, and 2048 are advised. */
enum { RSA_LEAST_BITS = 1024, RSA_ADVISED_BITS = 2048 };

static bool is_rsa_below(const struct mm_public_key *key, uint32_t bits)
{
    return key && mm_public_key_type(key) == MM_KEY_RSA && mm_public_key_bits(key) < bits;
}

/* The record that the key should have. Not where a name server was at fault: then it may be there.
 */
static void print_remedy(const struct mm_key_check *check)
{
    char domain[256], selector[256], *text;
    const struct mm_key_record_options options = {
        .format = MM_KEY_RECORD_ZONE, .domain = domain, .selector = selector};
    if (!check->key || check->domain.len >= sizeof domain || check->selector.len >= sizeof selector)
        return;
    if (strcmp(check->status, "SERVFAIL") == 0 || strcmp(check->status, "TIMEOUT") == 0) {
        printf("    the name server gave no answer: try again, or look after it\n");
        return;
    }
    snprintf(domain, sizeof domain, "%.*s", (int)check->domain.len, check->domain.data);
    if (is_rsa_below(check->key, RSA_LEAST_BITS)) {
        printf("    make a new key, with a selector of its own: mailmill keys new --domain %s "
               "--selector SELECTOR -o FILE.pem\n",
               escaped_text(domain));
        return;
    }
    snprintf(selector, sizeof selector, "%.*s", (int)check->selector.len, check->selector.data);
    if (mm_key_record_text(check->key, &options, &text, NULL) < 0)
        return;
    printf("    publish this record%s: %s", check->record_count > 1 ? " and no other" : "", text);
    free(text);
}

static void print_finding(const struct mm_key_check *check, const struct mm_key_finding *f)
{
    printf("    %s%s", f->is_warning ? "warning: " : "", f->slug);
    if (f->is_of_record && check->record_count > 1)
        printf(", record %zu of %zu", f->record + 1, check->record_count);
    if (f->is_of_record)
        printf(", byte %" PRIu64, f->offset);
    printf(": %s\n", escaped_text(f->text));
}

static void tell_person(const struct mm_key_check *check)
{
    const char *result = check->fault_count     ? "fault"
                         : !check->checked      ? "unchecked"
                         : check->finding_count ? "warning"
                                                : "ok";
    printf("%-9s  %s", result, escaped(check->selector));
    printf("._domainkey.%s", escaped(check->domain));
    if (check->key)
        printf("  %s %" PRIu32, mm_public_key_type(check->key) == MM_KEY_RSA ? "RSA" : "Ed25519",
               mm_public_key_bits(check->key));
    for (size_t i = 0; i < check->finding_count; i++)
        printf("%s %s", i ? "," : " ", check->findings[i].slug);
    printf("%s\n", check->checked || check->fault_count ? "" : "  the domain is the author's");
    for (size_t i = 0; i < check->finding_count; i++)
        print_finding(check, &check->findings[i]);
    if (check->finding_count)
        print_remedy(check);
    if (is_rsa_below(check->key, RSA_ADVISED_BITS) && !is_rsa_below(check->key, RSA_LEAST_BITS))
        printf("    note: an RSA key of %d bits is advised (RFC 8301 section 3.2)\n",
               RSA_ADVISED_BITS);
}

static void tell(void *context, const struct mm_key_check *check)
{
    struct telling *t = context;
    if (t->args->json)
        tell_json(t, check);
    else
        tell_person(check);
}

static void warn(void *context, const char *text)
{
    const struct telling *t = context;
    if (!t->args->quiet)
        terminal_say("mailmill %s: warning: %s", t->verb->name, escaped_text(text));
}

/* ---- the check ---- */

static void say_counts(const struct verb *verb, const struct mm_key_check_counts *counts)
{
    terminal_say("mailmill %s: %" PRIu64 " key%s: %" PRIu64 " ok, %" PRIu64
                 " with a warning, %" PRIu64 " with a fault, %" PRIu64 " unchecked",
                 verb->name, counts->keys, counts->keys == 1 ? "" : "s", counts->good,
                 counts->warned, counts->faulty, counts->unchecked);
}

static int check_keys(const struct verb *verb, const struct check_args *args,
                      const struct mm_key_source *source)
{
    struct telling telling = {.verb = verb, .args = args};
    struct mm_key_check_counts counts;
    struct mm_error err = {0};
    const struct mm_key_check_job job = {.key_table = args->key_table,
                                         .signing_table = args->signing_table,
                                         .domain = args->domain,
                                         .selector = args->selector,
                                         .key_path = args->key,
                                         .allow_insecure_key = args->allow_insecure_key,
                                         .source = source,
                                         .at = args->now,
                                         .warn = warn,
                                         .tell = tell,
                                         .context = &telling};
    enum mm_status status = mm_keys_check(&job, &counts, &err);
    if (status == MM_E_ARG && !args->key_table)
        return usage_slip(verb->name, "--domain '%s', --selector '%s': %s",
                          escaped_text(args->domain), escaped_text(args->selector), err.text);
    if (status < 0)
        return configuration_failed(verb, &err);
    int code = stdout_done(verb->name);
    if (!args->quiet)
        say_counts(verb, &counts);
    if (code == MM_EXIT_DONE && telling.failed)
        code = MM_EXIT_IO;
    return code == MM_EXIT_DONE && counts.faulty ? MM_EXIT_SOME_FAILED : code;
}

int cmd_keys_check(const struct verb *verb, int argc, char **argv)
{
    struct check_args args = {.now = (int64_t)time(NULL)};
    struct mm_key_source *source = NULL;
    int code = options_alone(verb, argc, argv, &args);
    if (code == OPTIONS_READY)
        code = check_options(verb, &args);
    if (code != OPTIONS_READY)
        return code;
    code = key_args_open(verb, &args.records, &source);
    if (code == OPTIONS_READY)
        code = check_keys(verb, &args, source);
    mm_key_source_free(&source);
    return code;
}
