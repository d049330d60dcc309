/*
 * key_table.c - OpenDKIM's KeyTable: NAME DOMAIN:SELECTOR:KEY.
 * SPDX-License-Identifier: Apache-2.0
 *
 * KEY is a path or the key itself. A '%' in a path is DOMAIN, and where that is "%", the author's
 * domain: then the files that are there are read once, one for each domain, so that nothing is left
 * to open while mail is signed. A domain without a file of its own has no key in that row.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "crypto/secret.h"
#include "dkim/domain_name.h"
#include "dkim/sign_rules_internal.h"
#include "text/escape.h"

/* Base64 of an Ed25519 seed has 43 characters and a '='; a shorter word is a path. */
enum { INLINE_MIN_BYTES = 40 };

struct parts {
    struct mm_view domain, selector, key;
};

struct compiler {
    struct mm_sign_rules *rules;
    const struct mm_table *table;
    struct mm_table_rows rows;
    struct mm_table_row row;
    bool has_inline;
    struct mm_error *err;
};

#define FAULT(c, at, status, ...)                                                                  \
    mm_table_fault((c)->table, &(c)->row, (at), (status), (c)->err, __VA_ARGS__)

/* An error of a key file, with the row that names it in front. */
static enum mm_status fault_of_key(struct compiler *c, const struct parts *p, enum mm_status status,
                                   const struct mm_error *why)
{
    FAULT(c, p->key, status, "%s", why->text);
    if (c->err)
        c->err->os_errno = why->os_errno;
    return status;
}

static enum mm_status out_of_memory(struct compiler *c)
{
    return FAULT(c, c->row.key, MM_E_NOMEM, "out of memory");
}

/* ---- keys in the table itself ---- */

static bool is_base64(struct mm_view v)
{
    for (size_t i = 0; i < v.len; i++) {
        unsigned char c = (unsigned char)v.data[i];
        bool letter = (unsigned char)(mm_ascii_lower(c) - 'a') < 26;
        if (!letter && !(c >= '0' && c <= '9') && c != '+' && c != '/' && c != '=')
            return false;
    }
    return true;
}

/* DER longer than 127 bytes begins with "MI" in base64: never taken for a path, whose text would
 * stand in a message. */
static bool is_inline_key(struct mm_view v)
{
    if (mm_view_starts(v, MM_VIEW("-----BEGIN")))
        return true;
    return v.len >= INLINE_MIN_BYTES && v.data[0] != '/' && v.data[0] != '.' &&
           (is_base64(v) || mm_view_starts(v, MM_VIEW("MI")));
}

/* PEM in one line has its line ends written as \n by some tools: blanks instead. */
static enum mm_status parse_inline(struct compiler *c, const struct parts *p, uint32_t *key)
{
    char name[MM_ERROR_TEXT_BYTES];
    struct mm_error why = {.text = ""};
    struct mm_private_key *parsed = NULL;
    char *text = mm_secret_alloc(p->key.len);
    if (!text)
        return out_of_memory(c);
    memcpy(text, p->key.data, p->key.len);
    for (size_t i = 0; i + 1 < p->key.len; i++)
        if (text[i] == '\\' && text[i + 1] == 'n')
            text[i] = text[i + 1] = ' ';
    snprintf(name, sizeof name, "the key of \"%.*s\"", (int)c->row.key.len, c->row.key.data);
    enum mm_status st =
        mm_private_key_parse((struct mm_view){text, p->key.len}, name, &parsed, &why);
    mm_secret_free(text, p->key.len);
    if (st == MM_OK)
        st = mm_rules_take_key(c->rules, parsed, name, key, &why);
    c->has_inline = true;
    return st == MM_OK ? st : fault_of_key(c, p, st, &why);
}

/* ---- keys in files ---- */

/* A path relative to the table's folder, with every '%' replaced. To be freed. */
static char *path_of(const struct mm_table *table, struct mm_view path, struct mm_view domain)
{
    const char *slash = strrchr(table->path, '/');
    size_t folder = path.data[0] == '/' || !slash ? 0 : (size_t)(slash - table->path) + 1;
    size_t marks = 0;
    for (size_t i = 0; i < path.len; i++)
        marks += path.data[i] == '%';
    char *out = malloc(folder + path.len + marks * domain.len + 1), *at = out;
    if (!out)
        return NULL;
    memcpy(at, table->path, folder);
    at += folder;
    for (size_t i = 0; i < path.len; i++) {
        if (path.data[i] != '%') {
            *at++ = path.data[i];
            continue;
        }
        memcpy(at, domain.data, domain.len);
        at += domain.len;
    }
    *at = '\0';
    return out;
}

