/*
 * sig_field.h - one DKIM-Signature field: its tags, decoded and checked (RFC 6376 section 3.5).
 * SPDX-License-Identifier: Apache-2.0
 *
 * A field is parsed once, on arrival; what is wrong with it by itself is its `fault`, a verdict and
 * no error. The tags that could be read are there all the same, for the report.
 */
#ifndef MM_DKIM_SIG_FIELD_H
#define MM_DKIM_SIG_FIELD_H

#include "base/arena.h"
#include "crypto/digest.h"
#include "crypto/public_key.h"
#include "dkim/canon_body.h"
#include "dkim/reason.h"

enum {
    /* Names in h=. A signer that covers every instance of a 3,000-field header still fits; the cost
     * of a field is linear in its names, so the limit bounds memory, not time. */
    MM_SIG_HEADERS_MAX = 4096
};
#define MM_SIG_LENGTH_ALL UINT64_MAX /* body_length without l= */

struct mm_sig_field {
    enum mm_reason fault; /* MM_REASON_NONE: the field by itself is sound */

    /* As written, folding white space around them removed; empty where the tag is absent. */
    struct mm_view domain, selector, auid, algorithm, headers, b;
    struct mm_view b_raw; /* all bytes between "b=" and its ';': what is emptied for hashing */
    /* d= and s= as they are looked up: U-labels as A-labels (RFC 8616 section 4). Set where there
     * is no fault. */
    struct mm_view domain_ascii, selector_ascii;
    struct mm_view canon; /* "header/body" as applied; empty where c= names an unknown form */
    bool has_body_length, has_signed_at, has_expires_at;
    uint64_t body_length; /* l=; numbers past 64 bits are held down to UINT64_MAX */
    uint64_t signed_at, expires_at;

    /* Set where there is no fault. */
    enum mm_key_type key_type;
    enum mm_digest_alg digest;
    enum mm_canon header_canon, body_canon;
    size_t header_count;      /* names in h= */
    bool signs_from;          /* h= lists From */
    bool identity_is_below;   /* i= names a domain below d=, not d= itself */
    bool identity_is_outside; /* i= names a domain that is neither */
    struct mm_view body_hash; /* bh= decoded, of any length */
    struct mm_view signature; /* b= decoded */
};

/*
 * Parse a field's value (all behind the colon, folds included). Views borrow from it; decoded bytes
 * are memory of the arena.
 * Returns MM_OK with `fault` set in `out`; MM_E_NOMEM.
 * Order of the checks: list, required tags, versions and names, syntax of each tag, From in h=,
 * i= in d=, x= after t=. Historic algorithms and expiry are the verifier's policy.
 * Source  RFC 6376 sections 3.5 and 6.1.1; RFC 8463 section 3.
 */
enum mm_status mm_sig_field_parse(struct mm_view value, struct mm_arena *arena,
                                  struct mm_sig_field *out) MM_MUST_CHECK;

/* "simple/simple" … "relaxed/relaxed". */
struct mm_view mm_canon_pair_text(enum mm_canon header, enum mm_canon body);

/* RFC 5322 section 3.6.8: one or more printable ASCII characters but the colon. */
bool mm_is_field_name(struct mm_view name);

/* Walk the names of an h= list: step to the next one, folding white space removed. False past the
 * last. `rest` starts as the list and is moved on; its data is NULL past the last name. */
bool mm_header_list_next(struct mm_view *rest, struct mm_view *name);

#endif /* MM_DKIM_SIG_FIELD_H */
