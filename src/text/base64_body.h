/*
 * base64_body.h - base64 as bodies of mail have it: decoded whatever was done to it on the way.
 * SPDX-License-Identifier: Apache-2.0
 *
 * For signatures and keys, where each byte must be right, there is base64.h.
 */
#ifndef MM_TEXT_BASE64_BODY_H
#define MM_TEXT_BASE64_BODY_H

#include "text/base64.h"

/* Room for the octets of `n` bytes, and for what wide stores write behind them. */
#define MM_BASE64_BODY_ROOM(n) (MM_BASE64_DECODED_MAX(n) + 64)

/*
 * Decode `text`. White space is skipped, and so is every other byte that is no digit (RFC 2045
 * section 6.8). Padding may be missing; complete padding ends the text, whatever follows.
 *
 * out      room for MM_BASE64_BODY_ROOM(text.len) bytes.
 * skipped  [out] bytes that are neither digit, white space nor the padding in its place: bad ones,
 *          those behind the padding, and a last digit that makes no octet. May be NULL.
 * Returns  the octets written.
 */
size_t mm_base64_decode_body(struct mm_view text, uint8_t *out, uint64_t *skipped);

/* The same, one character at a time: what the fast form is tested against. */
size_t mm_base64_decode_body_reference(struct mm_view text, uint8_t *out, uint64_t *skipped);

#endif /* MM_TEXT_BASE64_BODY_H */
