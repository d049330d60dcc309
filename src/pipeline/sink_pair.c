/*
 * sink_pair.c - messages in a folder, and of each a row in a stream.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "pipeline/sink.h"

struct pair_sink {
    struct mm_sink sink;
    struct mm_sink_pair_options options;
    struct mm_sink *messages, *rows; /* from open to close */
};

static enum mm_status pair_open(struct mm_sink *sink, struct mm_error *err)
{
    struct pair_sink *p = (struct pair_sink *)sink;
    p->messages =
        mm_sink_folder_new(&p->options.messages, p->options.form, p->options.several_sources);
    p->rows = mm_sink_stream_new(&p->options.rows, MM_STREAM_ROWS);
    if (!p->messages || !p->rows)
        return mm_fail(err, MM_E_NOMEM, "no memory for the output");
    MM_TRY(p->messages->ops->open(p->messages, err));
    return p->rows->ops->open(p->rows, err);
}

static enum mm_status pair_close(struct mm_sink *sink, bool whole, struct mm_error *err)
{
    struct pair_sink *p = (struct pair_sink *)sink;
    struct mm_error second;
    enum mm_status st = MM_OK, rows = MM_OK;
    if (p->messages)
        st = p->messages->ops->close(p->messages, whole, err);
    if (p->rows)
        rows = p->rows->ops->close(p->rows, whole && st == MM_OK, &second);
    if (st == MM_OK && rows != MM_OK && err)
        *err = second;
    mm_sink_free(&p->messages);
    mm_sink_free(&p->rows);
    return st == MM_OK ? rows : st;
}

struct pair_worker {
    struct mm_sink *messages;
    void *own; /* of that sink; rows need none */
};

static enum mm_status pair_worker_new(struct mm_sink *sink, unsigned index, void **worker,
                                      struct mm_error *err)
{
    struct mm_sink *messages = ((struct pair_sink *)sink)->messages;
    struct pair_worker *w = calloc(1, sizeof *w);
    if (!w)
        return mm_fail(err, MM_E_NOMEM, "no memory for a writer");
    w->messages = messages;
    enum mm_status st = messages->ops->worker_new(messages, index, &w->own, err);
    if (st != MM_OK)
        free(w);
    else
        *worker = w;
    return st;
}

static void pair_worker_free(void *worker)
{
    struct pair_worker *w = worker;
    w->messages->ops->worker_free(w->own);
    free(w);
}

/* The row of an item whose message is where it belongs, or was none to begin with. */
static void add_row(const struct pair_sink *p, struct mm_buf *out, const struct mm_item *item,
                    bool was_to_be_written)
{
    if (was_to_be_written && item->outcome == MM_OUTCOME_REJECTED)
        p->options.reject_row(p->options.context, out, item);
    else if (item->outcome != MM_OUTCOME_PENDING) /* else the run ends before it has an outcome */
        mm_buf_append(out, item->out_row);
}

/* Messages first: a row says what became of them. Rows stay few enough to hold where their turn
 * does not come any more, since then the run ends with this segment. */
static enum mm_status pair_put(struct mm_sink *sink, void *worker, struct mm_commit_line *line,
                               struct mm_commit *commit, struct mm_item *items, size_t count,
                               struct mm_error *err)
{
    const struct pair_sink *p = (struct pair_sink *)sink;
    const struct pair_worker *w = worker;
    bool emit[MM_BATCH_ITEMS];
    for (size_t i = 0; i < count; i++)
        emit[i] = items[i].emit;
    enum mm_status st = p->messages->ops->put(p->messages, w->own, line, commit, items, count, err);
    for (size_t i = 0; i < count; i++) {
        add_row(p, &commit->out, &items[i], emit[i]);
        if (st == MM_OK && (st = mm_commit_flush_if_much(line, commit)) == MM_AGAIN)
            st = MM_OK;
    }
    if (st == MM_OK && commit->out.failed)
        st = mm_fail(err, MM_E_NOMEM, "no memory for the output");
    return st;
}

static enum mm_status pair_write(struct mm_sink *sink, struct mm_view text, struct mm_error *err)
{
    struct mm_sink *rows = ((struct pair_sink *)sink)->rows;
    return rows->ops->write(rows, text, err);
}

static const struct mm_sink_ops PAIR_OPS = {.open = pair_open,
                                            .worker_new = pair_worker_new,
                                            .worker_free = pair_worker_free,
                                            .put = pair_put,
                                            .write = pair_write,
                                            .close = pair_close};

struct mm_sink *mm_sink_pair_new(const struct mm_sink_pair_options *options)
{
    struct pair_sink *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->sink = (struct mm_sink){.ops = &PAIR_OPS, .wants_messages = true};
    p->options = *options;
    return &p->sink;
}
