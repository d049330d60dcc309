/*
 * member_name.h - names of messages in containers: in rows, in lists, in a tree.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_PIPELINE_MEMBER_NAME_H
#define MM_PIPELINE_MEMBER_NAME_H

#include <limits.h>

#include "base/view.h"

enum {
    MM_MEMBER_NAME_MAX_BYTES = 2 * PATH_MAX + 32, /* path, '!', name or offset */
    MM_MEMBER_BELOW_MAX_BYTES = 32
};

/* "archive.mbox!1234" or "archive.tar!dir/a.eml": `member` is the name inside, or empty. */
struct mm_view mm_member_name_make(struct mm_view container, struct mm_view member, uint64_t offset,
                                   char buffer[MM_MEMBER_NAME_MAX_BYTES]);
/* Such a name taken apart: the path of a file that is there, and the rest. False where `name` is
 * none of that kind. */
bool mm_member_name_split(struct mm_view name, char path[PATH_MAX], struct mm_view *member);

/* What a tree calls the member, below the container's own folder. */
struct mm_view mm_member_below(struct mm_view member, uint64_t offset,
                               char buffer[MM_MEMBER_BELOW_MAX_BYTES]);
/* The name of what a packed file holds: its own, without the suffix that says how it is packed. */
void mm_unpacked_name(struct mm_view path, char name[NAME_MAX + 1]);

#endif /* MM_PIPELINE_MEMBER_NAME_H */
