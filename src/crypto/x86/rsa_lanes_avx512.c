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
#include "crypto/rsa_lanes_secret.inc"

/* vzeroall knows the lower sixteen only. */
MM_KERNEL_FN void wipe_registers_avx512(void)
{
    __asm__ volatile("vzeroall\n\t"
                     "vpxorq %%zmm16, %%zmm16, %%zmm16\n\t"
                     "vpxorq %%zmm17, %%zmm17, %%zmm17\n\t"
                     "vpxorq %%zmm18, %%zmm18, %%zmm18\n\t"
                     "vpxorq %%zmm19, %%zmm19, %%zmm19\n\t"
                     "vpxorq %%zmm20, %%zmm20, %%zmm20\n\t"
                     "vpxorq %%zmm21, %%zmm21, %%zmm21\n\t"
                     "vpxorq %%zmm22, %%zmm22, %%zmm22\n\t"
                     "vpxorq %%zmm23, %%zmm23, %%zmm23\n\t"
                     "vpxorq %%zmm24, %%zmm24, %%zmm24\n\t"
                     "vpxorq %%zmm25, %%zmm25, %%zmm25\n\t"
                     "vpxorq %%zmm26, %%zmm26, %%zmm26\n\t"
                     "vpxorq %%zmm27, %%zmm27, %%zmm27\n\t"
                     "vpxorq %%zmm28, %%zmm28, %%zmm28\n\t"
                     "vpxorq %%zmm29, %%zmm29, %%zmm29\n\t"
                     "vpxorq %%zmm30, %%zmm30, %%zmm30\n\t"
                     "vpxorq %%zmm31, %%zmm31, %%zmm31\n\t"
                     "kxorw %%k1, %%k1, %%k1\n\t"
                     "kxorw %%k2, %%k2, %%k2\n\t"
                     "kxorw %%k3, %%k3, %%k3\n\t"
                     "kxorw %%k4, %%k4, %%k4\n\t"
                     "kxorw %%k5, %%k5, %%k5\n\t"
                     "kxorw %%k6, %%k6, %%k6\n\t"
                     "kxorw %%k7, %%k7, %%k7"
                     :
                     :
                     : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",
                       "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "xmm16",
                       "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24",
                       "xmm25", "xmm26", "xmm27", "xmm28", "xmm29", "xmm30", "xmm31", "k1", "k2",
                       "k3", "k4", "k5", "k6", "k7");
}

const struct mm_rsa_kernels mm_rsa_kernels_avx512 = {
    .name = "avx512-ifma",
    .public_op = public_op_avx512,
    .sign = secret_sign_avx512,
    .blind = secret_blind_avx512,
    .wipe_registers = wipe_registers_avx512,
};
#endif
