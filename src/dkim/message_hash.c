/*
 * message_hash.c - one body hash, one header hash: the two inputs of a signature, by themselves.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/error.h"
#include "dkim/sign_batch.h"
#include "dkim/tag_list.h"
#include "text/eol.h"

enum mm_status mm_body_hash(struct mm_digest_ctx *digest, enum mm_canon canon,
                            enum mm_digest_alg alg, struct mm_view body, uint64_t length,
                            uint8_t out[MM_DIGEST_MAX_BYTES])
{
    struct mm_body_input input;
    struct mm_digest_job job;
    bool has_bare_lf = mm_eol_first_bare_lf(body) < body.len;
    mm_body_input_init(&input, &job, canon, alg, body, has_bare_lf, length);
    MM_TRY(mm_digest_many(digest, &job, 1));
    memcpy(out, job.digest, mm_digest_bytes(alg));
    return MM_OK;
}

enum mm_status mm_header_hash(struct mm_digest_ctx *digest, struct mm_arena *arena,
                              const struct mm_msg *msg, struct mm_view field, enum mm_canon canon,
                              enum mm_digest_alg alg, uint8_t out[MM_DIGEST_MAX_BYTES])
{
    struct mm_view name, value;
    struct mm_tag_list list;
    if (!mm_view_cut(field, ':', &name, &value))
        return MM_E_SYNTAX;
    MM_TRY(mm_tag_list_parse(value, &list));
    const struct mm_tag *h = mm_tag_find(&list, MM_VIEW("h"));
    const struct mm_tag *b = mm_tag_find(&list, MM_VIEW("b"));
    if (!h || !b)
        return MM_E_SYNTAX;
    struct mm_header_digest what = {
        .self = MM_FIELD_NONE,
        .field = field,
        .b_raw = b->raw_value,
        .names = h->value,
        .value_at = (size_t)(value.data - field.data),
        .canon = canon,
        .alg = alg,
    };
    struct mm_hash_memory memory;
    struct mm_hash_batch batch;
    struct mm_digest_job *job;
    mm_hash_memory_init(&memory);
    enum mm_status status = mm_hash_batch_init(&batch, digest, arena, &memory, 1);
    if (status == MM_OK)
        status = mm_hash_batch_header(&batch, msg, &what, &job);
    if (status == MM_OK)
        status = mm_hash_batch_flush(&batch);
    if (status == MM_OK)
        memcpy(out, job->digest, mm_digest_bytes(alg));
    mm_hash_memory_deinit(&memory);
    return status;
}
