/*
 * reader_memory.c - pages that files are read into, given back so that no late write does harm.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <sys/mman.h>

#include "io/reader_internal.h"

char *mm_read_pages_map(size_t bytes)
{
    void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return base == MAP_FAILED ? NULL : base;
}

void mm_read_pages_drop(char *base, size_t bytes, bool quiet)
{
    if (!base)
        return;
    if (quiet) {
        munmap(base, bytes);
        return;
    }
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE;
    if (mmap(base, bytes, PROT_NONE, flags, -1, 0) == MAP_FAILED)
        (void)madvise(base, bytes, MADV_DONTNEED);
}
