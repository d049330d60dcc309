/*
 * query_plan.h - queries over one table, the names of their columns found in its schema.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_SUMMARY_QUERY_PLAN_H
#define MM_SUMMARY_QUERY_PLAN_H

#include "columnar/parquet_reader.h"
#include "summary/query.h"
#include "summary/query_columns.h"

enum { MM_QUERY_NONE = SIZE_MAX >> 1 }; /* a place that is none */

/* A test, its column found. */
struct mm_query_plan_test {
    enum mm_test_kind kind;
    size_t leaf, other;
    uint32_t word;
    int64_t number;
    bool of_element; /* of the list that the query unnests */
};

struct mm_query_plan_sum {
    size_t leaf, key; /* numbers, or a day or word; MM_QUERY_NONE: 1 a row */
    bool of_element;
};

/* A query, its columns found. */
struct mm_query_plan {
    struct mm_query_run *run;
    size_t unnest; /* a leaf of that list */
    size_t keys[MM_GROUP_WORDS_MAX];
    bool of_element[MM_GROUP_WORDS_MAX];
    struct mm_query_plan_test tests[MM_QUERY_TESTS_MAX];
    struct mm_query_plan_sum sums[MM_GROUP_VALUES_MAX];
};

/* What --domain and --since need of this table. */
struct mm_query_choice {
    size_t domain, day; /* leaf, key; MM_QUERY_NONE */
    uint32_t domain_code;
};

/* The queries of one reading: the same for all threads. */
struct mm_query_plans {
    struct mm_query_columns columns;
    struct mm_query_choice choice;
    struct mm_query_plan *plans;
    size_t count;
};

/* Find the columns of `count` queries of one schema. False: no memory; to be deinited also then. */
bool mm_query_plans_init(struct mm_query_plans *all, struct mm_query_run **runs, size_t count,
                         const struct mm_query_place *place) MM_MUST_CHECK;
void mm_query_plans_deinit(struct mm_query_plans *all);

enum { MM_QUERY_FILTERS_MAX = 2 };
/* Bounds that leave out whole row groups and pages of rows that `s` does not choose; returns how
 * many. */
size_t mm_query_plans_filters(const struct mm_query_plans *all, const struct mm_selection *s,
                              struct mm_table_filter filters[MM_QUERY_FILTERS_MAX]);

#endif /* MM_SUMMARY_QUERY_PLAN_H */
