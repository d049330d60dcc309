/*
 * test_dkim_key_record.c - what a key record says, and the first thing that is wrong with it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/key_record.h"
#include "support/mm_test.h"
#include "text/base64.h"

/* Public halves of tests/vectors/keys. */
#define RSA                                                                                        \
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCtbQtJNt+roPxq2kTM+sJidAGn+kQX9jvxU4rSW7zf+EcpwhmWI+"   \
    "zNLM7fCni0eGvjm194JuwLSyj4zIfBNHNRnEN6MVxQ9dOjh4gm+v82pRcg1tqVmB5QRu2GgXttGWdT349EtIX+"       \
    "XTa5zekZDqRXKqEPr9TUZgmxISCeHNcI8QIDAQAB"
#define RSA_BARE                                                                                   \
    "MIGJAoGBAK1tC0k236ug/GraRMz6wmJ0Aaf6RBf2O/FTitJbvN/"                                          \
    "4RynCGZYj7M0szt8KeLR4a+ObX3gm7AtLKPjMh8E0c1GcQ3oxXFD106OHiCb6/"                               \
    "zalFyDW2pWYHlBG7YaBe20ZZ1Pfj0S0hf5dNrnN6RkOpFcqoQ+v1NRmCbEhIJ4c1wjxAgMBAAE="
#define RSA_512                                                                                    \
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAK59xeH+qqeN1jxrPTUdyfRRi6BOGEFQidyHHTMZ+"                    \
    "PRzcg3wSLHu8fYGQqTsofBF7R4U0RzOKpyBH+atCtT6Sv8CAwEAAQ=="
#define ED25519      "v+mt+G0+x6ArgqSvRNeyQ15wZ0XjzqYaEmjn+wrCSxE="
#define ED25519_SPKI "MCowBQYDK2VwAyEA" ED25519

static const struct {
    const char *label, *text;
    uint32_t bits;
} sound[] = {
    {"the usual", "v=DKIM1; k=rsa; p=" RSA, 1024},
    {"least", "p=" RSA, 1024},
    {"no version", "k=rsa; p=" RSA, 1024},
    {"semicolon at the end", "v=DKIM1; p=" RSA ";", 1024},
    {"blanks everywhere", " v = DKIM1 ;\r\n\tk = rsa ; p = " RSA " ", 1024},
    {"bare RSAPublicKey", "v=DKIM1; p=" RSA_BARE, 1024},
    {"short, which is for the policy to judge", "v=DKIM1; p=" RSA_512, 512},
    {"Ed25519", "v=DKIM1; k=ed25519; p=" ED25519, 256},
    {"unknown tag", "v=DKIM1; foo=bar; p=" RSA, 1024},
    {"tag of another case is another tag", "v=DKIM1; P=x; p=" RSA, 1024},
    {"granularity is history", "v=DKIM1; g=; p=" RSA, 1024},
    {"empty notes", "v=DKIM1; n=; p=" RSA, 1024},
};

static void key_record_gives_the_key_of_sound_records(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(sound); i++) {
        struct mm_guard g = mm_guard_copy(mm_view_of(sound[i].text));
        struct mm_key_record r;
        MM_CHECK_INT(sound[i].label, mm_key_record_parse(g.view, &r), MM_OK);
        MM_CHECK_INT(sound[i].label, r.fault, MM_REASON_NONE);
        assert_non_null(r.key);
        MM_CHECK_INT(sound[i].label, mm_public_key_bits(r.key), sound[i].bits);
        MM_CHECK_INT(sound[i].label, r.type, sound[i].bits == 256 ? MM_KEY_ED25519 : MM_KEY_RSA);
        MM_CHECK_TRUE(sound[i].label, r.type_known && r.allows_sha256 && r.allows_sha1);
        MM_CHECK_TRUE(sound[i].label, r.allows_email && !r.testing && !r.no_subdomains);
        mm_key_record_deinit(&r);
        mm_guard_free(&g);
    }
}

static const struct {
    const char *label, *text;
    enum mm_reason fault;
    uint32_t offset;
} faulty[] = {
    {"empty", "", MM_REASON_KEY_EMPTY_RECORD, 0},
    {"blanks", " \t", MM_REASON_KEY_EMPTY_RECORD, 0},
    {"prose", "this is not a key record", MM_REASON_KEY_SYNTAX, 0},
    {"empty tag", "v=DKIM1;; p=" RSA, MM_REASON_KEY_SYNTAX, 8},
    {"repeated tag", "v=DKIM1;p=;p=" RSA, MM_REASON_KEY_SYNTAX, 11},
    {"quotes around", "\"v=DKIM1; p=" RSA "\"", MM_REASON_KEY_SYNTAX, 0},
    {"another version", "v=DKIM2; p=" RSA, MM_REASON_KEY_VERSION, 2},
    {"version of another case", "v=dkim1; p=" RSA, MM_REASON_KEY_VERSION, 2},
    {"version with a fraction", "v=DKIM1.0; p=" RSA, MM_REASON_KEY_VERSION, 2},
    {"no version in v=", "v=; p=" RSA, MM_REASON_KEY_VERSION, 2},
    {"version not first", "k=rsa; v=DKIM1; p=" RSA, MM_REASON_KEY_VERSION, 9},
    {"SPF", "v=spf1 -all", MM_REASON_KEY_VERSION, 2},
    {"no key", "v=DKIM1; k=rsa", MM_REASON_KEY_NO_P, 0},
    {"tags in upper case", "V=DKIM1; P=" RSA, MM_REASON_KEY_NO_P, 0},
    {"revoked", "v=DKIM1; k=rsa; p=", MM_REASON_KEY_REVOKED, 16},
    {"revoked, blanks for a key", "v=DKIM1; p= \t ;", MM_REASON_KEY_REVOKED, 9},
    {"revoked whatever its type", "v=DKIM1; k=dsa; p=", MM_REASON_KEY_REVOKED, 16},
    {"unknown type", "v=DKIM1; k=dsa; p=" RSA, MM_REASON_KEY_TYPE, 11},
    {"type of another case", "v=DKIM1; k=RSA; p=" RSA, MM_REASON_KEY_TYPE, 11},
    {"no type in k=", "v=DKIM1; k=; p=" RSA, MM_REASON_KEY_TYPE, 11},
    {"base64 with a stranger", "v=DKIM1; p=MIG*fMA0", MM_REASON_KEY_BASE64, 14},
    {"base64 of one digit too many", "p=MIGfM", MM_REASON_KEY_BASE64, 7},
    {"key cut short", "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GN", MM_REASON_KEY_DATA, 11},
    {"Ed25519 in its SPKI", "v=DKIM1; k=ed25519; p=" ED25519_SPKI, MM_REASON_KEY_DATA, 22},
    {"RSA said to be Ed25519", "k=ed25519; p=" RSA, MM_REASON_KEY_DATA, 13},
    {"Ed25519 said to be RSA", "p=" ED25519, MM_REASON_KEY_DATA, 2},
    {"a modulus of 24 bits", "p=MAkCBAD///8CAQM=", MM_REASON_KEY_TOO_SHORT, 2},
};

