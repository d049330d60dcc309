/*
 * question.h - a named view: the queries that it asks, and the table that it makes of the answers.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_SUMMARY_QUESTION_H
#define MM_SUMMARY_QUESTION_H

#include "summary/query.h"
#include "summary/summary_table.h"

enum { MM_ASKED_RUNS_MAX = 8 };

/* One word of --by, where a view has it. */
struct mm_by_word {
    const char *word; /* NULL ends a list */
    struct mm_key key;
    struct mm_summary_column column;
};

struct mm_question;
struct mm_pivot;

/* A view that is asked for. */
struct mm_asked {
    const struct mm_question *question;
    const struct mm_pivot *pivot; /* the question's, or its smaller one */
    const struct mm_by_word *by[MM_GROUP_WORDS_MAX];
    size_t by_count;
    size_t row_max;
    bool may_be_silent; /* left out where it has nothing to tell */
    struct mm_query_run *runs[MM_ASKED_RUNS_MAX];
    size_t run_count;
};

/* All that is asked, and what the rows said. */
struct mm_inquiry {
    struct mm_arena *arena; /* of tables and queries */
    struct mm_word_codes *words;
    struct mm_selection selection;
    atomic_size_t left_bytes;           /* that groups may still take */
    const struct mm_summary_head *head; /* when tables are made */
    struct mm_query_run **runs;
    const struct mm_query **bases; /* of runs: the constants that they came of */
    size_t run_count, run_cap;
    bool failed; /* no memory */
};

struct mm_question {
    struct mm_summary_about about;
    const char *verb; /* whose datasets have its tables */
    const struct mm_pivot *pivot;
    /* Where there is no pivot: */
    void (*plan)(struct mm_inquiry *inquiry, struct mm_asked *asked);
    /* False where memory ran out. */
    bool (*make)(struct mm_inquiry *inquiry, const struct mm_asked *asked,
                 struct mm_summary_table *table);
};

/* Every view; ends in a slug of NULL. */
extern const struct mm_question mm_questions[];

/* Ask a constant query, with the keys of `by` where by_count is not 0; one that is asked twice is
 * asked once. The answer of an asked's n-th call is runs[n]. */
void mm_ask(struct mm_inquiry *inquiry, struct mm_asked *asked, const struct mm_query *query,
            const struct mm_by_word *const *by, size_t by_count);

static inline const struct mm_group_table *mm_answer(const struct mm_asked *asked, size_t n)
{
    return &asked->runs[n]->groups;
}

/* ---- tables whose rows are groups ---- */

enum mm_pivot_value_kind {
    MM_PIVOT_SUM,           /* sum a */
    MM_PIVOT_SHARE,         /* sum a in sum b */
    MM_PIVOT_SHARE_OF_BOTH, /* sum a in sums a and b together */
    MM_PIVOT_SHARE_ALL,     /* sum a in the sum over all rows */
    MM_PIVOT_FIRST,         /* days in sum a */
    MM_PIVOT_LAST
};

struct mm_pivot_value {
    struct mm_summary_column column;
    enum mm_pivot_value_kind kind;
    uint8_t a, b;
};

struct mm_pivot {
    const struct mm_query *query; /* without keys */
    const struct mm_by_word *words;
    const char *by; /* words, where none are asked for */
    const struct mm_pivot_value *values;
    size_t value_count;
    uint8_t order; /* the sum that comes first where it is largest; days among the keys go before */
    /* Said of rows that are not told apart by the word `unless`; NULL. */
    const char *note, *unless;
    const struct mm_pivot *smaller; /* another that answers alike where it has all words; NULL */
};

/*
 * The words of "a,b", or those that the view has by itself (by: NULL), into asked->by, and the
 * pivot that has them into asked->pivot. False: *unknown is the first that it has not.
 */
bool mm_pivot_words(struct mm_asked *asked, const char *by, struct mm_view *unknown);
void mm_pivot_plan(struct mm_inquiry *inquiry, struct mm_asked *asked);
bool mm_pivot_make(struct mm_inquiry *inquiry, const struct mm_asked *asked,
                   struct mm_summary_table *table);

/* The first row_max groups by a sum (see rank.h) in memory of the inquiry; NULL: there is none. */
uint32_t *mm_rank_asked(struct mm_inquiry *inquiry, const struct mm_asked *asked,
                        const struct mm_group_table *groups, const struct mm_key *keys, uint8_t sum,
                        size_t *count);

/* The cell of a key's word, or of a value of the op DAYS. */
struct mm_summary_cell mm_cell_of_word(const struct mm_inquiry *inquiry, enum mm_key_kind kind,
                                       uint32_t word);
struct mm_summary_cell mm_cell_of_days(int64_t days, bool last);

#endif /* MM_SUMMARY_QUESTION_H */
