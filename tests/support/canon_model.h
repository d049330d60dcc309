/*
 * canon_model.h - canonical bodies and fields the slow and obvious way, and digests of them.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Written from RFC 6376 section 3.4 line by line on whole texts, with none of the code under test.
 */
#ifndef MM_SUPPORT_CANON_MODEL_H
#define MM_SUPPORT_CANON_MODEL_H

#include "base/buf.h"
#include "dkim/canon_body.h"
#include "support/mm_test.h"

/* Replace what is in `out` by the canonical form of a body. */
void mm_model_body(struct mm_buf *out, enum mm_canon canon, struct mm_view body);
/* The same for a field, see mm_canon_header(). */
void mm_model_header(struct mm_buf *out, enum mm_canon canon, struct mm_view field, size_t value_at,
                     bool add_crlf);

typedef size_t mm_feed_fn(struct mm_canon_body *c, struct mm_view *in, char *out, size_t cap);

/*
 * Replace what is in `out` by what `feed` makes of the body, cut at random places into pieces of at
 * most `piece_max` bytes, through outputs of MM_CANON_OUT_MIN to cap_max bytes that end at an
 * unmapped page. piece_max 0: whole.
 */
void mm_run_body(struct mm_buf *out, mm_feed_fn *feed, enum mm_canon canon, struct mm_view body,
                 size_t piece_max, size_t cap_max, uint64_t *seed);

/* Base64 of a digest ("SHA256", "SHA1"). */
void mm_digest_base64(const char *algorithm, struct mm_view bytes, char out[64]);

#endif /* MM_SUPPORT_CANON_MODEL_H */
