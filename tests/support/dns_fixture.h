/*
 * dns_fixture.h - DNS replies byte by byte, and a server in this process that sends them.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_SUPPORT_DNS_FIXTURE_H
#define MM_SUPPORT_DNS_FIXTURE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/view.h"

enum {
    MM_TEST_RR_NS = 2,
    MM_TEST_RR_CNAME = 5,
    MM_TEST_RR_SOA = 6,
    MM_TEST_RR_TXT = 16,
    MM_TEST_PACKET_MAX = 65535
};

/* A packet under construction. Fields are public so that a test can break them. */
struct mm_packet {
    uint8_t data[MM_TEST_PACKET_MAX];
    size_t len;
};

void mm_packet_u16(struct mm_packet *p, unsigned value);
/* "a.b": labels and the root; "@12": a pointer to byte 12; "a@12": a label, then the pointer. */
void mm_packet_name(struct mm_packet *p, const char *name);
/* Header with QR and these flags, and the question for the name's TXT records. */
void mm_packet_begin(struct mm_packet *p, unsigned id, unsigned flags, const char *name);
/* A record in section 1 (answer) or 2 (authority), class IN. data: CNAME and NS: a name; TXT: one
 * string; SOA: the last number (MINIMUM) in decimal. */
void mm_packet_record(struct mm_packet *p, int section, const char *name, int type, uint32_t ttl_s,
                      const char *data);
static inline struct mm_view mm_packet_view(const struct mm_packet *p)
{
    return (struct mm_view){(const char *)p->data, p->len};
}

/* A UDP server on 127.0.0.1 in a thread of its own. `reply` makes each answer to a question for
 * `name` (id is the question's) and returns how many packets of `out` to send. */
enum { MM_TEST_REPLIES_MAX = 3 };
struct mm_dns_server {
    int fd;
    uint16_t port;
    char text[32]; /* "127.0.0.1:PORT" */
    atomic_int questions;
    atomic_bool stops;
    int (*reply)(struct mm_dns_server *server, unsigned id, const char *name,
                 struct mm_packet out[MM_TEST_REPLIES_MAX]);
    pthread_t thread;
};
void mm_dns_server_start(struct mm_dns_server *server);
void mm_dns_server_stop(struct mm_dns_server *server);

#endif /* MM_SUPPORT_DNS_FIXTURE_H */
