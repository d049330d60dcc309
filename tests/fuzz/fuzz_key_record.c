/*
 * fuzz_key_record.c - key records from strangers' DNS: a key, or one fault at a place inside.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "dkim/key_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
    mm_key_record_deinit(&record);
    return 0;
}
