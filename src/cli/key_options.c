/*
 * key_options.c - the options that say where public keys come from: files, live DNS, or both.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "key_options.h"

#include <limits.h>
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
    struct stat record, file;
    if (stat(args->dns_record, &record) != 0)
        return false;
    for (size_t i = 0; i < args->files.count; i++)
        if (stat(args->files.items[i], &file) == 0 && file.st_dev == record.st_dev &&
            file.st_ino == record.st_ino)
            return true;
    return false;
}

/* The folder that a file lies in, or will lie in. */
static bool stat_folder_of(const char *path, struct stat *st)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) + 1 : 0;
    if (len >= sizeof folder)
        return false;
    memcpy(folder, path, len);
    folder[len] = '\0';
    return stat(len ? folder : ".", st) == 0;
}

/* Do the two name one file, be it there or not? */
static bool is_one_file(const char *a, const char *b)
{
    struct stat x, y;
    const char *base_a = strrchr(a, '/'), *base_b = strrchr(b, '/');
    bool both_there = stat(a, &x) == 0 && stat(b, &y) == 0;
    if (!both_there && (strcmp(base_a ? base_a + 1 : a, base_b ? base_b + 1 : b) != 0 ||
                        !stat_folder_of(a, &x) || !stat_folder_of(b, &y)))
        return false;
    return x.st_dev == y.st_dev && x.st_ino == y.st_ino;
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
    if (args->output && strcmp(args->output, "-") != 0 && is_one_file(path, args->output))
        return usage_slip(verb->name, "--dns-record '%s' is the output: name another file",
                          escaped_text(path));
    if (args->rejects && is_one_file(path, args->rejects))
        return usage_slip(verb->name, "--dns-record '%s' is that of --rejects: name another file",
                          escaped_text(path));
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
                                           .record_replace = args->overwrite};
    struct mm_error err = {0};
    struct stat st;
    if (args->dns_record && !args->overwrite && lstat(args->dns_record, &st) == 0) {
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
