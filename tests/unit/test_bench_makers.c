/*
 * test_bench_makers.c - what benchmarks work on is well-formed, distinct, and decided by its seed.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "base/hash128.h"
#include "bench/key_maker.h"
#include "bench/mail_maker.h"
#include "bench/report_maker.h"
#include "mail/message.h"
#include "report/dmarc_report.h"
#include "report/tls_report.h"
#include "support/mm_test.h"

enum { SOME = 200 };

static const struct {
    const char *label;
    enum mm_mail_sizes sizes;
    uint32_t count;
    size_t least, most; /* bytes of any of them */
    size_t mean_least, mean_most;
} shapes[] = {
    {"small", MM_MAIL_SMALL, SOME, 2000, 9000, 3000, 6000},
    {"mixed", MM_MAIL_MIXED, SOME, 1000, 21000000, 15000, 90000},
    {"large", MM_MAIL_LARGE, 1, 10000000, 10100000, 10000000, 10100000},
    {"archive", MM_MAIL_ARCHIVE, SOME, 1000, 1300000, 8000, 40000},
};

static void check_message(const char *label, const struct mm_mail_maker *m)
{
    struct mm_view text = mm_buf_view(&m->text);
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] == '\n' && (i == 0 || text.data[i - 1] != '\r'))
            fail_msg("%s: a bare LF at %zu", label, i);
    MM_CHECK_VIEW(label, mm_view_sub(text, m->body_at - 4, 4), MM_VIEW("\r\n\r\n"));
    MM_CHECK_VIEW(label, mm_view_sub(text, text.len - 2, 2), MM_VIEW("\r\n"));
    MM_CHECK_TRUE(label, memmem(text.data, m->body_at, "\r\nFrom:", 7) ||
                             mm_view_starts(text, MM_VIEW("From:")));
}

static void messages_have_the_sizes_of_their_shape(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(shapes); i++) {
        const struct mm_mail_shape shape = {.domains = 3, .sizes = shapes[i].sizes};
        struct mm_mail_maker m;
        size_t sum = 0;
        mm_mail_maker_init(&m, &shape, 1);
        for (uint32_t n = 0; n < shapes[i].count; n++) {
            MM_CHECK_TRUE(shapes[i].label, mm_mail_make(&m, n));
            MM_CHECK_TRUE(shapes[i].label,
                          m.text.len >= shapes[i].least && m.text.len <= shapes[i].most);
            MM_CHECK_TRUE(shapes[i].label, m.domain < 3);
            check_message(shapes[i].label, &m);
            sum += m.text.len;
        }
        sum /= shapes[i].count;
        MM_CHECK_TRUE(shapes[i].label, sum >= shapes[i].mean_least && sum <= shapes[i].mean_most);
        mm_mail_maker_deinit(&m);
    }
}

static struct mm_hash128 hash_of_some(uint64_t seed)
{
    const struct mm_mail_shape shape = {.domains = 3, .sizes = MM_MAIL_ARCHIVE};
    struct mm_mail_maker m;
    struct mm_buf all;
    mm_buf_init(&all, 64 << 20);
    mm_mail_maker_init(&m, &shape, seed);
    for (uint32_t n = 0; n < SOME; n++) {
        MM_CHECK_TRUE("made", mm_mail_make(&m, n));
        mm_buf_append(&all, mm_buf_view(&m.text));
    }
    struct mm_hash128 hash = mm_hash128_of(mm_buf_view(&all));
    mm_mail_maker_deinit(&m);
    mm_buf_deinit(&all);
    return hash;
}

static void a_seed_decides_all(void **state)
{
    struct mm_hash128 first = hash_of_some(1), again = hash_of_some(1), other = hash_of_some(2);
    (void)state;
    MM_CHECK_INT("the same", memcmp(&first, &again, sizeof first), 0);
    MM_CHECK_TRUE("another", memcmp(&first, &other, sizeof first) != 0);
}

/* A draw among the arguments of a call would make other bytes with another compiler, and a baseline
 * made with one worthless with the other. Whoever changes what is made gives the workloads a new
 * version. */
