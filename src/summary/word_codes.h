/*
 * word_codes.h - a number for each text of a scan, the same in all threads.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Rows are grouped by numbers: a text is looked up once for each dictionary that it is in, not once
 * a row. Numbers depend on who came first, so nothing that is shown may.
 */
#ifndef MM_SUMMARY_WORD_CODES_H
#define MM_SUMMARY_WORD_CODES_H

#include <pthread.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/map.h"

enum { MM_WORD_NONE = 0 }; /* the code of an absent value; texts have others */

struct mm_word_codes {
    pthread_mutex_t lock;
    struct mm_map map;
    struct mm_arena texts;
    char *free_at; /* of a piece of the arena, whose own pieces are much larger than a word */
    size_t free_bytes;
    size_t max_bytes;
};

/* max_bytes: most that texts and tables may take together. */
void mm_word_codes_init(struct mm_word_codes *words, size_t max_bytes);
void mm_word_codes_deinit(struct mm_word_codes *words);
/*
 * The codes of `count` texts, which are copied where they are new. For any thread. False where
 * there is no more room.
 */
bool mm_word_codes_of(struct mm_word_codes *words, const struct mm_view *texts, size_t count,
                      uint32_t *codes) MM_MUST_CHECK;
/* The text of a code; no data for MM_WORD_NONE. Not while others add. */
struct mm_view mm_word_text(const struct mm_word_codes *words, uint32_t code);

#endif /* MM_SUMMARY_WORD_CODES_H */
