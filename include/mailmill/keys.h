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

/* ---- public keys: RFC 1035 master files, recorded JSON lines, folders of them; live DNS ---- */

struct mm_key_source; /* filled before use; then shared by threads */

MM_API struct mm_key_source *mm_key_source_new(void); /* NULL without memory */
MM_API void mm_key_source_free(struct mm_key_source **source);
/* Add a file or folder; records of a later call replace those of an earlier one for the same name.
 * Wildcards of master files answer for names that do not exist (RFC 4592 section 3.3.1). */
MM_API enum mm_status mm_key_source_add(struct mm_key_source *source, const char *path,
                                        struct mm_error *err) MM_MUST_CHECK;

struct mm_dns_options {
    const char *server;      /* "ADDRESS", "ADDRESS:PORT", "[IPV6]:PORT"; NULL: the system's */
    uint32_t timeout_ms;     /* for a question, all its tries together; 0: 5000 */
    const char *record_path; /* answers are added to this file, one JSON object a line, in the form
                                that mm_key_source_add() reads; NULL: nowhere */
    bool record_replace;     /* what that file holds already goes; else it stays before them */
};

/*
 * From now on names that the source's files do not hold are asked of a DNS server. One thread does
 * that for all users of the source; answers are kept as long as their TTL says
 * (docs/design/dns.md). Files are added before. Authenticated data (AD) counts where the server is
 * on loopback, or resolv.conf says "options trust-ad". Returns  MM_OK, also where the server does
 * not answer; MM_E_ARG for a server that is no address and for a second call; MM_E_IO; MM_E_SYNTAX
 * where record_path is there and is no recording; MM_E_EXISTS where another process records to it;
 * MM_E_NOMEM.
 */
MM_API enum mm_status mm_key_source_use_dns(struct mm_key_source *source,
                                            const struct mm_dns_options *options,
                                            struct mm_error *err) MM_MUST_CHECK;
/* Write out what is recorded so far. MM_E_IO where an answer could not be written, now or before.
 * MM_OK without live DNS. */
MM_API enum mm_status mm_key_source_finish(struct mm_key_source *source,
                                           struct mm_error *err) MM_MUST_CHECK;

/* What live DNS did so far; all 0 without it. */
struct mm_dns_counts {
    uint64_t questions;                                    /* names asked of a server */
    uint64_t noerror, nxdomain, nodata, servfail, timeout; /* answers by what they said */
    uint64_t hits;                                         /* look-ups answered from memory */
    uint64_t merged;          /* look-ups that joined a question under way */
    uint64_t retries;         /* tries beyond a question's first */
    uint64_t tcp_connections; /* opened for answers that were truncated over UDP */
    uint64_t evicted;         /* answers dropped to keep memory bounded */
    uint64_t recorded;        /* answers written to record_path */
};
MM_API void mm_key_source_dns_counts(const struct mm_key_source *source, struct mm_dns_counts *out);

/* ---- keys of one's own: make them, publish them ---- */

enum mm_key_type { MM_KEY_RSA, MM_KEY_ED25519 };

struct mm_public_key; /* immutable once made; shared by threads */

MM_API void mm_public_key_free(struct mm_public_key **key);
MM_API enum mm_key_type mm_public_key_type(const struct mm_public_key *key);
/* Bits of an RSA modulus; 256 for Ed25519. */
MM_API uint32_t mm_public_key_bits(const struct mm_public_key *key);

/* New RSA keys. RFC 8301 section 3.2 allows 1024 bits and advises 2048; more than 8192 are not
 * verified, here or elsewhere. */
enum {
    MM_NEW_RSA_MIN_BITS = 2048,
    MM_NEW_RSA_MAX_BITS = 8192,
    MM_NEW_RSA_STEP_BITS = 8 /* OpenSSL rounds other sizes down */
};

struct mm_new_key {
    enum mm_key_type type;
    uint32_t rsa_bits; /* 0: MM_NEW_RSA_MIN_BITS */
    const char *path;
    bool overwrite; /* replace what is there, in one step */
};

/*
 * Make a private key and keep it in a file of mode 0600, as PKCS#8 in PEM (RFC 5958, RFC 7468). The
 * file appears whole and on disk, or not at all.
 * out      [out] the public half, read back from the text of the file and tried out.
 * Returns  MM_E_ARG for bits out of range; MM_E_EXISTS; MM_E_IO; MM_E_NOMEM; MM_E_CRYPTO.
 */
MM_API enum mm_status mm_key_new(const struct mm_new_key *wanted, struct mm_public_key **out,
                                 struct mm_error *err) MM_MUST_CHECK;

/*
 * Make a key for --redact and keep it in a file of mode 0600: 32 random bytes as one line of
 * base64. Returns as mm_key_new().
 */
