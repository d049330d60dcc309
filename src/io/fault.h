/*
 * fault.h - test builds: operations on files that fail, stop or are logged where a test says so.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Every operation of the run on files passes one of these points, the completions of the ring
 * among them, which no preloaded library would see. Without MAILMILL_FAULTS they are nothing at
 * all. What is armed holds for the process; it is set before the threads of a run begin.
 */
#ifndef MM_IO_FAULT_H
#define MM_IO_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum mm_fault_op {
    MM_FAULT_READ,
    MM_FAULT_OPEN,
    MM_FAULT_WRITE,  /* ftruncate too */
    MM_FAULT_CREATE, /* of files and folders */
    MM_FAULT_RENAME,
    MM_FAULT_SYNC,
    MM_FAULT_REMOVE, /* of names that a run has given up */
    MM_FAULT_OPS,
    MM_FAULT_SAVE = MM_FAULT_OPS + 1 /* no operation: see mm_fault_save_is_due() */
};

#ifdef MAILMILL_FAULTS

/*
 * Arm what each text says, in place of what was armed: OP:ACTION@N acts at the N-th operation of
 * its kind, from 1 on, or at every one with * for N. OP is read, open, write, create, rename, sync,
 * remove or any; ACTION is ENOSPC, EIO, EINTR, VANISH (ENOENT), SHORT (half of the bytes), SLOW
 * (0.1 s late), KILL (as by kill -9), STOP (until SIGCONT) or, of sync alone, SKIP (it is said to
 * be done). save:DUE@N says of the N-th batch that ends that it is time to save what is done.
 * log:FILE gets a line for each operation that is made, before it is: thread, OP, path, and where a
 * rename goes, * where all of a file system is synced, cut where a file is cut off; the ring tells
 * no paths. MM_E_ARG: a text is none of these.
 */
enum mm_status mm_fault_arm(const char *const *texts, size_t count,
                            struct mm_error *err) MM_MUST_CHECK;
/* How many acted. */
uint64_t mm_fault_count(void);
/*
 * An operation is about to be made on `name` below fd (NULL: on fd itself). Returns 0, or the errno
 * with which it ends in place of being made. len (may be NULL): bytes that it takes, lowered by
 * SHORT.
 */
int mm_fault_before(enum mm_fault_op op, int fd, const char *name, size_t *len);
int mm_fault_before_rename(int from_fd, const char *from, int to_fd, const char *to);
/* all: of the file system that fd is on. *skip is set where it is not to be made, and counts as
 * made. */
int mm_fault_before_sync(int fd, bool all, bool *skip);
/* The result of an operation that was made: bytes, or -errno. */
int mm_fault_after(enum mm_fault_op op, int result);
/* A batch ends: shall what is done be saved, though it is not time yet? Counts as no fault. */
bool mm_fault_save_is_due(void);

#else

static inline enum mm_status mm_fault_arm(const char *const *texts, size_t count,
                                          struct mm_error *err)
{
    (void)texts;
    return count ? mm_fail(err, MM_E_ARG, "this build has no fault points") : MM_OK;
}
static inline uint64_t mm_fault_count(void)
{
    return 0;
}
static inline int mm_fault_before(enum mm_fault_op op, int fd, const char *name, size_t *len)
{
    (void)op;
    (void)fd;
    (void)name;
    (void)len;
    return 0;
}
static inline int mm_fault_before_rename(int from_fd, const char *from, int to_fd, const char *to)
{
    (void)from_fd;
    (void)from;
    (void)to_fd;
    (void)to;
    return 0;
}
static inline int mm_fault_before_sync(int fd, bool all, bool *skip)
{
    (void)fd;
    (void)all;
    *skip = false;
    return 0;
}
static inline int mm_fault_after(enum mm_fault_op op, int result)
{
    (void)op;
    return result;
}
static inline bool mm_fault_save_is_due(void)
{
    return false;
}

#endif
#endif /* MM_IO_FAULT_H */
