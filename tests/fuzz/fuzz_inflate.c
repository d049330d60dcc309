/*
 * fuzz_inflate.c - packed bytes: two limits agree on what they give, memory stays within them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "io/inflate.h"

static void require(int holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { WIDE = 1 << 20, NARROW = 1000 };
    struct mm_view packed = {(const char *)data, size};
    enum mm_inflate_format format = mm_inflate_sniff(packed);
    struct mm_inflate *inflate = mm_inflate_new();
    struct mm_buf wide, narrow;
    struct mm_inflated one, two;
    require(inflate != NULL);
    if (format == MM_INFLATE_NONE)
        format = MM_INFLATE_ZLIB;
    mm_buf_init(&wide, WIDE);
    mm_buf_init(&narrow, WIDE);
    require(mm_inflate_run(inflate, format, packed, WIDE, &wide, &one) == MM_OK);
    require(mm_inflate_run(inflate, format, packed, NARROW, &narrow, &two) == MM_OK);
    require(wide.len <= WIDE && narrow.len <= NARROW);
    require(one.used_bytes + one.trailing_bytes <= size);
    /* zstd decodes a frame at a go where it has the room, and gives nothing of one that is bad. */
    require(mm_view_starts(mm_buf_view(&wide), mm_buf_view(&narrow)) ||
            (one.end == MM_INFLATE_DAMAGED &&
             mm_view_starts(mm_buf_view(&narrow), mm_buf_view(&wide))));
    if (two.end == MM_INFLATE_WHOLE)
        require(one.end == MM_INFLATE_WHOLE && one.members == two.members);
    mm_buf_deinit(&wide);
    mm_buf_deinit(&narrow);
    mm_inflate_free(&inflate);
    return 0;
}
