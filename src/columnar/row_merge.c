/*
 * row_merge.c - the rows of one table, of all workers, one after another in their order.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Inputs are the leaves of a tree of losers: each inner node keeps the input that lost the match
 * there, so that the next winner costs one match a level, with those it could have lost to. Each
 * input knows where its text first differs from that of the winner it lost to, and its word there.
 * All who meet have lost to the same one: whoever agrees with it for longer comes first, and where
 * that is equal the words decide. Only where they are equal too are texts looked at, from there on.
 * Sources: Knuth, The Art of Computer Programming, volume 3, section 5.4.1; Do and Graefe, "Robust
 * and efficient sorting with offset-value coding", 2023.
 */
#include "columnar/row_merge.h"

#include <assert.h>
#include <stdlib.h>

/* A block or a spilled run, and its record at hand. */
struct input {
    struct mm_view text; /* no data: past the last */
    size_t agrees;       /* bytes that it has in common with the winner before it, whole words */
    uint64_t word;       /* that comes then */
    const char *record;
    const char *at, *end; /* of the next item of a block; NULL: a spilled run */
    struct mm_row_run_reader run;
};

struct mm_row_merge {
    struct mm_row_runs_taken *taken; /* one a worker */
    size_t taken_count;
    struct mm_row_spill *passes; /* runs of runs, where there were too many */
    struct mm_row_unpacker *unpacker;
    struct input *inputs;
    size_t input_count;
    size_t *losers; /* node 1 is the root; [0] is the winner of all */
    bool begun;     /* the winner's record was given out */
};

void mm_row_merge_free(struct mm_row_merge **at)
{
    struct mm_row_merge *merge = *at;
    if (!merge)
        return;
    for (size_t i = 0; i < merge->input_count; i++)
        mm_row_run_reader_deinit(&merge->inputs[i].run);
    free(merge->inputs);
    free(merge->losers);
    for (size_t i = 0; i < merge->taken_count; i++)
        mm_row_runs_taken_deinit(&merge->taken[i]);
    free(merge->taken);
    mm_row_unpacker_free(&merge->unpacker);
    mm_row_spill_free(&merge->passes);
    free(merge);
    *at = NULL;
}

size_t mm_row_merge_held_bytes(const struct mm_row_merge *merge)
{
    size_t bytes = 0;
    for (size_t i = 0; i < merge->input_count; i++)
        bytes += merge->inputs[i].run.block.cap;
    return bytes;
}

/* ---- one input ---- */

/* The input's next record agrees so far with the winner before it. */
static void set_agreement(struct input *in, size_t agrees)
{
    in->agrees = agrees;
    in->word = mm_row_record_word(in->text, agrees);
}

static enum mm_status take_item(struct mm_row_merge *merge, struct input *in,
                                struct mm_row_item *item, struct mm_error *err)
{
    if (!in->at)
        return mm_row_run_reader_next(&in->run, merge->unpacker, item, err);
    if (in->at == in->end)
        return MM_END;
    *item = mm_row_item_take(&in->at);
    return MM_OK;
}

/* The record before this one in its run was the last winner: what it agrees with. */
static enum mm_status step(struct mm_row_merge *merge, struct input *in, struct mm_error *err)
{
    struct mm_row_item item;
    enum mm_status status = take_item(merge, in, &item, err);
    in->text = (struct mm_view){NULL, 0};
    if (status != MM_OK)
        return status < 0 ? status : MM_OK;
    in->record = item.record;
    in->text = mm_row_record_text(item.record);
    set_agreement(in, item.agrees);
    return MM_OK;
}

/* Whether `a` comes first. Both have lost to the same winner (or there was none yet); the one that
 * comes second has now lost to the other. */
