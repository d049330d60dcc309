/*
 * whole_file.h - a file that appears whole and on disk, or not at all.
 * SPDX-License-Identifier: Apache-2.0
 *
 * It is written under a name of its own, "PATH.XXXXXXXXXXXXXXXX.part", and renamed at the end. For
 * output of moderate size that is made in one go; a run's output is a sink of the pipeline.
 */
#ifndef MM_IO_WHOLE_FILE_H
#define MM_IO_WHOLE_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/view.h"

struct mm_whole_file {
    int fd; /* -1: none */
    bool overwrite;
    const char *path;
    char part[PATH_MAX];
};

/* MM_E_EXISTS where PATH is a folder, a device, a FIFO or a socket, or a name of standard output
 * and its like: a rename would put a file in its place. Any other link is replaced itself. */
enum mm_status mm_whole_file_check_kind(const char *path, struct mm_error *err) MM_MUST_CHECK;
/* MM_E_EXISTS where PATH is there and may not be replaced: for those who have work to do before
 * they write. */
enum mm_status mm_whole_file_check(const char *path, bool overwrite,
                                   struct mm_error *err) MM_MUST_CHECK;

/*
 * Begin. mode 0600 is kept whatever the umask says; the umask limits any other. `path` must outlive
 * the file. MM_E_EXISTS as above; MM_E_IO.
 */
enum mm_status mm_whole_file_open(struct mm_whole_file *file, const char *path, mode_t mode,
                                  bool overwrite, struct mm_error *err) MM_MUST_CHECK;
enum mm_status mm_whole_file_write(struct mm_whole_file *file, struct mm_view text,
                                   struct mm_error *err) MM_MUST_CHECK;
/* Data to disk, the final name, the name to disk. MM_E_EXISTS where PATH came meanwhile. */
enum mm_status mm_whole_file_commit(struct mm_whole_file *file, struct mm_error *err) MM_MUST_CHECK;
/* Take away what was not committed; quiet where nothing is open. */
void mm_whole_file_abort(struct mm_whole_file *file);

#endif /* MM_IO_WHOLE_FILE_H */