static enum mm_status load_file(struct compiler *c, const struct parts *p, struct mm_view domain,
                                uint32_t *key)
{
    struct mm_error why = {.text = ""};
    char *path = path_of(c->table, p->key, domain);
    if (!path)
        return out_of_memory(c);
    enum mm_status st = mm_rules_load_key(c->rules, path, key, &why);
    free(path);
    return st == MM_OK ? st : fault_of_key(c, p, st, &why);
}

/* ---- one key file for each domain ---- */

/* Where the first '%' of a path stands: in which of its components. */
struct component {
    struct mm_view folder; /* before it, with the '/'; empty for none */
    struct mm_view text;
};

static struct component component_with_mark(struct mm_view path)
{
    size_t mark = (size_t)((const char *)memchr(path.data, '%', path.len) - path.data);
    size_t start = mark, end = mark;
    while (start > 0 && path.data[start - 1] != '/')
        start--;
    while (end < path.len && path.data[end] != '/')
        end++;
    return (struct component){.folder = mm_view_sub(path, 0, start),
                              .text = mm_view_sub(path, start, end - start)};
}

/* The domain that stands in `name` where `text` has its marks; all of them the same. */
static bool domain_in_name(struct mm_view text, struct mm_view name, struct mm_view *domain)
{
    size_t marks = 0, first = (size_t)((const char *)memchr(text.data, '%', text.len) - text.data);
    for (size_t i = 0; i < text.len; i++)
        marks += text.data[i] == '%';
    size_t fixed = text.len - marks;
    if (name.len <= fixed || (name.len - fixed) % marks != 0)
        return false;
    *domain = mm_view_sub(name, first, (name.len - fixed) / marks);
    size_t at = 0;
    for (size_t i = 0; i < text.len; i++) {
        struct mm_view want = text.data[i] == '%' ? *domain : mm_view_sub(text, i, 1);
        if (!mm_view_starts(mm_view_sub(name, at, name.len - at), want))
            return false;
        at += want.len;
    }
    return mm_is_domain_name(*domain);
}

/* The identity of a key that was loaded with status `loaded`; where it was not, that is the end, or
 * for a check something to tell. */
static enum mm_status add_identity(struct compiler *c, const struct parts *p, struct mm_view domain,
                                   enum mm_status loaded, uint32_t key, uint32_t *identity)
{
    char fault[MM_ERROR_TEXT_BYTES];
    if (loaded != MM_OK && (!c->rules->to_check || loaded == MM_E_NOMEM))
        return loaded;
    if (loaded != MM_OK) {
        memcpy(fault, c->err->text, sizeof fault);
        key = MM_NO_KEY;
    }
    return mm_rules_add_identity(c->rules, domain, p->selector, key, fault, identity, c->err);
}

