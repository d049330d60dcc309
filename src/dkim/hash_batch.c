/*
 * hash_batch.c - all digests of a batch: bodies shared between signatures, and header hashes.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/hash_batch.h"

#include "base/error.h"
#include "base/stage.h"
#include "dkim/header_select.h"

enum {
    /* 256 messages cover about 1.3 KB of header each with one signature; dual ones twice that. */
    GROUP_BYTES = 1024 * 1024,
    /* Canonical bytes of one signature: every header byte once, LF as CRLF, and the field itself.
     */
    INPUTS_MAX_BYTES = GROUP_BYTES + 4 * (MM_HEADER_MAX_BYTES + 4096)
};

void mm_hash_memory_init(struct mm_hash_memory *memory)
{
    mm_buf_init(&memory->inputs, INPUTS_MAX_BYTES);
    mm_buf_init(&memory->scratch, MM_HEADER_MAX_BYTES);
    memory->bodies = NULL;
}

void mm_hash_memory_deinit(struct mm_hash_memory *memory)
{
    mm_buf_deinit(&memory->inputs);
    mm_buf_deinit(&memory->scratch);
    mm_body_cache_free(&memory->bodies);
}

enum mm_status mm_hash_batch_init(struct mm_hash_batch *batch, struct mm_digest_ctx *digest,
                                  struct mm_arena *arena, struct mm_hash_memory *memory, size_t cap)
{
    *batch = (struct mm_hash_batch){.digest = digest, .arena = arena, .memory = memory, .cap = cap};
    mm_buf_clear(&memory->inputs);
    if (memory->bodies)
        mm_body_cache_begin(memory->bodies);
    batch->jobs = mm_arena_alloc(arena, (cap + 1) * sizeof *batch->jobs);
    return batch->jobs ? MM_OK : MM_E_NOMEM;
}

static struct mm_digest_job *add_job(struct mm_hash_batch *batch)
{
    return batch->count < batch->cap ? &batch->jobs[batch->count++] : NULL;
}

/* That of the list which is the same, or a new one put in front, with the job still to be made. */
static struct mm_body_digest *find_body(struct mm_hash_batch *batch, struct mm_body_digest **list,
                                        const struct mm_msg *msg, enum mm_canon canon,
                                        enum mm_digest_alg alg, uint64_t length)
{
    for (struct mm_body_digest *d = *list; d; d = d->next)
        if (d->canon == canon && d->alg == alg && d->length == length)
            return d;
    struct mm_body_digest *fresh = mm_arena_alloc(batch->arena, sizeof *fresh);
    if (!fresh)
        return NULL;
    *fresh = (struct mm_body_digest){
        .body = msg->body, .canon = canon, .alg = alg, .length = length, .next = *list};
    return *list = fresh;
}

static enum mm_status add_body(struct mm_hash_batch *batch, const struct mm_msg *msg, bool quoted,
                               struct mm_body_digest *fresh)
{
    fresh->job = add_job(batch);
    fresh->input = &fresh->own_input;
    if (!fresh->job)
        return MM_E_NOMEM;
    if (quoted)
        mm_body_input_init_quoted(&fresh->own_input, fresh->job, fresh->canon, fresh->alg,
                                  msg->body, fresh->length);
    else
        mm_body_input_init(&fresh->own_input, fresh->job, fresh->canon, fresh->alg, msg->body,
                           msg->body_has_bare_lf, fresh->length);
    return MM_OK;
}

enum mm_status mm_hash_batch_body(struct mm_hash_batch *batch, struct mm_body_digest **list,
                                  const struct mm_msg *msg, enum mm_canon canon,
                                  enum mm_digest_alg alg, uint64_t length,
                                  struct mm_body_digest **out)
{
    struct mm_body_digest *d = *out = find_body(batch, list, msg, canon, alg, length);
    if (!d)
        return MM_E_NOMEM;
    if (d->job || (batch->memory->bodies && mm_body_cache_find(batch->memory->bodies, d)))
        return MM_OK;
    return add_body(batch, msg, false, d);
}

/* Rare enough to be hashed each time. */
enum mm_status mm_hash_batch_quoted_body(struct mm_hash_batch *batch, struct mm_body_digest **list,
                                         const struct mm_msg *msg, enum mm_canon canon,
                                         enum mm_digest_alg alg, uint64_t length,
                                         struct mm_body_digest **out)
{
    *out = find_body(batch, list, msg, canon, alg, length);
    if (!*out)
        return MM_E_NOMEM;
    return (*out)->job ? MM_OK : add_body(batch, msg, true, *out);
}

/* Room for one signature's bytes without moving those of the group; hashes the group when it is
 * full. */
static enum mm_status make_room(struct mm_hash_batch *batch, size_t bytes)
{
    struct mm_buf *inputs = &batch->memory->inputs;
    if (bytes > inputs->cap - inputs->len && inputs->len > 0)
        MM_TRY(mm_hash_batch_flush(batch));
    if (bytes > inputs->cap && !mm_buf_reserve(inputs, bytes > GROUP_BYTES ? bytes : GROUP_BYTES))
        return MM_E_NOMEM;
    return MM_OK;
}

enum mm_status mm_hash_batch_header(struct mm_hash_batch *batch, const struct mm_msg *msg,
                                    const struct mm_header_digest *what, struct mm_digest_job **out)
{
    struct mm_buf *inputs = &batch->memory->inputs;
    size_t header_bytes = msg->field_count ? msg->fields[msg->field_count - 1].end : 0;
    size_t bound = 2 * (header_bytes + what->field.len) + 16;
    MM_TRY(make_room(batch, bound));
    uint32_t *cursors = mm_arena_alloc(batch->arena, (msg->name_count + 1) * sizeof *cursors);
    struct mm_digest_job *job = add_job(batch);
    if (!cursors || !job)
        return MM_E_NOMEM;
    size_t start = inputs->len;
    mm_header_select(inputs, msg, what->names, what->self, what->canon, cursors);
    mm_header_select_signature(inputs, what->field, what->value_at, what->b_raw, what->canon,
                               &batch->memory->scratch);
    if (inputs->failed)
        return MM_E_NOMEM;
    struct mm_view whole = {inputs->data + start, inputs->len - start};
    *job = (struct mm_digest_job){.alg = what->alg, .whole = whole};
    *out = job;
    return MM_OK;
}

enum mm_status mm_hash_batch_flush(struct mm_hash_batch *batch)
{
    uint64_t start_ns = mm_stage_ns();
    if (batch->count > batch->done)
        MM_TRY(
            mm_digest_many(batch->digest, batch->jobs + batch->done, batch->count - batch->done));
    batch->done = batch->count;
    if (batch->memory->bodies)
        mm_body_cache_keep(batch->memory->bodies);
    mm_buf_clear(&batch->memory->inputs);
    mm_stage_slow(MM_STAGE_HASH);
    batch->hash_ns += mm_stage_ns() - start_ns;
    return MM_OK;
}
