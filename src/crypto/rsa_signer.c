/*
 * rsa_signer.c - RSASSA-PKCS1-v1_5 signatures of one key, up to eight at once, each in a lane.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Room, blindings and all that lies between are in locked memory. Each call wipes what it used: the
 * room, the vector registers, and the stack below it, where the compiler may have put registers.
 */
#include "crypto/rsa_signer.h"

#include <openssl/err.h>
#include <openssl/rand.h>
#include <stdlib.h>

#include "crypto/key_internal.h"
#include "crypto/pkcs1.h"
#include "crypto/rsa_limbs.h"
#include "crypto/secret.h"

/* Blindings by the key's number, as pk_many.c keeps contexts: 256 keys never displace each other.
 */
enum { SLOTS = 256, OCTETS_MAX = MM_LIMBS_MAX * MM_LIMB_BITS / 8 };

struct slot {
    uint64_t key_id; /* 0: none */
    unsigned uses;
    unsigned limbs;          /* that there is room for */
    struct mm_lanes *factor; /* in locked memory; the remover follows */
};

struct mm_rsa_signer {
    struct mm_lanes_private *room;
    struct slot slots[SLOTS];
};

static atomic_uint process_faults;

unsigned mm_rsa_signer_faults(void)
{
    return atomic_load_explicit(&process_faults, memory_order_relaxed);
}

void mm_rsa_signer_forget_faults(void)
{
    atomic_store_explicit(&process_faults, 0, memory_order_relaxed);
}

struct mm_rsa_signer *mm_rsa_signer_new(void)
{
    struct mm_rsa_signer *signer = calloc(1, sizeof *signer);
    if (signer && !(signer->room = mm_secret_alloc(sizeof *signer->room)))
        mm_rsa_signer_free(&signer);
    return signer;
}

static size_t slot_bytes(unsigned limbs)
{
    return 2 * limbs * sizeof(struct mm_lanes);
}

static void slot_clear(struct slot *slot)
{
    mm_secret_free(slot->factor, slot_bytes(slot->limbs));
    *slot = (struct slot){.key_id = 0};
}

void mm_rsa_signer_free(struct mm_rsa_signer **signer)
{
    if (*signer) {
        for (size_t i = 0; i < SLOTS; i++)
            slot_clear(&(*signer)->slots[i]);
        mm_secret_free((*signer)->room, sizeof *(*signer)->room);
    }
    free(*signer);
    *signer = NULL;
}

/* bench_crypto prints the live lanes from which on a call is faster than OpenSSL: the largest that
 * was seen on any processor. For primes of 1024 bits OpenSSL has vector code of its own. */
static unsigned least_lanes(const struct mm_rsa_signing_key *key)
{
    return key->limbs == 20 ? 5 : 3;
}

bool mm_rsa_signer_wants(const struct mm_private_key *key, unsigned count)
{
    return key->lanes && count >= least_lanes(key->lanes) &&
           mm_rsa_signer_faults() < MM_RSA_FAULTS_MAX &&
           atomic_load_explicit(&key->lanes->faults, memory_order_relaxed) < MM_RSA_KEY_FAULTS_MAX;
}

/* What the compiler spilled lies below the frame of whoever called the arithmetic. */
static __attribute__((noinline)) void wipe_stack(void)
{
    uint8_t below[16 * 1024];
    mm_secret_wipe(below, sizeof below);
}

static void wipe(const struct mm_rsa_kernels *kernels, struct mm_rsa_signer *signer)
{
    kernels->wipe_registers();
    wipe_stack();
    mm_secret_wipe(signer->room, sizeof *signer->room);
}

static void fill_modulus(struct mm_lanes_public *check, const struct mm_rsa_lane_key *n)
{
    check->modulus.limbs = n->limbs;
    check->squarings = n->squarings;
    mm_lanes_put_all(check->modulus.n, n->n, n->limbs);
    mm_lanes_put_all(check->modulus.m1, n->m1, n->limbs);
    mm_lanes_put_all(check->rr, n->rr, n->limbs);
    mm_lanes_put_all(&check->modulus.k, &n->k, 1);
}

