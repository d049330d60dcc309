/*
 * ask_many.h - TXT records of a long list of names: many asked at a time, told in order.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DNS_ASK_MANY_H
#define MM_DNS_ASK_MANY_H

#include "base/error.h"
#include "dns/key_source.h"

struct mm_ask_ops {
    /* MM_OK with the next name (read before the next call), MM_END behind the last, or an error,
     * which ends it all. A name of more than MM_TXT_NAME_MAX_BYTES is MM_E_ARG. */
    enum mm_status (*next)(void *context, struct mm_view *name, struct mm_error *err);
    /* One answer, in the order of the names; it lasts for the call. */
    enum mm_status (*answer)(void *context, struct mm_view name, const struct mm_txt_answer *answer,
                             struct mm_error *err);
};

/*
 * Ask for every name. A name without an answer in time keeps the others waiting for their turn to
 * be told, not for their turn to be asked, up to a window of some thousands. Returns  MM_OK after
 * the last answer; what `next` or `answer` failed with; MM_E_NOMEM.
 */
enum mm_status mm_ask_many(const struct mm_key_source *source, int64_t at,
                           const struct mm_ask_ops *ops, void *context,
                           struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_DNS_ASK_MANY_H */
