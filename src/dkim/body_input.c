/*
 * body_input.c - a body as the input of a digest, canonicalized while it is hashed.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/body_input.h"

#include "mail/mbox.h"

enum { END_BYTES = 8 }; /* room that mm_canon_body_end() wants */

/* How much of a piece l= still allows. */
static size_t allow(struct mm_body_input *in, size_t len)
{
    if (len > in->left)
        len = (size_t)in->left;
    in->left -= len;
    return len;
}

/* Next piece of the canonical form; 0 after the last. */
static size_t next_piece(struct mm_body_input *in, char *out, size_t cap)
{
    for (;;) {
        if (in->rest.len == 0)
            in->rest = mm_mbox_next_piece(&in->quoted);
        if (in->rest.len == 0)
            break;
        size_t len = mm_canon_body_feed(&in->canon, &in->rest, out, cap);
        if (len > 0)
            return len;
    }
    size_t len = 0, more;
    while (len + END_BYTES <= cap && (more = mm_canon_body_end(&in->canon, out + len)) > 0)
        len += more;
    return len;
}

/* Past l= the rest is canonicalized all the same, to be counted: what a signature leaves open is
 * part of its verdict. */
static size_t pull_canonical(void *state, char *out, size_t cap)
{
    struct mm_body_input *in = state;
    size_t len, allowed;
    while ((len = next_piece(in, out, cap)) > 0) {
        in->total += len;
        if ((allowed = allow(in, len)) > 0)
            return allowed;
    }
    return 0;
}

/* Simple form of a body without bare LF: its head, where it lies, then maybe the CRLF that it
 * lacks. */
static void hash_in_place(struct mm_body_input *in, struct mm_digest_job *job)
{
    bool add_crlf;
    job->whole = mm_canon_body_simple_trim(in->rest, &add_crlf);
    job->suffix = add_crlf ? MM_VIEW("\r\n") : (struct mm_view){NULL, 0};
    in->total = job->whole.len + job->suffix.len;
    job->whole.len = allow(in, job->whole.len);
    job->suffix.len = allow(in, job->suffix.len);
}

void mm_body_input_init(struct mm_body_input *in, struct mm_digest_job *job, enum mm_canon canon,
                        enum mm_digest_alg alg, struct mm_view body, bool has_bare_lf,
                        uint64_t length)
{
    *in = (struct mm_body_input){.rest = body, .left = length};
    *job = (struct mm_digest_job){.alg = alg, .state = in, .size_hint = body.len};
    if (canon == MM_CANON_SIMPLE && !has_bare_lf) {
        hash_in_place(in, job);
        return;
    }
    mm_canon_body_init(&in->canon, canon);
    job->pull = pull_canonical;
}

void mm_body_input_init_quoted(struct mm_body_input *in, struct mm_digest_job *job,
                               enum mm_canon canon, enum mm_digest_alg alg, struct mm_view body,
                               uint64_t length)
{
    *in = (struct mm_body_input){.quoted = body, .left = length};
    *job = (struct mm_digest_job){
        .alg = alg, .state = in, .size_hint = body.len, .pull = pull_canonical};
    mm_canon_body_init(&in->canon, canon);
}
