/*
 * scanner.c - the one thread that finds inputs and packs them into batches, in input order.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "io/stream.h"
#include "io/tree_walk.h"
#include "pipeline/container.h"
#include "pipeline/engine.h"
#include "pipeline/member_name.h"

/* The first batches are small, so that every core has work at once; later ones fill the lanes. */
enum { FIRST_BATCH_ITEMS = 16 };

struct scanner {
    struct mm_engine *e;
    struct mm_batch *batch; /* being filled; NULL at first */
    uint64_t next_seq;
    uint32_t batch_items, most_items;
    uint64_t first_bytes;    /* of the batch: the size of its first file */
    bool by_content;         /* entries are files that were named */
    bool dead;               /* stopped or failed: nothing more is taken */
    uint64_t entries;        /* so far, those skipped included */
    uint64_t skip;           /* entries that an ordered output holds already */
    struct mm_hash128 chain; /* of their names, where a journal is kept */
    struct mm_hash128 key;   /* of the entry at hand, where the sink saves */
};

static void fail_here(struct scanner *s, int exit_code, const struct mm_error *error)
{
    mm_engine_fail(s->e, exit_code, error);
    s->dead = true;
}

static void fail_memory(struct scanner *s)
{
    struct mm_error error;
    (void)mm_fail(&error, MM_E_NOMEM, "no memory for a batch of inputs");
    fail_here(s, MM_EXIT_IO, &error);
}

static bool begin_batch(struct scanner *s)
{
    if (s->batch)
        return true;
    s->batch = mm_queue_blank(&s->e->queue);
    if (!s->batch)
        fail_memory(s);
    return s->batch != NULL;
}

static void send_batch(struct scanner *s)
{
    struct mm_batch *b = s->batch;
    if (!b || b->count == 0)
        return;
    s->batch = NULL;
    b->seq = s->next_seq++;
    s->first_bytes = 0;
    b->entries_so_far = s->entries;
    b->chain = s->chain;
    if (s->next_seq % (2 * (uint64_t)s->e->resources.threads) == 0 &&
        s->batch_items < s->most_items)
        s->batch_items *= 2;
    if (mm_queue_put(&s->e->queue, b))
        return;
    mm_queue_return(&s->e->queue, b, &s->e->budget);
    s->dead = true;
}

/* ---- what a journal tells ---- */

/* The entries that the output holds are not those that there are now. */
static void fail_sources(struct scanner *s, struct mm_view name)
{
    struct mm_error error;
    (void)mm_fail(
        &error, MM_E_ARG,
        "--resume: the sources are not those of the run that is to be gone on with: up to "
        "%.*s they differ",
        (int)(name.len < 200 ? name.len : 200), name.data);
    fail_here(s, MM_EXIT_CONFIG, &error);
}

static bool skip_in_order(struct scanner *s, struct mm_view name)
{
    s->entries++;
    s->chain = mm_hash128_chain(s->chain, name);
    if (s->skip == 0)
        return false;
    if (--s->skip == 0 && !mm_hash128_eq(s->chain, s->e->journal->prefix.chain))
        fail_sources(s, name);
    return true;
}

/* True for an input that an earlier run has done: it is not read again. offset: of a member. */
static bool skip_done(struct scanner *s, struct mm_view name, uint64_t offset)
{
    struct mm_engine *e = s->e;
    enum mm_outcome outcome;
    if (!e->journal)
        return false;
    if (e->sink->ordered)
        return skip_in_order(s, name);
    if (e->sink->ops->save) {
        s->key = mm_journal_key(name, offset);
        return mm_journal_take_saved(e->journal, s->key);
    }
    if (!mm_journal_is_done(e->journal, name, &outcome))
        return false;
    atomic_fetch_add_explicit(&e->inputs_seen, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&e->outcomes[outcome], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&e->resumed, 1, memory_order_relaxed);
    return true;
}

