/*
 * parquet_read_levels.c - lists put together out of the levels of a page.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_read_levels.h"

#include "base/word.h"

/*
 * A word of levels. False, with nothing done, but for what is most frequent: as many lists, each of
 * one element, or each of none.
 */
static bool place_word(struct mm_level_lists *l, uint64_t repetition, uint64_t definition)
{
    bool single = definition != 0;
    if (repetition != 0 || (single && mm_word_equal(definition, 0) != 0) ||
        l->rows - l->row < MM_WORD_BYTES)
        return false;
    for (uint32_t i = 0; i < MM_WORD_BYTES; i++)
        l->offsets[l->row + i] = (uint32_t)l->slots + (single ? i : 0);
    l->row += MM_WORD_BYTES;
    l->open = single;
    if (single) {
        uint64_t nulls = mm_word_equal(definition, (char)l->max) >> 7 ^ MM_WORD_OF(1);
        mm_word_store((char *)l->nulls + l->slots, nulls);
        l->slots += MM_WORD_BYTES;
        l->absent += nulls * MM_WORD_OF(1) >> 56; /* their sum */
    }
    return true;
}

/* One level; false where it makes no list. */
static bool place_level(struct mm_level_lists *l, unsigned repetition, unsigned definition)
{
    bool begins = repetition == 0, element = definition > 0;
    if (begins ? l->row == l->rows : !(l->open && element))
        return false;
    if (begins)
        l->offsets[l->row++] = (uint32_t)l->slots;
    if (element)
        l->absent += l->nulls[l->slots++] = definition < l->max;
    l->open = element;
    return true;
}

bool mm_level_lists_place(struct mm_level_lists *lists, const char *repetition,
                          const char *definition, size_t count)
{
    struct mm_level_lists l = *lists; /* which no byte that is written can change */
    bool good = true;
    for (size_t i = 0; i < count && good;) {
        if (count - i >= MM_WORD_BYTES &&
            place_word(&l, mm_word_load(repetition + i), mm_word_load(definition + i))) {
            i += MM_WORD_BYTES;
            continue;
        }
        good = place_level(&l, (unsigned char)repetition[i], (unsigned char)definition[i]);
        i++;
    }
    l.offsets[l.row] = (uint32_t)l.slots;
    *lists = l;
    return good && l.row == l.rows;
}
