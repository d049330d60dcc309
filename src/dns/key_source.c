/*
 * key_source.c - public keys, offline, as the public API gives them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dns/key_source.h"

#include <stdlib.h>

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

const struct mm_txt_store *mm_key_source_store(const struct mm_key_source *source)
{
    return source ? source->store : NULL;
}
