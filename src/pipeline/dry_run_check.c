/*
 * dry_run_check.c - does each key have the record that receivers will ask for?
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/dry_run_check.h"

#include <stdio.h>

#include "dkim/key_cache.h"
#include "dkim/sign_rules.h"

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

struct check {
    const struct mm_sign_run *job;
    struct mm_key_cache *cache;
    size_t fault_count;
    char first[MM_ERROR_TEXT_BYTES];
};

static const char *look_up_fault(struct check *check, const struct mm_sign_choice *c)
{
    struct mm_key_lookup lookup;
    const char *fault = "could not be looked up: no memory";
    enum mm_status st =
        mm_key_lookup_begin(check->cache, c->selector, c->domain, check->job->sign.now, &lookup);
    if (st == MM_AGAIN)
        st = mm_key_lookup_wait(check->cache, &lookup);
    if (st == MM_OK)
        fault = find_fault(lookup.set, c->key);
    mm_key_lookup_end(check->cache, &lookup);
    return fault;
}

static void check_key(void *context, const struct mm_sign_choice *c, uint64_t messages)
{
    struct check *check = context;
    (void)messages;
    if (mm_view_eq(c->domain, MM_VIEW("%")))
        return;
    const char *fault = look_up_fault(check, c);
    if (fault && check->fault_count++ == 0)
        snprintf(check->first, sizeof check->first, "%.*s._domainkey.%.*s: %s",
                 (int)c->selector.len, c->selector.data, (int)c->domain.len, c->domain.data, fault);
}

static enum mm_status check_end(struct check *check, enum mm_status st, struct mm_error *err)
{
    size_t more = check->fault_count - 1;
    char others[64] = "";
    mm_key_cache_free(&check->cache);
    if (st != MM_OK)
        return mm_fail(err, st, "no memory to check keys");
    if (check->fault_count == 0)
        return MM_OK;
    if (more)
        snprintf(others, sizeof others, "; %zu more key%s no record that fits", more,
                 more == 1 ? " has" : "s have");
    return mm_fail(err, MM_E_SYNTAX, "%s%s", check->first, others);
}

static enum mm_status check_begin(struct check *check, const struct mm_sign_run *job)
{
    *check = (struct check){.job = job};
    check->cache = mm_key_cache_of(job->check_keys);
    return check->cache ? MM_OK : MM_E_NOMEM;
}

enum mm_status mm_dry_run_check_keys(const struct mm_sign_run *job, struct mm_error *err)
{
    struct check check;
    enum mm_status st = check_begin(&check, job);
    for (size_t i = 0; st == MM_OK && i < mm_sign_rules_key_count(job->rules); i++) {
        struct mm_sign_choice c = mm_sign_rules_key(job->rules, i);
        check_key(&check, &c, 0);
    }
    return check_end(&check, st, err);
}

enum mm_status mm_dry_run_check_plan(const struct mm_sign_run *job, struct mm_sign_plan *plan,
                                     struct mm_error *err)
{
    struct check check;
    enum mm_status st = check_begin(&check, job);
    if (st == MM_OK)
        st = mm_sign_plan_each(plan, check_key, &check);
    return check_end(&check, st, err);
}
