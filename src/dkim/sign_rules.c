/*
 * sign_rules.c - the keys and identities that rules are made of.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

#include "dkim/domain_name.h"
#include "dkim/sign_rules_internal.h"
#include "text/escape.h"

void *mm_rules_grow(void *array, size_t *cap, size_t count, size_t item_bytes)
{
    if (count < *cap)
        return array;
    size_t larger = *cap ? *cap * 2 : 16;
    void *grown = larger < UINT32_MAX ? reallocarray(array, larger, item_bytes) : NULL;
    if (grown)
        *cap = larger;
    return grown;
}

void mm_rules_warn_group_readable(const struct mm_sign_rules *rules, const char *path,
                                  const char *what)
{
    char typed[MM_ERROR_TEXT_BYTES];
    mm_escape_shell(mm_view_of(path), typed, sizeof typed);
    mm_rules_warn(rules, "%s: its group can read %s; type: chmod 600 %s", path, what, typed);
}

void mm_rules_warn(const struct mm_sign_rules *rules, const char *fmt, ...)
{
    char text[MM_ERROR_TEXT_BYTES];
    if (!rules->options.warn)
        return;
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    rules->options.warn(rules->options.warn_context, text);
}

struct mm_view mm_rules_lower(struct mm_sign_rules *rules, struct mm_view v)
{
    struct mm_view copy = mm_arena_copy(&rules->arena, v);
    for (size_t i = 0; i < copy.len; i++)
        ((char *)copy.data)[i] = (char)mm_ascii_lower((unsigned char)copy.data[i]);
    return copy;
}

const char *mm_rules_check_names(struct mm_view domain, struct mm_view selector)
{
    const struct mm_view shortest = MM_VIEW("a.b"); /* an author's domain has as much at least */
    return mm_key_name_check(mm_view_eq(domain, MM_VIEW("%")) ? shortest : domain, selector);
}

/* ---- keys ---- */

enum mm_status mm_rules_take_key(struct mm_sign_rules *rules, struct mm_private_key *private_key,
                                 const char *name, uint32_t *key, struct mm_error *err)
{
    enum mm_status st = MM_OK;
    void *grown =
        mm_rules_grow(rules->keys, &rules->key_cap, rules->key_count, sizeof *rules->keys);
    if (grown)
        rules->keys = grown;
    if (!grown)
        st = mm_fail(err, MM_E_NOMEM, "%s: out of memory", name);
    else if (mm_private_key_type(private_key) == MM_KEY_RSA &&
             mm_private_key_bits(private_key) < MM_RSA_STRICT_BITS)
        st = mm_fail(err, MM_E_LIMIT,
                     "%s: an RSA key of %u bits must not sign: 1024 is the least, 2048 the advice "
                     "(RFC 8301 section 3.2)",
                     name, mm_private_key_bits(private_key));
    if (st != MM_OK) {
        mm_private_key_free(&private_key);
        return st;
    }
    *key = (uint32_t)rules->key_count;
    rules->keys[rules->key_count++] = private_key;
    return MM_OK;
}

enum mm_status mm_rules_load_key(struct mm_sign_rules *rules, const char *path, uint32_t *key,
                                 struct mm_error *err)
{
    struct mm_private_key *loaded;
    enum mm_key_mode mode;
    if (mm_map_get(&rules->key_paths, mm_view_of(path), key))
        return MM_OK;
    MM_TRY(mm_private_key_load(path, rules->options.allow_insecure_key, &mode, &loaded, err));
    MM_TRY(mm_rules_take_key(rules, loaded, path, key, err));
    if (mode == MM_KEY_MODE_GROUP_READABLE)
        mm_rules_warn_group_readable(rules, path, "this private key");
    struct mm_view name = mm_arena_copy(&rules->arena, mm_view_of(path));
    if (!name.data || mm_map_put(&rules->key_paths, name, *key) < 0)
        return mm_fail(err, MM_E_NOMEM, "%s: out of memory", path);
    return MM_OK;
}

