/*
 * hidden_claim.h - a field in our name that only some readers see.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_AUTH_HIDDEN_CLAIM_H
#define MM_AUTH_HIDDEN_CLAIM_H

#include "mailmill/auth.h"

/*
 * Where a CR without LF behind it ends a line, as in the email package of Python, a field begins
 * behind it. True where such a field of `header` claims to be from authserv_id: see
 * mm_authres_claims(). Further CRs and blanks before its name do not matter.
 *
 * at     [out] offset of the CR.
 * Cost   linear in the header.
 */
bool mm_authres_hidden_claim(struct mm_view header, struct mm_view authserv_id, size_t *at);

#endif /* MM_AUTH_HIDDEN_CLAIM_H */
