/*
 * journal_read.c - what a journal says of the run that wrote it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "pipeline/journal_record.h"

uint64_t mm_journal_record_hash(struct mm_view record)
{
    /* From the type on: the length is told by what it leads to. */
    return XXH3_64bits(record.data + MM_JOURNAL_HEAD_BYTES - 1,
                       record.len - (MM_JOURNAL_HEAD_BYTES - 1));
}

struct mm_hash128 mm_journal_content_hash(const struct mm_view *parts, size_t count)
{
    XXH3_state_t state;
    XXH3_128bits_reset(&state);
    for (size_t i = 0; i < count; i++)
        if (parts[i].len)
            XXH3_128bits_update(&state, parts[i].data, parts[i].len);
    XXH128_hash_t h = XXH3_128bits_digest(&state);
    return (struct mm_hash128){h.low64, h.high64};
}

/* ---- records ---- */

static enum mm_status add_done(struct mm_journal_done **list, size_t *count, size_t *cap,
                               const struct mm_journal_done *one)
{
    if (*count == *cap) {
        size_t more = *cap ? *cap * 2 : 1024;
        struct mm_journal_done *grown = realloc(*list, more * sizeof *grown);
        if (!grown)
            return MM_E_NOMEM;
        *list = grown;
        *cap = more;
    }
    (*list)[(*count)++] = *one;
    return MM_OK;
}

static enum mm_status take_done(struct mm_journal *j, struct mm_view p)
{
    enum { BYTES = sizeof(struct mm_hash128) + 1 };
    if (p.len % BYTES)
        return MM_E_SYNTAX;
    for (size_t at = 0; at < p.len; at += BYTES) {
        struct mm_journal_done one = {.outcome = (uint8_t)p.data[at + BYTES - 1]};
        memcpy(&one.name, p.data + at, sizeof one.name);
        if (one.outcome > MM_OUTCOME_DUPLICATE)
            return MM_E_SYNTAX;
        MM_TRY(add_done(&j->done, &j->done_count, &j->done_cap, &one));
    }
    return MM_OK;
}

static enum mm_status take_intended(struct mm_journal *j, struct mm_view p)
{
    enum { BYTES = 2 * sizeof(struct mm_hash128) };
    if (p.len % BYTES)
        return MM_E_SYNTAX;
    for (size_t at = 0; at < p.len; at += BYTES) {
        struct mm_journal_done one = {.outcome = 0};
        memcpy(&one.name, p.data + at, sizeof one.name);
        memcpy(&one.content, p.data + at + sizeof one.name, sizeof one.content);
        MM_TRY(add_done(&j->intended, &j->intended_count, &j->intended_cap, &one));
    }
    return MM_OK;
}

static enum mm_status take_head(struct mm_journal *j, struct mm_view p)
{
    size_t fixed = sizeof MM_JOURNAL_MAGIC - 1;
    if (!mm_view_starts(p, MM_VIEW(MM_JOURNAL_MAGIC)) || p.len < fixed + sizeof j->now)
        return MM_E_SYNTAX;
    memcpy(&j->now, p.data + fixed, sizeof j->now);
    fixed += sizeof j->now;
    mm_buf_append(&j->head, mm_view_sub(p, fixed, p.len - fixed));
    j->state = MM_JOURNAL_UNFINISHED;
    return j->head.failed ? MM_E_NOMEM : MM_OK;
}

static enum mm_status take_prefix(struct mm_journal *j, struct mm_view p)
{
    if (p.len < sizeof j->prefix)
        return MM_E_SYNTAX;
    memcpy(&j->prefix, p.data, sizeof j->prefix);
    struct mm_view packing = mm_view_sub(p, sizeof j->prefix, p.len - sizeof j->prefix);
    if (j->prefix.packing_kept > packing.len)
        return MM_E_SYNTAX;
    j->has_prefix = true;
    j->packing.len = j->packing_kept;
    j->packing_kept += (size_t)j->prefix.packing_kept;
    mm_buf_append(&j->packing, packing);
    return j->packing.failed ? MM_E_NOMEM : MM_OK;
}

static enum mm_status take_keys(struct mm_journal *j, struct mm_view keys)
{
    struct mm_journal_done one = {.left = 1};
    if (keys.len % sizeof one.name)
        return MM_E_SYNTAX;
    for (size_t at = 0; at < keys.len; at += sizeof one.name) {
        memcpy(&one.name, keys.data + at, sizeof one.name);
        MM_TRY(add_done(&j->done, &j->done_count, &j->done_cap, &one));
    }
    return MM_OK;
}

