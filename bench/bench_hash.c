/*
 * bench_hash.c - SHA-256 of a batch, on every tier, beside OpenSSL at its best use.
 * SPDX-License-Identifier: Apache-2.0
 *
 * OpenSSL's figure is one context and one fetched digest for all messages. Rounds alternate between
 * the two; each figure is the best, the ratio is of the best to the best. "mixed" is 1 to 100 KB.
 * "relaxed" is prose through relaxed canonicalization into the hash, which for OpenSSL is fed by
 * the same canonicalizer. Usage: bench_hash [MESSAGES]
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/cpu.h"
#include "crypto/sha256_many.h"
#include "dkim/body_input.h"

enum { ROUNDS = 15, ROUND_BYTES = 24 << 20, MESSAGES_MAX = 4096, MIXED_MAX = 100 << 10 };

static uint64_t random_state = 1;

static uint32_t random_below(uint32_t limit)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((random_state >> 33) % limit);
}

struct workload {
    struct mm_view messages[MESSAGES_MAX];
    size_t count, bytes;
    bool relaxed;
    struct mm_digest_job jobs[MESSAGES_MAX];
    struct mm_body_input inputs[MESSAGES_MAX];
    EVP_MD *md;
    EVP_MD_CTX *context;
    struct mm_digest_ctx *digest;
};
static struct workload w;

/* Words and lines, as every message has some; each message begins elsewhere in it. */
static struct mm_view make_text(size_t bytes)
{
    char *text = malloc(bytes);
    for (size_t at = 0; text && at < bytes; at++)
        text[at] = (char)('a' + random_below(26));
    for (size_t at = 5; text && at + 2 < bytes; at += 3 + random_below(9)) {
        bool line = random_below(12) == 0;
        memcpy(text + at, line ? "\r\n" : " x", 2);
    }
    return (struct mm_view){text, text ? bytes : 0};
}

static void hash_by_openssl(void)
{
    unsigned char out[EVP_MAX_MD_SIZE];
    for (size_t i = 0; i < w.count; i++)
        if (EVP_DigestInit_ex2(w.context, w.md, NULL) <= 0 ||
            EVP_DigestUpdate(w.context, w.messages[i].data, w.messages[i].len) <= 0 ||
            EVP_DigestFinal_ex(w.context, out, NULL) <= 0)
            exit(70);
}

static void hash_batch(void)
{
    for (size_t i = 0; i < w.count; i++) {
        w.jobs[i] = (struct mm_digest_job){.alg = MM_SHA256, .whole = w.messages[i]};
        if (w.relaxed)
            mm_body_input_init(&w.inputs[i], &w.jobs[i], MM_CANON_RELAXED, MM_SHA256, w.messages[i],
                               false, UINT64_MAX);
    }
    if (mm_digest_many(w.digest, w.jobs, w.count) != MM_OK)
        exit(70);
}

/* The same jobs, each by OpenSSL: the canonicalizer of the tier feeds it. */
static void hash_batch_plain(void)
{
    static struct mm_digest_ctx *plain;
    struct mm_digest_ctx *lanes = w.digest;
    if (!plain && (plain = mm_digest_ctx_new()))
        mm_digest_ctx_openssl_only(plain);
    w.digest = plain;
    hash_batch();
    w.digest = lanes;
}

/* Best nanoseconds of one pass of each. */
static void measure(void (*const runs[2])(void), double best[2])
{
    size_t passes = ROUND_BYTES / w.bytes + 1;
    best[0] = best[1] = 1e300;
    for (int round = 0; round < 2 * ROUNDS; round++) {
        uint64_t start = mm_process_cpu_ns();
        for (size_t i = 0; i < passes; i++)
            runs[round % 2]();
        double ns = (double)(mm_process_cpu_ns() - start) / (double)passes;
        if (ns < best[round % 2])
            best[round % 2] = ns;
    }
}

static void bench(const char *name, struct mm_view text, size_t count, size_t least, size_t most,
                  bool relaxed)
{
    static const enum mm_cpu_tier tiers[] = {MM_CPU_SSE2, MM_CPU_AVX2, MM_CPU_AVX512};
    w.count = count;
    w.bytes = 0;
    w.relaxed = relaxed;
    for (size_t i = 0; i < count; i++) {
        size_t len = least + random_below((uint32_t)(most - least + 1));
        w.messages[i] = mm_view_sub(text, random_below((uint32_t)(text.len - len + 1)), len);
        w.bytes += len;
    }
    printf("%-10s %5zu", name, count);
    for (size_t t = 0; t < MM_COUNT(tiers); t++) {
        void (*const runs[])(void) = {relaxed ? hash_batch_plain : hash_by_openssl, hash_batch};
        double best[2];
        mm_cpu_limit(tiers[t]);
        if (mm_cpu_tier() != tiers[t]) {
            printf("  %-22s", "-");
            continue;
        }
        measure(runs, best);
        printf("  %5.2f %5.2f GB/s %4.2fx", (double)w.bytes / best[0], (double)w.bytes / best[1],
               best[0] / best[1]);
    }
    mm_cpu_limit(MM_CPU_AVX512);
    printf("\n");
}

int main(int argc, char **argv)
{
    size_t count = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 256;
    static const struct {
        const char *name;
        size_t bytes;
    } sizes[] = {{"256 B", 256},
                 {"1 KB", 1 << 10},
                 {"4 KB", 4 << 10},
                 {"16 KB", 16 << 10},
                 {"64 KB", 64 << 10}};
    struct mm_view text = make_text(4 << 20);
    w.md = EVP_MD_fetch(NULL, "SHA256", NULL);
    w.context = EVP_MD_CTX_new();
    w.digest = mm_digest_ctx_new();
    if (count == 0 || count > MESSAGES_MAX || text.len == 0 || !w.md || !w.context || !w.digest)
        return 64;
    printf("%s; sixteen lanes from %zu inputs\n", mm_digest_backend(), mm_sha256_wide_from());
    printf("%-10s %5s  %-22s  %-22s  %-22s (OpenSSL, ours, ratio)\n", "size", "batch", "sse2",
           "avx2", "avx512");
    for (size_t i = 0; i < MM_COUNT(sizes); i++)
        bench(sizes[i].name, text, count, sizes[i].bytes, sizes[i].bytes, false);
    bench("mixed", text, count, 1 << 10, MIXED_MAX, false);
    for (size_t batch = 1; batch <= 16; batch *= 2)
        bench("4 KB", text, batch, 4 << 10, 4 << 10, false);
    bench("relaxed 4K", text, count, 4 << 10, 4 << 10, true);
    bench("relaxed 64K", text, count, 64 << 10, 64 << 10, true);
    mm_digest_ctx_free(&w.digest);
    EVP_MD_CTX_free(w.context);
    EVP_MD_free(w.md);
    free((void *)(uintptr_t)text.data);
    return 0;
}
