/*
 * parquet_dictionary.h - the distinct values of one column in a row group, in order of appearance.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_COLUMNAR_PARQUET_DICTIONARY_H
#define MM_COLUMNAR_PARQUET_DICTIONARY_H

#include "base/buf.h"

struct mm_dictionary_entry {
    uint32_t hash; /* its lower half */
    uint32_t bytes, offset;
};

struct mm_dictionary {
    struct mm_buf plain;   /* the values in PLAIN encoding */
    struct mm_buf entries; /* struct mm_dictionary_entry each; offset: of the value in `plain` */
    uint32_t *slots;       /* index of an entry + 1; 0 is free */
    size_t slot_count, count;
    uint64_t seed;     /* values come from mail: nobody can make them collide */
    bool with_lengths; /* PLAIN of BYTE_ARRAY: each behind its length */
};

void mm_dictionary_init(struct mm_dictionary *d, bool with_lengths);
void mm_dictionary_deinit(struct mm_dictionary *d);
/* Empty; memory is kept. */
void mm_dictionary_clear(struct mm_dictionary *d);

/* The index of a value, which is added where it is new. MM_E_NOMEM, also past 4 GiB of values. */
enum mm_status mm_dictionary_index(struct mm_dictionary *d, struct mm_view value,
                                   uint32_t *index) MM_MUST_CHECK;

static inline struct mm_view mm_dictionary_value(const struct mm_dictionary *d, size_t index)
{
    struct mm_dictionary_entry entry;
    memcpy(&entry, d->entries.data + index * sizeof entry, sizeof entry);
    return (struct mm_view){d->plain.data + entry.offset, entry.bytes};
}

#endif /* MM_COLUMNAR_PARQUET_DICTIONARY_H */
