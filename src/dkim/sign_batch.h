/*
 * sign_batch.h - sign a batch of messages: parse all, hash all bodies, build all fields, sign all.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DKIM_SIGN_BATCH_H
#define MM_DKIM_SIGN_BATCH_H

#include "dkim/canon_body.h"
#include "dkim/header_plan.h"
#include "dkim/sign_rules.h"
#include "dkim/verify_batch.h"

/* Why a message is not signed. MM_SIGN_OK: it is. */
enum mm_sign_outcome {
#define MM_SIGN_REJECT(name, slug, text) MM_SIGN_##name,
#include "dkim/sign_rejects.def"
#undef MM_SIGN_REJECT
    MM_SIGN_OUTCOME_COUNT
};
const char *mm_sign_outcome_slug(enum mm_sign_outcome outcome);
const char *mm_sign_outcome_text(enum mm_sign_outcome outcome);

enum mm_already_signed { MM_ALREADY_REJECT, MM_ALREADY_SIGN, MM_ALREADY_SKIP };

struct mm_sign_worker {
    const struct mm_sign_rules *rules; /* shared */
    struct mm_sign_options options;
    enum mm_already_signed already;
    bool strict_eol; /* a message with a bare LF is rejected */
    bool plan_only;  /* --dry-run: choose and count, make no signature */
    struct mm_header_plan *plan;
    struct mm_digest_ctx *digest;
    struct mm_pk_ctx *pk;
    struct mm_dkim_stages stages;
    /* private, kept over batches */
    struct mm_hash_memory hash_memory;
    struct mm_buf identity;         /* i= of the options as it is written */
    struct mm_view identity_domain; /* borrows from it */
    struct mm_buf auid;             /* i= of a table's row as it is written */
    struct mm_buf names, text;      /* h= and fields of one message */
};
/* Checks the options: h= without from (MM_E_ARG), identity outside a domain, Ed25519 alone. */
enum mm_status mm_sign_worker_init(struct mm_sign_worker *w, const struct mm_sign_rules *rules,
                                   const struct mm_sign_options *options,
                                   struct mm_error *err) MM_MUST_CHECK;
void mm_sign_worker_deinit(struct mm_sign_worker *w);

struct mm_sign_item {
    struct mm_view bytes; /* in: the message as it lies in the file, separator line included */
    enum mm_sign_outcome outcome; /* out */
    uint64_t offset;              /* out: byte at fault, MM_NO_OFFSET where none applies */
    struct mm_msg msg;            /* out: the index */
    struct mm_view fields; /* out, MM_SIGN_OK: whole fields with line ends, to be put in front of
                              msg.bytes, behind msg.from_line */
    struct mm_sign_choice *choices; /* out: what signs it */
    size_t choice_count;
    bool oversigned_absent; /* out: a name of --oversign that no field has */
    struct mm_view names;   /* out: the value of h=, without folds */
};

/* Returns MM_OK with every item filled; MM_E_NOMEM or MM_E_CRYPTO when the batch as a whole failed.
 */
enum mm_status mm_sign_batch(struct mm_sign_worker *w, struct mm_arena *arena,
                             struct mm_sign_item *items, size_t count) MM_MUST_CHECK;

/*
 * One message's part before any hashing: index it, find its author and keys, decide. Sets all of
 * the item but `fields`; outcome is MM_SIGN_OK where it is to be signed. MM_E_NOMEM.
 */
enum mm_status mm_sign_prepare(struct mm_sign_worker *w, struct mm_arena *arena,
                               struct mm_sign_item *item) MM_MUST_CHECK;

/*
 * The parts that published vectors are checked against (they also carry SHA-1 and l=, which the
 * command never writes). Body hash: at most `length` canonical bytes, UINT64_MAX for all.
 */
enum mm_status mm_body_hash(struct mm_digest_ctx *digest, enum mm_canon canon,
                            enum mm_digest_alg alg, struct mm_view body, uint64_t length,
                            uint8_t out[MM_DIGEST_MAX_BYTES]) MM_MUST_CHECK;
/* Hash of the header fields that `field` lists in h=, then of `field` itself (whole, from its name
 * to the end of its value, b= value empty): what is signed (RFC 6376 section 3.7). */
enum mm_status mm_header_hash(struct mm_digest_ctx *digest, struct mm_arena *arena,
                              const struct mm_msg *msg, struct mm_view field, enum mm_canon canon,
                              enum mm_digest_alg alg,
                              uint8_t out[MM_DIGEST_MAX_BYTES]) MM_MUST_CHECK;

#endif /* MM_DKIM_SIGN_BATCH_H */
