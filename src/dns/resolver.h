/*
 * resolver.h - the thread that asks DNS servers.
 * SPDX-License-Identifier: Apache-2.0
 *
 * One a source of keys: a thread of its own does 100,000 questions a second, which is more than
 * workers need, and nobody who has mail to do waits for a socket.
 */
#ifndef MM_DNS_RESOLVER_H
#define MM_DNS_RESOLVER_H

#include "dns/answer_cache.h"
#include "dns/dns_servers.h"

enum {
    MM_DNS_WINDOW = 1000, /* questions that may be in the time of their first try at once */
    /* ... and those older than that beside them: names whose servers are dead do not hold up
     * others, and a resolver that is only slow is not buried. */
    MM_DNS_IN_FLIGHT_MAX = 4 * MM_DNS_WINDOW,
    MM_DNS_TIMEOUT_MS_DEFAULT = 5000
};

struct mm_resolver_options {
    struct mm_dns_servers servers;
    uint32_t timeout_ms; /* from when a question is first sent; > 0 */
    /* In the resolver's thread: an answer. Records are valid in the call only; the asker's
     * reference to the entry goes along. */
    void (*answered)(void *context, struct mm_dns_entry *entry, const struct mm_txt_answer *answer,
                     uint32_t ttl_s);
    /* In the resolver's thread, often: `news` where there were answers since the last time, `idle`
     * where nothing is left to ask. */
    void (*turned)(void *context, bool news, bool idle);
    void *context;
};

struct mm_resolver_counts {
    uint64_t questions, retries, tcp_connections;
};

struct mm_resolver;
enum mm_status mm_resolver_new(const struct mm_resolver_options *options, struct mm_resolver **out,
                               struct mm_error *err) MM_MUST_CHECK;
/* Ends the thread. Questions under way are given up unanswered, their references released. */
void mm_resolver_free(struct mm_resolver **resolver);
/* From any thread: ask for an entry's name; takes the asker's reference. Never blocks. */
void mm_resolver_ask(struct mm_resolver *resolver, struct mm_dns_entry *entry);
void mm_resolver_count(struct mm_resolver *resolver, struct mm_resolver_counts *out);

#endif /* MM_DNS_RESOLVER_H */
