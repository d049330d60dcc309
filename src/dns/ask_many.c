/*
 * ask_many.c - TXT records of a long list of names: many asked at a time, told in order.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dns/ask_many.h"

#include <stdlib.h>

enum {
    WINDOW = 8192 /* 2 MiB of names; a tenth of them timing out costs one timeout, not 800 */
};

struct question {
    char name[MM_TXT_NAME_MAX_BYTES];
    uint8_t name_len;
    struct mm_txt_lookup lookup;
};

struct asking {
    const struct mm_key_source *source;
    int64_t at;
    const struct mm_ask_ops *ops;
    void *context;
    struct mm_error *err;
    struct question *ring; /* asked, from head on */
    size_t head, count;
    bool no_more;
};

static enum mm_status ask_next(struct asking *a)
{
    struct question *q = &a->ring[(a->head + a->count) % WINDOW];
    struct mm_view name;
    enum mm_status st = a->ops->next(a->context, &name, a->err);
    a->no_more = st == MM_END;
    if (st != MM_OK)
        return st == MM_END ? MM_OK : st;
    if (name.len > sizeof q->name)
        return mm_fail(a->err, MM_E_ARG, "a name of %zu bytes cannot be asked for", name.len);
    memcpy(q->name, name.data, name.len);
    q->name_len = (uint8_t)name.len;
    a->count++; /* whatever comes of it, the look-up is to be ended */
    st = mm_txt_lookup_begin(a->source, (struct mm_view){q->name, q->name_len}, a->at, &q->lookup);
    return st < 0 ? mm_fail(a->err, st, "no memory for a look-up") : MM_OK;
}

static void end_first(struct asking *a)
{
    mm_txt_lookup_end(&a->ring[a->head].lookup);
    a->head = (a->head + 1) % WINDOW;
    a->count--;
}

static enum mm_status tell_first(struct asking *a)
{
    struct question *q = &a->ring[a->head];
    enum mm_status st = mm_txt_lookup_wait(a->source, &q->lookup);
    if (st < 0)
        return mm_fail(a->err, st, "no memory for an answer");
    st = a->ops->answer(a->context, (struct mm_view){q->name, q->name_len}, q->lookup.answer,
                        a->err);
    end_first(a);
    return st;
}

enum mm_status mm_ask_many(const struct mm_key_source *source, int64_t at,
                           const struct mm_ask_ops *ops, void *context, struct mm_error *err)
{
    struct asking a = {.source = source, .at = at, .ops = ops, .context = context, .err = err};
    enum mm_status st = MM_OK;
    a.ring = calloc(WINDOW, sizeof *a.ring);
    if (!a.ring)
        return mm_fail(err, MM_E_NOMEM, "no memory for look-ups");
    while (st >= 0 && (!a.no_more || a.count)) {
        while (st >= 0 && !a.no_more && a.count < WINDOW)
            st = ask_next(&a);
        if (st >= 0 && a.count)
            st = tell_first(&a);
    }
    while (a.count)
        end_first(&a);
    free(a.ring);
    return st;
}
