/*
 * test_crypto_private_key.c - the forms of a signing key, what is refused and how, modes of files.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/private_key.h"
#include "support/mm_test.h"

static struct mm_view fixture(const char *file)
{
    char path[512];
    snprintf(path, sizeof path, "%s/tests/vectors/keys/%s", mm_test_source_dir(), file);
    return mm_test_read_file(path);
}

static enum mm_status parse(struct mm_view bytes, struct mm_private_key **key, struct mm_error *err)
{
    struct mm_guard g = mm_guard_copy(bytes);
    *err = (struct mm_error){.text = ""};
    enum mm_status status = mm_private_key_parse(g.view, "k.pem", key, err);
    MM_CHECK_INT("a key exactly with MM_OK", *key != NULL, status == MM_OK);
    MM_CHECK_INT("the status is also in the error", err->status, status);
    mm_guard_free(&g);
    return status;
}

/* `like` names the file whose public half it must have. */
static void expect_key(const char *label, struct mm_view bytes, enum mm_key_type type,
                       uint32_t bits, const char *like)
{
    struct mm_private_key *key, *other;
    struct mm_error err;
    uint8_t print[32], other_print[32];
    struct mm_view other_bytes = fixture(like);
    MM_CHECK_INT(label, parse(bytes, &key, &err), MM_OK);
    MM_CHECK_INT(label, mm_private_key_type(key), type);
    MM_CHECK_INT(label, mm_private_key_bits(key), bits);
    MM_CHECK_INT(label, mm_private_key_signature_bytes(key),
                 type == MM_KEY_RSA ? (bits + 7) / 8 : 64);
    assert_int_equal(parse(other_bytes, &other, &err), MM_OK);
    mm_public_key_fingerprint(mm_private_key_public(key), print);
    mm_public_key_fingerprint(mm_private_key_public(other), other_print);
    MM_CHECK_TRUE(label, memcmp(print, other_print, sizeof print) == 0);
    mm_private_key_free(&key);
    mm_private_key_free(&other);
    free((void *)other_bytes.data);
}

static void private_key_reads_every_form_to_the_same_key(void **state)
{
    (void)state;
    static const struct {
        const char *file, *like;
        enum mm_key_type type;
        uint32_t bits;
    } cases[] = {
        {"rsa2048_pkcs8.pem", "rsa2048_pkcs8.pem", MM_KEY_RSA, 2048},
        {"rsa2048_pkcs1.pem", "rsa2048_pkcs8.pem", MM_KEY_RSA, 2048},
        {"rsa2048_pkcs8.der", "rsa2048_pkcs8.pem", MM_KEY_RSA, 2048},
        {"rsa2048_pkcs1.der", "rsa2048_pkcs8.pem", MM_KEY_RSA, 2048},
        {"rsa512.pem", "rsa512.pem", MM_KEY_RSA, 512},
        {"rsa1024.pem", "rsa1024.pem", MM_KEY_RSA, 1024},
        {"rsa1024_e3.pem", "rsa1024_e3.pem", MM_KEY_RSA, 1024},
        {"ed25519_pkcs8.pem", "ed25519_pkcs8.pem", MM_KEY_ED25519, 256},
        {"ed25519_pkcs8.der", "ed25519_pkcs8.pem", MM_KEY_ED25519, 256},
        {"ed25519_seed.b64", "ed25519_pkcs8.pem", MM_KEY_ED25519, 256},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_view bytes = fixture(cases[i].file);
        expect_key(cases[i].file, bytes, cases[i].type, cases[i].bits, cases[i].like);
        free((void *)bytes.data);
    }
}

/* What editors, mail and one-line tables make of a text. */
enum change { CRLF, ONE_LINE, TEXT_AROUND, ARMOUR_OFF };
static struct mm_view changed(struct mm_view pem, enum change how, char *out)
{
    size_t n = 0;
    const char *from = pem.data, *end = pem.data + pem.len;
    if (how == TEXT_AROUND)
        n += (size_t)sprintf(out, "Bag Attributes: none\nA remark\n");
    if (how == ARMOUR_OFF) {
        from = (const char *)memchr(from, '\n', pem.len) + 1;
        end = memmem(from, (size_t)(end - from), "-----END", 8);
    }
    for (; from < end; from++) {
        if (how == CRLF && *from == '\n')
            out[n++] = '\r';
        if (*from != '\n' || (how != ONE_LINE && how != ARMOUR_OFF))
            out[n++] = *from;
    }
    if (how == TEXT_AROUND)
        n += (size_t)sprintf(out + n, "more text\n");
    return (struct mm_view){out, n};
}