static void every_compiler_makes_the_same(void **state)
{
    const struct mm_hash128 mail = hash_of_some(1);
    struct mm_report_maker m;
    struct mm_buf all;
    (void)state;
    mm_buf_init(&all, 64 << 20);
    mm_report_maker_init(&m, 1);
    for (uint32_t i = 0; i < SOME; i++) {
        MM_CHECK_TRUE("aggregate", mm_report_make_aggregate(&m, i));
        mm_buf_append(&all, mm_buf_view(&m.text));
        MM_CHECK_TRUE("TLS", mm_report_make_tls(&m, i));
        mm_buf_append(&all, mm_buf_view(&m.text));
        MM_CHECK_TRUE("bounce", mm_report_make_bounce(&m, i));
        mm_buf_append(&all, mm_buf_view(&m.text));
    }
    const struct mm_hash128 reports = mm_hash128_of(mm_buf_view(&all));
    MM_CHECK_TRUE("mail", mail.low == 0x1a663a10c9a78a80);
    MM_CHECK_TRUE("reports", reports.low == 0xedd052b724477881);
    mm_report_maker_deinit(&m);
    mm_buf_deinit(&all);
}

static void keys_hold_and_are_the_same_for_a_seed(void **state)
{
    struct mm_draw draw = {5}, again = {5};
    BIGNUM *p = mm_bench_prime(&draw), *q = mm_bench_prime(&draw), *same = mm_bench_prime(&again);
    (void)state;
    assert_true(p && q && same);
    MM_CHECK_INT("a seed, a prime", BN_cmp(p, same), 0);
    EVP_PKEY *key = mm_bench_rsa_key(p, q);
    assert_non_null(key);
    MM_CHECK_INT("bits", EVP_PKEY_get_bits(key), 2 * MM_BENCH_PRIME_BITS);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    MM_CHECK_INT("the numbers belong together", EVP_PKEY_check(ctx), 1);
    MM_CHECK_TRUE("no key of equal primes", !mm_bench_rsa_key(p, p));
    EVP_PKEY *ed = mm_bench_ed25519_key(&draw);
    MM_CHECK_TRUE("Ed25519", ed && EVP_PKEY_get_id(ed) == EVP_PKEY_ED25519);
    EVP_PKEY_free(ed);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    BN_free(p);
    BN_free(q);
    BN_free(same);
}

static void reports_can_be_read(void **state)
{
    struct mm_report_maker m;
    struct mm_arena arena;
    struct mm_report_fault fault;
    static struct mm_dmarc_report dmarc;
    static struct mm_tls_report tls;
    (void)state;
    mm_report_maker_init(&m, 1);
    mm_arena_init(&arena, 256 << 20);
    for (uint32_t i = 0; i < SOME; i++) {
        mm_arena_reset(&arena);
        MM_CHECK_TRUE("aggregate", mm_report_make_aggregate(&m, i) && m.gzip.len > 0);
        MM_CHECK_INT(m.name,
                     mm_dmarc_parse(mm_buf_view(&m.text), NULL, NULL, &arena, &dmarc, &fault),
                     MM_OK);
        MM_CHECK_INT(m.name, dmarc.record_count, m.records);
        MM_CHECK_TRUE("TLS", mm_report_make_tls(&m, i) && m.gzip.len > 0);
        MM_CHECK_INT(m.name, mm_tls_parse(mm_buf_view(&m.text), NULL, &arena, &tls, &fault), MM_OK);
        MM_CHECK_INT(m.name, tls.policy_count, m.records);
        MM_CHECK_TRUE("bounce", mm_report_make_bounce(&m, i) && m.text.len > 500);
    }
    mm_arena_deinit(&arena);
    mm_report_maker_deinit(&m);
}

MM_TEST_MAIN(MM_TEST(messages_have_the_sizes_of_their_shape), MM_TEST(a_seed_decides_all),
             MM_TEST(every_compiler_makes_the_same), MM_TEST(keys_hold_and_are_the_same_for_a_seed),
             MM_TEST(reports_can_be_read))
