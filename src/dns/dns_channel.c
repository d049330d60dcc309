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

static void watch(void *data, ares_socket_t fd, int readable, int writable)
{
    struct mm_dns_channel *channel = data;
    struct epoll_event event = {.data.fd = fd};
    event.events = (readable ? EPOLLIN : 0u) | (writable ? EPOLLOUT : 0u);
    if (!event.events)
        epoll_ctl(channel->epoll_fd, EPOLL_CTL_DEL, fd, &event);
    else if (epoll_ctl(channel->epoll_fd, EPOLL_CTL_MOD, fd, &event) != 0)
        epoll_ctl(channel->epoll_fd, EPOLL_CTL_ADD, fd, &event); /* failing, it times out */
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

static int open_ares(struct mm_dns_channel *channel, const struct ares_addr_port_node *server,
                     uint32_t try_ms)
{
    struct ares_addr_port_node node = *server;
    struct ares_options options = {.flags = ARES_FLAG_EDNS | ARES_FLAG_NOCHECKRESP,
                                   .ednspsz = MM_DNS_EDNS_BYTES,
                                   .timeout = try_ms ? (int)try_ms : 1,
                                   .tries = MM_DNS_TRIES,
                                   .socket_receive_buffer_size = RECEIVE_BUFFER_BYTES,
                                   .sock_state_cb = watch,
                                   .sock_state_cb_data = channel};
    int mask = ARES_OPT_FLAGS | ARES_OPT_EDNSPSZ | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
               ARES_OPT_SOCK_RCVBUF | ARES_OPT_SOCK_STATE_CB | ARES_OPT_DOMAINS;
    int code = ares_init_options(&channel->ares[channel->count], &options, mask);
    if (code != ARES_SUCCESS)
        return code;
    ares_channel ares = channel->ares[channel->count++];
    ares_set_socket_callback(ares, count_connection, channel);
    node.next = NULL;
    return ares_set_servers_ports(ares, &node);
}

static int open_all(struct mm_dns_channel *channel, const struct mm_dns_servers *servers,
                    uint32_t timeout_ms)
{
    uint32_t try_ms = timeout_ms / (MM_DNS_TRY_SHARES * (uint32_t)servers->count);
    int code = ARES_SUCCESS;
    pthread_once(&library_once, start_library);
    for (size_t i = 0; i < servers->count && code == ARES_SUCCESS; i++)
        code = open_ares(channel, &servers->nodes[i], try_ms);
    return code;
}

enum mm_status mm_dns_channel_init(struct mm_dns_channel *channel,
                                   const struct mm_dns_servers *servers, uint32_t timeout_ms,
                                   struct mm_error *err)
{
    *channel = (struct mm_dns_channel){.epoll_fd = epoll_create1(EPOLL_CLOEXEC),
                                       .wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    struct epoll_event event = {.events = EPOLLIN, .data.fd = channel->wake_fd};
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
    while (channel->count)
        ares_destroy(channel->ares[--channel->count]);
    if (channel->epoll_fd >= 0)
        close(channel->epoll_fd);
    if (channel->wake_fd >= 0)
        close(channel->wake_fd);
    channel->epoll_fd = channel->wake_fd = -1;
}

/* A descriptor is one channel's; the others pass over it. ARES_SOCKET_BAD: what is over time. */
static void process(struct mm_dns_channel *channel, ares_socket_t readable, ares_socket_t writable)
{
    for (size_t i = 0; i < channel->count; i++)
        ares_process_fd(channel->ares[i], readable, writable);
}

void mm_dns_channel_turn(struct mm_dns_channel *channel, int wait_ms)
{
    struct epoll_event events[EVENTS_A_TURN];
    int count = epoll_wait(channel->epoll_fd, events, EVENTS_A_TURN, wait_ms);
    for (int i = 0; i < count; i++) {
        int fd = events[i].data.fd;
        if (fd == channel->wake_fd) {
            eventfd_t ignored;
            eventfd_read(fd, &ignored);
            continue;
        }
        bool writable = events[i].events & EPOLLOUT;
        bool readable = events[i].events & ~(uint32_t)EPOLLOUT; /* errors are found by reading */
        process(channel, readable ? fd : ARES_SOCKET_BAD, writable ? fd : ARES_SOCKET_BAD);
    }
    process(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

void mm_dns_channel_wake(struct mm_dns_channel *channel)
{
    eventfd_write(channel->wake_fd, 1);
}
