/*
 * tool_crypto_soak.c - the lanes' RSA beside OpenSSL's for as long as one likes.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   crypto_soak BITS COUNT SEED [portable]
 *
 * COUNT operations modulo numbers of BITS bits: nine of ten with a public exponent, over moduli of
 * every kind, the others signatures and private operations with keys that are made anew every
 * 20,000. Prints one line; exit code 1 where a result differs, 78 where this processor has no
 * lanes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/rsa_differential.h"

enum { EXIT_USAGE = 64, EXIT_CONFIG = 78, PUBLIC_A_ROUND = 18000, PRIVATE_A_ROUND = 2000 };

static uint64_t part(uint64_t left, uint64_t most)
{
    return left < most ? left : most;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return EXIT_USAGE;
    unsigned bits = (unsigned)strtoul(argv[1], NULL, 10);
    uint64_t count = strtoull(argv[2], NULL, 10), seed = strtoull(argv[3], NULL, 10);
    const struct mm_rsa_kernels *kernels =
        argc > 4 ? &mm_rsa_kernels_portable : mm_rsa_kernels_pick();
    uint64_t private_left = count / 10, public_left = count - private_left, wrong = 0;
    if (!kernels) {
        fprintf(stderr, "crypto_soak: this processor has no lanes\n");
        return EXIT_CONFIG;
    }
    if (bits < 1024 || bits > 4096 || bits % 1024 != 0)
        return EXIT_USAGE;
    for (uint64_t round = 0; public_left + private_left > 0; round++) {
        uint64_t of_public = part(public_left, PUBLIC_A_ROUND);
        uint64_t of_private = part(private_left, PRIVATE_A_ROUND);
        wrong += mm_rsa_differ_public(kernels, NULL, bits, of_public, seed + 2 * round);
        wrong +=
            of_private ? mm_rsa_differ_private(kernels, bits, of_private, seed + 2 * round + 1) : 0;
        public_left -= of_public;
        private_left -= of_private;
    }
    printf("crypto-soak: kernel=%s bits=%u seed=%" PRIu64 " operations=%" PRIu64 " private=%" PRIu64
           " differences=%" PRIu64 "\n",
           kernels->name, bits, seed, count, count / 10, wrong);
    return wrong ? 1 : 0;
}
