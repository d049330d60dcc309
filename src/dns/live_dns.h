/*
 * live_dns.h - TXT answers from DNS servers: asked once, kept as long as they last, recorded.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DNS_LIVE_DNS_H
#define MM_DNS_LIVE_DNS_H

#include "dns/answer_cache.h"
#include "mailmill/keys.h"

/* How long an answer is in force: its TTL within bounds. docs/design/dns.md has the reasons. */
enum {
    MM_DNS_TTL_MIN_S = 60,
    MM_DNS_TTL_MAX_S = 24 * 3600,
    MM_DNS_NEGATIVE_TTL_MAX_S = 3 * 3600, /* RFC 2308 section 5 */
    MM_DNS_FAILURE_TTL_S = 300            /* RFC 2308 section 7: at most five minutes */
};
uint32_t mm_dns_ttl_in_force(enum mm_txt_status status, uint32_t ttl_s);

struct mm_live_dns;
/* Returns as mm_key_source_use_dns(). */
enum mm_status mm_live_dns_new(const struct mm_dns_options *options, struct mm_live_dns **out,
                               struct mm_error *err) MM_MUST_CHECK;
void mm_live_dns_free(struct mm_live_dns **dns);

/*
 * Ask for a name (lower case, without the final dot; one that mm_dns_name_of() takes).
 * Returns  MM_OK or MM_AGAIN with *entry held by the caller, whether answered or not; MM_E_NOMEM.
 */
enum mm_status mm_live_dns_ask(struct mm_live_dns *dns, struct mm_view name,
                               struct mm_dns_entry **entry) MM_MUST_CHECK;
uint64_t mm_live_dns_turn(struct mm_live_dns *dns);
void mm_live_dns_wait(struct mm_live_dns *dns, uint64_t turn, uint32_t timeout_ms);
enum mm_status mm_live_dns_finish(struct mm_live_dns *dns, struct mm_error *err) MM_MUST_CHECK;
void mm_live_dns_count(struct mm_live_dns *dns, struct mm_dns_counts *out);

#endif /* MM_DNS_LIVE_DNS_H */
