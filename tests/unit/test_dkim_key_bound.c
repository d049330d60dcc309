/*
 * test_dkim_key_bound.c - parsed keys take no more memory than they may, however many there are.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <malloc.h>
#include <pthread.h>

#include "crypto/key_internal.h"
#include "dkim/key_cache.h"
#include "support/mm_test.h"
#include "text/base64.h"

enum { MODULUS_MAX = 1024, DER_MAX = MODULUS_MAX + 32, SELECTOR_MAX = 16 };

/* Tag and the shortest form of the length (X.690 section 10.1). */
static size_t put_head(uint8_t *out, uint8_t tag, size_t len)
{
    size_t n = 0;
    out[n++] = tag;
    if (len > 0xff)
        out[n++] = 0x82;
    else if (len > 0x7f)
        out[n++] = 0x81;
    if (len > 0xff)
        out[n++] = (uint8_t)(len >> 8);
    out[n++] = (uint8_t)len;
    return n;
}

/* An RSAPublicKey (RFC 8017 appendix A.1.1) of a random odd number of `bits` bits and e = 65537. */
static size_t make_der(uint8_t *out, unsigned bits, uint64_t *seed)
{
    static const uint8_t exponent[] = {0x02, 3, 1, 0, 1};
    uint8_t inner[DER_MAX] = {0};
    size_t modulus = bits / 8, n = put_head(inner, 0x02, 1 + modulus);
    inner[n++] = 0; /* the number is not below zero */
    for (size_t i = 0; i < modulus; i++)
        inner[n + i] = (uint8_t)(mm_random(seed) >> 40);
    inner[n] |= 0x80;
    n += modulus;
    inner[n - 1] |= 1;
    memcpy(inner + n, exponent, sizeof exponent);
    n += sizeof exponent;
    size_t head = put_head(out, 0x30, n);
    memcpy(out + head, inner, n);
    return head + n;
}

static void selector_of(unsigned i, char out[SELECTOR_MAX])
{
    snprintf(out, SELECTOR_MAX, "s%u", i);
}

/* Names s0 to s(count - 1) of example.com: each a key of its own, or where bits is 0 an answer that
 * there is none. */
static struct mm_txt_store *make_store(unsigned count, unsigned bits)
{
    struct mm_error err = {.text = ""};
    struct mm_txt_store *store = mm_txt_store_new();
    size_t line_max = 128 + 2 * DER_MAX, len = 0;
    char *text = malloc(count * line_max);
    uint64_t seed = bits + 1;
    assert_true(store && text);
    for (unsigned i = 0; i < count; i++) {
        uint8_t der[DER_MAX];
        char base64[2 * DER_MAX], selector[SELECTOR_MAX];
        size_t key = bits ? mm_base64_encode(base64, der, make_der(der, bits, &seed)) : 0;
        selector_of(i, selector);
        len += (size_t)snprintf(
            text + len, line_max,
            "{\"name\":\"%s._domainkey.example.com\",\"type\":\"TXT\",\"status\":\"%s\"%s%.*s%s}\n",
            selector, key ? "NOERROR" : "NXDOMAIN", key ? ",\"txt\":[\"p=" : "", (int)key, base64,
            key ? "\"]" : "");
    }
    if (mm_txt_store_add_text(store, (struct mm_view){text, len}, "keys", &err) != MM_OK)
        fail_msg("%s", err.text);
    free(text);
    return store;
}

static const struct mm_key_set *look_up(struct mm_key_cache *cache, unsigned i,
                                        struct mm_key_lookup *lookup)
{
    char selector[SELECTOR_MAX];
    selector_of(i, selector);
    enum mm_status st =
        mm_key_lookup_begin(cache, mm_view_of(selector), MM_VIEW("example.com"), 0, lookup);
    MM_CHECK_INT(selector, st, MM_OK);
    return lookup->set;
}

/* Look-up and end; the set may be gone afterwards. */
static const struct mm_key_set *touch(struct mm_key_cache *cache, unsigned i)
{
    struct mm_key_lookup lookup;
    const struct mm_key_set *set = look_up(cache, i, &lookup);
    mm_key_lookup_end(cache, &lookup);
    return set;
}

