/*
 * der.h - a strict reader of DER, as far as keys need it (X.690 sections 8 and 10).
 * SPDX-License-Identifier: Apache-2.0
 *
 * Keys come from strangers' DNS. Reading the few shapes that exist by hand is smaller than the
 * general decoders, costs next to nothing, and has no lenient corners: definite and shortest
 * lengths, shortest integers, no negative ones.
 */
#ifndef MM_CRYPTO_DER_H
#define MM_CRYPTO_DER_H

#include "base/view.h"

enum mm_der_tag {
    MM_DER_INTEGER = 0x02,
    MM_DER_BIT_STRING = 0x03,
    MM_DER_OCTET_STRING = 0x04,
    MM_DER_NULL = 0x05,
    MM_DER_OID = 0x06,
    MM_DER_SEQUENCE = 0x30
};

/* Tag of the next element; -1 where nothing is left. */
int mm_der_peek(struct mm_view rest);

/* Take the element at the head of *rest if it has this tag. False leaves both alone. */
bool mm_der_take(struct mm_view *rest, enum mm_der_tag tag, struct mm_view *content);

/* Take an INTEGER that is not negative: its octets, most significant first, without the leading
 * zero octet; empty for 0. */
bool mm_der_take_unsigned(struct mm_view *rest, struct mm_view *magnitude);

/* An element of this tag that fills `bytes` to the last octet. */
bool mm_der_whole(struct mm_view bytes, enum mm_der_tag tag, struct mm_view *content);

#endif /* MM_CRYPTO_DER_H */