static struct mm_entry *add_entry(struct scanner *s, enum mm_entry_kind kind, struct mm_view name)
{
    if (mm_engine_stopping(s->e))
        s->dead = true;
    if (s->dead || !begin_batch(s))
        return NULL;
    struct mm_entry *entry = &s->batch->entries[s->batch->count];
    *entry = (struct mm_entry){
        .kind = kind, .by_content = s->by_content, .offset = MM_NO_OFFSET, .key = s->key};
    entry->name_at = mm_batch_add_text(s->batch, name);
    entry->name_len = (uint32_t)name.len;
    if (s->batch->text.failed) {
        fail_memory(s);
        return NULL;
    }
    s->batch->count++;
    atomic_fetch_add_explicit(&s->e->inputs_seen, 1, memory_order_relaxed);
    return entry;
}

/* Large files are sent on few at a time, so that every core has some, and no output waits long for
 * its turn. Names tell no size: the first of a batch is asked, and stands for those behind it. */
static void note_first_size(struct scanner *s, const struct mm_entry *entry)
{
    struct stat st;
    const char *path = s->batch->text.data + entry->name_at;
    if (s->batch->count == 1 &&
        fstatat(AT_FDCWD, path, &st, entry->follow ? 0 : AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISREG(st.st_mode))
        s->first_bytes = (uint64_t)st.st_size;
}

static void end_entry(struct scanner *s)
{
    if (s->batch && (s->batch->count >= s->batch_items ||
                     s->batch->count * s->first_bytes >= MM_BATCH_PAIR_BYTES))
        send_batch(s);
}

static void add_reject(struct scanner *s, struct mm_view name, const char *slug, int os_errno)
{
    if (skip_done(s, name, MM_NO_OFFSET))
        return;
    struct mm_entry *entry = add_entry(s, MM_ENTRY_REJECT, name);
    if (!entry)
        return;
    entry->slug = slug;
    entry->os_errno = os_errno;
    end_entry(s);
}

/* Output path: prefix, a slash, the part below; and the folder for temporary names. */
static void set_paths(struct scanner *s, struct mm_entry *entry, const char *prefix,
                      struct mm_view below, struct mm_view root)
{
    struct mm_batch *b = s->batch;
    entry->out_at = (uint32_t)b->text.len;
    if (*prefix) {
        mm_buf_append_str(&b->text, prefix);
        if (below.len)
            mm_buf_append_char(&b->text, '/');
    }
    mm_buf_append(&b->text, below);
    entry->out_len = (uint32_t)(b->text.len - entry->out_at);
    entry->out_prefix_len = (uint32_t)strlen(prefix);
    mm_buf_append_char(&b->text, '\0');
    if (s->e->sink->wants_source_paths) {
        entry->root_at = mm_batch_add_text(b, root);
        entry->root_len = (uint32_t)root.len;
    }
    if (b->text.failed)
        fail_memory(s);
}

static void add_file(struct scanner *s, struct mm_view path, const char *prefix,
                     struct mm_view below, struct mm_view root, bool follow)
{
    if (skip_done(s, path, MM_NO_OFFSET))
        return;
    struct mm_entry *entry = add_entry(s, MM_ENTRY_READ, path);
    if (!entry)
        return;
    entry->follow = follow;
    note_first_size(s, entry);
    set_paths(s, entry, prefix, below, root);
    end_entry(s);
}

static void note_names(struct scanner *s, const struct mm_walk *walk)
{
    uint64_t listed = s->e->operands->files_from ? mm_names_bytes(s->e->operands->files_from) : 0;
    uint64_t held = listed + (walk ? mm_walk_names_bytes(walk) : 0);
    uint64_t left = walk ? mm_walk_names_left(walk) : 0;
    atomic_store_explicit(&s->e->inputs_known,
                          left + atomic_load_explicit(&s->e->inputs_seen, memory_order_relaxed),
                          memory_order_relaxed);
    if (held > atomic_load_explicit(&s->e->names_bytes, memory_order_relaxed))
        atomic_store_explicit(&s->e->names_bytes, held, memory_order_relaxed);
}

static void take_walked(struct scanner *s, const struct mm_operand *op,
                        const struct mm_walk_entry *w)
{
    switch (w->kind) {
    case MM_WALK_FILE:
        add_file(s, w->path, op->prefix, mm_view_sub(w->path, w->below, w->path.len - w->below),
                 mm_view_of(op->root), s->e->options->follow);
        return;
    case MM_WALK_LINK_INSIDE:
        atomic_fetch_add_explicit(&s->e->links_skipped, 1, memory_order_relaxed);
        return;
    case MM_WALK_LINK_OUTSIDE:
        add_reject(s, w->path, "link-outside", 0);
        return;
    case MM_WALK_LINK_DANGLING:
        add_reject(s, w->path, "dangling-link", 0);
        return;
    case MM_WALK_SPECIAL:
        add_reject(s, w->path, "special-file", 0);
        return;
    case MM_WALK_DIR_DENIED:
        add_reject(s, w->path, "folder-denied", w->os_errno);
        return;
    case MM_WALK_DIR_FAILED:
        add_reject(s, w->path, "folder-error", w->os_errno);
        return;
    case MM_WALK_TOO_LONG:
        add_reject(s, w->path, "path-too-long", 0);
        return;
    }
}

static void scan_tree(struct scanner *s, const struct mm_operand *op)
{
    struct mm_walk *walk = NULL;
    struct mm_walk_entry entry;
    struct mm_error error;
    enum mm_status st = mm_walk_new(op->path, s->e->options->follow, 0, &walk, &error);
    while (st == MM_OK && !s->dead) {
        st = mm_walk_next(walk, &entry, &error);
        note_names(s, walk);
        if (st == MM_OK)
            take_walked(s, op, &entry);
    }
    if (st < 0)
        fail_here(s, MM_EXIT_IO, &error);
    mm_walk_free(&walk);
}

/* ---- containers: their messages come in blocks that the batch then owns ---- */

struct container_target {
    struct scanner *s;
    const char *prefix; /* folder of OUT that its messages go to; "" for OUT itself */
    struct mm_view name;
    const char *lone_name; /* what OUT calls the only message of the stream */
    bool lone;             /* the only message of the stream: named as the stream itself */
    enum mm_member_form form;
};

/* Where the name inside the container begins: behind a '!', or nowhere. */
static uint32_t member_at(const struct container_target *t)
{
    return t->lone ? 0 : (uint32_t)t->name.len + 1;
}

/* What is no message is an input all the same. It goes with the members around it. */
static bool take_bad_member(struct container_target *t, const struct mm_container_member *m,
                            struct mm_view name)
{
    struct mm_entry *entry = add_entry(t->s, MM_ENTRY_REJECT, name);
    if (entry) {
        entry->slug = m->slug;
        entry->offset = m->offset;
        entry->member_at = member_at(t);
    }
    return !t->s->dead;
}

static bool take_message(struct container_target *t, const struct mm_container_member *m,
                         struct mm_view name)
{
    char below[MM_MEMBER_BELOW_MAX_BYTES];
    struct mm_entry *entry = add_entry(t->s, MM_ENTRY_MEMORY, name);
    if (!entry)
        return false;
    entry->form = t->form;
    entry->lone = t->lone;
    entry->member_at = member_at(t);
    entry->block_at = m->at;
    entry->block_len = m->len;
    entry->envelope_at = m->envelope_at;
    entry->envelope_len = m->envelope_len;
    set_paths(t->s, entry, t->prefix,
              t->lone ? mm_view_of(t->lone_name) : mm_member_below(m->name, m->offset, below),
              (struct mm_view){"", 0});
    return !t->s->dead;
}

static bool take_member(void *context, const struct mm_container_member *m)
{
    struct container_target *t = context;
    char buffer[MM_MEMBER_NAME_MAX_BYTES];
    if (m->is_link) {
        atomic_fetch_add_explicit(&t->s->e->links_skipped, 1, memory_order_relaxed);
        return true;
    }
    struct mm_view name =
        t->lone ? t->name : mm_member_name_make(t->name, m->name, m->offset, buffer);
    if (skip_done(t->s, name, m->offset))
        return !t->s->dead && !mm_engine_stopping(t->s->e);
    return m->slug ? take_bad_member(t, m, name) : take_message(t, m, name);
}

/* The block that holds the members taken since the last call goes with the batch. */
static bool take_block(void *context, char *block, size_t taken_bytes)
{
    struct container_target *t = context;
    if (!t->s->batch || t->s->batch->count == 0) {
        free(block);
        mm_budget_give(&t->s->e->budget, taken_bytes);
        return !t->s->dead;
    }
    t->s->batch->block = block;
    t->s->batch->block_taken = taken_bytes;
    send_batch(t->s);
    return !t->s->dead;
}

static bool is_stopping(void *context)
{
    const struct container_target *t = context;
    return mm_engine_stopping(t->s->e);
}

/* Which of the sources it was. */
static void fail_container(struct scanner *s, struct mm_view name, const struct mm_error *error)
{
    struct mm_error named;
    (void)mm_fail(&named, error->status, "%.*s: %s", (int)(name.len < 200 ? name.len : 200),
                  name.data, error->text);
    named.os_errno = error->os_errno;
    fail_here(s, MM_EXIT_IO, &named);
}

static void scan_container(struct scanner *s, const char *prefix, struct mm_view name,
                           const char *lone_name, int fd, struct mm_view wanted)
{
    struct container_target target = {
        .s = s, .prefix = prefix, .name = name, .lone_name = lone_name};
    struct mm_error error;
    struct mm_container_options options = {.fd = fd,
                                           .format = s->e->options->source_format,
                                           .wanted = wanted,
                                           .lone = &target.lone,
                                           .form = &target.form,
                                           .budget = &s->e->budget,
                                           .job_unpacks = s->e->ops->unpacks,
                                           .unpack_helpers = s->e->resources.pack_helpers,
                                           .block_items = s->most_items,
                                           .member_max_bytes = s->e->resources.message_max_bytes,
                                           .take_member = take_member,
                                           .take_block = take_block,
                                           .stopping = is_stopping,
                                           .context = &target};
    send_batch(s); /* a batch holds one block */
    if (s->dead)
        return;
    if (mm_container_read(&options, &error) < 0)
        fail_container(s, name, &error);
}

static void scan_container_file(struct scanner *s, const char *prefix, const char *path,
                                struct mm_view wanted)
{
    struct mm_view name = mm_view_of(path);
    char lone_name[NAME_MAX + 1];
    /* O_NONBLOCK: should a FIFO have taken its place, nobody waits for a writer. */
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) {
        add_reject(s, name, errno == EACCES ? "permission-denied" : "read-error", errno);
        return;
    }
    mm_unpacked_name(name, lone_name);
    scan_container(s, prefix, name, lone_name, fd, wanted);
    close(fd);
}

