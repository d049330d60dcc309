/*
 * container.h - one stream that holds messages, cut into blocks of whole messages.
 * SPDX-License-Identifier: Apache-2.0
 *
 * What is packed is unpacked on the way. Memory is the block being filled; a message larger than a
 * block grows it up to the limit, one beyond the limit is named and stepped over. A container that
 * is damaged or cut short gives the messages that are whole, and one more entry that says so.
 */
#ifndef MM_PIPELINE_CONTAINER_H
#define MM_PIPELINE_CONTAINER_H

#include <limits.h>

#include "base/error.h"
#include "base/view.h"
#include "io/budget.h"
#include "pipeline/cutter.h"

struct mm_container_member {
    uint64_t offset; /* in the (unpacked) stream: where the member begins */
    size_t at, len;  /* in the block: the message as stored, an mbox' separator line with it */
    size_t envelope_at, envelope_len;
    struct mm_view name; /* inside the container; empty where the offset names it */
    bool is_link;        /* no message: leads to another member */
    const char *slug;    /* NULL, or why there is no message: message-too-large, no-separator,
                            path-too-long, special-file, sparse-member, truncated-archive,
                            damaged-archive, no-such-member */
};

struct mm_container_options {
    int fd;
    enum mm_source_format format; /* MM_SOURCE_AUTO: the content tells */
    struct mm_view wanted;        /* the member of this name, or that begins at this offset, and no
                                     other; empty: all */
    bool *lone;                   /* out, before the first member: the stream is one message */
    enum mm_member_form *form;    /* out, before the first member */
    struct mm_budget *budget;
    uint64_t member_max_bytes;
    /* Members in order, at most MM_BATCH_ITEMS between two blocks, then the block that holds those
     * taken since the last block (NULL where they need none). The receiver owns the block and gives
     * taken_bytes back to the budget. False ends the reading. */
    bool (*take_member)(void *context, const struct mm_container_member *member);
    bool (*take_block)(void *context, char *block, size_t taken_bytes);
    /* Asked while the stream has nothing to give: true ends the reading. */
    bool (*stopping)(void *context);
    void *context;
};

/*
 * "archive.mbox!1234" or "archive.tar!dir/a.eml", as rows name a message of a container: the path
 * of a file that is there, and the rest. False where `name` is none of that kind.
 */
bool mm_member_name_split(struct mm_view name, char path[PATH_MAX], struct mm_view *member);

/* MM_OK also when the receiver ended it. MM_E_IO, MM_E_NOMEM. */
enum mm_status mm_container_read(const struct mm_container_options *options,
                                 struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_PIPELINE_CONTAINER_H */
