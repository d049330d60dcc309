/*
 * container_zip.c - the messages of a zip, in blocks like those of a stream.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <stdlib.h>

#include "io/file_ops.h"
#include "io/zip.h"
#include "pipeline/container_internal.h"

struct giving {
    const struct mm_container_options *o;
    int fd;
    struct mm_zip *zip;
    char *block; /* NULL: none yet */
    size_t cap, len;
    uint32_t count;   /* members given since the last block */
    uint64_t left;    /* bytes of members to come, as the zip claims */
    bool found, done; /* found: something was given that is no link */
    struct mm_error err;
};

/* Hand over what there is. */
static void give_block(struct giving *g)
{
    if (!g->o->take_block(g->o->context, g->block, g->block ? mm_block_charge(g->cap) : 0))
        g->done = true;
    g->block = NULL;
    g->count = 0;
}

static void give(struct giving *g, struct mm_container_member *m)
{
    m->block = g->block;
    g->found = g->found || !m->is_link;
    g->count++;
    if (!g->o->take_member(g->o->context, m) || g->o->wanted.len)
        g->done = true;
    else if (g->count == MM_BATCH_ITEMS)
        give_block(g);
}

static void give_reject(struct giving *g, uint64_t offset, struct mm_view name, const char *slug)
{
    give(g, &(struct mm_container_member){.offset = offset, .name = name, .slug = slug});
}

static const char *slug_of(const struct giving *g, const struct mm_zip_member *m)
{
    static const char *const SLUGS[] = {
        [MM_ZIP_SPECIAL] = "special-file",       [MM_ZIP_ENCRYPTED] = "encrypted-member",
        [MM_ZIP_METHOD] = "unknown-compression", [MM_ZIP_OVERLAP] = "overlapping-member",
        [MM_ZIP_DAMAGED] = "damaged-member",
    };
    if (m->name_too_long)
        return "path-too-long";
    if (m->kind != MM_ZIP_FILE && m->kind != MM_ZIP_LINK)
        return SLUGS[m->kind];
    return m->kind == MM_ZIP_FILE && m->size > g->o->member_max_bytes ? "message-too-large" : NULL;
}

/* Room for the member: in the block, or in a new one that has room for those to come, too. */
static enum mm_status make_room(struct giving *g, uint64_t size)
{
    if (g->block && size <= g->cap - g->len)
        return MM_OK;
    if (g->block)
        give_block(g);
    uint64_t cap = g->left < MM_BLOCK_MAX_BYTES ? g->left : MM_BLOCK_MAX_BYTES;
    cap = cap < g->o->member_max_bytes ? cap : g->o->member_max_bytes;
    g->cap = (size_t)(cap > size ? cap : size);
    g->len = 0;
    enum mm_status st = g->done ? MM_END : mm_block_get(g->o, g->cap, &g->block, &g->err);
    g->done = g->done || st == MM_END; /* the run ends */
    return st < 0 ? st : MM_OK;
}

static enum mm_status give_file(struct giving *g, const struct mm_zip_member *z)
{
    MM_TRY(make_room(g, z->size));
    if (g->done)
        return MM_OK;
    enum mm_status st = mm_zip_read(g->zip, z, g->block + g->len, &g->err);
    if (st < 0 && st != MM_E_SYNTAX)
        return st;
    struct mm_container_member m = {
        .offset = z->offset, .name = z->name, .at = g->len, .len = (size_t)z->size};
    if (st == MM_E_SYNTAX)
        m = (struct mm_container_member){
            .offset = z->offset, .name = z->name, .slug = "damaged-member"};
    g->len += m.len;
    give(g, &m);
    return MM_OK;
}

static bool is_wanted(const struct giving *g, struct mm_view name, uint64_t at)
{
    uint64_t offset;
    if (g->o->wanted.len == 0 || name.len)
        return g->o->wanted.len == 0 || mm_view_eq(g->o->wanted, name);
    return mm_view_to_u64(g->o->wanted, &offset) && offset == at;
}

static enum mm_status give_member(struct giving *g, const struct mm_zip_member *z)
{
    if (z->kind == MM_ZIP_SKIP || !is_wanted(g, z->name, z->offset))
        return MM_OK;
    const char *slug = slug_of(g, z);
    if (slug)
        give_reject(g, z->offset, z->name, slug);
    else if (z->kind == MM_ZIP_LINK)
        give(g,
             &(struct mm_container_member){.offset = z->offset, .name = z->name, .is_link = true});
    else
        return give_file(g, z);
    return MM_OK;
}

