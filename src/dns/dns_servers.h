/*
 * dns_servers.h - which servers are asked, and whether their word on DNSSEC counts.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DNS_DNS_SERVERS_H
#define MM_DNS_DNS_SERVERS_H

#include <ares.h>
#include <stdbool.h>

#include "base/error.h"
#include "base/view.h"

enum { MM_DNS_SERVERS_MAX = 3, /* as resolv.conf(5) */ MM_DNS_PORT = 53 };

struct mm_dns_servers {
    struct ares_addr_port_node nodes[MM_DNS_SERVERS_MAX]; /* not linked: the struct is copied */
    size_t count;
    bool is_trusted; /* AD counts: all on loopback, or the system says so (resolv.conf trust-ad) */
    char text[256];  /* "DNS 127.0.0.1:53, …", for explanations */
};

/*
 * Read "ADDRESS", "ADDRESS:PORT", "IPV6", "[IPV6]" or "[IPV6]:PORT"; NULL stands for the system's
 * servers (resolv.conf).
 * Returns MM_OK; MM_E_ARG for what is no address; MM_E_IO where the system names none; MM_E_NOMEM.
 */
enum mm_status mm_dns_servers_read(const char *text, struct mm_dns_servers *out,
                                   struct mm_error *err) MM_MUST_CHECK;

/* Does this resolv.conf say "options trust-ad" (resolv.conf(5))? */
bool mm_dns_trusts_ad(struct mm_view resolv_conf);

#endif /* MM_DNS_DNS_SERVERS_H */
