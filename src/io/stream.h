/*
 * stream.h - bytes of a file or pipe, pulled; what is packed with gzip or zstd comes unpacked.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Told by the first bytes. Several gzip members or zstd frames one behind the other are one stream.
 * Memory is bounded whatever the input: one input buffer and the window of the format (zstd: up to
 * 128 MiB, as the zstd tool itself allows).
 */
#ifndef MM_IO_STREAM_H
#define MM_IO_STREAM_H

#include "base/error.h"
#include "base/view.h"

enum { MM_STREAM_PAUSE_MS = 100 };

enum mm_packing { MM_PACKING_NONE, MM_PACKING_GZIP, MM_PACKING_ZSTD };

enum { MM_PACKED_HEAD_BYTES = 256 * 1024 }; /* of packed bytes, that tell the first unpacked ones */

struct mm_stream;

/* By the first bytes; four are enough. */
enum mm_packing mm_packing_sniff(struct mm_view head);

/* By the first ten bytes: packed by a program whose form is not read. */
bool mm_packing_is_unknown(struct mm_view head);

/* The first bytes of what is packed in memory, up to `cap`; fewer where there are no more, or where
 * it is damaged. MM_PACKED_HEAD_BYTES of it are enough for 512. */
size_t mm_packed_head(struct mm_view packed, char *out, size_t cap);

/* From where `fd` stands; it is borrowed and must outlive the stream. NULL without memory. */
struct mm_stream *mm_stream_new(int fd);
void mm_stream_free(struct mm_stream **stream);

/* Before the first read: so many threads unpack frames of Zstandard ahead, where these tell their
 * size and are small. What comes out is the same. */
void mm_stream_set_helpers(struct mm_stream *stream, unsigned helpers);

/*
 * Wait for some bytes and take them: at least one with MM_OK.
 * Returns  MM_OK; MM_END; MM_AGAIN when nothing came for MM_STREAM_PAUSE_MS (a pipe may pause for
 * as long as it likes); MM_E_IO; MM_E_SYNTAX where packed bytes are damaged, cut short or followed
 * by something else: all that could be unpacked was given before, err->offset is the place in the
 * packed bytes; MM_E_NOMEM. After an error or MM_END the same comes again.
 */
enum mm_status mm_stream_read(struct mm_stream *stream, char *to, size_t cap, size_t *count,
                              struct mm_error *err) MM_MUST_CHECK;
/* Known once something was read. */
enum mm_packing mm_stream_packing(const struct mm_stream *stream);

#endif /* MM_IO_STREAM_H */