static bool meet(struct input *a, struct input *b)
{
    if (!a->text.data || !b->text.data)
        return a->text.data != NULL;
    if (a->agrees != b->agrees)
        return a->agrees > b->agrees;
    if (a->word != b->word)
        return a->word < b->word;
    if (a->agrees >= a->text.len)
        return true; /* equal to the winner, and to each other */
    size_t agrees = mm_row_record_agreement(a->text, b->text, a->agrees + MM_ROW_WORD_BYTES);
    bool a_first = mm_row_record_word(a->text, agrees) <= mm_row_record_word(b->text, agrees);
    set_agreement(a_first ? b : a, agrees);
    return a_first;
}

/* ---- the tree ---- */

/* Let all inputs below a node play; the node keeps the loser. Returns the winner. */
static size_t play(struct mm_row_merge *merge, size_t node)
{
    if (node >= merge->input_count)
        return node - merge->input_count;
    size_t left = play(merge, 2 * node), right = play(merge, 2 * node + 1);
    bool left_wins = meet(&merge->inputs[left], &merge->inputs[right]);
    merge->losers[node] = left_wins ? right : left;
    return left_wins ? left : right;
}

/* The winner has another record: let it play again, from its leaf up. */
static void replay(struct mm_row_merge *merge)
{
    size_t winner = merge->losers[0];
    for (size_t node = (winner + merge->input_count) / 2; node >= 1; node /= 2)
        if (!meet(&merge->inputs[winner], &merge->inputs[merge->losers[node]])) {
            size_t loser = winner;
            winner = merge->losers[node];
            merge->losers[node] = loser;
        }
    merge->losers[0] = winner;
}

/* ---- beginning ---- */

static struct mm_row_merge *merge_new(size_t input_max, struct mm_error *err)
{
    struct mm_row_merge *merge = calloc(1, sizeof *merge);
    if (merge) {
        merge->inputs = calloc(input_max ? input_max : 1, sizeof *merge->inputs);
        merge->losers = calloc(input_max ? input_max : 1, sizeof *merge->losers);
    }
    if (!merge || !merge->inputs || !merge->losers) {
        mm_row_merge_free(&merge);
        (void)mm_fail(err, MM_E_NOMEM, "no memory to merge %zu runs of rows", input_max);
    }
    return merge;
}

static void add_blocks(struct mm_row_merge *merge, const struct mm_row_block *block)
{
    for (; block; block = block->next)
        merge->inputs[merge->input_count++] =
            (struct input){.at = block->bytes, .end = block->bytes + block->len};
}

static enum mm_status add_runs(struct mm_row_merge *merge, const struct mm_row_run *runs,
                               size_t count, struct mm_error *err)
{
    if (count && !merge->unpacker && !(merge->unpacker = mm_row_unpacker_new()))
        return mm_fail(err, MM_E_NOMEM, "no memory to merge %zu runs of rows", count);
    for (size_t i = 0; i < count; i++)
        mm_row_run_reader_init(&merge->inputs[merge->input_count++].run, runs[i]);
    return MM_OK;
}

/* All inputs are there. */
static enum mm_status begin(struct mm_row_merge *merge, struct mm_error *err)
{
    for (size_t i = 0; i < merge->input_count; i++)
        MM_TRY(step(merge, &merge->inputs[i], err));
    if (merge->input_count)
        merge->losers[0] = play(merge, 1);
    return MM_OK;
}

/* MM_OK: the winner has the record. */
static enum mm_status next_winner(struct mm_row_merge *merge, struct mm_error *err)
{
    if (merge->input_count == 0)
        return MM_END;
    struct input *winner = &merge->inputs[merge->losers[0]];
    if (merge->begun && winner->text.data) {
        MM_TRY(step(merge, winner, err));
        replay(merge);
    }
    merge->begun = true;
    return merge->inputs[merge->losers[0]].text.data ? MM_OK : MM_END;
}