/* Kept as it lies in the record, without the keys. */
static enum mm_status take_saved(struct mm_journal *j, struct mm_view p)
{
    struct mm_journal_saved_head head;
    if (p.len < sizeof head)
        return MM_E_SYNTAX;
    memcpy(&head, p.data, sizeof head);
    size_t keys_at = sizeof head + (size_t)head.told_bytes + head.counts_bytes;
    if (keys_at > p.len)
        return MM_E_SYNTAX;
    mm_tally_add(&j->saved_tally, &head.tally);
    mm_buf_append(&j->saved, mm_view_sub(p, 0, keys_at));
    return j->saved.failed ? MM_E_NOMEM : take_keys(j, mm_view_sub(p, keys_at, p.len - keys_at));
}

bool mm_journal_next_saved(const struct mm_journal *j, size_t *at, struct mm_journal_saved *saved)
{
    struct mm_journal_saved_head head;
    struct mm_view all = mm_buf_view(&j->saved);
    if (*at == all.len)
        return false;
    memcpy(&head, all.data + *at, sizeof head);
    *at += sizeof head;
    *saved = (struct mm_journal_saved){.tally = head.tally};
    saved->told = mm_view_sub(all, *at, head.told_bytes);
    *at += head.told_bytes;
    saved->counts = mm_view_sub(all, *at, head.counts_bytes);
    *at += head.counts_bytes;
    return true;
}

static enum mm_status take_record(struct mm_journal *j, char type, struct mm_view payload)
{
    bool first = j->state == MM_JOURNAL_NONE;
    if (first != (type == MM_JOURNAL_HEAD))
        return MM_E_SYNTAX;
    switch (type) {
    case MM_JOURNAL_HEAD:
        return take_head(j, payload);
    case MM_JOURNAL_DONE:
        return take_done(j, payload);
    case MM_JOURNAL_INTENDED:
        return take_intended(j, payload);
    case MM_JOURNAL_PREFIX:
        return take_prefix(j, payload);
    case MM_JOURNAL_SAVED:
        return take_saved(j, payload);
    case MM_JOURNAL_ALL_DONE:
    case MM_JOURNAL_END:
        if (payload.len != sizeof j->end)
            return MM_E_SYNTAX;
        memcpy(&j->end, payload.data, sizeof j->end);
        j->all_done = true;
        if (type == MM_JOURNAL_END)
            j->state = MM_JOURNAL_FINISHED;
        return MM_OK;
    default:
        return MM_E_SYNTAX;
    }
}

/* ---- the file ---- */

/* The next whole record into j->record; false at the end, and where the rest is torn. */
static bool read_record(struct mm_journal *j, FILE *file)
{
    char head[MM_JOURNAL_HEAD_BYTES];
    uint32_t len;
    uint64_t hash;
    mm_buf_clear(&j->record);
    if (fread(head, 1, sizeof head, file) != sizeof head)
        return false;
    memcpy(&len, head, sizeof len);
    if (len > MM_JOURNAL_RECORD_MAX_BYTES)
        return false;
    mm_buf_append(&j->record, (struct mm_view){head, sizeof head});
    if (!mm_buf_reserve(&j->record, len) ||
        fread(j->record.data + j->record.len, 1, len, file) != len ||
        fread(&hash, 1, sizeof hash, file) != sizeof hash)
        return false;
    j->record.len += len;
    return hash == mm_journal_record_hash(mm_buf_view(&j->record));
}

static int by_name(const void *a, const void *b)
{
    const struct mm_journal_done *x = a, *y = b;
    if (x->name.low != y->name.low)
        return x->name.low < y->name.low ? -1 : 1;
    if (x->name.high != y->name.high)
        return x->name.high < y->name.high ? -1 : 1;
    return 0;
}

static int by_name_and_content(const void *a, const void *b)
{
    const struct mm_journal_done *x = a, *y = b;
    int order = by_name(a, b);
    if (order == 0 && x->content.low != y->content.low)
        return x->content.low < y->content.low ? -1 : 1;
    if (order == 0 && x->content.high != y->content.high)
        return x->content.high < y->content.high ? -1 : 1;
    return order;
}

