/*
 * fuzz_date.c - what is taken for a date is one of the years that there are.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "mail/date.h"

/* A day more on either side, for the zone: it has two digits of hours. */
static void require_in_range(enum mm_status st, int64_t seconds)
{
    const int64_t first = -2208988800, last = 253402300800, zone = 99 * 3600 + 59 * 60;
    if (st != MM_OK && st != MM_E_SYNTAX)
        abort();
    if (st == MM_OK && (seconds < first - zone || seconds > last + zone))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mm_view text = {(const char *)data, size};
    int64_t seconds = 0;
    enum mm_status st = mm_date_parse(text, &seconds);
    require_in_range(st, seconds);
    st = mm_date_of_received(text, &seconds);
    require_in_range(st, seconds);
    return 0;
}
