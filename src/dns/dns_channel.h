/*
 * dns_channel.h - c-ares behind epoll: packets out, replies back, and a way to wake who waits.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A channel of c-ares for each server, since c-ares 1.18 tells a server that says SERVFAIL from one
 * that is not there only to itself. Which server is asked next is the caller's choice.
 * Belongs to one thread, as c-ares 1.18 wants; others may only wake it.
 */
#ifndef MM_DNS_DNS_CHANNEL_H
#define MM_DNS_DNS_CHANNEL_H

#include <stdatomic.h>

#include "dns/dns_servers.h"

enum {
    /* A try and two more, each twice as long as the one before: together seven times the first. */
    MM_DNS_TRIES = 3,
    MM_DNS_TRY_SHARES = 7
};

struct mm_dns_channel {
    ares_channel ares[MM_DNS_SERVERS_MAX];
    size_t count;
    int epoll_fd, wake_fd;
    atomic_ullong tcp_connections;
};

/* A packet with all its tries on all servers in turn takes no longer than `timeout_ms`. */
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