enum mm_status mm_row_merge_next(struct mm_row_merge *merge, struct mm_view *row,
                                 struct mm_error *err)
{
    enum mm_status status = next_winner(merge, err);
    if (status == MM_OK)
        *row = mm_row_record_row(merge->inputs[merge->losers[0]].record);
    return status;
}

/* ---- runs of runs ---- */

enum mm_status mm_row_merge_to_run(struct mm_row_merge *merge, struct mm_row_spill *spill,
                                   struct mm_row_run *run, struct mm_error *err)
{
    enum mm_status status;
    MM_TRY(mm_row_spill_begin(spill, err));
    while ((status = next_winner(merge, err)) == MM_OK) {
        const struct input *winner = &merge->inputs[merge->losers[0]];
        struct mm_row_item item = {winner->record, winner->agrees};
        MM_TRY(mm_row_spill_put(spill, &item, err));
    }
    MM_TRY(status);
    return mm_row_spill_end(spill, run, err);
}

static enum mm_status merge_runs(const struct mm_row_run *runs, size_t count,
                                 struct mm_row_spill *spill, struct mm_row_run *run,
                                 struct mm_error *err)
{
    struct mm_row_merge *merge = merge_new(count, err);
    if (!merge)
        return MM_E_NOMEM;
    enum mm_status status = add_runs(merge, runs, count, err);
    if (status == MM_OK)
        status = begin(merge, err);
    if (status == MM_OK)
        status = mm_row_merge_to_run(merge, spill, run, err);
    mm_row_merge_free(&merge);
    return status;
}

/* Runs that are yet to be merged, and what their blocks may take. */
struct run_list {
    struct mm_row_run *runs; /* [count] of room for twice as many as there are at first */
    size_t from, count;      /* those before `from` are merged */
    size_t room_bytes;
};

/* How many of the next can be read at once. Two can, however long their rows: else there would be
 * no end. */
static size_t fitting_runs(const struct run_list *list)
{
    size_t count = 0, bytes = 0;
    for (size_t i = list->from; i < list->count && count < MM_ROW_MERGE_RUNS_MAX; i++, count++) {
        bytes += list->runs[i].block_bytes;
        if (count >= 2 && bytes > list->room_bytes)
            break;
    }
    return count;
}

/*
 * Merge the first runs into one, which goes to the end, until few enough are left. The first pass
 * takes so many that all later ones take MM_ROW_MERGE_RUNS_MAX, where memory has room for these: no
 * row is written more often than it must.
 */
static enum mm_status merge_in_passes(struct mm_row_merge *merge, struct run_list *list,
                                      struct mm_error *err)
{
    enum { FEWER_BY = MM_ROW_MERGE_RUNS_MAX - 1 };
    size_t fit, pass = MM_ROW_MERGE_RUNS_MAX;
    if (list->count > MM_ROW_MERGE_RUNS_MAX && (list->count - 1) % FEWER_BY != 0)
        pass = (list->count - 1) % FEWER_BY + 1;
    while ((fit = fitting_runs(list)) < list->count - list->from) {
        size_t taken = pass < fit ? pass : fit;
        MM_TRY(merge_runs(list->runs + list->from, taken, merge->passes, &list->runs[list->count],
                          err));
        list->from += taken;
        list->count++;
        pass = MM_ROW_MERGE_RUNS_MAX;
    }
    return MM_OK;
}

/* Those with short rows first: they are many, and are merged many at once. Whatever the order, the
 * rows come out the same. */
static int compare_blocks(const void *a, const void *b)
{
    const struct mm_row_run *left = a, *right = b;
    return (left->block_bytes > right->block_bytes) - (left->block_bytes < right->block_bytes);
}

