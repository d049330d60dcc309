/*
 * opendkim_driver.c - what signing and verifying a campaign costs with libopendkim at its best use.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Usage: opendkim_driver sign   CAMPAIGN MAIL OUT [WORKERS]    sign all, write each into an mbox
 *        opendkim_driver verify CAMPAIGN MAIL OUT [WORKERS]    verify all, write one row a message
 *
 * CAMPAIGN comes from make_campaign; MAIL is the folder of the messages: CAMPAIGN/mail or a signed
 * copy of it. Worker W writes OUT.W, which must not be there.
 *
 * One handle of the library for all messages and threads, as its manual allows; of WORKERS threads
 * each takes every so manyth message. A message is read whole and handed over field by field, the
 * body in one piece; keys come from memory, found by the number in the domain, without a search.
 * The library reads the key anew for each message: its interface has no other way. One line tells
 * what the work took, start-up left out:
 * "cpu_s=1.234567 wall_s=1.240000 peak_bytes=5242880 messages=20000".
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>
#include <unistd.h>

#include <openssl/evp.h>

#include <dkim.h>

#include "campaign/list.h"
#include "campaign/usage.h"

enum {
    FIELD_MAX_BYTES = 16384,
    KEY_MAX_BYTES = 4096,
    OUT_BUFFER_BYTES = 1024 * 1024,
    WORKERS_MAX = 64,
};

static struct {
    DKIM_LIB *library;
    const char *campaign;
    struct campaign_item *items;
    size_t count;
    char *keys[CAMPAIGN_DOMAINS_MAX]; /* PEM to sign, records to verify */
    int mail;
    bool signs;
    unsigned workers;
} bench;

struct worker {
    pthread_t thread;
    unsigned number;
    FILE *out;
    unsigned char *message; /* room for MM_MAIL_MAX_BYTES */
    size_t message_bytes;
    unsigned char field[FIELD_MAX_BYTES];
};

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

static void read_message(struct worker *w, const struct campaign_item *item)
{
    int fd = openat(bench.mail, item->path, O_RDONLY);
    ssize_t len = fd < 0 ? -1 : read(fd, w->message, MM_MAIL_MAX_BYTES);
    if (len <= 0 || len == MM_MAIL_MAX_BYTES)
        die("cannot read", item->path);
    close(fd);
    w->message_bytes = (size_t)len;
}

static bool is_blank(unsigned char c)
{
    return c == ' ' || c == '\t';
}

/* Where the field ends that begins at `at`, folds included, its CRLF not. */
static size_t field_end(const struct worker *w, size_t at)
{
    const unsigned char *m = w->message, *line = m + at;
    for (;;) {
        const unsigned char *lf = memchr(line, '\n', w->message_bytes - (size_t)(line - m));
        if (!lf || lf == line)
            die("not a message", "");
        if (lf + 1 == m + w->message_bytes || !is_blank(lf[1]))
            return (size_t)(lf - m) - 1;
        line = lf + 1;
    }
}

/* The message, handed over, and what the library says of it at its end. */
static DKIM_STAT feed(const struct worker *w, DKIM *dkim)
{
    DKIM_STAT status = DKIM_STAT_OK;
    size_t at = 0;
    while (status == DKIM_STAT_OK && w->message[at] != '\r') {
        size_t end = field_end(w, at);
        status = dkim_header(dkim, w->message + at, end - at);
        at = end + 2;
    }
    at += 2; /* the empty line */
    if (status == DKIM_STAT_OK)
        status = dkim_eoh(dkim);
    if (status == DKIM_STAT_OK)
        status = dkim_body(dkim, w->message + at, w->message_bytes - at);
    return status == DKIM_STAT_OK ? dkim_eom(dkim, NULL) : status;
}

