/*
 * sign_plan.c - what a dry run finds out.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/sign_plan.h"

#include <pthread.h>
#include <stdlib.h>
#include <xxhash.h>

#include "base/clock.h"
#include "crypto/pk_many.h"

struct row {
    struct mm_view domain, selector; /* arena memory; data NULL: an empty slot */
    const struct mm_private_key *key;
    uint64_t messages;
};

struct mm_sign_plan {
    pthread_mutex_t lock;
    struct mm_arena text;
    struct row *rows; /* open addressing, at most half full */
    size_t slots, used;
};

struct mm_sign_plan *mm_sign_plan_new(void)
{
    enum { TEXT_MAX_BYTES = 512 * 1024 * 1024, FIRST_SLOTS = 256 };
    struct mm_sign_plan *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    pthread_mutex_init(&p->lock, NULL);
    mm_arena_init(&p->text, TEXT_MAX_BYTES);
    p->slots = FIRST_SLOTS;
    p->rows = calloc(p->slots, sizeof *p->rows);
    if (!p->rows)
        mm_sign_plan_free(&p);
    return p;
}

void mm_sign_plan_free(struct mm_sign_plan **plan)
{
    struct mm_sign_plan *p = *plan;
    if (!p)
        return;
    pthread_mutex_destroy(&p->lock);
    mm_arena_deinit(&p->text);
    free(p->rows);
    free(p);
    *plan = NULL;
}

static struct row *slot_for(struct row *rows, size_t slots, const struct mm_sign_choice *c)
{
    uint64_t hash = XXH3_64bits(c->domain.data, c->domain.len);
    hash = XXH3_64bits_withSeed(c->selector.data, c->selector.len, hash);
    for (size_t i = hash & (slots - 1);; i = (i + 1) & (slots - 1)) {
        struct row *r = &rows[i];
        if (!r->domain.data || (r->key == c->key && mm_view_eq(r->domain, c->domain) &&
                                mm_view_eq(r->selector, c->selector)))
            return r;
    }
}

static bool grow(struct mm_sign_plan *p)
{
    struct row *wider = calloc(p->slots * 2, sizeof *wider);
    if (!wider)
        return false;
    for (size_t i = 0; i < p->slots; i++) {
        const struct row *r = &p->rows[i];
        const struct mm_sign_choice c = {
            .domain = r->domain, .selector = r->selector, .key = r->key};
        if (r->domain.data)
            *slot_for(wider, p->slots * 2, &c) = *r;
    }
    free(p->rows);
    p->rows = wider;
    p->slots *= 2;
    return true;
}

static enum mm_status add_locked(struct mm_sign_plan *p, const struct mm_sign_choice *c,
                                 struct mm_error *err)
{
    struct row *r = slot_for(p->rows, p->slots, c);
    if (!r->domain.data) {
        if (p->used >= MM_SIGN_PLAN_ROWS_MAX)
            return mm_fail(err, MM_E_LIMIT, "more than %d pairs of domain and selector in one run",
                           MM_SIGN_PLAN_ROWS_MAX);
        if (p->used * 2 >= p->slots && !grow(p))
            return mm_fail(err, MM_E_NOMEM, "no memory for the plan");
        r = slot_for(p->rows, p->slots, c);
        *r = (struct row){.domain = mm_arena_copy(&p->text, c->domain),
                          .selector = mm_arena_copy(&p->text, c->selector),
                          .key = c->key};
        if (!r->domain.data || !r->selector.data)
            return mm_fail(err, MM_E_NOMEM, "no memory for the plan");
        p->used++;
    }
    r->messages++;
    return MM_OK;
}

enum mm_status mm_sign_plan_add(struct mm_sign_plan *plan, const struct mm_sign_choice *choice,
                                struct mm_error *err)
{
    pthread_mutex_lock(&plan->lock);
    enum mm_status st = add_locked(plan, choice, err);
    pthread_mutex_unlock(&plan->lock);
    return st;
}

static int by_name(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    int order = mm_view_cmp(x->domain, y->domain);
    return order ? order : mm_view_cmp(x->selector, y->selector);
}

enum mm_status mm_sign_plan_each(struct mm_sign_plan *plan, mm_sign_plan_row *row, void *context)
{
    struct row *sorted = calloc(plan->used + 1, sizeof *sorted);
    size_t count = 0;
    if (!sorted)
        return MM_E_NOMEM;
    for (size_t i = 0; i < plan->slots; i++)
        if (plan->rows[i].domain.data)
            sorted[count++] = plan->rows[i];
    qsort(sorted, count, sizeof *sorted, by_name);
    for (size_t i = 0; i < count; i++) {
        const struct mm_sign_choice choice = {
            .domain = sorted[i].domain, .selector = sorted[i].selector, .key = sorted[i].key};
        row(context, &choice, sorted[i].messages);
    }
    free(sorted);
    return MM_OK;
}

/* One signature with this key, the median of three; 0 when none can be made. */
static uint64_t time_key(struct mm_pk_ctx *pk, const struct mm_private_key *key)
{
    uint8_t digest[MM_SHA256_BYTES] = {0}, signature[MM_RSA_MAX_BITS / 8];
    uint64_t ns[3];
    for (size_t i = 0; i < MM_COUNT(ns); i++) {
        struct mm_sign_job job = {
            .key = key, .alg = MM_SHA256, .digest = digest, .signature = signature};
        uint64_t start = mm_wall_ns();
        if (mm_sign_many(pk, &job, 1) != MM_OK)
            return 0;
        ns[i] = mm_wall_ns() - start;
    }
    uint64_t low = ns[0] < ns[1] ? ns[0] : ns[1], high = ns[0] < ns[1] ? ns[1] : ns[0];
    return ns[2] < low ? low : ns[2] > high ? high : ns[2];
}

static bool costs_the_same(const struct mm_private_key *a, const struct mm_private_key *b)
{
    return mm_private_key_type(a) == mm_private_key_type(b) &&
           mm_private_key_bits(a) == mm_private_key_bits(b);
}

uint64_t mm_sign_plan_crypto_ns(const struct mm_sign_plan *plan)
{
    enum { KEYS_TIMED = 32 };
    const struct mm_private_key *keys[KEYS_TIMED] = {NULL};
    uint64_t cost[KEYS_TIMED], total = 0;
    size_t known = 0;
    struct mm_pk_ctx *pk = mm_pk_ctx_new();
    for (size_t i = 0; pk && i < plan->slots; i++) {
        const struct row *r = &plan->rows[i];
        size_t k = 0;
        if (!r->domain.data)
            continue;
        while (k < known && !costs_the_same(keys[k], r->key))
            k++;
        if (k == known && known < KEYS_TIMED) {
            keys[known] = r->key;
            cost[known++] = time_key(pk, r->key);
        }
        if (k < KEYS_TIMED)
            total += cost[k] * r->messages;
    }
    mm_pk_ctx_free(&pk);
    return total;
}
