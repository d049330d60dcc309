/*
 * fuzz_recorded.c - any bytes as recorded answers: what loads can be found.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "dns/txt_store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mm_error err = {.status = MM_OK};
    struct mm_txt_store *store = mm_txt_store_new();
    if (!store)
        return 0;
    char *text = malloc(size + 1); /* a brace in front makes any input this form */
    if (!text) {
        mm_txt_store_free(&store);
        return 0;
    }
    text[0] = '{';
    if (size)
        memcpy(text + 1, data, size);
    struct mm_view lines = {text, size + 1};
    enum mm_status st = mm_txt_store_add_text(store, lines, "r", &err);
    free(text);
    if (st != MM_OK && (err.status != st || err.offset > lines.len))
        abort();
    const struct mm_txt_answer *a = mm_txt_store_find(store, MM_VIEW("a"), 1700000000);
    size_t total = 0;
    for (size_t i = 0; i < a->record_count; i++)
        total += a->records[i].len;
    if (total > size || a->id >= mm_txt_store_size(store))
        abort();
    mm_txt_store_free(&store);
    return 0;
}
