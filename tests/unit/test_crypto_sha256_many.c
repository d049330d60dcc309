/*
 * test_crypto_sha256_many.c - SHA-256 in lanes is OpenSSL's, for every tier, mixture and order.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each batch runs with every form: OpenSSL, the SHA extensions, and sixteen lanes that are used
 * from different numbers of inputs on.
 */
#include "crypto/sha256_many.h"

#include <openssl/sha.h>

#include "support/mm_test.h"

enum { JOBS_MAX = 300, TEXT_BYTES = 1 << 20 };

static char text[TEXT_BYTES];
static struct mm_digest_job jobs[JOBS_MAX];

static const struct form {
    const char *label;
    enum mm_cpu_tier tier;
    size_t wide_from;
} forms[] = {
    {"openssl", MM_CPU_PORTABLE, 1},
    {"SHA extensions", MM_CPU_AVX2, 1},
    {"SHA extensions, as a tail", MM_CPU_AVX512, MM_SHA256_WIDE + 1},
    {"lanes for the smallest batch", MM_CPU_AVX512, 1},
    {"lanes from nine", MM_CPU_AVX512, 9},
    {"lanes when full", MM_CPU_AVX512, MM_SHA256_WIDE},
};

static void fill_text(void)
{
    uint64_t seed = 180;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(mm_random(&seed) >> 56);
}

/* What an input is, beside its bytes; a pulled one comes in pieces of at most `piece`. */
struct source {
    struct mm_view rest;
    size_t piece;
};
static struct source sources[JOBS_MAX];

static size_t pull_piece(void *state, char *out, size_t cap)
{
    struct source *s = state;
    size_t n = s->rest.len < s->piece ? s->rest.len : s->piece;
    n = n < cap ? n : cap;
    memset(out, 0xee, cap);
    if (n > 0)
        memcpy(out, s->rest.data, n);
    s->rest = mm_view_sub(s->rest, n, s->rest.len - n);
    return n;
}

static void set_job(size_t at, struct mm_view input, size_t piece)
{
    sources[at] = (struct source){input, piece};
    jobs[at] = (struct mm_digest_job){.alg = MM_SHA256, .whole = input};
    if (piece > 0)
        jobs[at] = (struct mm_digest_job){
            .alg = MM_SHA256, .pull = pull_piece, .state = &sources[at], .size_hint = input.len};
}

/* Hash jobs[0..count) by every form and compare; `inputs` are their bytes. */
static void check_batch(const char *what, const struct mm_view *inputs, const size_t *pieces,
                        size_t count)
{
    struct mm_digest_ctx *ctx = mm_digest_ctx_new();
    assert_non_null(ctx);
    for (size_t f = 0; f < MM_COUNT(forms); f++) {
        mm_cpu_limit(forms[f].tier);
        mm_sha256_set_wide_from(forms[f].wide_from);
        for (size_t i = 0; i < count; i++)
            set_job(i, inputs[i], pieces ? pieces[i] : 0);
        MM_CHECK_INT(what, mm_digest_many(ctx, jobs, count), MM_OK);
        for (size_t i = 0; i < count; i++) {
            uint8_t want[MM_SHA256_BYTES];
            SHA256((const unsigned char *)inputs[i].data, inputs[i].len, want);
            if (memcmp(want, jobs[i].digest, sizeof want) != 0)
                fail_msg("%s, %s: input %zu of %zu, %zu bytes", what, forms[f].label, i, count,
                         inputs[i].len);
        }
    }
    mm_digest_ctx_free(&ctx);
    mm_cpu_limit(MM_CPU_AVX512);
}

static void every_length_and_alignment_gives_the_digest_of_openssl(void **state)
{
    (void)state;
    struct mm_view inputs[JOBS_MAX];
    size_t pieces[JOBS_MAX];
    fill_text();
    for (size_t base = 0; base <= 300; base += 100) {
        for (size_t i = 0; i <= 100; i++) {
            inputs[i] = (struct mm_view){text + i % 67, base + i};
            pieces[i] = i % 3 ? 0 : 1 + i % 130;
        }
        check_batch("lengths whole", inputs, NULL, 101);
        check_batch("lengths in pieces", inputs, pieces, 101);
    }
    for (size_t i = 0; i < 160; i++) /* about the edges of blocks and of scratch */
        inputs[i] = (struct mm_view){text + i, (i / 10 + 1) * 1024 + i % 10 - 5};
    check_batch("edges", inputs, NULL, 160);
}

