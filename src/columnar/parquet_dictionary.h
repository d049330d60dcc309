/*
 * parquet_dictionary.h - the distinct values of one column in a row group, in order of appearance.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_COLUMNAR_PARQUET_DICTIONARY_H
#define MM_COLUMNAR_PARQUET_DICTIONARY_H

#include "base/buf.h"
#include "base/word.h"

struct mm_dictionary_entry {
    uint32_t offset, bytes;
};

/* entry: its index + 1; 0 is free. The hash spares a look at what is another one. */
struct mm_dictionary_slot {
    uint32_t hash, entry;
};

struct mm_dictionary {
    struct mm_buf plain;   /* the values in PLAIN encoding */
    struct mm_buf entries; /* struct mm_dictionary_entry each: where the value is in `plain` */
    struct mm_dictionary_slot *slots;
    size_t slot_count, count;
    uint64_t seed; /* values come from mail: nobody can make them collide */
    /* All values have as many, and there are no entries; 0: PLAIN of BYTE_ARRAY, where each is
     * behind its length. */
    size_t fixed_bytes;
};

void mm_dictionary_init(struct mm_dictionary *d, size_t fixed_bytes);
void mm_dictionary_deinit(struct mm_dictionary *d);
/* Empty; memory is kept. */
void mm_dictionary_clear(struct mm_dictionary *d);

/* The hash of a value, by which its index is asked for; what will be looked at first is fetched. */
uint32_t mm_dictionary_hash(const struct mm_dictionary *d, struct mm_view value);
/* The index of a value, which is added where it is new. MM_E_NOMEM, also past 4 GiB of values. */
enum mm_status mm_dictionary_index(struct mm_dictionary *d, struct mm_view value, uint32_t hash,
                                   uint32_t *index) MM_MUST_CHECK;

static inline struct mm_view mm_dictionary_value(const struct mm_dictionary *d, size_t index)
{
    struct mm_dictionary_entry entry;
    if (d->fixed_bytes)
        return (struct mm_view){d->plain.data + index * d->fixed_bytes, d->fixed_bytes};
    memcpy(&entry, d->entries.data + index * sizeof entry, sizeof entry);
    return (struct mm_view){d->plain.data + entry.offset, entry.bytes};
}

/* Whether it is this value. */
static inline bool mm_dictionary_has(const struct mm_dictionary *d, size_t index,
                                     struct mm_view value)
{
    struct mm_view entry = mm_dictionary_value(d, index);
    return entry.len == value.len && mm_word_same(entry.data, value.data, value.len);
}

#endif /* MM_COLUMNAR_PARQUET_DICTIONARY_H */
