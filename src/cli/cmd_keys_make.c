/*
 * cmd_keys_make.c - mailmill keys new and keys record: a key and the record that publishes it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common.h"
#include "help.h"
#include "mailmill/mailmill.h"
#include "terminal.h"
#include "verbs.h"

struct make_args {
    const char *domain, *selector, *output, *key;
    int type, format; /* places in their words; format -1: not said */
    uint64_t bits;
    bool redact, overwrite, testing, no_subdomains, email_only, allow_insecure_key;
};

#define FIELD(name) offsetof(struct make_args, name)

/* clang-format off */
static const struct option name_options[] = {
    {.name = "domain", .kind = OPTION_TEXT, .field = FIELD(domain), .value = "D"},
    {.name = "selector", .kind = OPTION_TEXT, .field = FIELD(selector), .value = "S",
     .help = "d= and s=: the record is at S._domainkey.D"},
    {0},
};

static const struct option new_options[] = {
    {.name = "type", .kind = OPTION_WORD, .field = FIELD(type), .words = "rsa|ed25519",
     .help = "default rsa; ed25519 only beside an RSA key"},
    {.name = "bits", .kind = OPTION_COUNT, .field = FIELD(bits), .value = "N",
     .min = MM_NEW_RSA_MIN_BITS, .max = MM_NEW_RSA_MAX_BITS,
     .help = "of an RSA key, 2048 (default) to 8192"},
    {.name = "output", .letter = 'o', .kind = OPTION_TEXT, .field = FIELD(output),
     .value = "FILE.pem", .help = "the private key, PKCS#8, mode 0600"},
    {.name = "overwrite", .kind = OPTION_FLAG, .field = FIELD(overwrite),
     .help = "replace a key that exists"},
    {.name = "redact", .kind = OPTION_FLAG, .field = FIELD(redact),
     .help = "no signing key, but one for reports --redact"},
    {0},
};

static const struct option key_options[] = {
    {.name = "key", .kind = OPTION_TEXT, .field = FIELD(key), .value = "FILE",
     .help = "private or public key, PEM or DER"},
    {.name = "allow-insecure-key", .kind = OPTION_FLAG, .field = FIELD(allow_insecure_key),
     .help = "though others can read this private key"},
    {0},
};

static const struct option record_options[] = {
    {.name = "format", .kind = OPTION_WORD, .field = FIELD(format), .words = "zone|json",
     .help = "zone: for a master file; json: for --keys"},
    {.name = "testing", .kind = OPTION_FLAG, .field = FIELD(testing),
     .help = "t=y: treat this mail as unsigned"},
    {.name = "no-subdomains", .kind = OPTION_FLAG, .field = FIELD(no_subdomains),
     .help = "t=s: i= is at D itself, not below it"},
    {.name = "email-only", .kind = OPTION_FLAG, .field = FIELD(email_only),
     .help = "s=email: the key is for nothing else"},
    {.name = "help", .letter = 'h', .kind = OPTION_HELP, .help = "this text"},
    {0},
};
/* clang-format on */

const struct option_group keys_new_groups[] = {
    {"Key:", name_options}, {"", new_options}, {"Record:", record_options}, {0}};
const struct option_group keys_record_groups[] = {
    {"Key:", key_options}, {"Record:", name_options}, {"", record_options}, {0}};

static int check_name(const struct verb *verb, const struct make_args *args)
{
    const char *fault = mm_key_name_fault(args->domain, args->selector);
    return fault ? usage_slip(verb->name, "--domain '%s', --selector '%s': %s",
                              escaped_text(args->domain), escaped_text(args->selector), fault)
                 : OPTIONS_READY;
}

/* The record to standard output. */
static int print_record(const struct verb *verb, const struct make_args *args,
                        const struct mm_public_key *key)
{
    struct mm_error err = {0};
    char *text;
    const struct mm_key_record_options options = {
        .format = !args->domain       ? MM_KEY_RECORD_BARE
                  : args->format == 1 ? MM_KEY_RECORD_JSON
                                      : MM_KEY_RECORD_ZONE,
        .domain = args->domain,
        .selector = args->selector,
        .testing = args->testing,
        .no_subdomains = args->no_subdomains,
        .email_only = args->email_only,
        .time = (int64_t)time(NULL),
    };
    if (mm_key_record_text(key, &options, &text, &err) < 0)
        return configuration_failed(verb, &err);
    fputs(text, stdout);
    free(text);
    return stdout_done(verb->name);
}

