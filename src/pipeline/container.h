/*
 * container.h - one stream that holds messages, cut into blocks of whole messages.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Memory is the block being filled; a message larger than a block grows it up to the limit, one
 * beyond the limit is named and stepped over.
 */
#ifndef MM_PIPELINE_CONTAINER_H
#define MM_PIPELINE_CONTAINER_H

#include "base/error.h"
#include "base/view.h"
#include "io/budget.h"

enum mm_container_form {
    MM_CONTAINER_SNIFF, /* an mbox where it begins with a `From ` line, else one message */
    MM_CONTAINER_MBOX,
    MM_CONTAINER_MESSAGE
};

struct mm_container_member {
    uint64_t offset;  /* in the stream: of its `From ` line, or of its first byte */
    size_t at, len;   /* in the block: separator line and message as stored */
    const char *slug; /* NULL, or why there is no message: message-too-large, no-separator */
};

struct mm_container_options {
    int fd;
    enum mm_container_form form;
    uint64_t offset; /* start here (seekable streams only) */
    bool only_first; /* stop after one message */
    bool *lone;      /* out, before the first member: the stream is one message */
    struct mm_budget *budget;
    uint64_t member_max_bytes;
    /* Members in order, then the block that holds those taken since the last block. The receiver
     * owns the block and gives taken_bytes back to the budget. False ends the reading. */
    bool (*take_member)(void *context, const struct mm_container_member *member);
    bool (*take_block)(void *context, char *block, size_t taken_bytes);
    /* Asked while the stream has nothing to give: true ends the reading. */
    bool (*stopping)(void *context);
    void *context;
};

/* MM_OK also when the receiver ended it. MM_E_IO, MM_E_NOMEM. */
enum mm_status mm_container_read(const struct mm_container_options *options,
                                 struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_PIPELINE_CONTAINER_H */