static enum mm_status add_spilled(struct mm_row_merge *merge, const char *folder, size_t run_count,
                                  size_t room_bytes, struct mm_error *err)
{
    enum mm_status status = MM_OK;
    struct run_list list = {.room_bytes = room_bytes};
    list.runs = malloc((2 * run_count + 1) * sizeof *list.runs);
    if (!list.runs)
        return mm_fail(err, MM_E_NOMEM, "no memory to merge %zu runs of rows", run_count);
    for (size_t i = 0; i < merge->taken_count; i++)
        for (size_t k = 0; k < merge->taken[i].spilled_count; k++)
            list.runs[list.count++] = merge->taken[i].spilled[k];
    qsort(list.runs, list.count, sizeof *list.runs, compare_blocks);
    if (fitting_runs(&list) < list.count) {
        merge->passes = mm_row_spill_new(folder, NULL);
        status = merge->passes ? merge_in_passes(merge, &list, err)
                               : mm_fail(err, MM_E_NOMEM, "no memory to merge runs of rows");
    }
    if (status == MM_OK)
        status = add_runs(merge, list.runs + list.from, list.count - list.from, err);
    free(list.runs);
    return status;
}

/* ---- from the workers ---- */

static size_t count_blocks(const struct mm_row_block *block)
{
    size_t count = 0;
    for (; block; block = block->next)
        count++;
    return count;
}

enum mm_status mm_row_merge_blocks(const struct mm_row_block *blocks, struct mm_row_merge **merge,
                                   struct mm_error *err)
{
    *merge = merge_new(count_blocks(blocks), err);
    if (!*merge)
        return MM_E_NOMEM;
    add_blocks(*merge, blocks);
    return begin(*merge, err);
}

/* What was taken becomes inputs of `merge`, which owns it. */
static enum mm_status add_taken(struct mm_row_merge *merge, const char *folder, size_t run_count,
                                size_t room_bytes, struct mm_error *err)
{
    for (size_t i = 0; i < merge->taken_count; i++)
        add_blocks(merge, merge->taken[i].blocks);
    MM_TRY(add_spilled(merge, folder, run_count, room_bytes, err));
    return begin(merge, err);
}

/* Before anything is taken: its blocks stay in memory. Blocks of usual rows always have room. */
static size_t room_for_runs(struct mm_row_runs *const *workers, size_t worker_count)
{
    enum { LEAST = MM_ROW_MERGE_RUNS_MAX * MM_ROW_BLOCK_BYTES };
    size_t bytes = 0;
    for (size_t i = 0; i < worker_count; i++)
        bytes += mm_row_runs_merge_bytes(workers[i]);
    return bytes > LEAST ? bytes : LEAST;
}

enum mm_status mm_row_merge_new(struct mm_row_runs *const *workers, size_t worker_count,
                                size_t table, struct mm_row_merge **out, struct mm_error *err)
{
    enum mm_status status = MM_OK;
    size_t block_count = 0, run_count = 0, taken_count = 0;
    size_t room_bytes = room_for_runs(workers, worker_count);
    struct mm_row_merge *merge = NULL;
    *out = NULL;
    assert(worker_count > 0);
    struct mm_row_runs_taken *taken = calloc(worker_count, sizeof *taken);
    if (!taken)
        return mm_fail(err, MM_E_NOMEM, "no memory to merge runs of rows");
    for (; taken_count < worker_count && status == MM_OK; taken_count++) {
        status = mm_row_runs_take(workers[taken_count], table, &taken[taken_count], err);
        block_count += count_blocks(taken[taken_count].blocks);
        run_count += taken[taken_count].spilled_count;
    }
    if (status == MM_OK)
        merge = merge_new(block_count + run_count, err);
    if (!merge) {
        for (size_t i = 0; i < taken_count; i++)
            mm_row_runs_taken_deinit(&taken[i]);
        free(taken);
        return status < 0 ? status : MM_E_NOMEM;
    }
    merge->taken = taken;
    merge->taken_count = taken_count;
    status = add_taken(merge, mm_row_runs_folder(workers[0]), run_count, room_bytes, err);
    if (status < 0)
        mm_row_merge_free(&merge);
    *out = merge;
    return status;
}
