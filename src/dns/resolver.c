/*
 * resolver.c - the thread that asks DNS servers.
 * SPDX-License-Identifier: Apache-2.0
 *
 * An entry waits in the inbox, then in the backlog while the window is full, then is a question. A
 * question is with c-ares, which tries one server three times; then comes the next server. Where
 * nobody listens at any of them it pauses. It ends with its answer or when its time is over,
 * whichever comes first. c-ares cannot give up one question alone, so one whose time is over stays
 * with it for the short rest of its tries, without an entry.
 */
#include "dns/resolver.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/clock.h"
#include "dns/dns_channel.h"
#include "dns/dns_message.h"

enum {
    PAUSE_MS = 200,   /* before a server that refused is tried again */
    TICK_MAX_MS = 50, /* how late a try may be found to be over time */
    RANDOM_IDS = 128, /* 256 bytes, which come whole or not at all */
    IDS = 65536
};
#define NS_PER_MS UINT64_C(1000000)

struct question {
    struct mm_resolver *resolver;
    struct mm_dns_entry *entry; /* NULL once answered */
    struct question *later, *earlier, *next_paused;
    uint64_t deadline_ns, retry_ns;
    uint32_t aliases, ttl_s;
    uint16_t id;
    uint8_t server, servers_tried;
    bool ad, is_refused; /* nobody listens, at any server so far */
    enum mm_txt_status failure;
    struct mm_dns_name name; /* the entry's, or where CNAMEs led */
};

struct entry_queue {
    struct mm_dns_entry *first, **end;
};

struct mm_resolver {
    struct mm_resolver_options options;
    pthread_t thread;
    pthread_mutex_t lock; /* of the next two */
    struct entry_queue inbox;
    bool stops;
    atomic_ullong questions, retries;
    /* the thread's own */
    struct mm_dns_channel channel;
    struct entry_queue backlog;
    struct question *earliest, *latest; /* unanswered, by deadline */
    struct question *paused, **paused_end;
    size_t in_flight; /* with c-ares */
    uint8_t server;   /* the last one that answered */
    int tick_ms;
    bool no_edns; /* a server knows no EDNS */
    bool news;
    size_t random_left;
    uint16_t random[RANDOM_IDS];
    uint8_t id_used[IDS / 8];
    char text[MM_DNS_REPLY_MAX_BYTES];
};

/* ---- queues ---- */

static void queue_init(struct entry_queue *q)
{
    q->first = NULL;
    q->end = &q->first;
}

static void queue_push(struct entry_queue *q, struct mm_dns_entry *e)
{
    e->next_asked = NULL;
    *q->end = e;
    q->end = &e->next_asked;
}

static struct mm_dns_entry *queue_pop(struct entry_queue *q)
{
    struct mm_dns_entry *e = q->first;
    if (!e)
        return NULL;
    q->first = e->next_asked;
    if (!q->first)
        q->end = &q->first;
    return e;
}

static void queue_move(struct entry_queue *to, struct entry_queue *from)
{
    if (!from->first)
        return;
    *to->end = from->first;
    to->end = from->end;
    queue_init(from);
}

static void link_last(struct mm_resolver *r, struct question *q)
{
    q->earlier = r->latest;
    *(r->latest ? &r->latest->later : &r->earliest) = q;
    r->latest = q;
}

static void unlink_question(struct mm_resolver *r, struct question *q)
{
    *(q->earlier ? &q->earlier->later : &r->earliest) = q->later;
    *(q->later ? &q->later->earlier : &r->latest) = q->earlier;
}

/* ---- ids: not to be guessed, and distinct among those under way ---- */

static uint16_t new_id(struct mm_resolver *r)
{
    for (;;) {
        if (r->random_left == 0) {
            while (getrandom(r->random, sizeof r->random, 0) != (ssize_t)sizeof r->random)
                ;
            r->random_left = RANDOM_IDS;
        }
        uint16_t id = r->random[--r->random_left];
        if (r->id_used[id / 8] & 1u << id % 8)
            continue;
        r->id_used[id / 8] |= (uint8_t)(1u << id % 8);
        return id;
    }
}

