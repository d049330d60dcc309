/*
 * xxh3.h - XXH3 for texts that are long: as wide as the processor is, where xxHash was built so.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The value is the same in any width. xxhash.h by itself has the one that every processor has.
 */
#ifndef MM_BASE_XXH3_H
#define MM_BASE_XXH3_H

#ifdef MM_XXHASH_DISPATCH /* see CMakeLists.txt */
#include <xxh_x86dispatch.h>
#else
#include <xxhash.h>
#endif

#endif /* MM_BASE_XXH3_H */