enum mm_status mm_rules_add_identity(struct mm_sign_rules *rules, struct mm_view domain,
                                     struct mm_view selector, uint32_t key, const char *fault,
                                     uint32_t *identity, struct mm_error *err)
{
    void *grown = mm_rules_grow(rules->identities, &rules->identity_cap, rules->identity_count,
                                sizeof *rules->identities);
    if (grown)
        rules->identities = grown;
    struct mm_sign_choice c = {.domain = mm_arena_copy(&rules->arena, domain),
                               .selector = mm_arena_copy(&rules->arena, selector),
                               .key = key == MM_NO_KEY ? NULL : rules->keys[key],
                               .key_index = (uint32_t)rules->identity_count};
    if (key == MM_NO_KEY)
        c.key_fault = mm_arena_copy(&rules->arena, mm_view_of(fault)).data;
    if (!grown || !c.domain.data || !c.selector.data || (!c.key && !c.key_fault))
        return mm_fail(err, MM_E_NOMEM, "out of memory for a signing identity");
    *identity = c.key_index;
    rules->identities[rules->identity_count++] = c;
    return MM_OK;
}

/* ---- rules without tables ---- */

static bool has_identity(const struct mm_sign_rules *rules, struct mm_view domain,
                         struct mm_view selector)
{
    for (size_t i = 0; i < rules->identity_count; i++)
        if (mm_view_eq_nocase(rules->identities[i].domain, domain) &&
            mm_view_eq_nocase(rules->identities[i].selector, selector))
            return true;
    return false;
}

static enum mm_status add_typed(struct mm_sign_rules *rules, const struct mm_sign_identity *typed,
                                struct mm_error *err)
{
    struct mm_view domain = mm_view_of(typed->domain), selector = mm_view_of(typed->selector);
    uint32_t key, identity;
    const char *words = mm_rules_check_names(domain, selector);
    if (!words && mm_view_eq(domain, MM_VIEW("%")))
        words = "\"%\" is of use only in a KeyTable";
    if (words)
        return mm_fail(err, MM_E_ARG, "--domain '%s', --selector '%s': %s", typed->domain,
                       typed->selector, words);
    if (has_identity(rules, domain, selector))
        return mm_fail(err, MM_E_ARG, "--domain '%s', --selector '%s': the same pair twice",
                       typed->domain, typed->selector);
    MM_TRY(mm_rules_load_key(rules, typed->key_path, &key, err));
    return mm_rules_add_identity(rules, domain, selector, key, NULL, &identity, err);
}

static struct mm_sign_rules *rules_new(const struct mm_sign_rules_options *options)
{
    struct mm_sign_rules *rules = calloc(1, sizeof *rules);
    if (!rules)
        return NULL;
    mm_arena_init(&rules->arena, SIZE_MAX);
    if (options)
        rules->options = *options;
    rules->multiple = rules->options.multiple;
    return rules;
}

enum mm_status mm_sign_rules_of(const struct mm_sign_identity *identities, size_t count,
                                const struct mm_sign_rules_options *options,
                                struct mm_sign_rules **out, struct mm_error *err)
{
    *out = NULL;
    if (count == 0 || count > MM_SIGN_CHOICES_MAX)
        return mm_fail(err, MM_E_ARG, "1 to %d identities can sign a message",
                       (int)MM_SIGN_CHOICES_MAX);
    struct mm_sign_rules *rules = rules_new(options);
    if (!rules)
        return mm_fail(err, MM_E_NOMEM, "out of memory for signing rules");
    enum mm_status st = MM_OK;
    rules->every = true;
    for (size_t i = 0; st == MM_OK && i < count; i++)
        st = add_typed(rules, &identities[i], err);
    mm_map_deinit(&rules->key_paths);
    if (st != MM_OK)
        mm_sign_rules_free(&rules);
    *out = rules;
    return st;
}

/* ---- rules from tables ---- */