static void every_number_of_inputs_fills_lanes_and_leaves_them(void **state)
{
    (void)state;
    struct mm_view inputs[JOBS_MAX] = {{NULL, 0}};
    for (size_t count = 0; count <= 256; count += count < 40 ? 1 : 27) {
        for (size_t i = 0; i < count; i++)
            inputs[i] = (struct mm_view){text + i, 333};
        check_batch("equal lengths", inputs, NULL, count);
        for (size_t i = 0; i < count; i++)
            inputs[i].len = 64 * i;
        check_batch("growing lengths", inputs, NULL, count);
    }
}

static void random_mixtures_and_hostile_orders_change_nothing(void **state)
{
    (void)state;
    struct mm_view inputs[JOBS_MAX];
    size_t pieces[JOBS_MAX];
    uint64_t seed = 4634;
    for (int round = 0; round < 12; round++) {
        size_t count = 1 + mm_random(&seed) % 256;
        for (size_t i = 0; i < count; i++) {
            size_t most = (size_t)64 << mm_random(&seed) % 9;
            size_t at = mm_random(&seed) % 4096;
            inputs[i] = (struct mm_view){text + at, mm_random(&seed) % most};
            pieces[i] = mm_random(&seed) % 2 ? 0 : 1 + mm_random(&seed) % 6000;
        }
        check_batch("mixture", inputs, pieces, count);
    }
    for (size_t i = 0; i < 256; i++)
        inputs[i] = (struct mm_view){text + i, i == 100 ? TEXT_BYTES - 256 : i % 3};
    check_batch("one huge, many tiny", inputs, NULL, 256);
    for (size_t i = 0; i < 20; i++)
        inputs[i] = (struct mm_view){text, i < 2 ? 200000 : 0};
    check_batch("two long, the others empty", inputs, NULL, 20);
}

/* A hint that lies about the order costs time, not truth. */
static void wrong_size_hints_change_nothing(void **state)
{
    (void)state;
    struct mm_digest_ctx *ctx = mm_digest_ctx_new();
    static const uint64_t hints[] = {0, UINT64_MAX, 1, 5000, (uint64_t)1 << 62, 3, 4, 7, 8};
    mm_sha256_set_wide_from(4);
    for (size_t i = 0; i < 50; i++) {
        set_job(i, (struct mm_view){text, 100 * i}, 90);
        jobs[i].size_hint = hints[i % MM_COUNT(hints)];
    }
    MM_CHECK_INT("status", mm_digest_many(ctx, jobs, 50), MM_OK);
    for (size_t i = 0; i < 50; i++) {
        uint8_t want[MM_SHA256_BYTES];
        SHA256((const unsigned char *)text, 100 * i, want);
        MM_CHECK_INT("digest", memcmp(want, jobs[i].digest, sizeof want), 0);
    }
    mm_digest_ctx_free(&ctx);
}

static void no_byte_outside_an_input_is_touched(void **state)
{
    (void)state;
    struct mm_view inputs[64];
    struct mm_guard guards[64];
    for (int front = 0; front <= 1; front++) {
        for (size_t i = 0; i < 64; i++) {
            struct mm_view v = {text + i, i * (front ? 3 : 5)};
            guards[i] = front ? mm_guard_copy_front(v) : mm_guard_copy(v);
            inputs[i] = guards[i].view;
        }
        check_batch("next to unmapped pages", inputs, NULL, 64);
        for (size_t i = 0; i < 64; i++)
            mm_guard_free(&guards[i]);
    }
}

