/*
 * reader_ring.c - the ring backend: linked chains that open, read and close without a system call.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A small file is one chain: open into a direct descriptor, advise, read into its slot, close. Open
 * and advice are silent unless they fail, and then the rest of the chain is silent too, so that a
 * chain answers for its read exactly once. The close has a completion of its own: only after it may
 * the direct descriptor be used again. The advice is there for what it refuses: a FIFO, whose bytes
 * must not be taken. A file that fills its slot, gives nothing, or ends where a page does (where a
 * read that was cut short ends as well) is asked for its status; a large one is then opened and
 * read step by step.
 */
#include "io/reader_ring.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <time.h>

#include "io/fault.h"

enum op { OP_OPEN, OP_ADVISE, OP_READ, OP_CLOSE, OP_OPEN_BIG, OP_READ_BIG };

enum {
    OP_BITS = 4,
    PAGE_BYTES = 4096,
    BUSY_TRIES = 1000, /* a second of the kernel being short of memory */
    BUSY_PAUSE_NS = 1000000
};

bool mm_ring_has_room(const struct mm_ring *ring)
{
    unsigned steps = MM_RING_STEP_ENTRIES * (ring->lane_count - ring->free_lane_count + 1);
    return ring->free_lane_count && ring->free_file_count && !ring->failed &&
           io_uring_sq_space_left(&ring->uring) >= MM_RING_CHAIN_ENTRIES + steps;
}

size_t mm_ring_busy(const struct mm_ring *ring)
{
    return ring->lane_count - ring->free_lane_count;
}

/* ---- queue entries ---- */

static struct io_uring_sqe *next_entry(struct mm_ring *ring)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&ring->uring);
    assert(sqe); /* mm_ring_has_room() keeps enough of them */
    return sqe;
}

static void mark(struct io_uring_sqe *sqe, enum op op, uint32_t index, unsigned flags)
{
    sqe->user_data = (uint64_t)index << OP_BITS | op;
    sqe->flags |= (uint8_t)flags;
}

static void queue_open(struct mm_ring *ring, uint32_t index, enum op op, unsigned flags)
{
    const struct mm_ring_lane *lane = &ring->lanes[index];
    struct io_uring_sqe *sqe = next_entry(ring);
    io_uring_prep_openat_direct(sqe, AT_FDCWD, lane->read->path, mm_read_open_flags(lane->read), 0,
                                lane->file);
    mark(sqe, op, index, flags);
}

static void queue_close(struct mm_ring *ring, uint32_t file)
{
    struct io_uring_sqe *sqe = next_entry(ring);
    io_uring_prep_close_direct(sqe, file);
    mark(sqe, OP_CLOSE, file, 0);
}

/* One byte more than the file is said to have, so that growth shows. */
static void queue_read_big(struct mm_ring *ring, uint32_t index)
{
    const struct mm_ring_lane *lane = &ring->lanes[index];
    uint64_t left = lane->read->big_bytes + 1 - lane->got;
    unsigned piece = left < MM_READ_PIECE_BYTES ? (unsigned)left : MM_READ_PIECE_BYTES;
    struct io_uring_sqe *sqe = next_entry(ring);
    io_uring_prep_read(sqe, (int)lane->file, lane->read->big.base + lane->got, piece, lane->got);
    mark(sqe, OP_READ_BIG, index, IOSQE_FIXED_FILE);
}

static void queue_chain(struct mm_ring *ring, uint32_t index)
{
    const struct mm_ring_lane *lane = &ring->lanes[index];
    int file = (int)lane->file;
    queue_open(ring, index, OP_OPEN, IOSQE_IO_LINK | IOSQE_CQE_SKIP_SUCCESS);

    struct io_uring_sqe *sqe = next_entry(ring);
    io_uring_prep_fadvise(sqe, file, 0, 0, POSIX_FADV_NORMAL);
    mark(sqe, OP_ADVISE, index, IOSQE_FIXED_FILE | IOSQE_IO_LINK | IOSQE_CQE_SKIP_SUCCESS);

    int buffer = mm_ring_buffer(ring, mm_read_slot(lane->read));
    sqe = next_entry(ring);
    if (buffer >= 0)
        io_uring_prep_read_fixed(sqe, file, mm_read_slot(lane->read), MM_SLOT_ROOM, 0, buffer);
    else
        io_uring_prep_read(sqe, file, mm_read_slot(lane->read), MM_SLOT_ROOM, 0);
    mark(sqe, OP_READ, index, IOSQE_FIXED_FILE | IOSQE_IO_HARDLINK); /* it is short: close anyway */
    queue_close(ring, lane->file);
}

