/*
 * parquet_values.h - a stretch of a column's values: what they cost, where they lie, their bytes.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_COLUMNAR_PARQUET_VALUES_H
#define MM_COLUMNAR_PARQUET_VALUES_H

#include "columnar/parquet_bounds.h"
#include "columnar/parquet_column.h"

/* How the values of a chunk are written. */
struct mm_parquet_plan {
    enum mm_parquet_encoding encoding;
    unsigned index_bits; /* of RLE_DICTIONARY */
};

/* The dictionary where it makes the chunk smaller and is no burden, else the values themselves. */
struct mm_parquet_plan mm_parquet_plan_of(const struct mm_parquet_column *c);

/* Values from..from+count; `byte`: where the first stands among texts. */
struct mm_parquet_stretch {
    size_t from, count, byte;
};

/* Bits of one value, not packed any further; exact but for differences. */
size_t mm_parquet_value_bits(const struct mm_parquet_column *c, const struct mm_parquet_plan *plan,
                             size_t value, size_t byte);
/* Bytes from one text to the next. */
size_t mm_parquet_text_step(const struct mm_parquet_column *c, size_t byte);

/* Append the values as a page has them. `words` is memory to work in. */
void mm_parquet_values_append(struct mm_buf *body, const struct mm_parquet_column *c,
                              const struct mm_parquet_plan *plan,
                              const struct mm_parquet_stretch *stretch, struct mm_buf *words);
/* The least and the greatest. seen: a word for each entry of the dictionary, none of them `mark`
 * before. */
struct mm_range mm_parquet_values_range(const struct mm_parquet_column *c,
                                        const struct mm_parquet_stretch *stretch, uint32_t *seen,
                                        uint32_t mark);

/* The column's filter with its header, appended; nothing where it has no values. Source:
 * BloomFilter.md. */
void mm_parquet_values_bloom(struct mm_buf *out, const struct mm_parquet_column *c);

#endif /* MM_COLUMNAR_PARQUET_VALUES_H */
