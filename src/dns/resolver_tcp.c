/*
 * resolver_tcp.c - which connection carries a question whose reply did not fit UDP.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A server may close a connection at any time, with questions on it that it has not answered (RFC
 * 7766 section 6.2.4), and one question may be why. Several share a connection until one is seen to
 * fail. From then on that server gets one at a time on each, so that none suffers for another.
 */
#include <stdlib.h>

#include "dns/resolver_internal.h"

enum {
    SHARED_MOST = 32, /* on one connection; several keep a distant server busy */
    SENT_MOST = 4     /* with others on the first connection, so thrice alone at least */
};

void mm_tcp_init(struct mm_resolver *r)
{
    for (size_t i = 0; i < MM_COUNT(r->tcp); i++) {
        mm_question_queue_init(&r->tcp[i].waiting);
        r->tcp[i].most = SHARED_MOST;
    }
}

/* The fewest connections that have room. False where none has. */
static bool find_room(const struct mm_dns_tcp *tcp, uint8_t *out)
{
    for (uint8_t i = 0; i < MM_DNS_TCP_CONNECTIONS; i++) {
        if (tcp->under_way[i] < tcp->most) {
            *out = i;
            return true;
        }
    }
    return false;
}

/* Those whose time was over while they waited. */
static void drop_late(struct mm_resolver *r, struct mm_dns_tcp *tcp)
{
    while (tcp->waiting.first && !tcp->waiting.first->entry) {
        r->in_flight--;
        free(mm_question_queue_pop(&tcp->waiting));
    }
}

void mm_tcp_send_waiting(struct mm_resolver *r)
{
    for (size_t i = 0; i < r->channel.count; i++) {
        struct mm_dns_tcp *tcp = &r->tcp[i];
        uint8_t connection;
        for (drop_late(r, tcp); tcp->waiting.first && find_room(tcp, &connection);
             drop_late(r, tcp)) {
            struct mm_question *q = mm_question_queue_pop(&tcp->waiting);
            q->connection = connection;
            tcp->under_way[connection]++;
            if (q->tcp_sent++)
                atomic_fetch_add_explicit(&r->retries, 1, memory_order_relaxed);
            mm_question_send(q, mm_dns_tcp_lane(&r->channel, i, connection));
        }
    }
}

void mm_tcp_leave(struct mm_question *q)
{
    q->resolver->tcp[q->server].under_way[q->connection]--;
}

enum mm_tcp_advice mm_tcp_failed(const struct mm_question *q)
{
    struct mm_dns_tcp *tcp = &q->resolver->tcp[q->server];
    if (q->tcp_sent == SENT_MOST)
        return MM_TCP_HOPELESS;
    if (q->tcp_sent > 1)
        return MM_TCP_AGAIN_LATER;
    tcp->most = 1;
    return MM_TCP_AGAIN;
}