/* A suffix lies behind the last block, fills it up, or begins a new one. */
static void a_suffix_is_hashed_behind_the_input(void **state)
{
    (void)state;
    struct mm_digest_ctx *ctx = mm_digest_ctx_new();
    char joined[200 + 8];
    for (size_t f = 0; f < MM_COUNT(forms); f++) {
        mm_cpu_limit(forms[f].tier);
        mm_sha256_set_wide_from(forms[f].wide_from);
        for (size_t i = 0; i < 200; i++) {
            set_job(i, (struct mm_view){text, i}, 0);
            jobs[i].suffix = (struct mm_view){"\r\nsuffix", 1 + i % MM_DIGEST_SUFFIX_MAX};
        }
        MM_CHECK_INT(forms[f].label, mm_digest_many(ctx, jobs, 200), MM_OK);
        for (size_t i = 0; i < 200; i++) {
            uint8_t want[MM_SHA256_BYTES];
            memcpy(joined, text, i);
            memcpy(joined + i, jobs[i].suffix.data, jobs[i].suffix.len);
            SHA256((const unsigned char *)joined, i + jobs[i].suffix.len, want);
            MM_CHECK_INT(forms[f].label, memcmp(want, jobs[i].digest, sizeof want), 0);
        }
    }
    mm_cpu_limit(MM_CPU_AVX512);
    mm_digest_ctx_free(&ctx);
}

/* FIPS 180-4's own examples, as published with it, in every lane at once. */
static void published_examples_hold_in_every_lane(void **state)
{
    (void)state;
    static const struct {
        const char *input, *digest;
    } examples[] = {
        {"abc", "\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23"
                "\xb0\x03\x61\xa3\x96\x17\x7a\x9c\xb4\x10\xff\x61\xf2\x00\x15\xad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "\x24\x8d\x6a\x61\xd2\x06\x38\xb8\xe5\xc0\x26\x93\x0c\x3e\x60\x39"
         "\xa3\x3c\xe4\x59\x64\xff\x21\x67\xf6\xec\xed\xd4\x19\xdb\x06\xc1"},
    };
    struct mm_digest_ctx *ctx = mm_digest_ctx_new();
    for (size_t f = 0; f < MM_COUNT(forms); f++) {
        mm_cpu_limit(forms[f].tier);
        mm_sha256_set_wide_from(forms[f].wide_from);
        for (size_t e = 0; e < MM_COUNT(examples); e++) {
            for (size_t i = 0; i < 16; i++)
                set_job(i, mm_view_of(examples[e].input), 0);
            MM_CHECK_INT(forms[f].label, mm_digest_many(ctx, jobs, 16), MM_OK);
            for (size_t i = 0; i < 16; i++)
                MM_CHECK_INT(forms[f].label, memcmp(jobs[i].digest, examples[e].digest, 32), 0);
        }
    }
    mm_cpu_limit(MM_CPU_AVX512);
    mm_digest_ctx_free(&ctx);
}

/* Digests nothing, as a processor would whose instructions do not do what they should. */
static void leave_all_unhashed(struct mm_sha256_lanes *lanes, struct mm_sha256_queue *queue)
{
    (void)lanes;
    (void)queue;
}

static void a_form_that_is_wrong_is_found_out_before_its_use(void **state)
{
    (void)state;
    MM_CHECK_TRUE("planted", !mm_sha256_kernel.works((mm_kernel_fn *)leave_all_unhashed));
}

static void where_sixteen_lanes_pay_is_measured(void **state)
{
    (void)state;
    mm_sha256_set_wide_from(0);
    mm_cpu_limit(MM_CPU_AVX512);
    print_message("# %s, sixteen lanes from %zu inputs\n", mm_sha256_backend(),
                  mm_cpu_tier() == MM_CPU_AVX512 ? mm_sha256_wide_from() : 0);
    if (mm_cpu_tier() == MM_CPU_AVX512 && mm_cpu_has("sha"))
        assert_in_range(mm_sha256_wide_from(), 1, MM_SHA256_WIDE + 1);
    mm_cpu_limit(MM_CPU_PORTABLE);
    assert_string_equal(mm_sha256_backend(), "openssl");
    mm_cpu_limit(MM_CPU_AVX512);
}

MM_TEST_MAIN(MM_TEST(every_length_and_alignment_gives_the_digest_of_openssl),
             MM_TEST(every_number_of_inputs_fills_lanes_and_leaves_them),
             MM_TEST(random_mixtures_and_hostile_orders_change_nothing),
             MM_TEST(wrong_size_hints_change_nothing), MM_TEST(no_byte_outside_an_input_is_touched),
             MM_TEST(a_suffix_is_hashed_behind_the_input),
             MM_TEST(published_examples_hold_in_every_lane),
             MM_TEST(a_form_that_is_wrong_is_found_out_before_its_use),
             MM_TEST(where_sixteen_lanes_pay_is_measured))
