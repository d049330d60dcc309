/*
 * common.c - the options that every verb that runs has, with one meaning.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "common.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "terminal.h"

#define FIELD(name) offsetof(struct common_args, name)

/* What the engine takes; a slip is told before keys are read. */
enum { THREADS_MAX = 256, MEMORY_MIN_BYTES = 16 * 1048576 };

/* clang-format off */
const struct option input_options[] = {
    {.name = "source-format", .kind = OPTION_WORD, .field = FIELD(source_format),
     .words = "auto|message|mbox|tree|mboxcl2|tar|bsmtp|maildir|emlx|pickup|postfix|zip", .value = "FORM",
     .help = "what SOURCE is (auto: by content)"},
    {.name = "files-from", .kind = OPTION_TEXT, .field = FIELD(files_from), .value = "FILE"},
    {.letter = '0', .kind = OPTION_FLAG, .field = FIELD(files_from_nul),
     .help = "inputs, one a line (-0: ended by NUL)"},
    {.name = "follow", .kind = OPTION_FLAG, .field = FIELD(follow),
     .help = "follow links in folders"},
    {0},
};

const struct option run_options[] = {
    {.name = "threads", .kind = OPTION_COUNT, .field = FIELD(threads), .value = "N",
     .min = 1, .max = THREADS_MAX,
     .help = "workers (default: one a CPU that we may use)"},
    {.name = "memory", .kind = OPTION_SIZE, .field = FIELD(memory_bytes), .value = "SIZE",
     .min = MEMORY_MIN_BYTES, .max = UINT64_MAX,
     .help = "mail in work (default 1G, or half of the cgroup's)"},
    {.name = "io", .kind = OPTION_WORD, .field = FIELD(io),
     .words = "auto|uring|threads", .help = "how files are read"},
    {.name = "crypto", .kind = OPTION_WORD, .field = FIELD(crypto),
     .words = "auto|openssl", .help = "auto: our own kernels where they are faster"},
    {.name = "progress", .kind = OPTION_WORD, .field = FIELD(progress),
     .words = "auto|always|never", .help = "auto: where stderr is a terminal"},
    {.name = "stats", .kind = OPTION_FLAG, .field = FIELD(stats),
     .help = "counters as JSON, the last line of stderr"},
    {.name = "quiet", .kind = OPTION_FLAG, .field = FIELD(quiet)},
    {.name = "help", .letter = 'h', .kind = OPTION_HELP,
     .help = "no progress, warnings or closing line; this text"},
#ifdef MAILMILL_FAULTS
    {.name = "fault", .kind = OPTION_TEXTS, .field = FIELD(faults)}, /* not in --help */
#endif
    {0},
};
/* clang-format on */

