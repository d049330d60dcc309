/*
 * fuzz_sig_field.c - any bytes as a DKIM-Signature value: a fault, or a field that holds together.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "dkim/domain_name.h"
#include "dkim/sig_field.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_sound(struct mm_view text, const struct mm_sig_field *f)
{
    struct mm_view rest = f->headers, name;
    size_t names = 0;
    while (mm_header_list_next(&rest, &name))
        names += mm_is_field_name(name);
    if (names != f->header_count || !f->signs_from || f->identity_is_outside)
        abort();
    if (!mm_is_domain_name(f->domain_ascii) || !mm_is_selector(f->selector_ascii) ||
        f->canon.len == 0)
        abort();
    if (f->b_raw.data < text.data || f->b_raw.data + f->b_raw.len > text.data + text.len)
        abort();
    if (f->has_signed_at && f->has_expires_at && f->expires_at <= f->signed_at)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mm_view text = {(const char *)data, size};
    struct mm_arena arena;
    struct mm_sig_field f;
    mm_arena_init(&arena, 16 * 1024 * 1024);
    if (mm_sig_field_parse(text, &arena, &f) == MM_OK && f.fault == MM_REASON_NONE)
        check_sound(text, &f);
    mm_arena_deinit(&arena);
    return 0;
}
