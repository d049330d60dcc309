/*
 * dns_servers.c - which servers are asked, and whether their word on DNSSEC counts.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dns/dns_servers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/slurp.h"

static const char resolv_conf_path[] = "/etc/resolv.conf";
enum { RESOLV_CONF_MAX_BYTES = 64 * 1024 };

/* ---- a server as text ---- */

/* Cut "[HOST]:PORT" and its shorter forms. A bare IPv6 address has more than one colon. */
static bool cut_port(struct mm_view text, struct mm_view *host, uint16_t *port)
{
    struct mm_view rest = {NULL, 0}, more;
    uint64_t number;
    *port = MM_DNS_PORT;
    if (text.len && text.data[0] == '[') {
        if (!mm_view_cut(mm_view_sub(text, 1, text.len - 1), ']', host, &rest))
            return false;
        if (rest.len == 0)
            return true;
        if (rest.data[0] != ':')
            return false;
        rest = mm_view_sub(rest, 1, rest.len - 1);
    } else {
        if (!mm_view_cut(text, ':', host, &rest))
            return true;
        if (mm_view_cut(rest, ':', &more, &more)) {
            *host = text;
            return true;
        }
    }
    if (!mm_view_to_u64(rest, &number) || number == 0 || number > UINT16_MAX)
        return false;
    *port = (uint16_t)number;
    return true;
}

static bool read_address(struct mm_view host, struct ares_addr_port_node *out)
{
    char text[INET6_ADDRSTRLEN];
    if (host.len == 0 || host.len >= sizeof text || memchr(host.data, '\0', host.len))
        return false;
    memcpy(text, host.data, host.len);
    text[host.len] = '\0';
    out->family = memchr(text, ':', host.len) ? AF_INET6 : AF_INET;
    return inet_pton(out->family, text, &out->addr) == 1;
}

static bool read_server(const char *text, struct ares_addr_port_node *out)
{
    struct mm_view host;
    uint16_t port;
    if (!cut_port(mm_view_of(text), &host, &port) || !read_address(host, out))
        return false;
    out->udp_port = out->tcp_port = port;
    return true;
}

/* ---- the system's ---- */

static enum mm_status read_system(struct mm_dns_servers *out, struct mm_error *err)
{
    struct ares_options options = {.ndomains = 0};
    struct ares_addr_port_node *list = NULL;
    ares_channel channel;
    int code = ares_init_options(&channel, &options, ARES_OPT_DOMAINS);
    if (code == ARES_SUCCESS) {
        code = ares_get_servers_ports(channel, &list);
        ares_destroy(channel);
    }
    if (code != ARES_SUCCESS)
        return mm_fail(err, code == ARES_ENOMEM ? MM_E_NOMEM : MM_E_IO,
                       "the system's DNS servers cannot be read: %s", ares_strerror(code));
    for (const struct ares_addr_port_node *n = list; n && out->count < MM_DNS_SERVERS_MAX;
         n = n->next) {
        struct ares_addr_port_node *own = &out->nodes[out->count++];
        *own = *n;
        own->udp_port = n->udp_port ? n->udp_port : MM_DNS_PORT;
        own->tcp_port = n->tcp_port ? n->tcp_port : MM_DNS_PORT;
    }
    ares_free_data(list);
    if (out->count == 0)
        return mm_fail(err, MM_E_IO, "%s names no DNS server", resolv_conf_path);
    return MM_OK;
}

bool mm_dns_trusts_ad(struct mm_view resolv_conf)
{
    struct mm_view line, word;
    bool trusts = false;
    while (resolv_conf.len) {
        mm_view_cut(resolv_conf, '\n', &line, &resolv_conf);
        for (size_t i = 0; line.len; i++) {
            size_t n = 0;
            line = mm_view_trim_fws(line);
            while (n < line.len && !mm_is_fws((unsigned char)line.data[n]))
                n++;
            word = mm_view_sub(line, 0, n);
            line = mm_view_sub(line, n, line.len - n);
            if (i == 0 && !mm_view_eq(word, MM_VIEW("options")))
                break;
            trusts = trusts || mm_view_eq(word, MM_VIEW("trust-ad"));
        }
    }
    return trusts;
}

static bool system_trusts_ad(void)
{
    char *text = NULL;
    size_t len = 0;
    bool trusts = mm_slurp(resolv_conf_path, RESOLV_CONF_MAX_BYTES, &text, &len, NULL) == MM_OK &&
                  mm_dns_trusts_ad((struct mm_view){text, len});
    free(text);
    return trusts;
}

/* ---- all of them ---- */

static bool is_loopback(const struct ares_addr_port_node *n)
{
    if (n->family == AF_INET)
        return ntohl(n->addr.addr4.s_addr) >> 24 == IN_LOOPBACKNET;
    return IN6_IS_ADDR_LOOPBACK((const struct in6_addr *)&n->addr.addr6);
}

static void write_text(struct mm_dns_servers *servers)
{
    size_t len = 0;
    for (size_t i = 0; i < servers->count && len < sizeof servers->text; i++) {
        const struct ares_addr_port_node *n = &servers->nodes[i];
        char address[INET6_ADDRSTRLEN];
        bool v6 = n->family == AF_INET6;
        inet_ntop(n->family, &n->addr, address, sizeof address);
        len +=
            (size_t)snprintf(servers->text + len, sizeof servers->text - len, "%s%s%s%s:%d",
                             i ? ", " : "DNS ", v6 ? "[" : "", address, v6 ? "]" : "", n->udp_port);
    }
}

enum mm_status mm_dns_servers_read(const char *text, struct mm_dns_servers *out,
                                   struct mm_error *err)
{
    *out = (struct mm_dns_servers){.is_trusted = true};
    if (!text)
        MM_TRY(read_system(out, err));
    else if (read_server(text, &out->nodes[0]))
        out->count = 1;
    else
        return mm_fail(err, MM_E_ARG,
                       "\"%s\" is no DNS server; give ADDRESS, ADDRESS:PORT or [IPV6]:PORT", text);
    for (size_t i = 0; i < out->count; i++)
        out->is_trusted = out->is_trusted && is_loopback(&out->nodes[i]);
    out->is_trusted = out->is_trusted || (!text && system_trusts_ad());
    write_text(out);
    return MM_OK;
}
