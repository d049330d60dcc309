/*
 * resolver_question.c - the life of a question: tries, servers, chains, pauses, its time.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A question is with c-ares, which tries one server three times; then comes the next server. A
 * truncated reply is asked for again over TCP (resolver_tcp.c). Where nobody listens at any of them
 * it pauses. It ends with its answer or when its time is over, whichever comes first. c-ares cannot
 * give up one question alone, so one whose time is over stays with it for the short rest of its
 * tries, without an entry.
 */
#include <stdlib.h>
#include <sys/random.h>

#include "base/clock.h"
#include "dns/resolver_internal.h"

enum { PAUSE_MS = 200 }; /* before servers that refused, or closed, are tried again */

/* ---- queues, and the list by deadline ---- */

void mm_question_queue_init(struct mm_question_queue *queue)
{
    queue->first = NULL;
    queue->end = &queue->first;
}

void mm_question_queue_push(struct mm_question_queue *queue, struct mm_question *q)
{
    q->next_queued = NULL;
    *queue->end = q;
    queue->end = &q->next_queued;
}

struct mm_question *mm_question_queue_pop(struct mm_question_queue *queue)
{
    struct mm_question *q = queue->first;
    if (!q)
        return NULL;
    queue->first = q->next_queued;
    if (!queue->first)
        queue->end = &queue->first;
    return q;
}

static void link_last(struct mm_resolver *r, struct mm_question *q)
{
    q->earlier = r->latest;
    *(r->latest ? &r->latest->later : &r->earliest) = q;
    r->latest = q;
    q->is_young = true;
    r->young++;
    if (!r->first_young)
        r->first_young = q;
}

/* The list is in the order of starting, so the next young one is further on. */
static void grow_old(struct mm_question *q)
{
    struct mm_resolver *r = q->resolver;
    if (!q->is_young)
        return;
    q->is_young = false;
    r->young--;
    while (r->first_young && !r->first_young->is_young)
        r->first_young = r->first_young->later;
}

