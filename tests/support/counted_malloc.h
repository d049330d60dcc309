/*
 * counted_malloc.h - malloc counted by standing in front of it; for the one test that includes it.
 * SPDX-License-Identifier: Apache-2.0
 *
 * It defines malloc and its like for the whole program. Where a sanitizer has them already,
 * COUNTS_ALLOCATIONS is 0 and `allocations` stays 0. calloc by a library counts as well.
 */
#ifndef MM_SUPPORT_COUNTED_MALLOC_H
#define MM_SUPPORT_COUNTED_MALLOC_H

#include <stddef.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define COUNTS_ALLOCATIONS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define COUNTS_ALLOCATIONS 0
#endif
#endif
#ifndef COUNTS_ALLOCATIONS
#define COUNTS_ALLOCATIONS 1
#endif

static size_t allocations;

#if COUNTS_ALLOCATIONS
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *at, size_t bytes);
void *__libc_memalign(size_t align, size_t bytes);
void __libc_free(void *at);

void *malloc(size_t bytes)
{
    allocations++;
    return __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes)
{
    allocations++;
    return __libc_calloc(count, bytes);
}

void *realloc(void *at, size_t bytes)
{
    allocations++;
    return __libc_realloc(at, bytes);
}

void *aligned_alloc(size_t align, size_t bytes)
{
    allocations++;
    return __libc_memalign(align, bytes);
}
#endif

#endif /* MM_SUPPORT_COUNTED_MALLOC_H */
