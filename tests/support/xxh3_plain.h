/*
 * xxh3_plain.h - XXH3 as every processor has it.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_SUPPORT_XXH3_PLAIN_H
#define MM_SUPPORT_XXH3_PLAIN_H

#include "mailmill/base.h"

uint64_t mm_xxh3_plain(struct mm_view text, uint64_t seed);

#endif /* MM_SUPPORT_XXH3_PLAIN_H */
