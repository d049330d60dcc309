/*
 * one_message.c - one message by its name, as rows give it.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The container reader cuts the message out, so that there is one notion of where messages begin. A
 * name with an offset goes there at once; only where nothing begins there is the file read from its
 * start, to name what is near.
 */
#include "pipeline/one_message.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mail/mbox.h"
#include "pipeline/container.h"
#include "pipeline/engine.h"
#include "pipeline/items.h"
#include "pipeline/member_name.h"

enum {
    ARENA_MAX_BYTES = 32 * 1024 * 1024, /* of an envelope */
    LOOKED_AT_MAX = 3,                  /* messages of a container, where one was wanted */
    NAMED_MAX = 2,                      /* of them are named */
    BLOCKS_AT_ONCE = 3 /* the one that is kept, the one being filled, one that grows */
};

struct search {
    struct mm_one_message *m;
    struct mm_container_options container;
    struct mm_budget budget;
    const char *path;
    off_t begin;      /* of what is read, in its file; -1: a pipe, which is read once */
    bool wants_one;   /* the whole source is to be one message */
    size_t at, len;   /* of the first member, in its block */
    const char *slug; /* why the first member is none */
    size_t count;     /* members seen */
    char names[NAMED_MAX][PATH_MAX];
    struct mm_view member;         /* behind the '!' */
    bool named;                    /* it is a name, not an offset */
    uint64_t wanted, below, above; /* looking for neighbours: UINT64_MAX for none */
};

static bool take_member(void *context, const struct mm_container_member *member)
{
    struct search *s = context;
    if (s->count == 0) {
        s->at = member->at;
        s->len = member->len;
        s->slug = member->slug;
    }
    if (s->count < NAMED_MAX && member->name.len)
        snprintf(s->names[s->count], PATH_MAX, "%.*s", (int)member->name.len, member->name.data);
    else if (s->count < NAMED_MAX)
        snprintf(s->names[s->count], PATH_MAX, "%" PRIu64, member->offset);
    return ++s->count < LOOKED_AT_MAX;
}

/* The first block holds the message. */
static bool take_block(void *context, char *block, size_t taken_bytes)
{
    struct search *s = context;
    if (!s->m->block) {
        s->m->block = block;
        return s->count < LOOKED_AT_MAX;
    }
    free(block);
    mm_budget_give(&s->budget, taken_bytes);
    return s->count < LOOKED_AT_MAX;
}

static bool note_neighbour(void *context, const struct mm_container_member *member)
{
    struct search *s = context;
    if (member->offset < s->wanted)
        s->below = member->offset;
    else if (s->above == UINT64_MAX)
        s->above = member->offset;
    return s->above == UINT64_MAX;
}

static bool drop_block(void *context, char *block, size_t taken_bytes)
{
    struct search *s = context;
    free(block);
    mm_budget_give(&s->budget, taken_bytes);
    return s->above == UINT64_MAX;
}

static bool is_stopping(void *context)
{
    (void)context;
    return mm_run_stop_asked();
}

/* ---- a whole source ---- */

static enum mm_status say_several(const struct search *s, struct mm_error *err)
{
    return mm_fail(err, MM_E_ARG, "%s holds several messages; name one as %s!%s or %s!%s%s",
                   s->path, s->path, s->names[0], s->path, s->names[1],
                   s->count > 2 ? ", ..." : "");
}

static enum mm_status say_slug(const struct search *s, int *exit_code, struct mm_error *err)
{
    bool too_large = strcmp(s->slug, "message-too-large") == 0;
    *exit_code = too_large ? MM_EXIT_SOME_FAILED : MM_EXIT_USAGE;
    if (too_large)
        return mm_fail(err, MM_E_LIMIT, "%s: the message is larger than %" PRIu64 " bytes", s->path,
                       s->container.member_max_bytes);
    return mm_fail(err, MM_E_ARG, "%s: %s (%s)", s->path, mm_item_scan_words(s->slug), s->slug);
}

