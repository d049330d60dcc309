/*
 * value_hash.h - XXH3-64 of a sequence of values, to find the same report again.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Values are gathered in a small buffer, each with its length, so that no two sequences look alike.
 */
#ifndef MM_REPORT_VALUE_HASH_H
#define MM_REPORT_VALUE_HASH_H

#include <xxhash.h>

#include "base/view.h"

enum { MM_VALUE_HASH_BYTES = 2048 };

struct mm_value_hash {
    XXH64_hash_t so_far; /* of what has left the buffer */
    size_t len;
    char buffer[MM_VALUE_HASH_BYTES];
};

void mm_value_hash_init(struct mm_value_hash *h);
void mm_value_hash_int(struct mm_value_hash *h, int64_t value);
/* Absent and empty texts differ. */
void mm_value_hash_text(struct mm_value_hash *h, struct mm_view text);
uint64_t mm_value_hash_result(struct mm_value_hash *h);

#endif /* MM_REPORT_VALUE_HASH_H */