void mm_ring_begin(struct mm_ring *ring, struct mm_read *read)
{
    assert(mm_ring_has_room(ring));
    uint32_t index = ring->free_lanes[--ring->free_lane_count];
    ring->lanes[index] =
        (struct mm_ring_lane){.read = read, .file = ring->free_files[--ring->free_file_count]};
    if (read->stage == MM_STAGE_BIG)
        queue_open(ring, index, OP_OPEN_BIG, 0);
    else
        queue_chain(ring, index);
}

/* ---- completions ---- */

static void free_file(struct mm_ring *ring, uint32_t file)
{
    assert(ring->free_file_count < ring->file_count);
    ring->free_files[ring->free_file_count++] = file;
}

/* The read's stage has ended. */
static void leave_lane(struct mm_ring *ring, uint32_t index, struct mm_read_list *done)
{
    mm_read_list_push(done, ring->lanes[index].read);
    ring->lanes[index].read = NULL;
    ring->free_lanes[ring->free_lane_count++] = index;
}

/* Whether the error is about the file, rather than about this way of reading it. */
static bool is_of_file(int os_errno)
{
    switch (os_errno) {
    case ENOENT:
    case ENOTDIR:
    case EACCES:
    case EPERM:
    case ELOOP:
    case EISDIR:
    case ENXIO:
    case ENODEV:
    case ESPIPE:
    case ENAMETOOLONG:
    case EIO:
        return true;
    default: /* EAGAIN, ENFILE, ENOMEM, EINVAL, ECANCELED … */
        return false;
    }
}

static void fail_lane(struct mm_ring *ring, uint32_t index, int os_errno, struct mm_read_list *done)
{
    struct mm_read *read = ring->lanes[index].read;
    if (is_of_file(os_errno))
        mm_read_end_errno(read, os_errno);
    else
        mm_read_plain(read);
    leave_lane(ring, index, done);
}

/* The inode of a file that was just opened is at hand: a call of our own is done before the ring
 * has woken one of its threads for it, as it does for each status. */
static void ask_status(struct mm_ring *ring, uint32_t index, size_t got, struct mm_read_list *done)
{
    struct statx st;
    struct mm_read *read = ring->lanes[index].read;
    if (statx(AT_FDCWD, read->path, read->follow ? 0 : AT_SYMLINK_NOFOLLOW, STATX_TYPE | STATX_SIZE,
              &st) != 0) {
        fail_lane(ring, index, errno, done);
        return;
    }
    if (S_ISREG(st.stx_mode) && got < MM_SLOT_ROOM && got < st.stx_size)
        mm_read_plain(read); /* cut short */
    else
        mm_read_judge(read, st.stx_mode, st.stx_size, got);
    leave_lane(ring, index, done);
}

static void read_ended(struct mm_ring *ring, uint32_t index, int result, struct mm_read_list *done)
{
    const struct mm_ring_lane *lane = &ring->lanes[index];
    ring->closing++; /* the chain goes on to its close */
    int opened = result < 0 ? 0 : mm_fault_after(MM_FAULT_OPEN, 0); /* it has said nothing */
    result = opened < 0 ? opened : mm_fault_after(MM_FAULT_READ, result);
    if (result < 0) {
        fail_lane(ring, index, -result, done);
        return;
    }
    if (result % PAGE_BYTES == 0 || result == MM_SLOT_ROOM) {
        ask_status(ring, index, (size_t)result, done);
        return;
    }
    mm_read_end_bytes(lane->read, mm_read_slot(lane->read), (size_t)result);
    leave_lane(ring, index, done);
}

