/*
 * pk_many.c - public-key operations of a whole batch: sign many, verify many.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Where the processor has the lanes, RSA signatures of a batch are sorted into groups of eight that
 * fit together, see rsa_many.c. What no group takes goes one after the other through OpenSSL.
 *
 * A context set up for a key costs a fifth of an RSA-2048 verification, so each worker keeps them:
 * a direct-mapped table by the key's number. Numbers are given in sequence, so that 256 keys never
 * displace each other. A context holds its key alive. Verification with the usual exponent needs no
 * context: it goes straight to OpenSSL's arithmetic, see rsa_verify.c. What that leaves undecided,
 * and all other keys, is for EVP.
 */
#include "crypto/pk_many.h"

#include <openssl/err.h>
#include <openssl/rsa.h>
#include <stdlib.h>

#include "crypto/key_internal.h"
#include "crypto/pk_internal.h"
#include "crypto/rsa_many.h"
#include "crypto/rsa_signer.h"
#include "crypto/rsa_verify.h"
#include "crypto/secret.h"

enum op { OP_SIGN, OP_VERIFY };
enum {
    ALGS = MM_SHA1 + 1,
    SLOTS_A_KEY = 4,           /* two operations with two digests */
    SLOTS = 256 * SLOTS_A_KEY, /* full of RSA contexts: about 1 MiB */
    SIGN_TRIES = 2             /* a faulty signature is made once more */
};

struct slot {
    uint64_t tag; /* key, operation and digest; 0: empty, as keys count from 1 */
    EVP_PKEY_CTX *rsa;
    EVP_MD_CTX *ed25519;
};

/* Signatures that wait until their lanes are full. */
struct group {
    struct mm_verify_job *jobs[MM_LANES];
    unsigned count;
};

struct mm_pk_ctx {
    EVP_MD *algs[ALGS];
    struct mm_rsa_scratch rsa;
    bool openssl_only;
    uint64_t mismatches;
    const struct mm_rsa_kernels *kernels; /* for public operations; NULL: no lanes */
    const struct mm_rsa_kernels *signing_kernels;
    bool signing_chosen;                  /* when the first signature is made */
    struct mm_lanes_public *public_room;  /* made when the first group is full */
    struct group groups[MM_LANE_CLASSES]; /* empty between calls */
    struct mm_rsa_signer *signer;         /* made when the first signatures go to lanes */
    struct slot slots[SLOTS];
};

static void slot_clear(struct slot *slot)
{
    EVP_PKEY_CTX_free(slot->rsa);
    EVP_MD_CTX_free(slot->ed25519);
    *slot = (struct slot){.tag = 0};
}

struct mm_pk_ctx *mm_pk_ctx_new(void)
{
    struct mm_pk_ctx *ctx = calloc(1, sizeof *ctx);
    if (!ctx)
        return NULL;
    ctx->algs[MM_SHA256] = EVP_MD_fetch(NULL, "SHA256", NULL);
    ctx->algs[MM_SHA1] = EVP_MD_fetch(NULL, "SHA1", NULL);
    ctx->kernels = mm_rsa_kernels_pick_public();
    bool numbers = mm_rsa_scratch_init(&ctx->rsa);
    if (!ctx->algs[MM_SHA256] || !ctx->algs[MM_SHA1] || !numbers) {
        ERR_clear_error();
        mm_pk_ctx_free(&ctx);
    }
    return ctx;
}

void mm_pk_ctx_free(struct mm_pk_ctx **ctx)
{
    if (*ctx) {
        for (size_t i = 0; i < SLOTS; i++)
            slot_clear(&(*ctx)->slots[i]);
        for (size_t i = 0; i < ALGS; i++)
            EVP_MD_free((*ctx)->algs[i]);
        mm_rsa_scratch_deinit(&(*ctx)->rsa);
        free((*ctx)->public_room);
        mm_rsa_signer_free(&(*ctx)->signer);
    }
    free(*ctx);
    *ctx = NULL;
}

void mm_pk_ctx_openssl_only(struct mm_pk_ctx *ctx)
{
    ctx->openssl_only = true;
    mm_pk_ctx_use_kernels(ctx, NULL);
}

void mm_pk_ctx_use_kernels(struct mm_pk_ctx *ctx, const struct mm_rsa_kernels *kernels)
{
    ctx->kernels = ctx->signing_kernels = kernels;
    ctx->signing_chosen = true;
}

uint64_t mm_pk_ctx_mismatches(const struct mm_pk_ctx *ctx)
{
    return ctx->mismatches;
}

/* RSASSA-PKCS1-v1_5 with a digest: OpenSSL then compares the whole encoded message, so nothing of
 * the padding or the DigestInfo is up to the signer (RFC 8017 section 8.2.2 step 4). */
static bool set_up_rsa(struct slot *slot, EVP_PKEY *pkey, enum op op, const EVP_MD *md)
{
    slot->rsa = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    return slot->rsa &&
           (op == OP_SIGN ? EVP_PKEY_sign_init(slot->rsa) : EVP_PKEY_verify_init(slot->rsa)) > 0 &&
           EVP_PKEY_CTX_set_rsa_padding(slot->rsa, RSA_PKCS1_PADDING) > 0 &&
           EVP_PKEY_CTX_set_signature_md(slot->rsa, md) > 0;
}

