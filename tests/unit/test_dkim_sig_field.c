/*
 * test_dkim_sig_field.c - every tag of a signature field, right, wrong, missing and hostile.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/sig_field.h"
#include "support/mm_test.h"

#define BH   "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define HEAD "v=1; a=rsa-sha256; d=d.example; s=s1; h=from:to; bh=" BH "; b=QUJD"
/* RFC 8616 section 4: d= as it is typed. */
#define IDN_HEAD(domain) "v=1; a=rsa-sha256; d=" domain "; s=s1; h=from; bh=" BH "; b=QUJD"
#define BUECHER                                                                                    \
    "b\xc3\xbc"                                                                                    \
    "cher.example"

static const struct {
    const char *label, *text;
    enum mm_reason fault;
} cases[] = {
    {"plain", HEAD, MM_REASON_NONE},
    {"trailing semicolon", HEAD ";", MM_REASON_NONE},
    {"unknown tag", HEAD "; foo=bar; bb=x", MM_REASON_NONE},
    {"another order", "h=From; b=QUJD; bh=" BH "; s=s1; d=d.example; a=ed25519-sha256; v=1",
     MM_REASON_NONE},
    {"folds everywhere",
     "\r\n v\r\n = 1;a =rsa-sha256 ;\td=d.example; s=s1;\n h=from\r\n\t: to ; bh=47DEQpj8HBSa+/TI"
     "\r\n mW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=QU\r\n JD\r\n ",
     MM_REASON_NONE},

    {"empty", "", MM_REASON_TAG_LIST},
    {"double semicolon", "v=1;; a=rsa-sha256", MM_REASON_TAG_LIST},
    {"d= twice", HEAD "; d=d.example", MM_REASON_TAG_LIST},
    {"encoded word", "=?utf-8?q?v=3D1?=", MM_REASON_TAG_LIST},
    {"an escape in i=", HEAD "; i=\x1b[31m@d.example", MM_REASON_BAD_I},
    {"DEL in i=", HEAD "; i=a\x7f@d.example", MM_REASON_BAD_I},
    {"an encoded BEL in i=", HEAD "; i=a=07@d.example", MM_REASON_BAD_I},
    {"a fold in i=", HEAD "; i=a\r\n @d.example", MM_REASON_NONE},
    {"no v=", "a=rsa-sha256; d=d.example; s=s1; h=from; bh=" BH "; b=QUJD", MM_REASON_NO_V},
    {"no a=", "v=1; d=d.example; s=s1; h=from; bh=" BH "; b=QUJD", MM_REASON_NO_A},
    {"no b=", "v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=" BH, MM_REASON_NO_B},
    {"empty b=", "v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=" BH "; b=\r\n ",
     MM_REASON_NO_B},
    {"no bh=", "v=1; a=rsa-sha256; d=d.example; s=s1; h=from; b=QUJD", MM_REASON_NO_BH},
    {"upper-case D=", "v=1; a=rsa-sha256; D=d.example; s=s1; h=from; bh=" BH "; b=QUJD",
     MM_REASON_NO_D},
    {"no h=", "v=1; a=rsa-sha256; d=d.example; s=s1; bh=" BH "; b=QUJD", MM_REASON_NO_H},
    {"empty s=", "v=1; a=rsa-sha256; d=d.example; s=; h=from; bh=" BH "; b=QUJD", MM_REASON_NO_S},

    {"v=0.5", "v=0.5; a=rsa-sha256; d=d.example; s=s1; h=from; bh=" BH "; b=QUJD", MM_REASON_BAD_V},
    {"a= in upper case", "v=1; a=RSA-SHA256; d=d.example; s=s1; h=from; bh=" BH "; b=QUJD",
     MM_REASON_BAD_A},
    {"rsa-sha512", "v=1; a=rsa-sha512; d=d.example; s=s1; h=from; bh=" BH "; b=QUJD",
     MM_REASON_BAD_A},
    {"c=relaxed", HEAD "; c=relaxed", MM_REASON_NONE},
    {"c=relaxed/relaxed", HEAD "; c=relaxed/relaxed", MM_REASON_NONE},
    {"c=Relaxed", HEAD "; c=Relaxed", MM_REASON_BAD_C},
    {"c=nofws", HEAD "; c=nofws/simple", MM_REASON_BAD_C},
    {"c= without a body form", HEAD "; c=relaxed/", MM_REASON_BAD_C},
    {"c= empty", HEAD "; c=", MM_REASON_BAD_C},
    {"q=dns/txt", HEAD "; q=dns/txt ", MM_REASON_NONE},
    {"q= with more", HEAD "; q=foo/bar : dns/txt", MM_REASON_NONE},
    {"q= of others", HEAD "; q=http/well-known", MM_REASON_BAD_Q},

    {"d= with a dot at its end", "v=1; a=rsa-sha256; d=d.example.; s=s1; h=from; bh=" BH "; b=QUJD",
     MM_REASON_BAD_D},
    {"d= with a parenthesis",
     "v=1; a=rsa-sha256; d=a.example(.b.example; s=s1; h=from; bh=" BH "; b=QUJD", MM_REASON_BAD_D},
    {"d= in U-labels", IDN_HEAD(BUECHER), MM_REASON_NONE},
    {"i= in A-labels, d= in U-labels", IDN_HEAD(BUECHER) "; i=@xn--bcher-kva.example",
     MM_REASON_NONE},
    {"i= in U-labels, d= in A-labels", IDN_HEAD("xn--bcher-kva.example") "; i=a@sub." BUECHER,
     MM_REASON_NONE},
    {"i= in U-labels, quoted", IDN_HEAD(BUECHER) "; i=@B=C3=BCcher.example", MM_REASON_NONE},
    {"i= in capitals that are no U-label", IDN_HEAD(BUECHER) "; i=@b=C3=9Ccher.example",
     MM_REASON_U_LABEL},
    {"i= in other U-labels",
     IDN_HEAD(BUECHER) "; i=@b\xc3\xa4"
                       "cher.example",
     MM_REASON_IDENTITY},
    {"i= without UTF-8", IDN_HEAD(BUECHER) "; i=@b=C3.example", MM_REASON_BAD_U_LABEL},
    {"i= of a symbol", IDN_HEAD(BUECHER) "; i=@=E2=98=83." BUECHER, MM_REASON_U_LABEL},
    {"d= without UTF-8", IDN_HEAD("b\xc3(.example"), MM_REASON_BAD_U_LABEL},
    {"d= of a symbol", IDN_HEAD("\xe2\x98\x83.example"), MM_REASON_U_LABEL},
    {"d= of one U-label",
     IDN_HEAD("b\xc3\xbc"
              "cher"),
     MM_REASON_BAD_D},
    {"d= with an empty label among U-labels",
     IDN_HEAD("b\xc3\xbc"
              "cher..example"),
     MM_REASON_BAD_D},
    {"s= in U-labels, d= not",
     "v=1; a=rsa-sha256; d=d.example; s=\xc3\xbc._1; h=from; bh=" BH "; b=QUJD", MM_REASON_NONE},
    {"s= without UTF-8", "v=1; a=rsa-sha256; d=d.example; s=\xfc; h=from; bh=" BH "; b=QUJD",
     MM_REASON_BAD_U_LABEL},
    {"s= of a blank and a U-label",
     "v=1; a=rsa-sha256; d=d.example; s=\xc3\xbc b; h=from; bh=" BH "; b=QUJD", MM_REASON_U_LABEL},
    {"s= with an empty label", "v=1; a=rsa-sha256; d=d.example; s=a..b; h=from; bh=" BH "; b=QUJD",
     MM_REASON_BAD_S},
    {"h= ends in a colon", "v=1; a=rsa-sha256; d=d.example; s=s1; h=from:; bh=" BH "; b=QUJD",
     MM_REASON_BAD_H},
    {"h= with a blank inside a name",
     "v=1; a=rsa-sha256; d=d.example; s=s1; h=from:re ply; bh=" BH "; b=QUJD", MM_REASON_BAD_H},
    {"h= without From", "v=1; a=rsa-sha256; d=d.example; s=s1; h=to:x-from; bh=" BH "; b=QUJD",
     MM_REASON_FROM_UNSIGNED},
    {"h= with FROM", "v=1; a=rsa-sha256; d=d.example; s=s1; h=to:FROM; bh=" BH "; b=QUJD",
     MM_REASON_NONE},
    {"b= with a star", "v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=" BH "; b=QU*D",
     MM_REASON_BAD_B},
    {"b= of five characters", "v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=" BH "; b=QUJDQ",
     MM_REASON_BAD_B},
    {"bh= of 31 octets",
     "v=1; a=rsa-sha256; d=d.example; s=s1; h=from; b=QUJD; "
     "bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuA==",
     MM_REASON_NONE},
    {"bh= of SHA-1 under sha256",
     "v=1; a=rsa-sha256; d=d.example; s=s1; h=from; b=QUJD; bh=2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
     MM_REASON_NONE},
    {"bh= of SHA-1",
     "v=1; a=rsa-sha1; d=d.example; s=s1; h=from; b=QUJD; bh=2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
     MM_REASON_NONE},
    {"bh= is no base64", "v=1; a=rsa-sha256; d=d.example; s=s1; h=from; b=QUJD; bh=!",
     MM_REASON_BAD_BH},

    {"i= of the domain", HEAD "; i=@d.example", MM_REASON_NONE},
    {"i= below the domain, any case", HEAD "; i=a@Sub.D.Example", MM_REASON_NONE},
    {"i= quoted-printable", HEAD "; i=x=3D@d.ex\r\n ample", MM_REASON_NONE},
    {"i= whose quoted '@' is the domain's", HEAD "; i=x=40d.example", MM_REASON_NONE},
    {"i= elsewhere", HEAD "; i=@other.example", MM_REASON_IDENTITY},
    {"i= that ends in the letters of d=", HEAD "; i=@evild.example", MM_REASON_IDENTITY},
    {"i= above d=", HEAD "; i=@example", MM_REASON_BAD_I},
    {"i= without '@'", HEAD "; i=d.example", MM_REASON_BAD_I},
    {"i= with a lone '='", HEAD "; i=a=4@d.example=", MM_REASON_BAD_I},
    {"i= empty", HEAD "; i=", MM_REASON_BAD_I},

    {"l=0", HEAD "; l=0", MM_REASON_NONE},
    {"l= of 76 digits",
     HEAD "; l=9999999999999999999999999999999999999999999999999999999999999999999999999999",
     MM_REASON_NONE},
    {"l= of 77 digits",
     HEAD "; l=99999999999999999999999999999999999999999999999999999999999999999999999999999",
     MM_REASON_BAD_L},
    {"l= negative", HEAD "; l=-1", MM_REASON_BAD_L},
    {"l= empty", HEAD "; l=", MM_REASON_BAD_L},
    {"t= of 12 digits", HEAD "; t=999999999999", MM_REASON_NONE},
    {"t= of 13 digits", HEAD "; t=1000000000000", MM_REASON_BAD_T},
    {"t= hexadecimal", HEAD "; t=0x10", MM_REASON_BAD_T},
    {"x= after t=", HEAD "; t=10; x=11", MM_REASON_NONE},
    {"x= at t=", HEAD "; t=10; x=10", MM_REASON_X_BEFORE_T},
    {"x= with a blank inside", HEAD "; x=1 0", MM_REASON_BAD_X},
};