static enum mm_status add_domain(struct compiler *c, const struct parts *p, struct mm_view domain,
                                 struct mm_key_row *out)
{
    struct stat info;
    uint32_t key = 0, identity;
    char *path = path_of(c->table, p->key, domain);
    if (!path)
        return out_of_memory(c);
    bool there = stat(path, &info) == 0;
    free(path);
    struct mm_view lower = mm_rules_lower(c->rules, domain);
    if (!lower.data)
        return out_of_memory(c);
    if (!there || mm_map_get(&out->domains, lower, &identity) ||
        !mm_key_name_fits(p->selector, lower))
        return MM_OK;
    enum mm_status loaded = load_file(c, p, domain, &key);
    MM_TRY(add_identity(c, p, lower, loaded, key, &identity));
    return mm_map_put(&out->domains, lower, identity) < 0 ? out_of_memory(c) : MM_OK;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static enum mm_status add_domains(struct compiler *c, const struct parts *p, struct mm_key_row *out)
{
    struct component where = component_with_mark(p->key);
    struct mm_view none = {"", 0}, domain;
    struct dirent **names = NULL;
    char *folder = path_of(c->table, where.folder.len ? where.folder : MM_VIEW("./"), none);
    if (!folder)
        return out_of_memory(c);
    int count = scandir(folder, &names, NULL, by_bytes);
    enum mm_status st = MM_OK;
    if (count < 0) {
        struct mm_error why;
        mm_fail_os(&why, errno, "%s", folder);
        st = fault_of_key(c, p, MM_E_IO, &why);
    }
    for (int i = 0; i < count; i++) {
        if (st == MM_OK && domain_in_name(where.text, mm_view_of(names[i]->d_name), &domain))
            st = add_domain(c, p, domain, out);
        free(names[i]);
    }
    free(names);
    free(folder);
    if (st == MM_OK && out->domains.count == 0)
        mm_rules_warn(c->rules, "%s:%u: no key file for any domain", c->table->path, c->row.line);
    return st;
}

/* ---- rows ---- */

static enum mm_status split(struct compiler *c, struct parts *p)
{
    struct mm_view rest;
    *p = (struct parts){.key = {NULL, 0}};
    bool whole = mm_view_cut(c->row.value, ':', &p->domain, &rest) &&
                 mm_view_cut(rest, ':', &p->selector, &p->key);
    p->domain = mm_view_trim_wsp(p->domain);
    p->selector = mm_view_trim_wsp(p->selector);
    p->key = mm_view_trim_wsp(p->key);
    if (!whole || p->key.len == 0)
        return FAULT(c, c->row.value, MM_E_SYNTAX, "a key is DOMAIN:SELECTOR:FILE");
    const char *words = mm_rules_check_names(p->domain, p->selector);
    return words ? FAULT(c, p->domain, MM_E_SYNTAX, "%s", words) : MM_OK;
}

/* A key over several lines runs on to its last boundary. */
static enum mm_status take_whole_pem(struct compiler *c, struct parts *p)
{
    static const struct mm_view end = {"-----END ", 9};
    if (!mm_view_starts(p->key, MM_VIEW("-----BEGIN")) ||
        memmem(p->key.data, p->key.len, end.data, end.len))
        return MM_OK;
    if (!mm_table_rows_extend(&c->rows, &c->row, end))
        return FAULT(c, p->key, MM_E_SYNTAX, "a PEM key without its end");
    p->key.len = (size_t)(c->row.value.data + c->row.value.len - p->key.data);
    return MM_OK;
}

static enum mm_status add_keys(struct compiler *c, struct parts *p, struct mm_key_row *out)
{
    uint32_t key = 0;
    MM_TRY(take_whole_pem(c, p));
    bool in_table = is_inline_key(p->key);
    if (!in_table && mm_view_eq(p->domain, MM_VIEW("%")) && memchr(p->key.data, '%', p->key.len)) {
        out->by_domain = true;
        return add_domains(c, p, out);
    }
    enum mm_status loaded = in_table ? parse_inline(c, p, &key) : load_file(c, p, p->domain, &key);
    return add_identity(c, p, p->domain, loaded, key, &out->identity);
}

static enum mm_status add_row(struct compiler *c)
{
    struct mm_sign_rules *rules = c->rules;
    struct parts p;
    struct mm_view name = c->row.key;
    uint32_t there;
    if (c->table->patterns && memchr(name.data, '*', name.len))
        return FAULT(c, name, MM_E_SYNTAX, "patterns are for the SigningTable: name each key");
    MM_TRY(split(c, &p));
    void *grown = mm_rules_grow(rules->key_rows, &rules->key_row_cap, rules->key_row_count,
                                sizeof *rules->key_rows);
    if (!grown)
        return out_of_memory(c);
    rules->key_rows = grown;
    struct mm_key_row *row = &rules->key_rows[rules->key_row_count++];
    *row = (struct mm_key_row){.name = mm_arena_copy(&rules->arena, name)};
    if (!row->name.data)
        return out_of_memory(c);
    MM_TRY(add_keys(c, &p, row));
    if (mm_map_get(&rules->key_names, row->name, &there)) {
        mm_rules_warn(rules, "%s:%u: the name \"%s\" is there already: its first row counts",
                      c->table->path, c->row.line, row->name.data);
        return MM_OK;
    }
    return mm_map_put(&rules->key_names, row->name, (uint32_t)rules->key_row_count - 1) < 0
               ? out_of_memory(c)
               : MM_OK;
}

/* A table that holds keys is a key file itself. */
static enum mm_status check_mode(struct compiler *c)
{
    struct stat info;
    const char *path = c->table->path;
    if (!c->has_inline || c->rules->options.allow_insecure_key || stat(path, &info) != 0)
        return MM_OK;
    if (info.st_mode & S_IROTH) {
        char typed[MM_ERROR_TEXT_BYTES];
        mm_escape_shell(mm_view_of(path), typed, sizeof typed);
        return mm_fail(c->err, MM_E_PERM,
                       "%s: everyone can read the private keys in it; type: chmod 600 %s", path,
                       typed);
    }
    if (info.st_mode & S_IRGRP)
        mm_rules_warn_group_readable(c->rules, path, "the private keys in it");
    return MM_OK;
}

enum mm_status mm_key_table_compile(struct mm_sign_rules *rules, const struct mm_table *table,
                                    struct mm_error *err)
{
    struct compiler c = {.rules = rules, .table = table, .err = err};
    enum mm_status st;
    mm_table_rows_init(&c.rows, table);
    while ((st = mm_table_rows_next(&c.rows, &c.row, err)) == MM_OK)
        MM_TRY(add_row(&c));
    if (st != MM_END)
        return st;
    if (rules->key_row_count == 0)
        return mm_fail(err, MM_E_SYNTAX, "%s: no row in the KeyTable", table->path);
    return check_mode(&c);
}