/* Before every use: newer versions of OpenSSL let a context make one signature only. On a context
 * that knows its key this costs 0.7 us, against 36 for the signature. */
static bool set_up_ed25519(struct slot *slot, EVP_PKEY *pkey, enum op op)
{
    if (!slot->ed25519)
        slot->ed25519 = EVP_MD_CTX_new();
    return slot->ed25519 &&
           (op == OP_SIGN ? EVP_DigestSignInit(slot->ed25519, NULL, NULL, NULL, pkey)
                          : EVP_DigestVerifyInit(slot->ed25519, NULL, NULL, NULL, pkey)) > 0;
}

/* The context for a key, an operation and a digest; NULL where OpenSSL cannot make one. */
static struct slot *slot_for(struct mm_pk_ctx *ctx, const struct mm_public_key *key, EVP_PKEY *pkey,
                             enum op op, enum mm_digest_alg alg)
{
    uint64_t tag = key->id * SLOTS_A_KEY + (uint64_t)op * ALGS + (uint64_t)alg;
    struct slot *slot = &ctx->slots[tag % SLOTS];
    bool ready = slot->tag == tag;
    if (!ready)
        slot_clear(slot);
    if (key->type == MM_KEY_ED25519)
        ready = set_up_ed25519(slot, pkey, op);
    else if (!ready)
        ready = set_up_rsa(slot, pkey, op, ctx->algs[alg]);
    if (!ready) {
        slot_clear(slot);
        return NULL;
    }
    slot->tag = tag;
    return slot;
}

/* True where the answer is there. */
static bool verify_quickly(struct mm_pk_ctx *ctx, struct mm_verify_job *job)
{
    if (!job->key->prepared || job->alg != MM_SHA256 || ctx->openssl_only)
        return false;
    if (mm_rsa_verify_sha256(&ctx->rsa, job->key->prepared, job->digest, job->signature,
                             &job->valid))
        return true;
    ERR_clear_error();
    return false;
}

static enum mm_status verify_one(struct mm_pk_ctx *ctx, struct mm_verify_job *job)
{
    const struct mm_public_key *key = job->key;
    const unsigned char *signature = (const unsigned char *)job->signature.data;
    size_t len = job->signature.len;
    job->valid = false;
    if (len != key->signature_bytes || (key->type == MM_KEY_ED25519 && job->alg != MM_SHA256))
        return MM_OK;
    if (verify_quickly(ctx, job))
        return MM_OK;
    struct slot *slot = slot_for(ctx, key, key->pkey, OP_VERIFY, job->alg);
    if (!slot)
        return mm_openssl_status();
    size_t digest_bytes = mm_digest_bytes(job->alg);
    job->valid =
        (key->type == MM_KEY_RSA
             ? EVP_PKEY_verify(slot->rsa, signature, len, job->digest, digest_bytes)
             : EVP_DigestVerify(slot->ed25519, signature, len, job->digest, digest_bytes)) == 1;
    /* OpenSSL says no in one way, whether the signature is bad or memory ran out; only its queue of
     * errors tells, and for Ed25519 not even that. */
    return !job->valid && mm_openssl_status() == MM_E_NOMEM ? MM_E_NOMEM : MM_OK;
}

static enum mm_status verify_group(struct mm_pk_ctx *ctx, struct group *group)
{
    unsigned count = group->count;
    group->count = 0;
    if (!ctx->public_room && count >= MM_RSA_VERIFY_LEAST)
        ctx->public_room = aligned_alloc(alignof(struct mm_lanes_public), sizeof *ctx->public_room);
    if (ctx->public_room && count >= MM_RSA_VERIFY_LEAST) {
        mm_rsa_verify_lanes(ctx->kernels, ctx->public_room, group->jobs, count);
        return MM_OK;
    }
    for (unsigned i = 0; i < count; i++)
        MM_TRY(verify_one(ctx, group->jobs[i]));
    return MM_OK;
}

static bool suits_lanes(const struct mm_pk_ctx *ctx, const struct mm_verify_job *job)
{
    return ctx->kernels && job->key->lanes && job->signature.len == job->key->signature_bytes;
}

static enum mm_status verify_all(struct mm_pk_ctx *ctx, struct mm_verify_job *jobs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!suits_lanes(ctx, &jobs[i])) {
            MM_TRY(verify_one(ctx, &jobs[i]));
            continue;
        }
        struct group *group = &ctx->groups[mm_rsa_lane_class(jobs[i].key->lanes)];
        group->jobs[group->count++] = &jobs[i];
        if (group->count == MM_LANES)
            MM_TRY(verify_group(ctx, group));
    }
    for (size_t i = 0; i < MM_LANE_CLASSES; i++)
        MM_TRY(verify_group(ctx, &ctx->groups[i]));
    return MM_OK;
}

