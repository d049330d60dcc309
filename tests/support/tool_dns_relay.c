/*
 * tool_dns_relay.c - stands between a client and a DNS server and makes trouble.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   dns_relay UPSTREAM_PORT [--port N] [--delay MS] [--faults FILE] [--log FILE]
 *             [--truncate] [--no-edns] [--ad] [--no-tcp] [--tcp-questions N]
 *
 * Listens on 127.0.0.1 (UDP and TCP), prints its port, and forwards to 127.0.0.1:UPSTREAM_PORT.
 * FILE's lines are "NAME<TAB>FAULT": TIMEOUT drops the question, SERVFAIL and REFUSED answer so,
 * TCP-TIMEOUT and TCP-CLOSE say TC over UDP and drop the question over TCP, or close the connection
 * that it came by; other faults are the server's own. --delay holds every answer back, --truncate
 * sends every answer over UDP without its records and with TC, --no-edns answers EDNS with FORMERR,
 * --ad sets AD, --no-tcp refuses connections, --tcp-questions closes each connection after the
 * answers to N questions, whatever was asked besides. Each question is a line of the log: "udp
 * NAME" or "tcp NAME". One thread, one poll.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/view.h"

enum {
    PACKET_MAX = 65535,
    IDS = 65536,
    FAULTS_MAX = 20000,
    PAIRS_MAX = 64,
    BUFFER_BYTES = 4 * 1024 * 1024,
    HEADER_BYTES = 12,
    RCODE_FORMERR = 1,
    RCODE_SERVFAIL = 2,
    RCODE_REFUSED = 5,
    /* in a fault, where an answer has its code */
    FAULT_TIMEOUT = 0,
    FAULT_TCP_TIMEOUT = -1,
    FAULT_TCP_CLOSE = -2,
    /* of a question: the bytes of the answer that it was made into, or */
    IS_DROPPED = 0,
    IS_FORWARDED = -1,
    IS_CLOSED = -2
};

static struct {
    uint64_t delay_ns;
    bool truncate, no_edns, ad, no_tcp;
    unsigned long tcp_questions; /* 0: any number */
    FILE *log;
} options;

static struct fault {
    char *name;
    int rcode; /* or FAULT_… */
} faults[FAULTS_MAX];
static size_t fault_count;

/* Who asked over UDP, by the id that the question has upstream. */
static struct asker {
    struct sockaddr_in from;
    uint16_t id;
} askers[IDS];
static uint16_t next_id;

/* Bytes on the way to a client over TCP, or one packet over UDP. */
struct delayed {
    struct delayed *next;
    uint64_t due_ns;
    int pair; /* < 0: UDP, to `to` */
    uint32_t generation;
    struct sockaddr_in to;
    size_t len;
    uint8_t data[];
};
static struct delayed *delayed, **delayed_end = &delayed;

/* A client's connection and ours upstream. */
static struct pair {
    int client, upstream; /* -1: free; upstream alone: all its answers are there */
    uint32_t generation;
    unsigned long questions;
    size_t len; /* of a question that is not yet whole */
    uint8_t part[2 + PACKET_MAX];
} pairs[PAIRS_MAX];

static int udp_fd, tcp_fd, upstream_fd;
static struct sockaddr_in upstream_address;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

/* ---- packets ---- */

/* The question's name as text, lower case; false for a packet that has none. */
static bool name_of(const uint8_t *packet, size_t len, char *out)
{
    size_t at = HEADER_BYTES, n = 0;
    while (at < len && packet[at]) {
        size_t label = packet[at++];
        if (label > 63 || at + label >= len || n + label + 1 > 255)
            return false;
        for (size_t i = 0; i < label; i++)
            out[n++] = (char)mm_ascii_lower(packet[at + i]);
        out[n++] = '.';
        at += label;
    }
    out[n ? n - 1 : 0] = '\0';
    return at + 5 <= len;
}

static size_t question_bytes(const uint8_t *packet, size_t len)
{
    size_t at = HEADER_BYTES;
    while (at < len && packet[at])
        at += 1u + packet[at];
    return at + 5 <= len ? at + 5 : len;
}

