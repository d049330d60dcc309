/*
 * tool_secret_tracking.c - signs once with RSA in lanes of plain C, its secrets marked for
 * valgrind.
 * SPDX-License-Identifier: Apache-2.0
 *
 *     valgrind --error-exitcode=1 secret_tracking KEY.der >SIGNATURE
 *
 * KEY.der is an RSAPrivateKey; the message's digest is 00 01 02 … 1f. Undefined for valgrind are
 * the primes, their exponents and coefficient before the key is made ready, and the random numbers
 * that blinding begins with: memcheck then reports each jump and each address that comes of them.
 * Public, and said to be so: the lengths; that primes are odd and fill their octets; which
 * signatures hold, and those.
 */
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/memcheck.h>

#include "crypto/der.h"
#include "crypto/key_internal.h"
#include "crypto/rsa_signer.h"

static size_t random_octets; /* how many were marked */

/* In place of OpenSSL's: the same numbers, but secret. */
int RAND_priv_bytes(unsigned char *out, int count)
{
    int done = RAND_priv_bytes_ex(NULL, out, (size_t)count, 0);
    random_octets += (size_t)count;
    VALGRIND_MAKE_MEM_UNDEFINED(out, (size_t)count);
    return done;
}

static unsigned sign(struct mm_lanes_private *room, const struct mm_rsa_signing_key *key,
                     const struct mm_lanes_blinding *blinding)
{
    unsigned holds = mm_rsa_kernels_portable.sign(room, key, blinding);
    VALGRIND_MAKE_MEM_DEFINED(&holds, sizeof holds);
    VALGRIND_MAKE_MEM_DEFINED(room->check.base, sizeof room->check.base);
    return holds;
}

static void mark(struct mm_view number, bool is_prime)
{
    unsigned char *octets = (unsigned char *)number.data;
    unsigned char bits = 0xff;
    VALGRIND_MAKE_MEM_UNDEFINED(octets, number.len);
    if (is_prime) {
        bits = 0x7f;
        (void)VALGRIND_SET_VBITS(octets, &bits, 1);
        bits = 0xfe;
        (void)VALGRIND_SET_VBITS(octets + number.len - 1, &bits, 1);
    }
}

static struct mm_rsa_secrets take_secrets(struct mm_view der, struct mm_view *modulus,
                                          struct mm_view *exponent)
{
    struct mm_rsa_secrets s;
    struct mm_view numbers, version;
    bool right =
        mm_der_whole(der, MM_DER_SEQUENCE, &numbers) && mm_der_take_unsigned(&numbers, &version) &&
        mm_der_take_unsigned(&numbers, modulus) && mm_der_take_unsigned(&numbers, exponent) &&
        mm_der_take_unsigned(&numbers, &s.d) && mm_der_take_unsigned(&numbers, &s.p) &&
        mm_der_take_unsigned(&numbers, &s.q) && mm_der_take_unsigned(&numbers, &s.dp) &&
        mm_der_take_unsigned(&numbers, &s.dq) && mm_der_take_unsigned(&numbers, &s.q_inverse);
    if (!right)
        abort();
    return s;
}

static bool sign_eight(const struct mm_private_key *key, uint8_t *signature)
{
    const struct mm_rsa_kernels kernels = {.name = "tracked",
                                           .public_op = mm_rsa_kernels_portable.public_op,
                                           .sign = sign,
                                           .blind = mm_rsa_kernels_portable.blind,
                                           .wipe_registers =
                                               mm_rsa_kernels_portable.wipe_registers};
    uint8_t digest[MM_SHA256_BYTES];
    for (unsigned i = 0; i < sizeof digest; i++)
        digest[i] = (uint8_t)i;
    struct mm_sign_job job = {key, MM_SHA256, digest, signature, 0}, *places[] = {&job};
    struct mm_rsa_signer *signer = mm_rsa_signer_new();
    bool ran = false;
    unsigned holds = signer ? mm_rsa_sign_lanes(&kernels, signer, places, 1, &ran) : 0;
    mm_rsa_signer_free(&signer);
    return ran && holds == 1;
}

int main(int argc, char **argv)
{
    static unsigned char der[4096];
    static uint8_t signature[MM_LIMBS_MAX * 8];
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    if (!file)
        return fprintf(stderr, "usage: secret_tracking KEY.der\n"), 64;
    struct mm_view modulus, exponent, whole = {(const char *)der, fread(der, 1, sizeof der, file)};
    fclose(file);
    struct mm_rsa_secrets secrets = take_secrets(whole, &modulus, &exponent);
    struct mm_public_key half = {.type = MM_KEY_RSA,
                                 .bits = (unsigned)modulus.len * 8,
                                 .signature_bytes = (unsigned)modulus.len,
                                 .id = 1,
                                 .lanes = mm_rsa_lane_key_new(modulus, exponent)};
    mark(secrets.p, true);
    mark(secrets.q, true);
    mark(secrets.dp, false);
    mark(secrets.dq, false);
    mark(secrets.q_inverse, false);
    struct mm_private_key key = {.public_half = &half,
                                 .lanes = mm_rsa_signing_key_new(half.lanes, half.bits, &secrets)};
    bool made = key.lanes && sign_eight(&key, signature);
    mm_rsa_signing_key_free(&key.lanes);
    mm_rsa_lane_key_free(&half.lanes);
    fprintf(stderr, "marked %zu random octets\n", random_octets);
    return made && fwrite(signature, 1, modulus.len, stdout) == modulus.len ? 0 : 2;
}
