/*
 * test_dkim_api.c - the public signer and verifier: one message at a time, through handles.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "mailmill/mailmill.h"
#include "support/mm_test.h"

static const char mail[] = "From: Ann <ann@news.example.com>\r\nSubject: x\r\n\r\nHello\r\n";

struct handles {
    struct mm_key_source *keys;
    struct mm_sign_rules *rules;
    struct mm_signer *signer;
    struct mm_verifier *verifier;
};

static void open_handles(struct handles *h, struct mm_sign_options sign,
                         struct mm_verify_options verify, bool with_keys)
{
    char zone[1024], key_table[1024], signing_table[1100];
    struct mm_error err = {.text = ""};
    struct mm_sign_rules_options options = {.allow_insecure_key = true, .multiple = true};
    snprintf(zone, sizeof zone, "%s/datasets/keys/zone", mm_test_source_dir());
    snprintf(key_table, sizeof key_table, "%s/datasets/keys/KeyTable", mm_test_source_dir());
    snprintf(signing_table, sizeof signing_table, "refile:%s/datasets/keys/SigningTable",
             mm_test_source_dir());
    *h = (struct handles){.keys = mm_key_source_new()};
    assert_non_null(h->keys);
    if (mm_key_source_add(h->keys, zone, &err) != MM_OK ||
        mm_sign_rules_from_tables(key_table, signing_table, &options, &h->rules, &err) != MM_OK ||
        mm_signer_new(h->rules, &sign, &h->signer, &err) != MM_OK ||
        mm_verifier_new(with_keys ? h->keys : NULL, &verify, &h->verifier, &err) != MM_OK)
        fail_msg("%s", err.text);
}

static void close_handles(struct handles *h)
{
    mm_verifier_free(&h->verifier);
    mm_signer_free(&h->signer);
    mm_sign_rules_free(&h->rules);
    mm_key_source_free(&h->keys);
    assert_true(!h->verifier && !h->signer && !h->rules && !h->keys);
    mm_verifier_free(&h->verifier);
    mm_signer_free(&h->signer);
}

static struct mm_view put_on_top(struct mm_view fields, struct mm_view message)
{
    char *text = malloc(fields.len + message.len);
    assert_non_null(text);
    memcpy(text, fields.data, fields.len);
    memcpy(text + fields.len, message.data, message.len);
    return (struct mm_view){text, fields.len + message.len};
}

static void what_is_signed_verifies(void **state)
{
    (void)state;
    struct handles h;
    struct mm_error err;
    struct mm_view fields;
    const char *slug = NULL;
    open_handles(&h, (struct mm_sign_options){.now = 1700000000},
                 (struct mm_verify_options){.now = 1700000000}, true);
    for (int round = 0; round < 3; round++) {
        struct mm_dkim_verdict v;
        assert_int_equal(mm_sign(h.signer, mm_view_of(mail), &fields, &slug, &err), MM_OK);
        assert_string_equal(slug, "");
        struct mm_view message = put_on_top(fields, mm_view_of(mail));
        assert_int_equal(mm_verify(h.verifier, message, &v, &err), MM_OK);
        assert_int_equal(v.result, MM_DKIM_PASS);
        assert_int_equal(v.count, 2);
        MM_CHECK_VIEW("rsa", v.signatures[0].algorithm, MM_VIEW("rsa-sha256"));
        MM_CHECK_INT("rsa", v.signatures[0].key_bits, 2048);
        MM_CHECK_VIEW("ed25519", v.signatures[1].algorithm, MM_VIEW("ed25519-sha256"));
        MM_CHECK_VIEW("from", v.from_domain, MM_VIEW("news.example.com"));
        ((char *)message.data)[message.len - 3] ^= 1;
        assert_int_equal(mm_verify(h.verifier, message, &v, &err), MM_OK);
        assert_int_equal(v.result, MM_DKIM_FAIL);
        free((char *)message.data);
    }
    close_handles(&h);
}

static void without_a_source_of_keys_the_rest_is_checked(void **state)
{
    (void)state;
    struct handles h;
    struct mm_error err;
    struct mm_view fields;
    struct mm_dkim_verdict v;
    open_handles(&h, (struct mm_sign_options){.now = 1700000000},
                 (struct mm_verify_options){.now = 1700000000}, false);
    assert_int_equal(mm_sign(h.signer, mm_view_of(mail), &fields, NULL, &err), MM_OK);
    struct mm_view message = put_on_top(fields, mm_view_of(mail));
    assert_int_equal(mm_verify(h.verifier, message, &v, &err), MM_OK);
    assert_int_equal(v.result, MM_DKIM_NEUTRAL);
    assert_string_equal(mm_reason_slug(v.signatures[0].reason), "no-key-source");
    MM_CHECK_INT("body", v.signatures[0].body_hash, MM_CHECK_OK);
    free((char *)message.data);
    close_handles(&h);
}

static void what_cannot_be_signed_has_a_slug_and_words(void **state)
{
    (void)state;
    struct handles h;
    struct mm_error err;
    struct mm_view fields;
    static const struct {
        const char *message, *slug;
    } bad[] = {
        {"", "empty-message"},
        {"To: x\r\n\r\n", "no-from"},
        {"From: a@b.example\r\nFrom: a@b.example\r\n\r\n", "several-from"},
        {"From: a@elsewhere.example\r\n\r\n", "no-signing-row"},
    };
    open_handles(&h, (struct mm_sign_options){.now = 1700000000},
                 (struct mm_verify_options){.now = 1700000000}, true);
    for (size_t i = 0; i < MM_COUNT(bad); i++) {
        const char *slug = NULL;
        MM_CHECK_INT(bad[i].slug,
                     mm_sign(h.signer, mm_view_of(bad[i].message), &fields, &slug, &err),
                     MM_E_SYNTAX);
        assert_string_equal(slug, bad[i].slug);
        MM_CHECK_TRUE(bad[i].slug, err.text[0] != '\0' && fields.len == 0);
    }
    close_handles(&h);
}

static void a_header_without_end_is_a_limit(void **state)
{
    (void)state;
    struct handles h;
    struct mm_error err;
    struct mm_dkim_verdict v;
    size_t len = 2 * 1024 * 1024;
    char *text = malloc(len);
    assert_non_null(text);
    memset(text, 'x', len);
    memcpy(text, "From: ", 6);
    open_handles(&h, (struct mm_sign_options){.now = 1}, (struct mm_verify_options){.now = 1},
                 true);
    assert_int_equal(mm_verify(h.verifier, (struct mm_view){text, len}, &v, &err), MM_E_LIMIT);
    assert_int_equal(v.count, 0);
    close_handles(&h);
    free(text);
}

MM_TEST_MAIN(MM_TEST(what_is_signed_verifies),
             MM_TEST(without_a_source_of_keys_the_rest_is_checked),
             MM_TEST(what_cannot_be_signed_has_a_slug_and_words),
             MM_TEST(a_header_without_end_is_a_limit))
