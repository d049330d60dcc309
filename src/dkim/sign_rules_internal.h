/*
 * sign_rules_internal.h - what the tables are compiled into.
 * SPDX-License-Identifier: Apache-2.0
 *
 * An identity is a (domain, selector, key). A row of the KeyTable gives one, or, where its key file
 * depends on the author's domain, one for each domain that has a file. A row of the SigningTable
 * points at a row of the KeyTable.
 */
#ifndef MM_DKIM_SIGN_RULES_INTERNAL_H
#define MM_DKIM_SIGN_RULES_INTERNAL_H

#include "base/map.h"
#include "dkim/sign_rules.h"
#include "dkim/table_rows.h"

struct mm_key_row {
    struct mm_view name;
    uint32_t identity;     /* where the key file is the same for all domains */
    bool by_domain;        /* else from `domains` */
    struct mm_map domains; /* author's domain, lower-case -> identity */
};

enum { MM_KEY_ROW_OF_DOMAIN = UINT32_MAX, MM_NO_ROW = UINT32_MAX, MM_NO_KEY = UINT32_MAX };

struct mm_signing_row {
    struct mm_view pattern;  /* lower-case */
    struct mm_view identity; /* i=, where '%' is the author's domain; empty for none */
    uint32_t key_row; /* MM_KEY_ROW_OF_DOMAIN: the one that has the author's domain as name */
    uint32_t next;    /* the next row with the same pattern; MM_NO_ROW */
    uint32_t last;    /* in the first row of a pattern: the last one */
};

struct mm_sign_rules {
    struct mm_arena arena; /* every string below */
    struct mm_private_key **keys;
    struct mm_sign_choice *identities; /* domain "%" where it is the author's */
    struct mm_key_row *key_rows;
    struct mm_signing_row *rows; /* in file order */
    size_t key_count, key_cap, identity_count, identity_cap, key_row_count, key_row_cap, row_count,
        row_cap;
    struct mm_map key_names;  /* -> key_rows */
    struct mm_map first_rows; /* pattern -> its first row */
    struct mm_map key_paths;  /* -> keys; while filling only */
    bool every;               /* no tables: each identity signs each message */
    bool multiple, patterns;
    bool to_check; /* mm_sign_rules_to_check() */
    struct mm_sign_rules_options options;
};

/* Make room for one more item of an array; NULL without memory. */
void *mm_rules_grow(void *array, size_t *cap, size_t count, size_t item_bytes) MM_MUST_CHECK;

/* Load the file's key once, however often it is named. *key: index. */
enum mm_status mm_rules_load_key(struct mm_sign_rules *rules, const char *path, uint32_t *key,
                                 struct mm_error *err) MM_MUST_CHECK;
/* Take over a key, also on failure. */
enum mm_status mm_rules_take_key(struct mm_sign_rules *rules, struct mm_private_key *private_key,
                                 const char *name, uint32_t *key,
                                 struct mm_error *err) MM_MUST_CHECK;
/* One more identity; domain and selector are copied. key: MM_NO_KEY with a fault, which is copied,
 * else its index. */
enum mm_status mm_rules_add_identity(struct mm_sign_rules *rules, struct mm_view domain,
                                     struct mm_view selector, uint32_t key, const char *fault,
                                     uint32_t *identity, struct mm_error *err) MM_MUST_CHECK;
/* NULL, or what is wrong with them; domain may be "%". */
const char *mm_rules_check_names(struct mm_view domain, struct mm_view selector);
void mm_rules_warn(const struct mm_sign_rules *rules, const char *fmt, ...) MM_PRINTF(2, 3);
/* Of a file that holds private keys. what: how they are called. */
void mm_rules_warn_group_readable(const struct mm_sign_rules *rules, const char *path,
                                  const char *what);
/* A lower-case copy; data is NULL without memory. */
struct mm_view mm_rules_lower(struct mm_sign_rules *rules, struct mm_view v);

/* Fill key_rows and key_names; rows and first_rows. */
enum mm_status mm_key_table_compile(struct mm_sign_rules *rules, const struct mm_table *table,
                                    struct mm_error *err) MM_MUST_CHECK;
enum mm_status mm_signing_table_compile(struct mm_sign_rules *rules, const struct mm_table *table,
                                        struct mm_error *err) MM_MUST_CHECK;

/* Does a pattern, where '*' is any text, match the whole of `text`? */
bool mm_pattern_matches(struct mm_view pattern, struct mm_view text);

#endif /* MM_DKIM_SIGN_RULES_INTERNAL_H */