static void read_big_ended(struct mm_ring *ring, uint32_t index, int result,
                           struct mm_read_list *done)
{
    struct mm_ring_lane *lane = &ring->lanes[index];
    struct mm_read *read = lane->read;
    result = mm_fault_after(MM_FAULT_READ, result);
    if (result > 0) {
        lane->got += (uint64_t)result;
        if (lane->got <= read->big_bytes) {
            queue_read_big(ring, index);
            return;
        }
    }
    queue_close(ring, lane->file);
    ring->closing++;
    if (result < 0) {
        fail_lane(ring, index, -result, done);
        return;
    }
    if (lane->got == read->big_bytes)
        mm_read_end_bytes(read, read->big.base, (size_t)lane->got);
    else
        mm_read_end(read, MM_READ_CHANGED, 0);
    leave_lane(ring, index, done);
}

static void take_completion(struct mm_ring *ring, uint64_t data, int result,
                            struct mm_read_list *done)
{
    uint32_t index = (uint32_t)(data >> OP_BITS);
    switch ((enum op)(data & ((1u << OP_BITS) - 1))) {
    case OP_CLOSE:
        ring->closing--;
        free_file(ring, index);
        return;
    case OP_OPEN_BIG:
        result = mm_fault_after(MM_FAULT_OPEN, result);
        if (result >= 0) {
            queue_read_big(ring, index);
            return;
        } /* fall through */
    case OP_OPEN:
    case OP_ADVISE: /* what was opened stays in the table until the next open takes its place */
        free_file(ring, ring->lanes[index].file);
        fail_lane(ring, index, -result, done);
        return;
    case OP_READ:
        read_ended(ring, index, result, done);
        return;
    case OP_READ_BIG:
        read_big_ended(ring, index, result, done);
        return;
    }
}

static unsigned reap(struct mm_ring *ring, struct mm_read_list *done)
{
    struct io_uring_cqe *cqe;
    unsigned head, count = 0;
    io_uring_for_each_cqe(&ring->uring, head, cqe)
    {
        take_completion(ring, cqe->user_data, cqe->res, done);
        count++;
    }
    io_uring_cq_advance(&ring->uring, count);
    return count;
}

/* ---- entering the kernel ---- */

/* With DEFER_TASKRUN completions are made when the worker comes for them; the ring says so. */
static bool has_task_work(const struct mm_ring *ring)
{
    return !(ring->flags & IORING_SETUP_TASKRUN_FLAG) ||
           (IO_URING_READ_ONCE(*ring->uring.sq.kflags) & IORING_SQ_TASKRUN);
}

static int enter(struct mm_ring *ring, unsigned completions)
{
    int rc;
    if (completions == 0 && io_uring_sq_ready(&ring->uring) == 0 && !has_task_work(ring))
        return 0;
    do
        rc = completions ? io_uring_submit_and_wait(&ring->uring, completions)
                         : io_uring_submit_and_get_events(&ring->uring);
    while (rc == -EINTR);
    return rc < 0 ? -rc : 0;
}

/* A read of a small file makes two completions, any read under way at least one: never wait for
 * more than are sure to come. */
static unsigned completions_for(const struct mm_ring *ring, size_t want)
{
    size_t sure = mm_ring_busy(ring) + ring->closing;
    size_t wish = 2 * (want < MM_READ_BATCH_MIN ? MM_READ_BATCH_MIN : want);
    return want == 0 ? 0 : (unsigned)(wish < sure ? wish : sure);
}

int mm_ring_turn(struct mm_ring *ring, size_t want, struct mm_read_list *done)
{
    const struct timespec pause = {.tv_nsec = BUSY_PAUSE_NS};
    for (int tries = 0; !ring->failed; tries++) {
        int os_errno = enter(ring, completions_for(ring, want));
        unsigned reaped = reap(ring, done);
        if (os_errno == 0)
            return 0;
        if ((os_errno != EAGAIN && os_errno != EBUSY) || tries == BUSY_TRIES)
            ring->failed = os_errno;
        else if (reaped == 0)
            nanosleep(&pause, NULL);
    }
    return ring->failed;
}

void mm_ring_abandon(struct mm_ring *ring, struct mm_read_list *left)
{
    if (!ring->failed)
        ring->failed = ECANCELED;
    for (uint32_t i = 0; i < ring->lane_count; i++) {
        if (!ring->lanes[i].read)
            continue;
        ring->abandoned_busy = true;
        leave_lane(ring, i, left);
    }
}
