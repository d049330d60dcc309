/*
 * asking.c - what was asked for becomes questions, and their queries.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "summary/asking.h"

#include <stdio.h>
#include <stdlib.h>

#include "dataset/verify_tables.h"
#include "summary/page.h"
#include "summary/page_views.h"
#include "summary/pivot_words.h"

/* ---- queries ---- */

static bool same_keys(const struct mm_query *a, const struct mm_query *b)
{
    bool same = a->key_count == b->key_count;
    for (size_t i = 0; same && i < a->key_count; i++)
        same = a->keys[i].kind == b->keys[i].kind && a->keys[i].column == b->keys[i].column &&
               a->keys[i].other == b->keys[i].other;
    return same;
}

/* Zeroed; NULL and inquiry->failed where there is no memory. */
static void *new_piece(struct mm_inquiry *inquiry, size_t bytes)
{
    void *piece = mm_arena_calloc(inquiry->arena, 1, bytes);
    inquiry->failed = inquiry->failed || !piece;
    return piece;
}

static struct mm_query_run *add_run(struct mm_inquiry *inquiry, const struct mm_query *base,
                                    const struct mm_query *query)
{
    for (size_t i = 0; i < inquiry->run_count; i++)
        if (inquiry->bases[i] == base && same_keys(&inquiry->runs[i]->query, query))
            return inquiry->runs[i];
    struct mm_query_run *run = new_piece(inquiry, sizeof *run);
    if (!run || inquiry->run_count == inquiry->run_cap) {
        inquiry->failed = true;
        return NULL;
    }
    run->query = *query;
    inquiry->bases[inquiry->run_count] = base;
    inquiry->runs[inquiry->run_count++] = run;
    return run;
}

void mm_ask(struct mm_inquiry *inquiry, struct mm_asked *asked, const struct mm_query *query,
            const struct mm_by_word *const *by, size_t by_count)
{
    struct mm_query own = *query;
    for (size_t i = 0; i < by_count; i++)
        own.keys[i] = by[i]->key;
    if (by_count)
        own.key_count = by_count;
    struct mm_query_run *run = add_run(inquiry, query, &own);
    if (run)
        asked->runs[asked->run_count++] = run;
}

/* ---- the window ---- */

/* clang-format off */
#define WINDOW(table, column, stand_in)                                                            \
    {                                                                                              \
        .schema = table, .sums = {{.op = MM_GROUP_DAYS}}, .sum_count = 1,                          \
        .day = {MM_KEY_DAY, column, stand_in}                                                      \
    }
/* clang-format on */

static const struct {
    const char *verb, *domain;
    struct mm_query query;
} windows[] = {
    {"reports", "policy_domain", WINDOW(MM_REPORT_TABLE(DAILY), "date", NULL)},
    {"reports", "policy_domain", WINDOW(MM_REPORT_TABLE(TLS_POLICIES), "date", NULL)},
    {"verify", "from_domain", WINDOW(&mm_verify_tables[MM_TABLE_SIGNATURES], "signed_at", NULL)},
};

static bool has_verb(const struct mm_summary_head *head, const char *verb)
{
    for (size_t i = 0; i < head->dataset_count; i++)
        if (strcmp(head->datasets[i].verb, verb) == 0)
            return true;
    return false;
}

static void plan_windows(struct mm_asking *asking, struct mm_inquiry *inquiry,
                         const struct mm_summary_head *head)
{
    for (size_t i = 0; i < MM_COUNT(windows); i++) {
        struct mm_query query = windows[i].query;
        query.domain = windows[i].domain;
        if (has_verb(head, windows[i].verb))
            asking->windows[asking->window_count++] = add_run(inquiry, &windows[i].query, &query);
    }
}

/* ---- views ---- */

static const struct mm_question *question_of(const char *slug)
{
    for (const struct mm_question *q = mm_questions; q->about.slug; q++)
        if (strcmp(q->about.slug, slug) == 0)
            return q;
    return NULL;
}

static void plan(struct mm_inquiry *inquiry, struct mm_asked *asked)
{
    if (asked->pivot)
        mm_pivot_plan(inquiry, asked);
    else
        asked->question->plan(inquiry, asked);
}

static enum mm_status add_words(struct mm_asked *asked, const char *by, struct mm_error *err)
{
    struct mm_view unknown;
    if (!asked->question->pivot)
        return by ? mm_fail(err, MM_E_ARG, "the view %s has rows of its own: --by does not apply",
                            asked->question->about.slug)
                  : MM_OK;
    if (mm_pivot_words(asked, by, &unknown))
        return MM_OK;
    return mm_fail(err, MM_E_ARG, "--by %.*s: the view %s has no such word, or has it twice",
                   (int)(unknown.len < 64 ? unknown.len : 64), unknown.data,
                   asked->question->about.slug);
}