/* Sorted: those that are equal become one. */
static void join_equal(struct mm_journal *j)
{
    size_t kept = 0;
    for (size_t i = 1; i < j->done_count; i++) {
        if (mm_hash128_eq(j->done[i].name, j->done[kept].name))
            j->done[kept].left += j->done[i].left;
        else
            j->done[++kept] = j->done[i];
    }
    j->done_count = kept + 1;
}

static enum mm_status read_all(struct mm_journal *j, FILE *file, struct mm_error *err)
{
    while (read_record(j, file)) {
        struct mm_view r = mm_buf_view(&j->record);
        enum mm_status st =
            take_record(j, r.data[MM_JOURNAL_HEAD_BYTES - 1],
                        mm_view_sub(r, MM_JOURNAL_HEAD_BYTES, r.len - MM_JOURNAL_HEAD_BYTES));
        if (st == MM_E_NOMEM)
            return mm_fail(err, st, "no memory for the journal %s", j->path);
        if (st != MM_OK)
            return mm_fail_at(
                err, st, j->valid_bytes,
                "%s is no journal that this version can go on with; --overwrite begins "
                "anew",
                j->path);
        j->valid_bytes += r.len + sizeof(uint64_t);
    }
    if (j->record.failed)
        return mm_fail(err, MM_E_NOMEM, "no memory for the journal %s", j->path);
    if (ferror(file)) /* what stands behind it must not be taken for a torn tail */
        return mm_fail_os(err, errno, "cannot read the journal %s", j->path);
    return MM_OK;
}

enum mm_status mm_journal_read(struct mm_journal *j, const char *path, struct mm_error *err)
{
    j->path = path;
    FILE *file = fopen(path, "re");
    /* Where nothing may be read, nothing can be written either: that is told then. */
    if (!file && (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
        return MM_OK;
    if (!file)
        return mm_fail_os(err, errno, "cannot read the journal %s", path);
    enum mm_status st = read_all(j, file, err);
    fclose(file);
    if (j->done_count) {
        qsort(j->done, j->done_count, sizeof *j->done, by_name);
        join_equal(j);
    }
    if (j->intended_count)
        qsort(j->intended, j->intended_count, sizeof *j->intended, by_name_and_content);
    return st;
}

static struct mm_journal_done *find_done(const struct mm_journal *j, struct mm_hash128 name)
{
    struct mm_journal_done wanted = {.name = name};
    return j->done_count ? bsearch(&wanted, j->done, j->done_count, sizeof wanted, by_name) : NULL;
}

struct mm_hash128 mm_journal_key(struct mm_view name, uint64_t offset)
{
    struct mm_hash128 key = mm_hash128_of(name);
    struct mm_view place = {(const char *)&offset, sizeof offset};
    return offset == MM_NO_OFFSET ? key : mm_hash128_chain(key, place);
}

bool mm_journal_take_saved(struct mm_journal *j, struct mm_hash128 key)
{
    struct mm_journal_done *found = find_done(j, key);
    if (!found || found->left == 0)
        return false;
    found->left--;
    return true;
}

bool mm_journal_is_done(const struct mm_journal *j, struct mm_view name, enum mm_outcome *outcome)
{
    const struct mm_journal_done *found = find_done(j, mm_hash128_of(name));
    if (found)
        *outcome = (enum mm_outcome)found->outcome;
    return found != NULL;
}

bool mm_journal_has_replaced(const struct mm_journal *j, struct mm_view name, struct mm_view bytes)
{
    if (!j->intended_count)
        return false;
    struct mm_journal_done wanted = {.name = mm_hash128_of(name),
                                     .content = mm_journal_content_hash(&bytes, 1)};
    return bsearch(&wanted, j->intended, j->intended_count, sizeof wanted, by_name_and_content) !=
           NULL;
}

static struct mm_view next_line(struct mm_view *text)
{
    struct mm_view line;
    mm_view_cut(*text, '\n', &line, text);
    return line;
}

struct mm_view mm_journal_difference(const struct mm_journal *j, struct mm_view head)
{
    struct mm_view was = mm_buf_view(&j->head), name = {"", 0}, value;
    while (was.len || head.len) {
        struct mm_view a = next_line(&was), b = next_line(&head);
        if (mm_view_eq(a, b))
            continue;
        mm_view_cut(b.len ? b : a, '\t', &name, &value);
        break;
    }
    return name;
}
