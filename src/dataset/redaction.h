/*
 * redaction.h - local parts of addresses replaced by a keyed hash, wherever they stand in a text.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A dataset is shown to more people than the mail it came from. With --redact who an address
 * belongs to is told by nobody without the key, and equal addresses can still be counted: the local
 * part becomes "r-" and 26 letters and digits, the first 128 bits of HMAC-SHA-256 over the address
 * in small letters. The domain stays.
 */
#ifndef MM_DATASET_REDACTION_H
#define MM_DATASET_REDACTION_H

#include "base/buf.h"

struct mm_redaction; /* read-only once made: shared by all workers */

enum { MM_REDACTION_KEY_BYTES = 32 };

/*
 * Read the key: one line of base64 of 32 bytes, as mm_redaction_key_new() writes it.
 * Returns MM_OK; MM_E_SYNTAX where it is none; MM_E_NOMEM. `key` is the caller's to wipe.
 */
enum mm_status mm_redaction_new(struct mm_redaction **redaction, struct mm_view key,
                                struct mm_error *err) MM_MUST_CHECK;
/* The same of a file that only its owner may read; errors as mm_key_text_read() besides. */
enum mm_status mm_redaction_load(struct mm_redaction **redaction, const char *path,
                                 struct mm_error *err) MM_MUST_CHECK;
void mm_redaction_free(struct mm_redaction **redaction); /* wiped; quiet on NULL */

/*
 * Append `text` with each local part replaced. A local part is what stands before an '@' that a
 * domain follows: a quoted string, or the longest run of characters that RFC 5322 section 3.2.3 and
 * RFC 6531 allow there. Also before "%40" of URLs and "+40" of xtext (RFC 3461 section 4), as far
 * as letters, digits and "._-+%" reach. Too much is taken rather than too little.
 * Equal texts give equal texts. Cost: linear.
 */
void mm_redaction_append(const struct mm_redaction *redaction, struct mm_buf *out,
                         struct mm_view text);

#endif /* MM_DATASET_REDACTION_H */
