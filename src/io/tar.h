/*
 * tar.h - what comes next in a tar: ustar, pax and GNU names.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Source: POSIX.1-2017 pax, "ustar Interchange Format" and "pax Header Block"; the GNU tar manual,
 * "Basic Tar Format" (long names, base-256 sizes, sparse members).
 */
#ifndef MM_IO_TAR_H
#define MM_IO_TAR_H

#include <limits.h>

#include "base/view.h"

enum {
    MM_TAR_BLOCK_BYTES = 512,
    MM_TAR_EXTENSION_MAX_BYTES = 64 * 1024 /* a pax header or long name; names end at PATH_MAX */
};

enum mm_tar_kind {
    MM_TAR_MORE,    /* `need` bytes must be there */
    MM_TAR_FILE,    /* its bytes are at data_at */
    MM_TAR_SKIP,    /* folders, headers that speak of the next entry, what is of a work folder */
    MM_TAR_LINK,    /* hard or symbolic: no bytes of its own */
    MM_TAR_SPECIAL, /* FIFO or device */
    MM_TAR_SPARSE,  /* a file whose holes are left out: its bytes are not those of the file */
    MM_TAR_END,     /* two blocks of zeros, or nothing more */
    MM_TAR_DAMAGED  /* no header here: nothing behind it can be found either */
};

/* What headers before an entry said of it. Zeroed at the beginning. */
struct mm_tar {
    char name[PATH_MAX];
    size_t name_len;
    bool has_name, name_too_long, has_size, sparse;
    uint64_t size;
};

struct mm_tar_entry {
    enum mm_tar_kind kind;
    size_t need;          /* MM_TAR_MORE */
    struct mm_view name;  /* of entries; memory of the mm_tar until the next call */
    bool name_too_long;   /* longer than a path may be: `name` is its beginning */
    size_t data_at;       /* MM_TAR_FILE */
    uint64_t size;        /* of the file's bytes */
    uint64_t entry_bytes; /* from here to the next header */
};

/* True where bytes (512 are needed) begin with a header. */
bool mm_tar_sniff(struct mm_view head);
/* True where bytes are zero blocks and nothing else, two at least: no members, and the end. */
bool mm_tar_is_empty(struct mm_view bytes);
/* Look at the header at the beginning of `bytes`. The file's own bytes need not be there. */
void mm_tar_next(struct mm_tar *tar, struct mm_view bytes, struct mm_tar_entry *entry);

#endif /* MM_IO_TAR_H */
