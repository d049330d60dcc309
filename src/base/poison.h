/*
 * poison.h - memory that nobody may touch for now: AddressSanitizer notices who does.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_BASE_POISON_H
#define MM_BASE_POISON_H

#if defined(__SANITIZE_ADDRESS__)
#define MM_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MM_ASAN 1
#endif
#endif

#ifdef MM_ASAN
#include <sanitizer/asan_interface.h>
#define MM_POISON(at, n)   ASAN_POISON_MEMORY_REGION((at), (n))
#define MM_UNPOISON(at, n) ASAN_UNPOISON_MEMORY_REGION((at), (n))
#else
#define MM_POISON(at, n)   ((void)0)
#define MM_UNPOISON(at, n) ((void)0)
#endif

#endif /* MM_BASE_POISON_H */