static void scan_operand(struct scanner *s, const struct mm_operand *op)
{
    struct mm_view path = mm_view_of(op->path);
    const char *base = strrchr(op->path, '/');
    switch (op->kind) {
    case MM_OPERAND_TREE:
        scan_tree(s, op);
        return;
    case MM_OPERAND_FILE:
        s->by_content = true;
        add_file(s, path, "", mm_view_of(base ? base + 1 : op->path), mm_view_of(op->root), true);
        s->by_content = false;
        return;
    case MM_OPERAND_CONTAINER:
        scan_container_file(s, op->prefix, op->path, (struct mm_view){"", 0});
        return;
    case MM_OPERAND_STDIN:
        scan_container(s, op->prefix, path, "stdin.eml", STDIN_FILENO, (struct mm_view){"", 0});
        return;
    case MM_OPERAND_SPECIAL:
        add_reject(s, path, "special-file", 0);
        return;
    case MM_OPERAND_DANGLING:
        add_reject(s, path, "dangling-link", 0);
        return;
    }
}

/* A message of a container, as rows name it. A tree gets it below a folder with the container's
 * name, since there may be several. */
static bool scan_member_name(struct scanner *s, struct mm_view name)
{
    char path[PATH_MAX];
    struct mm_view member;
    if (!mm_member_name_split(name, path, &member))
        return false;
    scan_container_file(s, path, path, member);
    return true;
}

