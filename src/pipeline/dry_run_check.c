/*
 * dry_run_check.c - does each key have the record that receivers will ask for?
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/dry_run_check.h"

#include "dkim/key_cache.h"
#include "dkim/sign_rules.h"
#include "dns/key_source.h"

static bool is_same_key(const struct mm_public_key *a, const struct mm_public_key *b)
{
    uint8_t x[32], y[32];
    mm_public_key_fingerprint(a, x);
    mm_public_key_fingerprint(b, y);
    return memcmp(x, y, sizeof x) == 0;
}

/* Why the record does not serve the key; NULL when it does. */
static const char *find_fault(const struct mm_key_set *set, const struct mm_private_key *key)
{
    const char *fault = "has no record among the keys given";
    if (!set)
        return "could not be looked up: no memory";
    if (set->answer->status != MM_TXT_NOERROR)
        return fault;
    for (size_t i = 0; i < set->count; i++) {
        const struct mm_key_record *r = &set->records[i];
        if (r->fault != MM_REASON_NONE)
            fault = mm_reason_text(r->fault);
        else if (!is_same_key(r->key, mm_private_key_public(key)))
            fault = "has a record with another key than the private one";
        else if (!r->allows_sha256 || !r->allows_email)
            fault = "has a record that forbids SHA-256 or e-mail (h=, s=)";
        else
            return NULL;
    }
    return fault;
}

static enum mm_status check_key(const struct mm_sign_run *job, struct mm_key_cache *cache,
                                const struct mm_sign_choice *c, struct mm_error *err)
{
    const struct mm_run_listener *l = &job->run.listener;
    if (mm_view_eq(c->domain, MM_VIEW("%"))) {
        if (l->warn)
            l->warn(l->context, "a key whose domain is the author's (%) is not checked ahead");
        return MM_OK;
    }
    const struct mm_key_set *set = mm_key_cache_get(cache, c->selector, c->domain, job->sign.now);
    const char *fault = find_fault(set, c->key);
    if (!fault)
        return MM_OK;
    return mm_fail(err, MM_E_SYNTAX, "%.*s._domainkey.%.*s: %s", (int)c->selector.len,
                   c->selector.data, (int)c->domain.len, c->domain.data, fault);
}

enum mm_status mm_dry_run_check_keys(const struct mm_sign_run *job, struct mm_error *err)
{
    struct mm_key_cache *cache = mm_key_cache_new(mm_key_source_store(job->check_keys));
    enum mm_status st = cache ? MM_OK : mm_fail(err, MM_E_NOMEM, "no memory for keys");
    for (size_t i = 0; st == MM_OK && i < mm_sign_rules_key_count(job->rules); i++) {
        struct mm_sign_choice c = mm_sign_rules_key(job->rules, i);
        st = check_key(job, cache, &c, err);
    }
    mm_key_cache_free(&cache);
    return st;
}
