/*
 * fuzz_wrapping.c - any bytes as emlx, pickup or Postfix queue file: what comes out lies in them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "mail/wrapping.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = malloc(size + 1);
    struct mm_buf envelope;
    struct mm_unwrapped u;
    if (!bytes || size == 0) {
        free(bytes);
        return 0;
    }
    memcpy(bytes, data + 1, size - 1);
    enum mm_wrapping form = (enum mm_wrapping)(data[0] % 5);
    if (form > MM_WRAPPING_POSTFIX)
        form = mm_wrapping_sniff((struct mm_view){bytes, size - 1});
    mm_buf_init(&envelope, 16u << 20);
    mm_unwrap(form, bytes, size - 1, &envelope, &u);
    assert(u.message.len + u.top.len <= size);
    assert(u.message.data >= bytes && u.message.data + u.message.len <= bytes + size - 1);
    assert(u.damage_at < size);
    for (size_t i = 0; i < envelope.len; i++)
        assert((unsigned char)envelope.data[i] >= ' ' || envelope.data[i] == '\r' ||
               envelope.data[i] == '\n');
    assert(envelope.len == 0 || memcmp(envelope.data, "MAIL FROM:<", 11) == 0);
    mm_buf_deinit(&envelope);
    free(bytes);
    return 0;
}
