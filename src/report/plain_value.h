/*
 * plain_value.h - numbers and domains as reporters write them.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_REPORT_PLAIN_VALUE_H
#define MM_REPORT_PLAIN_VALUE_H

#include "base/arena.h"
#include "base/view.h"

/*
 * A number of 0 to 10^18-1 in decimal digits, white space around it left out. A fraction of zeros
 * behind it ("5.0") is told; any other, a sign, or a separator of thousands makes it no number.
 * False leaves both alone.
 */
bool mm_plain_integer(struct mm_view text, int64_t *value, bool *fraction);

/*
 * A domain in the form that names are compared in: small letters, no dot at the end, U-labels as
 * A-labels. Of a text with an '@' in it only what stands behind the last one is changed. Absent and
 * empty texts stay as they are.
 *
 * out      [out] `text` itself where nothing is to change, else memory of the arena.
 * bad      [out] set where characters outside ASCII make no A-label; they are kept as they are.
 * Returns  MM_OK; MM_E_NOMEM.
 */
enum mm_status mm_plain_domain(struct mm_view text, struct mm_arena *arena, struct mm_view *out,
                               bool *bad) MM_MUST_CHECK;

#endif /* MM_REPORT_PLAIN_VALUE_H */
