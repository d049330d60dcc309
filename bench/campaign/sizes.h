/*
 * sizes.h - how many bytes relaxed/relaxed hashes of a message of the campaign.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_BENCH_SIZES_H
#define MM_BENCH_SIZES_H

#include "base/view.h"

/* The fields that are signed, and the signature field with an empty b=; the body. The header ends
 * in its empty line. */
size_t relaxed_header_bytes(struct mm_view header, unsigned domain);
size_t relaxed_body_bytes(struct mm_view body);

#endif /* MM_BENCH_SIZES_H */