static void every_fault_has_its_reason(void **state)
{
    (void)state;
    struct mm_arena arena;
    mm_arena_init(&arena, 1024 * 1024);
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_guard g = mm_guard_copy(mm_view_of(cases[i].text));
        struct mm_sig_field f;
        assert_int_equal(mm_sig_field_parse(g.view, &arena, &f), MM_OK);
        if (f.fault != cases[i].fault)
            print_error("%s: %s\n", cases[i].label, mm_reason_slug(f.fault));
        MM_CHECK_INT(cases[i].label, f.fault, cases[i].fault);
        mm_guard_free(&g);
        mm_arena_reset(&arena);
    }
    mm_arena_deinit(&arena);
}

static void values_are_decoded_and_kept_as_written(void **state)
{
    (void)state;
    struct mm_arena arena;
    struct mm_sig_field f;
    mm_arena_init(&arena, 1024 * 1024);
    struct mm_view text =
        MM_VIEW(" v=1; a=ed25519-sha256; c=relaxed; d=D.example; s=s1; i=u@a.d.example; l=7;\r\n"
                " h=From : To; t=1700000000; x=1700000001; bh=" BH "; b= QU\r\n JD ;z=q");
    assert_int_equal(mm_sig_field_parse(text, &arena, &f), MM_OK);
    assert_int_equal(f.fault, MM_REASON_NONE);
    MM_CHECK_VIEW("d", f.domain, MM_VIEW("D.example"));
    MM_CHECK_VIEW("i", f.auid, MM_VIEW("u@a.d.example"));
    MM_CHECK_VIEW("h", f.headers, MM_VIEW("From : To"));
    MM_CHECK_VIEW("c", f.canon, MM_VIEW("relaxed/simple"));
    MM_CHECK_VIEW("b", f.b, MM_VIEW("QU\r\n JD"));
    MM_CHECK_VIEW("raw b", f.b_raw, MM_VIEW(" QU\r\n JD "));
    MM_CHECK_VIEW("signature", f.signature, MM_VIEW("ABC"));
    MM_CHECK_INT("body hash", f.body_hash.len, 32);
    MM_CHECK_INT("key type", f.key_type, MM_KEY_ED25519);
    MM_CHECK_INT("l", f.body_length, 7);
    MM_CHECK_INT("t", f.signed_at, 1700000000);
    MM_CHECK_INT("x", f.expires_at, 1700000001);
    MM_CHECK_INT("names", f.header_count, 2);
    MM_CHECK_TRUE("below", f.identity_is_below);
    mm_arena_deinit(&arena);
}

