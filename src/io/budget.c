/*
 * budget.c - bytes in flight over all workers: who wants more than is free waits its turn.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/budget.h"

#include <assert.h>

#include "base/error.h"

enum mm_status mm_budget_init(struct mm_budget *b, uint64_t total_bytes)
{
    *b = (struct mm_budget){.total_bytes = total_bytes};
    if (pthread_mutex_init(&b->lock, NULL) != 0)
        return MM_E_NOMEM;
    if (pthread_cond_init(&b->freed, NULL) != 0) {
        pthread_mutex_destroy(&b->lock);
        return MM_E_NOMEM;
    }
    return MM_OK;
}

void mm_budget_deinit(struct mm_budget *b)
{
    assert(b->serving == b->next_ticket);
    mm_spare_blocks_deinit(&b->spare_blocks);
    pthread_cond_destroy(&b->freed);
    pthread_mutex_destroy(&b->lock);
}

/* With the lock held. Written so that no sum can overflow. */
static bool fits(const struct mm_budget *b, uint64_t bytes)
{
    return bytes <= b->total_bytes - b->used_bytes;
}

/* With the lock held: nobody waits in line, and the reserve stays. */
static bool fits_beside_reserve(const struct mm_budget *b, uint64_t bytes)
{
    return b->serving == b->next_ticket && b->reserve_bytes <= b->total_bytes - b->used_bytes &&
           bytes <= b->total_bytes - b->used_bytes - b->reserve_bytes;
}

bool mm_budget_try(struct mm_budget *b, uint64_t bytes)
{
    pthread_mutex_lock(&b->lock);
    bool ok = !b->closed && fits_beside_reserve(b, bytes);
    if (ok)
        b->used_bytes += bytes;
    pthread_mutex_unlock(&b->lock);
    return ok;
}

bool mm_budget_take(struct mm_budget *b, uint64_t bytes)
{
    if (bytes > b->total_bytes)
        return false;
    pthread_mutex_lock(&b->lock);
    uint64_t ticket = b->next_ticket++;
    /* A closed budget is left in the order of tickets too, so that serving stays true. */
    while (ticket != b->serving || (!b->closed && !fits(b, bytes)))
        pthread_cond_wait(&b->freed, &b->lock);
    b->serving++;
    bool ok = !b->closed;
    if (ok)
        b->used_bytes += bytes;
    pthread_cond_broadcast(&b->freed);
    pthread_mutex_unlock(&b->lock);
    return ok;
}

bool mm_budget_take_spare(struct mm_budget *b, uint64_t bytes)
{
    assert(bytes <= b->total_bytes - b->reserve_bytes);
    pthread_mutex_lock(&b->lock);
    while (!b->closed && !fits_beside_reserve(b, bytes))
        pthread_cond_wait(&b->freed, &b->lock);
    bool ok = !b->closed;
    if (ok)
        b->used_bytes += bytes;
    pthread_mutex_unlock(&b->lock);
    return ok;
}

void mm_budget_give(struct mm_budget *b, uint64_t bytes)
{
    pthread_mutex_lock(&b->lock);
    assert(bytes <= b->used_bytes);
    b->used_bytes -= bytes;
    pthread_cond_broadcast(&b->freed);
    pthread_mutex_unlock(&b->lock);
}

void mm_budget_close(struct mm_budget *b)
{
    pthread_mutex_lock(&b->lock);
    b->closed = true;
    pthread_cond_broadcast(&b->freed);
    pthread_mutex_unlock(&b->lock);
}
