/*
 * test_dkim_sign_field.c - the layout of a signature field: columns, folds, and that it re-parses.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "crypto/digest.h"
#include "dkim/sig_field.h"
#include "dkim/sign_field.h"
#include "support/mm_test.h"

static const uint8_t body_hash[MM_SHA256_BYTES] = {1, 2, 3};

static void the_layout_is_fixed(void **state)
{
    (void)state;
    struct mm_buf out;
    uint8_t signature[64];
    memset(signature, 0xa5, sizeof signature);
    mm_buf_init(&out, 4096);
    struct mm_sign_field field = {
        .key_type = MM_KEY_ED25519,
        .header_canon = MM_CANON_RELAXED,
        .body_canon = MM_CANON_SIMPLE,
        .domain = MM_VIEW("example.com"),
        .selector = MM_VIEW("s1"),
        .identity = MM_VIEW("@example.com"),
        .headers = MM_VIEW("from:reply-to:subject:date:to:list-unsubscribe:"
                           "list-unsubscribe-post:feedback-id:from"),
        .signed_at = 1700000000,
        .expires_at = 1700604800,
        .body_hash = body_hash,
        .line_end = MM_VIEW("\r\n"),
    };
    size_t column = mm_sign_field_begin(&out, &field);
    mm_sign_field_end(&out, column, signature, sizeof signature, field.line_end);
    MM_CHECK_VIEW(
        "layout", mm_buf_view(&out),
        MM_VIEW("DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/simple; d=example.com; s=s1;\r\n"
                " t=1700000000; x=1700604800; i=@example.com; h=from:reply-to:subject:date:to:\r\n"
                " list-unsubscribe:list-unsubscribe-post:feedback-id:from;\r\n"
                " bh=AQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=; b=paWlpaWlpaWlpaWlpaWlpaWlp\r\n"
                " aWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpQ==\r\n"));
    mm_buf_deinit(&out);
}

/* A name, or a label, of random length. */
static size_t random_word(uint64_t *seed, char *out, size_t max)
{
    size_t len = 1 + mm_random(seed) % max;
    for (size_t i = 0; i < len; i++)
        out[i] = (char)('a' + mm_random(seed) % 26);
    return len;
}

static size_t random_list(uint64_t *seed, char separator, size_t words, size_t max, char *out)
{
    size_t len = 0;
    for (size_t i = 0; i < words; i++) {
        if (i > 0)
            out[len++] = separator;
        len += random_word(seed, out + len, max);
    }
    return len;
}

static void check_lines(struct mm_view text, struct mm_view line_end)
{
    struct mm_view line;
    assert_true(mm_view_ends(text, line_end));
    text.len -= line_end.len;
    for (size_t number = 0, more = 1; more; number++) {
        more = mm_view_cut(text, '\n', &line, &text);
        if (more && line_end.len == 2) {
            assert_true(mm_view_ends(line, MM_VIEW("\r")));
            line.len--;
        }
        MM_CHECK_TRUE("columns", line.len < 78);
        MM_CHECK_TRUE("fold", number == 0 || (mm_is_wsp((unsigned char)line.data[0]) &&
                                              mm_view_trim_wsp(line).len > 0));
        MM_CHECK_TRUE("no blank at the end", !mm_is_wsp((unsigned char)line.data[line.len - 1]));
    }
}

static void any_values_stay_below_78_columns_and_parse_again(void **state)
{
    (void)state;
    uint64_t seed = 5;
    struct mm_arena arena;
    struct mm_buf out;
    mm_arena_init(&arena, 1024 * 1024);
    mm_buf_init(&out, 64 * 1024);
    for (int round = 0; round < 3000; round++) {
        char domain[200], selector[70], headers[4096] = "from:";
        uint8_t signature[1024];
        size_t signature_bytes = 1 + mm_random(&seed) % sizeof signature;
        struct mm_sign_field field = {
            .key_type = mm_random(&seed) % 2 ? MM_KEY_RSA : MM_KEY_ED25519,
            .header_canon = mm_random(&seed) % 2 ? MM_CANON_RELAXED : MM_CANON_SIMPLE,
            .body_canon = mm_random(&seed) % 2 ? MM_CANON_RELAXED : MM_CANON_SIMPLE,
            .domain = {domain, random_list(&seed, '.', 2 + mm_random(&seed) % 3, 16, domain)},
            .selector = {selector, random_word(&seed, selector, 60)},
            .headers = {headers,
                        5 + random_list(&seed, ':', 1 + mm_random(&seed) % 60, 60, headers + 5)},
            .signed_at = mm_random(&seed) % 999999999999,
            .body_hash = body_hash,
            .line_end = mm_random(&seed) % 2 ? MM_VIEW("\r\n") : MM_VIEW("\n"),
        };
        for (size_t i = 0; i < signature_bytes; i++)
            signature[i] = (uint8_t)mm_random(&seed);
        mm_buf_clear(&out);
        size_t column = mm_sign_field_begin(&out, &field);
        mm_sign_field_end(&out, column, signature, signature_bytes, field.line_end);
        check_lines(mm_buf_view(&out), field.line_end);

        struct mm_view name, value;
        struct mm_sig_field f;
        assert_true(mm_view_cut(mm_buf_view(&out), ':', &name, &value));
        assert_int_equal(mm_sig_field_parse(value, &arena, &f), MM_OK);
        MM_CHECK_INT("fault", f.fault, MM_REASON_NONE);
        MM_CHECK_VIEW("d", f.domain, field.domain);
        MM_CHECK_VIEW("s", f.selector, field.selector);
        MM_CHECK_VIEW("b", f.signature, ((struct mm_view){(char *)signature, signature_bytes}));
        struct mm_view want = field.headers, got = f.headers, a, b;
        while (mm_header_list_next(&want, &a)) {
            assert_true(mm_header_list_next(&got, &b));
            MM_CHECK_VIEW("h", b, a);
        }
        assert_false(mm_header_list_next(&got, &b));
        mm_arena_reset(&arena);
    }
    mm_buf_deinit(&out);
    mm_arena_deinit(&arena);
}

static void identities_are_quoted_printable(void **state)
{
    (void)state;
    struct mm_buf out;
    mm_buf_init(&out, 4096);
    mm_sign_identity_encode(&out, MM_VIEW("\"a b\"=;\xc3\xbc@example.com"));
    MM_CHECK_VIEW("encoded", mm_buf_view(&out), MM_VIEW("\"a=20b\"=3D=3B=C3=BC@example.com"));
    mm_buf_deinit(&out);
}

MM_TEST_MAIN(MM_TEST(the_layout_is_fixed),
             MM_TEST(any_values_stay_below_78_columns_and_parse_again),
             MM_TEST(identities_are_quoted_printable))
