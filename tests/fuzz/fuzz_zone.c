/*
 * fuzz_zone.c - any bytes as a master file: what loads can be found, by itself or by a wildcard.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "dns/txt_store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Records are views of the text, and an answer has a number of the store. */
static void check_found(const struct mm_txt_store *store, struct mm_view name, size_t size)
{
    const struct mm_txt_answer *a = mm_txt_store_find(store, name, 0);
    size_t total = 0;
    for (size_t i = 0; i < a->record_count; i++)
        total += a->records[i].len;
    if (total > size || a->id >= mm_txt_store_size(store))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mm_error err = {.status = MM_OK};
    struct mm_txt_store *store = mm_txt_store_new();
    if (!store)
        return 0;
    struct mm_view text = {(const char *)data, size};
    enum mm_status st = mm_txt_store_add_text(store, text, "z", &err);
    if (st != MM_OK && (err.status != st || err.offset > size))
        abort();
    static const struct mm_view names[] = {MM_VIEW("a"),     MM_VIEW("b.a"),   MM_VIEW("*.a"),
                                           MM_VIEW("c.b.a"), MM_VIEW("c.*.a"), MM_VIEW("*"),
                                           MM_VIEW(".")};
    for (size_t i = 0; i < MM_COUNT(names); i++)
        check_found(store, names[i], size);
    mm_txt_store_free(&store);
    return 0;
}
