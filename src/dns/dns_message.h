/*
 * dns_message.h - DNS packets as far as keys need them: a question for TXT, and what a reply says.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Our own, because a reply is a stranger's text, and because what c-ares 1.18 makes of one has
 * neither the AD bit nor the TTL nor the chain of CNAMEs.
 */
#ifndef MM_DNS_DNS_MESSAGE_H
#define MM_DNS_DNS_MESSAGE_H

#include "dns/txt_store.h"

enum {
    MM_DNS_NAME_MAX_BYTES = 255, /* on the wire (RFC 1035 section 2.3.4) */
    MM_DNS_EDNS_BYTES = 1232,    /* UDP payload that no network fragments: 1280 less IPv6 and UDP */
    MM_DNS_REPLY_MAX_BYTES = 65535,
    /* header, name, type and class, OPT (RFC 6891 section 6.1.2) */
    MM_DNS_QUERY_MAX_BYTES = 12 + MM_DNS_NAME_MAX_BYTES + 4 + 11,
    /* TXT and CNAME records looked at in an answer; more than the limits of txt_store.h and as many
     * repeats are no answer */
    MM_DNS_RECORDS_MAX = 256
};

/* A name in wire form: labels with their lengths, the empty one at the end, lower case. */
struct mm_dns_name {
    uint8_t len;
    uint8_t wire[MM_DNS_NAME_MAX_BYTES];
};

/* From text, with or without the final dot. False for what is no name: labels of 0 or more than 63
 * octets, more than 253 in all, or bytes that a name in text cannot have without escapes. */
bool mm_dns_name_of(struct mm_view text, struct mm_dns_name *out);
static inline bool mm_dns_name_eq(const struct mm_dns_name *a, const struct mm_dns_name *b)
{
    return a->len == b->len && memcmp(a->wire, b->wire, a->len) == 0;
}

/* Write the question for the TXT records of a name: recursion and AD wanted (RFC 6840 section 5.7),
 * with EDNS where `edns`. Returns its length. */
size_t mm_dns_query_write(const struct mm_dns_name *name, uint16_t id, bool edns,
                          uint8_t out[MM_DNS_QUERY_MAX_BYTES]);

/* Does it say that it did not fit? */
bool mm_dns_reply_is_truncated(struct mm_view packet);

/* What a reply says. */
struct mm_dns_reply {
    enum mm_txt_status status; /* NOERROR, NXDOMAIN, NODATA or SERVFAIL */
    bool ad;
    bool no_edns;              /* FORMERR: ask again without EDNS */
    bool goes_on;              /* nothing but CNAMEs: ask for `target` next */
    uint32_t ttl_s;            /* the least of all that was used; 0 where nothing says one */
    uint32_t aliases;          /* CNAMEs followed */
    struct mm_dns_name target; /* the last of them, or the name itself */
    size_t record_count;
    struct mm_view records[MM_TXT_RECORDS_MAX]; /* in `text` */
};

/*
 * Read the reply to a question for `name`. CNAMEs are followed inside of it, in any order, at most
 * `aliases_left`; a longer or endless chain is SERVFAIL, as are more records than txt_store.h
 * allows, a referral, a truncated reply and return codes other than NOERROR and NXDOMAIN.
 * text     room for MM_DNS_REPLY_MAX_BYTES, where the strings of each record are joined.
 * Returns  MM_OK; MM_E_SYNTAX for bytes that are no reply to this question.
 * Source   RFC 1035 section 4; RFC 2308 sections 2 and 5; RFC 2181 sections 5 and 8; RFC 6604.
 */
enum mm_status mm_dns_reply_read(struct mm_view packet, const struct mm_dns_name *name,
                                 uint32_t aliases_left, char *text,
                                 struct mm_dns_reply *out) MM_MUST_CHECK;

#endif /* MM_DNS_DNS_MESSAGE_H */
