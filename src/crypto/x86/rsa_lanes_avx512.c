/*
 * rsa_lanes_avx512.c - the lanes' arithmetic in AVX-512 IFMA.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "crypto/rsa_lanes_build.h"

#if defined(__x86_64__)
#include "crypto/x86/lanes_avx512.h"

#define MM_TARGET MM_TARGET_IFMA
#define V(word)   v_avx512_##word
#define FN(name)  name##_avx512
#include "crypto/rsa_lanes_math.inc"

const struct mm_rsa_kernels mm_rsa_kernels_avx512 = {
    .name = "avx512-ifma",
    .public_op = public_op_avx512,
};
#endif
