/*
 * yardstick.c - what signing and verifying a campaign costs when nothing is parsed.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Usage: yardstick sign    CAMPAIGN MAIL OUT     read, hash, sign, write one file a message;
 *                                                into one file where OUT ends in .mbox
 *        yardstick copy    CAMPAIGN MAIL OUT     the same without hashing and signing
 *        yardstick prepare CAMPAIGN MAIL SIGS    make the signatures that verify checks
 *        yardstick verify  CAMPAIGN MAIL SIGS    read, hash, verify, write one row a message
 *        yardstick rows    CAMPAIGN MAIL SIGS    the same without hashing and verifying
 *        yardstick hash    CAMPAIGN              the hashing alone
 *
 * CAMPAIGN comes from make_campaign; MAIL is the folder of the messages: CAMPAIGN/mail or a signed
 * copy of it. OUT must not be there. verify and rows write SIGS.rows.
 *
 * This is the program that a competent C programmer would write who had no header to look at, no
 * white space to fold and no tag to read: each message costs one open, read and close, a SHA-256
 * over as many bytes as relaxed/relaxed hashes of its body and another over those of its header,
 * one RSA operation, and its output. Digest and keys are fetched once, all contexts are used again.
 * It shares no code with mailmill. One line tells the CPU seconds of the work, start-up left out,
 * but a public key is read where it is needed first:
 * "cpu_s=1.234567 wall_s=1.240000 peak_bytes=5242880 messages=20000".
 */
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

#include "campaign/list.h"
#include "campaign/usage.h"

enum {
    DIGEST_BYTES = 32,
    SIGNATURE_BYTES = 256, /* RSA-2048 */
    FIELD_ROOM_BYTES = 1024,
    MESSAGE_MAX_BYTES = MM_MAIL_MAX_BYTES,
    ROWS_BUFFER_BYTES = 64 * 1024,
    ROW_MAX_BYTES = 1024,
    MBOX_BUFFER_BYTES = 1024 * 1024,
};

/* What prepare writes and verify reads, one for each message. */
struct proof {
    unsigned char body_digest[DIGEST_BYTES], signature[SIGNATURE_BYTES];
};

struct bench {
    const char *campaign;
    struct campaign_item *items;
    size_t count;
    EVP_MD *sha256;
    EVP_MD_CTX *digest;
    EVP_PKEY_CTX *keys[CAMPAIGN_DOMAINS_MAX];
    unsigned char *publics; /* what the keys of verify are made of */
    struct proof *proofs;
    bool bare;  /* files only, no cryptography */
    FILE *mbox; /* where all go into one */
    int mail;   /* folder to read from */
    /* The message, with room for a field right before it; one byte more shows one too long. */
    char buffer[FIELD_ROOM_BYTES + MESSAGE_MAX_BYTES + 1];
    size_t message_bytes;
};

struct rows {
    int fd;
    size_t len;
    char data[ROWS_BUFFER_BYTES];
};

static struct bench bench;
static char *const message = bench.buffer + FIELD_ROOM_BYTES;
static struct rows rows;

/* ---- start-up ---- */

/* The key's context, which the key lives as long as. */
static EVP_PKEY_CTX *context_of(EVP_PKEY *key, bool signs, const char *name)
{
    EVP_PKEY_CTX *ctx = key ? EVP_PKEY_CTX_new(key, NULL) : NULL;
    if (!ctx || (signs ? EVP_PKEY_sign_init(ctx) : EVP_PKEY_verify_init(ctx)) != 1 ||
        EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) != 1 ||
        EVP_PKEY_CTX_set_signature_md(ctx, bench.sha256) != 1)
        die("cannot use key", name);
    EVP_PKEY_free(key);
    return ctx;
}

static void read_private_keys(void)
{
    char path[CAMPAIGN_PATH_MAX];
    for (size_t i = 0; i < bench.count; i++) {
        unsigned number = bench.items[i].key;
        if (bench.keys[number])
            continue;
        snprintf(path, sizeof(path), CAMPAIGN_KEY_FILE, bench.campaign, number);
        FILE *file = fopen(path, "r");
        EVP_PKEY *key = file ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;
        bench.keys[number] = context_of(key, true, path);
        fclose(file);
    }
}

