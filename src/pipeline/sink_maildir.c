/*
 * sink_maildir.c - a Maildir, or a folder that a mail server picks up: names of our own making.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Readers of a Maildir look into new/ and cur/ at any time: a message is written in tmp/ and
 * renamed when it is whole (https://cr.yp.to/proto/maildir.html). That page wants unique names of
 * which nobody draws conclusions; ours are a hash of the path in the source, so that they do not
 * depend on time, threads or host.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "io/file_ops.h"
#include "pipeline/sink_files.h"

enum {
    HASHED_BYTES = 16, /* of a SHA-256: nobody finds two names that share them */
    HASHED_CHARS = 2 * HASHED_BYTES,
    FLAGS_MAX = 52 /* ":2," and letters, each at most once in either case */
};

/* What is left of out_path below the source's own name. */
static struct mm_view path_in_source(const struct mm_item *item)
{
    return mm_view_sub(item->out_path, item->out_prefix_len,
                       item->out_path.len - item->out_prefix_len);
}

static int hash_name(struct mm_files_worker *w, struct mm_view path, char out[HASHED_CHARS + 1])
{
    struct mm_digest_job job = {.alg = MM_SHA256, .whole = path, .size_hint = path.len};
    if (mm_digest_many(w->digest, &job, 1) != MM_OK)
        return ENOMEM;
    for (size_t i = 0; i < HASHED_BYTES; i++)
        snprintf(out + 2 * i, 3, "%02x", job.digest[i]);
    return 0;
}

/* ---- Maildir ---- */

/* "seen", "replied" and the like of a message that lies in the cur/ of a Maildir: what stands
 * behind ":2,". Empty where there is none. */
static struct mm_view flags_of(struct mm_view path)
{
    static const struct mm_view CUR = MM_VIEW("cur/"), INFO = MM_VIEW(":2,");
    size_t base = path.len, at;
    while (base && path.data[base - 1] != '/')
        base--;
    bool in_cur = mm_view_ends(mm_view_sub(path, 0, base), CUR) &&
                  (base == CUR.len || path.data[base - CUR.len - 1] == '/');
    for (at = path.len; at > base && path.data[at - 1] != ','; at--)
        if ((unsigned char)(mm_ascii_lower((unsigned char)path.data[at - 1]) - 'a') >= 26)
            break;
    struct mm_view before = mm_view_sub(path, base, at - base);
    if (!in_cur || !mm_view_ends(before, INFO) || path.len - at > FLAGS_MAX)
        return (struct mm_view){"", 0};
    return mm_view_sub(path, at - INFO.len, path.len - at + INFO.len);
}

static struct mm_view maildir_root(const struct mm_item *item)
{
    return mm_view_sub(item->out_path, 0, item->out_prefix_len);
}

/* Open ROOT/NAME below OUT, made where it is missing; -1 and errno. */
static int open_part(const struct mm_files_sink *s, struct mm_view root, const char *name)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%.*s%s%s", (int)root.len, root.data, root.len ? "/" : "",
                 name) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return mm_file_open_dirs(s->out.root_fd, mm_view_of(path),
                             s->options.durability != MM_DURABLE_NONE);
}

/* new/, cur/ and tmp/ of a Maildir; the last stays open as *tmp. Returns 0 or an errno. */
static int make_maildir(const struct mm_files_sink *s, struct mm_view root, int *tmp)
{
    static const char *const names[] = {"new", "cur", "tmp"};
    *tmp = -1;
    for (size_t i = 0; i < MM_COUNT(names); i++) {
        if (*tmp >= 0)
            close(*tmp);
        *tmp = open_part(s, root, names[i]);
        if (*tmp < 0)
            return errno;
    }
    if (mm_files_goes_on(s) || s->options.overwrite)
        mm_work_dir_clean(*tmp, true);
    return 0;
}

static int maildir_enter(struct mm_files_worker *w, struct mm_view root)
{
    return make_maildir(w->s, root, &w->temp_fd);
}

static void maildir_leave(struct mm_files_worker *w)
{
    if (w->temp_fd >= 0)
        close(w->temp_fd);
}

/* An empty source makes an empty Maildir. */
static enum mm_status maildir_open(struct mm_files_sink *s, struct mm_error *err)
{
    int tmp = -1, failed = 0;
    MM_TRY(mm_files_open_out(s, err));
    if (!s->several_sources)
        failed = make_maildir(s, (struct mm_view){"", 0}, &tmp);
    if (tmp >= 0)
        close(tmp);
    return failed ? mm_fail_os(err, failed, "cannot make a Maildir at %s", s->options.path) : MM_OK;
}

static int maildir_target(struct mm_files_worker *w, const struct mm_item *item,
                          struct mm_files_target *target)
{
    char name[HASHED_CHARS + 1];
    struct mm_view root = maildir_root(item), flags = flags_of(path_in_source(item));
    int failed = hash_name(w, path_in_source(item), name);
    if (failed)
        return failed;
    snprintf(target->base, sizeof target->base, "%s.mailmill%.*s", name, (int)flags.len,
             flags.data);
    int n = snprintf(target->dir, sizeof target->dir, "%.*s%s%s", (int)root.len, root.data,
                     root.len ? "/" : "", flags.len ? "cur" : "new");
    return n < (int)sizeof target->dir ? 0 : ENAMETOOLONG;
}

static const struct mm_files_form MAILDIR = {.hashed_names = true,
                                             .drops_from_line = true,
                                             .eol = MM_EOL_TO_LF,
                                             .open = maildir_open,
                                             .close = mm_files_close_out,
                                             .root_of = maildir_root,
                                             .enter_root = maildir_enter,
                                             .leave_root = maildir_leave,
                                             .target_of = maildir_target};

struct mm_sink *mm_sink_maildir_new(const struct mm_sink_options *options, bool several_sources)
{
    struct mm_sink *sink = mm_sink_files_new(options, &MAILDIR);
    if (sink)
        ((struct mm_files_sink *)sink)->several_sources = several_sources;
    return sink;
}

/* ---- pickup ---- */

static int pickup_target(struct mm_files_worker *w, const struct mm_item *item,
                         struct mm_files_target *target)
{
    char name[HASHED_CHARS + 1];
    int failed = hash_name(w, item->out_path, name);
    target->dir[0] = '\0';
    if (!failed)
        snprintf(target->base, sizeof target->base, "%s.eml", name);
    return failed;
}

static const struct mm_files_form PICKUP = {.hashed_names = true,
                                            .keeps_pickup_lines = true,
                                            .drops_from_line = true,
                                            .eol = MM_EOL_TO_CRLF,
                                            .open = mm_files_open_out,
                                            .close = mm_files_close_out,
                                            .root_of = mm_files_no_root,
                                            .enter_root = mm_files_enter_out,
                                            .leave_root = mm_files_leave_out,
                                            .target_of = pickup_target};

struct mm_sink *mm_sink_pickup_new(const struct mm_sink_options *options)
{
    return mm_sink_files_new(options, &PICKUP);
}

struct mm_sink *mm_sink_folder_new(const struct mm_sink_options *options, enum mm_message_sink form,
                                   bool several_sources)
{
    if (form == MM_SINK_MAILDIR)
        return mm_sink_maildir_new(options, several_sources);
    if (form == MM_SINK_PICKUP)
        return mm_sink_pickup_new(options);
    return mm_sink_tree_new(options);
}
