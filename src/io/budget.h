/*
 * budget.h - bytes in flight over all workers: who wants more than is free waits its turn.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_IO_BUDGET_H
#define MM_IO_BUDGET_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "io/spare_blocks.h"
#include "mailmill/base.h"

struct mm_budget {
    pthread_mutex_t lock;
    pthread_cond_t freed;
    uint64_t total_bytes, used_bytes;
    uint64_t reserve_bytes; /* left to mm_budget_take(); set after init, before the threads start */
    uint64_t next_ticket, serving; /* waiters are served in the order they came */
    bool closed;                   /* wakes all waiters with false */
    _Atomic uint64_t spare_bytes;  /* beside used_bytes: see io/spare_pages.h */
    struct mm_spare_blocks spare_blocks;
};

enum mm_status mm_budget_init(struct mm_budget *b, uint64_t total_bytes) MM_MUST_CHECK;
void mm_budget_deinit(struct mm_budget *b);
/* Take without waiting, leaving the reserve; false when it does not fit now or others wait. */
bool mm_budget_try(struct mm_budget *b, uint64_t bytes);
/* Take, waiting as long as it needs; false when closed, or when bytes > total_bytes. The caller
 * must hold no taken bytes that others could wait for. */
bool mm_budget_take(struct mm_budget *b, uint64_t bytes);
/*
 * Take, leaving the reserve, waiting without a place in the line: for a thread that feeds those who
 * stand in it. False when closed. bytes must be at most total_bytes - reserve_bytes.
 */
bool mm_budget_take_spare(struct mm_budget *b, uint64_t bytes);
void mm_budget_give(struct mm_budget *b, uint64_t bytes);
void mm_budget_close(struct mm_budget *b);

#endif /* MM_IO_BUDGET_H */