static void numbers_past_64_bits_do_not_wrap(void **state)
{
    (void)state;
    struct mm_arena arena;
    struct mm_sig_field f;
    mm_arena_init(&arena, 1024 * 1024);
    assert_int_equal(mm_sig_field_parse(MM_VIEW(HEAD "; l=18446744073709551617"), &arena, &f),
                     MM_OK);
    assert_int_equal(f.fault, MM_REASON_NONE);
    assert_true(f.has_body_length && f.body_length == UINT64_MAX);
    mm_arena_deinit(&arena);
}

static void lists_of_headers_have_a_limit(void **state)
{
    (void)state;
    static const char head[] = "v=1; a=rsa-sha256; d=d.example; s=s1; bh=" BH "; b=QUJD; h=from";
    size_t names = MM_SIG_HEADERS_MAX;
    char *text = malloc(sizeof head + 2 * (names + 1));
    size_t len = sizeof head - 1;
    struct mm_arena arena;
    struct mm_sig_field f;
    assert_non_null(text);
    mm_arena_init(&arena, 1024 * 1024);
    memcpy(text, head, len);
    for (size_t i = 1; i < names; i++, len += 2)
        memcpy(text + len, ":x", 2);
    assert_int_equal(mm_sig_field_parse((struct mm_view){text, len}, &arena, &f), MM_OK);
    assert_int_equal(f.fault, MM_REASON_NONE);
    memcpy(text + len, ":x", 2);
    assert_int_equal(mm_sig_field_parse((struct mm_view){text, len + 2}, &arena, &f), MM_OK);
    assert_int_equal(f.fault, MM_REASON_H_COUNT);
    mm_arena_deinit(&arena);
    free(text);
}

