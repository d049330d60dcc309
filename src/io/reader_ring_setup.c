/*
 * reader_ring_setup.c - make a ring, as good a one as the kernel has, and close it without harm.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/reader_ring.h"

enum {
    FILES_MIN = 16,  /* direct descriptors; with fewer, threads read faster */
    ENTRIES_MIN = 64 /* of the submission queue; mm_ring_has_room() lives with any number */
};

/* Best first. Kernels before 6.1 do not know the first, before 6.0 the second. */
static const unsigned setup_flags[] = {
    IORING_SETUP_R_DISABLED | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
        IORING_SETUP_TASKRUN_FLAG,
    IORING_SETUP_R_DISABLED | IORING_SETUP_SINGLE_ISSUER,
    IORING_SETUP_R_DISABLED,
};

static int open_with(struct mm_ring *ring, unsigned entries, struct io_uring_params *params)
{
    int rc = -EINVAL;
    for (size_t i = 0; i < MM_COUNT(setup_flags) && rc == -EINVAL; i++) {
        *params = (struct io_uring_params){.flags = setup_flags[i]};
        rc = io_uring_queue_init_params(entries, &ring->uring, params);
    }
    return rc;
}

/* Recent kernels count the queues as locked memory: where little of that is allowed, a short queue
 * is better than none. */
static enum mm_status open_uring(struct mm_ring *ring, struct mm_error *err)
{
    int rc = -ENOMEM;
    struct io_uring_params params;
    unsigned entries = ring->lane_count * MM_RING_LANE_ENTRIES;
    if (entries < ENTRIES_MIN)
        entries = ENTRIES_MIN;
    for (; rc == -ENOMEM && entries >= ENTRIES_MIN; entries /= 4)
        rc = open_with(ring, entries, &params);
    if (rc < 0) {
        ring->uring.ring_fd = -1;
        return mm_fail_os(err, -rc, "io_uring_setup");
    }
    ring->flags = params.flags;
    if (!(params.features & IORING_FEAT_CQE_SKIP))
        return mm_fail(err, MM_E_IO, "io_uring of this kernel is older than 5.17");
    return MM_OK;
}

/* By the call itself: liburing 2.3 forgot to export some of its own, and others do more than is
 * asked for. */
static int ask(struct mm_ring *ring, unsigned what, const void *with, unsigned count)
{
    return io_uring_register((unsigned)ring->uring.ring_fd, what, with, count);
}

/* A sparse table of two direct descriptors a lane, one in use and one on its way to be closed; of
 * fewer where the limit on open files says so, which liburing's own call would raise for the whole
 * process. */
static enum mm_status register_files(struct mm_ring *ring, struct mm_error *err)
{
    int rc = -EMFILE;
    uint32_t count = 2 * ring->lane_count;
    for (; rc == -EMFILE && count >= FILES_MIN; count /= 2) {
        struct io_uring_rsrc_register table = {.nr = count, .flags = IORING_RSRC_REGISTER_SPARSE};
        rc = ask(ring, IORING_REGISTER_FILES2, &table, sizeof table);
        if (rc == 0)
            ring->file_count = count;
    }
    return rc < 0 ? mm_fail_os(err, -rc, "io_uring_register of direct descriptors") : MM_OK;
}

static void fill(uint32_t *list, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        list[i] = count - 1 - i;
}

static enum mm_status make_lanes(struct mm_ring *ring, struct mm_error *err)
{
    ring->lanes = calloc(ring->lane_count, sizeof *ring->lanes);
    ring->free_lanes = calloc(ring->lane_count, sizeof *ring->free_lanes);
    ring->free_files = calloc(ring->file_count, sizeof *ring->free_files);
    if (!ring->lanes || !ring->free_lanes || !ring->free_files)
        return mm_fail(err, MM_E_NOMEM, "no memory for %u reads", ring->lane_count);
    fill(ring->free_lanes, ring->lane_count);
    fill(ring->free_files, ring->file_count);
    ring->free_lane_count = ring->lane_count;
    ring->free_file_count = ring->file_count;
    return MM_OK;
}

