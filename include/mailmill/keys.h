/*
 * keys.h - where keys come from: public keys to verify with, private keys and tables to sign with.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MAILMILL_KEYS_H
#define MAILMILL_KEYS_H

#include <stdbool.h>

#include "mailmill/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- public keys, offline: RFC 1035 master files, recorded JSON lines, folders of them ---- */

struct mm_key_source; /* read-only once filled; shared by threads */

MM_API struct mm_key_source *mm_key_source_new(void); /* NULL without memory */
MM_API void mm_key_source_free(struct mm_key_source **source);
/* Add a file or folder; records of a later call replace those of an earlier one for the same name.
 */
MM_API enum mm_status mm_key_source_add(struct mm_key_source *source, const char *path,
                                        struct mm_error *err) MM_MUST_CHECK;

/* ---- signing rules: which keys sign which message ---- */

struct mm_sign_rules; /* read-only once made; shared by threads */

struct mm_sign_identity {
    const char *domain, *selector, *key_path;
};

struct mm_sign_rules_options {
    bool allow_insecure_key; /* accept private key files that others can read */
    bool multiple;           /* every matching SigningTable row signs, not only the first */
    /* Told of things that are worth a line but do not stop: a key readable by its group. May be
     * NULL. */
    void (*warn)(void *context, const char *text);
    void *warn_context;
};

/*
 * Rules that sign every message with each of the identities.
 * Returns MM_E_PERM for a key file readable by others, with the chmod to type; MM_E_SYNTAX, MM_E_IO
 * or MM_E_ARG (domain or selector that is none, equal pairs twice) otherwise.
 */
MM_API enum mm_status mm_sign_rules_of(const struct mm_sign_identity *identities, size_t count,
                                       const struct mm_sign_rules_options *options,
                                       struct mm_sign_rules **out,
                                       struct mm_error *err) MM_MUST_CHECK;

/*
 * Rules from OpenDKIM's KeyTable and SigningTable (opendkim.conf(5)): flat files, `refile:`
 * patterns for the SigningTable, `%` in the KeyTable, look-up order user@host, host, user@.parent,
 * .parent …, user@*, *. Every key is read and every row checked here: a row that names no key is an
 * error with file and line.
 */
MM_API enum mm_status mm_sign_rules_from_tables(const char *key_table, const char *signing_table,
                                                const struct mm_sign_rules_options *options,
                                                struct mm_sign_rules **out,
                                                struct mm_error *err) MM_MUST_CHECK;
MM_API void mm_sign_rules_free(struct mm_sign_rules **rules);

#ifdef __cplusplus
}
#endif
#endif /* MAILMILL_KEYS_H */
