/*
 * file_ops.h - the calls that make, change and look into files, in one place.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_IO_FILE_OPS_H
#define MM_IO_FILE_OPS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/view.h"

enum { MM_FILE_PARTS_MAX = 4 };

/* All bytes of all parts, whatever the number of calls it takes. Returns 0 or an errno. */
int mm_file_write(int fd, const struct mm_view *parts, size_t count);
/* open(2), openat(2): again where a signal came between. -1 and errno. */
int mm_file_open(const char *path, int flags, mode_t mode);
int mm_file_open_at(int dir_fd, const char *name, int flags, mode_t mode);
/* mkdirat(2). Returns 0 or an errno. */
int mm_file_make_dir(int dir_fd, const char *name);
/* unlinkat(2) of a file. Returns 0 or an errno. */
int mm_file_remove(int dir_fd, const char *name);
/* Bytes behind it go. Returns 0 or an errno. */
int mm_file_truncate(int fd, uint64_t bytes);
/* Modes for a new file with the mail of `path`: its owner reads and writes it, others do what they
 * may do with `path`. For its owner alone where that cannot be told. */
mode_t mm_file_mode_like(const char *path);
/* Open a file of ours for writing from its start; what a crash left under the name is dropped. -1
 * and errno. */
int mm_file_create(int dir_fd, const char *name, mode_t mode);
/* A file without a name in `folder`, for reading and writing: gone when it is closed. -1 and errno.
 */
int mm_file_temporary(const char *folder);
/* $TMPDIR, or /tmp where that is unset or empty. */
const char *mm_file_temporary_folder(void);
/* All `len` bytes at `offset`, whatever the number of calls it takes. Returns 0 or an errno;
 * ENODATA where the file ends before. */
int mm_file_read_at(int fd, void *into, size_t len, uint64_t offset);
/* Rename; without `overwrite` an existing target is EEXIST, also where the file system lacks
 * RENAME_NOREPLACE. Returns 0 or an errno. */
int mm_file_rename(int from_fd, const char *from, int to_fd, const char *to, bool overwrite);
/*
 * Give a file that is written whole its final name; durable: its data is on disk before, the name
 * behind it. *named (may be NULL) tells whether it has the name, also after a failure. Returns 0 or
 * an errno.
 */
int mm_file_publish(int fd, const char *part, const char *path, bool overwrite, bool durable,
                    bool *named);
/*
 * Open the folder `rel` below dir_fd, making what is missing; no link is followed and ".." is
 * refused, so that the answer lies below dir_fd. Empty `rel` is dir_fd itself, duplicated. -1 and
 * errno.
 * durable  the names of all these folders are on disk when it returns, whoever made them.
 */
int mm_file_open_dirs(int dir_fd, struct mm_view rel, bool durable);
/* What is in the file fd, and its modes, are on its device; its name is told by sync_folder. Return
 * 0 or an errno. */
int mm_file_sync(int fd);
int mm_file_sync_folder(int fd);
/* The folder that holds the last part of a path. */
int mm_file_sync_folder_of(const char *path);
/* Everything of fd's file system is on its device. Returns 0 or an errno. */
int mm_file_sync_all(int fd);
/* A device, a FIFO or a socket, itself or where a link leads: it holds nothing to overwrite. */
bool mm_file_is_special(const char *path);
/* True for errors after which no other file would fare better: full or broken device. */
bool mm_file_error_is_fatal(int os_errno);
/* The folder part of a path ("." without one), NUL-terminated, into out. False when it does not
 * fit. */
bool mm_file_dirname(const char *path, char *out, size_t cap);

#endif /* MM_IO_FILE_OPS_H */