int options_alone(const struct verb *verb, int argc, char **argv, void *args)
{
    struct operands operands = {.items = calloc((size_t)argc, sizeof *operands.items)};
    if (!operands.items)
        return out_of_memory(verb);
    int code = options_read(verb, argc, argv, args, &operands);
    if (code == OPTIONS_READY && operands.count)
        code = usage_slip(verb->name, "'%s' is no option, and there is nothing to read but those",
                          escaped_text(operands.items[0]));
    free(operands.items);
    return code;
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

bool is_one_file(const char *a, const char *b)
{
    struct stat x, y;
    const char *base_a = strrchr(a, '/'), *base_b = strrchr(b, '/');
    bool both_there = stat(a, &x) == 0 && stat(b, &y) == 0;
    if (!both_there && (strcmp(base_a ? base_a + 1 : a, base_b ? base_b + 1 : b) != 0 ||
                        !stat_folder_of(a, &x) || !stat_folder_of(b, &y)))
        return false;
    return x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

bool lies_in_folder(const char *path, const char *folder)
{
    struct stat of_file, st;
    return stat(folder, &st) == 0 && S_ISDIR(st.st_mode) && stat_folder_of(path, &of_file) &&
           st.st_dev == of_file.st_dev && st.st_ino == of_file.st_ino;
}

int check_not_written(const struct verb *verb, const struct common_args *args, const char *option,
                      const char *const *files, size_t count)
{
    const char *output = output_is_stdout(args) ? NULL : args->output;
    for (size_t i = 0; i < count; i++) {
        bool is_output = files[i] && output && is_one_file(output, files[i]);
        if (is_output || (files[i] && args->rejects && is_one_file(args->rejects, files[i])))
            return usage_slip(verb->name, "%s '%s' is the file of %s: name another one",
                              is_output ? "-o" : "--rejects", escaped_text(files[i]), option);
    }
    return OPTIONS_READY;
}

int common_check(const struct verb *verb, const struct common_args *args)
{
    unsigned stdin_uses = args->files_from && strcmp(args->files_from, "-") == 0;
    for (size_t i = 0; i < args->sources.count; i++)
        stdin_uses += strcmp(args->sources.items[i], "-") == 0;
    if (args->sources.count == 0 && !args->files_from)
        return usage_slip(verb->name, "no SOURCE: name a folder, a file or - for standard input");
    if (stdin_uses > 1)
        return usage_slip(verb->name, "standard input can be read only once");
    if (args->rejects && strcmp(args->rejects, "-") == 0)
        return usage_slip(verb->name, "--rejects wants a file, not standard output");
    if (args->files_from_nul && !args->files_from)
        return usage_slip(verb->name, "-0 is of use only with --files-from");
    return check_not_written(verb, args, "--files-from", &args->files_from, 1);
}

struct mm_run_options common_run_options(const struct common_args *args)
{
    return (struct mm_run_options){
        .sources = args->sources.items,
        .source_count = args->sources.count,
        .files_from = args->files_from,
        .files_from_nul = args->files_from_nul,
        .source_format = (enum mm_source_format)args->source_format,
        .follow = args->follow,
        .threads = (unsigned)args->threads,
        .memory_bytes = args->memory_bytes,
        .io = (enum mm_io_choice)args->io,
        .openssl_only = args->crypto == 1,
        .output = args->output,
        .overwrite = args->overwrite,
        .resume = args->resume,
        .clock_now = args->clock_now,
        .rejects_path = args->rejects,
        .faults = args->faults.items,
        .fault_count = args->faults.count,
    };
}

bool output_is_stdout(const struct common_args *args)
{
    return args->output && strcmp(args->output, "-") == 0;
}

bool output_is_in_the_way(const struct common_args *args)
{
    bool output = args->output && !output_is_stdout(args) && access(args->output, F_OK) == 0;
    bool rejects = args->rejects && access(args->rejects, F_OK) == 0;
    return (output || rejects) && !args->overwrite;
}

const char *option_to_go_on(const struct common_args *args, bool in_place)
{
    bool stays = args->output && !output_is_stdout(args);
    if (stays || (in_place && args->sources.count))
        return args->resume ? NULL : "--resume";
    return output_is_in_the_way(args) ? "--overwrite" : NULL;
}

int configuration_failed(const struct verb *verb, const struct mm_error *err)
{
    terminal_say("mailmill %s: %s", verb->name, escaped_text(err->text));
    if (err->status == MM_E_PERM || mm_error_is_denied(err))
        return MM_EXIT_PERMISSION;
    if (err->status == MM_E_NOMEM)
        return MM_EXIT_IO;
    if (err->status == MM_E_BUG)
        return MM_EXIT_BUG;
    return MM_EXIT_CONFIG;
}

enum mm_status key_source_load(const struct text_list *files, struct mm_key_source **out,
                               struct mm_error *err)
{
    if (files->count == 0)
        return MM_OK;
    *out = mm_key_source_new();
    if (!*out) {
        *err = (struct mm_error){.status = MM_E_NOMEM, .text = "out of memory"};
        return MM_E_NOMEM;
    }
    for (size_t i = 0; i < files->count; i++) {
        enum mm_status status = mm_key_source_add(*out, files->items[i], err);
        if (status < 0)
            return status;
    }
    return MM_OK;
}

int out_of_memory(const struct verb *verb)
{
    terminal_say("mailmill %s: out of memory", verb->name);
    return MM_EXIT_IO;
}
