/*
 * explain_rows.h - an explanation as text for a person, or as one JSON object.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_PIPELINE_EXPLAIN_ROWS_H
#define MM_PIPELINE_EXPLAIN_ROWS_H

#include "base/buf.h"
#include "dkim/explain.h"
#include "dkim/key_choice.h"

enum {
    /* Bytes of a field, a record or a hashed header that a person is shown from either end. */
    MM_EXPLAIN_SHOWN_BYTES = 8 * 1024
};

/* Bytes of strangers are escaped: nothing in the text acts on a terminal. */
void mm_explain_text(struct mm_buf *out, struct mm_view message, const struct mm_explanation *e,
                     enum mm_dkim_policy policy, bool color);
/* One object with a line end; the members are those of the manual. */
void mm_explain_json(struct mm_buf *out, struct mm_view message, const struct mm_explanation *e,
                     enum mm_dkim_policy policy);

/* "rsa" or "ed25519"; NOERROR and its kind; "sha256" or "sha1". */
const char *mm_explain_key_type(enum mm_key_type type);
const char *mm_explain_answer(enum mm_txt_status status);
const char *mm_explain_digest(enum mm_digest_alg alg);
void mm_explain_hex(struct mm_buf *out, const uint8_t *bytes, size_t len);

#endif /* MM_PIPELINE_EXPLAIN_ROWS_H */
