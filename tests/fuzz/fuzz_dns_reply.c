/*
 * fuzz_dns_reply.c - any bytes as the reply of a DNS server.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdint.h>
#include <stdlib.h>

#include "dns/dns_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a reply gives lies in the room for it and within the limits. */
static void check(const struct mm_dns_reply *reply, const char *text, size_t size)
{
    size_t total = 0;
    if (reply->record_count > MM_TXT_RECORDS_MAX || reply->status > MM_TXT_SERVFAIL ||
        reply->target.len == 0 || reply->aliases > MM_TXT_ALIASES_MAX + 1)
        abort();
    for (size_t i = 0; i < reply->record_count; i++) {
        total += reply->records[i].len;
        if (reply->records[i].data < text || total > size)
            abort();
    }
    if (reply->record_count && (reply->status != MM_TXT_NOERROR || reply->goes_on))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[MM_DNS_REPLY_MAX_BYTES];
    struct mm_dns_reply reply;
    struct mm_dns_name name;
    if (size > MM_DNS_REPLY_MAX_BYTES || !mm_dns_name_of(MM_VIEW("a.b"), &name))
        return 0;
    struct mm_view packet = {(const char *)data, size};
    if (mm_dns_reply_read(packet, &name, MM_TXT_ALIASES_MAX, text, &reply) == MM_OK)
        check(&reply, text, size);
    return 0;
}