/* ---- a zip that ends too early ---- */

/* Of what the zip's end cuts, the bytes that there are; deflated ones behind a header of gzip
 * without time and name (RFC 1952 section 2.3), so that the job sees what they are. */
static enum mm_status give_packed(struct giving *g, const struct mm_zip_cut *cut)
{
    static const char HEADER[] = {'\x1f', '\x8b', 8, 0, 0, 0, 0, 0, 0, '\xff'};
    size_t head = cut->deflated ? sizeof HEADER : 0;
    MM_TRY(make_room(g, head + cut->packed));
    if (g->done)
        return MM_OK;
    char *to = g->block + g->len;
    memcpy(to, HEADER, head);
    int failed = mm_file_read_at(g->fd, to + head, (size_t)cut->packed, cut->data_at);
    if (failed == ENODATA) /* it has become shorter */
        return MM_OK;
    if (failed)
        return mm_fail_os(&g->err, failed, "cannot read the zip at byte %llu",
                          (unsigned long long)cut->data_at);
    struct mm_container_member m = {
        .offset = cut->offset, .name = cut->name, .at = g->len, .len = head + (size_t)cut->packed};
    g->len += m.len;
    give(g, &m);
    return MM_OK;
}

static enum mm_status give_cut(struct giving *g)
{
    struct mm_zip_cut cut;
    enum mm_status st = mm_zip_find_cut(g->zip, &cut, &g->err);
    if (st != MM_OK || !is_wanted(g, cut.name, cut.offset))
        return st < 0 ? st : MM_OK;
    if (cut.name_too_long)
        give_reject(g, cut.offset, cut.name, "path-too-long");
    else if (cut.packed > g->o->member_max_bytes)
        give_reject(g, cut.offset, cut.name, "message-too-large");
    else
        return give_packed(g, &cut);
    return MM_OK;
}

/* Who looks for reports is told of a zip that has none. It is the input itself, under its own name.
 */
static void give_empty(struct giving *g)
{
    *g->o->lone = true;
    give_reject(g, 0, (struct mm_view){"", 0}, "empty-archive");
}

/* Why nothing comes any more. */
static void give_end(struct giving *g, enum mm_status st, uint64_t ends_at, uint64_t damaged_at)
{
    struct mm_view none = {"", 0};
    bool whole = damaged_at == MM_NO_OFFSET;
    if (st == MM_E_SYNTAX)
        give_reject(g, ends_at, none,
                    whole && mm_zip_is_cut_short(g->zip) ? "truncated-archive" : "damaged-archive");
    else if (!whole)
        give_reject(g, damaged_at, none, "damaged-archive");
    else if (g->o->wanted.len && !g->found)
        give_reject(g, 0, none, "no-such-member");
    else if (g->o->job_unpacks && !g->found)
        give_empty(g);
}

static enum mm_status give_members(struct giving *g, uint64_t damaged_at)
{
    struct mm_zip_member z;
    enum mm_status st = MM_OK;
    g->left = mm_zip_claimed_bytes(g->zip);
    while (!g->done && (st = mm_zip_next(g->zip, &z, &g->err)) == MM_OK) {
        if (g->o->stopping(g->o->context))
            g->done = true;
        else
            MM_TRY(give_member(g, &z));
        g->left -= z.size < g->left ? z.size : g->left;
    }
    if (st < 0 && st != MM_E_SYNTAX)
        return st;
    uint64_t ends_at = g->err.offset;
    if (!g->done && st == MM_E_SYNTAX && g->o->job_unpacks)
        MM_TRY(give_cut(g));
    if (!g->done)
        give_end(g, st, ends_at, damaged_at);
    if (g->count)
        give_block(g);
    return MM_OK;
}

enum mm_status mm_container_read_zip(const struct mm_container_options *options, int fd,
                                     uint64_t damaged_at, struct mm_error *err)
{
    struct giving g = {.o = options, .fd = fd};
    enum mm_status st = mm_zip_open_file(fd, &g.zip, &g.err);
    if (st == MM_OK)
        st = give_members(&g, damaged_at);
    if (st == MM_E_LIMIT) {
        give_reject(&g, 0, (struct mm_view){"", 0}, "too-many-members");
        give_block(&g);
        st = MM_OK;
    }
    if (g.block) {
        free(g.block);
        mm_budget_give(options->budget, mm_block_charge(g.cap));
    }
    mm_zip_free(&g.zip);
    if (st < 0 && err)
        *err = g.err;
    return st;
}
