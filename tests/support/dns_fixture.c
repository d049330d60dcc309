/*
 * dns_fixture.c - DNS replies byte by byte, and a server in this process that sends them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "support/dns_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "support/mm_test.h"

static void put(struct mm_packet *p, const void *bytes, size_t len)
{
    assert_true(len <= sizeof p->data - p->len);
    memcpy(p->data + p->len, bytes, len);
    p->len += len;
}

void mm_packet_u16(struct mm_packet *p, unsigned value)
{
    uint8_t bytes[] = {(uint8_t)(value >> 8), (uint8_t)value};
    put(p, bytes, sizeof bytes);
}

void mm_packet_name(struct mm_packet *p, const char *name)
{
    while (*name && *name != '@') {
        size_t len = strcspn(name, ".@");
        uint8_t n = (uint8_t)len;
        put(p, &n, 1);
        put(p, name, len);
        name += len + (name[len] == '.');
    }
    if (*name == '@')
        mm_packet_u16(p, 0xc000u | (unsigned)atoi(name + 1));
    else
        put(p, "", 1);
}

void mm_packet_begin(struct mm_packet *p, unsigned id, unsigned flags, const char *name)
{
    p->len = 0;
    mm_packet_u16(p, id);
    mm_packet_u16(p, 0x8180u | flags);
    mm_packet_u16(p, 1);
    for (int i = 0; i < 3; i++)
        mm_packet_u16(p, 0);
    mm_packet_name(p, name);
    mm_packet_u16(p, MM_TEST_RR_TXT);
    mm_packet_u16(p, 1);
}

static void put_data(struct mm_packet *p, int type, const char *data)
{
    uint8_t len = (uint8_t)strlen(data);
    if (type == MM_TEST_RR_TXT) {
        put(p, &len, 1);
        put(p, data, len);
        return;
    }
    mm_packet_name(p, type == MM_TEST_RR_SOA ? "ns" : data);
    if (type != MM_TEST_RR_SOA)
        return;
    mm_packet_name(p, "hostmaster");
    for (int i = 0; i < 9; i++)
        mm_packet_u16(p, 0);
    mm_packet_u16(p, (unsigned)atoi(data));
}

void mm_packet_record(struct mm_packet *p, int section, const char *name, int type, uint32_t ttl_s,
                      const char *data)
{
    mm_packet_name(p, name);
    mm_packet_u16(p, (unsigned)type);
    mm_packet_u16(p, 1);
    mm_packet_u16(p, ttl_s >> 16);
    mm_packet_u16(p, ttl_s & 0xffff);
    size_t at = p->len;
    mm_packet_u16(p, 0);
    put_data(p, type, data);
    size_t len = p->len - at - 2;
    p->data[at] = (uint8_t)(len >> 8);
    p->data[at + 1] = (uint8_t)len;
    uint8_t *count = p->data + 4 + 2 * section;
    if (++count[1] == 0)
        count[0]++;
}

/* ---- the server ---- */

static void name_of(const uint8_t *packet, char *out)
{
    size_t n = 0;
    for (size_t at = 12; packet[at]; at += 1u + packet[at]) {
        memcpy(out + n, packet + at + 1, packet[at]);
        n += packet[at];
        out[n++] = '.';
    }
    out[n ? n - 1 : 0] = '\0';
}

static void *serve(void *context)
{
    struct mm_dns_server *s = context;
    struct mm_packet *out = malloc(MM_TEST_REPLIES_MAX * sizeof *out);
    uint8_t packet[1024];
    char name[1024];
    while (out && !atomic_load(&s->stops)) {
        struct sockaddr_in from;
        socklen_t len = sizeof from;
        ssize_t n = recvfrom(s->fd, packet, sizeof packet, 0, (struct sockaddr *)&from, &len);
        if (n < 17)
            continue;
        atomic_fetch_add(&s->questions, 1);
        name_of(packet, name);
        int count = s->reply(s, (unsigned)(packet[0] << 8 | packet[1]), name, out);
        for (int i = 0; i < count; i++)
            sendto(s->fd, out[i].data, out[i].len, 0, (struct sockaddr *)&from, len);
    }
    free(out);
    return NULL;
}

void mm_dns_server_start(struct mm_dns_server *server)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    struct timeval soon = {.tv_usec = 20000};
    socklen_t len = sizeof at;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    atomic_init(&server->questions, 0);
    atomic_init(&server->stops, false);
    server->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server->fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(getsockname(server->fd, (struct sockaddr *)&at, &len), 0);
    setsockopt(server->fd, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
    server->port = ntohs(at.sin_port);
    snprintf(server->text, sizeof server->text, "127.0.0.1:%u", server->port);
    assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

void mm_dns_server_stop(struct mm_dns_server *server)
{
    atomic_store(&server->stops, true);
    pthread_join(server->thread, NULL);
    close(server->fd);
}
