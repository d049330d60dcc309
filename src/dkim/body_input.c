/*
 * body_input.c - a body as the input of a digest, canonicalized while it is hashed.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/body_input.h"

enum { END_BYTES = 8 }; /* room that mm_canon_body_end() wants */

/* Cut a chunk down to what l= still allows. False when nothing is left of it. */
static bool allow(struct mm_body_input *in, struct mm_view *chunk)
{
    if (chunk->len > in->left)
        chunk->len = (size_t)in->left;
    in->left -= chunk->len;
    return chunk->len > 0;
}

/* Next piece of the canonical form into scratch; 0 after the last. */
static size_t next_piece(struct mm_body_input *in, char *scratch, size_t cap)
{
    while (in->rest.len > 0) {
        size_t len = mm_canon_body_feed(&in->canon, &in->rest, scratch, cap);
        if (len > 0)
            return len;
    }
    size_t len = 0, more;
    while (len + END_BYTES <= cap && (more = mm_canon_body_end(&in->canon, scratch + len)) > 0)
        len += more;
    return len;
}

/* Past l= the rest is canonicalized all the same, to be counted: what a signature leaves open is
 * part of its verdict. */
static bool pull_canonical(void *state, char *scratch, size_t cap, struct mm_view *chunk)
{
    struct mm_body_input *in = state;
    size_t len;
    while ((len = next_piece(in, scratch, cap)) > 0) {
        in->total += len;
        *chunk = (struct mm_view){scratch, len};
        if (allow(in, chunk))
            return true;
    }
    return false;
}

/* Simple form in place: the head of the body, then maybe the CRLF that it lacks. */
static bool pull_in_place(void *state, char *scratch, size_t cap, struct mm_view *chunk)
{
    struct mm_body_input *in = state;
    (void)scratch;
    (void)cap;
    *chunk = in->rest;
    in->rest.len = 0;
    if (allow(in, chunk))
        return true;
    *chunk = in->add_crlf ? MM_VIEW("\r\n") : (struct mm_view){NULL, 0};
    in->add_crlf = false;
    return allow(in, chunk);
}

void mm_body_input_init(struct mm_body_input *in, struct mm_digest_job *job, enum mm_canon canon,
                        enum mm_digest_alg alg, struct mm_view body, bool has_bare_lf,
                        uint64_t length)
{
    *in = (struct mm_body_input){.rest = body, .left = length};
    *job = (struct mm_digest_job){.alg = alg, .state = in, .size_hint = body.len};
    if (canon == MM_CANON_RELAXED || has_bare_lf) {
        mm_canon_body_init(&in->canon, canon);
        job->pull = pull_canonical;
        return;
    }
    in->rest = mm_canon_body_simple_trim(body, &in->add_crlf);
    in->total = in->rest.len + (in->add_crlf ? 2 : 0);
    if (in->add_crlf)
        job->pull = pull_in_place;
    else if (allow(in, &in->rest))
        job->whole = in->rest;
}
