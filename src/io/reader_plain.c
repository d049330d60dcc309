/*
 * reader_plain.c - how a read ends, and reading one file by plain calls.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "io/fault.h"
#include "io/file_ops.h"
#include "io/reader_internal.h"

enum {
    /* Other reads give their descriptors back within moments; a minute means that none will. */
    DESCRIPTOR_TRIES = 60000,
    DESCRIPTOR_PAUSE_NS = 1000000
};

void mm_read_list_push(struct mm_read_list *list, struct mm_read *read)
{
    read->next = NULL;
    if (list->last)
        list->last->next = read;
    else
        list->first = read;
    list->last = read;
    list->count++;
}

void mm_read_list_insert(struct mm_read_list *list, struct mm_read *read)
{
    struct mm_read **link = &list->first;
    if (!list->last || list->last->order <= read->order) {
        mm_read_list_push(list, read);
        return;
    }
    while ((*link)->order <= read->order)
        link = &(*link)->next;
    read->next = *link;
    *link = read;
    list->count++;
}

struct mm_read *mm_read_list_pop(struct mm_read_list *list)
{
    struct mm_read *read = list->first;
    if (!read)
        return NULL;
    list->first = read->next;
    if (!list->first)
        list->last = NULL;
    list->count--;
    read->next = NULL;
    return read;
}

void mm_read_list_join(struct mm_read_list *to, struct mm_read_list *from)
{
    if (!from->first)
        return;
    if (to->last)
        to->last->next = from->first;
    else
        to->first = from->first;
    to->last = from->last;
    to->count += from->count;
    *from = (struct mm_read_list){.first = NULL};
}

/* ---- how a stage ends ---- */

void mm_read_end(struct mm_read *read, enum mm_read_outcome outcome, int os_errno)
{
    read->stage = MM_STAGE_DONE;
    read->outcome = outcome;
    read->os_errno = os_errno;
    read->bytes = (struct mm_view){NULL, 0};
}

void mm_read_end_errno(struct mm_read *read, int os_errno)
{
    switch (os_errno) {
    case ENOENT:
    case ENOTDIR:
        mm_read_end(read, MM_READ_VANISHED, os_errno);
        break;
    case EACCES:
    case EPERM:
        mm_read_end(read, MM_READ_DENIED, os_errno);
        break;
    case ELOOP:  /* a link, with O_NOFOLLOW */
    case EISDIR: /* open() takes folders, read() does not */
    case ENXIO:  /* a socket, or a device without a driver */
    case ENODEV:
    case ESPIPE: /* a FIFO, told by fadvise() */
        mm_read_end(read, MM_READ_NOT_FILE, 0);
        break;
    default:
        mm_read_end(read, MM_READ_FAILED, os_errno);
    }
}

void mm_read_end_bytes(struct mm_read *read, const char *data, size_t len)
{
    mm_read_end(read, MM_READ_OK, 0);
    read->bytes = (struct mm_view){data, len};
}

void mm_read_judge(struct mm_read *read, unsigned mode, uint64_t size, size_t got)
{
    if (!S_ISREG(mode)) {
        mm_read_end(read, MM_READ_NOT_FILE, 0);
    } else if (size == got) {
        mm_read_end_bytes(read, mm_read_slot(read), got);
    } else if (got == MM_SLOT_ROOM && size > got) {
        read->stage = MM_STAGE_MEMORY;
        read->big_bytes = size;
    } else {
        mm_read_end(read, MM_READ_CHANGED, 0);
    }
}

/* ---- plain calls ---- */

int mm_read_open_flags(const struct mm_read *read)
{
    /* O_NONBLOCK: a FIFO without a writer must not hold us up; regular files do not know it. */
    return O_RDONLY | O_NONBLOCK | O_NOCTTY | (read->follow ? 0 : O_NOFOLLOW);
}

/* A full descriptor table is no fault of the file: wait until others have closed theirs. */
static int open_patiently(const struct mm_read *read)
{
    const struct timespec pause = {.tv_nsec = DESCRIPTOR_PAUSE_NS};
    for (int tries = 0;; tries++) {
        int fd = mm_file_open(read->path, mm_read_open_flags(read) | O_CLOEXEC, 0);
        if (fd >= 0 || (errno != EMFILE && errno != ENFILE) || tries == DESCRIPTOR_TRIES)
            return fd;
        nanosleep(&pause, NULL);
    }
}

static ssize_t read_some(int fd, char *to, uint64_t cap)
{
    size_t len = cap < MM_READ_PIECE_BYTES ? (size_t)cap : MM_READ_PIECE_BYTES;
    for (;;) {
        int failed = mm_fault_before(MM_FAULT_READ, fd, NULL, &len);
        ssize_t n = failed ? -1 : read(fd, to, len);
        if (failed)
            errno = failed;
        if (n >= 0 || errno != EINTR)
            return n;
    }
}

/* An error, or NOT_FILE, is set and answered with false. */
static bool regular_size(struct mm_read *read, int fd, uint64_t *size)
{
    struct stat st;
    if (fstat(fd, &st) != 0) {
        mm_read_end_errno(read, errno);
        return false;
    }
    if (!S_ISREG(st.st_mode)) {
        mm_read_end(read, MM_READ_NOT_FILE, 0);
        return false;
    }
    *size = (uint64_t)st.st_size;
    return true;
}

/* One call where the file is as long as it says, and no signal or server makes it short. */
static void read_small(struct mm_read *read, int fd, uint64_t size)
{
    bool fits = size <= MM_SLOT_ROOM;
    size_t got = fits ? 0 : MM_SLOT_ROOM; /* at least, where the file is larger */
    ssize_t n = 0;
    if (fits)
        do {
            n = read_some(fd, mm_read_slot(read) + got, MM_SLOT_ROOM - got);
            got += n > 0 ? (size_t)n : 0;
        } while (n > 0 && got < size);
    if (n < 0)
        mm_read_end_errno(read, errno);
    else if (got < MM_SLOT_ROOM || regular_size(read, fd, &size))
        mm_read_judge(read, S_IFREG, size, got);
}

/* One byte more than the file is said to have, so that growth shows. */
static void read_big(struct mm_read *read, int fd, uint64_t size)
{
    uint64_t got = 0;
    ssize_t n = size == read->big_bytes ? 1 : 0;
    while (n > 0 && got <= size) {
        n = read_some(fd, read->big.base + got, size + 1 - got);
        got += n > 0 ? (uint64_t)n : 0;
    }
    if (n < 0)
        mm_read_end_errno(read, errno);
    else if (got != read->big_bytes)
        mm_read_end(read, MM_READ_CHANGED, 0);
    else
        mm_read_end_bytes(read, read->big.base, (size_t)got);
}

void mm_read_plain(struct mm_read *read)
{
    uint64_t size;
    int fd = open_patiently(read);
    if (fd < 0) {
        mm_read_end_errno(read, errno);
        return;
    }
    if (regular_size(read, fd, &size)) {
        if (read->stage == MM_STAGE_SMALL)
            read_small(read, fd, size);
        else
            read_big(read, fd, size);
    }
    close(fd);
}
