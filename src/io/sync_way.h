/*
 * sync_way.h - does one syncfs(2) take the files of a file system to their device?
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_IO_SYNC_WAY_H
#define MM_IO_SYNC_WAY_H

#include <stdint.h>

/*
 * NULL where it does: local file systems that write all their dirty pages and commit, and report
 * what failed. Else what the file system is called, as one on which every file and folder must be
 * synced by itself: NFS and its like answer to a server's errors only per file, FUSE need not pass
 * the call on, overlayfs answers for the files it knows of, and what we do not know may do the
 * same. magic  of statfs(2).
 */
const char *mm_sync_apart_of_magic(uint32_t magic);
/* The same of the file system that fd is on. */
const char *mm_sync_apart(int fd);

#endif /* MM_IO_SYNC_WAY_H */