static void give_id_back(struct mm_resolver *r, uint16_t id)
{
    r->id_used[id / 8] &= (uint8_t) ~(1u << id % 8);
}

/* ---- the life of a question ---- */

/* Hand over the answer. The question itself stays until nobody refers to it. */
static void answer(struct question *q, const struct mm_txt_answer *what, uint32_t ttl_s)
{
    struct mm_resolver *r = q->resolver;
    struct mm_dns_entry *entry = q->entry;
    q->entry = NULL;
    unlink_question(r, q);
    r->news = true;
    r->options.answered(r->options.context, entry, what, ttl_s);
}

static void answer_failure(struct question *q, enum mm_txt_status status)
{
    const struct mm_txt_answer what = {.status = status};
    answer(q, &what, 0);
}

static void on_reply(void *context, int code, int timeouts, unsigned char *packet, int len);

static void send_question(struct question *q)
{
    struct mm_resolver *r = q->resolver;
    uint8_t packet[MM_DNS_QUERY_MAX_BYTES];
    q->id = new_id(r);
    r->in_flight++;
    size_t len = mm_dns_query_write(&q->name, q->id, !r->no_edns, packet);
    ares_send(r->channel.ares[q->server], packet, (int)len, on_reply, q);
}

/* Nobody listens there, or no packet could leave. */
static void pause_question(struct question *q)
{
    struct mm_resolver *r = q->resolver;
    q->servers_tried = 0;
    q->retry_ns = mm_wall_ns() + PAUSE_MS * NS_PER_MS;
    q->next_paused = NULL;
    *r->paused_end = q;
    r->paused_end = &q->next_paused;
}

/* One server has no answer: the next one, or that is the answer. Returns false where the question
 * goes on. Of several failures SERVFAIL is told: somebody said so. */
static bool fail_over(struct question *q, enum mm_txt_status failure, bool is_refused)
{
    struct mm_resolver *r = q->resolver;
    bool first = q->servers_tried == 0;
    q->is_refused = is_refused && (first || q->is_refused);
    q->failure = !first && q->failure == MM_TXT_SERVFAIL ? q->failure : failure;
    if (++q->servers_tried < r->channel.count) {
        q->server = (uint8_t)((q->server + 1) % r->channel.count);
        send_question(q);
        return false;
    }
    if (q->is_refused) {
        pause_question(q);
        return false;
    }
    answer_failure(q, q->failure);
    return true;
}

/* Ask for the next name of a chain. */
static void follow(struct question *q, const struct mm_dns_reply *reply)
{
    q->name = reply->target;
    q->servers_tried = 0;
    send_question(q);
}

/* What a reply says ends the question, or asks on. Returns false where it goes on. */
static bool take_reply(struct question *q, struct mm_view packet)
{
    struct mm_resolver *r = q->resolver;
    struct mm_dns_reply reply;
    if (mm_dns_reply_read(packet, &q->name, MM_TXT_ALIASES_MAX - q->aliases, r->text, &reply) !=
        MM_OK)
        return fail_over(q, MM_TXT_SERVFAIL, false);
    if (reply.no_edns && !r->no_edns) {
        r->no_edns = true;
        send_question(q);
        return false;
    }
    if (reply.status == MM_TXT_SERVFAIL)
        return fail_over(q, MM_TXT_SERVFAIL, false);
    r->server = q->server;
    q->ad = q->ad && reply.ad;
    q->ttl_s = reply.ttl_s < q->ttl_s ? reply.ttl_s : q->ttl_s;
    q->aliases += reply.aliases;
    if (reply.goes_on) {
        follow(q, &reply);
        return false;
    }
    const struct mm_txt_answer what = {.status = reply.status,
                                       .records = reply.records,
                                       .record_count = reply.record_count,
                                       .ad = q->ad && r->options.servers.is_trusted};
    answer(q, &what, q->ttl_s);
    return true;
}

