/*
 * query.h - what a view wants to know of a table's rows, and the groups that come of it.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A query is a constant: what tells groups apart (keys), what rows are looked at for (tests), and
 * what is added up (sums). Columns go by their names; that of a struct's member is "dkim.domain".
 * All queries of one table share one reading of it.
 */
#ifndef MM_SUMMARY_QUERY_H
#define MM_SUMMARY_QUERY_H

#include "summary/group_table.h"
#include "summary/word_codes.h"

#include "mailmill/columnar.h"

enum mm_key_kind {
    MM_KEY_TEXT,    /* the text's code; of an address, that of its 16 bytes */
    MM_KEY_NET,     /* address: of its /24, or of its /48 */
    MM_KEY_MAILBOX, /* mail address: of it with the domain as hosts compare it */
    MM_KEY_DAY,     /* DATE or TIMESTAMP: days since 1970 */
    MM_KEY_WEEK,    /* its Monday */
    MM_KEY_MONTH,   /* its first */
    MM_KEY_NUMBER,  /* BOOL, integers; those beyond 32 bits become the least or the greatest */
    MM_KEY_ID,      /* a number that only tells one from another; all its bits go into 32 */
};
enum { MM_KEY_TEXT_KINDS = MM_KEY_MAILBOX + 1 };

static inline bool mm_key_is_text(enum mm_key_kind kind)
{
    return kind <= MM_KEY_MAILBOX;
}

/* A word that stands for an absent day or number. */
#define MM_KEY_NULL ((uint32_t)INT32_MIN)

struct mm_key {
    enum mm_key_kind kind;
    const char *column;
    const char *other; /* whose value it is where that of `column` is absent; may be NULL */
};

enum mm_test_kind {
    MM_TEST_TRUE,   /* BOOL is true, a number is above `number` */
    MM_TEST_IS,     /* text equals `word` */
    MM_TEST_THERE,  /* text is not absent */
    MM_TEST_DIFFER, /* texts of column and `other` are there and differ */
    MM_TEST_FILLED, /* a list has elements */
    MM_TEST_HAS     /* a member of any element of a list equals `word` */
};

struct mm_test {
    enum mm_test_kind kind;
    const char *column, *word, *other;
    int64_t number;
};

/* A row counts where it passes all of `all`, none of `none`, and one of `any` unless that is 0:
 * bits are the places of tests in the query. */
struct mm_condition {
    uint16_t all, none, any;
};

struct mm_sum {
    enum mm_group_op op;
    const char *column;  /* integers, or days; NULL: 1 a row */
    enum mm_key_kind as; /* WORD: what its code is of: MM_KEY_TEXT, MM_KEY_NET */
    struct mm_condition when;
};

enum { MM_QUERY_TESTS_MAX = 8 };

struct mm_query {
    const struct mm_table_schema *schema;
    const char *unnest; /* list of structs: rows are its elements; NULL */
    struct mm_key keys[MM_GROUP_WORDS_MAX];
    size_t key_count;
    struct mm_test tests[MM_QUERY_TESTS_MAX];
    size_t test_count;
    struct mm_condition where;
    struct mm_sum sums[MM_GROUP_VALUES_MAX];
    size_t sum_count;
    /* What --domain and --since look at; `day` as a key does. NULL: nothing to choose by. */
    const char *domain;
    struct mm_key day;
};

/* Rows that are looked at. */
struct mm_selection {
    const char *domain; /* NULL: all */
    bool has_since, has_until;
    int32_t since_day, until_day;
};

/* A query and its answer. */
struct mm_query_run {
    struct mm_query query;
    uint8_t ops[MM_GROUP_VALUES_MAX];
    struct mm_group_table groups; /* value i is sum i */
};

struct mm_query_place {
    const struct mm_selection *selection;
    struct mm_word_codes *words;
    char *const *paths; /* of the table's files */
    size_t path_count;
    unsigned threads;
    size_t reader_bytes;       /* for the pages that all threads have in hand */
    atomic_size_t *left_bytes; /* that groups may still take */
};

/*
 * Read a table once for several queries, all of one schema, and fill their groups, which are
 * inited here and to be deinited also after an error.
 * Returns  MM_OK; MM_E_LIMIT: more groups or texts than there may be; errors of the reader.
 */
enum mm_status mm_query_all(struct mm_query_run **runs, size_t run_count,
                            const struct mm_query_place *place, struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_SUMMARY_QUERY_H */
