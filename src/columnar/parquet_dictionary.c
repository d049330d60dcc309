/*
 * parquet_dictionary.c - the distinct values of one column in a row group, in order of appearance.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_dictionary.h"

#include <stdlib.h>
#include <sys/random.h>

#include "columnar/parquet_bits.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { FIRST_SLOTS = 64, LENGTH_BYTES = 4 };

void mm_dictionary_init(struct mm_dictionary *d, bool with_lengths)
{
    *d = (struct mm_dictionary){.with_lengths = with_lengths};
    mm_buf_init(&d->plain, UINT32_MAX);
    mm_buf_init(&d->entries, SIZE_MAX);
    /* Without entropy collisions can be made, which cost time and change nothing. */
    if (getrandom(&d->seed, sizeof d->seed, GRND_NONBLOCK) != (ssize_t)sizeof d->seed)
        d->seed = (uintptr_t)d;
}

void mm_dictionary_deinit(struct mm_dictionary *d)
{
    mm_buf_deinit(&d->plain);
    mm_buf_deinit(&d->entries);
    free(d->slots);
    *d = (struct mm_dictionary){.slots = NULL};
}

void mm_dictionary_clear(struct mm_dictionary *d)
{
    mm_buf_clear(&d->plain);
    mm_buf_clear(&d->entries);
    if (d->count)
        memset(d->slots, 0, d->slot_count * sizeof *d->slots);
    d->count = 0;
}

static struct mm_dictionary_entry entry_at(const struct mm_dictionary *d, size_t index)
{
    struct mm_dictionary_entry entry;
    memcpy(&entry, d->entries.data + index * sizeof entry, sizeof entry);
    return entry;
}

/* At most half of the slots are taken. */
static bool grow(struct mm_dictionary *d)
{
    size_t count = d->slot_count ? d->slot_count * 2 : FIRST_SLOTS;
    uint32_t *slots = calloc(count, sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i < d->count; i++) {
        size_t slot = entry_at(d, i).hash & (count - 1);
        while (slots[slot])
            slot = (slot + 1) & (count - 1);
        slots[slot] = (uint32_t)i + 1;
    }
    free(d->slots);
    d->slots = slots;
    d->slot_count = count;
    return true;
}

static enum mm_status add(struct mm_dictionary *d, struct mm_view value, uint32_t hash)
{
    if (d->with_lengths)
        mm_bits_bytes(&d->plain, value.len, LENGTH_BYTES);
    struct mm_dictionary_entry entry = {hash, (uint32_t)value.len, (uint32_t)d->plain.len};
    mm_buf_append(&d->plain, value);
    mm_buf_append(&d->entries, (struct mm_view){(const char *)&entry, sizeof entry});
    if (d->plain.failed || d->entries.failed)
        return MM_E_NOMEM;
    d->count++;
    return MM_OK;
}

enum mm_status mm_dictionary_index(struct mm_dictionary *d, struct mm_view value, uint32_t *index)
{
    if (d->count * 2 >= d->slot_count && !grow(d))
        return MM_E_NOMEM;
    uint32_t hash = (uint32_t)XXH3_64bits_withSeed(value.data, value.len, d->seed);
    size_t slot = hash & (d->slot_count - 1);
    for (; d->slots[slot]; slot = (slot + 1) & (d->slot_count - 1)) {
        *index = d->slots[slot] - 1;
        if (entry_at(d, *index).hash == hash && mm_view_eq(mm_dictionary_value(d, *index), value))
            return MM_OK;
    }
    *index = (uint32_t)d->count;
    d->slots[slot] = *index + 1;
    return add(d, value, hash);
}
