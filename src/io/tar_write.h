/*
 * tar_write.h - headers of a tar that every tar reads: ustar, and pax where a name or size needs
 * it.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Source: POSIX.1-2017 pax, "ustar Interchange Format" and "pax Header Block".
 */
#ifndef MM_IO_TAR_WRITE_H
#define MM_IO_TAR_WRITE_H

#include "base/buf.h"

/*
 * The name of a member that comes from `name`: what leads out of the folder where the archive is
 * unpacked is left out, all up to a last ".." and slashes in front. A part of `name`, or a name of
 * our own where nothing is left.
 */
struct mm_view mm_tar_name_inside(struct mm_view name);

/* Append what stands before the bytes of a file: mode 0644, owner 0. The same call gives the same
 * bytes. */
void mm_tar_write_header(struct mm_buf *out, struct mm_view name, uint64_t size, int64_t mtime);
/* Append what stands behind `size` bytes of a file. */
void mm_tar_write_padding(struct mm_buf *out, uint64_t size);
/* Append the end: two blocks of zeros. */
void mm_tar_write_end(struct mm_buf *out);

#endif /* MM_IO_TAR_WRITE_H */
