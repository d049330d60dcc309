/*
 * explain.h - one message, and all that its verdicts rest on.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The verdicts are those of verify_batch.h. What is shown beside them is computed by the same
 * functions from the same bytes, and compared: an explanation that does not fit its verdict is a
 * bug and no output.
 */
#ifndef MM_DKIM_EXPLAIN_H
#define MM_DKIM_EXPLAIN_H

#include "dkim/damage.h"
#include "dkim/verify_batch.h"

enum {
    /* Canonical bytes of a body that are kept from its two ends; the rest is counted. */
    MM_EXPLAIN_HEAD_BYTES = 2048,
    MM_EXPLAIN_TAIL_BYTES = 1024
};

struct mm_explained_signature {
    const struct mm_dkim_signature *verdict;
    struct mm_view text;       /* the whole field, its last line end not included */
    struct mm_sig_field field; /* what follows is set where it has no fault */

    struct mm_view key_name;         /* SELECTOR._domainkey.DOMAIN */
    const struct mm_key_set *keys;   /* NULL: nobody to ask */
    const struct mm_key_record *key; /* checked with; NULL: with none */
    struct mm_key_lookup lookup;     /* private: holds `keys` */

    struct mm_view header; /* the canonical bytes that are hashed, all of them */
    uint8_t header_hash[MM_DIGEST_MAX_BYTES];
    bool has_signed_hash; /* RSA: what b= holds under `key` */
    uint8_t signed_hash[MM_DIGEST_MAX_BYTES];
    bool b_is_foreign; /* RSA: under `key` b= holds no hash at all */

    uint64_t body_bytes, body_total;     /* canonical: hashed (l=), and of the whole body */
    struct mm_view body_head, body_tail; /* of the hashed ones; tail empty where head is all */
    uint8_t body_hash[MM_DIGEST_MAX_BYTES];

    struct mm_diagnosis body_diagnosis, header_diagnosis;
};

struct mm_explanation {
    struct mm_verify_item item;
    struct mm_explained_signature *signatures; /* item.verdict.count of them, topmost first */
    uint32_t count;
    struct mm_key_cache *keys; /* private */
};

/*
 * Explain one message, `quoted` or not: see mm_verify_item. Memory is that of the arena, until
 * mm_explanation_deinit() and its reset. Waits for keys. The cost is linear in the message: see the
 * limits in damage.h. Returns  MM_OK; MM_E_LIMIT for a header too long; MM_E_NOMEM; MM_E_CRYPTO;
 * MM_E_BUG where the explanation differs from the verdict. `out` is to be deinited in any case.
 */
enum mm_status mm_explain(struct mm_verify_worker *w, struct mm_arena *arena, struct mm_view bytes,
                          bool quoted, struct mm_explanation *out,
                          struct mm_error *err) MM_MUST_CHECK;
void mm_explanation_deinit(struct mm_explanation *e); /* quiet on a zeroed struct */

/* Was a rule found broken? In the order of reasons.def. */
enum mm_rule_state { MM_RULE_KEPT, MM_RULE_BROKEN, MM_RULE_NOT_ASKED };
enum mm_rule_state mm_explain_rule(const struct mm_explained_signature *s, enum mm_reason rule,
                                   enum mm_dkim_policy policy);

#endif /* MM_DKIM_EXPLAIN_H */
