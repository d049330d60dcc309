/*
 * canon_body.h - a body's bytes to the bytes that are hashed (RFC 6376 section 3.4.3, 3.4.4).
 * SPDX-License-Identifier: Apache-2.0
 *
 * One pass, any split: feeding a body in pieces gives the same output as feeding it whole. LF
 * counts as CRLF; a CR without LF is content. Trailing empty lines are a counter, never a buffer.
 */
#ifndef MM_DKIM_CANON_BODY_H
#define MM_DKIM_CANON_BODY_H

#include "base/kernel.h"
#include "base/view.h"

enum mm_canon { MM_CANON_SIMPLE, MM_CANON_RELAXED };

struct mm_canon_body {
    enum mm_canon canon;
    bool pending_wsp;       /* relaxed: a run of WSP was read, nothing after it yet */
    bool pending_cr;        /* a CR was the last byte */
    bool any_output;        /* content was written at all */
    bool ended;             /* the closing CRLF was handed out, or none is due */
    uint64_t pending_lines; /* line ends read and not yet written */
    uint64_t out_bytes;     /* canonical bytes so far, pending ones not included */
};

void mm_canon_body_init(struct mm_canon_body *c, enum mm_canon canon);

/*
 * Canonicalize from *in to out. Stops when `in` is used up or a little room is left that only
 * single bytes would fill; *in is moved past what was read. Works for any cap of at least
 * MM_CANON_OUT_MIN. Returns the bytes written, which may be none.
 */
enum { MM_CANON_OUT_MIN = 256 };
size_t mm_canon_body_feed(struct mm_canon_body *c, struct mm_view *in, char *out, size_t cap);

/*
 * After the last byte: what is still to write. Call until it returns 0: one call is all there is,
 * except for a body that ends in empty lines and then a lone CR, whose lines come back eight bytes
 * at a time. Returns the bytes written to `out`.
 */
size_t mm_canon_body_end(struct mm_canon_body *c, char out[8]);

/* Plain reference, byte by byte, through the same state; tests compare the two on every input. */
size_t mm_canon_body_feed_reference(struct mm_canon_body *c, struct mm_view *in, char *out,
                                    size_t cap);

/*
 * Simple canonicalization of a body without bare LF needs no copy: the canonical form is a head of
 * the body plus maybe a CRLF. Returns the head; *add_crlf tells whether CRLF is to be hashed after
 * it.
 */
struct mm_view mm_canon_body_simple_trim(struct mm_view body, bool *add_crlf);

/* What runs here, for `mailmill version` and tests. */
extern struct mm_kernel mm_canon_body_kernel;

#endif /* MM_DKIM_CANON_BODY_H */
