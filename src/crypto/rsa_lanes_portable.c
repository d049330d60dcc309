/*
 * rsa_lanes_portable.c - the lanes' arithmetic in plain C.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "crypto/lanes_portable.h"
#define MM_LANES_IN_MEMORY
#include "crypto/rsa_lanes_build.h"

#define MM_TARGET
#define V(word)  v_portable_##word
#define FN(name) name##_portable
#include "crypto/rsa_lanes_math.inc"
#include "crypto/rsa_lanes_secret.inc"

/* Plain C cannot name registers: what memcpy() of the C library moved may stay in one. No mail is
 * signed in this form. */
static void wipe_registers_portable(void)
{
}

const struct mm_rsa_kernels mm_rsa_kernels_portable = {
    .name = "portable",
    .public_op = public_op_portable,
    .sign = secret_sign_portable,
    .blind = secret_blind_portable,
    .wipe_registers = wipe_registers_portable,
};
