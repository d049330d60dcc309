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

/* Recipients without a domain, which are looked for in what else is said of them. */
enum {
    MM_REDACTION_NAMES_MAX = 4,
    /* Twice what RFC 5321 section 4.5.3.1.1 allows: longer ones are no user's name. */
    MM_REDACTION_NAME_BYTES_MAX = 128
};
struct mm_redaction_names {
    struct mm_view items[MM_REDACTION_NAMES_MAX];
    unsigned count;
};
/* Note a name: from its first to its last letter or digit. One that is too long, or that comes when
 * the list is full, is left out. */
void mm_redaction_names_add(struct mm_redaction_names *names, struct mm_view name);

/*
 * Append `text` with each local part replaced. A local part is what stands before an '@', also one
 * of full width, that a domain follows: a quoted string, or the longest run of characters that RFC
 * 5322 section 3.2.3 and RFC 6531 allow there. Comments and blanks may stand between them (some
 * hundred bytes); where blanks do, the domain has a dot, since "me @ noon" is no address. Also
 * before "%40" of URLs, "+40" of xtext (RFC 3461 section 4) and "=40" of quoted-printable in front
 * of a domain with a dot, as far as letters, digits and "._-+%" reach. Too much is taken rather
 * than too little. Equal texts give equal texts. Cost: linear.
 */
void mm_redaction_append(const struct mm_redaction *redaction, struct mm_buf *out,
                         struct mm_view text);
/* Whether there may be one: most texts have no sign of it. */
bool mm_redaction_may_find(struct mm_view text);
/* The same, and each of `names` (NULL for none) is replaced where it stands as a word, in capitals
 * or small letters. Returns whether there was a local part. */
bool mm_redaction_append_naming(const struct mm_redaction *redaction, struct mm_buf *out,
                                struct mm_view text, const struct mm_redaction_names *names);
/* The same of a path: a local part does not reach over a '/'. */
void mm_redaction_append_path(const struct mm_redaction *redaction, struct mm_buf *out,
                              struct mm_view path);
/* Append the hash of a name that has no domain. */
void mm_redaction_append_name(const struct mm_redaction *redaction, struct mm_buf *out,
                              struct mm_view name);

#endif /* MM_DATASET_REDACTION_H */