static void sign(struct worker *w, const struct campaign_item *item)
{
    char domain[32];
    DKIM_STAT status;
    snprintf(domain, sizeof(domain), MM_MAIL_DOMAIN, item->key);
    DKIM *dkim =
        dkim_sign(bench.library, (const u_char *)"bench", NULL, (u_char *)bench.keys[item->key],
                  (const u_char *)MM_MAIL_SELECTOR, (const u_char *)domain, DKIM_CANON_RELAXED,
                  DKIM_CANON_RELAXED, DKIM_SIGN_RSASHA256, -1, &status);
    if (!dkim || feed(w, dkim) != DKIM_STAT_OK ||
        dkim_getsighdr(dkim, w->field, sizeof(w->field), sizeof("DKIM-Signature: ") - 1) !=
            DKIM_STAT_OK)
        die("cannot sign", item->path);
    fputs("From MAILER-DAEMON Tue Nov 14 22:13:20 2023\n", w->out);
    fprintf(w->out, "DKIM-Signature: %s\r\n", w->field);
    fwrite(w->message, w->message_bytes, 1, w->out);
    putc('\n', w->out);
    dkim_free(dkim);
}

/* Bad signatures are a result like any other; whatever else goes wrong is an end. */
static void verify(struct worker *w, const struct campaign_item *item)
{
    DKIM_STAT status;
    DKIM *dkim = dkim_verify(bench.library, (const u_char *)"bench", NULL, &status);
    status = dkim ? feed(w, dkim) : status;
    if (status != DKIM_STAT_OK && status != DKIM_STAT_BADSIG)
        die("cannot verify", item->path);
    DKIM_SIGINFO *sig = dkim_getsignature(dkim);
    fprintf(w->out,
            "{\"message\":\"%s\",\"bytes\":%zu,\"result\":\"%s\",\"domain\":\"%s\","
            "\"selector\":\"%s\"}\n",
            item->path, w->message_bytes, status == DKIM_STAT_OK ? "pass" : "fail",
            sig ? (const char *)dkim_sig_getdomain(sig) : "",
            sig ? (const char *)dkim_sig_getselector(sig) : "");
    dkim_free(dkim);
}

static void *work(void *context)
{
    struct worker *w = context;
    for (size_t i = w->number; i < bench.count; i += bench.workers) {
        read_message(w, &bench.items[i]);
        if (bench.signs)
            sign(w, &bench.items[i]);
        else
            verify(w, &bench.items[i]);
    }
    return NULL;
}

static struct worker *new_workers(const char *out)
{
    char path[CAMPAIGN_PATH_MAX];
    struct worker *workers = calloc(bench.workers, sizeof(*workers));
    if (!workers)
        die("out of memory", "workers");
    for (unsigned i = 0; i < bench.workers; i++) {
        struct worker *w = &workers[i];
        snprintf(path, sizeof(path), "%s.%u", out, i);
        w->number = i;
        w->message = malloc(MM_MAIL_MAX_BYTES);
        w->out = fopen(path, "wbx");
        if (!w->message || !w->out || setvbuf(w->out, NULL, _IOFBF, OUT_BUFFER_BYTES) != 0)
            die("cannot make", path);
    }
    return workers;
}

/* The first worker is this thread. */
static void run(struct worker *workers)
{
    for (unsigned i = 1; i < bench.workers; i++) {
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
            die("cannot start", "worker");
    }
    work(&workers[0]);
    for (unsigned i = 0; i < bench.workers; i++) {
        if (i > 0)
            pthread_join(workers[i].thread, NULL);
        must_close(workers[i].out, "output");
    }
}

int main(int argc, char **argv)
{
    bench.signs = argc > 1 && strcmp(argv[1], "sign") == 0;
    bench.workers = argc == 6 ? (unsigned)atoi(argv[5]) : 1;
    if (argc < 5 || argc > 6 || (!bench.signs && strcmp(argv[1], "verify") != 0) ||
        bench.workers < 1 || bench.workers > WORKERS_MAX) {
        fprintf(stderr, "usage: opendkim_driver sign|verify CAMPAIGN MAIL OUT [WORKERS]\n");
        return 64;
    }
    bench.campaign = argv[2];
    bench.items = campaign_list(bench.campaign, &bench.count);
    open_library();
    if (bench.signs)
        read_private_keys();
    else
        make_records();
    bench.mail = open(argv[3], O_RDONLY | O_DIRECTORY);
    if (bench.mail < 0)
        die("cannot open", argv[3]);
    struct worker *workers = new_workers(argv[4]);
    struct usage begun = usage_now();
    run(workers);
    usage_print(begun);
    printf("messages=%zu\n", bench.count);
    for (unsigned i = 0; i < bench.workers; i++)
        free(workers[i].message);
    free(workers);
    dkim_close(bench.library);
    return 0;
}
