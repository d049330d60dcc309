/*
 * operands.c - what the user named: checked before work starts.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/operands.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/file_ops.h"
#include "io/mail_folder.h"
#include "io/stream.h"
#include "io/tar_write.h"
#include "io/work_folder.h"
#include "mail/mbox.h"
#include "pipeline/container.h"
#include "pipeline/cutter.h"
#include "pipeline/engine.h"
#include "pipeline/output_name.h"
#include "pipeline/rejects_log.h"

enum {
    /* A rejects row: a path of PATH_MAX with every byte escaped (\u00NN), and words. */
    LIST_NAME_MAX_BYTES = 32 * 1024
};

/* One line or NUL-ended name of the list at a time. */
struct list_reader {
    FILE *file;
    const char *path;
    bool nul, for_tree, for_tar;
    bool leads_out; /* some name of the list does, and is a member of a tar without that part */
    char line[LIST_NAME_MAX_BYTES + 1]; /* and the CR of a line end */
};

static bool is_stdin(const char *path)
{
    return strcmp(path, "-") == 0;
}

/* Of a packed file, whether what it holds is a container. Where that cannot be told, it is none. */
static bool holds_container(int fd)
{
    char *head = malloc(MM_PACKED_HEAD_BYTES);
    ssize_t n = head ? pread(fd, head, MM_PACKED_HEAD_BYTES, 0) : 0;
    bool container = mm_container_sniff_inside((struct mm_view){head, n > 0 ? (size_t)n : 0});
    free(head);
    return container;
}

static enum mm_operand_kind sniff(const char *path, enum mm_source_format format, bool job_unpacks)
{
    char head[MM_TAR_BLOCK_BYTES];
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : pread(fd, head, sizeof head, 0);
    struct mm_view seen = {head, n > 0 ? (size_t)n : 0};
    const struct mm_cutter_ops *form = mm_cutter_of(format);
    bool packed = mm_packing_sniff(seen) != MM_PACKING_NONE;
    bool container = packed ? !job_unpacks || form || holds_container(fd)
                     : form || job_unpacks
                         ? (form ? form : mm_cutter_sniff(seen)) != &mm_cut_one
                         : mm_container_sniff(seen) || mm_container_begins_with_zeros(seen);
    if (fd >= 0)
        close(fd);
    return container ? MM_OPERAND_CONTAINER : MM_OPERAND_FILE;
}

static int exit_of_opening(int failed, int otherwise)
{
    if (failed == ENOENT || failed == ENOTDIR)
        return MM_EXIT_NO_INPUT;
    return failed == EACCES ? MM_EXIT_PERMISSION : otherwise;
}

static enum mm_status look_at(struct mm_operand *op, enum mm_source_format format, bool job_unpacks,
                              int *exit_code, struct mm_error *err)
{
    struct stat st;
    if (is_stdin(op->path)) {
        op->kind = MM_OPERAND_STDIN;
        return MM_OK;
    }
    if (stat(op->path, &st) != 0) {
        struct stat link;
        int failed = errno;
        if (lstat(op->path, &link) == 0 && S_ISLNK(link.st_mode)) {
            op->kind = MM_OPERAND_DANGLING;
            return MM_OK;
        }
        *exit_code = exit_of_opening(failed, MM_EXIT_IO);
        return mm_fail_os(err, failed, "%s", op->path);
    }
    if (format == MM_SOURCE_TREE && !S_ISDIR(st.st_mode)) {
        *exit_code = MM_EXIT_USAGE;
        return mm_fail(err, MM_E_ARG, "%s is no folder, and --source-format tree wants one",
                       op->path);
    }
    if (format == MM_SOURCE_MAILDIR && !mm_is_maildir(op->path)) {
        *exit_code = MM_EXIT_USAGE;
        return mm_fail(
            err, MM_E_ARG,
            "%s is no folder with new, cur and tmp, and --source-format maildir wants one",
            op->path);
    }
    if (S_ISDIR(st.st_mode))
        op->kind = MM_OPERAND_TREE;
    else if (!S_ISREG(st.st_mode))
        op->kind = MM_OPERAND_SPECIAL;
    else if (mm_cutter_of(format) && mm_cutter_of(format) != &mm_cut_one)
        op->kind = MM_OPERAND_CONTAINER;
    else
        /* A file that cannot be opened is one input that is rejected, with its reason. */
        op->kind =
            format == MM_SOURCE_MESSAGE ? MM_OPERAND_FILE : sniff(op->path, format, job_unpacks);
    return MM_OK;
}

