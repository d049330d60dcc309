/*
 * fuzz_address.c - an address that is found has a domain without blanks, quotes or signs.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "mail/address.h"

static void require(int holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mm_arena arena;
    struct mm_address got;
    mm_arena_init(&arena, size + 256); /* one copy of the value at most */
    enum mm_status st = mm_address_first((struct mm_view){(const char *)data, size}, &arena, &got);
    require(st == MM_OK || st == MM_E_SYNTAX);
    if (st == MM_OK) {
        require(got.domain.len > 0 && got.domain.data[0] != '.' && got.domain.len <= size);
        require(got.local.len <= size);
        for (size_t i = 0; i < got.domain.len; i++) {
            unsigned char c = (unsigned char)got.domain.data[i];
            require(c > ' ' && c != 0x7f && !strchr("()<>@,;\\\"", c));
        }
    }
    mm_arena_deinit(&arena);
    return 0;
}
