/*
 * resolver.c - the thread that asks DNS servers.
 * SPDX-License-Identifier: Apache-2.0
 *
 * An entry waits in the inbox, then in the backlog while the window is full, then is a question
 * (resolver_question.c).
 */
#include "dns/resolver.h"

#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "dns/resolver_internal.h"

enum { TICK_MAX_MS = 50 }; /* how late a try may be found to be over time */

/* ---- queues ---- */

static void queue_init(struct mm_entry_queue *q)
{
    q->first = NULL;
    q->end = &q->first;
}

static void queue_push(struct mm_entry_queue *q, struct mm_dns_entry *e)
{
    e->next_asked = NULL;
    *q->end = e;
    q->end = &e->next_asked;
}

static struct mm_dns_entry *queue_pop(struct mm_entry_queue *q)
{
    struct mm_dns_entry *e = q->first;
    if (!e)
        return NULL;
    q->first = e->next_asked;
    if (!q->first)
        q->end = &q->first;
    return e;
}

static void queue_move(struct mm_entry_queue *to, struct mm_entry_queue *from)
{
    if (!from->first)
        return;
    *to->end = from->first;
    to->end = from->end;
    queue_init(from);
}

/* ---- the thread ---- */

static void start_some(struct mm_resolver *r, uint64_t now_ns)
{
    while (r->young < MM_DNS_WINDOW && r->in_flight < MM_DNS_IN_FLIGHT_MAX && r->backlog.first)
        mm_question_start(r, queue_pop(&r->backlog), now_ns);
}

/* False where the thread is to end. */
static bool take_inbox(struct mm_resolver *r)
{
    pthread_mutex_lock(&r->lock);
    queue_move(&r->backlog, &r->inbox);
    bool goes_on = !r->stops;
    pthread_mutex_unlock(&r->lock);
    return goes_on;
}

static void *run(void *context)
{
    struct mm_resolver *r = context;
    while (take_inbox(r)) {
        uint64_t now_ns = mm_wall_ns();
        mm_questions_age(r, now_ns);
        mm_questions_end_late(r, now_ns);
        mm_questions_resume(r, now_ns);
        start_some(r, now_ns);
        mm_tcp_send_waiting(r);
        bool idle = !r->earliest && !r->backlog.first;
        r->options.turned(r->options.context, r->news, idle);
        r->news = false;
        mm_dns_channel_turn(&r->channel, idle && r->in_flight == 0 ? -1 : r->tick_ms);
    }
    return NULL;
}

/* ---- from outside ---- */

void mm_resolver_ask(struct mm_resolver *resolver, struct mm_dns_entry *entry)
{
    pthread_mutex_lock(&resolver->lock);
    bool wakes = !resolver->inbox.first;
    queue_push(&resolver->inbox, entry);
    pthread_mutex_unlock(&resolver->lock);
    if (wakes)
        mm_dns_channel_wake(&resolver->channel);
}

/* The program's signals are for its own threads. */
static int start_thread(struct mm_resolver *r)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = pthread_create(&r->thread, NULL, run, r);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (code == 0)
        pthread_setname_np(r->thread, "mm-dns");
    return code;
}

enum mm_status mm_resolver_new(const struct mm_resolver_options *options, struct mm_resolver **out,
                               struct mm_error *err)
{
    struct mm_resolver *r = calloc(1, sizeof *r);
    *out = NULL;
    if (!r)
        return mm_fail(err, MM_E_NOMEM, "no memory to ask DNS");
    r->options = *options;
    queue_init(&r->inbox);
    queue_init(&r->backlog);
    mm_question_queue_init(&r->paused);
    mm_tcp_init(r);
    uint32_t tick_ms = options->timeout_ms / (4 * MM_DNS_TRY_SHARES);
    r->tick_ms = tick_ms > TICK_MAX_MS ? TICK_MAX_MS : tick_ms ? (int)tick_ms : 1;
    uint64_t time_ns = options->timeout_ms * MM_NS_PER_MS;
    r->old_age_ns = time_ns - time_ns / (MM_DNS_TRY_SHARES * options->servers.count);
    enum mm_status st =
        mm_dns_channel_init(&r->channel, &options->servers, options->timeout_ms, err);
    if (st != MM_OK) {
        free(r);
        return st;
    }
    pthread_mutex_init(&r->lock, NULL);
    int code = start_thread(r);
    if (code != 0) {
        mm_dns_channel_deinit(&r->channel);
        pthread_mutex_destroy(&r->lock);
        free(r);
        return mm_fail_os(err, code, "no thread to ask DNS");
    }
    *out = r;
    return MM_OK;
}

static void give_all_up(struct mm_resolver *r)
{
    struct mm_dns_entry *entry;
    mm_questions_give_up(r);
    queue_move(&r->backlog, &r->inbox);
    while ((entry = queue_pop(&r->backlog)) != NULL)
        mm_dns_entry_release(entry);
}

void mm_resolver_free(struct mm_resolver **resolver)
{
    struct mm_resolver *r = *resolver;
    if (!r)
        return;
    *resolver = NULL;
    pthread_mutex_lock(&r->lock);
    r->stops = true;
    pthread_mutex_unlock(&r->lock);
    mm_dns_channel_wake(&r->channel);
    pthread_join(r->thread, NULL);
    give_all_up(r);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

void mm_resolver_count(struct mm_resolver *resolver, struct mm_resolver_counts *out)
{
    out->questions = atomic_load_explicit(&resolver->questions, memory_order_relaxed);
    out->retries = atomic_load_explicit(&resolver->retries, memory_order_relaxed);
    out->tcp_connections =
        atomic_load_explicit(&resolver->channel.tcp_connections, memory_order_relaxed);
}