static char *without_trailing_slashes(const char *path)
{
    char *copy = strdup(path);
    size_t len = copy ? strlen(copy) : 0;
    while (len > 1 && copy[len - 1] == '/')
        copy[--len] = '\0';
    return copy;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* A source before this one that OUT would hold under the same name; NULL. */
static const char *same_base_name(const struct mm_operands *ops, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(ops->list[i].prefix, ops->list[k].prefix) == 0)
            return ops->list[k].path;
    return NULL;
}

static enum mm_status check_base_names(const struct mm_operands *ops, struct mm_error *err)
{
    for (size_t i = 0; i < ops->count; i++) {
        const char *base = ops->list[i].prefix;
        if (!*base || strcmp(base, ".") == 0 || strcmp(base, "..") == 0)
            return mm_fail(
                err, MM_E_ARG,
                "with several sources OUT holds each under its base name, and %s has none",
                ops->list[i].path);
        const char *other = same_base_name(ops, i);
        if (other)
            return mm_fail(
                err, MM_E_ARG,
                "%s and %s have the same base name; give them one by one, with an OUT each", other,
                ops->list[i].path);
    }
    return MM_OK;
}

/* Are members named as files of a tree are? */
static bool makes_tar(const struct mm_run_options *options, enum mm_output_shape shape)
{
    enum mm_output_name name = mm_output_name_of(options->output);
    return shape == MM_OUTPUT_FILE && (name == MM_NAMES_TAR || name == MM_NAMES_TAR_ZST);
}

static void warn(const struct mm_run_options *options, const char *words)
{
    if (options->listener.warn)
        options->listener.warn(options->listener.context, words);
}

/* A tar may hold a name twice; who unpacks it has the last. */
static void warn_of_members(const struct mm_operands *ops, const struct mm_run_options *options)
{
    char words[2 * PATH_MAX + 128];
    for (size_t i = 0; i < ops->count; i++) {
        const char *other = same_base_name(ops, i);
        if (!other)
            continue;
        snprintf(words, sizeof words,
                 "%s and %s have the same base name: members of the tar may have equal names",
                 other, ops->list[i].path);
        warn(options, words);
        return;
    }
}

static bool name_leaves_out(struct mm_view name)
{
    return mm_view_starts(name, MM_VIEW("/")) || mm_path_has_part(name, MM_VIEW(".."));
}

/* Temporary files of ours, and lists: never a source, and never a name of the output. */
static enum mm_status check_private(struct mm_view path, struct mm_error *err)
{
    if (!mm_path_is_of_work_folder(path))
        return MM_OK;
    return mm_fail(err, MM_E_ARG,
                   "%.*s: " MM_WORK_FOLDER " is a working folder, and never a source",
                   (int)(path.len < 200 ? path.len : 200), path.data);
}

static enum mm_status add_listed(struct mm_operands *ops, struct list_reader *r, size_t len,
                                 int *exit_code, struct mm_error *err)
{
    char scratch[LIST_NAME_MAX_BYTES];
    struct mm_view line = {r->line, len};
    struct mm_view name = r->nul ? line : mm_reject_row_message(line, scratch);
    *exit_code = MM_EXIT_USAGE;
    if (name.len == 0)
        return MM_OK;
    if (name.len >= PATH_MAX || memchr(name.data, '\0', name.len))
        return mm_fail(err, MM_E_ARG, "%s: a name of %zu bytes is no path", r->path, name.len);
    MM_TRY(check_private(name, err));
    if (r->for_tree && name_leaves_out(name))
        return mm_fail(
            err, MM_E_ARG,
            "%s: %.*s would lead out of OUT: absolute names and \"..\" cannot be used here",
            r->path, (int)(name.len < 200 ? name.len : 200), name.data);
    *exit_code = MM_EXIT_IO;
    r->leads_out = r->leads_out || (r->for_tar && mm_tar_name_inside(name).len < name.len);
    return mm_names_add(ops->files_from, name, 0, err);
}

