/*
 * sha256_many.c - SHA-256 of many inputs at once, in lanes.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A call of a compression function covers as many blocks as the lane with the fewest has at hand;
 * then lanes that ran dry take their next piece, their padding, or the next input. Pieces of pulled
 * inputs lie in the lane's own scratch, whole inputs where they are; no byte of those is copied but
 * for the last block or two, which hold the padding.
 */
#include "crypto/sha256_many.h"

#include <openssl/sha.h>
#include <stdlib.h>

#include "base/clock.h"

/* FIPS 180-4 section 4.2.2. */
const uint32_t mm_sha256_k[64] __attribute__((aligned(64))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

enum {
    BLOCK = MM_SHA256_BLOCK_BYTES,
    LENGTH_BYTES = 8,    /* of the message's length in bits, at the end of the padding */
    SCRATCH_BYTES = 8192 /* sixteen of them stay in a second-level cache */
};

struct lane {
    struct mm_digest_job *job;
    const uint8_t *at; /* whole blocks, to be hashed next */
    size_t blocks;
    struct mm_view rest; /* input behind them; within scratch where the job pulls */
    uint64_t bytes;      /* of input so far */
    bool padded;         /* `at` is in `tail`: nothing comes after it */
    uint8_t tail[2 * BLOCK];
    /* What precedes it also keeps the lanes' scratches from meeting in the same sets of a cache. */
    _Alignas(BLOCK) char scratch[SCRATCH_BYTES];
};

struct mm_sha256_lanes {
    _Alignas(BLOCK) mm_sha256_state state; /* column k belongs to live[k] */
    struct lane *live[MM_SHA256_WIDE];     /* a permutation; the first `count` hold an input */
    size_t count;
    struct lane lanes[MM_SHA256_WIDE];
};

/* ---- queue ---- */

static size_t queue_of(uint64_t hint)
{
    if (hint < 4)
        return (size_t)hint;
    unsigned high = 63 - (unsigned)__builtin_clzll(hint);
    return 4 * high + (hint >> (high - 2) & 3);
}

void mm_sha256_queue_add(struct mm_sha256_queue *queue, struct mm_digest_job *job)
{
    size_t at = queue_of(job->pull ? job->size_hint : job->whole.len);
    job->next = queue->heads[at];
    queue->heads[at] = job;
    if (at > queue->top)
        queue->top = at;
}

/* ---- lanes ---- */

#if defined(__x86_64__)
/* FIPS 180-4 section 5.3.3. */
static const uint32_t initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

static struct mm_digest_job *take_longest(struct mm_sha256_queue *queue)
{
    while (queue->top > 0 && !queue->heads[queue->top])
        queue->top--;
    struct mm_digest_job *job = queue->heads[queue->top];
    if (job)
        queue->heads[queue->top] = job->next;
    return job;
}

/* FIPS 180-4 section 5.1.1: a bit 1, zeros, and the length in bits as the last 64 of a block. */
static void pad(struct lane *l)
{
    size_t len = l->rest.len;
    if (len > 0)
        memcpy(l->tail, l->rest.data, len);
    if (l->job->suffix.len > 0)
        memcpy(l->tail + len, l->job->suffix.data, l->job->suffix.len);
    len += l->job->suffix.len;
    l->bytes += l->job->suffix.len;
    memset(l->tail + len, 0, sizeof l->tail - len);
    l->tail[len] = 0x80;
    l->blocks = (len + 1 + LENGTH_BYTES + BLOCK - 1) / BLOCK;
    uint64_t bits = __builtin_bswap64(l->bytes * 8);
    memcpy(l->tail + l->blocks * BLOCK - LENGTH_BYTES, &bits, sizeof bits);
    l->at = l->tail;
    l->padded = true;
}

/* Put the next piece of a pulled input behind what is left of the one before. False at its end. */
static bool pull(struct lane *l)
{
    size_t kept = l->rest.len;
    if (!l->job->pull)
        return false;
    if (kept > 0)
        memmove(l->scratch, l->rest.data, kept);
    size_t more = l->job->pull(l->job->state, l->scratch + kept, sizeof l->scratch - kept);
    l->rest = (struct mm_view){l->scratch, kept + more};
    l->bytes += more;
    return more > 0;
}

/* Find blocks for a lane that has none. False when the last was hashed. */
static bool refill(struct lane *l)
{
    if (l->padded)
        return false;
    while (l->rest.len < BLOCK && pull(l))
        ;
    if (l->rest.len < BLOCK) {
        pad(l);
        return true;
    }
    l->at = (const uint8_t *)l->rest.data;
    l->blocks = l->rest.len / BLOCK;
    l->rest = mm_view_sub(l->rest, l->blocks * BLOCK, l->rest.len % BLOCK);
    return true;
}

static void start(struct mm_sha256_lanes *s, struct mm_digest_job *job)
{
    size_t k = s->count++;
    struct lane *l = s->live[k];
    l->job = job;
    l->rest = job->pull ? (struct mm_view){l->scratch, 0} : job->whole;
    l->bytes = l->rest.len;
    l->padded = false;
    for (size_t i = 0; i < MM_COUNT(initial); i++)
        s->state[i][k] = initial[i];
    refill(l);
}

/* Hand out the digest of lane k; the last lane takes its place. */
static void finish(struct mm_sha256_lanes *s, size_t k)
{
    size_t last = --s->count;
    struct lane *gone = s->live[k];
    for (size_t i = 0; i < MM_COUNT(initial); i++) {
        uint32_t word = __builtin_bswap32(s->state[i][k]);
        memcpy(gone->job->digest + 4 * i, &word, sizeof word);
        s->state[i][k] = s->state[i][last];
    }
    s->live[k] = s->live[last];
    s->live[last] = gone;
}

/* Hash what the first `used` lanes all have; the form takes `width`, idle ones shadow the first. */
static void advance(struct mm_sha256_lanes *s, mm_sha256_fn *compress, size_t used, size_t width)
{
    const uint8_t *at[MM_SHA256_WIDE];
    size_t blocks = s->live[0]->blocks;
    for (size_t k = 0; k < width; k++) {
        const struct lane *l = s->live[k < used ? k : 0];
        at[k] = l->at;
        blocks = l->blocks < blocks ? l->blocks : blocks;
    }
    compress(s->state, at, blocks);
    for (size_t k = used; k-- > 0;) {
        struct lane *l = s->live[k];
        l->at += blocks * BLOCK;
        l->blocks -= blocks;
        if (l->blocks == 0 && !refill(l))
            finish(s, k);
    }
}

static void hash_with_ni(struct mm_sha256_lanes *s)
{
    static mm_sha256_fn *const forms[] = {mm_sha256_ni1, mm_sha256_ni2, mm_sha256_ni3};
    size_t used = s->count < MM_SHA256_NI ? s->count : MM_SHA256_NI;
    advance(s, forms[used - 1], used, used);
}

/* Give lanes up to `width` their inputs. False when all are hashed. */
static bool fill(struct mm_sha256_lanes *s, struct mm_sha256_queue *queue, size_t width)
{
    struct mm_digest_job *job;
    while (s->count < width && (job = take_longest(queue)) != NULL)
        start(s, job);
    return s->count > 0;
}

static void run_ni(struct mm_sha256_lanes *s, struct mm_sha256_queue *queue)
{
    while (fill(s, queue, MM_SHA256_NI))
        hash_with_ni(s);
}

static void run_wide(struct mm_sha256_lanes *s, struct mm_sha256_queue *queue)
{
    size_t wide_from = mm_sha256_wide_from();
    while (fill(s, queue, MM_SHA256_WIDE)) {
        if (s->count >= wide_from)
            advance(s, mm_sha256_x16, s->count, MM_SHA256_WIDE);
        else
            hash_with_ni(s);
    }
}
#endif

struct mm_sha256_lanes *mm_sha256_lanes_new(void)
{
    struct mm_sha256_lanes *s = aligned_alloc(_Alignof(struct mm_sha256_lanes), sizeof *s);
    if (!s)
        return NULL;
    memset(s->state, 0, sizeof s->state); /* lanes without an input are hashed, too */
    s->count = 0;
    for (size_t k = 0; k < MM_SHA256_WIDE; k++)
        s->live[k] = &s->lanes[k];
    return s;
}

void mm_sha256_lanes_free(struct mm_sha256_lanes **lanes)
{
    free(*lanes);
    *lanes = NULL;
}

/* ---- which form ---- */

typedef void many_fn(struct mm_sha256_lanes *s, struct mm_sha256_queue *queue);

/* Lengths around every edge of a block and of the padding, in more inputs than there are lanes. */
static bool agrees_with_openssl(mm_kernel_fn *run)
{
    enum { JOBS = 40, STEP = 7 };
    struct mm_digest_job jobs[JOBS];
    struct mm_sha256_queue queue = {.top = 0};
    struct mm_sha256_lanes *lanes = mm_sha256_lanes_new();
    uint8_t text[JOBS * STEP], want[MM_SHA256_BYTES];
    bool same = lanes != NULL;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(i * 41 + i / 256);
    for (size_t i = 0; i < JOBS; i++) {
        jobs[i] = (struct mm_digest_job){.whole = {(const char *)text, STEP * i}};
        mm_sha256_queue_add(&queue, &jobs[i]);
    }
    if (same)
        ((many_fn *)run)(lanes, &queue);
    for (size_t i = 0; same && i < JOBS; i++) {
        SHA256(text, STEP * i, want);
        same = memcmp(want, jobs[i].digest, sizeof want) == 0;
    }
    mm_sha256_lanes_free(&lanes);
    return same;
}

struct mm_kernel mm_sha256_kernel = {
    .forms =
        {
#if defined(__x86_64__)
            {MM_CPU_AVX512, "sha", (mm_kernel_fn *)run_wide},
            {MM_CPU_AVX2, "sha", (mm_kernel_fn *)run_ni},
#endif
            {MM_CPU_PORTABLE, NULL, NULL},
        },
    .works = agrees_with_openssl,
};

static atomic_size_t wide_from; /* 0: not measured yet */

#if defined(__x86_64__)
static uint64_t best_ns(mm_sha256_fn *compress, mm_sha256_state state, const uint8_t *text)
{
    enum { TRIES = 8, BLOCKS = 8 };
    const uint8_t *at[MM_SHA256_WIDE];
    uint64_t best = UINT64_MAX;
    for (size_t k = 0; k < MM_SHA256_WIDE; k++)
        at[k] = text;
    for (int i = 0; i < TRIES; i++) {
        uint64_t start = mm_wall_ns();
        compress(state, at, BLOCKS);
        uint64_t ns = mm_wall_ns() - start;
        best = ns < best ? ns : best;
    }
    return best;
}

/* Takes about 50 us. Called where the wide form is known to work. Threads may measure at once; any
 * of their answers will do. */
static size_t measure(void)
{
    enum { TEXT_BYTES = 512, IN_FAVOUR = 1 }; /* a lane's worth, as clocks are not that exact */
    uint8_t text[TEXT_BYTES] = {0};
    mm_sha256_state state = {{0}};
    uint64_t wide = best_ns(mm_sha256_x16, state, text), ni = best_ns(mm_sha256_ni3, state, text);
    size_t from = (size_t)((MM_SHA256_NI * wide + ni - 1) / (ni ? ni : 1));
    if (from > MM_SHA256_WIDE + IN_FAVOUR)
        return MM_SHA256_WIDE + 1;
    return from < MM_SHA256_WIDE ? from : MM_SHA256_WIDE;
}
#endif

size_t mm_sha256_wide_from(void)
{
    size_t from = atomic_load_explicit(&wide_from, memory_order_relaxed);
#if defined(__x86_64__)
    if (from == 0)
        mm_sha256_set_wide_from(from = measure());
#endif
    return from;
}

void mm_sha256_set_wide_from(size_t lanes)
{
    atomic_store_explicit(&wide_from, lanes, memory_order_relaxed);
}

bool mm_sha256_many(struct mm_sha256_lanes *lanes, struct mm_sha256_queue *queue)
{
    many_fn *run = (many_fn *)mm_kernel_pick(&mm_sha256_kernel);
    if (run)
        run(lanes, queue);
    return run != NULL;
}

const char *mm_sha256_backend(void)
{
    mm_kernel_fn *run = mm_kernel_pick(&mm_sha256_kernel);
#if defined(__x86_64__)
    if (run == (mm_kernel_fn *)run_wide && mm_sha256_wide_from() <= MM_SHA256_WIDE)
        return "avx512x16 sha-ni";
#endif
    return run ? "sha-ni" : "openssl";
}