static void private_key_tolerates_what_editors_and_tables_do_to_pem(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        enum change how;
    } changes[] = {{"CRLF", CRLF},
                   {"one line", ONE_LINE},
                   {"text around", TEXT_AROUND},
                   {"bare base64 of DER", ARMOUR_OFF}};
    static const char *const files[] = {"rsa2048_pkcs8.pem", "rsa2048_pkcs1.pem",
                                        "ed25519_pkcs8.pem"};
    for (size_t f = 0; f < MM_COUNT(files); f++) {
        struct mm_view pem = fixture(files[f]);
        bool rsa = files[f][0] == 'r';
        for (size_t i = 0; i < MM_COUNT(changes); i++) {
            char text[4096];
            expect_key(changes[i].label, changed(pem, changes[i].how, text),
                       rsa ? MM_KEY_RSA : MM_KEY_ED25519, rsa ? 2048 : 256, files[f]);
        }
        free((void *)pem.data);
    }
}

/* A seed whose base64 could be taken for DER: it opens with '0' and a length that fits. */
static void private_key_is_not_fooled_by_base64_that_resembles_der(void **state)
{
    (void)state;
    struct mm_private_key *key;
    struct mm_error err;
    MM_CHECK_INT("seed",
                 parse(MM_VIEW("0+AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"), &key, &err),
                 MM_OK);
    MM_CHECK_INT("seed", mm_private_key_type(key), MM_KEY_ED25519);
    mm_private_key_free(&key);
}

static void private_key_says_what_a_wrong_file_is(void **state)
{
    (void)state;
    static const struct {
        const char *file, *words;
    } cases[] = {
        {"rsa2048_encrypted_pkcs8.pem", "openssl pkey -in FILE -out "},
        {"rsa2048_encrypted_pkcs1.pem", "openssl pkey -in FILE -out "},
        {"ed25519_encrypted.der", "openssl pkey -in FILE -out "},
        {"rsa2048_public.pem", "a public key"},
        {"rsa2048_public.der", "a public key"},
        {"rsa2048_public_pkcs1.der", "a public key"},
        {"certificate.pem", "a certificate"},
        {"certificate.der", "a certificate"},
        {"ec_pkcs8.pem", "an EC key"},
        {"ec_with_parameters.pem", "an EC key"},
        {"ec_sec1.der", "an EC key"},
        {"ed448.pem", "an Ed448 key"},
        {"rsa_pss.pem", "an RSA-PSS key"},
        {"openssh_ed25519.pem", "OpenSSH"},
        {"rsa2048_three_primes.pem", "more than two primes"},
        {"README.md", "no private key in PEM, DER or base64"},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_view bytes = fixture(cases[i].file);
        struct mm_private_key *key;
        struct mm_error err;
        MM_CHECK_INT(cases[i].file, parse(bytes, &key, &err), MM_E_SYNTAX);
        if (!strstr(err.text, cases[i].words) || strncmp(err.text, "k.pem: ", 7) != 0)
            fail_msg("%s: '%s' does not say '%s'", cases[i].file, err.text, cases[i].words);
        free((void *)bytes.data);
    }
}

