/*
 * base64.h - base64 as mail's tag lists use it (RFC 4648 section 4, RFC 6376 section 2.10).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_TEXT_BASE64_H
#define MM_TEXT_BASE64_H

#include "base/kernel.h"
#include "base/view.h"

#define MM_BASE64_ENCODED_BYTES(n) (((n) + 2) / 3 * 4)
#define MM_BASE64_DECODED_MAX(n)   (((n) + 3) / 4 * 3)

/* Write MM_BASE64_ENCODED_BYTES(len) characters with padding, no NUL. Returns their count. */
size_t mm_base64_encode(char *out, const uint8_t *bytes, size_t len);

/*
 * Decode, skipping folding white space anywhere. Padding is complete or missing; trailing bits must
 * be there in whole octets (length mod 4 of 1 is an error), their spare bits are ignored, and
 * nothing but white space follows padding.
 *
 * out      room for MM_BASE64_DECODED_MAX(text.len) bytes.
 * out_len  [out] octets written; only on MM_OK.
 * at       [out] on MM_E_SYNTAX the offset in `text` of the offending byte, text.len where one is
 *          missing; may be NULL.
 * Returns  MM_OK or MM_E_SYNTAX.
 */
enum mm_status mm_base64_decode(struct mm_view text, uint8_t *out, size_t *out_len,
                                size_t *at) MM_MUST_CHECK;

/* The same, one character at a time: what the fast form is tested against. */
enum mm_status mm_base64_decode_reference(struct mm_view text, uint8_t *out, size_t *out_len,
                                          size_t *at) MM_MUST_CHECK;

/* What runs here, for `mailmill version` and tests. */
extern struct mm_kernel mm_base64_kernel;

#endif /* MM_TEXT_BASE64_H */
