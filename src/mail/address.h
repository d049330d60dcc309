/*
 * address.h - addresses out of a field: the author's, or all of a list (RFC 5322 section 3.4).
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

/*
 * Is this, as written, the part before the '@' of an address: a dot-atom or a quoted string, in
 * ASCII or UTF-8? Source: RFC 5321 section 4.1.2, RFC 6531 section 3.3.
 */
bool mm_is_local_part(struct mm_view v);

/* All addresses of a field value, one after the other. */
struct mm_address_list {
    struct mm_view v; /* private from here on */
    size_t at;
    struct mm_arena *arena;
    char *copies; /* v.len bytes once needed: no byte of the value is copied twice */
    size_t copied_bytes;
    bool no_memory, ended;
};

static inline void mm_address_list_begin(struct mm_address_list *list, struct mm_view value,
                                         struct mm_arena *arena)
{
    *list = (struct mm_address_list){.v = value, .arena = arena};
}
/* The next one, as mm_address_first() gives it; what is none is stepped over. MM_OK; MM_END;
 * MM_E_NOMEM. */
enum mm_status mm_address_list_next(struct mm_address_list *list,
                                    struct mm_address *out) MM_MUST_CHECK;

#endif /* MM_MAIL_ADDRESS_H */
