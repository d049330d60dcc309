/*
 * make_campaign.c - messages for measuring: distinct, of 2 to 6 KB, always the same for one seed.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Usage: make_campaign [--count N] [--domains N] [--seed N] [--eol crlf|lf] FOLDER
 *
 * A message has 10 to 25 header fields, of which 6 to 19 are those that mailmill signs unless told
 * otherwise, so with From named twice its h= list has 7 to 20 names. Bodies are prose, indented
 * HTML or both, with the white space that people and programs leave in mail. campaign.h says what
 * lies where. Keys are made once: a second call with the same FOLDER takes those that are there.
 */
#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "campaign/campaign.h"
#include "campaign/message.h"

struct options {
    unsigned count, domains;
    uint64_t seed;
    bool lf;
    const char *folder;
};

/* ---- files ---- */

static void write_message(const struct text *t, const char *path, bool lf)
{
    FILE *file = fopen(path, "wb");
    if (!file)
        die("cannot write", path);
    for (size_t i = 0; i < t->len; i++) {
        if (!lf || t->data[i] != '\r')
            putc_unlocked(t->data[i], file);
    }
    must_close(file, path);
}

static void write_messages(const struct options *o)
{
    char mail[CAMPAIGN_PATH_MAX], folder[16], name[48], path[CAMPAIGN_PATH_MAX];
    static struct message message;
    FILE *list = must_open(o->folder, "list", "w");
    campaign_path(mail, o->folder, "mail");
    message_seed(o->seed);
    for (unsigned i = 0; i < o->count; i++) {
        snprintf(folder, sizeof(folder), "%03u", i / CAMPAIGN_FOLDER_MESSAGES);
        if (i % CAMPAIGN_FOLDER_MESSAGES == 0 &&
            mkdir(campaign_path(path, mail, folder), 0777) != 0)
            die("cannot make", path);
        snprintf(name, sizeof(name), "%s/%06u.eml", folder, i);
        message_make(&message, i, o->domains);
        write_message(&message.text, campaign_path(path, mail, name), o->lf);
        fprintf(list, "%s\t%u\t%zu\t%zu\n", name, message.domain, message_header_bytes(&message),
                message_body_bytes(&message));
    }
    must_close(list, "list");
}

static EVP_PKEY *read_or_make_key(const char *path)
{
    EVP_PKEY *key;
    FILE *file = fopen(path, "r");
    int fd;
    if (file) {
        key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
        fclose(file);
        if (!key)
            die("not a key", path);
        return key;
    }
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    file = fd < 0 ? NULL : fdopen(fd, "w");
    key = EVP_RSA_gen(2048);
    if (!file || !key || !PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL))
        die("cannot make key", path);
    must_close(file, path);
    return key;
}

/* A TXT record, in strings of at most 255 bytes (RFC 1035 section 3.3). */
static void write_record(FILE *zone, unsigned domain, EVP_PKEY *key)
{
    unsigned char der[1024], base64[2048], *end = der;
    int der_len = i2d_PUBKEY(key, NULL), len;
    if (der_len <= 0 || (size_t)der_len > sizeof(der) || i2d_PUBKEY(key, &end) != der_len)
        die("cannot encode", "public key");
    len = EVP_EncodeBlock(base64, der, der_len);
    fprintf(zone,
            CAMPAIGN_SELECTOR "._domainkey." CAMPAIGN_DOMAIN ". IN TXT \"v=DKIM1; k=rsa; p=\"",
            domain);
    for (int at = 0; at < len; at += 250)
        fprintf(zone, " \"%.250s\"", (const char *)base64 + at);
    fprintf(zone, "\n");
}

static void write_keys(const struct options *o)
{
    char folder[CAMPAIGN_PATH_MAX], path[CAMPAIGN_PATH_MAX];
    FILE *key_table = must_open(o->folder, "KeyTable", "w");
    FILE *signing_table = must_open(o->folder, "SigningTable", "w"),
         *zone = must_open(o->folder, "zone", "w");
    if (!realpath(o->folder, folder))
        die("cannot find", o->folder);
    for (unsigned i = 0; i < o->domains; i++) {
        if (snprintf(path, sizeof(path), CAMPAIGN_KEY_FILE, folder, i) >= (int)sizeof(path))
            die("name too long", folder);
        EVP_PKEY *key = read_or_make_key(path);
        fprintf(key_table, "shop%02u " CAMPAIGN_DOMAIN ":" CAMPAIGN_SELECTOR ":%s\n", i, i, path);
        fprintf(signing_table, CAMPAIGN_DOMAIN " shop%02u\n", i, i);
        write_record(zone, i, key);
        EVP_PKEY_free(key);
    }
    must_close(key_table, "KeyTable");
    must_close(signing_table, "SigningTable");
    must_close(zone, "zone");
}

static bool read_number(const char *text, uint64_t max, uint64_t *out)
{
    char *end;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return isdigit((unsigned char)text[0]) && !*end && !errno && *out <= max;
}

static bool read_option(struct options *o, const char *name, const char *value)
{
    uint64_t number = 0;
    if (strcmp(name, "--eol") == 0) {
        o->lf = strcmp(value, "lf") == 0;
        return o->lf || strcmp(value, "crlf") == 0;
    }
    if (strcmp(name, "--seed") == 0)
        return read_number(value, UINT64_MAX, &o->seed);
    if (strcmp(name, "--count") == 0 && read_number(value, 1000000, &number))
        o->count = (unsigned)number;
    else if (strcmp(name, "--domains") == 0 && read_number(value, CAMPAIGN_DOMAINS_MAX, &number))
        o->domains = (unsigned)number;
    return number > 0;
}

int main(int argc, char **argv)
{
    struct options o = {.count = 20000, .domains = 20, .seed = 1};
    char path[CAMPAIGN_PATH_MAX];
    int at = 1;
    while (at + 2 < argc && read_option(&o, argv[at], argv[at + 1]))
        at += 2;
    if (at + 1 != argc || argv[at][0] == '-') {
        fprintf(
            stderr,
            "usage: make_campaign [--count N] [--domains N] [--seed N] [--eol crlf|lf] FOLDER\n");
        return 64;
    }
    o.folder = argv[at];
    if (mkdir(o.folder, 0777) != 0 && errno != EEXIST)
        die("cannot make", o.folder);
    if (mkdir(campaign_path(path, o.folder, "keys"), 0700) != 0 && errno != EEXIST)
        die("cannot make", path);
    if (mkdir(campaign_path(path, o.folder, "mail"), 0777) != 0)
        die("cannot make", path);
    write_keys(&o);
    write_messages(&o);
    return 0;
}
