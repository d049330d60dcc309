/*
 * make_campaign.c - messages for measuring: distinct, of 2 to 6 KB, always the same for one seed.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Usage: make_campaign [--count N] [--domains N] [--seed N] [--eol crlf|lf] [--draw even|zipf]
 *                      [--sizes small|mixed|huge|archive] [--bodies own|one] [--mbox FILE] FOLDER
 *
 * A message has 10 to 25 header fields, of which 6 to 19 are those that mailmill signs unless told
 * otherwise, so with From named twice its h= list has 7 to 20 names. Bodies are prose, indented
 * HTML or both, with the white space that people and programs leave in mail. campaign.h says what
 * lies where, src/bench/mail_maker.h what shapes there are. Keys are made once: a second call with
 * the same FOLDER takes those that are there. With --mbox all messages go into one file, and FOLDER
 * has the keys only.
 */
#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/mail_maker.h"
#include "campaign/campaign.h"
#include "campaign/keys.h"
#include "campaign/sizes.h"

struct options {
    unsigned count;
    uint64_t seed;
    bool lf;
    struct mm_mail_shape shape;
    const char *folder, *mbox; /* mbox: NULL, or where messages go instead */
};

/* ---- files ---- */

static void put_message(const struct mm_buf *t, FILE *file, bool lf)
{
    for (size_t i = 0; i < t->len; i++) {
        if (!lf || t->data[i] != '\r')
            putc_unlocked(t->data[i], file);
    }
}

static void write_message(const struct mm_buf *t, const char *path, bool lf)
{
    FILE *file = fopen(path, "wb");
    if (!file)
        die("cannot write", path);
    put_message(t, file, lf);
    must_close(file, path);
}

/* No line of these messages begins with "From ", so that none is quoted. */
static void write_mbox(const struct options *o)
{
    struct mm_mail_maker maker;
    FILE *file = fopen(o->mbox, "wbx");
    if (!file)
        die("cannot make", o->mbox);
    mm_mail_maker_init(&maker, &o->shape, o->seed);
    for (unsigned i = 0; i < o->count; i++) {
        if (!mm_mail_make(&maker, i))
            die("out of memory", o->mbox);
        fputs("From MAILER-DAEMON Tue Nov 14 22:13:20 2023\n", file);
        put_message(&maker.text, file, o->lf);
        putc('\n', file);
    }
    mm_mail_maker_deinit(&maker);
    must_close(file, o->mbox);
}

static void write_messages(const struct options *o)
{
    char mail[CAMPAIGN_PATH_MAX], folder[16], name[48], path[CAMPAIGN_PATH_MAX];
    struct mm_mail_maker maker;
    FILE *list = must_open(o->folder, "list", "w");
    campaign_path(mail, o->folder, "mail");
    mm_mail_maker_init(&maker, &o->shape, o->seed);
    for (unsigned i = 0; i < o->count; i++) {
        snprintf(folder, sizeof(folder), "%03u", i / CAMPAIGN_FOLDER_MESSAGES);
        if (i % CAMPAIGN_FOLDER_MESSAGES == 0 &&
            mkdir(campaign_path(path, mail, folder), 0777) != 0)
            die("cannot make", path);
        snprintf(name, sizeof(name), "%s/%06u.eml", folder, i);
        if (!mm_mail_make(&maker, i))
            die("out of memory", name);
        write_message(&maker.text, campaign_path(path, mail, name), o->lf);
        struct mm_view text = mm_buf_view(&maker.text);
        struct mm_view body = mm_view_sub(text, maker.body_at, text.len - maker.body_at);
        fprintf(list, "%s\t%u\t%zu\t%zu\n", name, maker.domain,
                relaxed_header_bytes(mm_view_sub(text, 0, maker.body_at), maker.domain),
                relaxed_body_bytes(body));
    }
    mm_mail_maker_deinit(&maker);
    must_close(list, "list");
}

static bool read_number(const char *text, uint64_t max, uint64_t *out)
{
    char *end;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return isdigit((unsigned char)text[0]) && !*end && !errno && *out <= max;
}

/* Which of some words a value is, the first at 0. */
static bool read_word(const char *text, const char *const *words, unsigned count, unsigned *out)
{
    for (*out = 0; *out < count; (*out)++)
        if (strcmp(text, words[*out]) == 0)
            return true;
    return false;
}

static bool read_choice(struct options *o, const char *name, const char *value)
{
    static const struct {
        const char *name, *words[4];
        unsigned count;
    } choices[] = {
        {"--eol", {"crlf", "lf"}, 2},
        {"--draw", {"even", "zipf"}, 2},
        {"--bodies", {"own", "one"}, 2},
        {"--sizes", {"small", "mixed", "huge", "archive"}, 4},
    };
    unsigned i = 0, chosen;
    while (i < 4 && strcmp(name, choices[i].name) != 0)
        i++;
    if (i == 4 || !read_word(value, choices[i].words, choices[i].count, &chosen))
        return false;
    if (i == 0)
        o->lf = chosen;
    else if (i == 1)
        o->shape.zipf = chosen;
    else if (i == 2)
        o->shape.one_body = chosen;
    else
        o->shape.sizes = (enum mm_mail_sizes)chosen;
    return true;
}

static bool read_option(struct options *o, const char *name, const char *value)
{
    uint64_t number = 0;
    if (read_choice(o, name, value))
        return true;
    if (strcmp(name, "--mbox") == 0) {
        o->mbox = value;
        return true;
    }
    if (strcmp(name, "--seed") == 0)
        return read_number(value, UINT64_MAX, &o->seed);
    if (strcmp(name, "--count") == 0 && read_number(value, 1000000, &number))
        o->count = (unsigned)number;
    else if (strcmp(name, "--domains") == 0 && read_number(value, CAMPAIGN_DOMAINS_MAX, &number))
        o->shape.domains = (unsigned)number;
    return number > 0;
}

int main(int argc, char **argv)
{
    struct options o = {.count = 20000, .seed = 1, .shape = {.domains = 20}};
    char path[CAMPAIGN_PATH_MAX];
    int at = 1;
    while (at + 2 < argc && read_option(&o, argv[at], argv[at + 1]))
        at += 2;
    if (at + 1 != argc || argv[at][0] == '-') {
        fprintf(stderr, "usage: make_campaign [--count N] [--domains N] [--seed N] "
                        "[--eol crlf|lf] [--draw even|zipf]\n"
                        "                     [--sizes small|mixed|huge|archive] [--bodies "
                        "own|one] [--mbox FILE] "
                        "FOLDER\n");
        return 64;
    }
    o.folder = argv[at];
    if (mkdir(o.folder, 0777) != 0 && errno != EEXIST)
        die("cannot make", o.folder);
    if (mkdir(campaign_path(path, o.folder, "keys"), 0700) != 0 && errno != EEXIST)
        die("cannot make", path);
    keys_write(o.folder, o.shape.domains);
    if (o.mbox) {
        write_mbox(&o);
        return 0;
    }
    if (mkdir(campaign_path(path, o.folder, "mail"), 0777) != 0)
        die("cannot make", path);
    write_messages(&o);
    return 0;
}
