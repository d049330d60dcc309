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

void mm_dictionary_init(struct mm_dictionary *d, size_t fixed_bytes)
{
    *d = (struct mm_dictionary){.fixed_bytes = fixed_bytes};
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

static size_t next_slot(const struct mm_dictionary *d, size_t slot)
{
    return (slot + 1) & (d->slot_count - 1);
}

/* At most half of the slots are taken. */
static bool grow(struct mm_dictionary *d)
{
    const struct mm_dictionary old = *d;
    size_t count = old.slot_count ? old.slot_count * 2 : FIRST_SLOTS;
    struct mm_dictionary_slot *slots = calloc(count, sizeof *slots);
    if (!slots)
        return false;
    d->slots = slots;
    d->slot_count = count;
    for (size_t i = 0; i < old.slot_count; i++) {
        size_t slot = old.slots[i].hash & (count - 1);
        if (!old.slots[i].entry)
            continue;
        while (slots[slot].entry)
            slot = next_slot(d, slot);
        slots[slot] = old.slots[i];
    }
    free(old.slots);
    return true;
}

static enum mm_status add(struct mm_dictionary *d, struct mm_view value)
{
    if (!d->fixed_bytes) {
        mm_bits_bytes(&d->plain, value.len, LENGTH_BYTES);
        struct mm_dictionary_entry entry = {(uint32_t)d->plain.len, (uint32_t)value.len};
        mm_buf_append(&d->entries, (struct mm_view){(const char *)&entry, sizeof entry});
    }
    mm_buf_append(&d->plain, value);
    if (d->plain.failed || d->entries.failed)
        return MM_E_NOMEM;
    d->count++;
    return MM_OK;
}

uint32_t mm_dictionary_hash(const struct mm_dictionary *d, struct mm_view value)
{
    uint32_t hash = (uint32_t)XXH3_64bits_withSeed(value.data, value.len, d->seed);
    if (d->slot_count)
        __builtin_prefetch(&d->slots[hash & (d->slot_count - 1)]);
    return hash;
}

enum mm_status mm_dictionary_index(struct mm_dictionary *d, struct mm_view value, uint32_t hash,
                                   uint32_t *index)
{
    if (d->count * 2 >= d->slot_count && !grow(d))
        return MM_E_NOMEM;
    size_t slot = hash & (d->slot_count - 1);
    for (; d->slots[slot].entry; slot = next_slot(d, slot)) {
        *index = d->slots[slot].entry - 1;
        if (d->slots[slot].hash == hash && mm_dictionary_has(d, *index, value))
            return MM_OK;
    }
    *index = (uint32_t)d->count;
    d->slots[slot] = (struct mm_dictionary_slot){hash, *index + 1};
    return add(d, value);
}
