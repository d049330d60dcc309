/*
 * test_crypto_rsa_wipe.c - after RSA has signed in lanes, no secret is left in room, stack,
 * registers.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The signer is compiled here once more, with wiping that can be turned off. The same signature is
 * made without wiping, to see which words are left behind, and then with it, to see that none of
 * them is. Random numbers come from a seed, so that both work on the same.
 */
#include <openssl/rand.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "crypto/key_internal.h"
#include "crypto/secret.h"
#include "support/mm_test.h"
#include "support/rsa_differential.h"

enum { ROOM = 1, STACK = 2, REGISTERS = 4, ALL = ROOM | STACK | REGISTERS };
static unsigned wiped; /* what is */

#define mm_secret_wipe(at, bytes)                                                                  \
    ((wiped & ((bytes) == sizeof(struct mm_lanes_private) ? ROOM : STACK))                         \
         ? mm_secret_wipe(at, bytes)                                                               \
         : (void)0)
#include "crypto/rsa_signer.c"
#undef mm_secret_wipe

enum { STACK_BYTES = 256 * 1024, VECTORS = 32, BITS = 1024 };

static uint64_t random_state;

/* In place of OpenSSL's. */
int RAND_priv_bytes(unsigned char *out, int count)
{
    for (int i = 0; i < count; i++)
        out[i] = (uint8_t)(mm_random(&random_state) >> 32);
    return 1;
}

static const struct mm_rsa_kernels *form;

static void wipe_registers_or_not(void)
{
    if (wiped & REGISTERS)
        form->wipe_registers();
}

static unsigned sign_nothing(struct mm_lanes_private *room, const struct mm_rsa_signing_key *key,
                             const struct mm_lanes_blinding *blinding)
{
    (void)room, (void)key, (void)blinding;
    return (1u << MM_LANES) - 1;
}

static void blind_nothing(struct mm_lanes_private *room, const struct mm_rsa_signing_key *key,
                          const struct mm_lanes_blinding *blinding)
{
    (void)room, (void)key, (void)blinding;
}

/* ---- one signature on a stack of its own ---- */

struct run {
    struct mm_rsa_kernels kernels;
    const struct mm_private_key *key;
    struct mm_rsa_signer *signer;
    void *stack;
    struct mm_lanes registers[VECTORS];
    uint64_t numbers[MM_LANES][MM_LIMBS_MAX];
    unsigned holds;
    sem_t signed_, seen;
};

#if defined(__x86_64__)
/* clang-format off */
#define READ(n) __asm__ volatile("vmovdqu64 %%zmm" #n ", %0" : "=m"(registers[n]))
__attribute__((target("avx512f"), noinline)) static void read_registers(struct mm_lanes *registers)
{
    READ(16); READ(17); READ(18); READ(19); READ(20); READ(21); READ(22); READ(23);
    READ(24); READ(25); READ(26); READ(27); READ(28); READ(29); READ(30); READ(31);
    READ(0); READ(1); READ(2); READ(3); READ(4); READ(5); READ(6); READ(7);
    READ(8); READ(9); READ(10); READ(11); READ(12); READ(13); READ(14); READ(15);
}
/* clang-format on */
#else
static void read_registers(struct mm_lanes *registers)
{
    (void)registers;
}
#endif

static void *sign(void *arg)
{
    struct run *run = arg;
    bool ran;
    if (mm_rsa_kernels_pick())
        mm_rsa_kernels_pick()->wipe_registers(); /* of what the thread inherited */
    run->holds = mm_rsa_sign_numbers(&run->kernels, run->signer, run->key, run->numbers, &ran);
    if (mm_rsa_kernels_pick())
        read_registers(run->registers);
    sem_post(&run->signed_);
    sem_wait(&run->seen); /* stays, so that nothing clears the stack */
    return NULL;
}

/* `idle`: all but the arithmetic. */
static pthread_t run_begin(struct run *run, const struct mm_private_key *key, unsigned what,
                           bool idle)
{
    pthread_attr_t attributes;
    pthread_t thread;
    memset(run, 0, sizeof *run);
    run->kernels = *form;
    run->kernels.wipe_registers = wipe_registers_or_not;
    if (idle) {
        run->kernels.sign = sign_nothing;
        run->kernels.blind = blind_nothing;
    }
    run->key = key;
    run->signer = mm_rsa_signer_new();
    run->stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    assert_true(run->signer && run->stack != MAP_FAILED);
    for (unsigned i = 0; i < MM_LANES; i++)
        run->numbers[i][0] = 2 + i;
    random_state = 1977;
    wiped = what;
    assert_int_equal(sem_init(&run->signed_, 0, 0) | sem_init(&run->seen, 0, 0), 0);
    assert_int_equal(pthread_attr_init(&attributes), 0);
    assert_int_equal(pthread_attr_setstack(&attributes, run->stack, STACK_BYTES), 0);
    assert_int_equal(pthread_create(&thread, &attributes, sign, run), 0);
    pthread_attr_destroy(&attributes);
    while (sem_wait(&run->signed_) != 0) {
    }
    return thread;
}

static void run_end(struct run *run, pthread_t thread)
{
    wiped = ALL;
    sem_post(&run->seen);
    pthread_join(thread, NULL);
    munmap(run->stack, STACK_BYTES);
    mm_rsa_signer_free(&run->signer);
}

