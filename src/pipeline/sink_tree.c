/*
 * sink_tree.c - a tree of files below a folder, or each message in place of the file it came from.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "io/file_ops.h"
#include "pipeline/sink_files.h"

/* ---- below OUT ---- */

enum mm_status mm_files_open_out(struct mm_files_sink *s, struct mm_error *err)
{
    const struct mm_out_rules rules = {.overwrite = s->options.overwrite || mm_files_goes_on(s),
                                       .resume = s->options.resume,
                                       .has_journal = s->sink.journal != NULL};
    int failed = 0;
    MM_TRY(mm_work_dir_open_out(s->options.path, &rules, &s->out, err));
    if (s->options.durability != MM_DURABLE_NONE) {
        failed = mm_file_sync_folder(s->out.root_fd);
        failed = failed ? failed : mm_file_sync_folder_of(s->options.path);
    }
    return failed ? mm_fail_os(err, failed, "cannot sync %s", s->options.path) : MM_OK;
}

enum mm_status mm_files_close_out(struct mm_files_sink *s, struct mm_error *err)
{
    bool sync = s->out.root_fd >= 0 && s->options.durability != MM_DURABLE_NONE;
    int failed = sync ? mm_file_sync_folder(s->out.root_fd) : 0;
    mm_work_dir_close(&s->out, true);
    return failed ? mm_fail_os(err, failed, "cannot sync %s", s->options.path) : MM_OK;
}

struct mm_view mm_files_no_root(const struct mm_item *item)
{
    (void)item;
    return (struct mm_view){NULL, 0};
}

int mm_files_enter_out(struct mm_files_worker *w, struct mm_view root)
{
    (void)root;
    w->temp_fd = w->s->out.fd;
    return 0;
}

void mm_files_leave_out(struct mm_files_worker *w)
{
    (void)w; /* the folder is the sink's */
}

/* Cut at the last slash. */
static int split_path(struct mm_view path, struct mm_files_target *target)
{
    size_t cut = path.len;
    while (cut && path.data[cut - 1] != '/')
        cut--;
    size_t dir_len = cut > 1 ? cut - 1 : cut, base_len = path.len - cut;
    if (dir_len >= sizeof target->dir || base_len >= sizeof target->base)
        return ENAMETOOLONG;
    snprintf(target->dir, sizeof target->dir, "%.*s", (int)dir_len, path.data);
    snprintf(target->base, sizeof target->base, "%.*s", (int)base_len, path.data + cut);
    return 0;
}

static int tree_target(struct mm_files_worker *w, const struct mm_item *item,
                       struct mm_files_target *target)
{
    (void)w;
    return split_path(item->out_path, target);
}

static const struct mm_files_form TREE = {.open = mm_files_open_out,
                                          .close = mm_files_close_out,
                                          .root_of = mm_files_no_root,
                                          .enter_root = mm_files_enter_out,
                                          .leave_root = mm_files_leave_out,
                                          .target_of = tree_target};

struct mm_sink *mm_sink_tree_new(const struct mm_sink_options *options)
{
    return mm_sink_files_new(options, &TREE);
}

/* ---- in place ---- */

static enum mm_status in_place_open(struct mm_files_sink *s, struct mm_error *err)
{
    bool made = mm_work_dirs_init(&s->dirs, s->options.threads);
    s->dirs.goes_on = mm_files_goes_on(s);
    return made ? MM_OK : mm_fail(err, MM_E_NOMEM, "no memory for a writer");
}

static enum mm_status in_place_close(struct mm_files_sink *s, struct mm_error *err)
{
    (void)err;
    mm_work_dirs_deinit(&s->dirs);
    return MM_OK;
}

static struct mm_view in_place_root(const struct mm_item *item)
{
    return item->root;
}

static int in_place_enter(struct mm_files_worker *w, struct mm_view root)
{
    char path[PATH_MAX];
    if (root.len >= sizeof path)
        return ENAMETOOLONG;
    snprintf(path, sizeof path, "%.*s", (int)root.len, root.data);
    int failed = mm_work_dirs_enter(&w->s->dirs, w->index, path);
    w->temp_fd = w->s->dirs.all[w->index].fd;
    return failed;
}

static void in_place_leave(struct mm_files_worker *w)
{
    mm_work_dirs_leave(&w->s->dirs, w->index);
}

static int in_place_target(struct mm_files_worker *w, const struct mm_item *item,
                           struct mm_files_target *target)
{
    (void)w;
    return split_path(item->source, target);
}

static const struct mm_files_form IN_PLACE = {.in_place = true,
                                              .open = in_place_open,
                                              .close = in_place_close,
                                              .root_of = in_place_root,
                                              .enter_root = in_place_enter,
                                              .leave_root = in_place_leave,
                                              .target_of = in_place_target};

struct mm_sink *mm_sink_in_place_new(const struct mm_sink_options *options)
{
    return mm_sink_files_new(options, &IN_PLACE);
}
