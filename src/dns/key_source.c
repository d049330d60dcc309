/*
 * key_source.c - public keys, from files and from live DNS, as the public API gives them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dns/key_source.h"

#include <stdlib.h>

#include "base/error.h"

struct mm_key_source {
    struct mm_txt_store *store;
};

struct mm_key_source *mm_key_source_new(void)
{
    struct mm_key_source *source = calloc(1, sizeof *source);
    if (!source)
        return NULL;
    source->store = mm_txt_store_new();
    if (!source->store)
        mm_key_source_free(&source);
    return source;
}

void mm_key_source_free(struct mm_key_source **source)
{
    if (!*source)
        return;
    mm_txt_store_free(&(*source)->store);
    free(*source);
    *source = NULL;
}

enum mm_status mm_key_source_add(struct mm_key_source *source, const char *path,
                                 struct mm_error *err)
{
    return mm_txt_store_add(source->store, path, err);
}

enum mm_status mm_key_source_use_dns(struct mm_key_source *source,
                                     const struct mm_dns_options *options, struct mm_error *err)
{
    (void)source;
    (void)options;
    return mm_fail(err, MM_E_ARG, "built without live DNS");
}

void mm_key_source_dns_counts(const struct mm_key_source *source, struct mm_dns_counts *out)
{
    (void)source;
    *out = (struct mm_dns_counts){0};
}

enum mm_status mm_key_source_finish(struct mm_key_source *source, struct mm_error *err)
{
    (void)source;
    (void)err;
    return MM_OK;
}

const struct mm_txt_store *mm_key_source_store(const struct mm_key_source *source)
{
    return source ? source->store : NULL;
}

enum mm_status mm_txt_lookup_begin(const struct mm_key_source *source, struct mm_view name,
                                   int64_t at, struct mm_txt_lookup *lookup)
{
    *lookup = (struct mm_txt_lookup){.answer = mm_txt_store_find(source->store, name, at)};
    return MM_OK;
}

enum mm_status mm_txt_lookup_poll(const struct mm_key_source *source, struct mm_txt_lookup *lookup)
{
    (void)source;
    return lookup->answer ? MM_OK : MM_AGAIN;
}

void mm_txt_lookup_end(const struct mm_key_source *source, struct mm_txt_lookup *lookup)
{
    (void)source;
    *lookup = (struct mm_txt_lookup){.answer = NULL};
}

enum mm_status mm_key_source_txt(const struct mm_key_source *source, struct mm_view name,
                                 int64_t at, struct mm_txt_lookup *lookup)
{
    enum { PATIENCE_MS = 1000 };
    enum mm_status st = mm_txt_lookup_begin(source, name, at, lookup);
    while (st == MM_AGAIN) {
        uint64_t turn = mm_key_source_turn(source);
        st = mm_txt_lookup_poll(source, lookup);
        if (st == MM_AGAIN)
            mm_key_source_wait(source, turn, PATIENCE_MS);
    }
    return st;
}

uint64_t mm_key_source_turn(const struct mm_key_source *source)
{
    (void)source;
    return 0;
}

void mm_key_source_wait(const struct mm_key_source *source, uint64_t turn, uint32_t timeout_ms)
{
    (void)source;
    (void)turn;
    (void)timeout_ms;
}