static enum mm_status add_view(struct mm_asking *asking, struct mm_inquiry *inquiry,
                               const struct mm_summary_ask *ask, bool may_be_silent,
                               struct mm_error *err)
{
    const struct mm_question *question = question_of(ask->view);
    if (!question)
        return mm_fail(err, MM_E_ARG, "no view %s", ask->view);
    if (!has_verb(inquiry->head, question->verb))
        return may_be_silent ? MM_OK
                             : mm_fail(err, MM_E_ARG, "the view %s wants a dataset of mailmill %s",
                                       ask->view, question->verb);
    struct mm_asked *asked = &asking->asked[asking->count++];
    *asked = (struct mm_asked){.question = question,
                               .row_max = ask->row_max ? ask->row_max : MM_SUMMARY_ROWS_DEFAULT,
                               .may_be_silent = may_be_silent};
    MM_TRY(add_words(asked, ask->by, err));
    plan(inquiry, asked);
    return MM_OK;
}

/* What a person looks at first. */
static const struct mm_summary_ask overview[] = {
    {"overview", NULL, 0}, {"policy", NULL, 10},  {"sources", NULL, 10},
    {"gaps", NULL, 5},     {"tls", NULL, 5},      {"tls-failures", NULL, 5},
    {"bounces", NULL, 5},  {"results", NULL, 10}, {"reasons", NULL, 10},
};

static enum mm_status add_ask(struct mm_asking *asking, struct mm_inquiry *inquiry,
                              const struct mm_summary_ask *ask, struct mm_error *err)
{
    if (strcmp(ask->view, overview[0].view) != 0)
        return add_view(asking, inquiry, ask, false, err);
    if (ask->by)
        return mm_fail(err, MM_E_ARG, "the overview has rows of its own: --by does not apply");
    for (size_t i = 0; i < MM_COUNT(overview); i++) {
        struct mm_summary_ask part = overview[i];
        part.row_max = ask->row_max && part.row_max ? ask->row_max : part.row_max;
        MM_TRY(add_view(asking, inquiry, &part, true, err));
    }
    return MM_OK;
}

/* What a page shows; without the views that no dataset has tables of, or rows. */
static enum mm_status add_page(struct mm_asking *asking, struct mm_inquiry *inquiry,
                               struct mm_error *err)
{
    for (size_t i = 0; i < mm_page_view_count; i++) {
        const struct mm_page_view *view = &mm_page_views[i];
        struct mm_summary_ask ask = {view->view, view->by, MM_PAGE_DATA_ROWS};
        MM_TRY(add_view(asking, inquiry, &ask, true, err));
        ask.by = view->detail;
        if (ask.by)
            MM_TRY(add_view(asking, inquiry, &ask, true, err));
    }
    return MM_OK;
}

enum mm_status mm_asking_plan(struct mm_asking *asking, struct mm_inquiry *inquiry,
                              const struct mm_summary_options *options,
                              const struct mm_summary_head *head, struct mm_error *err)
{
    size_t runs = MM_ASKING_MAX * MM_ASKED_RUNS_MAX + MM_WINDOWS_MAX;
    if (options->ask_count > MM_SUMMARY_ASKS_MAX)
        return mm_fail(err, MM_E_ARG, "more than %d views", MM_SUMMARY_ASKS_MAX);
    asking->asked =
        new_piece(inquiry, MM_SUMMARY_ASKS_MAX * MM_COUNT(overview) * sizeof *asking->asked);
    inquiry->runs = new_piece(inquiry, runs * sizeof *inquiry->runs);
    inquiry->bases = new_piece(inquiry, runs * sizeof *inquiry->bases);
    inquiry->run_cap = runs;
    if (inquiry->failed)
        return MM_OK;
    plan_windows(asking, inquiry, head);
    if (options->page)
        return add_page(asking, inquiry, err);
    for (size_t i = 0; i < options->ask_count; i++)
        MM_TRY(add_ask(asking, inquiry, &options->asks[i], err));
    return options->ask_count ? MM_OK : add_ask(asking, inquiry, &overview[0], err);
}

void mm_asking_deinit(struct mm_asking *asking, struct mm_inquiry *inquiry)
{
    for (size_t i = 0; i < inquiry->run_count; i++)
        mm_group_table_deinit(&inquiry->runs[i]->groups);
    asking->count = asking->window_count = 0;
}

/* ---- the list ---- */

static void list_words(const struct mm_pivot *pivot, char *out, size_t cap)
{
    size_t len = 0;
    out[0] = '\0';
    for (const struct mm_by_word *w = pivot ? pivot->words : NULL; w && w->word; w++) {
        int n = snprintf(out + len, cap - len, "%s%s", len ? "," : "", w->word);
        if (n < 0 || (size_t)n >= cap - len)
            return;
        len += (size_t)n;
    }
}

void mm_summary_views(void (*view)(void *context, const char *slug, const char *question,
                                   const char *by_default, const char *by_words),
                      void *context)
{
    char words[512];
    for (const struct mm_question *q = mm_questions; q->about.slug; q++) {
        list_words(q->pivot, words, sizeof words);
        view(context, q->about.slug, q->about.question, q->pivot ? q->pivot->by : "", words);
    }
}
