/*
 * secret.c - memory for secrets: locked, kept out of core dumps, wiped.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "crypto/secret.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

/* An RSA-2048 key takes 896 bytes of the heap, so it holds some 37,000. OpenSSL locks pages as they
 * are touched: an empty heap costs nothing. */
enum { HEAP_BYTES = 32 * 1024 * 1024, HEAP_MIN_BLOCK = 64 };

#if defined(__SANITIZE_ADDRESS__)
#define LEAK_CHECKED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LEAK_CHECKED 1
#endif
#endif
#ifndef LEAK_CHECKED
#define LEAK_CHECKED 0
#endif

static _Atomic size_t unlocked_count;

static size_t whole_pages(size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (bytes + page - 1) / page * page;
}

void *mm_secret_alloc(size_t bytes)
{
    size_t room = whole_pages(bytes ? bytes : 1);
    if (room < bytes)
        return NULL;
    void *at = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        return NULL;
    if (mlock(at, room) != 0)
        atomic_fetch_add_explicit(&unlocked_count, 1, memory_order_relaxed);
    if (madvise(at, room, MADV_DONTDUMP) != 0) {
        munmap(at, room);
        return NULL;
    }
    return at;
}

void mm_secret_free(void *at, size_t bytes)
{
    if (!at)
        return;
    mm_secret_wipe(at, bytes);
    munmap(at, whole_pages(bytes ? bytes : 1));
}

void mm_secret_wipe(void *at, size_t bytes)
{
    if (at)
        OPENSSL_cleanse(at, bytes);
}

size_t mm_secret_unlocked_count(void)
{
    return atomic_load_explicit(&unlocked_count, memory_order_relaxed);
}

static void init_once(void)
{
    /* The leak checker traces its own process at exit, which the kernel refuses to the undumpable.
     */
    if (!LEAK_CHECKED)
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    /* 1: all done; 2: a heap whose pages could not be locked; 0: none, its numbers come from
     * malloc. */
    if (!CRYPTO_secure_malloc_initialized() &&
        CRYPTO_secure_malloc_init(HEAP_BYTES, HEAP_MIN_BLOCK) != 1)
        atomic_fetch_add_explicit(&unlocked_count, 1, memory_order_relaxed);
}

void mm_secret_process_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init_once);
}