/* c-ares has done with a packet; also called from within ares_send(). */
static void on_reply(void *context, int code, int timeouts, unsigned char *packet, int len)
{
    struct question *q = context;
    struct mm_resolver *r = q->resolver;
    r->in_flight--;
    give_id_back(r, q->id);
    atomic_fetch_add_explicit(&r->retries, (unsigned)timeouts, memory_order_relaxed);
    if (q->entry && code == ARES_SUCCESS) {
        if (!take_reply(q, (struct mm_view){(const char *)packet, (size_t)len}))
            return;
    } else if (q->entry && code == ARES_EDESTRUCTION) {
        unlink_question(r, q);
        mm_dns_entry_release(q->entry);
    } else if (q->entry) {
        bool refused = code == ARES_ECONNREFUSED;
        bool silent = refused || code == ARES_ETIMEOUT;
        if (!fail_over(q, silent ? MM_TXT_TIMEOUT : MM_TXT_SERVFAIL, refused))
            return;
    }
    free(q);
}

static void start(struct mm_resolver *r, struct mm_dns_entry *entry, uint64_t now_ns)
{
    struct question *q = calloc(1, sizeof *q);
    if (!q || !mm_dns_name_of((struct mm_view){entry->name, entry->name_len}, &q->name)) {
        const struct mm_txt_answer what = {.status = MM_TXT_SERVFAIL};
        free(q);
        r->news = true;
        r->options.answered(r->options.context, entry, &what, 0);
        return;
    }
    q->resolver = r;
    q->entry = entry;
    q->deadline_ns = now_ns + r->options.timeout_ms * NS_PER_MS;
    q->ttl_s = UINT32_MAX;
    q->ad = true;
    q->server = r->server;
    link_last(r, q);
    atomic_fetch_add_explicit(&r->questions, 1, memory_order_relaxed);
    send_question(q);
}

/* ---- the thread ---- */

static void end_late_ones(struct mm_resolver *r, uint64_t now_ns)
{
    while (r->earliest && r->earliest->deadline_ns <= now_ns)
        answer_failure(r->earliest, MM_TXT_TIMEOUT);
}

static struct question *pop_paused(struct mm_resolver *r)
{
    struct question *q = r->paused;
    r->paused = q->next_paused;
    if (!r->paused)
        r->paused_end = &r->paused;
    return q;
}

static void resume_paused(struct mm_resolver *r, uint64_t now_ns)
{
    while (r->paused && (!r->paused->entry || r->paused->retry_ns <= now_ns)) {
        struct question *q = pop_paused(r);
        if (q->entry)
            send_question(q);
        else
            free(q);
    }
}

static void start_some(struct mm_resolver *r, uint64_t now_ns)
{
    while (r->in_flight < MM_DNS_WINDOW && r->backlog.first)
        start(r, queue_pop(&r->backlog), now_ns);
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

static void give_all_up(struct mm_resolver *r)
{
    struct mm_dns_entry *entry;
    mm_dns_channel_deinit(&r->channel);
    while (r->paused) {
        struct question *q = pop_paused(r);
        if (q->entry)
            mm_dns_entry_release(q->entry);
        free(q);
    }
    while ((entry = queue_pop(&r->backlog)) != NULL)
        mm_dns_entry_release(entry);
}

static void *run(void *context)
{
    struct mm_resolver *r = context;
    while (take_inbox(r)) {
        uint64_t now_ns = mm_wall_ns();
        end_late_ones(r, now_ns);
        resume_paused(r, now_ns);
        start_some(r, now_ns);
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
    r->paused_end = &r->paused;
    uint32_t tick_ms = options->timeout_ms / (4 * MM_DNS_TRY_SHARES);
    r->tick_ms = tick_ms > TICK_MAX_MS ? TICK_MAX_MS : tick_ms ? (int)tick_ms : 1;
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
    queue_move(&r->backlog, &r->inbox);
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
