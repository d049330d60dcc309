/*
 * tool_peer_opendkim.c - what libopendkim says about every DKIM-Signature of some files.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Usage: peer_opendkim KEYS [NOW] < LIST
 *        peer_opendkim sign DOMAIN SELECTOR PEM FILE      the file, signed by the library
 *
 * KEYS has a line "name<TAB>TXT record" for each key, LIST a file name a line, NOW is a clock in
 * seconds. For each signature one line is printed: "file<TAB>domain/selector/algorithm<TAB>pass",
 * or fail, or "error: ..." with the library's words; "-" stands for the signature where the library
 * refuses the whole message.
 *
 * The library takes a message as a mail server hands it over: fields one by one, then the body. So
 * this file does what a mail server does: it drops a leading mbox "From " line, makes LF CRLF and
 * passes header lines on that are fields. Nothing else is mended.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>

#include <dkim.h>

enum { KEYS_MAX = 1024 };

struct key_table {
    char *names[KEYS_MAX], *records[KEYS_MAX];
    size_t count;
};

struct text {
    char *data;
    size_t len;
};

static struct key_table the_keys; /* the library's callback has no context of ours */

static time_t the_time; /* 0: the clock's */

/* The library asks the clock for the time when it verifies; in this program it asks here. */
__attribute__((visibility("default"))) time_t time(time_t *out)
{
    struct timespec now = {.tv_sec = the_time};
    if (the_time == 0)
        clock_gettime(CLOCK_REALTIME, &now);
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}

static void die(const char *what, const char *name)
{
    fprintf(stderr, "peer_opendkim: %s: %s\n", what, name);
    exit(70);
}

static void *must(void *memory)
{
    if (!memory)
        die("out of memory", "");
    return memory;
}

static void read_keys(const char *path)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t cap = 0;
    if (!file)
        die("cannot read", path);
    while (getline(&line, &cap, file) > 0) {
        char *tab = strchr(line, '\t');
        if (!tab || the_keys.count == KEYS_MAX)
            die("not a table of keys", path);
        *tab = '\0';
        tab[1 + strcspn(tab + 1, "\n")] = '\0';
        the_keys.names[the_keys.count] = must(strdup(line));
        the_keys.records[the_keys.count++] = must(strdup(tab + 1));
    }
    free(line);
    fclose(file);
}

static DKIM_CBSTAT look_up(DKIM *dkim, DKIM_SIGINFO *sig, u_char *buf, size_t buf_bytes)
{
    char name[1024];
    (void)dkim;
    snprintf(name, sizeof(name), "%s._domainkey.%s", (const char *)dkim_sig_getselector(sig),
             (const char *)dkim_sig_getdomain(sig));
    for (size_t i = 0; i < the_keys.count; i++) {
        if (strcasecmp(name, the_keys.names[i]) == 0) {
            snprintf((char *)buf, buf_bytes, "%s", the_keys.records[i]);
            return DKIM_CBSTAT_CONTINUE;
        }
    }
    return DKIM_CBSTAT_NOTFOUND;
}

