/*
 * secret.h - memory for secrets: locked, kept out of core dumps, wiped.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_CRYPTO_SECRET_H
#define MM_CRYPTO_SECRET_H

#include <stddef.h>

/* Pages of their own: mlock, MADV_DONTDUMP. NULL without memory; a refused mlock is not an error
 * but counted (mm_secret_unlocked_count), since RLIMIT_MEMLOCK may be small. */
void *mm_secret_alloc(size_t bytes);
/* Wipe and free; quiet on NULL. */
void mm_secret_free(void *at, size_t bytes);
void mm_secret_wipe(void *at, size_t bytes);
size_t mm_secret_unlocked_count(void);
/* Once at start of a process that holds keys: no core dumps (PR_SET_DUMPABLE 0) and OpenSSL's
 * secure heap, from which its BIGNUMs of private keys come. Idempotent. */
void mm_secret_process_init(void);

#endif /* MM_CRYPTO_SECRET_H */