/* Eight random numbers below the modulus, of one bit less. OpenSSL's generator is the only one. */
static bool fill_random(struct mm_lanes_private *room, const struct mm_public_key *key)
{
    uint8_t octets[OCTETS_MAX];
    uint64_t limbs[MM_LIMBS_MAX];
    bool done = true;
    for (unsigned i = 0; i < MM_LANES && done; i++) {
        done = RAND_priv_bytes(octets, (int)key->signature_bytes) == 1;
        octets[0] &= 0x7f; /* the modulus fills its octets */
        mm_limbs_read(limbs, key->lanes->limbs, octets, key->signature_bytes);
        mm_lanes_put(room->input, limbs, key->lanes->limbs, i);
    }
    mm_secret_wipe(octets, sizeof octets);
    mm_secret_wipe(limbs, sizeof limbs);
    if (!done)
        ERR_clear_error();
    return done;
}

/* The slot of this key with a blinding that may be used; NULL where none can be made. */
static struct slot *blinding_for(const struct mm_rsa_kernels *kernels, struct mm_rsa_signer *signer,
                                 const struct mm_private_key *key)
{
    const struct mm_public_key *half = key->public_half;
    unsigned limbs = half->lanes->limbs;
    struct slot *slot = &signer->slots[half->id % SLOTS];
    if (slot->key_id == half->id && slot->uses < MM_RSA_BLINDING_USES)
        return slot;
    if (slot->limbs != limbs) {
        slot_clear(slot);
        slot->factor = mm_secret_alloc(slot_bytes(limbs));
        slot->limbs = slot->factor ? limbs : 0;
    }
    slot->key_id = 0;
    if (!slot->factor || !fill_random(signer->room, half))
        return NULL;
    const struct mm_lanes_blinding blinding = {slot->factor, slot->factor + limbs};
    kernels->blind(signer->room, key->lanes, &blinding);
    slot->key_id = half->id;
    slot->uses = 0;
    return slot;
}

/* One for the call, however many lanes: a key of wrong numbers fails in all. The fault may lie in
 * the blinding, which is not used again. */
static void note_fault(struct mm_rsa_signing_key *key, struct slot *slot)
{
    atomic_fetch_add_explicit(&process_faults, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&key->faults, 1, memory_order_relaxed);
    slot_clear(slot);
}

unsigned mm_rsa_sign_numbers(const struct mm_rsa_kernels *kernels, struct mm_rsa_signer *signer,
                             const struct mm_private_key *key,
                             uint64_t numbers[MM_LANES][MM_LIMBS_MAX], bool *ran)
{
    const struct mm_rsa_lane_key *n = key->public_half->lanes;
    struct mm_lanes_private *room = signer->room;
    unsigned holds = 0;
    fill_modulus(&room->check, n);
    struct slot *slot = blinding_for(kernels, signer, key);
    *ran = slot != NULL;
    if (slot) {
        const struct mm_lanes_blinding blinding = {slot->factor, slot->factor + n->limbs};
        for (unsigned i = 0; i < MM_LANES; i++)
            mm_lanes_put(room->input, numbers[i], n->limbs, i);
        holds = kernels->sign(room, key->lanes, &blinding);
        slot->uses++;
        for (unsigned i = 0; i < MM_LANES; i++)
            mm_lanes_get(room->check.base, numbers[i], n->limbs, i);
    }
    wipe(kernels, signer);
    if (slot && holds != (1u << MM_LANES) - 1)
        note_fault(key->lanes, slot);
    return holds;
}

unsigned mm_rsa_sign_lanes(const struct mm_rsa_kernels *kernels, struct mm_rsa_signer *signer,
                           struct mm_sign_job *const *jobs, unsigned count, bool *ran)
{
    const struct mm_private_key *key = jobs[0]->key;
    size_t len = key->public_half->signature_bytes;
    uint64_t numbers[MM_LANES][MM_LIMBS_MAX];
    uint8_t block[OCTETS_MAX];
    unsigned limbs = key->public_half->lanes->limbs;
    *ran = false;
    for (unsigned i = 0; i < MM_LANES; i++) { /* those left over do what the first one does */
        const struct mm_sign_job *job = jobs[i < count ? i : 0];
        if (!mm_pkcs1_block(job->alg, job->digest, block, len))
            return 0;
        mm_limbs_read(numbers[i], limbs, block, len);
    }
    unsigned holds = mm_rsa_sign_numbers(kernels, signer, key, numbers, ran);
    for (unsigned i = 0; i < count; i++) {
        if (!(holds >> i & 1))
            continue;
        mm_limbs_write(jobs[i]->signature, len, numbers[i], limbs);
        jobs[i]->signature_bytes = len;
    }
    return holds & ((1u << count) - 1);
}
