/*
 * recorder.h - answers into a file as they come, to be replayed later.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The file holds whole lines at any time: lines are added at its end by one process (a lock of the
 * kernel's says which), and what a full device cut short is cut off again.
 */
#ifndef MM_DNS_RECORDER_H
#define MM_DNS_RECORDER_H

#include <pthread.h>
#include <sys/types.h>

#include "base/error.h"
#include "dns/recorded_line.h"

struct mm_recorder {
    pthread_mutex_t lock;
    struct mm_buf pending; /* whole lines */
    int fd;
    off_t whole_bytes; /* of the file */
    uint64_t line_count, flushed_ns;
    int os_errno; /* of the first failure; nothing is written after it */
    char *path;
};

/*
 * Open `path` to be added to, or to be emptied first; NULL opens nothing, and the recorder then
 * takes lines for nowhere. Returns  MM_OK; MM_E_SYNTAX where it is there and its last line has no
 * end; MM_E_EXISTS where another process records to it, or where it is to be emptied and is no
 * recording; MM_E_IO; MM_E_NOMEM.
 */
enum mm_status mm_recorder_init(struct mm_recorder *recorder, const char *path, bool replace,
                                struct mm_error *err) MM_MUST_CHECK;
void mm_recorder_deinit(struct mm_recorder *recorder);
void mm_recorder_add(struct mm_recorder *recorder, const struct mm_recorded_line *line);
/* Write what is there, where it has waited a while or nothing more is to come soon (`idle`). */
void mm_recorder_tick(struct mm_recorder *recorder, uint64_t now_ns, bool idle);
/* Write all. MM_E_IO where an answer could not be written, now or before. */
enum mm_status mm_recorder_flush(struct mm_recorder *recorder, struct mm_error *err) MM_MUST_CHECK;
uint64_t mm_recorder_count(struct mm_recorder *recorder); /* lines written or waiting */

#endif /* MM_DNS_RECORDER_H */
