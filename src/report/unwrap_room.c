/*
 * unwrap_room.c - whose turn it is to hold an input that unpacks to very much.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Reports have kilobytes, so that what a thread unpacks needs no accounting; 256 MiB times all
 * threads would. Memory is the process's, and so is the turn.
 */
#include <pthread.h>

#include "report/unwrap_internal.h"

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

size_t mm_unwrap_room(const struct mm_unwrapper *u, unsigned level)
{
    size_t held = 0;
    for (unsigned i = 0; i < MM_UNWRAP_LEVELS; i++)
        held += i == level ? 0 : u->levels[i].bytes.cap;
    if (u->has_turn)
        return SIZE_MAX;
    return held < MM_UNWRAP_ALONE_BYTES ? MM_UNWRAP_ALONE_BYTES - held : 0;
}

void mm_unwrap_take_turn(struct mm_unwrapper *u, unsigned level, uint64_t bytes)
{
    if (bytes <= mm_unwrap_room(u, level))
        return;
    pthread_mutex_lock(&turn);
    u->has_turn = true;
}

void mm_unwrap_end_turn(struct mm_unwrapper *u)
{
    if (u->has_turn)
        pthread_mutex_unlock(&turn);
    u->has_turn = false;
}
