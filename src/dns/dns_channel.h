/*
 * dns_channel.h - c-ares behind epoll: packets out, replies back, and a way to wake who waits.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A lane is a channel of c-ares. Each server has its own, since c-ares 1.18 tells a server that
 * says SERVFAIL from one that is not there only to itself. Which server is asked next is the
 * caller's choice. Over TCP each connection has its own, since c-ares 1.18 answers for a connection
 * that fails with all that its channel has under way, over UDP too. Belongs to one thread, as
 * c-ares 1.18 wants; others may only wake it.
 */
#ifndef MM_DNS_DNS_CHANNEL_H
#define MM_DNS_DNS_CHANNEL_H

#include <stdatomic.h>

#include "dns/dns_servers.h"

enum {
    /* A try and two more, each twice as long as the one before: together seven times the first. */
    MM_DNS_TRIES = 3,
    MM_DNS_TRY_SHARES = 7,
    /* A server's; unbound takes ten from all its clients. */
    MM_DNS_TCP_CONNECTIONS = 8,
    /* One over TCP and two more; servers may close a connection at any time (RFC 7766 section
     * 6.2.4). */
    MM_DNS_TCP_TRY_SHARES = 3,
    MM_DNS_LANES_MAX = MM_DNS_SERVERS_MAX * (1 + MM_DNS_TCP_CONNECTIONS)
};

struct mm_dns_channel;
struct mm_dns_lane {
    struct mm_dns_channel *channel;
    ares_channel ares;
};

struct mm_dns_channel {
    struct mm_dns_lane lanes[MM_DNS_LANES_MAX]; /* a server's: UDP first, then its connections */
    size_t lane_count, count;                   /* of lanes; of servers */
    int epoll_fd, wake_fd;
    atomic_ullong tcp_connections;
};

static inline ares_channel mm_dns_udp_lane(const struct mm_dns_channel *channel, size_t server)
{
    return channel->lanes[server * (1 + MM_DNS_TCP_CONNECTIONS)].ares;
}
/* Replies over UDP come as they are, truncated ones too. A connection is opened by the first
 * question and closed after the last one; one that fails calls back for all on it with
 * ARES_ECONNREFUSED. */
static inline ares_channel mm_dns_tcp_lane(const struct mm_dns_channel *channel, size_t server,
                                           size_t connection)
{
    return channel->lanes[server * (1 + MM_DNS_TCP_CONNECTIONS) + 1 + connection].ares;
}

/* A packet over UDP with all its tries on all servers in turn takes no longer than `timeout_ms`, a
 * third of a server's share over TCP. */
enum mm_status mm_dns_channel_init(struct mm_dns_channel *channel,
                                   const struct mm_dns_servers *servers, uint32_t timeout_ms,
                                   struct mm_error *err) MM_MUST_CHECK;
/* Calls back for every packet under way with ARES_EDESTRUCTION. */
void mm_dns_channel_deinit(struct mm_dns_channel *channel);
/* Process replies and timeouts; wait for some up to `wait_ms`, without end where it is negative. */
void mm_dns_channel_turn(struct mm_dns_channel *channel, int wait_ms);
/* From any thread: end the wait, the next one where there is none. */
void mm_dns_channel_wake(struct mm_dns_channel *channel);

#endif /* MM_DNS_DNS_CHANNEL_H */
