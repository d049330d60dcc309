/*
 * key_names.h - the names of the keys that a message's signatures are checked with.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DKIM_KEY_NAMES_H
#define MM_DKIM_KEY_NAMES_H

#include "base/arena.h"
#include "base/view.h"

/*
 * Call `found` for SELECTOR._domainkey.DOMAIN, in small letters, of each signature whose key verify
 * would look up: those of a sound field, of the topmost `limit`. A name may come several times. It
 * lasts for the call; a status that is an error ends it all and is returned.
 * Returns  MM_OK; MM_E_LIMIT for a header over MM_HEADER_MAX_BYTES; MM_E_NOMEM.
 */
enum mm_status mm_key_names_of(struct mm_view message, uint32_t limit, struct mm_arena *arena,
                               enum mm_status (*found)(void *context, struct mm_view name),
                               void *context) MM_MUST_CHECK;

#endif /* MM_DKIM_KEY_NAMES_H */
