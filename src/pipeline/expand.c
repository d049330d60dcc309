/*
 * expand.c - a container that was found in a folder: its messages take the file's place.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/expand.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/file_ops.h"
#include "io/stream.h"
#include "pipeline/container.h"
#include "pipeline/items.h"
#include "pipeline/member_name.h"

struct expansion {
    const struct mm_expand *x;
    const struct mm_item *whole;
    bool lone;
    enum mm_member_form form;
    size_t count, bytes; /* of the segment */
    uint64_t members;    /* before the segment */
    bool run_ends;
};

static bool end_run(struct expansion *s)
{
    s->run_ends = true;
    return false;
}

static bool do_segment(struct expansion *s)
{
    size_t count = s->count;
    s->members += count;
    s->count = s->bytes = 0;
    return (count == 0 || s->x->do_segment(s->x->worker, count)) || end_run(s);
}

/* In a folder of OUT with the container's name, whatever it holds: no other input has that place.
 */
static bool name_item(struct expansion *s, const struct mm_container_member *m,
                      struct mm_item *item)
{
    char name[MM_MEMBER_NAME_MAX_BYTES], below[MM_MEMBER_BELOW_MAX_BYTES], lone[NAME_MAX + 1];
    struct mm_view inside = mm_member_below(m->name, m->offset, below);
    item->message = s->whole->message;
    if (s->lone) {
        mm_unpacked_name(s->whole->message, lone);
        inside = mm_view_of(lone);
    } else {
        item->message = mm_arena_copy(
            s->x->arena, mm_member_name_make(s->whole->message, m->name, m->offset, name));
        item->member_at = (uint32_t)s->whole->message.len + 1;
    }
    size_t folder = s->whole->out_path.len;
    char *path = mm_arena_alloc(s->x->arena, folder + 1 + inside.len);
    if (!item->message.data || !path)
        return false;
    memcpy(path, s->whole->out_path.data, folder);
    path[folder] = '/';
    memcpy(path + folder + 1, inside.data, inside.len);
    item->out_path = (struct mm_view){path, folder + 1 + inside.len};
    return true;
}

static bool take_member(void *context, const struct mm_container_member *m)
{
    struct expansion *s = context;
    if (m->is_link) {
        atomic_fetch_add_explicit(&s->x->e->links_skipped, 1, memory_order_relaxed);
        return true;
    }
    struct mm_item *item = &s->x->items[s->count];
    *item = (struct mm_item){.offset = MM_NO_OFFSET, .out_prefix_len = s->whole->out_prefix_len};
    if (!name_item(s, m, item)) {
        s->x->no_memory(s->x->worker);
        return end_run(s);
    }
    item->in_container = !s->lone;
    if (m->slug) {
        mm_item_reject(item, m->slug, mm_item_scan_words(m->slug), m->offset);
    } else {
        mm_item_set_member(item, (struct mm_view){m->block + m->at, m->len}, s->form,
                           s->x->e->ops->reads_quotes);
        item->envelope = (struct mm_view){m->block + m->envelope_at, m->envelope_len};
        if (!mm_item_unwrap(item, s->x->e->options->source_format, true, false, s->x->arena)) {
            s->x->no_memory(s->x->worker);
            return end_run(s);
        }
    }
    s->bytes += m->len;
    return (++s->count < MM_BATCH_ITEMS && !mm_batch_is_full(s->x->e->ops, s->count, s->bytes)) ||
           do_segment(s);
}

static bool take_block(void *context, char *block, size_t taken_bytes)
{
    struct expansion *s = context;
    bool go_on = do_segment(s);
    if (taken_bytes) {
        mm_spare_block_give(&s->x->e->budget, block);
        mm_budget_give(&s->x->e->budget, taken_bytes);
    }
    return go_on;
}

static bool take_bytes(void *context, uint64_t bytes)
{
    struct expansion *s = context;
    struct mm_budget *budget = &s->x->e->budget;
    return mm_budget_try(budget, bytes) ||
           (s->x->wait_turn(s->x->worker) && mm_budget_take(budget, bytes)) || end_run(s);
}

static bool is_stopping(void *context)
{
    struct expansion *s = context;
    return mm_engine_stopping(s->x->e) && !end_run(s);
}

static struct mm_container_options options_of(struct expansion *s)
{
    return (struct mm_container_options){.fd = -1,
                                         .format = s->x->e->options->source_format,
                                         .lone = &s->lone,
                                         .form = &s->form,
                                         .budget = &s->x->e->budget,
                                         .take_bytes = take_bytes,
                                         .job_unpacks = s->x->e->ops->unpacks,
                                         .member_max_bytes = s->x->e->resources.message_max_bytes,
                                         .take_member = take_member,
                                         .take_block = take_block,
                                         .stopping = is_stopping,
                                         .context = s};
}

/* What is left of the segment; the file itself was counted when it was found. */
static bool finish(struct expansion *s)
{
    bool ok = !s->run_ends && do_segment(s);
    atomic_fetch_add_explicit(&s->x->e->inputs_seen, s->members - 1, memory_order_relaxed);
    return ok;
}

bool mm_expand_is_for(struct mm_view bytes, enum mm_source_format format, bool job_unpacks)
{
    switch (format) {
    case MM_SOURCE_AUTO:
    case MM_SOURCE_TREE:
        return job_unpacks ? mm_container_sniff_inside(bytes) : mm_container_sniff(bytes);
    case MM_SOURCE_MESSAGE:
    case MM_SOURCE_MAILDIR:
        return false;
    case MM_SOURCE_EMLX:
    case MM_SOURCE_PICKUP:
    case MM_SOURCE_POSTFIX:
        return mm_packing_sniff(bytes) != MM_PACKING_NONE;
    default:
        return true;
    }
}

bool mm_expand_may_ask_later(struct mm_view bytes, enum mm_source_format format, bool job_unpacks)
{
    bool content_tells = format == MM_SOURCE_AUTO || format == MM_SOURCE_TREE;
    return content_tells && job_unpacks && mm_container_may_sniff_later(bytes);
}

bool mm_expand_bytes(const struct mm_expand *x, const struct mm_item *whole, struct mm_view bytes)
{
    struct expansion s = {.x = x, .whole = whole};
    const struct mm_container_options options = options_of(&s);
    mm_container_cut(bytes, &options);
    return finish(&s);
}

/* The file has gone, or is another one, since it was read. */
static bool reject_whole(struct expansion *s, const char *slug, const char *detail)
{
    struct mm_item *item = &s->x->items[s->count++];
    *item = *s->whole;
    mm_item_reject(item, slug, detail, MM_NO_OFFSET);
    return finish(s);
}

bool mm_expand_packed(const struct mm_expand *x, const struct mm_item *whole, bool follow)
{
    struct expansion s = {.x = x, .whole = whole};
    struct mm_container_options options = options_of(&s);
    struct mm_error error;
    struct stat st;
    int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW);
    options.fd = mm_file_open(whole->message.data, flags, 0);
    if (options.fd < 0)
        return reject_whole(&s, "read-error", strerror(errno));
    bool is_file = fstat(options.fd, &st) == 0 && S_ISREG(st.st_mode);
    enum mm_status read = is_file ? mm_container_read(&options, &error) : MM_OK;
    close(options.fd);
    if (!is_file)
        return reject_whole(&s, "changed-while-read", "no file any more");
    if (read == MM_E_NOMEM) {
        s.x->no_memory(s.x->worker);
        return false;
    }
    if (read < 0) /* the messages before are done; of those behind nothing is known */
        return !s.run_ends && reject_whole(&s, "read-error", strerror(error.os_errno));
    return finish(&s);
}