static void scan_listed(struct scanner *s, struct mm_view name)
{
    struct stat st;
    if (lstat(name.data, &st) != 0) {
        int failed = errno;
        if (!scan_member_name(s, name))
            add_reject(s, name, failed == EACCES ? "permission-denied" : "vanished", failed);
        return;
    }
    if (S_ISLNK(st.st_mode)) {
        /* A list of rejects names links that lead out of their tree: naming them again opens
         * nothing. */
        bool dangles = stat(name.data, &st) != 0;
        if (dangles || !s->e->options->follow) {
            add_reject(s, name, dangles ? "dangling-link" : "link-outside", 0);
            return;
        }
    }
    if (S_ISDIR(st.st_mode)) {
        add_reject(s, name, "not-a-file", 0);
        return;
    }
    if (!S_ISREG(st.st_mode)) {
        add_reject(s, name, "special-file", 0);
        return;
    }
    char folder[PATH_MAX];
    const char *slash = strrchr(name.data, '/');
    size_t len = slash ? (size_t)(slash - name.data) : 0;
    snprintf(folder, sizeof folder, "%.*s", len ? (int)len : 1,
             len ? name.data : (slash ? "/" : "."));
    add_file(s, name, "", name, mm_view_of(folder), s->e->options->follow);
}

static void scan_list(struct scanner *s)
{
    struct mm_view name;
    uint8_t kind;
    struct mm_error error;
    enum mm_status st;
    note_names(s, NULL);
    while (!s->dead &&
           (st = mm_names_next(s->e->operands->files_from, &name, &kind, &error)) != MM_END) {
        if (st < 0) {
            fail_here(s, MM_EXIT_IO, &error);
            return;
        }
        scan_listed(s, name);
    }
}

