/*
 * row_chunk.c - rows as they come, in one piece of memory, and the run that they become.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/row_chunk.h"

#include <assert.h>
#include <stdlib.h>

enum {
    INSERTION_MAX = 10, /* fewer are sorted by insertion */
    RUN_PLACES = 4, /* equal words that stand together are moved together from so many a run on */
    WORDS_MAX = 16  /* texts that are equal so far are compared whole from there on */
};

struct mm_row_chunk *mm_row_chunk_new(size_t cap)
{
    cap = (cap + sizeof(struct mm_row_place) - 1) / sizeof(struct mm_row_place) *
          sizeof(struct mm_row_place);
    assert(cap <= UINT32_MAX);
    struct mm_row_chunk *chunk = malloc(sizeof *chunk + cap);
    if (chunk)
        *chunk = (struct mm_row_chunk){.cap = cap};
    return chunk;
}

static struct mm_row_place *first_place(struct mm_row_chunk *chunk)
{
    return (struct mm_row_place *)(void *)(chunk->bytes + chunk->cap) - chunk->count;
}

bool mm_row_chunk_add(struct mm_row_chunk *chunk, struct mm_view key, struct mm_view row)
{
    size_t held = chunk->used + chunk->count * sizeof(struct mm_row_place);
    if (mm_row_chunk_bytes(key.len, row.len) > chunk->cap - held)
        return false;
    char *at = chunk->bytes + chunk->used;
    struct mm_row_record_head head = {(uint32_t)key.len, (uint32_t)row.len};
    memcpy(at, &head, sizeof head);
    if (key.len)
        memcpy(at + sizeof head, key.data, key.len);
    if (row.len)
        memcpy(at + sizeof head + key.len, row.data, row.len);
    struct mm_view text = {at + sizeof head, key.len + row.len};
    chunk->count++;
    *first_place(chunk) = (struct mm_row_place){mm_row_record_word(text, 0), (uint32_t)chunk->used,
                                                (uint32_t)text.len};
    chunk->used += sizeof head + text.len;
    return true;
}

static struct mm_view text_of(const char *bytes, const struct mm_row_place *place)
{
    return (struct mm_view){bytes + place->at + sizeof(struct mm_row_record_head), place->length};
}

/*
 * Sorting looks at one word of each text, then, among those whose words are equal, at the next: a
 * text is loaded a few times in all, and what most comparisons compare is two numbers at hand.
 */
struct sorting {
    const char *bytes;          /* of the chunk */
    struct mm_row_place *spare; /* room for half of the places, and for sort_runs() */
    bool whole;                 /* compare whole texts */
};

static bool before(const struct sorting *s, const struct mm_row_place *a,
                   const struct mm_row_place *b)
{
    if (!s->whole)
        return a->word < b->word;
    return mm_view_cmp(text_of(s->bytes, a), text_of(s->bytes, b)) < 0;
}

static void insertion_sort(const struct sorting *s, struct mm_row_place *list, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct mm_row_place place = list[i];
        size_t at = i;
        for (; at > 0 && before(s, &place, &list[at - 1]); at--)
            list[at] = list[at - 1];
        list[at] = place;
    }
}

/* Words in order already, as those of one domain and day often are: all of them are equal. */
static bool is_in_order(const struct mm_row_place *list, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (list[i].word < list[i - 1].word)
            return false;
    return true;
}

/* n log n whatever strangers wrote. */
static void merge_sort(const struct sorting *s, struct mm_row_place *list, size_t count)
{
    if (count <= INSERTION_MAX) {
        insertion_sort(s, list, count);
        return;
    }
    size_t left_count = count / 2;
    merge_sort(s, list, left_count);
    merge_sort(s, list + left_count, count - left_count);
    memcpy(s->spare, list, left_count * sizeof *list);
    const struct mm_row_place *left = s->spare, *left_end = left + left_count;
    const struct mm_row_place *right = list + left_count, *right_end = list + count;
    struct mm_row_place *out = list;
    while (left < left_end && right < right_end) {
        bool from_right = before(s, right, left);
        *out++ = *(from_right ? right : left);
        right += from_right;
        left += !from_right;
    }
    memcpy(out, left, (size_t)(left_end - left) * sizeof *list);
}

