/*
 * zone_names.h - the names that exist in master files, and the wildcard that answers for others.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Names here are in the store's form: lower case, no final dot, a dot or backslash inside a label
 * behind a backslash. The root is the empty name.
 */
#ifndef MM_DNS_ZONE_NAMES_H
#define MM_DNS_ZONE_NAMES_H

#include "base/error.h"
#include "base/map.h"
#include "base/view.h"

enum { MM_ZONE_SOURCE_MAX_BYTES = 255 }; /* room for a source of synthesis */

/* A zeroed struct holds no names. */
struct mm_zone_names {
    struct mm_map nodes; /* names, and those above them */
};

void mm_zone_names_deinit(struct mm_zone_names *names);
/* The whole leftmost label is "*" (RFC 4592 section 2.1.1). */
bool mm_zone_name_is_wildcard(struct mm_view name);
/*
 * The name exists, and so do all names above it, up to the root: those without records of their own
 * are empty non-terminals. Costs a look-up for each name that is new. The bytes must outlive
 * `names`.
 * Returns  MM_OK or MM_E_NOMEM.
 * Source   RFC 4592 sections 2.2.2 and 2.2.3.
 */
enum mm_status mm_zone_names_add(struct mm_zone_names *names, struct mm_view name) MM_MUST_CHECK;
/*
 * The only wildcard that may answer for a name: "*" below the longest existing name above it, the
 * closest encloser. Whether it exists the caller looks up. At most one look-up a label.
 * Returns  false where the name exists itself, or so long a wildcard cannot be.
 * Source   RFC 4592 sections 3.3.1 and 3.3.2.
 */
bool mm_zone_names_source(const struct mm_zone_names *names, struct mm_view name,
                          char out[MM_ZONE_SOURCE_MAX_BYTES], size_t *len);

#endif /* MM_DNS_ZONE_NAMES_H */
