/*
 * verify_keep.c - a batch that waits for its keys goes on without its messages.
 * SPDX-License-Identifier: Apache-2.0
 *
 * All texts of a batch are packed into one piece of memory: a message of one signature keeps about
 * a kilobyte of them, most of it b= as written and as decoded.
 */
#include "dkim/verify_internal.h"

/* Counts first, with `at` NULL; then moves. */
struct pack {
    char *at;
    size_t bytes;
};

static void pack_view(struct pack *p, struct mm_view *v)
{
    if (p->at) {
        if (v->len)
            memcpy(p->at + p->bytes, v->data, v->len);
        v->data = p->at + p->bytes;
    }
    p->bytes += v->len;
}

static void pack_digest(struct pack *p, const uint8_t **digest, enum mm_digest_alg alg)
{
    struct mm_view v = {(const char *)*digest, mm_digest_bytes(alg)};
    if (!*digest)
        return;
    pack_view(p, &v);
    *digest = (const uint8_t *)v.data;
}

/* What a row says of a signature. */
static void pack_report(struct pack *p, struct mm_dkim_signature *s)
{
    struct mm_view *const views[] = {&s->domain, &s->selector, &s->auid, &s->algorithm,
                                     &s->canon,  &s->headers,  &s->b};
    for (size_t i = 0; i < MM_COUNT(views); i++)
        pack_view(p, views[i]);
}

/* What the second half needs of a field. */
static void pack_work(struct pack *p, struct mm_verify_work *work)
{
    pack_view(p, &work->field.body_hash);
    pack_view(p, &work->field.signature);
    pack_digest(p, &work->body_digest, work->field.digest);
    pack_digest(p, &work->header_digest, work->field.digest);
}

static void pack_all(struct pack *p, struct mm_verify_open *open)
{
    for (size_t i = 0; i < open->item_count; i++)
        pack_view(p, &open->items[i].verdict.from_domain);
    for (size_t i = 0; i < open->work_count; i++) {
        pack_report(p, open->works[i].out);
        pack_work(p, &open->works[i]);
    }
}

/* What nobody asks for in the second half, and would borrow from what is gone. */
static void forget_message(struct mm_verify_item *item)
{
    item->msg = (struct mm_msg){.eol = item->msg.eol};
    item->bytes.data = NULL;
}

static void forget_field(struct mm_verify_work *work)
{
    struct mm_sig_field *f = &work->field;
    f->domain = f->selector = f->auid = f->algorithm = f->headers = f->b = f->b_raw = f->canon =
        f->selector_ascii = f->domain_ascii = (struct mm_view){NULL, 0};
    work->body = work->stored_body = NULL;
    work->header = NULL;
}

/* The structs, one by one; texts are still those of `open`. Works are in the order of their
 * messages, and of the signatures in each. */
static bool copy_structs(const struct mm_verify_open *open, struct mm_arena *keep,
                         struct mm_verify_open *kept)
{
    struct mm_dkim_signature *signatures =
        MM_ARENA_ARRAY(keep, struct mm_dkim_signature, open->work_count);
    *kept = *open;
    kept->items = MM_ARENA_ARRAY(keep, struct mm_verify_item, open->item_count);
    kept->works = MM_ARENA_ARRAY(keep, struct mm_verify_work, open->work_count);
    if (!signatures || !kept->items || !kept->works)
        return false;
    for (size_t i = 0; i < open->work_count; i++) {
        kept->works[i] = open->works[i];
        kept->works[i].out = &signatures[i];
        signatures[i] = *open->works[i].out;
        forget_field(&kept->works[i]);
    }
    for (size_t i = 0; i < open->item_count; i++) {
        kept->items[i] = open->items[i];
        kept->items[i].verdict.signatures = signatures;
        signatures += kept->items[i].verdict.count;
        forget_message(&kept->items[i]);
    }
    return true;
}

enum mm_status mm_verify_keep(struct mm_verify_open *open, struct mm_arena *keep,
                              struct mm_verify_open **kept)
{
    struct mm_verify_open *copy = MM_ARENA_NEW(keep, struct mm_verify_open);
    struct pack p = {.at = NULL};
    if (!copy || !copy_structs(open, keep, copy))
        return MM_E_NOMEM;
    pack_all(&p, copy);
    p = (struct pack){.at = mm_arena_alloc(keep, p.bytes)};
    if (!p.at)
        return MM_E_NOMEM;
    pack_all(&p, copy);
    *kept = copy;
    return MM_OK;
}

struct mm_verify_item *mm_verify_items(struct mm_verify_open *open)
{
    return open->items;
}
