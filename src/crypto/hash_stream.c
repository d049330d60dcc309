/*
 * hash_stream.c - one hash over pieces, which can be looked at, or go on two ways, at any point.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "crypto/hash_stream.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>

struct mm_hash_stream {
    EVP_MD_CTX *state;
    bool failed;
};

struct mm_hash_stream *mm_hash_stream_new(void)
{
    struct mm_hash_stream *s = calloc(1, sizeof *s);
    if (s && !(s->state = EVP_MD_CTX_new()))
        mm_hash_stream_free(&s);
    return s;
}

void mm_hash_stream_free(struct mm_hash_stream **stream)
{
    if (*stream)
        EVP_MD_CTX_free((*stream)->state);
    free(*stream);
    *stream = NULL;
}

void mm_hash_stream_begin(struct mm_hash_stream *stream, enum mm_digest_alg alg)
{
    const EVP_MD *md = alg == MM_SHA256 ? EVP_sha256() : EVP_sha1();
    stream->failed = EVP_DigestInit_ex2(stream->state, md, NULL) <= 0;
}

void mm_hash_stream_add(struct mm_hash_stream *stream, struct mm_view bytes)
{
    if (bytes.len && !stream->failed)
        stream->failed = EVP_DigestUpdate(stream->state, bytes.data, bytes.len) <= 0;
}

void mm_hash_stream_copy(struct mm_hash_stream *to, const struct mm_hash_stream *from)
{
    to->failed = from->failed || EVP_MD_CTX_copy_ex(to->state, from->state) <= 0;
}

enum mm_status mm_hash_stream_end(struct mm_hash_stream *stream, uint8_t out[MM_DIGEST_MAX_BYTES])
{
    if (!stream->failed && EVP_DigestFinal_ex(stream->state, out, NULL) > 0)
        return MM_OK;
    ERR_clear_error();
    return MM_E_CRYPTO;
}