/* Turn a question, or an answer, into an answer without records. */
static size_t make_empty(uint8_t *packet, size_t len, int rcode, bool truncated)
{
    packet[2] = (uint8_t)((packet[2] & 0x79) | 0x80 | (truncated ? 2 : 0));
    packet[3] = (uint8_t)(0x80 | rcode);
    memset(packet + 6, 0, 6);
    return question_bytes(packet, len);
}

static void hold_back(int pair, const struct sockaddr_in *to, const uint8_t *data, size_t len)
{
    struct delayed *d = malloc(sizeof *d + len);
    if (!d)
        die("malloc");
    *d = (struct delayed){.due_ns = mm_wall_ns() + options.delay_ns, .pair = pair, .len = len};
    if (pair >= 0)
        d->generation = pairs[pair].generation;
    else
        d->to = *to;
    memcpy(d->data, data, len);
    *delayed_end = d;
    delayed_end = &d->next;
}

static long make_fault(uint8_t *packet, size_t len, int rcode, bool over_tcp)
{
    if (rcode == FAULT_TIMEOUT)
        return IS_DROPPED;
    if (rcode > 0)
        return (long)make_empty(packet, len, rcode, false);
    if (!over_tcp)
        return (long)make_empty(packet, len, 0, true);
    return rcode == FAULT_TCP_CLOSE ? IS_CLOSED : IS_DROPPED;
}

/* What happens to a question: IS_… or > 0, the bytes of the answer that it was made into. */
static long intercept(uint8_t *packet, size_t len, const char *over)
{
    char name[256];
    if (len < HEADER_BYTES || !name_of(packet, len, name))
        return IS_DROPPED;
    if (options.log)
        fprintf(options.log, "%s %s\n", over, name);
    if (options.no_edns && packet[11])
        return (long)make_empty(packet, len, RCODE_FORMERR, false);
    for (size_t i = 0; i < fault_count; i++)
        if (strcmp(faults[i].name, name) == 0)
            return make_fault(packet, len, faults[i].rcode, over[0] == 't');
    return IS_FORWARDED;
}

/* ---- UDP ---- */

static void udp_question(void)
{
    uint8_t packet[PACKET_MAX];
    struct sockaddr_in from;
    socklen_t from_len = sizeof from;
    ssize_t n;
    while ((n = recvfrom(udp_fd, packet, sizeof packet, MSG_DONTWAIT, (struct sockaddr *)&from,
                         &from_len)) > 0) {
        long made = intercept(packet, (size_t)n, "udp");
        if (made > 0)
            hold_back(-1, &from, packet, (size_t)made);
        if (made >= 0)
            continue;
        uint16_t id = next_id++;
        askers[id] = (struct asker){from, (uint16_t)(packet[0] << 8 | packet[1])};
        packet[0] = (uint8_t)(id >> 8);
        packet[1] = (uint8_t)id;
        if (send(upstream_fd, packet, (size_t)n, 0) < 0)
            perror("dns_relay: upstream");
    }
}

static void udp_answer(void)
{
    uint8_t packet[PACKET_MAX];
    ssize_t n;
    while ((n = recv(upstream_fd, packet, sizeof packet, MSG_DONTWAIT)) >= HEADER_BYTES) {
        const struct asker *asker = &askers[packet[0] << 8 | packet[1]];
        size_t len = (size_t)n;
        packet[0] = (uint8_t)(asker->id >> 8);
        packet[1] = (uint8_t)asker->id;
        if (options.ad)
            packet[3] |= 0x20;
        if (options.truncate)
            len = make_empty(packet, len, packet[3] & 15, true);
        hold_back(-1, &asker->from, packet, len);
    }
}

/* ---- TCP ---- */

static void pair_close(struct pair *p)
{
    close(p->client);
    close(p->upstream);
    p->client = p->upstream = -1;
    p->generation++;
}

