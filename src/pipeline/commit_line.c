/*
 * commit_line.c - results of batches take effect in input order.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/commit_line.h"

#include <stdlib.h>

enum {
    /* A batch that lags holds up this many others at most. */
    WINDOW_A_THREAD = 8,
    WINDOW_MORE = 8,
    OUT_MAX_BYTES = 1024 * 1024 * 1024, /* flushed far earlier; a backstop */
    NOTES_MAX_BYTES = 64 * 1024 * 1024
};

enum mm_status mm_commit_line_init(struct mm_commit_line *line, uint32_t threads,
                                   size_t output_bytes,
                                   enum mm_status (*apply)(void *, struct mm_commit *),
                                   void *context)
{
    *line = (struct mm_commit_line){.window = WINDOW_A_THREAD * threads + WINDOW_MORE,
                                    .output_bytes = output_bytes,
                                    .ready_max_bytes = threads * output_bytes,
                                    .apply = apply,
                                    .context = context,
                                    .dropped_from = UINT64_MAX};
    if (pthread_mutex_init(&line->lock, NULL) != 0 || pthread_cond_init(&line->moved, NULL) != 0)
        return MM_E_NOMEM;
    return MM_OK;
}

static void free_list(struct mm_commit *c)
{
    while (c) {
        struct mm_commit *next = c->next;
        mm_buf_deinit(&c->out);
        mm_buf_deinit(&c->notes_text);
        free(c->notes);
        free(c);
        c = next;
    }
}

void mm_commit_line_deinit(struct mm_commit_line *line)
{
    free_list(line->ready);
    free_list(line->free);
    pthread_cond_destroy(&line->moved);
    pthread_mutex_destroy(&line->lock);
}

static void empty(struct mm_commit *c)
{
    mm_buf_clear(&c->out);
    mm_buf_clear(&c->notes_text);
    c->note_count = 0;
    c->tally = (struct mm_tally){.bytes = 0};
}

static size_t memory_of(const struct mm_commit *c)
{
    return c->out.cap + c->notes_text.cap;
}

/* Keep it for the next batch, its memory only where not too much of it is kept already. Lock held.
 */
static void recycle(struct mm_commit_line *line, struct mm_commit *c)
{
    if (line->free_bytes + memory_of(c) > line->ready_max_bytes) {
        mm_buf_deinit(&c->out);
        mm_buf_deinit(&c->notes_text);
    }
    line->free_bytes += memory_of(c);
    c->next = line->free;
    line->free = c;
}

struct mm_commit *mm_commit_begin(struct mm_commit_line *line, uint64_t seq)
{
    pthread_mutex_lock(&line->lock);
    struct mm_commit *c = line->free;
    if (c) {
        line->free = c->next;
        line->free_bytes -= memory_of(c);
    }
    pthread_mutex_unlock(&line->lock);
    if (!c) {
        c = calloc(1, sizeof *c);
        if (!c)
            return NULL;
        mm_buf_init(&c->out, OUT_MAX_BYTES);
        mm_buf_init(&c->notes_text, NOTES_MAX_BYTES);
    }
    c->seq = seq;
    c->whole = false;
    c->next = NULL;
    empty(c);
    return c;
}

static bool note_reject(struct mm_commit *c, const struct mm_item *item)
{
    if (c->note_count == c->note_cap) {
        uint32_t cap = c->note_cap ? c->note_cap * 2 : 16;
        struct mm_reject_note *grown = realloc(c->notes, cap * sizeof *grown);
        if (!grown)
            return false;
        c->notes = grown;
        c->note_cap = cap;
    }
    struct mm_reject_note note = {.slug = item->slug,
                                  .offset = item->offset,
                                  .message_at = (uint32_t)c->notes_text.len,
                                  .message_len = (uint32_t)item->message.len};
    mm_buf_append(&c->notes_text, item->message);
    note.detail_at = (uint32_t)c->notes_text.len;
    mm_buf_append_str(&c->notes_text, item->detail ? item->detail : "");
    mm_buf_append_char(&c->notes_text, '\0');
    c->notes[c->note_count++] = note;
    return !c->notes_text.failed;
}

void mm_tally_add(struct mm_tally *sum, const struct mm_tally *more)
{
    for (size_t i = 0; i < MM_COUNT(sum->outcomes); i++)
        sum->outcomes[i] += more->outcomes[i];
    for (size_t i = 0; i < MM_COUNT(sum->results); i++)
        sum->results[i] += more->results[i];
    sum->bytes += more->bytes;
}

void mm_tally_note(struct mm_tally *tally, const struct mm_item *item)
{
    if (item->outcome == MM_OUTCOME_PENDING)
        return;
    tally->outcomes[item->outcome]++;
    tally->bytes += item->bytes.len;
    if (item->outcome == MM_OUTCOME_VERIFIED)
        tally->results[item->result]++;
}

bool mm_commit_note(struct mm_commit *c, const struct mm_item *item)
{
    mm_tally_note(&c->tally, item);
    return !mm_item_is_listed(item) || note_reject(c, item);
}

