/*
 * dkim_fixture.h - messages signed with any field one likes, and the keys to verify them with.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The signer of the library writes sound fields only; tests need the others too. Keys are those of
 * datasets/keys.
 */
#ifndef MM_SUPPORT_DKIM_FIXTURE_H
#define MM_SUPPORT_DKIM_FIXTURE_H

#include "dkim/sign_batch.h"
#include "dns/txt_store.h"

struct mm_dkim_fixture {
    struct mm_arena arena; /* everything handed out; reset it between cases */
    struct mm_digest_ctx *digest;
    struct mm_pk_ctx *pk;
    struct mm_private_key *rsa, *ed25519;
    char rsa_p[512], ed25519_p[64]; /* p= of their key records */
};

/* Ends the test with a failure where a key cannot be read. */
void mm_dkim_fixture_init(struct mm_dkim_fixture *fx);
void mm_dkim_fixture_deinit(struct mm_dkim_fixture *fx);

/*
 * Put a signature on top of `message`.
 * field  from its name on, without line end; "$BH" in it becomes the body hash that its a=, c= and
 *        l= ask for, "$B" the signature (made with $B and nothing else between "b=" and ';'
 *        emptied).
 * Returns the message with the field; memory of the fixture's arena.
 */
struct mm_view mm_dkim_fixture_sign(struct mm_dkim_fixture *fx, struct mm_view message,
                                    const char *field);

/* One JSON line for mm_txt_store_add_text(): an answer with these records (NULL ends them). "$RSA"
 * and "$ED" in a record become the p= of the fixture's keys. */
struct mm_view mm_dkim_fixture_answer(struct mm_dkim_fixture *fx, const char *name,
                                      const char *const *records);

#endif /* MM_SUPPORT_DKIM_FIXTURE_H */
