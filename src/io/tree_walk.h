/*
 * tree_walk.h - every file below a folder, depth first, each folder's names sorted bytewise.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A folder's names are read whole before its first one is given out, so that what is written into
 * it later is never seen. `.mailmill` is never a source.
 * What is no mail in a folder of Maildir or MH is left out, see mail_folder.h.
 */
#ifndef MM_IO_TREE_WALK_H
#define MM_IO_TREE_WALK_H

#include "base/error.h"
#include "base/view.h"

enum mm_walk_kind {
    MM_WALK_FILE,
    MM_WALK_LINK_INSIDE,   /* to a file or folder inside the tree: skipped and counted */
    MM_WALK_LINK_OUTSIDE,  /* rejected (without follow) */
    MM_WALK_LINK_DANGLING, /* rejected */
    MM_WALK_SPECIAL,       /* FIFO, socket, device: rejected unopened */
    MM_WALK_DIR_DENIED,    /* a folder that may not be read: os_errno */
    MM_WALK_DIR_FAILED,    /* a folder that failed in reading, or a loop with follow: os_errno */
    MM_WALK_TOO_LONG       /* a path past PATH_MAX */
};

struct mm_walk_entry {
    enum mm_walk_kind kind;
    struct mm_view
        path;     /* root as typed, '/', path below it; NUL behind it; lasts until the next call */
    size_t below; /* offset in path of the part below the root */
    int os_errno;
};

struct mm_walk;

/* root as typed; trailing slashes are dropped from what paths begin with ("a//" gives "a/b"; "/"
 * gives "/b"). names_limit: see names.h, for each folder. */
enum mm_status mm_walk_new(const char *root, bool follow, size_t names_limit, struct mm_walk **out,
                           struct mm_error *err) MM_MUST_CHECK;
void mm_walk_free(struct mm_walk **walk);
/* MM_OK with an entry, MM_END, or an error that ends the walk (no memory, spill file). */
enum mm_status mm_walk_next(struct mm_walk *walk, struct mm_walk_entry *entry,
                            struct mm_error *err) MM_MUST_CHECK;
size_t mm_walk_names_bytes(const struct mm_walk *walk); /* held now */

/* Names read and not yet given out: what is left at least. */
uint64_t mm_walk_names_left(const struct mm_walk *walk);

#endif /* MM_IO_TREE_WALK_H */