size_t mm_row_chunk_spare(const struct mm_row_chunk *chunk)
{
    size_t runs = chunk->count / RUN_PLACES;
    return chunk->count + runs + runs / 2;
}

/* Rows come report by report, so that many with one word stand together: sort such runs in place of
 * their members. False where runs are too short. */
static bool sort_runs(const struct sorting *s, struct mm_row_place *list, size_t count)
{
    size_t run_max = count / RUN_PLACES, run_count = 0;
    struct mm_row_place *copy = s->spare, *runs = copy + count;
    for (size_t from = 0, to; from < count; from = to) {
        if (run_count == run_max)
            return false;
        for (to = from + 1; to < count && list[to].word == list[from].word; to++)
            ;
        runs[run_count++] =
            (struct mm_row_place){list[from].word, (uint32_t)from, (uint32_t)(to - from)};
    }
    const struct sorting of_runs = {.spare = runs + run_max};
    merge_sort(&of_runs, runs, run_count);
    memcpy(copy, list, count * sizeof *list);
    for (size_t i = 0; i < run_count; i++) {
        memcpy(list, copy + runs[i].at, runs[i].length * sizeof *list);
        list += runs[i].length;
    }
    return true;
}

static void sort_from(struct sorting *s, struct mm_row_place *list, size_t count, size_t offset);

/* `count` texts are equal up to and with the word before `offset`, and stay so in their places. */
static void sort_equal(struct sorting *s, struct mm_row_place *list, size_t count, size_t offset)
{
    uint64_t word = list[0].word;
    if (offset >= list[0].length)
        return; /* equal to the end */
    if (offset == WORDS_MAX * MM_ROW_WORD_BYTES) {
        s->whole = true;
        merge_sort(s, list, count);
        s->whole = false;
        return;
    }
    for (size_t i = 0; i < count; i++)
        list[i].word = mm_row_record_word(text_of(s->bytes, &list[i]), offset);
    sort_from(s, list, count, offset);
    for (size_t i = 0; i < count; i++)
        list[i].word = word;
}

/* The places' words are those at `offset`; texts are equal before it. */
static void sort_from(struct sorting *s, struct mm_row_place *list, size_t count, size_t offset)
{
    if (!is_in_order(list, count) && !sort_runs(s, list, count))
        merge_sort(s, list, count);
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && list[to].word == list[from].word; to++)
            ;
        if (to - from > 1)
            sort_equal(s, list + from, to - from, offset + MM_ROW_WORD_BYTES);
    }
}

/* ---- in order ---- */

static void append_item(struct mm_row_block *block, const char *record, size_t text_bytes,
                        size_t agrees)
{
    uint32_t stored = (uint32_t)agrees;
    char *at = block->bytes + block->len;
    size_t record_bytes = sizeof(struct mm_row_record_head) + text_bytes;
    memcpy(at, &stored, sizeof stored);
    memcpy(at + sizeof stored, record, record_bytes);
    block->len += sizeof stored + record_bytes;
}

struct mm_row_block *mm_row_chunk_to_block(struct mm_row_chunk *chunk, struct mm_row_place *spare)
{
    struct sorting sorting = {.bytes = chunk->bytes, .spare = spare};
    struct mm_row_place *places = first_place(chunk);
    sort_from(&sorting, places, chunk->count, 0);
    struct mm_row_block *block = malloc(mm_row_block_bytes(chunk));
    if (!block)
        return NULL;
    *block = (struct mm_row_block){.len = 0};
    struct mm_view last = {chunk->bytes, 0};
    for (size_t i = 0; i < chunk->count; i++) {
        struct mm_view text = text_of(chunk->bytes, &places[i]);
        append_item(block, chunk->bytes + places[i].at, text.len,
                    mm_row_record_agreement(last, text, 0));
        last = text;
    }
    chunk->used = chunk->count = 0;
    return block;
}