/* Cut and overwrite a good field at random: no crash, no fault without a reason. */
static void damaged_fields_are_survived(void **state)
{
    (void)state;
    static const char good[] = HEAD "; c=relaxed/simple; i=a=20b@d.example; t=1; x=2; q=dns/txt";
    uint64_t seed = 11;
    struct mm_arena arena;
    mm_arena_init(&arena, 1024 * 1024);
    for (int round = 0; round < 20000; round++) {
        char text[sizeof good];
        memcpy(text, good, sizeof good);
        for (uint64_t n = mm_random(&seed) % 4; n > 0; n--)
            text[mm_random(&seed) % (sizeof good - 1)] = (char)mm_random(&seed);
        struct mm_view v = {text, mm_random(&seed) % 4 ? sizeof good - 1
                                                       : mm_random(&seed) % sizeof good};
        struct mm_guard g = mm_guard_copy(v);
        struct mm_sig_field f;
        assert_int_equal(mm_sig_field_parse(g.view, &arena, &f), MM_OK);
        assert_true((size_t)f.fault < MM_REASON_COUNT);
        mm_guard_free(&g);
        mm_arena_reset(&arena);
    }
    mm_arena_deinit(&arena);
}

MM_TEST_MAIN(MM_TEST(every_fault_has_its_reason), MM_TEST(values_are_decoded_and_kept_as_written),
             MM_TEST(numbers_past_64_bits_do_not_wrap), MM_TEST(lists_of_headers_have_a_limit),
             MM_TEST(damaged_fields_are_survived))