MM_API enum mm_status mm_redaction_key_new(const char *path, bool overwrite,
                                           struct mm_error *err) MM_MUST_CHECK;

/*
 * The public key of a file that holds it (PEM or DER, SubjectPublicKeyInfo or RSAPublicKey), or
 * that holds the private one, in any form that signs. Returns  MM_E_PERM for a private key that
 * others can read, with the chmod to type, unless allow_insecure; MM_E_SYNTAX, MM_E_LIMIT, MM_E_IO,
 * MM_E_NOMEM.
 */
MM_API enum mm_status mm_key_read(const char *path, bool allow_insecure, struct mm_public_key **out,
                                  struct mm_error *err) MM_MUST_CHECK;

enum mm_key_record_format {
    MM_KEY_RECORD_ZONE, /* a line of a master file, in strings of up to 255 bytes */
    MM_KEY_RECORD_JSON, /* a line of recorded answers, as mm_key_source_add() reads them */
    MM_KEY_RECORD_BARE  /* the record alone: "v=DKIM1; ..." */
};

struct mm_key_record_options {
    enum mm_key_record_format format;
    const char *domain, *selector; /* not looked at with MM_KEY_RECORD_BARE */
    bool testing;                  /* t=y: receivers are to treat the mail as unsigned */
    bool no_subdomains;            /* t=s: the domain of i= must be d= itself */
    bool email_only;               /* s=email */
    int64_t time;                  /* JSON: seconds since 1970 */
};

/* Is SELECTOR._domainkey.DOMAIN a name that a key can have? NULL, or what is wrong with it. */
MM_API const char *mm_key_name_fault(const char *domain, const char *selector);

/*
 * The record that publishes a key, with a line end.
 * text     [out] to be given to free().
 * Returns  MM_E_ARG for a domain or selector that is none; MM_E_NOMEM; MM_E_CRYPTO.
 * Source   RFC 6376 section 3.6.1; RFC 8463 section 4; RFC 1035 section 5.1.
 */
MM_API enum mm_status mm_key_record_text(const struct mm_public_key *key,
                                         const struct mm_key_record_options *options, char **text,
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

/* ---- keys against what is published ---- */

/* One thing that is wrong with a published key, or should not stay as it is. */
struct mm_key_finding {
    const char *slug;  /* stable, listed in the manual: key-revoked, key-mismatch, ... */
    const char *text;  /* one sentence */
    bool is_warning;   /* mail passes all the same */
    bool is_of_record; /* else of the answer as a whole, or of the private key */
    size_t record;     /* which of the answer's records, from 0 */
    uint64_t offset;   /* byte in it; UINT64_MAX where none applies */
};

/* What came of one key. Everything lasts for the call that tells it. */
struct mm_key_check {
    struct mm_view domain, selector;
    const struct mm_public_key *key; /* what should be published; NULL where it is not known */
    bool checked;                    /* false: the domain is that of the author, "%" */
    const char *status; /* "NOERROR", "NXDOMAIN", ...; "" where the files do not hold the name */
    const struct mm_view *records;
    size_t record_count;
    const struct mm_key_finding *findings; /* faults and warnings, in the order of the records */
    size_t finding_count, fault_count;     /* faults are what is no warning */
};

struct mm_key_check_job {
    /* Either a KeyTable, and the SigningTable that names its keys (NULL: none), as
     * mm_sign_rules_from_tables() takes them; a key that cannot be read is a finding. */
    const char *key_table, *signing_table;
    /* or one name and the file of its private or public key (NULL: the record by itself). */
    const char *domain, *selector, *key_path;
    bool allow_insecure_key;
    const struct mm_key_source *source;
    int64_t at; /* seconds since 1970: which of several dated records is in force */
    void (*warn)(void *context, const char *text); /* may be NULL */
    void (*tell)(void *context, const struct mm_key_check *check);
    void *context;
};

struct mm_key_check_counts {
    uint64_t keys, good, warned, faulty, unchecked; /* keys is the sum of the others */
};

/*
 * Look up the record of every key and tell what is wrong with it, in the order of the table. Many
 * names are asked at a time.
 * Returns  MM_OK, whatever was found; for tables and keys that cannot be read what
 *          mm_sign_rules_from_tables() and mm_key_read() return; MM_E_ARG for a name that is none.
 */
MM_API enum mm_status mm_keys_check(const struct mm_key_check_job *job,
                                    struct mm_key_check_counts *counts,
                                    struct mm_error *err) MM_MUST_CHECK;

/* The same as a line of JSON with its line end; *text is to be given to free(). MM_E_NOMEM. */
MM_API enum mm_status mm_key_check_row(const struct mm_key_check *check, char **text,
                                       struct mm_error *err) MM_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif /* MAILMILL_KEYS_H */