/* A list that pauses is not waited for when the run is to stop. */
static enum mm_status fail_list(const struct list_reader *r, int failed, const char *what,
                                int *exit_code, struct mm_error *err)
{
    if (!mm_run_stop_asked())
        return mm_fail_os(err, failed, "cannot %s the list %s", what, r->path);
    *exit_code = MM_EXIT_STOPPED;
    return mm_fail(err, MM_E_IO, "the list %s: stopped by a signal", r->path);
}

/* The next line, without its end. MM_END; MM_E_LIMIT as soon as it is too long, with its rest
 * unread: who writes the list may never end it. */
static enum mm_status next_line(struct list_reader *r, size_t *len)
{
    int end = r->nul ? '\0' : '\n', c;
    *len = 0;
    while ((c = getc_unlocked(r->file)) != EOF && c != end) {
        if (*len == sizeof r->line)
            return MM_E_LIMIT;
        r->line[(*len)++] = (char)c;
    }
    if (c == EOF && (*len == 0 || ferror(r->file)))
        return MM_END;
    if (!r->nul && *len && r->line[*len - 1] == '\r')
        (*len)--;
    return *len > LIST_NAME_MAX_BYTES ? MM_E_LIMIT : MM_OK;
}

static enum mm_status read_list(struct mm_operands *ops, struct list_reader *r, int *exit_code,
                                struct mm_error *err)
{
    enum mm_status st = MM_OK;
    size_t len;
    while (!mm_run_stop_asked() && (st = next_line(r, &len)) == MM_OK)
        MM_TRY(add_listed(ops, r, len, exit_code, err));
    if (st == MM_E_LIMIT) {
        *exit_code = MM_EXIT_USAGE;
        return mm_fail(err, MM_E_ARG, "%s: a line of more than %d bytes is no path", r->path,
                       (int)LIST_NAME_MAX_BYTES);
    }
    *exit_code = MM_EXIT_IO;
    if (ferror(r->file) || mm_run_stop_asked())
        return fail_list(r, errno, "read", exit_code, err);
    return mm_names_seal(ops->files_from, err);
}

static enum mm_status open_list(struct mm_operands *ops, const struct mm_run_options *options,
                                enum mm_output_shape shape, int *exit_code, struct mm_error *err)
{
    struct list_reader r = {.path = options->files_from,
                            .nul = options->files_from_nul,
                            .for_tree = shape == MM_OUTPUT_TREE,
                            .for_tar = makes_tar(options, shape)};
    bool from_stdin = is_stdin(r.path);
    ops->files_from = mm_names_new(false, 0, NULL);
    if (!ops->files_from)
        return mm_fail(err, MM_E_NOMEM, "no memory for the list of files");
    r.file = from_stdin ? stdin : fopen(r.path, "re");
    if (!r.file) {
        *exit_code = exit_of_opening(errno, MM_EXIT_NO_INPUT);
        return fail_list(&r, errno, "open", exit_code, err);
    }
    enum mm_status st = read_list(ops, &r, exit_code, err);
    if (st == MM_OK && r.leads_out)
        warn(options, "names that lead out of the tar lose what does: a '/' in front, and all up "
                      "to a \"..\"");
    if (!from_stdin)
        fclose(r.file);
    return st;
}