/* Of both, lock held. */
static bool will_come(const struct mm_commit_line *line, const struct mm_commit *c)
{
    return !line->closed && c->seq < line->dropped_from;
}

static bool has_turn(const struct mm_commit_line *line, const struct mm_commit *c)
{
    return line->next_seq == c->seq && !line->applying;
}

bool mm_commit_wait_turn(struct mm_commit_line *line, const struct mm_commit *c)
{
    pthread_mutex_lock(&line->lock);
    while (will_come(line, c) && !has_turn(line, c))
        pthread_cond_wait(&line->moved, &line->lock);
    bool turn = will_come(line, c);
    pthread_mutex_unlock(&line->lock);
    return turn;
}

/* Its turn has not come, and there is room for more. Lock not held. */
static bool may_hold(struct mm_commit_line *line, const struct mm_commit *c)
{
    if (c->out.len >= line->output_bytes)
        return false;
    pthread_mutex_lock(&line->lock);
    bool turn = will_come(line, c) && has_turn(line, c);
    pthread_mutex_unlock(&line->lock);
    return !turn;
}

void mm_commit_drop(struct mm_commit_line *line, uint64_t seq)
{
    pthread_mutex_lock(&line->lock);
    if (seq < line->dropped_from)
        line->dropped_from = seq;
    pthread_cond_broadcast(&line->moved);
    pthread_mutex_unlock(&line->lock);
}

static enum mm_status flush(struct mm_commit_line *line, struct mm_commit *c)
{
    bool whole = c->whole;
    c->whole = false; /* more is to come */
    enum mm_status st = line->apply(line->context, c);
    c->whole = whole;
    empty(c);
    if (st != MM_OK)
        mm_commit_line_close(line);
    return st;
}

enum mm_status mm_commit_flush_if_much(struct mm_commit_line *line, struct mm_commit *c)
{
    size_t much =
        line->output_bytes < MM_COMMIT_MUCH_BYTES ? line->output_bytes : MM_COMMIT_MUCH_BYTES;
    if (c->out.len < much || may_hold(line, c))
        return MM_OK;
    return mm_commit_wait_turn(line, c) ? flush(line, c) : MM_AGAIN;
}

/* What waits for its turn with a commit, beside the commit itself. */
static size_t text_bytes(const struct mm_commit *c)
{
    return c->out.len + c->notes_text.len;
}

static void insert_ready(struct mm_commit_line *line, struct mm_commit *c)
{
    struct mm_commit **link = &line->ready;
    while (*link && (*link)->seq < c->seq)
        link = &(*link)->next;
    c->next = *link;
    *link = c;
    line->ready_bytes += text_bytes(c);
}

/* Apply the first that is ready. Lock held on entry and exit. */
static enum mm_status apply_first(struct mm_commit_line *line)
{
    struct mm_commit *c = line->ready;
    line->ready = c->next;
    line->ready_bytes -= text_bytes(c);
    line->applying = true;
    pthread_mutex_unlock(&line->lock);
    enum mm_status st = line->apply(line->context, c);
    pthread_mutex_lock(&line->lock);
    line->applying = false;
    line->next_seq = c->seq + 1;
    recycle(line, c);
    pthread_cond_broadcast(&line->moved);
    return st;
}

static bool is_next(const struct mm_commit_line *line)
{
    return line->ready && line->ready->seq == line->next_seq && line->next_seq < line->dropped_from;
}

/* The one whose turn it is never waits. */
static bool must_wait(const struct mm_commit_line *line, const struct mm_commit *c)
{
    bool too_much = c->seq >= line->next_seq + line->window ||
                    line->ready_bytes + text_bytes(c) > line->ready_max_bytes;
    return too_much && c->seq != line->next_seq && !line->closed &&
           line->dropped_from == UINT64_MAX;
}

enum mm_status mm_commit_end(struct mm_commit_line *line, struct mm_commit *c)
{
    pthread_mutex_lock(&line->lock);
    while (must_wait(line, c))
        pthread_cond_wait(&line->moved, &line->lock);
    insert_ready(line, c);
    enum mm_status st = MM_OK;
    while (st == MM_OK && !line->closed && !line->applying && is_next(line))
        st = apply_first(line);
    pthread_mutex_unlock(&line->lock);
    if (st != MM_OK)
        mm_commit_line_close(line);
    return st;
}

enum mm_status mm_commit_line_drain(struct mm_commit_line *line)
{
    enum mm_status first = MM_OK;
    pthread_mutex_lock(&line->lock);
    while (line->ready) {
        enum mm_status st = apply_first(line);
        first = first == MM_OK ? st : first;
    }
    pthread_mutex_unlock(&line->lock);
    return first;
}

void mm_commit_line_close(struct mm_commit_line *line)
{
    pthread_mutex_lock(&line->lock);
    line->closed = true;
    pthread_cond_broadcast(&line->moved);
    pthread_mutex_unlock(&line->lock);
}
