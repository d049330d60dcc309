/*
 * verify_internal.h - a batch between the two halves of its verification.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DKIM_VERIFY_INTERNAL_H
#define MM_DKIM_VERIFY_INTERNAL_H

#include "dkim/sig_field.h"
#include "dkim/verify_batch.h"

/* One signature on its way through the stages. */
struct mm_verify_work {
    struct mm_sig_field field;
    struct mm_dkim_signature *out;
    uint32_t item; /* whose signature */

    struct mm_key_lookup lookup;
    const struct mm_key_set *keys; /* NULL: not there yet, or none to be had */
    enum mm_reason key_reason;

    const uint8_t *body_digest;   /* NULL where the field is at fault */
    const uint8_t *header_digest; /* NULL where no key is to be tried */
    uint64_t body_total;          /* canonical bytes of the whole body */

    /* first half only */
    uint32_t index; /* its field in the message */
    struct mm_body_digest *body;
    struct mm_body_digest *stored_body; /* of a quoted item: with its quoting left in */
    struct mm_digest_job *header;

    /* second half only: its checks, one a record that is tried */
    size_t first_check, check_count;
};

struct mm_verify_open {
    struct mm_verify_worker *w;
    struct mm_verify_item *items;
    size_t item_count;
    struct mm_verify_work *works;
    size_t work_count;
    size_t answered; /* works before this one want no answer any more */
};

static inline bool mm_verify_wants_answer(const struct mm_verify_work *work)
{
    return work->field.fault == MM_REASON_NONE && !work->keys && work->key_reason == MM_REASON_NONE;
}

/* True where some key of the answer is worth the header's hash. */
static inline bool mm_verify_has_key_to_try(const struct mm_verify_work *work)
{
    return work->keys &&
           (work->key_reason == MM_REASON_NONE || work->key_reason == MM_REASON_KEY_TOO_SHORT);
}

/* The answer about its key is there. */
void mm_verify_take_answer(const struct mm_verify_open *open, struct mm_verify_work *work);

#endif /* MM_DKIM_VERIFY_INTERNAL_H */