static void key_record_names_the_first_fault_and_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(faulty); i++) {
        struct mm_guard g = mm_guard_copy(mm_view_of(faulty[i].text));
        struct mm_key_record r;
        MM_CHECK_INT(faulty[i].label, mm_key_record_parse(g.view, &r), MM_OK);
        MM_CHECK_VIEW(faulty[i].label, mm_view_of(mm_reason_slug(r.fault)),
                      mm_view_of(mm_reason_slug(faulty[i].fault)));
        MM_CHECK_INT(faulty[i].label, r.fault_offset, faulty[i].offset);
        MM_CHECK_TRUE(faulty[i].label, r.key == NULL);
        mm_key_record_deinit(&r);
        mm_guard_free(&g);
    }
}

static void key_record_of_a_modulus_too_long_is_refused(void **state)
{
    (void)state;
    /* RSAPublicKey: a modulus of 1025 octets, all ones, and the exponent 3. */
    uint8_t der[4 + 4 + 1026 + 3] = {0x30, 0x82, 0x04, 0x09, 0x02, 0x82, 0x04, 0x02, 0x00};
    memset(der + 9, 0xff, 1025);
    memcpy(der + 4 + 4 + 1026, "\x02\x01\x03", 3);
    char text[2 + 4 * sizeof der / 3 + 8] = "p=";
    struct mm_key_record r;
    size_t n = 2 + mm_base64_encode(text + 2, der, sizeof der);
    MM_CHECK_INT("parse", mm_key_record_parse((struct mm_view){text, n}, &r), MM_OK);
    MM_CHECK_INT("8200 bits", r.fault, MM_REASON_KEY_TOO_LONG);
    mm_key_record_deinit(&r);
}

static const struct {
    const char *tag;
    bool sha256, sha1, email, testing, no_subdomains;
} limits[] = {
    {"h=sha1:sha256", true, true, true, false, false},
    {"h = sha1 :\r\n sha256 ", true, true, true, false, false},
    {"h=sha256", true, false, true, false, false},
    {"h=sha1", false, true, true, false, false},
    {"h=sha512", false, false, true, false, false},
    {"h=sha512:sha256", true, false, true, false, false},
    {"h=SHA256", false, false, true, false, false},
    {"h=", false, false, true, false, false},
    {"h=sha256x", false, false, true, false, false},
    {"s=email", true, true, true, false, false},
    {"s=*", true, true, true, false, false},
    {"s=other:email", true, true, true, false, false},
    {"s=tlsrpt", true, true, false, false, false},
    {"s=", true, true, false, false, false},
    {"t=y", true, true, true, true, false},
    {"t=s", true, true, true, false, true},
    {"t=y:s", true, true, true, true, true},
    {"t= s : y ", true, true, true, true, true},
    {"t=x:future", true, true, true, false, false},
    {"t=ys", true, true, true, false, false},
    {"t=", true, true, true, false, false},
};

static void key_record_restrictions_are_read_word_by_word(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(limits); i++) {
        char text[512];
        struct mm_key_record r;
        snprintf(text, sizeof text, "v=DKIM1; %s; p=%s", limits[i].tag, RSA);
        MM_CHECK_INT(limits[i].tag, mm_key_record_parse(mm_view_of(text), &r), MM_OK);
        MM_CHECK_INT(limits[i].tag, r.fault, MM_REASON_NONE);
        MM_CHECK_INT(limits[i].tag, r.allows_sha256, limits[i].sha256);
        MM_CHECK_INT(limits[i].tag, r.allows_sha1, limits[i].sha1);
        MM_CHECK_INT(limits[i].tag, r.allows_email, limits[i].email);
        MM_CHECK_INT(limits[i].tag, r.testing, limits[i].testing);
        MM_CHECK_INT(limits[i].tag, r.no_subdomains, limits[i].no_subdomains);
        mm_key_record_deinit(&r);
    }
}

MM_TEST_MAIN(MM_TEST(key_record_gives_the_key_of_sound_records),
             MM_TEST(key_record_names_the_first_fault_and_its_place),
             MM_TEST(key_record_of_a_modulus_too_long_is_refused),
             MM_TEST(key_record_restrictions_are_read_word_by_word))
