/*
 * body_input.h - a body as the input of a digest, canonicalized while it is hashed.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Simple canonicalization of a body with CRLF line ends is hashed where it lies; everything else
 * streams through the digest's scratch in pieces. No form of the body is ever held as a whole.
 */
#ifndef MM_DKIM_BODY_INPUT_H
#define MM_DKIM_BODY_INPUT_H

#include "crypto/digest.h"
#include "dkim/canon_body.h"

struct mm_body_input {
    struct mm_canon_body canon;
    struct mm_view rest;   /* of the body, not yet canonicalized */
    struct mm_view quoted; /* what comes behind `rest`, with the quoting of an mbox in it */
    uint64_t left;         /* canonical bytes that may still be hashed (l=) */
    uint64_t total;        /* canonical bytes so far; of the whole body once it is hashed */
};

/*
 * Make `job` hash the canonical form of `body`. `in` must stay in place until the digest is there.
 * has_bare_lf  some line of the body ends in LF without CR.
 * length       most canonical bytes that count, UINT64_MAX for all.
 */
void mm_body_input_init(struct mm_body_input *in, struct mm_digest_job *job, enum mm_canon canon,
                        enum mm_digest_alg alg, struct mm_view body, bool has_bare_lf,
                        uint64_t length);

/* The same of a body as an mbox stores it, without the '>'s that mboxrd puts before `From ` lines.
 */
void mm_body_input_init_quoted(struct mm_body_input *in, struct mm_digest_job *job,
                               enum mm_canon canon, enum mm_digest_alg alg, struct mm_view body,
                               uint64_t length);

#endif /* MM_DKIM_BODY_INPUT_H */
