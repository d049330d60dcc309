/*
 * query_columns.h - the columns that queries look at, as numbers: one look-up a dictionary entry.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_SUMMARY_QUERY_COLUMNS_H
#define MM_SUMMARY_QUERY_COLUMNS_H

#include "base/error.h"
#include "columnar/parquet_reader.h"
#include "summary/query.h"

enum { MM_QUERY_LEAVES_MAX = 48, MM_QUERY_KEYS_MAX = 64 };

/* A column, or a member of one. */
struct mm_query_leaf {
    size_t column, member;
    bool list;
};

/* A key that is made for each row, or for each element where its column is a list. */
struct mm_query_key {
    enum mm_key_kind kind;
    size_t leaf, other; /* other: that of `leaf` again where there is none */
};

/* What all queries of one scan look at: the same for all threads. */
struct mm_query_columns {
    const struct mm_table_schema *schema;
    struct mm_word_codes *words;
    struct mm_query_leaf leaves[MM_QUERY_LEAVES_MAX];
    size_t leaf_count;
    struct mm_query_key keys[MM_QUERY_KEYS_MAX];
    size_t key_count;
};

/* Each gives the place of a leaf or key, a new one where it is not there yet. Names that the schema
 * has not, and too many, are mistakes of the programmer and asserted. */
size_t mm_query_columns_leaf(struct mm_query_columns *all, const char *name);
size_t mm_query_columns_key(struct mm_query_columns *all, const struct mm_key *key);
/* A leaf of a list, to count its elements by: whichever is looked at already, else the first. */
size_t mm_query_columns_any_of(struct mm_query_columns *all, const char *list);
/* Columns to be read: room for MM_QUERY_LEAVES_MAX. Returns how many. */
size_t mm_query_columns_list(const struct mm_query_columns *all, size_t *columns);

/* Numbers for the slots of one leaf or key. */
struct mm_query_words {
    uint32_t *at;
    size_t cap;
};

/* Codes of the texts of a leaf, in one of the kinds that keys want them in. */
struct mm_query_form {
    struct mm_query_words map; /* by the codes of a dictionary, and of which: */
    uint64_t serial;
    struct mm_query_words codes; /* by slot */
    bool is_made;                /* of the rows at hand */
};

/* One leaf in one thread. Pages of a list's members begin at different rows, and offsets count from
 * there: slots are counted from the first row at hand, so that they are the same in all members. */
struct mm_query_leaf_state {
    const struct mm_table_vector *vector; /* of the rows at hand; NULL: the file has none */
    struct mm_table_vector of_list;       /* that is it, but for `offsets` by slot, for a list */
    size_t slot_end;                      /* slots of the vector, 0 up to this */
    struct mm_query_form forms[MM_KEY_TEXT_KINDS];
};

/* The rows at hand of one thread. */
struct mm_query_rows {
    const struct mm_query_columns *all;
    const struct mm_table_reader *reader;
    size_t row_count;
    struct mm_arena folded; /* texts while they are looked up */
    struct mm_query_leaf_state leaves[MM_QUERY_LEAVES_MAX];
    struct mm_query_words made[MM_QUERY_KEYS_MAX]; /* of keys that are no leaf's own codes */
    const uint32_t *keys[MM_QUERY_KEYS_MAX];       /* by row, or by slot of the key's list */
};

void mm_query_rows_init(struct mm_query_rows *rows, const struct mm_query_columns *all);
void mm_query_rows_deinit(struct mm_query_rows *rows);
void mm_query_rows_turn(struct mm_query_rows *rows, const struct mm_table_reader *reader);
/* The next rows: all keys are made. MM_E_LIMIT: too many texts; MM_E_NOMEM. */
enum mm_status mm_query_rows_next(struct mm_query_rows *rows, size_t row_count,
                                  struct mm_error *err) MM_MUST_CHECK;
/* Codes of the texts of a leaf, by slot; errors likewise. */
enum mm_status mm_query_rows_codes(struct mm_query_rows *rows, size_t leaf, const uint32_t **codes,
                                   struct mm_error *err) MM_MUST_CHECK;

/* The slot of a row's first element; of the row behind the last: all slots. The file has the list.
 */
static inline size_t mm_query_slot(const struct mm_query_leaf_state *list, size_t row)
{
    return list->vector->offsets[row] - list->vector->offsets[0];
}

static inline bool mm_query_is_null(const struct mm_table_vector *v, size_t slot)
{
    return !v || (v->null && v->null[slot]);
}

#endif /* MM_SUMMARY_QUERY_COLUMNS_H */
