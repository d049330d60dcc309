/*
 * campaign.h - what make_campaign writes and yardstick reads: names of files, and the way to give
 * up.
 * SPDX-License-Identifier: Apache-2.0
 *
 * FOLDER/mail/000/000000.eml    messages, a thousand a folder
 * FOLDER/keys/shop00.pem        private keys, one a domain
 * FOLDER/public                 the public halves, CAMPAIGN_PUBLIC_BYTES each, as DER has them
 * FOLDER/KeyTable, SigningTable what `mailmill sign` takes
 * FOLDER/zone                   what `mailmill verify --keys` takes
 * FOLDER/list                   a line a message: "path<TAB>key<TAB>header bytes<TAB>body bytes",
 *                               the path below mail/, the bytes as relaxed/relaxed hashes them
 */
#ifndef MM_BENCH_CAMPAIGN_H
#define MM_BENCH_CAMPAIGN_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/mail_maker.h"

enum {
    CAMPAIGN_DOMAINS_MAX = 20000,
    CAMPAIGN_PUBLIC_BYTES = 294, /* SubjectPublicKeyInfo of RSA-2048 with the exponent 65537 */
    CAMPAIGN_PATH_MAX = 4096,
    CAMPAIGN_FOLDER_MESSAGES = 1000,
};

#define CAMPAIGN_KEY_FILE "%s/keys/shop%02u.pem"

_Noreturn static inline void die(const char *what, const char *name)
{
    fprintf(stderr, "%s: %s: %s\n", what, name, errno ? strerror(errno) : "failed");
    exit(70);
}

/* FOLDER/NAME, in a buffer of CAMPAIGN_PATH_MAX bytes. */
static inline char *campaign_path(char *out, const char *folder, const char *name)
{
    if (snprintf(out, CAMPAIGN_PATH_MAX, "%s/%s", folder, name) >= CAMPAIGN_PATH_MAX)
        die("name too long", name);
    return out;
}

static inline FILE *must_open(const char *folder, const char *name, const char *mode)
{
    char path[CAMPAIGN_PATH_MAX];
    FILE *file = fopen(campaign_path(path, folder, name), mode);
    if (!file)
        die("cannot open", path);
    return file;
}

/* Close after writing: a full disk shows here. */
static inline void must_close(FILE *file, const char *name)
{
    if (fclose(file) != 0)
        die("cannot write", name);
}

#endif /* MM_BENCH_CAMPAIGN_H */
