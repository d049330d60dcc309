/*
 * key_check.h - is a key published as it must be?
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DKIM_KEY_CHECK_H
#define MM_DKIM_KEY_CHECK_H

#include "crypto/public_key.h"
#include "dns/txt_store.h"

/* A record has one fault of its own, and besides a semicolon missing, k=, h=, s= and t=. */
enum { MM_KEY_FINDINGS_A_RECORD = 8, MM_KEY_FINDINGS_MAX = MM_TXT_RECORDS_MAX * 8 + 3 };

struct mm_key_findings {
    struct mm_key_finding list[MM_KEY_FINDINGS_MAX];
    size_t count, fault_count;
};

/* Add one. offset: UINT64_MAX for none. */
void mm_key_finding_add(struct mm_key_findings *findings, struct mm_key_finding finding);

/*
 * Compare an answer with the key that it should hold.
 * key      NULL: the records are judged by themselves.
 * Returns  MM_OK; MM_E_NOMEM or MM_E_CRYPTO where a record could not be judged.
 * Source   RFC 6376 sections 3.6.1, 3.6.2.2; RFC 8301 section 3.2; RFC 8463 section 4.
 */
enum mm_status mm_key_check_answer(const struct mm_txt_answer *answer,
                                   const struct mm_public_key *key,
                                   struct mm_key_findings *findings) MM_MUST_CHECK;

#endif /* MM_DKIM_KEY_CHECK_H */
