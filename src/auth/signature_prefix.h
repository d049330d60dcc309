/*
 * signature_prefix.h - as much of each b= as tells it from the others of a message (RFC 6008).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_AUTH_SIGNATURE_PREFIX_H
#define MM_AUTH_SIGNATURE_PREFIX_H

#include "base/arena.h"
#include "mailmill/dkim.h"

/*
 * prefixes [count]  [out] of each signature's b=, white space removed: at least eight characters
 *                   (all, where there are fewer), and as many as it takes to differ from every
 * other b= that is not the same. Memory of the arena. max_bytes         what is equal so far counts
 * as the same, and no prefix is longer. Returns           MM_OK or MM_E_NOMEM. Cost: n log n in
 * signatures. Source            RFC 6008 section 4; RFC 8601 section 2.7.1.
 */
enum mm_status mm_signature_prefixes(const struct mm_dkim_signature *signatures, size_t count,
                                     size_t max_bytes, struct mm_arena *arena,
                                     struct mm_view *prefixes) MM_MUST_CHECK;

#endif /* MM_AUTH_SIGNATURE_PREFIX_H */
