/*
 * key_record.h - a DKIM key record: its tags, its key, and what it allows (RFC 6376 section 3.6.1).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DKIM_KEY_RECORD_H
#define MM_DKIM_KEY_RECORD_H

#include "crypto/public_key.h"
#include "dkim/reason.h"

struct mm_key_record {
    enum mm_reason fault;            /* MM_REASON_NONE, or why the record cannot be used at all */
    uint32_t fault_offset;           /* byte in the record */
    struct mm_public_key *key;       /* owned; NULL with a fault */
    bool allows_sha256, allows_sha1; /* h= */
    bool allows_email;               /* s= */
    bool testing;                    /* t=y */
    bool no_subdomains;              /* t=s */
    bool type_known;                 /* k= is rsa or ed25519 (absent: rsa) */
    enum mm_key_type type;
};

/*
 * Parse one TXT record. What is wrong with it is the record's `fault`, the first of: empty record,
 * tag list, v= (first and exactly "DKIM1" where present), no p=, empty p= (revoked), k=, base64,
 * key. Values are case-sensitive; unknown tags and unknown words of lists are ignored, g= too. What
 * h=, s=, t= and k= say is filled in as soon as the tag list is one.
 * Returns MM_OK, also with a fault; MM_E_NOMEM or MM_E_CRYPTO when nothing can be said of it.
 */
enum mm_status mm_key_record_parse(struct mm_view record, struct mm_key_record *out);

/*
 * Does a tag begin inside the value of another one, for want of a ';' between them? That is no
 * fault by itself: what is lost by it is. Told of v=, k=, h=, s= and t=, whose values have no '=',
 * and of p=, where a '=' stands at the end only. *at: the byte of the record where the tag begins.
 */
bool mm_key_record_runs_on(struct mm_view record, size_t *at);
void mm_key_record_deinit(struct mm_key_record *record);

#endif /* MM_DKIM_KEY_RECORD_H */
