/*
 * key_record_write.h - the record that publishes a key (RFC 6376 section 3.6.1).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DKIM_KEY_RECORD_WRITE_H
#define MM_DKIM_KEY_RECORD_WRITE_H

#include "base/buf.h"
#include "crypto/public_key.h"

struct mm_key_record_tags {
    bool testing, no_subdomains, email_only;
};

enum { MM_KEY_RECORD_MAX_BYTES = 4096 }; /* 8192 bits take 1,500 */

/* Append "v=DKIM1; k=rsa; p=...", with s= and t= where asked for. MM_E_NOMEM, MM_E_CRYPTO. */
enum mm_status mm_key_record_write(struct mm_buf *out, const struct mm_public_key *key,
                                   const struct mm_key_record_tags *tags) MM_MUST_CHECK;

#endif /* MM_DKIM_KEY_RECORD_WRITE_H */
