/*
 * row_record.h - a row with its sort key, as it lies in memory and in a run on disk.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Two 32-bit lengths, of key and row, then both. In a run, 32 bits before them say how many bytes
 * of the text agree with the text before it, in whole words. Records of one table stand in the
 * order of key and row as one text. No text is the beginning of another: the key is not, and a row
 * says its lengths before what they are of. So two texts are equal where all words of one are those
 * of the other.
 */
#ifndef MM_COLUMNAR_ROW_RECORD_H
#define MM_COLUMNAR_ROW_RECORD_H

#include "base/word.h"
#include "columnar/row_key.h"

struct mm_row_record_head {
    uint32_t key_bytes, row_bytes;
};

enum {
    MM_ROW_RECORD_BYTES_MAX =
        sizeof(struct mm_row_record_head) + MM_ROW_KEY_BYTES_MAX + MM_ROW_BYTES_MAX
};

/* Key and row of the record at `at`. */
static inline struct mm_view mm_row_record_text(const char *at)
{
    struct mm_row_record_head head;
    memcpy(&head, at, sizeof head);
    return (struct mm_view){at + sizeof head, (size_t)head.key_bytes + head.row_bytes};
}

static inline struct mm_view mm_row_record_row(const char *at)
{
    struct mm_row_record_head head;
    memcpy(&head, at, sizeof head);
    return (struct mm_view){at + sizeof head + head.key_bytes, head.row_bytes};
}

enum { MM_ROW_WORD_BYTES = 8 };

/* A record of a run, and how far it agrees with the one before it (0: there is none). */
struct mm_row_item {
    const char *record;
    size_t agrees;
};

enum { MM_ROW_AGREES_BYTES = sizeof(uint32_t) };

/* The item at *at, which moves behind it. */
static inline struct mm_row_item mm_row_item_take(const char **at)
{
    uint32_t agrees;
    memcpy(&agrees, *at, sizeof agrees);
    struct mm_row_item item = {*at + sizeof agrees, agrees};
    struct mm_view text = mm_row_record_text(item.record);
    *at = text.data + text.len;
    return item;
}

/* Eight bytes of a text as a number of the same order; zeros stand for those past its end. */
static inline uint64_t mm_row_record_word(struct mm_view text, size_t offset)
{
    uint64_t word = 0;
    size_t left = offset < text.len ? text.len - offset : 0;
    if (left >= sizeof word)
        memcpy(&word, text.data + offset, sizeof word);
    else if (left)
        memcpy(&word, text.data + offset, left);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* How far two texts agree from `offset` on, in whole words; a length or more where all is equal. */
static inline size_t mm_row_record_agreement(struct mm_view a, struct mm_view b, size_t offset)
{
    size_t least = a.len < b.len ? a.len : b.len;
    for (; offset + MM_ROW_WORD_BYTES <= least; offset += MM_ROW_WORD_BYTES)
        if (mm_word_load(a.data + offset) != mm_word_load(b.data + offset))
            return offset;
    while (offset < least && mm_row_record_word(a, offset) == mm_row_record_word(b, offset))
        offset += MM_ROW_WORD_BYTES;
    return offset;
}

#endif /* MM_COLUMNAR_ROW_RECORD_H */
