/*
 * key_text.h - what a key file holds, in memory for secrets.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_CRYPTO_KEY_TEXT_H
#define MM_CRYPTO_KEY_TEXT_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/error.h"

struct mm_key_text {
    char *text;
    size_t len, room;
    struct stat info; /* what its owner lets others do */
};

/*
 * Read a regular file of at most MM_KEY_FILE_MAX_BYTES. The caller forgets the text, after a
 * failure too. Returns MM_OK; MM_E_SYNTAX where it is no file; MM_E_LIMIT; MM_E_IO; MM_E_NOMEM.
 */
enum mm_status mm_key_text_read(const char *path, struct mm_key_text *key,
                                struct mm_error *err) MM_MUST_CHECK;
/* Of a text that turned out to be a secret: MM_E_PERM where everyone can read its file, with the
 * chmod to type. */
enum mm_status mm_key_text_check_mode(const struct mm_key_text *key, const char *path,
                                      struct mm_error *err) MM_MUST_CHECK;
void mm_key_text_forget(struct mm_key_text *key); /* wiped; quiet on a zeroed struct */

#endif /* MM_CRYPTO_KEY_TEXT_H */
