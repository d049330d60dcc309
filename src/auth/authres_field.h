/*
 * authres_field.h - the Authentication-Results field of a verdict, into a buffer.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_AUTH_AUTHRES_FIELD_H
#define MM_AUTH_AUTHRES_FIELD_H

#include "base/arena.h"
#include "base/buf.h"
#include "mailmill/auth.h"

#define MM_AUTHRES_NAME "Authentication-Results"

/*
 * Append what mm_authentication_results() writes; authserv_id is valid. `arena` holds scratch,
 * about a hundred bytes a signature. Marks `out` as failed without memory. Cost: n log n in
 * signatures.
 */
void mm_authres_append(struct mm_buf *out, struct mm_arena *arena, struct mm_view authserv_id,
                       const struct mm_dkim_verdict *verdict, enum mm_authres_form form);

#endif /* MM_AUTH_AUTHRES_FIELD_H */
