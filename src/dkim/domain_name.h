/*
 * domain_name.h - what d=, s= and the domain of i= must look like, and which lies in which.
 * SPDX-License-Identifier: Apache-2.0
 *
 * These checks stand before every look-up: nothing but letters, digits, hyphens, underscores and
 * dots from a message ever becomes a name that is asked for.
 */
#ifndef MM_DKIM_DOMAIN_NAME_H
#define MM_DKIM_DOMAIN_NAME_H

#include "base/view.h"

enum { MM_LABEL_MAX_BYTES = 63, MM_DOMAIN_MAX_BYTES = 253 }; /* RFC 1035 section 2.3.4, as text */

/* One or more labels, each of letters, digits, '-' and '_' with no '-' at its ends (RFC 6376
 * section 3.1; underscores are outside the grammar and common in selectors). */
bool mm_is_selector(struct mm_view v);

/* The same with at least two labels (RFC 6376 section 3.5, domain-name). */
bool mm_is_domain_name(struct mm_view v);

/* True when SELECTOR._domainkey.DOMAIN is short enough to be a name. */
bool mm_key_name_fits(struct mm_view selector, struct mm_view domain);

/* SELECTOR._domainkey.DOMAIN (RFC 6376 section 3.6.2.1), which fits, in `out`, which has room for
 * MM_DOMAIN_MAX_BYTES. */
struct mm_view mm_key_name(struct mm_view selector, struct mm_view domain, char *out);

/* NULL where a key can have the name SELECTOR._domainkey.DOMAIN, or words on what is wrong with it.
 */
const char *mm_key_name_check(struct mm_view domain, struct mm_view selector);

/* True when `domain` is `parent` or below it, whatever the case; the border is that of a label. */
bool mm_domain_is_within(struct mm_view domain, struct mm_view parent);

/* True when a byte is outside ASCII: U-labels (RFC 8616 section 2). */
bool mm_has_u_label(struct mm_view v);

#endif /* MM_DKIM_DOMAIN_NAME_H */
