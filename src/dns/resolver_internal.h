/*
 * resolver_internal.h - what the resolver's thread and the life of a question share.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DNS_RESOLVER_INTERNAL_H
#define MM_DNS_RESOLVER_INTERNAL_H

#include "dns/dns_channel.h"
#include "dns/dns_message.h"
#include "dns/resolver.h"

enum {
    MM_DNS_RANDOM_IDS = 128, /* 256 bytes, which come whole or not at all */
    MM_DNS_IDS = 65536
};
#define MM_NS_PER_MS UINT64_C(1000000)

struct mm_question {
    struct mm_resolver *resolver;
    struct mm_dns_entry *entry; /* NULL once answered */
    struct mm_question *later, *earlier, *next_queued;
    uint64_t deadline_ns, retry_ns;
    uint32_t aliases, ttl_s;
    uint16_t id;
    uint8_t server, servers_tried;
    bool ad, is_refused; /* nobody listens, at any server so far */
    bool is_young;       /* in the time of its first try: counts for the window */
    bool has_edns;       /* as it was sent last */
    bool wants_tcp;      /* the reply of this server over UDP was truncated */
    uint8_t tcp_sent;    /* times, to this server */
    uint8_t connection;  /* of the server, when with c-ares over TCP */
    enum mm_txt_status failure;
    struct mm_dns_name name; /* the entry's, or where CNAMEs led */
};

struct mm_entry_queue {
    struct mm_dns_entry *first, **end;
};

struct mm_question_queue {
    struct mm_question *first, **end;
};

/* A server over TCP. */
struct mm_dns_tcp {
    struct mm_question_queue waiting;           /* for room on a connection */
    uint16_t under_way[MM_DNS_TCP_CONNECTIONS]; /* with c-ares */
    uint16_t most;                              /* on one connection at a time */
};

struct mm_resolver {
    struct mm_resolver_options options;
    pthread_t thread;
    pthread_mutex_t lock; /* of the next two */
    struct mm_entry_queue inbox;
    bool stops;
    atomic_ullong questions, retries;
    /* the thread's own */
    struct mm_dns_channel channel;
    struct mm_entry_queue backlog;
    struct mm_question *earliest, *latest; /* unanswered, by deadline */
    struct mm_question *first_young;       /* the earliest of them */
    struct mm_question_queue paused;
    struct mm_dns_tcp tcp[MM_DNS_SERVERS_MAX];
    size_t in_flight; /* with c-ares, or waiting for a connection */
    size_t young;
    uint64_t old_age_ns; /* from a question's first try to its deadline */
    uint8_t server;      /* the last one that answered */
    int tick_ms;
    bool no_edns; /* a server knows no EDNS */
    bool news;
    size_t random_left;
    uint16_t random[MM_DNS_RANDOM_IDS];
    uint8_t id_used[MM_DNS_IDS / 8];
    char text[MM_DNS_REPLY_MAX_BYTES];
};

/* All in the resolver's thread. Begin to ask for an entry, whose reference comes along. */
void mm_question_start(struct mm_resolver *r, struct mm_dns_entry *entry, uint64_t now_ns);
/* Those past their first try no longer count for the window. */
void mm_questions_age(struct mm_resolver *r, uint64_t now_ns);
/* Answer those whose time is over. */
void mm_questions_end_late(struct mm_resolver *r, uint64_t now_ns);
/* Send again what has paused long enough. */
void mm_questions_resume(struct mm_resolver *r, uint64_t now_ns);
/* Release all, unanswered. */
void mm_questions_give_up(struct mm_resolver *r);

void mm_question_queue_init(struct mm_question_queue *queue);
void mm_question_queue_push(struct mm_question_queue *queue, struct mm_question *q);
/* NULL where it is empty. */
struct mm_question *mm_question_queue_pop(struct mm_question_queue *queue);
/* Hand a question over to c-ares. */
void mm_question_send(struct mm_question *q, ares_channel ares);

/* ---- resolver_tcp.c ---- */

void mm_tcp_init(struct mm_resolver *r);
/* Send what waits and has room on a connection. */
void mm_tcp_send_waiting(struct mm_resolver *r);
/* c-ares has done with a question over TCP. */
void mm_tcp_leave(struct mm_question *q);
/* It was given up there: is it worth another connection, and if so, only after a pause? */
enum mm_tcp_advice { MM_TCP_AGAIN, MM_TCP_AGAIN_LATER, MM_TCP_HOPELESS };
enum mm_tcp_advice mm_tcp_failed(const struct mm_question *q);

#endif /* MM_DNS_RESOLVER_INTERNAL_H */