/* ---- words that must not be there ---- */

struct words {
    uint64_t *at;
    size_t count, room;
};

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* AddressSanitizer's frames go deeper than what is wiped for those of a release. */
#if defined(__SANITIZE_ADDRESS__)
#define FAT_FRAMES 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FAT_FRAMES 1
#endif
#endif
#ifndef FAT_FRAMES
#define FAT_FRAMES 0
#endif

/* The whole of a stack is read, and what AddressSanitizer has between its objects. */
#define ANYWHERE __attribute__((no_sanitize_address))

/* Long ones only: no address, length or zero. Most digits of 52 bits are. */
ANYWHERE static void collect(struct words *words, const void *from, size_t bytes)
{
    const uint64_t *at = from;
    for (size_t i = 0; i < bytes / sizeof *at && words->count < words->room; i++)
        if (at[i] >> 48)
            words->at[words->count++] = at[i];
}

ANYWHERE static size_t hits(const struct words *words, const void *in, size_t bytes)
{
    const uint64_t *at = in;
    size_t found = 0;
    for (size_t i = 0; i < bytes / sizeof *at; i++) {
        uint64_t word = at[i];
        found += bsearch(&word, words->at, words->count, sizeof word, by_value) != NULL;
    }
    return found;
}

/* What one place has of the words, after a signature for which `what` was wiped. */
struct left {
    size_t room, stack, registers;
};

static struct left left_behind(const struct words *words, const struct mm_private_key *key,
                               unsigned what)
{
    struct run run;
    pthread_t thread = run_begin(&run, key, what, false);
    struct left left = {hits(words, run.signer->room, sizeof *run.signer->room),
                        hits(words, run.stack, STACK_BYTES),
                        hits(words, run.registers, sizeof run.registers)};
    MM_CHECK_INT("signed", run.holds, 0xff);
    run_end(&run, thread);
    return left;
}

static void sort(struct words *words)
{
    MM_CHECK_TRUE("there is room for all", words->count < words->room);
    qsort(words->at, words->count, sizeof *words->at, by_value);
}

/* What lies on the stack anyway: canaries, what the threads' library keeps there. */
static void learn_harmless(struct words *harmless, const struct mm_private_key *key)
{
    struct run run;
    pthread_t thread = run_begin(&run, key, ALL, true);
    collect(harmless, run.stack, STACK_BYTES);
    sort(harmless);
    run_end(&run, thread);
}

static void learn(struct words *words, const struct words *harmless,
                  const struct mm_private_key *key)
{
    struct run run;
    pthread_t thread = run_begin(&run, key, 0, false);
    const struct mm_lanes_private *room = run.signer->room;
    collect(words, room->value, sizeof *room - offsetof(struct mm_lanes_private, value));
    collect(words, run.stack, STACK_BYTES);
    collect(words, run.registers, sizeof run.registers);
    size_t kept = 0;
    for (size_t i = 0; i < words->count; i++)
        if (hits(harmless, &words->at[i], sizeof words->at[i]) == 0)
            words->at[kept++] = words->at[i];
    words->count = kept;
    MM_CHECK_TRUE("secrets are many", kept > 1000);
    sort(words);
    run_end(&run, thread);
}

static struct words words_new(void)
{
    struct words words = {.room = 100000};
    words.at = malloc(words.room * sizeof *words.at);
    assert_non_null(words.at);
    return words;
}

static void wipes(const struct mm_rsa_kernels *kernels)
{
    bool in_vectors = kernels != &mm_rsa_kernels_portable;
    struct words words = words_new(), harmless = words_new();
    EVP_PKEY *pkey = mm_rsa_make(BITS, 65537);
    struct mm_private_key *key = mm_rsa_private_of(pkey);
    form = kernels;
    learn_harmless(&harmless, key);
    learn(&words, &harmless, key);

    struct left left = left_behind(&words, key, ALL);
    MM_CHECK_INT("left in the room", left.room, 0);
    if (!FAT_FRAMES)
        MM_CHECK_INT("left on the stack", left.stack, 0);
    if (in_vectors) /* memcpy() of the C library leaves what it moved for plain C */
        MM_CHECK_INT("left in registers", left.registers, 0);

    left = left_behind(&words, key, ALL & ~ROOM);
    MM_CHECK_TRUE("a room that is not wiped is seen", left.room > 0);
    left = left_behind(&words, key, ALL & ~STACK);
    MM_CHECK_TRUE("a stack that is not wiped is seen", left.stack > 0);
    if (in_vectors) {
        left = left_behind(&words, key, ALL & ~REGISTERS);
        MM_CHECK_TRUE("registers that are not wiped are seen", left.registers > 0);
    }
    free(harmless.at);
    free(words.at);
    mm_private_key_free(&key);
    EVP_PKEY_free(pkey);
}

static void lanes_of_plain_c_leave_nothing(void **state)
{
    (void)state;
    wipes(&mm_rsa_kernels_portable);
}

static void lanes_of_this_processor_leave_nothing(void **state)
{
    (void)state;
    if (mm_rsa_kernels_pick())
        wipes(mm_rsa_kernels_pick());
    else
        printf("# no lanes on this processor\n");
}

MM_TEST_MAIN(MM_TEST(lanes_of_plain_c_leave_nothing),
             MM_TEST(lanes_of_this_processor_leave_nothing))