static enum mm_status read_first(struct search *s, int *exit_code, struct mm_error *err)
{
    bool lone;
    enum mm_member_form form = MM_MEMBER_FILE;
    s->container.lone = &lone;
    s->container.form = &form;
    s->container.take_member = take_member;
    s->container.take_block = take_block;
    *exit_code = MM_EXIT_IO;
    MM_TRY(mm_container_read(&s->container, err));
    *exit_code = MM_EXIT_STOPPED;
    if (mm_run_stop_asked())
        return mm_fail(err, MM_E_IO, "%s: stopped by a signal", s->path);
    if (s->slug)
        return say_slug(s, exit_code, err);
    *exit_code = MM_EXIT_USAGE;
    if (s->wants_one && s->count > 1)
        return say_several(s, err);
    *exit_code = MM_EXIT_BUG;
    if (!s->m->block || s->count == 0)
        return mm_fail(err, MM_E_BUG, "%s: no message came out of it", s->path);
    struct mm_item item = {.message = mm_view_of(s->path)};
    mm_item_set_member(&item, (struct mm_view){s->m->block + s->at, s->len}, form, true);
    if (!mm_item_unwrap(&item, s->container.format, lone, false, &s->m->arena))
        return mm_fail(err, MM_E_NOMEM, "no memory for %s", s->path);
    if (item.outcome == MM_OUTCOME_REJECTED) {
        *exit_code = MM_EXIT_USAGE;
        return mm_fail(err, MM_E_ARG, "%s: %s (%s)", s->path, item.detail, item.slug);
    }
    s->m->bytes = item.bytes;
    s->m->quoted = item.quoted;
    return MM_OK;
}

/* ---- PATH!MEMBER ---- */

/* Read the source once more, from its begin, for what lies around the offset. */
static enum mm_status find_neighbours(struct search *s, bool *lone, struct mm_error *err)
{
    enum mm_member_form form;
    s->container.wanted.len = 0;
    s->container.lone = lone;
    s->container.form = &form;
    s->container.take_member = note_neighbour;
    s->container.take_block = drop_block;
    if (s->begin < 0)
        return MM_OK;
    if (lseek(s->container.fd, s->begin, SEEK_SET) < 0)
        return mm_fail_os(err, errno, "%s", s->path);
    return mm_container_read(&s->container, err);
}

/* No message begins at the offset, or has the name: name those around it. */
static enum mm_status say_neighbours(struct search *s, int *exit_code, struct mm_error *err)
{
    bool lone = false;
    char below[64] = "", above[64] = "";
    s->below = s->above = UINT64_MAX;
    *exit_code = MM_EXIT_IO;
    MM_TRY(find_neighbours(s, &lone, err));
    *exit_code = MM_EXIT_NO_INPUT;
    if (lone)
        return mm_fail(err, MM_E_ARG, "%s is one message, no mbox: name it without !%.*s", s->path,
                       (int)s->member.len, s->member.data);
    if (s->named)
        return mm_fail(err, MM_E_ARG, "%s: no member is named %.*s", s->path, (int)s->member.len,
                       s->member.data);
    if (s->begin < 0)
        return mm_fail(err, MM_E_ARG,
                       "%s: no message begins at byte %" PRIu64
                       " (of a file, not a pipe, those near it would be named)",
                       s->path, s->wanted);
    if (s->below != UINT64_MAX)
        snprintf(below, sizeof below, "the nearest before it at %" PRIu64, s->below);
    if (s->above != UINT64_MAX)
        snprintf(above, sizeof above, "%sthe next at %" PRIu64, *below ? ", " : "", s->above);
    return mm_fail(err, MM_E_ARG, "%s: no message begins at byte %" PRIu64 "; %s%s", s->path,
                   s->wanted, below, above);
}

static enum mm_status read_member(struct search *s, int *exit_code, struct mm_error *err)
{
    s->container.wanted = s->member;
    s->named = !mm_view_to_u64(s->member, &s->wanted);
    enum mm_status st = read_first(s, exit_code, err);
    bool absent =
        s->slug && (strcmp(s->slug, "no-separator") == 0 || strcmp(s->slug, "no-such-member") == 0);
    return absent ? say_neighbours(s, exit_code, err) : st;
}

