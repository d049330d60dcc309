/*
 * value_hash.h - XXH3-64 of a sequence of values, to find the same report again.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Values are gathered in a small buffer, each with its length, so that no two sequences look alike.
 */
#ifndef MM_REPORT_VALUE_HASH_H
#define MM_REPORT_VALUE_HASH_H

#include "base/view.h"
#include "base/word.h"
#include "base/xxh3.h"

enum { MM_VALUE_HASH_BYTES = 2048 };

struct mm_value_hash {
    XXH64_hash_t so_far; /* of what has left the buffer */
    size_t len;
    char buffer[MM_VALUE_HASH_BYTES];
};

void mm_value_hash_init(struct mm_value_hash *h);
void mm_value_hash_bytes(struct mm_value_hash *h, const void *bytes, size_t len); /* private */

/* In line, since a record has some thirty of them. */
static inline void mm_value_hash_int(struct mm_value_hash *h, int64_t value)
{
    char bytes[MM_WORD_BYTES];
    mm_word_store(bytes, (uint64_t)value);
    if (sizeof bytes <= sizeof h->buffer - h->len) {
        memcpy(h->buffer + h->len, bytes, sizeof bytes);
        h->len += sizeof bytes;
    } else {
        mm_value_hash_bytes(h, bytes, sizeof bytes);
    }
}

/* Absent and empty texts differ. */
static inline void mm_value_hash_text(struct mm_value_hash *h, struct mm_view text)
{
    enum { SHORT = 2 * MM_WORD_BYTES };
    mm_value_hash_int(h, text.data ? (int64_t)text.len : -1);
    if (text.len == 0)
        return;
    if (text.len > SHORT || sizeof h->buffer - h->len < SHORT) {
        mm_value_hash_bytes(h, text.data, text.len);
        return;
    }
    size_t first = text.len < MM_WORD_BYTES ? text.len : MM_WORD_BYTES;
    mm_word_store(h->buffer + h->len, mm_word_load_part(text.data, first));
    mm_word_store(h->buffer + h->len + first,
                  mm_word_load_part(text.data + first, text.len - first));
    h->len += text.len;
}

uint64_t mm_value_hash_result(struct mm_value_hash *h);

#endif /* MM_REPORT_VALUE_HASH_H */
