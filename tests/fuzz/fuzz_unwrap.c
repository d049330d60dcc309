/*
 * fuzz_unwrap.c - any input ends in outcomes, at least one, and each says where it is.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "report/unwrap.h"

struct seen {
    size_t input_bytes;
    uint64_t taken, rejected, none;
};

static void require(int holds)
{
    if (!holds)
        abort();
}

/* Touch every byte, so that a view beyond its memory is found; some are told to be none. */
static enum mm_status take_document(void *context, const struct mm_document *d)
{
    struct seen *seen = context;
    unsigned sum = 0;
    for (size_t i = 0; i < d->bytes.len; i++)
        sum += (unsigned char)d->bytes.data[i];
    for (size_t i = 0; i < d->member.len; i++)
        sum += (unsigned char)d->member.data[i];
    require(d->offset <= seen->input_bytes);
    require(!d->mime == (d->kind != MM_DOCUMENT_MAIL && d->kind != MM_DOCUMENT_TEXT));
    for (uint32_t i = 0; d->mime && i < d->mime->count; i++) {
        struct mm_view body;
        require(mm_mime_decode(&d->mime->parts[i], d->arena, &body, NULL) == MM_OK);
    }
    if (d->mime && sum % 2) {
        seen->none++;
        return MM_END;
    }
    seen->taken++;
    return MM_OK;
}

static enum mm_status take_reject(void *context, const struct mm_unwrap_reject *r)
{
    struct seen *seen = context;
    require(r->offset <= seen->input_bytes);
    require(mm_view_starts(mm_view_of(r->detail), mm_view_of(mm_unwrap_reason_words(r->reason))));
    seen->rejected++;
    return MM_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct mm_unwrapper *u;
    struct seen seen = {.input_bytes = size};
    struct mm_unwrap_sink sink = {
        .context = &seen, .document = take_document, .reject = take_reject};
    struct mm_unwrap_counts counts;
    if (!u)
        u = mm_unwrapper_new();
    require(u != NULL);
    require(mm_unwrap_input(u, (struct mm_view){(const char *)data, size}, MM_VIEW("f"), &sink,
                            &counts) == MM_OK);
    require(counts.taken == seen.taken && counts.rejected == seen.rejected);
    require(counts.taken + counts.rejected > 0);
    return 0;
}