static void tcp_accept(void)
{
    struct pair *p = pairs;
    int fd = accept(tcp_fd, NULL, NULL);
    if (fd < 0)
        return;
    while (p < pairs + PAIRS_MAX && p->client >= 0)
        p++;
    if (p == pairs + PAIRS_MAX) {
        close(fd);
        return;
    }
    p->client = fd;
    p->len = p->questions = 0;
    p->upstream = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(p->upstream, (struct sockaddr *)&upstream_address, sizeof upstream_address) != 0)
        pair_close(p);
}

/* False where the connection is closed. */
static bool pass_on(struct pair *p, size_t whole)
{
    if (options.tcp_questions && p->questions == options.tcp_questions)
        return true; /* never answered */
    long made = intercept(p->part + 2, whole - 2, "tcp");
    if (made > 0) {
        p->part[0] = (uint8_t)(made >> 8);
        p->part[1] = (uint8_t)made;
        hold_back((int)(p - pairs), NULL, p->part, (size_t)made + 2);
    } else if (made == IS_CLOSED ||
               (made == IS_FORWARDED &&
                send(p->upstream, p->part, whole, MSG_NOSIGNAL) != (ssize_t)whole)) {
        pair_close(p);
        return false;
    }
    if (++p->questions == options.tcp_questions)
        shutdown(p->upstream, SHUT_WR); /* closes when it has answered */
    return true;
}

static void tcp_question(struct pair *p)
{
    ssize_t n = recv(p->client, p->part + p->len, sizeof p->part - p->len, 0);
    if (n <= 0) {
        pair_close(p);
        return;
    }
    p->len += (size_t)n;
    for (;;) {
        size_t whole = p->len < 2 ? SIZE_MAX : 2 + (size_t)(p->part[0] << 8 | p->part[1]);
        if (p->len < whole || !pass_on(p, whole))
            return;
        p->len -= whole;
        memmove(p->part, p->part + whole, p->len);
    }
}

/* An end is held back too, behind the answers; it has no bytes. */
static void tcp_answer(struct pair *p)
{
    uint8_t data[PACKET_MAX];
    ssize_t n = recv(p->upstream, data, sizeof data, 0);
    hold_back((int)(p - pairs), NULL, data, n > 0 ? (size_t)n : 0);
    if (n > 0)
        return;
    close(p->upstream);
    p->upstream = -1;
}

/* ---- the loop ---- */

static void send_due(void)
{
    while (delayed && delayed->due_ns <= mm_wall_ns()) {
        struct delayed *d = delayed;
        struct pair *p = d->pair >= 0 ? &pairs[d->pair] : NULL;
        delayed = d->next;
        if (!delayed)
            delayed_end = &delayed;
        if (!p)
            sendto(udp_fd, d->data, d->len, 0, (struct sockaddr *)&d->to, sizeof d->to);
        else if (p->client >= 0 && p->generation == d->generation &&
                 (!d->len || send(p->client, d->data, d->len, MSG_NOSIGNAL) != (ssize_t)d->len))
            pair_close(p);
        free(d);
    }
}

static void relay(void)
{
    struct pollfd fds[3 + 2 * PAIRS_MAX];
    for (;;) {
        fds[0] = (struct pollfd){udp_fd, POLLIN, 0};
        fds[1] = (struct pollfd){upstream_fd, POLLIN, 0};
        fds[2] = (struct pollfd){options.no_tcp ? -1 : tcp_fd, POLLIN, 0};
        for (int i = 0; i < PAIRS_MAX; i++) {
            fds[3 + 2 * i] = (struct pollfd){pairs[i].client, POLLIN, 0};
            fds[4 + 2 * i] = (struct pollfd){pairs[i].upstream, POLLIN, 0};
        }
        poll(fds, 3 + 2 * PAIRS_MAX, delayed ? 1 : -1);
        if (fds[0].revents)
            udp_question();
        if (fds[1].revents)
            udp_answer();
        if (fds[2].revents)
            tcp_accept();
        for (int i = 0; i < PAIRS_MAX; i++) {
            if (fds[3 + 2 * i].revents && pairs[i].client == fds[3 + 2 * i].fd)
                tcp_question(&pairs[i]);
            if (fds[4 + 2 * i].revents && pairs[i].upstream == fds[4 + 2 * i].fd)
                tcp_answer(&pairs[i]);
        }
        send_due();
    }
}

