/*
 * pem.h - the armour of keys in text files (RFC 7468, RFC 1421).
 * SPDX-License-Identifier: Apache-2.0
 *
 * Laxer than RFC 7468 in one way: lines may end anywhere or not at all, since a row of a key table
 * carries a whole key in one line.
 */
#ifndef MM_CRYPTO_PEM_H
#define MM_CRYPTO_PEM_H

#include "base/view.h"

struct mm_pem {
    struct mm_view label; /* "RSA PRIVATE KEY" */
    struct mm_view body;  /* between the two boundaries; borrows from the text */
};

/*
 * Take the next block of *rest, whatever text precedes it.
 * Returns MM_OK; MM_END where no "-----BEGIN " is left; MM_E_SYNTAX for a block without its end.
 */
enum mm_status mm_pem_next(struct mm_view *rest, struct mm_pem *block) MM_MUST_CHECK;

/* RFC 1421 section 4.6: the body opens with "Proc-Type: 4,ENCRYPTED". */
bool mm_pem_is_encrypted(const struct mm_pem *block);

#endif /* MM_CRYPTO_PEM_H */
