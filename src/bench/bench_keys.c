/*
 * bench_keys.c - the keys that workloads sign and verify with, as files.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench/bench_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "bench/key_maker.h"
#include "io/file_ops.h"

enum { TEXT_MAX_BYTES = 64 * 1024, KEY_SEED = 7 };

/* One domain's key of one kind: the files are KIND0.pem and so on. */
struct key_place {
    const char *kind, *selector;
    uint32_t domain;
};
static const char *const kinds[] = {"rsa", "ed25519"};
static const char *const selectors[] = {MM_MAIL_SELECTOR, MM_MAIL_SELECTOR "-ed"};
enum { KINDS = 2 };
/* Which kinds each choice of keys takes. */
static const bool takes[MM_KEYS_CHOICES][KINDS] = {[MM_KEYS_RSA] = {true, false},
                                                   [MM_KEYS_ED25519] = {false, true},
                                                   [MM_KEYS_DUAL] = {true, true}};

static enum mm_status write_text(const char *folder, const char *name, const struct mm_buf *text,
                                 struct mm_error *err)
{
    char path[PATH_MAX];
    struct mm_view bytes = mm_buf_view(text);
    MM_TRY(mm_bench_path(path, err, "%s/%s", folder, name));
    if (text->failed)
        return mm_fail(err, MM_E_NOMEM, "no memory for %s", path);
    int fd = mm_file_create(AT_FDCWD, path, 0600);
    int failed = fd < 0 ? errno : mm_file_write(fd, &bytes, 1);
    if (fd >= 0 && close(fd) != 0 && !failed)
        failed = errno;
    return failed ? mm_fail_os(err, failed, "cannot write %s", path) : MM_OK;
}

static enum mm_status write_key(const char *folder, const struct key_place *place, EVP_PKEY *key,
                                struct mm_error *err)
{
    char name[64], *text = NULL;
    struct mm_buf pem;
    BIO *bio = BIO_new(BIO_s_mem());
    long len = bio && key && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) > 0
                   ? BIO_get_mem_data(bio, &text)
                   : 0;
    mm_buf_init(&pem, TEXT_MAX_BYTES);
    mm_buf_append(&pem, (struct mm_view){text, (size_t)len});
    snprintf(name, sizeof name, "%s%u.pem", place->kind, place->domain);
    enum mm_status st = len > 0 ? write_text(folder, name, &pem, err)
                                : mm_fail(err, MM_E_CRYPTO, "OpenSSL cannot make %s", name);
    mm_buf_deinit(&pem);
    BIO_free(bio);
    return st;
}

static enum mm_status make_rsa_keys(const char *folder, struct mm_draw *draw, struct mm_error *err)
{
    enum mm_status st = MM_OK;
    BIGNUM *first = mm_bench_prime(draw);
    for (uint32_t i = 0; st == MM_OK && i < MM_BENCH_DOMAINS; i++) {
        BIGNUM *second = mm_bench_prime(draw);
        EVP_PKEY *key = first && second ? mm_bench_rsa_key(first, second) : NULL;
        st = write_key(folder, &(struct key_place){kinds[0], selectors[0], i}, key, err);
        EVP_PKEY_free(key);
        BN_clear_free(second);
    }
    BN_clear_free(first);
    return st;
}

static enum mm_status make_ed25519_keys(const char *folder, struct mm_draw *draw,
                                        struct mm_error *err)
{
    enum mm_status st = MM_OK;
    for (uint32_t i = 0; st == MM_OK && i < MM_BENCH_DOMAINS; i++) {
        EVP_PKEY *key = mm_bench_ed25519_key(draw);
        st = write_key(folder, &(struct key_place){kinds[1], selectors[1], i}, key, err);
        EVP_PKEY_free(key);
    }
    return st;
}

static enum mm_status add_record(const char *folder, const struct key_place *place,
                                 struct mm_buf *zone, struct mm_error *err)
{
    char path[PATH_MAX], domain[32], *text = NULL;
    struct mm_public_key *key = NULL;
    snprintf(domain, sizeof domain, MM_MAIL_DOMAIN, place->domain);
    const struct mm_key_record_options options = {.domain = domain, .selector = place->selector};
    MM_TRY(mm_bench_path(path, err, "%s/%s%u.pem", folder, place->kind, place->domain));
    enum mm_status st = mm_key_read(path, false, &key, err);
    if (st == MM_OK)
        st = mm_key_record_text(key, &options, &text, err);
    if (st == MM_OK)
        mm_buf_append_str(zone, text);
    free(text);
    mm_public_key_free(&key);
    return st;
}

static enum mm_status write_zone(const char *folder, struct mm_buf *text, struct mm_error *err)
{
    mm_buf_clear(text);
    for (uint32_t i = 0; i < MM_BENCH_DOMAINS; i++)
        for (int k = 0; k < KINDS; k++)
            MM_TRY(add_record(folder, &(struct key_place){kinds[k], selectors[k], i}, text, err));
    return write_text(folder, "zone", text, err);
}

static enum mm_status write_tables(const char *folder, struct mm_buf *text, struct mm_error *err)
{
    char name[64];
    mm_buf_clear(text);
    for (uint32_t i = 0; i < MM_BENCH_DOMAINS; i++)
        for (int k = 0; k < KINDS; k++)
            mm_buf_printf(text, "%s%u " MM_MAIL_DOMAIN ":%s:%s%u.pem\n", kinds[k], i, i,
                          selectors[k], kinds[k], i);
    MM_TRY(write_text(folder, "KeyTable", text, err));
    for (int choice = 0; choice < MM_KEYS_CHOICES; choice++) {
        mm_buf_clear(text);
        for (uint32_t i = 0; i < MM_BENCH_DOMAINS; i++)
            for (int k = 0; k < KINDS; k++)
                if (takes[choice][k])
                    mm_buf_printf(text, MM_MAIL_DOMAIN " %s%u\n", i, kinds[k], i);
        snprintf(name, sizeof name, "SigningTable-%s", mm_keys_words[choice]);
        MM_TRY(write_text(folder, name, text, err));
    }
    return MM_OK;
}

enum mm_status mm_bench_keys_write(const char *folder, struct mm_error *err)
{
    struct mm_draw draw = {KEY_SEED};
    struct mm_buf text;
    MM_TRY(make_rsa_keys(folder, &draw, err));
    MM_TRY(make_ed25519_keys(folder, &draw, err));
    mm_buf_init(&text, TEXT_MAX_BYTES);
    enum mm_status st = write_tables(folder, &text, err);
    if (st == MM_OK)
        st = write_zone(folder, &text, err);
    mm_buf_deinit(&text);
    return st;
}
