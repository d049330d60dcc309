/*
 * opendkim_driver.c - what signing and verifying a campaign costs with libopendkim at its best use.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Usage: opendkim_driver sign   CAMPAIGN MAIL OUT.mbox    sign all, write them into one file
 *        opendkim_driver verify CAMPAIGN MAIL ROWS        verify all, write one row a message
 *
 * CAMPAIGN comes from make_campaign; MAIL is the folder of the messages: CAMPAIGN/mail or a signed
 * copy of it. OUT and ROWS must not be there.
 *
 * One handle of the library for all messages. A message is read whole and handed over field by
 * field, the body in one piece; keys come from memory, found by the number in the domain, without
 * a search. The library reads the key anew for each message: its interface has no other way. One
 * line tells the CPU seconds of the work, start-up left out:
 * "cpu_s=1.234567 messages=20000".
 */
#include <fcntl.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <unistd.h>

#include <openssl/evp.h>

#include <dkim.h>

#include "campaign/list.h"

enum { FIELD_MAX_BYTES = 16384, KEY_MAX_BYTES = 4096, OUT_BUFFER_BYTES = 1024 * 1024 };

static struct {
    DKIM_LIB *library;
    const char *campaign;
    struct campaign_item *items;
    size_t count;
    char *keys[CAMPAIGN_DOMAINS_MAX]; /* PEM to sign, records to verify */
    int mail;
    FILE *out;
    unsigned char message[MM_MAIL_MAX_BYTES];
    size_t message_bytes;
} bench;

/* ---- start-up ---- */

static char *copy_of(const char *text)
{
    char *copy = strdup(text);
    if (!copy)
        die("out of memory", "keys");
    return copy;
}

static void read_private_keys(void)
{
    char path[CAMPAIGN_PATH_MAX], pem[KEY_MAX_BYTES];
    for (size_t i = 0; i < bench.count; i++) {
        unsigned number = bench.items[i].key;
        if (bench.keys[number])
            continue;
        snprintf(path, sizeof(path), CAMPAIGN_KEY_FILE, bench.campaign, number);
        FILE *file = fopen(path, "r");
        size_t len = file ? fread(pem, 1, sizeof(pem) - 1, file) : 0;
        if (len == 0)
            die("cannot read", path);
        fclose(file);
        pem[len] = '\0';
        bench.keys[number] = copy_of(pem);
    }
}

static void make_records(void)
{
    unsigned char der[CAMPAIGN_PUBLIC_BYTES], base64[2 * CAMPAIGN_PUBLIC_BYTES];
    char record[KEY_MAX_BYTES];
    FILE *file = must_open(bench.campaign, "public", "rb");
    for (size_t i = 0; i < CAMPAIGN_DOMAINS_MAX && fread(der, sizeof(der), 1, file) == 1; i++) {
        EVP_EncodeBlock(base64, der, sizeof(der));
        snprintf(record, sizeof(record), "v=DKIM1; k=rsa; p=%s", base64);
        bench.keys[i] = copy_of(record);
    }
    fclose(file);
}

static DKIM_CBSTAT look_up(DKIM *dkim, DKIM_SIGINFO *sig, u_char *buf, size_t buf_bytes)
{
    unsigned number;
    (void)dkim;
    if (sscanf((const char *)dkim_sig_getdomain(sig), MM_MAIL_DOMAIN, &number) != 1 ||
        number >= CAMPAIGN_DOMAINS_MAX || !bench.keys[number])
        return DKIM_CBSTAT_NOTFOUND;
    snprintf((char *)buf, buf_bytes, "%s", bench.keys[number]);
    return DKIM_CBSTAT_CONTINUE;
}

static void open_library(void)
{
    static const u_char *const names[] = {(const u_char *)"date",
                                          (const u_char *)"from",
                                          (const u_char *)"to",
                                          (const u_char *)"cc",
                                          (const u_char *)"subject",
                                          (const u_char *)"reply-to",
                                          (const u_char *)"in-reply-to",
                                          (const u_char *)"references",
                                          (const u_char *)"list-id",
                                          (const u_char *)"list-help",
                                          (const u_char *)"list-subscribe",
                                          (const u_char *)"list-post",
                                          (const u_char *)"list-owner",
                                          (const u_char *)"list-archive",
                                          (const u_char *)"feedback-id",
                                          (const u_char *)"list-unsubscribe",
                                          (const u_char *)"resent-date",
                                          (const u_char *)"list-unsubscribe-post",
                                          (const u_char *)"resent-from",
                                          NULL};
    bench.library = dkim_init(NULL, NULL);
    if (!bench.library ||
        dkim_options(bench.library, DKIM_OP_SETOPT, DKIM_OPTS_SIGNHDRS, (void *)names,
                     sizeof(const u_char **)) != DKIM_STAT_OK ||
        dkim_set_key_lookup(bench.library, look_up) != DKIM_STAT_OK)
        die("cannot use", "libopendkim");
}

