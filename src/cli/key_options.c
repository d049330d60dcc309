/*
 * key_options.c - the options that say where public keys come from: files, live DNS, or both.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "key_options.h"

#include <string.h>
#include <sys/stat.h>

#include "common.h"
#include "terminal.h"

bool key_args_are_none(const struct key_args *args)
{
    for (size_t i = 0; i < args->files.count; i++)
        if (strcmp(args->files.items[i], "none") == 0)
            return true;
    return false;
}

/* Emptied before its answers are asked for anew, it would be of no use to anybody. */
static bool is_one_of_the_files(const struct key_args *args)
{
    for (size_t i = 0; i < args->files.count; i++)
        if (is_one_file(args->dns_record, args->files.items[i]) ||
            lies_in_folder(args->dns_record, args->files.items[i]))
            return true;
    return false;
}

static int check_recording(const struct verb *verb, const struct key_args *args)
{
    const char *path = args->dns_record;
    if (!args->dns.given)
        return usage_slip(verb->name, "--dns-record is of use only with --dns");
    if (strcmp(path, "-") == 0)
        return usage_slip(verb->name, "--dns-record wants a file, not standard output");
    if (is_one_of_the_files(args))
        return usage_slip(verb->name, "--dns-record '%s' is one of the --keys: name another file",
                          escaped_text(path));
    if (args->run->rejects && is_one_file(path, args->run->rejects))
        return usage_slip(verb->name, "--dns-record '%s' is that of --rejects: name another file",
                          escaped_text(path));
    const struct mm_run_options run = common_run_options(args->run);
    struct mm_error err = {0};
    if (mm_run_check_written(&run, "--dns-record", path, &err) < 0)
        return usage_slip(verb->name, "%s: name another file", escaped_text(err.text));
    return OPTIONS_READY;
}

int key_args_check(const struct verb *verb, const struct key_args *args)
{
    if (key_args_are_none(args) && args->files.count > 1)
        return usage_slip(verb->name, "--keys none goes with no other --keys");
    if (key_args_are_none(args) && args->dns.given)
        return usage_slip(verb->name, "--keys none and --dns exclude each other");
    if (args->dns_timeout_s && !args->dns.given)
        return usage_slip(verb->name, "--dns-timeout is of use only with --dns");
    return args->dns_record ? check_recording(verb, args) : OPTIONS_READY;
}

static int dns_failed(const struct verb *verb, const struct mm_error *err)
{
    if (err->status == MM_E_ARG)
        return usage_slip(verb->name, "--dns: %s", escaped_text(err->text));
    if (err->status != MM_E_IO && err->status != MM_E_EXISTS)
        return configuration_failed(verb, err);
    terminal_say("mailmill %s: --dns: %s", verb->name, escaped_text(err->text));
    return MM_EXIT_CANT_CREATE;
}

static int use_dns(const struct verb *verb, const struct key_args *args, struct mm_key_source *keys)
{
    uint64_t timeout_s = args->dns_timeout_s ? args->dns_timeout_s : DNS_TIMEOUT_DEFAULT_S;
    const struct mm_dns_options options = {.server = args->dns.value,
                                           .timeout_ms = (uint32_t)(timeout_s * 1000),
                                           .record_path = args->dns_record,
                                           .record_replace = args->run && args->run->overwrite};
    struct mm_error err = {0};
    struct stat st;
    if (args->dns_record && !args->run->overwrite && lstat(args->dns_record, &st) == 0) {
        terminal_say("mailmill %s: --dns-record %s exists; --overwrite replaces it", verb->name,
                     escaped_text(args->dns_record));
        return MM_EXIT_CANT_CREATE;
    }
    return mm_key_source_use_dns(keys, &options, &err) < 0 ? dns_failed(verb, &err) : OPTIONS_READY;
}

int key_args_open(const struct verb *verb, const struct key_args *args, struct mm_key_source **out)
{
    struct mm_error err = {0};
    if (key_args_are_none(args))
        return OPTIONS_READY;
    if (key_source_load(&args->files, out, &err) < 0)
        return configuration_failed(verb, &err);
    if (!args->dns.given)
        return OPTIONS_READY;
    if (!*out)
        *out = mm_key_source_new();
    return *out ? use_dns(verb, args, *out) : out_of_memory(verb);
}

int key_args_close(const struct verb *verb, struct mm_key_source *keys, int code)
{
    struct mm_error err = {0};
    if (!keys || mm_key_source_finish(keys, &err) >= 0)
        return code;
    terminal_say("mailmill %s: %s", verb->name, escaped_text(err.text));
    bool worse = code == MM_EXIT_BUG || code == MM_EXIT_PERMISSION || code == MM_EXIT_CONFIG ||
                 code == MM_EXIT_CANT_CREATE;
    return worse ? code : MM_EXIT_IO;
}
