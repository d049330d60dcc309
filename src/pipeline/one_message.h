/*
 * one_message.h - one message by its name, as rows give it: PATH, PATH!OFFSET, or - for stdin.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The bytes are those that a run over the same source works on: cut out of an mbox, its quoting
 * undone by one level, or with `quoted` still to be undone.
 */
#ifndef MM_PIPELINE_ONE_MESSAGE_H
#define MM_PIPELINE_ONE_MESSAGE_H

#include <sys/types.h>

#include "base/arena.h"
#include "base/error.h"
#include "mailmill/run.h"

struct mm_one_message {
    struct mm_view bytes;
    bool quoted;           /* as mm_verify_item has it */
    uint64_t memory_bytes; /* what --memory came to */
    dev_t dev;             /* of the file it is in; 0 and 0 for stdin */
    ino_t ino;
    struct mm_arena arena; /* private */
    char *block;           /* private: what holds the bytes */
};

/*
 * Find and read the message. A file of that very name comes before one with !OFFSET behind it.
 * options  source_format and memory_bytes count.
 * exit     [out] the code that fits a failure: 64 where the name is one of several messages or of
 *          none, 1 where it is larger than may be, 66, 74, 75 after a signal, 77.
 * Returns  MM_OK; MM_E_ARG with the separators that are near in the text; MM_E_LIMIT; MM_E_IO;
 *          MM_E_NOMEM.
 */
enum mm_status mm_one_message_open(struct mm_one_message *m, const char *name,
                                   const struct mm_run_options *options, int *exit_code,
                                   struct mm_error *err) MM_MUST_CHECK;
void mm_one_message_close(struct mm_one_message *m); /* quiet on a zeroed struct */

#endif /* MM_PIPELINE_ONE_MESSAGE_H */
