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

/* Parse one TXT record. Never fails: what is wrong is the record's `fault`. Empty p= is
 * MM_REASON_KEY_REVOKED. Tag rules: v= must be first and exactly "DKIM1" where present; duplicate
 * tags are a syntax error; unknown tags and unknown values are ignored; g= is ignored. */
void mm_key_record_parse(struct mm_view record, struct mm_key_record *out);
void mm_key_record_deinit(struct mm_key_record *record);

#endif /* MM_DKIM_KEY_RECORD_H */