static bool path_is_in(const char *path, const char *folder)
{
    size_t len = strlen(folder);
    if (strcmp(folder, "/") == 0)
        return true;
    return strncmp(path, folder, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

/* Where an output that may not exist yet will lie. */
static bool real_output(const char *output, char *real)
{
    char folder[PATH_MAX], base[NAME_MAX + 2];
    if (realpath(output, real))
        return true;
    char *trimmed = without_trailing_slashes(output);
    bool ok = trimmed && mm_file_dirname(trimmed, folder, sizeof folder) &&
              realpath(folder, real) &&
              snprintf(base, sizeof base, "/%s", base_name(trimmed)) < (int)sizeof base &&
              strlen(real) + strlen(base) < PATH_MAX;
    if (ok)
        strcat(real, strcmp(real, "/") == 0 ? base + 1 : base);
    free(trimmed);
    return ok;
}

static enum mm_status check_apart(const struct mm_operands *ops, const char *output,
                                  enum mm_output_shape shape, struct mm_error *err)
{
    char out[PATH_MAX], source[PATH_MAX];
    if (!output || is_stdin(output) || !real_output(output, out))
        return MM_OK; /* what cannot be made is said when it is made */
    for (size_t i = 0; i < ops->count; i++) {
        const struct mm_operand *op = &ops->list[i];
        if (op->kind == MM_OPERAND_STDIN || !realpath(op->path, source))
            continue;
        if (strcmp(source, out) == 0)
            return mm_fail(err, MM_E_ARG, "the output %s is the source %s itself", output,
                           op->path);
        if (op->kind == MM_OPERAND_TREE && path_is_in(out, source))
            return mm_fail(err, MM_E_ARG, "the output %s lies inside the source %s", output,
                           op->path);
        bool folder = shape == MM_OUTPUT_TREE || shape == MM_OUTPUT_DATASET;
        if (folder && path_is_in(source, out))
            return mm_fail(err, MM_E_ARG, "the source %s lies inside the output %s", op->path,
                           output);
    }
    return MM_OK;
}

static enum mm_status check_apart_from(const char *source, const char *option, const char *path,
                                       const char *real, struct mm_error *err)
{
    char other[PATH_MAX];
    struct stat st;
    if (is_stdin(source) || !realpath(source, other) || stat(other, &st) != 0)
        return MM_OK;
    if (strcmp(real, other) == 0)
        return mm_fail(err, MM_E_ARG, "%s %s: that is a source", option, path);
    if (S_ISDIR(st.st_mode) && path_is_in(real, other) &&
        !strstr(real + strlen(other), "/" MM_WORK_FOLDER "/"))
        return mm_fail(err, MM_E_ARG, "%s %s lies inside the source %s", option, path, source);
    return MM_OK;
}

enum mm_status mm_run_check_written(const struct mm_run_options *options, const char *option,
                                    const char *path, struct mm_error *err)
{
    char real[PATH_MAX], other[PATH_MAX];
    const char *list = options->files_from;
    if (!real_output(path, real))
        return MM_OK; /* what cannot be made is said when it is made */
    if (options->output && !is_stdin(options->output) && real_output(options->output, other) &&
        strcmp(real, other) == 0)
        return mm_fail(err, MM_E_ARG, "%s %s: that is the output", option, path);
    if (list && !is_stdin(list) && realpath(list, other) && strcmp(real, other) == 0)
        return mm_fail(err, MM_E_ARG, "%s %s: that is the list of sources", option, path);
    for (size_t i = 0; i < options->source_count; i++)
        MM_TRY(check_apart_from(options->sources[i], option, path, real, err));
    return MM_OK;
}

static enum mm_status check_in_place(const struct mm_operands *ops, struct mm_error *err)
{
    for (size_t i = 0; i < ops->count; i++) {
        if (ops->list[i].kind == MM_OPERAND_STDIN)
            return mm_fail(err, MM_E_ARG, "stdin cannot be signed in place");
        if (ops->list[i].kind == MM_OPERAND_CONTAINER)
            return mm_fail(err, MM_E_ARG,
                           "%s holds several messages or is packed, and cannot be signed in place; "
                           "write it with -o FILE.mbox",
                           ops->list[i].path);
    }
    return MM_OK;
}

static enum mm_status add_operand(struct mm_operands *ops, const struct mm_run_options *options,
                                  size_t i, int *exit_code, struct mm_error *err)
{
    struct mm_operand *op = &ops->list[i];
    char folder[PATH_MAX];
    op->path = without_trailing_slashes(options->sources[i]);
    if (!op->path)
        return mm_fail(err, MM_E_NOMEM, "no memory for the sources");
    ops->count = i + 1;
    *exit_code = MM_EXIT_USAGE;
    if (!*op->path)
        return mm_fail(err, MM_E_ARG, "a source is the empty string");
    MM_TRY(check_private(mm_view_of(op->path), err));
    MM_TRY(look_at(op, options->source_format, ops->job_unpacks, exit_code, err));
    op->prefix =
        options->source_count > 1 && op->kind != MM_OPERAND_STDIN ? base_name(op->path) : "";
    if (op->kind == MM_OPERAND_TREE)
        op->root = strdup(op->path);
    else
        op->root = mm_file_dirname(op->path, folder, sizeof folder) ? strdup(folder) : NULL;
    return op->root ? MM_OK : mm_fail(err, MM_E_NOMEM, "no memory for the sources");
}

enum mm_status mm_operands_open(struct mm_operands *ops, const struct mm_run_options *options,
                                enum mm_output_shape shape, bool job_unpacks, int *exit_code,
                                struct mm_error *err)
{
    size_t stdins = options->files_from && is_stdin(options->files_from);
    *ops = (struct mm_operands){.job_unpacks = job_unpacks};
    *exit_code = MM_EXIT_BUG;
    ops->list = calloc(options->source_count + 1, sizeof *ops->list);
    if (!ops->list)
        return mm_fail(err, MM_E_NOMEM, "no memory for the sources");
    for (size_t i = 0; i < options->source_count; i++) {
        MM_TRY(add_operand(ops, options, i, exit_code, err));
        stdins += ops->list[i].kind == MM_OPERAND_STDIN;
    }
    *exit_code = MM_EXIT_USAGE;
    if (stdins > 1)
        return mm_fail(err, MM_E_ARG, "stdin (-) can be read only once");
    if (shape == MM_OUTPUT_TREE && ops->count > 1)
        MM_TRY(check_base_names(ops, err));
    if (makes_tar(options, shape))
        warn_of_members(ops, options);
    if (shape == MM_OUTPUT_IN_PLACE)
        MM_TRY(check_in_place(ops, err));
    else
        MM_TRY(check_apart(ops, options->output, shape, err));
    if (options->rejects_path)
        MM_TRY(mm_run_check_written(options, "--rejects", options->rejects_path, err));
    if (options->files_from)
        MM_TRY(open_list(ops, options, shape, exit_code, err));
    return MM_OK;
}

void mm_operands_close(struct mm_operands *ops)
{
    for (size_t i = 0; i < ops->count; i++) {
        free((void *)(uintptr_t)ops->list[i].path);
        free((void *)(uintptr_t)ops->list[i].root);
    }
    free(ops->list);
    mm_names_free(&ops->files_from);
    *ops = (struct mm_operands){.count = 0};
}

bool mm_operands_are_one_message(const struct mm_operands *ops)
{
    return ops->count == 1 && !ops->files_from &&
           (ops->list[0].kind == MM_OPERAND_FILE || ops->list[0].kind == MM_OPERAND_STDIN);
}

/* Is there a second separator in the mbox? Bytes kept from block to block hold what may precede
 * one: the end of a line, an empty line, and the begin of "From ". */
static bool holds_several(int fd)
{
    enum { KEPT_BYTES = 16, BLOCK_BYTES = 64 * 1024, FROM_BYTES = 5 };
    char block[KEPT_BYTES + BLOCK_BYTES];
    size_t len = 0, from = FROM_BYTES; /* past the first one */
    ssize_t n;
    while ((n = read(fd, block + len, BLOCK_BYTES)) > 0) {
        len += (size_t)n;
        if (mm_mbox_next((struct mm_view){block, len}, from) < len)
            return true;
        size_t kept = len < KEPT_BYTES ? len : KEPT_BYTES;
        memmove(block, block + len - kept, kept);
        len = kept;
        if (kept == KEPT_BYTES)
            from = KEPT_BYTES - FROM_BYTES + 1;
    }
    return false;
}

bool mm_path_is_one_message(const char *path, enum mm_source_format format)
{
    struct stat st;
    char head[MM_TAR_BLOCK_BYTES];
    if (is_stdin(path))
        return true;
    if (stat(path, &st) != 0 || S_ISDIR(st.st_mode))
        return false;
    if (!S_ISREG(st.st_mode) || format == MM_SOURCE_MESSAGE)
        return true;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : pread(fd, head, sizeof head, 0);
    struct mm_view seen = {head, n > 0 ? (size_t)n : 0};
    const struct mm_cutter_ops *form = mm_cutter_of(format);
    bool packed = mm_packing_sniff(seen) != MM_PACKING_NONE;
    form = form ? form : mm_cutter_sniff(seen);
    bool one = !packed && (form == &mm_cut_one || (form == &mm_cut_mbox && !holds_several(fd)));
    if (fd >= 0)
        close(fd);
    return one;
}
