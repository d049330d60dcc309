/*
 * fuzz_json_pull.c - any bytes as JSON: tokens lie inside the text, strings unescape within bounds.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "text/json_pull.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mm_json_pull p;
    struct mm_json_token token;
    char *room = malloc(size ? size : 1);
    if (!room)
        return 0;
    mm_json_pull_init(&p, (struct mm_view){(const char *)data, size});
    p.lone_surrogates_pass = size % 2;
    while (mm_json_pull_next(&p, &token) == MM_OK) {
        if (token.offset >= size)
            abort();
        if (token.kind != MM_JSON_NAME && token.kind != MM_JSON_STRING)
            continue;
        if (mm_json_unescape(token.text, false, room) > token.text.len ||
            mm_json_unescape(token.text, true, room) > token.text.len)
            abort();
    }
    if (p.at > size)
        abort();
    free(room);
    return 0;
}
