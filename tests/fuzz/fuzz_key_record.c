/*
 * fuzz_key_record.c - key records from strangers' DNS: a key, or one fault at a place inside.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "dkim/key_check.h"
#include "dkim/key_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A check finds the fault that verify has, and every place that it tells is one. */
static void check(struct mm_view text, const struct mm_key_record *record)
{
    static struct mm_key_findings found;
    const struct mm_view twice[] = {text, text};
    const struct mm_txt_answer answer = {
        .status = MM_TXT_NOERROR, .records = twice, .record_count = 2};
    bool has_fault = record->fault == MM_REASON_NONE;
    found.count = found.fault_count = 0;
    if (mm_key_check_answer(&answer, record->key, &found) != MM_OK)
        abort();
    for (size_t i = 0; i < found.count; i++) {
        const struct mm_key_finding *f = &found.list[i];
        if (f->is_of_record && (f->offset > text.len || f->record > 1))
            abort();
        if (strcmp(f->slug, mm_reason_slug(record->fault)) == 0)
            has_fault = true;
    }
    if (!has_fault)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mm_key_record record;
    if (size > 65535) /* a TXT record holds no more (RFC 1035 section 3.2.1) */
        return 0;
    if (mm_key_record_parse((struct mm_view){(const char *)data, size}, &record) != MM_OK)
        return 0;
    if ((record.fault == MM_REASON_NONE) != (record.key != NULL) || record.fault_offset > size)
        abort();
    if (record.key && (!record.type_known || mm_public_key_type(record.key) != record.type))
        abort();
    check((struct mm_view){(const char *)data, size}, &record);
    mm_key_record_deinit(&record);
    return 0;
}
