/*
 * address.h - the author's address out of a From field (RFC 5322 section 3.4).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_MAIL_ADDRESS_H
#define MM_MAIL_ADDRESS_H

#include "base/arena.h"
#include "base/view.h"

struct mm_address {
    struct mm_view local;  /* as written, quotes removed */
    struct mm_view domain; /* as written; no blanks or comments */
};

/*
 * First address in a field value: comments (nested), quoted strings, encoded display names, groups
 * and route parts are stepped over; folds are white space. Parts are copied to the arena only where
 * quotes, comments or folds had to be taken out.
 * Returns MM_OK; MM_E_SYNTAX where no addr-spec with a domain is found; MM_E_NOMEM.
 */
enum mm_status mm_address_first(struct mm_view value, struct mm_arena *arena,
                                struct mm_address *out) MM_MUST_CHECK;

#endif /* MM_MAIL_ADDRESS_H */