/* signing_table may be NULL where the rules are not to sign. */
static enum mm_status rules_of_tables(const char *key_table, const char *signing_table,
                                      const struct mm_sign_rules_options *options, bool to_check,
                                      struct mm_sign_rules **out, struct mm_error *err)
{
    struct mm_table keys = {.path = NULL}, rows = {.path = NULL};
    struct mm_sign_rules *rules = rules_new(options);
    enum mm_status st;
    *out = NULL;
    if (!rules)
        return mm_fail(err, MM_E_NOMEM, "out of memory for signing rules");
    rules->to_check = to_check;
    st = mm_table_read(key_table, &keys, err);
    if (st == MM_OK && signing_table)
        st = mm_table_read(signing_table, &rows, err);
    if (st == MM_OK)
        st = mm_key_table_compile(rules, &keys, err);
    if (st == MM_OK && signing_table)
        st = mm_signing_table_compile(rules, &rows, err);
    mm_map_deinit(&rules->key_paths);
    mm_table_free(&keys);
    mm_table_free(&rows);
    if (st != MM_OK)
        mm_sign_rules_free(&rules);
    *out = rules;
    return st;
}

enum mm_status mm_sign_rules_from_tables(const char *key_table, const char *signing_table,
                                         const struct mm_sign_rules_options *options,
                                         struct mm_sign_rules **out, struct mm_error *err)
{
    return rules_of_tables(key_table, signing_table, options, false, out, err);
}

enum mm_status mm_sign_rules_to_check(const char *key_table, const char *signing_table,
                                      const struct mm_sign_rules_options *options,
                                      struct mm_sign_rules **out, struct mm_error *err)
{
    return rules_of_tables(key_table, signing_table, options, true, out, err);
}

void mm_sign_rules_free(struct mm_sign_rules **rules)
{
    struct mm_sign_rules *r = *rules;
    *rules = NULL;
    if (!r)
        return;
    for (size_t i = 0; i < r->key_count; i++)
        mm_private_key_free(&r->keys[i]);
    for (size_t i = 0; i < r->key_row_count; i++)
        mm_map_deinit(&r->key_rows[i].domains);
    mm_map_deinit(&r->key_names);
    mm_map_deinit(&r->first_rows);
    mm_map_deinit(&r->key_paths);
    mm_arena_deinit(&r->arena);
    free(r->keys);
    free(r->identities);
    free(r->key_rows);
    free(r->rows);
    free(r);
}

/* ---- what the rules hold ---- */

size_t mm_sign_rules_key_count(const struct mm_sign_rules *rules)
{
    return rules->identity_count;
}

struct mm_sign_choice mm_sign_rules_key(const struct mm_sign_rules *rules, size_t i)
{
    return rules->identities[i];
}

/* Each piece is hashed with what came before it as seed; its length is part of the hash. */
static void hash_view(uint64_t *hash, struct mm_view v)
{
    *hash = XXH3_64bits_withSeed(v.data, v.len, *hash);
}

static void hash_number(uint64_t *hash, uint64_t number)
{
    *hash = XXH3_64bits_withSeed(&number, sizeof number, *hash);
}

uint64_t mm_sign_rules_hash(const struct mm_sign_rules *rules)
{
    uint64_t hash = 0;
    hash_number(&hash, (uint64_t)(rules->every | rules->multiple << 1 | rules->patterns << 2));
    for (size_t i = 0; i < rules->identity_count; i++) {
        uint8_t print[32];
        mm_public_key_fingerprint(mm_private_key_public(rules->identities[i].key), print);
        hash_view(&hash, rules->identities[i].domain);
        hash_view(&hash, rules->identities[i].selector);
        hash_view(&hash, (struct mm_view){(const char *)print, sizeof print});
    }
    for (size_t i = 0; i < rules->key_row_count; i++) {
        hash_view(&hash, rules->key_rows[i].name);
        hash_number(&hash, rules->key_rows[i].identity);
        hash_number(&hash, rules->key_rows[i].by_domain);
    }
    for (size_t i = 0; i < rules->row_count; i++) {
        hash_view(&hash, rules->rows[i].pattern);
        hash_view(&hash, rules->rows[i].identity);
        hash_number(&hash, rules->rows[i].key_row);
    }
    return hash;
}
