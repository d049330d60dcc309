/*
 * key_check_all.c - every key of a table against its record.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "dkim/domain_name.h"
#include "dkim/key_check.h"
#include "dkim/sign_rules.h"
#include "dns/ask_many.h"
#include "dns/recorded_line.h"

/* One key to check. */
struct wanted {
    struct mm_view domain, selector;
    const struct mm_public_key *key;
    const char *key_fault;
};

struct checking {
    const struct mm_key_check_job *job;
    struct mm_key_check_counts *counts;
    struct mm_sign_rules *rules; /* NULL without tables */
    struct mm_public_key *key;   /* of key_path */
    size_t count, asked, told;
    char name[MM_TXT_NAME_MAX_BYTES];
    struct mm_key_findings findings;
};

static struct wanted wanted_at(const struct checking *c, size_t i)
{
    const struct mm_key_check_job *job = c->job;
    if (!c->rules)
        return (struct wanted){.domain = mm_view_of(job->domain),
                               .selector = mm_view_of(job->selector),
                               .key = c->key};
    struct mm_sign_choice choice = mm_sign_rules_key(c->rules, i);
    return (struct wanted){.domain = choice.domain,
                           .selector = choice.selector,
                           .key = choice.key ? mm_private_key_public(choice.key) : NULL,
                           .key_fault = choice.key_fault};
}

static bool has_name(const struct wanted *w)
{
    return !mm_view_eq(w->domain, MM_VIEW("%"));
}

/* ---- names out, answers in ---- */

/* The author's domain has no name to ask for; its turn to be told comes with the others. */
static enum mm_status next(void *context, struct mm_view *name, struct mm_error *err)
{
    struct checking *c = context;
    (void)err;
    for (; c->asked < c->count; c->asked++) {
        struct wanted w = wanted_at(c, c->asked);
        if (!has_name(&w))
            continue;
        *name = mm_key_name(w.selector, w.domain, c->name);
        c->asked++;
        return MM_OK;
    }
    return MM_END;
}

static void count(struct mm_key_check_counts *counts, const struct mm_key_check *check)
{
    counts->keys++;
    if (check->fault_count)
        counts->faulty++;
    else if (!check->checked)
        counts->unchecked++;
    else if (check->finding_count)
        counts->warned++;
    else
        counts->good++;
}

/* answer: NULL where there is none to be had. */
static enum mm_status tell(struct checking *c, const struct wanted *w,
                           const struct mm_txt_answer *answer, struct mm_error *err)
{
    struct mm_key_check check = {.domain = w->domain, .selector = w->selector, .key = w->key};
    check.status = "";
    c->findings.count = c->findings.fault_count = 0;
    if (w->key_fault)
        mm_key_finding_add(&c->findings, (struct mm_key_finding){.slug = "key-unusable",
                                                                 .text = w->key_fault,
                                                                 .offset = UINT64_MAX});
    if (answer) {
        const char *word = mm_txt_status_word(answer->status);
        enum mm_status st = mm_key_check_answer(answer, w->key, &c->findings);
        if (st != MM_OK)
            return mm_fail(err, st, "a key record could not be judged: %s", mm_status_text(st));
        check.checked = true;
        check.status = word ? word : "";
        check.records = answer->records;
        check.record_count = answer->record_count;
    }
    check.findings = c->findings.list;
    check.finding_count = c->findings.count;
    check.fault_count = c->findings.fault_count;
    count(c->counts, &check);
    c->job->tell(c->job->context, &check);
    return MM_OK;
}

/* Keys without a name, from the one to be told next on. */
static enum mm_status tell_nameless(struct checking *c, struct mm_error *err)
{
    for (; c->told < c->count; c->told++) {
        struct wanted w = wanted_at(c, c->told);
        if (has_name(&w))
            break;
        MM_TRY(tell(c, &w, NULL, err));
    }
    return MM_OK;
}

static enum mm_status answered(void *context, struct mm_view name,
                               const struct mm_txt_answer *answer, struct mm_error *err)
{
    struct checking *c = context;
    (void)name;
    MM_TRY(tell_nameless(c, err));
    struct wanted w = wanted_at(c, c->told++);
    return tell(c, &w, answer, err);
}

/* ---- the whole ---- */

static enum mm_status open_tables(struct checking *c, struct mm_error *err)
{
    const struct mm_key_check_job *job = c->job;
    struct mm_error why;
    const struct mm_sign_rules_options options = {.allow_insecure_key = job->allow_insecure_key,
                                                  .warn = job->warn,
                                                  .warn_context = job->context};
    enum mm_status st =
        mm_sign_rules_to_check(job->key_table, job->signing_table, &options, &c->rules, &why);
    if (st != MM_OK && err)
        *err = why;
    c->count = st == MM_OK ? mm_sign_rules_key_count(c->rules) : 0;
    return st;
}

static enum mm_status open_one(struct checking *c, struct mm_error *err)
{
    const struct mm_key_check_job *job = c->job;
    const char *fault = mm_key_name_fault(job->domain, job->selector);
    c->count = 1;
    if (fault)
        return mm_fail(err, MM_E_ARG, "%s", fault);
    return job->key_path ? mm_key_read(job->key_path, job->allow_insecure_key, &c->key, err)
                         : MM_OK;
}

enum mm_status mm_keys_check(const struct mm_key_check_job *job, struct mm_key_check_counts *counts,
                             struct mm_error *err)
{
    static const struct mm_ask_ops ops = {.next = next, .answer = answered};
    struct checking *c = calloc(1, sizeof *c);
    *counts = (struct mm_key_check_counts){0};
    if (!c)
        return mm_fail(err, MM_E_NOMEM, "no memory to check keys");
    c->job = job;
    c->counts = counts;
    enum mm_status st = job->key_table ? open_tables(c, err) : open_one(c, err);
    if (st == MM_OK)
        st = mm_ask_many(job->source, job->at, &ops, c, err);
    if (st == MM_OK)
        st = tell_nameless(c, err);
    mm_sign_rules_free(&c->rules);
    mm_public_key_free(&c->key);
    free(c);
    return st;
}