/* The file with CRLF for every LF that has no CR before it, without a leading "From " line. */
static struct text read_message(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct text in = {0}, out = {0};
    size_t start = 0;
    if (!file || fseek(file, 0, SEEK_END) != 0)
        die("cannot read", path);
    in.len = (size_t)ftell(file);
    in.data = must(malloc(in.len + 1));
    rewind(file);
    if (fread(in.data, 1, in.len, file) != in.len)
        die("cannot read", path);
    fclose(file);
    if (in.len >= 5 && memcmp(in.data, "From ", 5) == 0) {
        char *end = memchr(in.data, '\n', in.len);
        start = end ? (size_t)(end + 1 - in.data) : in.len;
    }
    out.data = must(malloc(2 * in.len + 1));
    for (size_t i = start; i < in.len; i++) {
        if (in.data[i] == '\n' && (i == start || in.data[i - 1] != '\r'))
            out.data[out.len++] = '\r';
        out.data[out.len++] = in.data[i];
    }
    free(in.data);
    return out;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Offset of the next CRLF from `at` on, or the length where there is none. */
static size_t line_end(struct text t, size_t at)
{
    const char *crlf = memmem(t.data + at, t.len - at, "\r\n", 2);
    return crlf ? (size_t)(crlf - t.data) : t.len;
}

/* Offset past the field that starts at `at`, folds included, its last CRLF not. */
static size_t field_end(struct text t, size_t at)
{
    size_t end = line_end(t, at);
    while (end + 2 < t.len && is_blank(t.data[end + 2]))
        end = line_end(t, end + 2);
    return end;
}

static bool is_field(struct text t, size_t at)
{
    const char *colon = memchr(t.data + at, ':', line_end(t, at) - at);
    return colon && colon != t.data + at && !is_blank(t.data[at]);
}

static DKIM_STAT feed(DKIM *dkim, struct text message)
{
    size_t at = 0, end;
    DKIM_STAT stat = DKIM_STAT_OK;
    while (stat == DKIM_STAT_OK && at < message.len && line_end(message, at) != at) {
        end = field_end(message, at);
        if (is_field(message, at))
            stat = dkim_header(dkim, (u_char *)message.data + at, end - at);
        at = end + 2 < message.len ? end + 2 : message.len;
    }
    if (stat == DKIM_STAT_OK)
        stat = dkim_eoh(dkim);
    at += 2; /* the empty line */
    if (stat == DKIM_STAT_OK && at < message.len)
        stat = dkim_body(dkim, (u_char *)message.data + at, message.len - at);
    if (stat == DKIM_STAT_OK)
        stat = dkim_eom(dkim, NULL);
    return stat;
}

static void print_signature(const char *path, DKIM *dkim, DKIM_SIGINFO *sig)
{
    const char *algorithm = (const char *)dkim_sig_getalgorithm(sig);
    const char *domain = (const char *)dkim_sig_getdomain(sig);
    const char *selector = (const char *)dkim_sig_getselector(sig);
    DKIM_STAT stat = dkim_sig_process(dkim, sig);
    const char *words = dkim_sig_geterrorstr(dkim_sig_geterror(sig));
    printf("%s\t%s/%s/%s\t", path, domain ? domain : "?", selector ? selector : "?",
           algorithm ? algorithm : "?");
    if (stat == DKIM_STAT_OK && (dkim_sig_getflags(sig) & DKIM_SIGFLAG_PASSED) != 0 &&
        dkim_sig_getbh(sig) == DKIM_SIGBH_MATCH)
        puts("pass");
    else if (dkim_sig_getbh(sig) == DKIM_SIGBH_MISMATCH)
        puts("fail: body hash");
    else
        printf("fail: %s\n", words ? words : "not judged");
}

static void verify_file(DKIM_LIB *library, const char *path)
{
    struct text message = read_message(path);
    DKIM_STAT stat;
    DKIM_SIGINFO **sigs = NULL;
    int sig_count = 0;
    DKIM *dkim = dkim_verify(library, (const unsigned char *)"peer", NULL, &stat);
    if (!dkim)
        die("dkim_verify", path);
    stat = feed(dkim, message);
    if (dkim_getsiglist(dkim, &sigs, &sig_count) != DKIM_STAT_OK || sig_count == 0)
        printf("%s\t-\terror: %s\n", path, dkim_getresultstr(stat));
    for (int i = 0; i < sig_count; i++)
        print_signature(path, dkim, sigs[i]);
    dkim_free(dkim);
    free(message.data);
}

static int sign_file(DKIM_LIB *library, char **argv)
{
    enum { FIELD_BYTES = 16384 };
    static u_char field[FIELD_BYTES];
    struct text key = read_message(argv[4]), message = read_message(argv[5]);
    DKIM_STAT stat;
    key.data[key.len] = '\0';
    DKIM *dkim = dkim_sign(library, (const u_char *)"peer", NULL, (u_char *)key.data,
                           (u_char *)argv[3], (u_char *)argv[2], DKIM_CANON_RELAXED,
                           DKIM_CANON_RELAXED, DKIM_SIGN_RSASHA256, -1, &stat);
    if (!dkim || feed(dkim, message) != DKIM_STAT_OK ||
        dkim_getsighdr(dkim, field, sizeof field, sizeof "DKIM-Signature: " - 1) != DKIM_STAT_OK)
        die("cannot sign with", argv[4]);
    printf("DKIM-Signature: %s\r\n", field);
    fwrite(message.data, 1, message.len, stdout);
    dkim_free(dkim);
    dkim_close(library);
    free(message.data);
    free(key.data);
    return 0;
}

int main(int argc, char **argv)
{
    char *path = NULL;
    size_t cap = 0;
    DKIM_LIB *library = dkim_init(NULL, NULL);
    if (argc == 6 && library && strcmp(argv[1], "sign") == 0)
        return sign_file(library, argv);
    if (argc < 2 || argc > 3 || !library)
        die("usage", "peer_opendkim KEYS [NOW] < LIST");
    if (argc > 2)
        the_time = (time_t)strtoull(argv[2], NULL, 10);
    read_keys(argv[1]);
    if (dkim_set_key_lookup(library, look_up) != DKIM_STAT_OK)
        die("dkim_set_key_lookup", argv[1]);
    while (getline(&path, &cap, stdin) > 0) {
        path[strcspn(path, "\n")] = '\0';
        verify_file(library, path);
    }
    free(path);
    dkim_close(library);
    for (size_t i = 0; i < the_keys.count; i++) {
        free(the_keys.names[i]);
        free(the_keys.records[i]);
    }
    return 0;
}
