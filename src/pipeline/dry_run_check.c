/*
 * dry_run_check.c - does each key have the record that receivers will ask for?
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/dry_run_check.h"

#include <stdio.h>
#include <stdlib.h>

#include "dkim/key_cache.h"
#include "dkim/sign_rules.h"
#include "pipeline/engine.h"

static bool is_same_key(const struct mm_public_key *a, const struct mm_public_key *b)
{
    uint8_t x[32], y[32];
    mm_public_key_fingerprint(a, x);
    mm_public_key_fingerprint(b, y);
    return memcmp(x, y, sizeof x) == 0;
}

static const char *no_record(enum mm_txt_status status)
{
    switch (status) {
    case MM_TXT_SERVFAIL:
        return "could not be looked up: the name server failed";
    case MM_TXT_TIMEOUT:
        return "could not be looked up: the name server did not answer in time";
    case MM_TXT_NXDOMAIN:
    case MM_TXT_NODATA:
        return "has no record: DNS, or the recording of it, says that there is none";
    default:
        return "has no record among the keys given";
    }
}

/* Why the record does not serve the key; NULL when it does. */
static const char *find_fault(const struct mm_key_set *set, const struct mm_private_key *key)
{
    const char *fault = no_record(set->answer->status);
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

enum {
    ASKED_AHEAD = 64,  /* of the name that is waited for, since a server takes its time */
    PATIENCE_MS = 1000 /* before it is seen whether the run is to stop */
};

struct check {
    const struct mm_sign_run *job;
    struct mm_key_cache *cache;
    struct mm_sign_choice *choices; /* what is to be checked; their texts are borrowed */
    size_t count, cap;
    bool failed; /* no memory for them */
    struct mm_key_lookup ahead[ASKED_AHEAD];
    size_t fault_count;
    char first[MM_ERROR_TEXT_BYTES];
};

static enum mm_status add(struct check *check, const struct mm_sign_choice *c)
{
    if (mm_view_eq(c->domain, MM_VIEW("%")))
        return MM_OK;
    if (check->count == check->cap) {
        size_t cap = check->cap ? 2 * check->cap : 64;
        struct mm_sign_choice *wider = realloc(check->choices, cap * sizeof *wider);
        if (!wider)
            return MM_E_NOMEM;
        check->choices = wider;
        check->cap = cap;
    }
    check->choices[check->count++] = *c;
    return MM_OK;
}

static void add_planned(void *context, const struct mm_sign_choice *c, uint64_t messages)
{
    struct check *check = context;
    (void)messages;
    check->failed = check->failed || add(check, c) != MM_OK;
}

static enum mm_status ask(struct check *check, size_t i)
{
    const struct mm_sign_choice *c = &check->choices[i];
    struct mm_key_lookup *lookup = &check->ahead[i % ASKED_AHEAD];
    enum mm_status st =
        mm_key_lookup_begin(check->cache, c->selector, c->domain, check->job->sign.now, lookup);
    return st == MM_AGAIN ? MM_OK : st;
}

static void judge(struct check *check, const struct mm_sign_choice *c, const struct mm_key_set *set)
{
    const char *fault = find_fault(set, c->key);
    if (fault && check->fault_count++ == 0)
        snprintf(check->first, sizeof check->first, "%.*s._domainkey.%.*s: %s",
                 (int)c->selector.len, c->selector.data, (int)c->domain.len, c->domain.data, fault);
}

static enum mm_status await(struct mm_key_cache *cache, struct mm_key_lookup *lookup,
                            struct mm_error *err)
{
    for (;;) {
        uint64_t turn = mm_key_cache_turn(cache);
        enum mm_status st = mm_key_lookup_poll(cache, lookup);
        if (st != MM_AGAIN)
            return st;
        if (mm_run_stop_asked())
            return mm_fail(err, MM_E_IO, "stopped by a signal while keys were looked up");
        mm_key_cache_wait(cache, turn, PATIENCE_MS);
    }
}

static enum mm_status check_all(struct check *check, struct mm_error *err)
{
    enum mm_status st = MM_OK;
    size_t asked = 0;
    for (size_t i = 0; i < check->count && st == MM_OK; i++) {
        struct mm_key_lookup *lookup = &check->ahead[i % ASKED_AHEAD];
        while (st == MM_OK && asked < check->count && asked < i + ASKED_AHEAD)
            st = ask(check, asked++);
        if (st == MM_OK)
            st = await(check->cache, lookup, err);
        if (st == MM_OK)
            judge(check, &check->choices[i], lookup->set);
        mm_key_lookup_end(check->cache, lookup);
        *lookup = (struct mm_key_lookup){.set = NULL};
    }
    for (size_t k = 0; k < ASKED_AHEAD; k++) /* left where memory ran out */
        mm_key_lookup_end(check->cache, &check->ahead[k]);
    return st;
}

static enum mm_status check_end(struct check *check, enum mm_status st, struct mm_error *err)
{
    char others[64] = "";
    if (st == MM_OK)
        st = check_all(check, err);
    size_t more = check->fault_count - 1;
    mm_key_cache_free(&check->cache);
    free(check->choices);
    if (st == MM_E_NOMEM)
        return mm_fail(err, st, "no memory to check keys");
    if (st != MM_OK)
        return st;
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
        st = add(&check, &c);
    }
    return check_end(&check, st, err);
}

enum mm_status mm_dry_run_check_plan(const struct mm_sign_run *job, struct mm_sign_plan *plan,
                                     struct mm_error *err)
{
    struct check check;
    enum mm_status st = check_begin(&check, job);
    if (st == MM_OK)
        st = mm_sign_plan_each(plan, add_planned, &check);
    return check_end(&check, check.failed ? MM_E_NOMEM : st, err);
}