/* ---- start ---- */

static void read_faults(const char *path)
{
    static const struct {
        const char *word;
        int rcode;
    } words[] = {
        {"SERVFAIL", RCODE_SERVFAIL},   {"REFUSED", RCODE_REFUSED},
        {"TIMEOUT", FAULT_TIMEOUT},     {"TCP-TIMEOUT", FAULT_TCP_TIMEOUT},
        {"TCP-CLOSE", FAULT_TCP_CLOSE},
    };
    char line[1024];
    FILE *f = fopen(path, "r");
    if (!f)
        die(path);
    while (fgets(line, sizeof line, f)) {
        char *name = strtok(line, "\t\r\n"), *fault = strtok(NULL, "\t\r\n");
        if (!fault || name[0] == '#' || fault_count == FAULTS_MAX)
            continue;
        for (size_t i = 0; i < MM_COUNT(words); i++)
            if (strcmp(fault, words[i].word) == 0)
                faults[fault_count++] = (struct fault){strdup(name), words[i].rcode};
    }
    fclose(f);
}

/* UDP and TCP on one port. Returns it. */
static uint16_t listen_on(uint16_t port)
{
    for (int tries = 0; tries < 100; tries++) {
        struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
        socklen_t len = sizeof at;
        int size = BUFFER_BYTES, yes = 1;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        udp_fd = socket(AF_INET, SOCK_DGRAM, 0);
        tcp_fd = socket(AF_INET, SOCK_STREAM, 0);
        setsockopt(udp_fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
        setsockopt(tcp_fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        if (bind(udp_fd, (struct sockaddr *)&at, sizeof at) == 0 &&
            getsockname(udp_fd, (struct sockaddr *)&at, &len) == 0 &&
            bind(tcp_fd, (struct sockaddr *)&at, sizeof at) == 0 &&
            (options.no_tcp || listen(tcp_fd, 64) == 0))
            return ntohs(at.sin_port);
        close(udp_fd);
        close(tcp_fd);
        if (port)
            break;
    }
    die("listen");
    return 0;
}

int main(int argc, char **argv)
{
    uint16_t port = 0;
    int size = BUFFER_BYTES;
    if (argc < 2)
        return 64;
    for (int i = 2; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--truncate") == 0)
            options.truncate = true;
        else if (strcmp(argv[i], "--no-edns") == 0)
            options.no_edns = true;
        else if (strcmp(argv[i], "--ad") == 0)
            options.ad = true;
        else if (strcmp(argv[i], "--no-tcp") == 0)
            options.no_tcp = true;
        else if (strcmp(argv[i], "--tcp-questions") == 0)
            options.tcp_questions = strtoul(value, NULL, 10), i++;
        else if (strcmp(argv[i], "--port") == 0)
            port = (uint16_t)atoi(value), i++;
        else if (strcmp(argv[i], "--delay") == 0)
            options.delay_ns = strtoull(value, NULL, 10) * 1000000, i++;
        else if (strcmp(argv[i], "--faults") == 0)
            read_faults(value), i++;
        else if (strcmp(argv[i], "--log") == 0)
            options.log = fopen(value, "w"), i++;
        else
            return 64;
    }
    if (options.log)
        setlinebuf(options.log);
    for (int i = 0; i < PAIRS_MAX; i++)
        pairs[i].client = pairs[i].upstream = -1;
    upstream_address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
    upstream_address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    upstream_fd = socket(AF_INET, SOCK_DGRAM, 0);
    setsockopt(upstream_fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (connect(upstream_fd, (struct sockaddr *)&upstream_address, sizeof upstream_address) != 0)
        die("upstream");
    printf("%d\n", listen_on(port));
    fflush(stdout);
    relay();
}
