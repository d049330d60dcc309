/*
 * dns_channel.c - c-ares behind epoll: packets out, replies back, and a way to wake who waits.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dns/dns_channel.h"

#include <errno.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dns/dns_message.h"

enum {
    EVENTS_A_TURN = 16,
    /* A thousand replies of 1232 bytes and what the kernel books for each; it grants what
     * net.core.rmem_max allows. */
    RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024
};

/* What epoll tells of a socket: whose it is, and which. */
static uint64_t socket_of(size_t lane, int fd)
{
    return (uint64_t)lane << 32 | (uint32_t)fd;
}

static void watch(void *data, ares_socket_t fd, int readable, int writable)
{
    const struct mm_dns_lane *lane = data;
    int epoll_fd = lane->channel->epoll_fd;
    struct epoll_event event = {.data.u64 = socket_of((size_t)(lane - lane->channel->lanes), fd)};
    event.events = (readable ? EPOLLIN : 0u) | (writable ? EPOLLOUT : 0u);
    if (!event.events)
        epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, &event);
    else if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, fd, &event) != 0)
        epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event); /* failing, it times out */
}

static int count_connection(ares_socket_t fd, int type, void *data)
{
    struct mm_dns_channel *channel = data;
    (void)fd;
    if (type == SOCK_STREAM)
        atomic_fetch_add_explicit(&channel->tcp_connections, 1, memory_order_relaxed);
    return 0;
}

static pthread_once_t library_once = PTHREAD_ONCE_INIT;
static void start_library(void)
{
    ares_library_init(ARES_LIB_INIT_ALL);
}

/* Options of all lanes; what differs is set by the two below. */
static int open_lane(struct mm_dns_channel *channel, const struct ares_addr_port_node *server,
                     struct ares_options *options, int mask)
{
    struct mm_dns_lane *lane = &channel->lanes[channel->lane_count];
    struct ares_addr_port_node node = *server;
    lane->channel = channel;
    options->sock_state_cb = watch;
    options->sock_state_cb_data = lane;
    mask |= ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB |
            ARES_OPT_DOMAINS;
    int code = ares_init_options(&lane->ares, options, mask);
    if (code != ARES_SUCCESS)
        return code;
    channel->lane_count++;
    ares_set_socket_callback(lane->ares, count_connection, channel);
    node.next = NULL;
    return ares_set_servers_ports(lane->ares, &node);
}

/* Truncated replies are not c-ares's to ask again: its connections are not those of the lanes. */
static int open_udp(struct mm_dns_channel *channel, const struct ares_addr_port_node *server,
                    uint32_t share_ms)
{
    uint32_t try_ms = share_ms / MM_DNS_TRY_SHARES;
    struct ares_options options = {.flags =
                                       ARES_FLAG_EDNS | ARES_FLAG_NOCHECKRESP | ARES_FLAG_IGNTC,
                                   .ednspsz = MM_DNS_EDNS_BYTES,
                                   .timeout = try_ms ? (int)try_ms : 1,
                                   .tries = MM_DNS_TRIES,
                                   .socket_receive_buffer_size = RECEIVE_BUFFER_BYTES};
    return open_lane(channel, server, &options, ARES_OPT_EDNSPSZ | ARES_OPT_SOCK_RCVBUF);
}

static int open_tcp(struct mm_dns_channel *channel, const struct ares_addr_port_node *server,
                    uint32_t share_ms)
{
    uint32_t try_ms = share_ms / MM_DNS_TCP_TRY_SHARES;
    struct ares_options options = {.flags = ARES_FLAG_NOCHECKRESP | ARES_FLAG_USEVC,
                                   .timeout = try_ms ? (int)try_ms : 1,
                                   .tries = 1};
    return open_lane(channel, server, &options, 0);
}

static int open_all(struct mm_dns_channel *channel, const struct mm_dns_servers *servers,
                    uint32_t timeout_ms)
{
    uint32_t share_ms = timeout_ms / (uint32_t)servers->count;
    int code = ARES_SUCCESS;
    pthread_once(&library_once, start_library);
    for (size_t i = 0; i < servers->count && code == ARES_SUCCESS; i++) {
        code = open_udp(channel, &servers->nodes[i], share_ms);
        for (size_t j = 0; j < MM_DNS_TCP_CONNECTIONS && code == ARES_SUCCESS; j++)
            code = open_tcp(channel, &servers->nodes[i], share_ms);
    }
    channel->count = servers->count;
    return code;
}

enum mm_status mm_dns_channel_init(struct mm_dns_channel *channel,
                                   const struct mm_dns_servers *servers, uint32_t timeout_ms,
                                   struct mm_error *err)
{
    *channel = (struct mm_dns_channel){.epoll_fd = epoll_create1(EPOLL_CLOEXEC),
                                       .wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    struct epoll_event event = {.events = EPOLLIN,
                                .data.u64 = socket_of(MM_DNS_LANES_MAX, channel->wake_fd)};
    atomic_init(&channel->tcp_connections, 0);
    if (channel->epoll_fd < 0 || channel->wake_fd < 0 ||
        epoll_ctl(channel->epoll_fd, EPOLL_CTL_ADD, channel->wake_fd, &event) != 0) {
        enum mm_status st = mm_fail_os(err, errno, "DNS cannot be asked");
        mm_dns_channel_deinit(channel);
        return st;
    }
    int code = open_all(channel, servers, timeout_ms);
    if (code == ARES_SUCCESS)
        return MM_OK;
    mm_dns_channel_deinit(channel);
    return mm_fail(err, code == ARES_ENOMEM ? MM_E_NOMEM : MM_E_IO, "DNS cannot be asked: %s",
                   ares_strerror(code));
}

void mm_dns_channel_deinit(struct mm_dns_channel *channel)
{
    while (channel->lane_count)
        ares_destroy(channel->lanes[--channel->lane_count].ares);
    if (channel->epoll_fd >= 0)
        close(channel->epoll_fd);
    if (channel->wake_fd >= 0)
        close(channel->wake_fd);
    channel->epoll_fd = channel->wake_fd = -1;
}

void mm_dns_channel_turn(struct mm_dns_channel *channel, int wait_ms)
{
    struct epoll_event events[EVENTS_A_TURN];
    int count = epoll_wait(channel->epoll_fd, events, EVENTS_A_TURN, wait_ms);
    for (int i = 0; i < count; i++) {
        size_t lane = events[i].data.u64 >> 32;
        int fd = (int)(uint32_t)events[i].data.u64;
        if (lane == MM_DNS_LANES_MAX) {
            eventfd_t ignored;
            eventfd_read(fd, &ignored);
            continue;
        }
        bool writable = events[i].events & EPOLLOUT;
        bool readable = events[i].events & ~(uint32_t)EPOLLOUT; /* errors are found by reading */
        ares_process_fd(channel->lanes[lane].ares, readable ? fd : ARES_SOCKET_BAD,
                        writable ? fd : ARES_SOCKET_BAD);
    }
    for (size_t i = 0; i < channel->lane_count; i++) /* what is over time */
        ares_process_fd(channel->lanes[i].ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

void mm_dns_channel_wake(struct mm_dns_channel *channel)
{
    eventfd_write(channel->wake_fd, 1);
}