/* ---- a message ---- */

static void read_message(const struct campaign_item *item)
{
    int fd = openat(bench.mail, item->path, O_RDONLY);
    ssize_t len = fd < 0 ? -1 : read(fd, bench.message, sizeof(bench.message));
    if (len <= 0 || len == (ssize_t)sizeof(bench.message))
        die("cannot read", item->path);
    close(fd);
    bench.message_bytes = (size_t)len;
}

static bool is_blank(unsigned char c)
{
    return c == ' ' || c == '\t';
}

/* Where the field ends that begins at `at`, folds included, its CRLF not. */
static size_t field_end(size_t at)
{
    const unsigned char *m = bench.message, *line = m + at;
    for (;;) {
        const unsigned char *lf = memchr(line, '\n', bench.message_bytes - (size_t)(line - m));
        if (!lf || lf == line)
            die("not a message", "");
        if (lf + 1 == m + bench.message_bytes || !is_blank(lf[1]))
            return (size_t)(lf - m) - 1;
        line = lf + 1;
    }
}

/* The message, handed over; false where the library does not agree with it. */
static bool feed(DKIM *dkim)
{
    size_t at = 0;
    while (bench.message[at] != '\r') {
        size_t end = field_end(at);
        if (dkim_header(dkim, bench.message + at, end - at) != DKIM_STAT_OK)
            return false;
        at = end + 2;
    }
    at += 2; /* the empty line */
    return dkim_eoh(dkim) == DKIM_STAT_OK &&
           dkim_body(dkim, bench.message + at, bench.message_bytes - at) == DKIM_STAT_OK &&
           dkim_eom(dkim, NULL) == DKIM_STAT_OK;
}

static void sign(const struct campaign_item *item)
{
    static unsigned char field[FIELD_MAX_BYTES];
    char domain[32];
    DKIM_STAT status;
    snprintf(domain, sizeof(domain), MM_MAIL_DOMAIN, item->key);
    DKIM *dkim =
        dkim_sign(bench.library, (const u_char *)"bench", NULL, (u_char *)bench.keys[item->key],
                  (const u_char *)MM_MAIL_SELECTOR, (const u_char *)domain, DKIM_CANON_RELAXED,
                  DKIM_CANON_RELAXED, DKIM_SIGN_RSASHA256, -1, &status);
    if (!dkim || !feed(dkim) ||
        dkim_getsighdr(dkim, field, sizeof(field), sizeof("DKIM-Signature: ") - 1) != DKIM_STAT_OK)
        die("cannot sign", item->path);
    fputs("From MAILER-DAEMON Tue Nov 14 22:13:20 2023\n", bench.out);
    fprintf(bench.out, "DKIM-Signature: %s\r\n", field);
    fwrite(bench.message, bench.message_bytes, 1, bench.out);
    putc('\n', bench.out);
    dkim_free(dkim);
}

static void verify(const struct campaign_item *item)
{
    DKIM_STAT status;
    DKIM *dkim = dkim_verify(bench.library, (const u_char *)"bench", NULL, &status);
    if (!dkim || !feed(dkim))
        die("does not verify", item->path);
    DKIM_SIGINFO *sig = dkim_getsignature(dkim);
    fprintf(bench.out,
            "{\"message\":\"%s\",\"bytes\":%zu,\"result\":\"pass\",\"domain\":\"%s\","
            "\"selector\":\"%s\"}\n",
            item->path, bench.message_bytes, (const char *)dkim_sig_getdomain(sig),
            (const char *)dkim_sig_getselector(sig));
    dkim_free(dkim);
}

static double cpu_seconds(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
    bool signs = argc == 5 && strcmp(argv[1], "sign") == 0;
    if (!signs && (argc != 5 || strcmp(argv[1], "verify") != 0)) {
        fprintf(stderr, "usage: opendkim_driver sign|verify CAMPAIGN MAIL OUT\n");
        return 64;
    }
    bench.campaign = argv[2];
    bench.items = campaign_list(bench.campaign, &bench.count);
    open_library();
    if (signs)
        read_private_keys();
    else
        make_records();
    bench.mail = open(argv[3], O_RDONLY | O_DIRECTORY);
    bench.out = fopen(argv[4], "wbx");
    if (bench.mail < 0 || !bench.out || setvbuf(bench.out, NULL, _IOFBF, OUT_BUFFER_BYTES) != 0)
        die("cannot open", argv[bench.mail < 0 ? 3 : 4]);
    double since = cpu_seconds();
    for (size_t i = 0; i < bench.count; i++) {
        read_message(&bench.items[i]);
        if (signs)
            sign(&bench.items[i]);
        else
            verify(&bench.items[i]);
    }
    must_close(bench.out, argv[4]);
    printf("cpu_s=%.6f messages=%zu\n", cpu_seconds() - since, bench.count);
    dkim_close(bench.library);
    return 0;
}