/* ---- keys new ---- */

/* A key for redaction has neither name nor record. */
static int check_redact(const struct verb *verb, const struct make_args *args)
{
    if (args->domain || args->selector || args->type || args->bits || args->format >= 0 ||
        args->testing || args->no_subdomains || args->email_only)
        return usage_slip(verb->name, "--redact goes with -o FILE and --overwrite only");
    if (!args->output || strcmp(args->output, "-") == 0)
        return usage_slip(verb->name, "--redact: name -o FILE for the key");
    return OPTIONS_READY;
}

static int check_new(const struct verb *verb, const struct make_args *args)
{
    if (args->redact)
        return check_redact(verb, args);
    if (!args->domain || !args->selector)
        return usage_slip(verb->name, "the key has no name: want --domain and --selector");
    if (!args->output)
        return usage_slip(verb->name, "no output: name -o FILE.pem for the private key");
    if (strcmp(args->output, "-") == 0)
        return usage_slip(verb->name, "-o wants a file: the record goes to standard output");
    if (args->bits && args->type == MM_KEY_ED25519)
        return usage_slip(verb->name, "--bits is of use only with --type rsa");
    if (args->bits % MM_NEW_RSA_STEP_BITS)
        return usage_slip(verb->name, "--bits '%d': want a multiple of %d", (int)args->bits,
                          MM_NEW_RSA_STEP_BITS);
    return check_name(verb, args);
}

/* 73 where the file cannot be had, 74 where the device is at fault. */
static int output_failed(const struct verb *verb, const struct mm_error *err)
{
    bool full = err->os_errno == ENOSPC || err->os_errno == EDQUOT || err->os_errno == EIO ||
                err->os_errno == EFBIG;
    terminal_say("mailmill %s: %s", verb->name, escaped_text(err->text));
    if (err->status == MM_E_EXISTS)
        return MM_EXIT_CANT_CREATE;
    if (err->status == MM_E_IO)
        return full ? MM_EXIT_IO : MM_EXIT_CANT_CREATE;
    return err->status == MM_E_NOMEM ? MM_EXIT_IO : MM_EXIT_BUG;
}

int cmd_keys_new(const struct verb *verb, int argc, char **argv)
{
    struct make_args args = {.format = -1};
    struct mm_public_key *key = NULL;
    struct mm_error err = {0};
    int code = options_alone(verb, argc, argv, &args);
    if (code == OPTIONS_READY)
        code = check_new(verb, &args);
    if (code != OPTIONS_READY)
        return code;
    if (args.redact)
        return mm_redaction_key_new(args.output, args.overwrite, &err) < 0
                   ? output_failed(verb, &err)
                   : MM_EXIT_DONE;
    const struct mm_new_key wanted = {.type = (enum mm_key_type)args.type,
                                      .rsa_bits = (uint32_t)args.bits,
                                      .path = args.output,
                                      .overwrite = args.overwrite};
    if (mm_key_new(&wanted, &key, &err) < 0)
        return output_failed(verb, &err);
    code = print_record(verb, &args, key);
    mm_public_key_free(&key);
    return code;
}

/* ---- keys record ---- */

static int check_record(const struct verb *verb, const struct make_args *args)
{
    if (!args->key)
        return usage_slip(verb->name, "no key: name --key FILE");
    if (!args->domain != !args->selector)
        return usage_slip(verb->name, "--domain and --selector go together");
    if (!args->domain && args->format >= 0)
        return usage_slip(verb->name, "--format wants --domain and --selector");
    return args->domain ? check_name(verb, args) : OPTIONS_READY;
}

int cmd_keys_record(const struct verb *verb, int argc, char **argv)
{
    struct make_args args = {.format = -1};
    struct mm_public_key *key = NULL;
    struct mm_error err = {0};
    int code = options_alone(verb, argc, argv, &args);
    if (code == OPTIONS_READY)
        code = check_record(verb, &args);
    if (code != OPTIONS_READY)
        return code;
    if (mm_key_read(args.key, args.allow_insecure_key, &key, &err) < 0)
        return configuration_failed(verb, &err);
    code = print_record(verb, &args, key);
    mm_public_key_free(&key);
    return code;
}
