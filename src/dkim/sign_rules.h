/*
 * sign_rules.h - which keys sign a message, given its author's address.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DKIM_SIGN_RULES_H
#define MM_DKIM_SIGN_RULES_H

#include "base/arena.h"
#include "crypto/private_key.h"
#include "mail/address.h"
#include "mailmill/keys.h"

/* One signature to make. `domain` and `auid` may come from the message (`%`), then they are memory
 * of the arena. */
struct mm_sign_choice {
    struct mm_view domain, selector;
    struct mm_view auid; /* i= that the SigningTable names, within `domain`; empty for none */
    const struct mm_private_key *key;
    uint32_t key_index;    /* 0..mm_sign_rules_key_count()-1: for grouping and counting */
    const char *key_fault; /* rules for a check only: why `key` is NULL */
};

enum {
    MM_SIGN_CHOICES_MAX = 16,       /* most signatures a message can get from the rules */
    MM_SIGN_AUTHOR_MAX_BYTES = 1024 /* four times what SMTP allows (RFC 5321 section 4.5.3.1.3) */
};

/*
 * Choices for an author, in the order of the look-ups; look-ups fold case. Without `multiple` the
 * first row that has a key for the author; else all of them, equal (domain, selector, key) once, at
 * most MM_SIGN_CHOICES_MAX. A row whose '%' leads to no key for this author (no row of the KeyTable
 * with the domain's name, no key file for the domain, or an author's domain that is no domain name)
 * does not match, and the look-up goes on. *count is 0 where no row matches, and for addresses
 * longer than MM_SIGN_AUTHOR_MAX_BYTES. *unfit_domain: it is 0 only because the author's domain
 * cannot stand in d=, which a row wants it for.
 * Returns  MM_OK or MM_E_NOMEM.
 */
enum mm_status mm_sign_rules_find(const struct mm_sign_rules *rules, struct mm_address author,
                                  struct mm_arena *arena, struct mm_sign_choice *choices,
                                  size_t *count, bool *unfit_domain) MM_MUST_CHECK;

size_t mm_sign_rules_key_count(const struct mm_sign_rules *rules);
/* The i-th (domain, selector, key) that the rules name; domain is "%" where the author's is taken.
 */
struct mm_sign_choice mm_sign_rules_key(const struct mm_sign_rules *rules, size_t i);
/* True when every message may get only Ed25519 signatures by some row (RFC 8463 section 5 advises a
 * second RSA one): what sign refuses without --allow-ed25519-only. */
bool mm_sign_rules_may_be_ed25519_only(const struct mm_sign_rules *rules);
/*
 * A KeyTable's keys, to be checked and not to sign: one that cannot be used is an identity with
 * key_fault, not an error. Tables as mm_sign_rules_from_tables() has them; signing_table may be
 * NULL. err must not be.
 */
enum mm_status mm_sign_rules_to_check(const char *key_table, const char *signing_table,
                                      const struct mm_sign_rules_options *options,
                                      struct mm_sign_rules **out,
                                      struct mm_error *err) MM_MUST_CHECK;
/* Hash of everything that decides signatures: tables, keys (public halves), order. */
uint64_t mm_sign_rules_hash(const struct mm_sign_rules *rules);

#endif /* MM_DKIM_SIGN_RULES_H */
