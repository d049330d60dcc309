/*
 * parquet_bounds.h - the least and the greatest value of a page or chunk, by which readers skip it.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_COLUMNAR_PARQUET_BOUNDS_H
#define MM_COLUMNAR_PARQUET_BOUNDS_H

#include "base/view.h"
#include "columnar/parquet_leaf.h"
#include "columnar/parquet_thrift.h"

/* Numbers are compared by value, false before true; texts and addresses as unsigned bytes, which
 * for UTF-8 is the order of code points. The texts are borrowed. */
struct mm_range {
    bool any; /* there is a value at all */
    int64_t low, high;
    struct mm_view low_text, high_text;
    uint64_t low_word, high_word; /* of texts: their first eight bytes, in that order */
};

static inline void mm_range_add_number(struct mm_range *r, int64_t value)
{
    if (!r->any || value < r->low)
        r->low = value;
    if (!r->any || value > r->high)
        r->high = value;
    r->any = true;
}

void mm_range_add_text(struct mm_range *r, struct mm_view value);
/* What is in `more` too; both are of one column. */
void mm_range_merge(struct mm_range *r, const struct mm_range *more);

enum {
    MM_BOUND_TEXT_MAX = 64,                /* longer texts are cut to that */
    MM_BOUND_BYTES = MM_BOUND_TEXT_MAX + 4 /* raising the last character may lengthen it */
};

struct mm_bound {
    bool exact; /* it is a value, not one that is merely beyond all */
    uint8_t len;
    char bytes[MM_BOUND_BYTES]; /* PLAIN, without a length in front */
};

/* known: there are values, and none is so long and high that no short text lies above it. */
struct mm_bounds {
    bool known;
    struct mm_bound low, high;
};

struct mm_bounds mm_bounds_of(enum mm_parquet_type type, const struct mm_range *range);

/* Negative, zero or positive, in the order of the column's values. */
int mm_bound_compare(enum mm_parquet_type type, const struct mm_bound *a, const struct mm_bound *b);

/* A structure Statistics in the field `id`. Source: parquet.thrift. */
void mm_bounds_write_statistics(struct mm_thrift *t, int id, const struct mm_bounds *bounds,
                                int64_t null_count);

static inline struct mm_view mm_bound_view(const struct mm_bound *bound)
{
    return (struct mm_view){bound->bytes, bound->len};
}

#endif /* MM_COLUMNAR_PARQUET_BOUNDS_H */