static void read_public_keys(void)
{
    FILE *file = must_open(bench.campaign, "public", "rb");
    bench.publics = calloc(CAMPAIGN_DOMAINS_MAX, CAMPAIGN_PUBLIC_BYTES);
    if (!bench.publics ||
        fread(bench.publics, CAMPAIGN_PUBLIC_BYTES, CAMPAIGN_DOMAINS_MAX, file) == 0)
        die("cannot read", "public");
    fclose(file);
}

static EVP_PKEY_CTX *public_key(unsigned number)
{
    if (!bench.keys[number]) {
        const unsigned char *at = bench.publics + (size_t)number * CAMPAIGN_PUBLIC_BYTES;
        bench.keys[number] =
            context_of(d2i_PUBKEY(NULL, &at, CAMPAIGN_PUBLIC_BYTES), false, "public");
    }
    return bench.keys[number];
}

static void read_proofs(const char *path)
{
    FILE *file = fopen(path, "rb");
    bench.proofs = calloc(bench.count, sizeof(*bench.proofs));
    if (!file || !bench.proofs ||
        fread(bench.proofs, sizeof(*bench.proofs), bench.count, file) != bench.count)
        die("cannot read", path);
    fclose(file);
}

static void open_mail(const char *path)
{
    bench.mail = open(path, O_RDONLY | O_DIRECTORY);
    if (bench.mail < 0)
        die("cannot open", path);
}

/* ---- the steps ---- */

static void read_message(const struct campaign_item *item)
{
    int fd = openat(bench.mail, item->path, O_RDONLY);
    ssize_t len = fd < 0 ? -1 : read(fd, message, (MESSAGE_MAX_BYTES + 1));
    if (len <= 0 || len > MESSAGE_MAX_BYTES)
        die("cannot read", item->path);
    close(fd);
    bench.message_bytes = (size_t)len;
}

static void hash(const char *data, size_t len, unsigned char out[DIGEST_BYTES])
{
    if (EVP_DigestInit_ex2(bench.digest, NULL, NULL) != 1 ||
        EVP_DigestUpdate(bench.digest, data, len) != 1 ||
        EVP_DigestFinal_ex(bench.digest, out, NULL) != 1)
        die("cannot hash", "SHA-256");
}

/* As many bytes as DKIM hashes, from the start of the message and from its end. */
static void hash_message(const struct campaign_item *item, unsigned char header[DIGEST_BYTES],
                         unsigned char body[DIGEST_BYTES])
{
    if (item->header_bytes > bench.message_bytes || item->body_bytes > bench.message_bytes)
        die("not the list's message", item->path);
    hash(message + bench.message_bytes - item->body_bytes, item->body_bytes, body);
    hash(message, item->header_bytes, header);
}

static void sign(const struct campaign_item *item, const unsigned char header[DIGEST_BYTES],
                 unsigned char signature[SIGNATURE_BYTES])
{
    size_t len = SIGNATURE_BYTES;
    if (EVP_PKEY_sign(bench.keys[item->key], signature, &len, header, DIGEST_BYTES) != 1 ||
        len != SIGNATURE_BYTES)
        die("cannot sign", item->path);
}

/* A signature field, right before the message. Returns its length. */
static size_t put_field(const struct campaign_item *item, const unsigned char body[DIGEST_BYTES],
                        const unsigned char signature[SIGNATURE_BYTES])
{
    char field[FIELD_ROOM_BYTES];
    unsigned char bh[64], b[512];
    EVP_EncodeBlock(bh, body, DIGEST_BYTES);
    EVP_EncodeBlock(b, signature, SIGNATURE_BYTES);
    int len = snprintf(field, sizeof(field),
                       "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
                       "\td=" MM_MAIL_DOMAIN "; s=" MM_MAIL_SELECTOR "; t=%d;\r\n"
                       "\th=Date:From:To:Subject:List-Unsubscribe:List-Unsubscribe-Post:\r\n"
                       "\tReply-To:References:List-Id:From;\r\n\tbh=%s;\r\n"
                       "\tb=%.72s\r\n\t %.72s\r\n\t %.72s\r\n\t %.72s\r\n\t %s\r\n",
                       item->key, MM_MAIL_TIME, bh, b, b + 72, b + 144, b + 216, b + 288);
    memcpy(message - len, field, (size_t)len);
    return (size_t)len;
}