/* ---- files ---- */

static enum mm_status fail_open(const char *path, int failed, int *exit_code, struct mm_error *err)
{
    *exit_code = failed == ENOENT || failed == ENOTDIR ? MM_EXIT_NO_INPUT
                 : failed == EACCES                    ? MM_EXIT_PERMISSION
                                                       : MM_EXIT_IO;
    return mm_fail_os(err, failed, "%s", path);
}

static enum mm_status read_file(struct search *s, bool is_member, int *exit_code,
                                struct mm_error *err)
{
    struct stat st;
    /* O_NONBLOCK: nobody waits for the writer of a FIFO. */
    s->container.fd = open(s->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (s->container.fd < 0 || fstat(s->container.fd, &st) != 0)
        return fail_open(s->path, errno, exit_code, err);
    *exit_code = MM_EXIT_USAGE;
    if (!S_ISREG(st.st_mode))
        return mm_fail(err, MM_E_ARG, "%s is no file: want one message, or an mbox and !OFFSET",
                       s->path);
    s->m->dev = st.st_dev;
    s->m->ino = st.st_ino;
    return is_member ? read_member(s, exit_code, err) : read_first(s, exit_code, err);
}

/* member: behind "-!"; empty where all of standard input is wanted. */
static enum mm_status read_stdin(struct search *s, struct mm_view member, int *exit_code,
                                 struct mm_error *err)
{
    s->path = "-";
    s->container.fd = STDIN_FILENO;
    s->begin = lseek(STDIN_FILENO, 0, SEEK_CUR);
    s->member = member;
    s->wants_one = member.len == 0;
    return member.len ? read_member(s, exit_code, err) : read_first(s, exit_code, err);
}

static enum mm_status search(struct search *s, const char *name, int *exit_code,
                             struct mm_error *err)
{
    char path[PATH_MAX];
    struct mm_view typed = mm_view_of(name);
    bool is_file = access(name, F_OK) == 0;
    if (mm_view_eq(typed, MM_VIEW("-")))
        return read_stdin(s, (struct mm_view){"", 0}, exit_code, err);
    if (!is_file && typed.len > 2 && mm_view_starts(typed, MM_VIEW("-!")))
        return read_stdin(s, mm_view_sub(typed, 2, typed.len - 2), exit_code, err);
    s->path = name;
    s->container.fd = -1;
    bool is_member = !is_file && mm_member_name_split(typed, path, &s->member);
    if (is_member)
        s->path = path;
    s->wants_one = !is_member;
    enum mm_status st = read_file(s, is_member, exit_code, err);
    if (s->container.fd >= 0)
        close(s->container.fd);
    return st;
}

enum mm_status mm_one_message_open(struct mm_one_message *m, const char *name,
                                   const struct mm_run_options *options, int *exit_code,
                                   struct mm_error *err)
{
    struct mm_resources resources;
    struct search s = {.m = m};
    *m = (struct mm_one_message){.block = NULL};
    mm_arena_init(&m->arena, ARENA_MAX_BYTES);
    *exit_code = MM_EXIT_USAGE;
    MM_TRY(mm_resources_plan(&resources, options, false, err));
    *exit_code = MM_EXIT_IO;
    m->memory_bytes = resources.memory_bytes;
    uint64_t most = resources.message_max_bytes;
    MM_TRY(mm_budget_init(&s.budget, BLOCKS_AT_ONCE * (2 * most + MM_READ_PAD_BYTES)));
    s.container = (struct mm_container_options){.format = options->source_format,
                                                .budget = &s.budget,
                                                .member_max_bytes = most,
                                                .stopping = is_stopping,
                                                .context = &s};
    enum mm_status st = search(&s, name, exit_code, err);
    mm_budget_deinit(&s.budget);
    if (st != MM_OK)
        mm_one_message_close(m);
    return st;
}

void mm_one_message_close(struct mm_one_message *m)
{
    free(m->block);
    mm_arena_deinit(&m->arena);
    *m = (struct mm_one_message){.block = NULL};
}
