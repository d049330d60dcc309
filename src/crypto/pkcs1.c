/*
 * pkcs1.c - the block that an RSASSA-PKCS1-v1_5 signature stands for.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "crypto/pkcs1.h"

#include <string.h>

/* RFC 8017 section 9.2 note 1: the DigestInfo up to the digest. */
static const uint8_t sha256_info[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                      0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
static const uint8_t sha1_info[] = {0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e,
                                    0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14};

bool mm_pkcs1_block(enum mm_digest_alg alg, const uint8_t *digest, uint8_t *block, size_t len)
{
    const uint8_t *info = alg == MM_SHA1 ? sha1_info : sha256_info;
    size_t info_len = alg == MM_SHA1 ? sizeof sha1_info : sizeof sha256_info;
    size_t digest_len = mm_digest_bytes(alg), tail = info_len + digest_len;
    if (len < MM_PKCS1_AROUND_BYTES + tail)
        return false;
    memset(block, 0xff, len - tail);
    block[0] = 0x00;
    block[1] = 0x01;
    block[len - tail - 1] = 0x00;
    memcpy(block + len - tail, info, info_len);
    memcpy(block + len - digest_len, digest, digest_len);
    return true;
}