static size_t heap_bytes(void)
{
    return mallinfo2().uordblks;
}

/* Sanitizers have an allocator of their own, which does not tell. */
static bool heap_tells(void)
{
    size_t before = heap_bytes();
    void *volatile some = malloc(4096);
    bool tells = heap_bytes() >= before + 4096;
    free(some);
    return tells;
}

static void a_parsed_key_is_counted_with_all_it_takes(void **state)
{
    (void)state;
    enum { KEYS = 50 };
    static const unsigned sizes[] = {512, 1024, 2048, 3072, 4096, 8192};
    for (size_t i = 0; i < MM_COUNT(sizes); i++) {
        char label[32];
        struct mm_txt_store *store = make_store(KEYS, sizes[i]);
        struct mm_key_cache *cache = mm_key_cache_new(store);
        snprintf(label, sizeof label, "%u bits", sizes[i]);
        MM_CHECK_TRUE(label,
                      touch(cache, 0)->records[0].key != NULL); /* and OpenSSL's beginnings */
        size_t heap = heap_bytes(), counted = mm_key_cache_bytes(cache);
        for (unsigned k = 1; k < KEYS; k++)
            MM_CHECK_TRUE(label, touch(cache, k)->records[0].key != NULL);
        heap = heap_bytes() - heap;
        counted = mm_key_cache_bytes(cache) - counted;
        MM_CHECK_TRUE(label, counted >= KEYS * sizes[i] / 8);
        if (heap_tells() && heap > counted)
            fail_msg("%s: %zu bytes counted, %zu on the heap", label, counted, heap);
        mm_key_cache_free(&cache);
        mm_txt_store_free(&store);
    }
}

/* More than fits goes round and round; one key is asked for all the time, one is held. */
static void a_million_keys_do_not_grow_memory(void **state)
{
    (void)state;
    enum { KEYS = 3000, HOT = 1, HELD = 2, LIMIT = 256 * 1024, ROUNDS = 3 };
    struct mm_txt_store *store = make_store(KEYS, 1024);
    struct mm_key_cache *cache = mm_key_cache_new(store);
    struct mm_key_lookup held;
    mm_key_cache_limit(cache, LIMIT);
    touch(cache, HOT);
    const uint64_t hot = touch(cache, HOT)->records[0].key->id;
    const struct mm_key_set *kept = look_up(cache, HELD, &held);
    const struct mm_public_key *key = kept->records[0].key;
    size_t heap = heap_bytes();
    for (unsigned i = 0; i < ROUNDS * KEYS; i++) {
        MM_CHECK_TRUE("a key", touch(cache, i % KEYS)->count == 1);
        MM_CHECK_TRUE("within the limit", mm_key_cache_bytes(cache) <= LIMIT);
        MM_CHECK_TRUE("what is used stays", touch(cache, HOT)->records[0].key->id == hot);
    }
    MM_CHECK_TRUE("most of the room is used", mm_key_cache_bytes(cache) > LIMIT * 9 / 10);
    MM_CHECK_TRUE("on the heap, too", heap_bytes() <= heap + LIMIT);
    MM_CHECK_TRUE("what is held stays", touch(cache, HELD) == kept && kept->records[0].key == key);
    MM_CHECK_INT("whole", mm_public_key_bits(key), 1024);
    mm_key_lookup_end(cache, &held);
    mm_key_cache_free(&cache);
    mm_txt_store_free(&store);
}

