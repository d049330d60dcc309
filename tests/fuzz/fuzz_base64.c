/*
 * fuzz_base64.c - what decodes must encode and decode to the same octets again.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "text/base64.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mm_view text = {(const char *)data, size};
    uint8_t *bytes = malloc(MM_BASE64_DECODED_MAX(size) + 1);
    size_t len = 0, at = 0;
    if (!bytes)
        return 0;
    if (mm_base64_decode(text, bytes, &len, &at) != MM_OK) {
        if (at > size)
            abort();
        free(bytes);
        return 0;
    }
    char *again = malloc(MM_BASE64_ENCODED_BYTES(len) + 1);
    uint8_t *back = malloc(len + 3);
    size_t n = 0;
    if (again && back) {
        size_t written = mm_base64_encode(again, bytes, len);
        if (written != MM_BASE64_ENCODED_BYTES(len) ||
            mm_base64_decode((struct mm_view){again, written}, back, &n, NULL) != MM_OK ||
            n != len || (len && memcmp(back, bytes, len) != 0))
            abort();
    }
    free(back);
    free(again);
    free(bytes);
    return 0;
}