static void unlink_question(struct mm_resolver *r, struct mm_question *q)
{
    grow_old(q);
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
            r->random_left = MM_DNS_RANDOM_IDS;
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
static void answer(struct mm_question *q, const struct mm_txt_answer *what, uint32_t ttl_s)
{
    struct mm_resolver *r = q->resolver;
    struct mm_dns_entry *entry = q->entry;
    q->entry = NULL;
    unlink_question(r, q);
    r->news = true;
    r->options.answered(r->options.context, entry, what, ttl_s);
}

static void answer_failure(struct mm_question *q, enum mm_txt_status status)
{
    const struct mm_txt_answer what = {.status = status};
    answer(q, &what, 0);
}

static void on_reply(void *context, int code, int timeouts, unsigned char *packet, int len);

void mm_question_send(struct mm_question *q, ares_channel ares)
{
    struct mm_resolver *r = q->resolver;
    uint8_t packet[MM_DNS_QUERY_MAX_BYTES];
    q->id = new_id(r);
    q->has_edns = !r->no_edns;
    size_t len = mm_dns_query_write(&q->name, q->id, q->has_edns, packet);
    ares_send(ares, packet, (int)len, on_reply, q);
}

/* Ask the question's server, over TCP where its reply over UDP was truncated. */
static void send_question(struct mm_question *q)
{
    struct mm_resolver *r = q->resolver;
    r->in_flight++;
    if (q->wants_tcp)
        mm_question_queue_push(&r->tcp[q->server].waiting, q);
    else
        mm_question_send(q, mm_dns_udp_lane(&r->channel, q->server));
}

/* Another server, or another name. */
static void send_anew(struct mm_question *q)
{
    q->wants_tcp = false;
    q->tcp_sent = 0;
    send_question(q);
}

/* Nobody listens there, or no packet could leave, or connections end. */
static void pause_question(struct mm_question *q)
{
    struct mm_resolver *r = q->resolver;
    grow_old(q);
    q->retry_ns = mm_wall_ns() + PAUSE_MS * MM_NS_PER_MS;
    mm_question_queue_push(&r->paused, q);
}

/* One server has no answer: the next one, or that is the answer. Returns false where the question
 * goes on. Of several failures SERVFAIL is told: somebody said so. */
static bool fail_over(struct mm_question *q, enum mm_txt_status failure, bool is_refused)
{
    struct mm_resolver *r = q->resolver;
    bool first = q->servers_tried == 0;
    q->is_refused = is_refused && (first || q->is_refused);
    q->failure = !first && q->failure == MM_TXT_SERVFAIL ? q->failure : failure;
    if (++q->servers_tried < r->channel.count) {
        q->server = (uint8_t)((q->server + 1) % r->channel.count);
        send_anew(q);
        return false;
    }
    if (q->is_refused) {
        q->servers_tried = 0;
        pause_question(q);
        return false;
    }
    answer_failure(q, q->failure);
    return true;
}

/* Ask for the next name of a chain. */
static void follow(struct mm_question *q, const struct mm_dns_reply *reply)
{
    q->name = reply->target;
    q->servers_tried = 0;
    send_anew(q);
}

/* What a reply says ends the question, or asks on. Returns false where it goes on. */
static bool take_reply(struct mm_question *q, struct mm_view packet)
{
    struct mm_resolver *r = q->resolver;
    struct mm_dns_reply reply;
    if (mm_dns_reply_read(packet, &q->name, MM_TXT_ALIASES_MAX - q->aliases, r->text, &reply) !=
        MM_OK)
        return fail_over(q, MM_TXT_SERVFAIL, false);
    if (reply.no_edns && q->has_edns) { /* many are under way when the first one says so */
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

/* c-ares gave up. Returns false where the question goes on. */
static bool take_failure(struct mm_question *q, int code)
{
    bool refused = code == ARES_ECONNREFUSED;
    bool silent = refused || code == ARES_ETIMEOUT;
    if (!q->wants_tcp)
        return fail_over(q, silent ? MM_TXT_TIMEOUT : MM_TXT_SERVFAIL, refused);
    switch (mm_tcp_failed(q)) {
    case MM_TCP_AGAIN:
        send_question(q);
        return false;
    case MM_TCP_AGAIN_LATER:
        pause_question(q);
        return false;
    case MM_TCP_HOPELESS:
        break;
    }
    /* The server is there, since it answers over UDP. */
    return fail_over(q, code == ARES_ETIMEOUT ? MM_TXT_TIMEOUT : MM_TXT_SERVFAIL, false);
}

/* Returns false where the question goes on. */
static bool take_packet(struct mm_question *q, struct mm_view packet)
{
    if (q->wants_tcp || !mm_dns_reply_is_truncated(packet))
        return take_reply(q, packet);
    q->wants_tcp = true;
    send_question(q);
    return false;
}

/* c-ares has done with a packet; also called from within ares_send(). */
static void on_reply(void *context, int code, int timeouts, unsigned char *packet, int len)
{
    struct mm_question *q = context;
    struct mm_resolver *r = q->resolver;
    r->in_flight--;
    give_id_back(r, q->id);
    if (q->wants_tcp)
        mm_tcp_leave(q);
    else
        atomic_fetch_add_explicit(&r->retries, (unsigned)timeouts, memory_order_relaxed);
    if (q->entry && code == ARES_SUCCESS) {
        if (!take_packet(q, (struct mm_view){(const char *)packet, (size_t)len}))
            return;
    } else if (q->entry && code == ARES_EDESTRUCTION) {
        unlink_question(r, q);
        mm_dns_entry_release(q->entry);
    } else if (q->entry) {
        if (!take_failure(q, code))
            return;
    }
    free(q);
}

void mm_question_start(struct mm_resolver *r, struct mm_dns_entry *entry, uint64_t now_ns)
{
    struct mm_question *q = calloc(1, sizeof *q);
    if (!q || !mm_dns_name_of((struct mm_view){entry->name, entry->name_len}, &q->name)) {
        const struct mm_txt_answer what = {.status = MM_TXT_SERVFAIL};
        free(q);
        r->news = true;
        r->options.answered(r->options.context, entry, &what, 0);
        return;
    }
    q->resolver = r;
    q->entry = entry;
    q->deadline_ns = now_ns + r->options.timeout_ms * MM_NS_PER_MS;
    q->ttl_s = UINT32_MAX;
    q->ad = true;
    q->server = r->server;
    link_last(r, q);
    atomic_fetch_add_explicit(&r->questions, 1, memory_order_relaxed);
    send_question(q);
}

void mm_questions_age(struct mm_resolver *r, uint64_t now_ns)
{
    while (r->first_young && r->first_young->deadline_ns <= now_ns + r->old_age_ns)
        grow_old(r->first_young);
}

void mm_questions_end_late(struct mm_resolver *r, uint64_t now_ns)
{
    while (r->earliest && r->earliest->deadline_ns <= now_ns)
        answer_failure(r->earliest, MM_TXT_TIMEOUT);
}

void mm_questions_resume(struct mm_resolver *r, uint64_t now_ns)
{
    while (r->paused.first && (!r->paused.first->entry || r->paused.first->retry_ns <= now_ns)) {
        struct mm_question *q = mm_question_queue_pop(&r->paused);
        if (q->entry)
            send_question(q);
        else
            free(q);
    }
}

static void give_up_queue(struct mm_question_queue *queue)
{
    struct mm_question *q;
    while ((q = mm_question_queue_pop(queue)) != NULL) {
        if (q->entry)
            mm_dns_entry_release(q->entry);
        free(q);
    }
}

void mm_questions_give_up(struct mm_resolver *r)
{
    mm_dns_channel_deinit(&r->channel);
    give_up_queue(&r->paused);
    for (size_t i = 0; i < MM_COUNT(r->tcp); i++)
        give_up_queue(&r->tcp[i].waiting);
}
