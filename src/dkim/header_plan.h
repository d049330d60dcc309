/*
 * header_plan.h - which header fields a signature covers: the signer's list, compiled once.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DKIM_HEADER_PLAN_H
#define MM_DKIM_HEADER_PLAN_H

#include "base/buf.h"
#include "base/error.h"
#include "mail/message.h"

struct mm_header_plan; /* immutable once made */

/*
 * headers   names separated by ':' or ',', each covering one more instance from the bottom; NULL:
 *           the default list, which covers every instance of its names.
 * oversign  names that are listed once more than a message has them, so that no field of that name
 *           can be added later; NULL: "from"; "" for none.
 * Returns   MM_OK; MM_E_ARG with words for a name that is none, a list without From, oversigned
 *           DKIM-Signature (a second signature would break the first); MM_E_NOMEM.
 * Source    RFC 6376 section 5.4; RFC 8058 section 4 (the List-Unsubscribe pair).
 */
enum mm_status mm_header_plan_new(const char *headers, const char *oversign,
                                  struct mm_header_plan **out, struct mm_error *err) MM_MUST_CHECK;
void mm_header_plan_free(struct mm_header_plan **plan);

struct mm_header_plan_result {
    uint32_t name_count;
    bool oversigned_absent; /* an oversigned name that no field has */
};
/* Append the value of h= for a message: names joined by ':', without folds. */
struct mm_header_plan_result mm_header_plan_apply(const struct mm_header_plan *plan,
                                                  const struct mm_msg *msg, struct mm_buf *out);

#endif /* MM_DKIM_HEADER_PLAN_H */