enum mm_status mm_ring_new(uint32_t depth, struct mm_ring **out, struct mm_error *err)
{
    *out = NULL;
    struct mm_ring *ring = calloc(1, sizeof *ring);
    if (!ring)
        return mm_fail(err, MM_E_NOMEM, "no memory for a ring");
    ring->lane_count = depth < MM_RING_LANES_MAX ? depth : MM_RING_LANES_MAX;
    enum mm_status st = open_uring(ring, err);
    if (st == MM_OK)
        st = register_files(ring, err);
    if (st == MM_OK)
        st = make_lanes(ring, err);
    if (st != MM_OK) {
        struct mm_read_list none = {.first = NULL};
        ring->free_lane_count = ring->lane_count;
        (void)mm_ring_free(&ring, &none);
    }
    *out = ring;
    return st;
}

/* ---- registered buffers ---- */

/* Going on without them is no failure. */
static void go_on_unregistered(struct mm_ring *ring, int rc)
{
    struct mm_error words;
    (void)mm_fail_os(&words, -rc, "io_uring without registered buffers");
    snprintf(ring->why, ring->why_bytes, "%s", words.text);
    ring->piece_goal = ring->piece_count;
}

static void register_piece(struct mm_ring *ring)
{
    size_t at = (size_t)ring->piece_count * MM_RING_PIECE_BYTES, left = ring->slab_bytes - at;
    struct iovec piece = {(void *)(uintptr_t)(ring->slab + at),
                          left < MM_RING_PIECE_BYTES ? left : MM_RING_PIECE_BYTES};
    struct io_uring_rsrc_update2 update = {
        .offset = ring->piece_count, .data = (uint64_t)(uintptr_t)&piece, .nr = 1};
    int rc = ask(ring, IORING_REGISTER_BUFFERS_UPDATE, &update, sizeof update);
    if (rc < 0)
        go_on_unregistered(ring, rc);
    else
        ring->piece_count++;
}

int mm_ring_buffer(struct mm_ring *ring, const char *slot)
{
    uint32_t piece = (uint32_t)((size_t)(slot - ring->slab) / MM_RING_PIECE_BYTES);
    if (piece == ring->piece_count && piece < ring->piece_goal)
        register_piece(ring);
    return piece < ring->piece_count ? (int)piece : -1;
}

enum mm_status mm_ring_start(struct mm_ring *ring, const struct mm_slots *slots, char *why,
                             size_t why_bytes, struct mm_error *err)
{
    int rc = ask(ring, IORING_REGISTER_ENABLE_RINGS, NULL, 0);
    if (rc < 0) {
        ring->failed = -rc;
        return mm_fail_os(err, -rc, "io_uring_register to enable the ring");
    }
    ring->why = why;
    ring->why_bytes = why_bytes;
    ring->slab = slots->base;
    ring->slab_bytes = (size_t)slots->count * MM_READ_SLOT_BYTES;
    ring->piece_goal =
        (uint32_t)((ring->slab_bytes + MM_RING_PIECE_BYTES - 1) / MM_RING_PIECE_BYTES);
    struct io_uring_rsrc_register table = {.nr = ring->piece_goal,
                                           .flags = IORING_RSRC_REGISTER_SPARSE};
    rc = ask(ring, IORING_REGISTER_BUFFERS2, &table, sizeof table);
    if (rc < 0)
        go_on_unregistered(ring, rc);
    return MM_OK;
}

bool mm_ring_free(struct mm_ring **at, struct mm_read_list *left)
{
    struct mm_ring *ring = *at;
    if (!ring)
        return true;
    while (mm_ring_busy(ring) && mm_ring_turn(ring, mm_ring_busy(ring), left) == 0)
        ;
    if (mm_ring_busy(ring))
        mm_ring_abandon(ring, left);
    bool quiet = !ring->abandoned_busy;
    if (ring->uring.ring_fd >= 0)
        io_uring_queue_exit(&ring->uring);
    free(ring->lanes);
    free(ring->free_lanes);
    free(ring->free_files);
    free(ring);
    *at = NULL;
    return quiet;
}