static void private_key_refuses_text_that_is_none(void **state)
{
    (void)state;
    static const struct {
        const char *label, *text;
    } cases[] = {
        {"empty", ""},
        {"blanks", " \r\n\t"},
        {"seed one octet short", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="},
        {"seed one octet long", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
        {"PEM without an end", "-----BEGIN PRIVATE KEY-----\nMC4CAQ"},
        {"PEM with another end", "-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PUBLIC KEY-----"},
        {"PEM of nothing", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----"},
        {"PEM of junk", "-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----"},
        {"label only", "-----BEGIN "},
    };
    struct mm_private_key *key;
    struct mm_error err;
    for (size_t i = 0; i < MM_COUNT(cases); i++)
        MM_CHECK_INT(cases[i].label, parse(mm_view_of(cases[i].text), &key, &err), MM_E_SYNTAX);
    char *large = calloc(1, MM_KEY_FILE_MAX_BYTES + 1);
    MM_CHECK_INT("too large", parse((struct mm_view){large, MM_KEY_FILE_MAX_BYTES + 1}, &key, &err),
                 MM_E_LIMIT);
    free(large);
}

/* Every cut of a DER key, and flips of single bits: refused or a working key, never a crash. */
static void private_key_survives_damage(void **state)
{
    (void)state;
    uint64_t seed = 5958;
    static const char *const files[] = {"rsa512.pem", "rsa2048_pkcs1.der", "ed25519_pkcs8.der"};
    for (size_t f = 0; f < MM_COUNT(files); f++) {
        struct mm_view whole = fixture(files[f]);
        struct mm_private_key *key;
        struct mm_error err;
        for (size_t len = 0; len < whole.len - 1; len += 1 + len / 40) {
            struct mm_view cut = {whole.data, len};
            MM_CHECK_INT(files[f], parse(cut, &key, &err), MM_E_SYNTAX);
        }
        for (int i = 0; i < 200; i++) {
            char bytes[4096];
            memcpy(bytes, whole.data, whole.len);
            bytes[mm_random(&seed) % whole.len] ^= (char)(1 << mm_random(&seed) % 8);
            (void)!parse((struct mm_view){bytes, whole.len}, &key, &err);
            mm_private_key_free(&key);
        }
        free((void *)whole.data);
    }
}

/* One number of a sound key is changed: its two halves no longer fit. */
static void private_key_of_numbers_that_do_not_fit_is_refused(void **state)
{
    (void)state;
    struct mm_view whole = fixture("rsa2048_pkcs1.der");
    struct mm_private_key *key;
    struct mm_error err;
    char *bytes = (char *)whole.data;
    bytes[100] ^= 4; /* inside the modulus */
    MM_CHECK_INT("modulus", parse(whole, &key, &err), MM_E_SYNTAX);
    MM_CHECK_TRUE("words", strstr(err.text, "k.pem: ") == err.text);
    free(bytes);
}

static void private_key_file_modes_are_judged(void **state)
{
    (void)state;
    static const struct {
        mode_t bits;
        bool allow;
        enum mm_status status;
        enum mm_key_mode mode;
    } cases[] = {
        {0600, false, MM_OK, MM_KEY_MODE_PRIVATE},
        {0400, false, MM_OK, MM_KEY_MODE_PRIVATE},
        {0640, false, MM_OK, MM_KEY_MODE_GROUP_READABLE},
        {0644, false, MM_E_PERM, MM_KEY_MODE_WORLD_READABLE},
        {0604, false, MM_E_PERM, MM_KEY_MODE_WORLD_READABLE},
        {0644, true, MM_OK, MM_KEY_MODE_WORLD_READABLE},
        {0640, true, MM_OK, MM_KEY_MODE_GROUP_READABLE},
    };
    char path[] = "/tmp/mm_key_XXXXXX", chmod_words[64];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    struct mm_view pem = fixture("ed25519_pkcs8.pem");
    assert_int_equal(write(fd, pem.data, pem.len), pem.len);
    snprintf(chmod_words, sizeof chmod_words, "chmod 600 %s", path);
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_private_key *key;
        struct mm_error err = {.text = ""};
        enum mm_key_mode mode = MM_KEY_MODE_PRIVATE;
        char label[32];
        snprintf(label, sizeof label, "%04o%s", (unsigned)cases[i].bits,
                 cases[i].allow ? ", allowed" : "");
        assert_int_equal(fchmod(fd, cases[i].bits), 0);
        MM_CHECK_INT(label, mm_private_key_load(path, cases[i].allow, &mode, &key, &err),
                     cases[i].status);
        MM_CHECK_INT(label, mode, cases[i].mode);
        MM_CHECK_INT(label, key != NULL, cases[i].status == MM_OK);
        if (cases[i].status != MM_OK)
            MM_CHECK_TRUE("says the chmod to type", strstr(err.text, chmod_words) != NULL);
        mm_private_key_free(&key);
    }
    close(fd);
    unlink(path);
    free((void *)pem.data);
}

static void private_key_file_must_be_a_small_regular_file(void **state)
{
    (void)state;
    struct mm_private_key *key;
    struct mm_error err;
    char path[] = "/tmp/mm_key_XXXXXX";
    MM_CHECK_INT("missing", mm_private_key_load("/nonexistent/key", false, NULL, &key, &err),
                 MM_E_IO);
    MM_CHECK_TRUE("the system's words", err.os_errno != 0);
    MM_CHECK_INT("a folder", mm_private_key_load("/tmp", false, NULL, &key, &err), MM_E_SYNTAX);
    int fd = mkstemp(path);
    assert_int_equal(ftruncate(fd, MM_KEY_FILE_MAX_BYTES + 1), 0);
    MM_CHECK_INT("large", mm_private_key_load(path, false, NULL, &key, &err), MM_E_LIMIT);
    assert_int_equal(ftruncate(fd, 0), 0);
    MM_CHECK_INT("empty", mm_private_key_load(path, false, NULL, &key, &err), MM_E_SYNTAX);
    close(fd);
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    MM_CHECK_INT("FIFO without a writer", mm_private_key_load(path, false, NULL, &key, &err),
                 MM_E_SYNTAX);
    unlink(path);
}

MM_TEST_MAIN(MM_TEST(private_key_reads_every_form_to_the_same_key),
             MM_TEST(private_key_tolerates_what_editors_and_tables_do_to_pem),
             MM_TEST(private_key_is_not_fooled_by_base64_that_resembles_der),
             MM_TEST(private_key_says_what_a_wrong_file_is),
             MM_TEST(private_key_refuses_text_that_is_none), MM_TEST(private_key_survives_damage),
             MM_TEST(private_key_of_numbers_that_do_not_fit_is_refused),
             MM_TEST(private_key_file_modes_are_judged),
             MM_TEST(private_key_file_must_be_a_small_regular_file))
