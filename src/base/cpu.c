/*
 * cpu.c - what this processor can do, asked once.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A feature counts only where the system also saves the registers it needs (XCR0), so that no
 * kernel is chosen that a virtual machine or an old kernel would break.
 */
#include "base/cpu.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/view.h"

static pthread_once_t detect_once = PTHREAD_ONCE_INIT;
static enum mm_cpu_tier detected; /* after MAILMILL_CPU; constant once detect_once has run */
static char features[512];
enum { NOT_ASKED = -1 };
static atomic_int current = NOT_ASKED; /* the answer: kernels ask for it at every call */

static const char *const tier_names[] = {
    [MM_CPU_PORTABLE] = "portable",
    [MM_CPU_SSE2] = "sse2",
    [MM_CPU_AVX2] = "avx2",
    [MM_CPU_AVX512] = "avx512",
};

static void add_feature(const char *name)
{
    size_t at = strlen(features), len = strlen(name);
    if (at + len + 2 > sizeof features)
        return;
    if (at > 0)
        features[at++] = ' ';
    memcpy(features + at, name, len + 1);
}

static bool has(const char *word)
{
    size_t len = strlen(word);
    for (const char *at = features; (at = strstr(at, word)) != NULL; at += len)
        if ((at == features || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
            return true;
    return false;
}

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>

enum { EAX, EBX, ECX, EDX };
/* XCR0 bits that must be on: SSE and AVX halves for ymm; opmask and both upper halves for zmm. */
enum { STATE_NONE = 0, STATE_YMM = 0x06, STATE_ZMM = 0xe6 };

/* Intel SDM volume 2A, CPUID; AMD APM volume 3, appendix E. */
static const struct {
    const char *name;
    uint8_t leaf, reg, bit, state;
} known[] = {
    {"sse2", 1, EDX, 26, STATE_NONE},      {"ssse3", 1, ECX, 9, STATE_NONE},
    {"sse4.1", 1, ECX, 19, STATE_NONE},    {"sse4.2", 1, ECX, 20, STATE_NONE},
    {"popcnt", 1, ECX, 23, STATE_NONE},    {"aes", 1, ECX, 25, STATE_NONE},
    {"pclmulqdq", 1, ECX, 1, STATE_NONE},  {"sha", 7, EBX, 29, STATE_NONE},
    {"bmi1", 7, EBX, 3, STATE_NONE},       {"bmi2", 7, EBX, 8, STATE_NONE},
    {"adx", 7, EBX, 19, STATE_NONE},       {"gfni", 7, ECX, 8, STATE_NONE},
    {"avx", 1, ECX, 28, STATE_YMM},        {"avx2", 7, EBX, 5, STATE_YMM},
    {"vaes", 7, ECX, 9, STATE_YMM},        {"vpclmulqdq", 7, ECX, 10, STATE_YMM},
    {"avx512f", 7, EBX, 16, STATE_ZMM},    {"avx512dq", 7, EBX, 17, STATE_ZMM},
    {"avx512bw", 7, EBX, 30, STATE_ZMM},   {"avx512vl", 7, EBX, 31, STATE_ZMM},
    {"avx512ifma", 7, EBX, 21, STATE_ZMM}, {"avx512vbmi", 7, ECX, 1, STATE_ZMM},
    {"avx512vbmi2", 7, ECX, 6, STATE_ZMM},
};

/* Registers that the system saves; 0 where XGETBV itself is not enabled (OSXSAVE). */
static uint64_t saved_state(uint32_t leaf1_ecx)
{
    uint32_t low = 0, high = 0;
    if (leaf1_ecx >> 27 & 1)
        __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

static enum mm_cpu_tier best_tier(void)
{
    uint32_t leaf1[4] = {0}, leaf7[4] = {0};
    __get_cpuid(1, &leaf1[EAX], &leaf1[EBX], &leaf1[ECX], &leaf1[EDX]);
    __get_cpuid_count(7, 0, &leaf7[EAX], &leaf7[EBX], &leaf7[ECX], &leaf7[EDX]);
    uint64_t saved = saved_state(leaf1[ECX]);
    for (size_t i = 0; i < MM_COUNT(known); i++) {
        const uint32_t *leaf = known[i].leaf == 1 ? leaf1 : leaf7;
        if ((leaf[known[i].reg] >> known[i].bit & 1) && (saved & known[i].state) == known[i].state)
            add_feature(known[i].name);
    }
    bool avx2 = has("avx2") && has("bmi1") && has("bmi2") && has("popcnt");
    if (avx2 && has("avx512f") && has("avx512bw") && has("avx512vl") && has("avx512vbmi2"))
        return MM_CPU_AVX512;
    if (avx2)
        return MM_CPU_AVX2;
    return has("sse2") ? MM_CPU_SSE2 : MM_CPU_PORTABLE;
}
#else
static enum mm_cpu_tier best_tier(void)
{
#if defined(__ARM_NEON)
    add_feature("neon");
#endif
    return MM_CPU_PORTABLE;
}
#endif

static void detect(void)
{
    const char *wish = getenv("MAILMILL_CPU");
    detected = best_tier();
    for (size_t i = 0; wish && i < MM_COUNT(tier_names); i++)
        if (strcmp(wish, tier_names[i]) == 0 && (enum mm_cpu_tier)i < detected)
            detected = (enum mm_cpu_tier)i;
}

enum mm_cpu_tier mm_cpu_tier(void)
{
    int tier = atomic_load_explicit(&current, memory_order_relaxed);
    if (tier != NOT_ASKED)
        return (enum mm_cpu_tier)tier;
    mm_cpu_limit(MM_CPU_AVX512);
    return detected;
}

const char *mm_cpu_tier_name(enum mm_cpu_tier tier)
{
    return (size_t)tier < MM_COUNT(tier_names) ? tier_names[tier] : "unknown";
}

void mm_cpu_limit(enum mm_cpu_tier tier)
{
    pthread_once(&detect_once, detect);
    atomic_store_explicit(&current, (int)(detected < tier ? detected : tier), memory_order_relaxed);
}

bool mm_cpu_has(const char *feature)
{
    pthread_once(&detect_once, detect);
    return has(feature);
}

const char *mm_cpu_features(void)
{
    pthread_once(&detect_once, detect);
    return features;
}
