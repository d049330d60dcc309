/*
 * key_source.h - TXT answers behind the public handle: from files, then from live DNS.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DNS_KEY_SOURCE_H
#define MM_DNS_KEY_SOURCE_H

#include "dns/answer_cache.h"
#include "mailmill/keys.h"

/* True where some answers come from a server, and so take their time. False for NULL. */
bool mm_key_source_is_live(const struct mm_key_source *source);

/* Lives as long as the source; NULL for NULL. */
const struct mm_txt_store *mm_key_source_store(const struct mm_key_source *source);

/* One question and what it holds. A zeroed one holds nothing. */
struct mm_txt_lookup {
    const struct mm_txt_answer *answer; /* once answered, until mm_txt_lookup_end(); else NULL */
    struct mm_dns_entry *entry;         /* private; of an answer from live DNS */
};

/*
 * Ask for the TXT records of a name, as mm_txt_store_find() takes it. Files answer first; what they
 * do not hold is asked live, where the source does that; a name that is none (labels of 1..63
 * octets of printable ASCII, at most 253 in all) is not asked. Never blocks.
 * Returns  MM_OK with lookup->answer; MM_AGAIN while it is on its way; MM_E_NOMEM.
 */
enum mm_status mm_txt_lookup_begin(const struct mm_key_source *source, struct mm_view name,
                                   int64_t at, struct mm_txt_lookup *lookup) MM_MUST_CHECK;
/* Has the answer come? The same returns; a load of an atomic while it has not. */
enum mm_status mm_txt_lookup_poll(struct mm_txt_lookup *lookup) MM_MUST_CHECK;
/* Give back what the look-up holds, answered or not. */
void mm_txt_lookup_end(struct mm_txt_lookup *lookup);
/* Wait until it is answered: MM_OK or MM_E_NOMEM. */
enum mm_status mm_txt_lookup_wait(const struct mm_key_source *source,
                                  struct mm_txt_lookup *lookup) MM_MUST_CHECK;

/* A number that moves whenever answers came; always 0 without live DNS. Takes NULL. */
uint64_t mm_key_source_turn(const struct mm_key_source *source);
/* Block until it is no longer `turn`, or the time is over. */
void mm_key_source_wait(const struct mm_key_source *source, uint64_t turn, uint32_t timeout_ms);

#endif /* MM_DNS_KEY_SOURCE_H */
