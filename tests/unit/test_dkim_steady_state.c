/*
 * test_dkim_steady_state.c - once warm, a batch is signed and verified without a heap allocation.
 * SPDX-License-Identifier: Apache-2.0
 *
 * malloc is counted by standing in front of it. What OpenSSL allocates inside its calls goes past
 * the counter: it is not ours to forbid.
 */
#include <openssl/crypto.h>

#include "dkim/sign_batch.h"
#include "support/counted_malloc.h"
#include "support/mm_test.h"

#if COUNTS_ALLOCATIONS
static void *openssl_malloc(size_t bytes, const char *file, int line)
{
    (void)file;
    (void)line;
    return __libc_malloc(bytes);
}

static void *openssl_realloc(void *at, size_t bytes, const char *file, int line)
{
    (void)file;
    (void)line;
    return __libc_realloc(at, bytes);
}

static void openssl_free(void *at, const char *file, int line)
{
    (void)file;
    (void)line;
    __libc_free(at);
}

static int pass_openssl_by(void)
{
    return CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) ? 0 : -1;
}
#else
static int pass_openssl_by(void)
{
    return 0;
}
#endif

enum { BATCH = 64, BODY = 3000 };

static struct mm_view make_message(char *text, size_t cap, unsigned number)
{
    size_t len = (size_t)snprintf(text, cap,
                                  "From: ann@example.com\r\nTo: %u@example.net\r\n"
                                  "Subject: number %u\r\n\r\n",
                                  number, number);
    while (len < BODY)
        len += (size_t)snprintf(text + len, cap - len, "Line of %u,  with blanks \r\n", number);
    return (struct mm_view){text, len};
}

struct pile {
    char texts[BATCH][BODY + 4096];
    struct mm_sign_item unsigned_items[BATCH];
    struct mm_verify_item signed_items[BATCH];
};

/* Sign all; put each field on top of its message for the verifier. */
static void sign_pile(struct mm_sign_worker *w, struct mm_arena *arena, struct pile *p)
{
    for (unsigned i = 0; i < BATCH; i++)
        p->unsigned_items[i].bytes = make_message(p->texts[i] + 4000, BODY + 90, i);
    assert_int_equal(mm_sign_batch(w, arena, p->unsigned_items, BATCH), MM_OK);
    for (unsigned i = 0; i < BATCH; i++) {
        struct mm_sign_item *item = &p->unsigned_items[i];
        assert_int_equal(item->outcome, MM_SIGN_OK);
        assert_true(item->fields.len < 4000);
        char *top = p->texts[i] + 4000 - item->fields.len;
        memcpy(top, item->fields.data, item->fields.len);
        p->signed_items[i].bytes = (struct mm_view){top, item->fields.len + item->bytes.len};
    }
    mm_arena_reset(arena);
}

static void verify_pile(struct mm_verify_worker *w, struct mm_arena *arena, struct pile *p)
{
    assert_int_equal(mm_verify_batch(w, arena, p->signed_items, BATCH), MM_OK);
    for (unsigned i = 0; i < BATCH; i++)
        assert_int_equal(p->signed_items[i].verdict.result, MM_DKIM_PASS);
    mm_arena_reset(arena);
}

static struct mm_sign_rules *read_rules(void)
{
    char rsa[1024], ed25519[1024];
    struct mm_sign_rules *rules;
    struct mm_error err;
    struct mm_sign_rules_options options = {.allow_insecure_key = true};
    snprintf(rsa, sizeof rsa, "%s/datasets/keys/mail.pem", mm_test_source_dir());
    snprintf(ed25519, sizeof ed25519, "%s/datasets/keys/ed25519.pem", mm_test_source_dir());
    struct mm_sign_identity both[] = {{"example.com", "m1", rsa}, {"example.com", "e1", ed25519}};
    if (mm_sign_rules_of(both, 2, &options, &rules, &err) != MM_OK)
        fail_msg("%s", err.text);
    return rules;
}

static struct mm_txt_store *read_zone(void)
{
    char zone[1024];
    struct mm_error err;
    struct mm_txt_store *store = mm_txt_store_new();
    snprintf(zone, sizeof zone, "%s/datasets/keys/zone", mm_test_source_dir());
    if (!store || mm_txt_store_add(store, zone, &err) != MM_OK)
        fail_msg("%s", err.text);
    return store;
}

static void warm_batches_allocate_nothing(void **state)
{
    (void)state;
    struct mm_sign_rules *rules = read_rules();
    struct mm_txt_store *store = read_zone();
    struct mm_key_cache *cache = mm_key_cache_new(store);
    struct mm_sign_options sign = {.now = 1700000000, .body_canon = MM_CANONICALIZATION_RELAXED};
    struct mm_verify_options verify = {.now = 1700000000};
    struct mm_sign_worker signer;
    struct mm_verify_worker verifier;
    struct mm_arena arena;
    struct mm_error err;
    struct pile *pile = calloc(1, sizeof *pile);
    assert_true(pile && cache);
    mm_arena_init(&arena, 64 * 1024 * 1024);
    assert_int_equal(mm_sign_worker_init(&signer, rules, &sign, &err), MM_OK);
    assert_int_equal(mm_verify_worker_init(&verifier, cache, &verify), MM_OK);
    for (int round = 0; round < 6; round++) {
        size_t before = allocations;
        sign_pile(&signer, &arena, pile);
        size_t between = allocations;
        verify_pile(&verifier, &arena, pile);
        if (round < 2)
            continue; /* blocks, buffers and contexts find their size */
        MM_CHECK_INT("signing", between - before, 0);
        MM_CHECK_INT("verifying", allocations - between, 0);
    }
    assert_true(!COUNTS_ALLOCATIONS || allocations > 0);
    mm_sign_worker_deinit(&signer);
    mm_verify_worker_deinit(&verifier);
    mm_arena_deinit(&arena);
    mm_key_cache_free(&cache);
    mm_txt_store_free(&store);
    mm_sign_rules_free(&rules);
    free(pile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {MM_TEST(warm_batches_allocate_nothing)};
    if (pass_openssl_by() != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