enum mm_status mm_verify_many(struct mm_pk_ctx *ctx, struct mm_verify_job *jobs, size_t count)
{
    enum mm_status status = verify_all(ctx, jobs, count);
    for (size_t i = 0; status != MM_OK && i < MM_LANE_CLASSES; i++)
        ctx->groups[i].count = 0;
    return status;
}

static enum mm_status sign_once(struct mm_pk_ctx *ctx, struct mm_sign_job *job)
{
    const struct mm_public_key *key = job->key->public_half;
    struct slot *slot = slot_for(ctx, key, job->key->pkey, OP_SIGN, job->alg);
    if (!slot)
        return mm_openssl_status();
    size_t digest_bytes = mm_digest_bytes(job->alg);
    job->signature_bytes = key->signature_bytes;
    int done = key->type == MM_KEY_RSA
                   ? EVP_PKEY_sign(slot->rsa, job->signature, &job->signature_bytes, job->digest,
                                   digest_bytes)
                   : EVP_DigestSign(slot->ed25519, job->signature, &job->signature_bytes,
                                    job->digest, digest_bytes);
    return done > 0 ? MM_OK : mm_openssl_status();
}

/*
 * A signature with one wrong half of the Chinese remainder gives the key away (Boneh, DeMillo and
 * Lipton 1997), so none leaves unchecked. OpenSSL compares, too, and starts again where the halves
 * do not fit (rsa_ossl_mod_exp() in its rsa_ossl.c), but inside the blinding: when memory runs out
 * while that is made anew, OpenSSL 3.0 takes the wrong factor off, and says that all went well. The
 * check here finds that as well, for 5 % of a signature.
 *
 * Ed25519 needs one that nobody else makes: nonces follow from the message, so that a sound
 * signature and a faulty one of the same message give the key away (Romailler and Pelissier 2017).
 * To sign twice and compare would cost less than half of it, 42 us, but miss a fault that stays,
 * such as in the memory of the key.
 */
static enum mm_status sign_one(struct mm_pk_ctx *ctx, struct mm_sign_job *job)
{
    if (job->key->public_half->type == MM_KEY_ED25519 && job->alg != MM_SHA256)
        return MM_E_ARG;
    for (int i = 0; i < SIGN_TRIES; i++) {
        MM_TRY(sign_once(ctx, job));
        struct mm_verify_job check = {
            .key = job->key->public_half,
            .alg = job->alg,
            .digest = job->digest,
            .signature = {(const char *)job->signature, job->signature_bytes}};
        MM_TRY(verify_one(ctx, &check));
        if (check.valid)
            return MM_OK;
        ctx->mismatches++;
    }
    return MM_E_CRYPTO;
}

/* Jobs from `first` on that want a signature of the same key: up to eight. */
static unsigned gather(struct mm_sign_job *jobs, size_t count, struct mm_sign_job **group)
{
    unsigned gathered = 0;
    for (size_t i = 0; i < count && gathered < MM_LANES; i++)
        if (jobs[i].key == jobs[0].key && jobs[i].signature_bytes == 0)
            group[gathered++] = &jobs[i];
    return gathered;
}

/* Whatever has no signature afterwards is for OpenSSL: all, or where a lane was at fault. */
static void sign_in_lanes(struct mm_pk_ctx *ctx, struct mm_sign_job *const *group, unsigned count)
{
    bool ran = false;
    if (!mm_rsa_signer_wants(group[0]->key, count))
        return;
    if (!ctx->signing_chosen)
        ctx->signing_kernels = mm_rsa_kernels_pick();
    ctx->signing_chosen = true;
    if (!ctx->signing_kernels)
        return;
    if (!ctx->signer && !(ctx->signer = mm_rsa_signer_new()))
        return;
    unsigned holds = mm_rsa_sign_lanes(ctx->signing_kernels, ctx->signer, group, count, &ran);
    if (ran)
        ctx->mismatches += count - (unsigned)__builtin_popcount(holds);
}

static enum mm_status sign_group(struct mm_pk_ctx *ctx, struct mm_sign_job *const *group,
                                 unsigned count)
{
    sign_in_lanes(ctx, group, count);
    for (unsigned i = 0; i < count; i++) {
        struct mm_sign_job *job = group[i];
        enum mm_status status = job->signature_bytes ? MM_OK : sign_one(ctx, job);
        if (status != MM_OK) {
            mm_secret_wipe(job->signature, job->key->public_half->signature_bytes);
            job->signature_bytes = 0;
            return status;
        }
    }
    return MM_OK;
}

enum mm_status mm_sign_many(struct mm_pk_ctx *ctx, struct mm_sign_job *jobs, size_t count)
{
    struct mm_sign_job *group[MM_LANES];
    for (size_t i = 0; i < count; i++)
        jobs[i].signature_bytes = 0;
    for (size_t i = 0; i < count; i++)
        if (jobs[i].signature_bytes == 0)
            MM_TRY(sign_group(ctx, group, gather(&jobs[i], count - i, group)));
    return MM_OK;
}

const char *mm_pk_backend(void)
{
    const struct mm_rsa_kernels *kernels = mm_rsa_kernels_pick();
    return kernels ? kernels->name : "openssl-bn";
}