static void what_is_held_may_be_above_the_limit(void **state)
{
    (void)state;
    enum { KEYS = 100, LIMIT = 16 * 1024 };
    static struct mm_key_lookup lookups[KEYS];
    struct mm_txt_store *store = make_store(KEYS + 1, 1024);
    struct mm_key_cache *cache = mm_key_cache_new(store);
    mm_key_cache_limit(cache, LIMIT);
    for (unsigned i = 0; i < KEYS; i++)
        look_up(cache, i, &lookups[i]);
    MM_CHECK_TRUE("all are there", mm_key_cache_bytes(cache) > LIMIT);
    for (unsigned i = 0; i < KEYS; i++) {
        MM_CHECK_INT("whole", mm_public_key_bits(lookups[i].set->records[0].key), 1024);
        mm_key_lookup_end(cache, &lookups[i]);
        mm_key_lookup_end(cache, &lookups[i]); /* a second end gives nothing back */
    }
    touch(cache, KEYS);
    MM_CHECK_TRUE("the next one makes room", mm_key_cache_bytes(cache) <= LIMIT);
    mm_key_cache_free(&cache);
    mm_txt_store_free(&store);
}

static void answers_without_a_key_are_bounded_too(void **state)
{
    (void)state;
    enum { NAMES = 2000, LIMIT = 8 * 1024 };
    struct mm_txt_store *store = make_store(NAMES, 0);
    struct mm_key_cache *cache = mm_key_cache_new(store);
    mm_key_cache_limit(cache, LIMIT);
    for (unsigned i = 0; i < 2 * NAMES; i++) {
        struct mm_key_lookup lookup;
        const struct mm_key_set *set = look_up(cache, i % NAMES, &lookup);
        MM_CHECK_INT("status", set->answer->status, MM_TXT_NXDOMAIN);
        mm_key_lookup_end(cache, &lookup);
        MM_CHECK_TRUE("within the limit", mm_key_cache_bytes(cache) <= LIMIT);
    }
    MM_CHECK_TRUE("some are kept", mm_key_cache_bytes(cache) > LIMIT / 2);
    mm_key_cache_free(&cache);
    mm_txt_store_free(&store);
}

/* ---- threads ---- */

enum { THREADS = 4, SHARED = 64, TURNS = 4000, AT_ONCE = 8 };

static void *hammer(void *arg)
{
    struct mm_key_cache *cache = arg;
    uint64_t seed = (uint64_t)(uintptr_t)&seed;
    for (int turn = 0; turn < TURNS; turn++) {
        struct mm_key_lookup lookups[AT_ONCE];
        unsigned of[AT_ONCE];
        bool right = true;
        for (int i = 0; i < AT_ONCE; i++) {
            of[i] = (unsigned)(mm_random(&seed) >> 40) % SHARED;
            look_up(cache, of[i], &lookups[i]);
        }
        for (int i = 0; i < AT_ONCE; i++) {
            const struct mm_key_set *set = lookups[i].set;
            right = right && set->count == 1 && mm_public_key_bits(set->records[0].key) == 512 &&
                    set->answer->line == of[i] + 1;
            mm_key_lookup_end(cache, &lookups[i]);
        }
        if (!right)
            return arg;
    }
    return NULL;
}

static void threads_take_and_throw_out_without_harm(void **state)
{
    (void)state;
    struct mm_txt_store *store = make_store(SHARED, 512);
    struct mm_key_cache *cache = mm_key_cache_new(store);
    pthread_t threads[THREADS];
    void *wrong = NULL;
    mm_key_cache_limit(cache, SHARED * 512);
    for (int t = 0; t < THREADS; t++)
        assert_int_equal(pthread_create(&threads[t], NULL, hammer, cache), 0);
    for (int t = 0; t < THREADS; t++) {
        void *result;
        pthread_join(threads[t], &result);
        wrong = result ? result : wrong;
    }
    MM_CHECK_TRUE("each name has its own key", wrong == NULL);
    for (unsigned i = 0; i < SHARED; i++)
        touch(cache, i);
    MM_CHECK_TRUE("nobody holds any", mm_key_cache_bytes(cache) <= SHARED * 512);
    mm_key_cache_free(&cache);
    mm_txt_store_free(&store);
}

MM_TEST_MAIN(MM_TEST(a_parsed_key_is_counted_with_all_it_takes),
             MM_TEST(a_million_keys_do_not_grow_memory),
             MM_TEST(what_is_held_may_be_above_the_limit),
             MM_TEST(answers_without_a_key_are_bounded_too),
             MM_TEST(threads_take_and_throw_out_without_harm))
