/*
 * signing_table.c - OpenDKIM's SigningTable: PATTERN KEYNAME[:IDENTITY].
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/domain_name.h"
#include "dkim/sign_rules_internal.h"

struct compiler {
    struct mm_sign_rules *rules;
    const struct mm_table *table;
    struct mm_table_row row;
    struct mm_error *err;
};

#define FAULT(c, at, status, ...)                                                                  \
    mm_table_fault((c)->table, &(c)->row, (at), (status), (c)->err, __VA_ARGS__)

static enum mm_status out_of_memory(struct compiler *c)
{
    return FAULT(c, c->row.key, MM_E_NOMEM, "out of memory");
}

/*
 * In a plain table '*' means something at two places only. Anything else would never match, which
 * nobody wants: it is a table of patterns without its prefix.
 */
static enum mm_status check_pattern(struct compiler *c)
{
    struct mm_view pattern = c->row.key;
    const char *star = memchr(pattern.data, '*', pattern.len);
    bool last = star && star == pattern.data + pattern.len - 1;
    if (c->table->patterns || !star || (last && (pattern.len == 1 || star[-1] == '@')))
        return MM_OK;
    return FAULT(c, pattern, MM_E_SYNTAX,
                 "\"%.*s\" is a pattern, which a plain table does not match: give the table as "
                 "refile:%s",
                 (int)pattern.len, pattern.data, c->table->path);
}

/* i=: "@domain" or "local@domain", of characters that need no quoting (RFC 6376 section 3.5);
 * '%' is the author's domain. */
static bool is_identity(struct mm_view v)
{
    struct mm_view local, domain;
    if (!mm_view_cut(v, '@', &local, &domain) || (local.len && !mm_is_local_part(local)))
        return false;
    for (size_t i = 0; i < local.len; i++) {
        unsigned char c = (unsigned char)local.data[i];
        if (c <= ' ' || c >= 0x7f || strchr("()<>[]:;@\\,\"=", c))
            return false;
    }
    if (memchr(v.data, '%', v.len))
        return domain.len > 0; /* checked for each author */
    return mm_is_domain_name(domain);
}

/* As OpenDKIM does, an i= outside of d= is left out; here the operator hears of it. */
static bool is_kept(struct compiler *c, struct mm_view identity, uint32_t key_row)
{
    struct mm_view local, domain;
    if (identity.len == 0 || key_row == MM_KEY_ROW_OF_DOMAIN ||
        c->rules->key_rows[key_row].by_domain || memchr(identity.data, '%', identity.len))
        return identity.len > 0;
    const struct mm_sign_choice *of = &c->rules->identities[c->rules->key_rows[key_row].identity];
    mm_view_cut(identity, '@', &local, &domain);
    if (mm_view_eq(of->domain, MM_VIEW("%")) || mm_domain_is_within(domain, of->domain))
        return true;
    mm_rules_warn(c->rules, "%s:%u: i=%.*s lies outside of d=%s and is left out", c->table->path,
                  c->row.line, (int)identity.len, identity.data, of->domain.data);
    return false;
}

static enum mm_status read_value(struct compiler *c, struct mm_signing_row *out)
{
    struct mm_view name, identity;
    mm_view_cut(c->row.value, ':', &name, &identity);
    name = mm_view_trim_wsp(name);
    identity = mm_view_trim_wsp(identity);
    if (mm_view_eq(name, MM_VIEW("%")))
        out->key_row = MM_KEY_ROW_OF_DOMAIN;
    else if (!mm_map_get(&c->rules->key_names, name, &out->key_row))
        return FAULT(c, c->row.value, MM_E_SYNTAX, "the KeyTable has no row \"%.*s\"",
                     (int)name.len, name.data);
    if (identity.len && !is_identity(identity))
        return FAULT(c, identity, MM_E_SYNTAX, "\"%.*s\" cannot be i=: @DOMAIN or LOCAL@DOMAIN",
                     (int)identity.len, identity.data);
    if (!is_kept(c, identity, out->key_row))
        return MM_OK;
    out->identity = mm_arena_copy(&c->rules->arena, identity);
    return out->identity.data ? MM_OK : out_of_memory(c);
}

/* Rows of equal patterns are chained in file order. */
static enum mm_status link_row(struct compiler *c, uint32_t at)
{
    struct mm_sign_rules *rules = c->rules;
    uint32_t first = at;
    if (mm_map_put(&rules->first_rows, rules->rows[at].pattern, at) < 0)
        return out_of_memory(c);
    if (mm_map_get(&rules->first_rows, rules->rows[at].pattern, &first) && first != at)
        rules->rows[rules->rows[first].last].next = at;
    rules->rows[first].last = at;
    return MM_OK;
}

static enum mm_status add_row(struct compiler *c)
{
    struct mm_sign_rules *rules = c->rules;
    struct mm_signing_row row = {.next = MM_NO_ROW};
    MM_TRY(check_pattern(c));
    MM_TRY(read_value(c, &row));
    row.pattern = mm_rules_lower(rules, c->row.key);
    void *grown =
        mm_rules_grow(rules->rows, &rules->row_cap, rules->row_count, sizeof *rules->rows);
    if (!grown || !row.pattern.data)
        return out_of_memory(c);
    rules->rows = grown;
    rules->rows[rules->row_count++] = row;
    return link_row(c, (uint32_t)rules->row_count - 1);
}

enum mm_status mm_signing_table_compile(struct mm_sign_rules *rules, const struct mm_table *table,
                                        struct mm_error *err)
{
    struct compiler c = {.rules = rules, .table = table, .err = err};
    struct mm_table_rows rows;
    enum mm_status st;
    rules->patterns = table->patterns;
    mm_table_rows_init(&rows, table);
    while ((st = mm_table_rows_next(&rows, &c.row, err)) == MM_OK)
        MM_TRY(add_row(&c));
    if (st != MM_END)
        return st;
    if (rules->row_count == 0)
        return mm_fail(err, MM_E_SYNTAX, "%s: no row in the SigningTable", table->path);
    return MM_OK;
}
