/*
 * pk_internal.h - what tests turn on a context for public-key operations.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_CRYPTO_PK_INTERNAL_H
#define MM_CRYPTO_PK_INTERNAL_H

#include "crypto/pk_many.h"
#include "crypto/rsa_lanes.h"

/* From now on fill these lanes; NULL: none. */
void mm_pk_ctx_use_kernels(struct mm_pk_ctx *ctx, const struct mm_rsa_kernels *kernels);

#endif /* MM_CRYPTO_PK_INTERNAL_H */
