/*
 * count_malloc.c - count what a program asks of the heap; loaded in front of the C library.
 * SPDX-License-Identifier: Apache-2.0
 *
 * At the end the number goes to the file named by COUNT_MALLOC. What OpenSSL asks for inside its
 * calls goes past the counter: it is not ours to forbid. With COUNT_MALLOC_PLANT every call of
 * memchr, of which each message causes some, allocates: the fault that the count must show.
 */
#include <openssl/crypto.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *at, size_t bytes);
void *__libc_memalign(size_t align, size_t bytes);

static atomic_ulong calls;
static int planted;

void *malloc(size_t bytes)
{
    calls++;
    return __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes)
{
    calls++;
    return __libc_calloc(count, bytes);
}

void *realloc(void *at, size_t bytes)
{
    calls++;
    return __libc_realloc(at, bytes);
}

void *aligned_alloc(size_t align, size_t bytes)
{
    calls++;
    return __libc_memalign(align, bytes);
}

int posix_memalign(void **at, size_t align, size_t bytes)
{
    calls++;
    return (*at = __libc_memalign(align, bytes)) ? 0 : 12 /* ENOMEM */;
}

void *memchr(const void *at, int byte, size_t len)
{
    const unsigned char *bytes = at;
    if (planted)
        free(malloc(1));
    for (size_t i = 0; i < len; i++)
        if (bytes[i] == (unsigned char)byte)
            return (void *)(bytes + i);
    return NULL;
}

static void *openssl_malloc(size_t bytes, const char *file, int line)
{
    (void)file;
    (void)line;
    return __libc_malloc(bytes);
}

static void *openssl_realloc(void *at, size_t bytes, const char *file, int line)
{
    (void)file;
    (void)line;
    return __libc_realloc(at, bytes);
}

static void openssl_free(void *at, const char *file, int line)
{
    (void)file;
    (void)line;
    free(at);
}

__attribute__((constructor)) static void begin(void)
{
    if (!CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free))
        abort();
    planted = getenv("COUNT_MALLOC_PLANT") != NULL;
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("COUNT_MALLOC");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (!file)
        return;
    fprintf(file, "%lu\n", (unsigned long)calls);
    fclose(file);
}