static bool is_mbox(const char *path)
{
    size_t len = strlen(path);
    return len > 5 && strcmp(path + len - 5, ".mbox") == 0;
}

static void open_mbox(const char *path)
{
    bench.mbox = fopen(path, "wbx");
    if (!bench.mbox || setvbuf(bench.mbox, NULL, _IOFBF, MBOX_BUFFER_BYTES) != 0)
        die("cannot make", path);
}

/* Line ends stay as they are, and no line is looked at for quoting. */
static void add_to_mbox(const struct campaign_item *item, size_t field_bytes)
{
    static const char from[] = "From MAILER-DAEMON Tue Nov 14 22:13:20 2023\n";
    if (fwrite(from, sizeof(from) - 1, 1, bench.mbox) != 1 ||
        fwrite(message - field_bytes, field_bytes + bench.message_bytes, 1, bench.mbox) != 1 ||
        putc('\n', bench.mbox) == EOF)
        die("cannot write", item->path);
}

/* Bytes of message, from `field_bytes` before it on, as a new file. */
static void write_message(int out, const struct campaign_item *item, size_t field_bytes)
{
    static char folder[sizeof(item->path)];
    size_t len = field_bytes + bench.message_bytes, folder_len = strcspn(item->path, "/");
    if (strncmp(folder, item->path, folder_len) != 0) {
        memcpy(folder, item->path, folder_len);
        if (mkdirat(out, folder, 0777) != 0)
            die("cannot make", folder);
    }
    int fd = openat(out, item->path, O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (fd < 0 || write(fd, message - field_bytes, len) != (ssize_t)len || close(fd) != 0)
        die("cannot write", item->path);
}

static int make_folder(const char *path)
{
    int fd = mkdir(path, 0777) == 0 ? open(path, O_RDONLY | O_DIRECTORY) : -1;
    if (fd < 0)
        die("cannot make", path);
    return fd;
}

static void open_rows(const char *sigs)
{
    char path[CAMPAIGN_PATH_MAX];
    snprintf(path, sizeof(path), "%s.rows", sigs);
    rows.fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (rows.fd < 0)
        die("cannot write", path);
}

static void flush_rows(void)
{
    if (write(rows.fd, rows.data, rows.len) != (ssize_t)rows.len)
        die("cannot write", "rows");
    rows.len = 0;
}

static void put_row(const struct campaign_item *item, bool holds)
{
    const char *result = holds ? "pass" : "fail", *check = holds ? "ok" : "bad";
    if (rows.len + ROW_MAX_BYTES > sizeof(rows.data))
        flush_rows();
    rows.len += (size_t)snprintf(
        rows.data + rows.len, ROW_MAX_BYTES,
        "{\"message\":\"mail/%s\",\"bytes\":%zu,\"eol\":\"crlf\",\"from_domain\":\"" MM_MAIL_DOMAIN
        "\",\"result\":\"%s\",\"signatures\":[{\"index\":0,\"result\":\"%s\",\"reason\":\"\","
        "\"domain\":\"" MM_MAIL_DOMAIN "\",\"selector\":\"" MM_MAIL_SELECTOR
        "\",\"algorithm\":\"rsa-sha256\",\"canon\":\"relaxed/"
        "relaxed\",\"body_hash\":\"%s\",\"signature\":\"%s\","
        "\"signed_at\":%d,\"headers\":\"date:from:to:subject:list-unsubscribe:from\",\"b\":\"%."
        "8s\"}]}\n",
        item->path, bench.message_bytes, item->key, result, result, item->key, check, check,
        MM_MAIL_TIME, message);
}

/* ---- the modes: each is one walk over the list ---- */

static void run_sign(const char *const *args)
{
    unsigned char header[DIGEST_BYTES], body[DIGEST_BYTES] = {0}, signature[SIGNATURE_BYTES] = {0};
    int out = -1;
    if (is_mbox(args[1]))
        open_mbox(args[1]);
    else
        out = make_folder(args[1]);
    for (size_t i = 0; i < bench.count; i++) {
        const struct campaign_item *item = &bench.items[i];
        read_message(item);
        if (!bench.bare) {
            hash_message(item, header, body);
            sign(item, header, signature);
        }
        size_t field_bytes = put_field(item, body, signature);
        if (bench.mbox)
            add_to_mbox(item, field_bytes);
        else
            write_message(out, item, field_bytes);
    }
    if (bench.mbox)
        must_close(bench.mbox, args[1]);
    else
        close(out);
}

static void run_prepare(const char *const *args)
{
    unsigned char header[DIGEST_BYTES];
    struct proof proof;
    FILE *file = fopen(args[1], "wb");
    if (!file)
        die("cannot write", args[1]);
    for (size_t i = 0; i < bench.count; i++) {
        read_message(&bench.items[i]);
        hash_message(&bench.items[i], header, proof.body_digest);
        sign(&bench.items[i], header, proof.signature);
        if (fwrite(&proof, sizeof(proof), 1, file) != 1)
            die("cannot write", args[1]);
    }
    must_close(file, args[1]);
}

/* Whether the signature of message i holds, as far as this run looks. */
static bool verify(size_t i)
{
    unsigned char header[DIGEST_BYTES], body[DIGEST_BYTES];
    const struct campaign_item *item = &bench.items[i];
    const struct proof *proof = &bench.proofs[i];
    if (bench.bare)
        return true;
    hash_message(item, header, body);
    return memcmp(body, proof->body_digest, DIGEST_BYTES) == 0 &&
           EVP_PKEY_verify(public_key(item->key), proof->signature, SIGNATURE_BYTES, header,
                           DIGEST_BYTES) == 1;
}

static void run_verify(const char *const *args)
{
    size_t failed = 0;
    open_rows(args[1]);
    for (size_t i = 0; i < bench.count; i++) {
        read_message(&bench.items[i]);
        bool holds = verify(i);
        put_row(&bench.items[i], holds);
        failed += !holds;
    }
    flush_rows();
    if (failed)
        die("signatures do not hold", bench.campaign);
}

static void run_hash(const char *const *args)
{
    unsigned char header[DIGEST_BYTES], body[DIGEST_BYTES];
    (void)args;
    bench.message_bytes = MESSAGE_MAX_BYTES;
    for (size_t i = 0; i < bench.count; i++)
        hash_message(&bench.items[i], header, body);
}

static const struct mode {
    const char *name;
    int args; /* behind CAMPAIGN */
    void (*run)(const char *const *args);
    bool signs, verifies;
} modes[] = {
    {"sign", 2, run_sign, true, false},       {"copy", 2, run_sign, false, false},
    {"prepare", 2, run_prepare, true, false}, {"verify", 2, run_verify, false, true},
    {"rows", 2, run_verify, false, false},    {"hash", 0, run_hash, false, false},
};

static void start_up(const struct mode *mode, const char *campaign, const char *const *args)
{
    bench.campaign = campaign;
    bench.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    bench.digest = EVP_MD_CTX_new();
    if (!bench.digest || EVP_DigestInit_ex2(bench.digest, bench.sha256, NULL) != 1)
        die("cannot use", "SHA-256");
    bench.bare = !mode->signs && !mode->verifies;
    bench.items = campaign_list(campaign, &bench.count);
    if (mode->args > 0)
        open_mail(args[0]);
    if (mode->signs)
        read_private_keys();
    if (mode->verifies) {
        read_public_keys();
        read_proofs(args[1]);
    }
}

int main(int argc, char **argv)
{
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        const char *const *args = (const char *const *)argv + 3;
        if (argc != modes[i].args + 3 || strcmp(argv[1], modes[i].name) != 0)
            continue;
        start_up(&modes[i], argv[2], args);
        struct usage begun = usage_now();
        modes[i].run(args);
        usage_print(begun);
        printf("messages=%zu\n", bench.count);
        return 0;
    }
    fprintf(stderr,
            "usage: yardstick sign|prepare|verify|hash|copy|rows CAMPAIGN [MAIL [OUT|SIGS]]\n");
    return 64;
}
