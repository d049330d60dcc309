/*
 * word_codes.c - a number for each text of a scan, the same in all threads.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "summary/word_codes.h"

#include "base/view.h"

enum {
    TABLE_BYTES = 40, /* of a text in the map: its entry, and slots that are half full */
    PIECE_BYTES = 64 * 1024
};

void mm_word_codes_init(struct mm_word_codes *words, size_t max_bytes)
{
    *words = (struct mm_word_codes){.max_bytes = max_bytes};
    pthread_mutex_init(&words->lock, NULL);
    mm_arena_init(&words->texts, max_bytes);
}

void mm_word_codes_deinit(struct mm_word_codes *words)
{
    mm_map_deinit(&words->map);
    mm_arena_deinit(&words->texts);
    pthread_mutex_destroy(&words->lock);
}

static bool copy_text(struct mm_word_codes *words, struct mm_view text, struct mm_view *copy)
{
    if (text.len > words->free_bytes || !words->free_at) {
        size_t bytes = text.len > PIECE_BYTES ? text.len : PIECE_BYTES;
        if (!(words->free_at = mm_arena_alloc(&words->texts, bytes)))
            return false;
        words->free_bytes = bytes;
    }
    if (text.len)
        memcpy(words->free_at, text.data, text.len);
    *copy = (struct mm_view){words->free_at, text.len};
    words->free_at += text.len;
    words->free_bytes -= text.len;
    return true;
}

static bool add_text(struct mm_word_codes *words, struct mm_view text, uint32_t *code)
{
    size_t held = words->texts.used_bytes + words->map.count * TABLE_BYTES;
    struct mm_view copy;
    if (words->map.count == UINT32_MAX - 1 || held > words->max_bytes ||
        !copy_text(words, text, &copy))
        return false;
    *code = (uint32_t)words->map.count + 1;
    return mm_map_put(&words->map, copy, *code) == MM_OK;
}

bool mm_word_codes_of(struct mm_word_codes *words, const struct mm_view *texts, size_t count,
                      uint32_t *codes)
{
    bool good = true;
    pthread_mutex_lock(&words->lock);
    for (size_t i = 0; good && i < count; i++)
        good = mm_map_get(&words->map, texts[i], &codes[i]) || add_text(words, texts[i], &codes[i]);
    pthread_mutex_unlock(&words->lock);
    return good;
}

struct mm_view mm_word_text(const struct mm_word_codes *words, uint32_t code)
{
    return code == MM_WORD_NONE ? (struct mm_view){NULL, 0} : mm_map_key(&words->map, code - 1);
}
