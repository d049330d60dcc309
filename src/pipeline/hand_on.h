/*
 * hand_on.h - a verified message as the next reader gets it: our field on top, forged ones gone.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_PIPELINE_HAND_ON_H
#define MM_PIPELINE_HAND_ON_H

#include "base/buf.h"
#include "dkim/verify_batch.h"
#include "pipeline/job.h"

/*
 * Give an item the output of its message: the Authentication-Results field of `v` on top, with the
 * line end of the first line, and the message without its own fields that claim to be from
 * authserv_id (see mm_authres_claims()). An item whose first line some reader would take for a part
 * of that field is rejected, and has no output: its sender would speak in our name. So is one with
 * a mm_authres_hidden_claim().
 *
 * arena     holds what is new; it lasts as long as the item.
 * scratch   emptied, and in use until the call returns.
 * removed   [out] fields left out.
 * Returns   MM_OK or MM_E_NOMEM.
 * Source    RFC 8601 section 4.1 (on top) and section 5 (removing).
 */
enum mm_status mm_hand_on(struct mm_item *item, const struct mm_verify_item *v,
                          struct mm_view authserv_id, struct mm_arena *arena,
                          struct mm_buf *scratch, uint32_t *removed) MM_MUST_CHECK;

#endif /* MM_PIPELINE_HAND_ON_H */
