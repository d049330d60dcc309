/*
 * container.h - one stream that holds messages, cut into blocks of whole messages.
 * SPDX-License-Identifier: Apache-2.0
 *
 * What is packed is unpacked on the way. Memory is the block being filled; a message larger than a
 * block grows it up to the limit, one beyond the limit is named and stepped over. A container that
 * is damaged or cut short gives the messages that are whole, and one more entry that says so. A zip
 * is no stream: one that comes through a pipe, or packed once more, goes through a temporary file.
 */
#ifndef MM_PIPELINE_CONTAINER_H
#define MM_PIPELINE_CONTAINER_H

#include "base/error.h"
#include "base/view.h"
#include "io/budget.h"
#include "pipeline/cutter.h"

struct mm_container_member {
    uint64_t offset; /* in the (unpacked) stream: where the member begins */
    char *block;     /* where `at` counts from; it stays there up to take_block() */
    size_t at, len;  /* in the block: the message as stored, an mbox' separator line with it */
    size_t envelope_at, envelope_len;
    struct mm_view name; /* inside the container; empty where the offset names it */
    bool is_link;        /* no message: leads to another member */
    const char *slug;    /* NULL, or why there is no message: message-too-large, no-separator,
                            path-too-long, special-file, sparse-member, truncated-archive,
                            damaged-archive, no-such-member, empty-archive,
                            unknown-packing; of a zip also
                            encrypted-member, unknown-compression, overlapping-member,
                            damaged-member, too-many-members */
};

struct mm_container_options {
    int fd;
    enum mm_source_format format; /* MM_SOURCE_AUTO: the content tells */
    struct mm_view wanted;        /* the member of this name, or that begins at this offset, and no
                                     other; empty: all */
    bool *lone;                   /* out, before the first member: the stream is one message */
    enum mm_member_form *form;    /* out, before the first member */
    struct mm_budget *budget;
    /* Takes bytes of the budget for a block, waiting as long as it needs; false where the reading
     * is to end. NULL: mm_budget_take_spare(). */
    bool (*take_bytes)(void *context, uint64_t bytes);
    uint64_t member_max_bytes;
    /* See mm_job_ops. Such a job is also given what there is of the member that the end of a zip
     * cuts, deflated data as a gzip stream that has no end; and is told of an archive without a
     * file. */
    bool job_unpacks;
    unsigned unpack_helpers; /* threads that unpack ahead */
    uint32_t block_items;    /* 1..MM_BATCH_ITEMS; 0: that many */
    /* Members in order, at most so many between two blocks, then the block that holds those
     * taken since the last block (NULL where they need none). The receiver owns the block and gives
     * taken_bytes back to the budget; with 0 it is not the receiver's. False ends the reading. */
    bool (*take_member)(void *context, const struct mm_container_member *member);
    bool (*take_block)(void *context, char *block, size_t taken_bytes);
    /* Asked while the stream has nothing to give: true ends the reading. */
    bool (*stopping)(void *context);
    void *context;
};

/* True where bytes (512 are enough) are those of a container, or packed, in a form that is not read
 * too. */
bool mm_container_sniff(struct mm_view head);
/* True where bytes (512 are enough) may be those of a tar without members. Of a file in a folder
 * nobody has said that it is one: there zeros are a message, as a crash leaves them. */
bool mm_container_begins_with_zeros(struct mm_view head);
/* The same for a job that unpacks: what is packed is a container only where that which it holds is
 * one. MM_PACKED_HEAD_BYTES are enough. */
bool mm_container_sniff_inside(struct mm_view head);
/* Where it can be answered later, by who unpacks the whole file anyway: so small a file costs less
 * to unpack than to look into and then unpack. */
bool mm_container_may_sniff_later(struct mm_view packed);
/* The answer then. `text`: what came out of it, or out of its undamaged beginning; without data
 * where it was not unpacked. */
bool mm_container_sniff_later(struct mm_view packed, struct mm_view text);

/* True of one that mm_container_cut() can cut: neither packed nor a zip. */
bool mm_container_lies_open(struct mm_view head, enum mm_source_format format);

/* MM_OK also when the receiver ended it. MM_E_IO, MM_E_NOMEM. */
enum mm_status mm_container_read(const struct mm_container_options *options,
                                 struct mm_error *err) MM_MUST_CHECK;

/* The same of one that is in memory and lies open there: blocks are parts of `bytes`, and fd,
 * wanted, budget and stopping are not looked at. */
void mm_container_cut(struct mm_view bytes, const struct mm_container_options *options);

#endif /* MM_PIPELINE_CONTAINER_H */
