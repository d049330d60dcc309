/*
 * rsa_lanes_build.h - what the compilers must be told where the lanes' arithmetic is compiled.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Loops over the columns of a block must be unrolled whole, or the columns cannot be registers;
 * loops over blocks must not be. Each compiler knows another word for that.
 */
#ifndef MM_CRYPTO_RSA_LANES_BUILD_H
#define MM_CRYPTO_RSA_LANES_BUILD_H

#include <string.h>

#if defined(__clang__)
#if __has_feature(undefined_behavior_sanitizer)
#define MM_LANES_IN_MEMORY /* a check at each access, unrolled: clang takes many minutes */
#endif
#endif
#if defined(MM_LANES_IN_MEMORY) /* plain C: unrolled, it takes minutes to compile */
#define MM_UNROLL
#define MM_ROLLED
#elif defined(__clang__)
#define MM_UNROLL _Pragma("clang loop unroll(full)")
#define MM_ROLLED _Pragma("clang loop unroll(disable)")
#else
#define MM_UNROLL _Pragma("GCC unroll 32")
#define MM_ROLLED _Pragma("GCC unroll 1")
#endif
#ifdef __clang__
#define MM_OWN_SYMBOL __attribute__((noinline))
#else
#define MM_OWN_SYMBOL __attribute__((noinline, noclone))
#endif
/* A function that tools find by its name. */
#define MM_KERNEL_FN MM_TARGET static MM_OWN_SYMBOL
#define MM_INLINE    MM_TARGET static inline __attribute__((always_inline))
/* Tests compile the arithmetic once more, with a fault planted here. */
#ifndef MM_FAULT
#define MM_FAULT(stage, digits) ((void)0)
#endif
/* Keeps an array out of registers, which the columns need. */
#define MM_IN_MEMORY(array) __asm__ volatile("" : : "r"(array) : "memory")

#endif /* MM_CRYPTO_RSA_LANES_BUILD_H */