void *mm_scanner_main(void *engine)
{
    struct mm_engine *e = engine;
    /* An ordered output is on disk at the end of a batch. */
    bool one_by_one = e->sink->ordered && e->sink->one_by_one;
    struct scanner s = {.e = e,
                        .batch_items = one_by_one ? 1 : FIRST_BATCH_ITEMS,
                        .most_items = one_by_one ? 1 : MM_BATCH_ITEMS};
    if (e->journal && e->journal->has_prefix && e->sink->ordered)
        s.skip = e->journal->prefix.entries;
    uint64_t start = mm_clock_ns(CLOCK_THREAD_CPUTIME_ID);
    for (size_t i = 0; i < e->operands->count && !s.dead; i++)
        scan_operand(&s, &e->operands->list[i]);
    if (e->operands->files_from && !s.dead)
        scan_list(&s);
    /* Of a run that is stopped the sources may go on behind what was read of them. */
    if (s.skip && !s.dead && !mm_engine_stopping(e))
        fail_sources(&s, MM_VIEW("their end"));
    send_batch(&s);
    if (s.batch)
        mm_queue_return(&e->queue, s.batch, &e->budget);
    atomic_store(&e->scan_ns, mm_clock_ns(CLOCK_THREAD_CPUTIME_ID) - start);
    atomic_store(&e->scan_done, true);
    mm_queue_close(&e->queue, s.dead, &e->budget);
    return NULL;
}
