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
 * Returns MM_E_ARG for a domain or selector that is none and for equal pairs; MM_E_PERM for a key
 * file readable by others, with the chmod to type; MM_E_LIMIT for RSA keys under 1024 bits;
 * MM_E_SYNTAX, MM_E_IO or MM_E_NOMEM for other keys that cannot be used.
 */
MM_API enum mm_status mm_sign_rules_of(const struct mm_sign_identity *identities, size_t count,
                                       const struct mm_sign_rules_options *options,
                                       struct mm_sign_rules **out,
                                       struct mm_error *err) MM_MUST_CHECK;

/*
 * Rules from OpenDKIM's KeyTable and SigningTable (opendkim.conf(5), opendkim(8) DATA SETS), each
 * given as PATH, "file:PATH" or "refile:PATH". Every key is read and every row checked here.
 *
 * KeyTable      NAME DOMAIN:SELECTOR:KEY. DOMAIN "%" is the author's domain. KEY is a key in base64
 *               or PEM (on one line, or on lines of its own), else a file; a path that is not
 *               absolute is relative to the table's folder, and a '%' in it is DOMAIN. Where that
 *               is the author's too, the files that are there are read, one for each domain.
 * SigningTable  PATTERN NAME[:IDENTITY]. NAME "%" is the author's domain. IDENTITY becomes i=, '%'
 *               in it is the author's domain; outside of d= it is left out.
 *               A plain file is looked up as user@host, host, then user@.parent and .parent for
 *               each parent, user@*, *. Patterns of a refile, where '*' is any text, are tried in
 *               the order of the file. Case does not matter.
 *
 * Returns MM_E_ARG for other types of tables; MM_E_SYNTAX with FILE:LINE, also for a row that names
 * no key; MM_E_PERM for key files, or a table that holds keys, readable by others; MM_E_LIMIT, also
 * for RSA keys under 1024 bits; MM_E_IO; MM_E_NOMEM.
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
