/*
 * zstd_write.h - text packed with Zstandard, frame by frame, with a table of the frames at the end.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Every reader of Zstandard takes it; one that knows the table reads any frame without those before
 * it. Source: RFC 8878; "Zstandard Seekable Format" 0.1.0 (contrib/seekable_format of zstd).
 */
#ifndef MM_IO_ZSTD_WRITE_H
#define MM_IO_ZSTD_WRITE_H

#include "base/buf.h"
#include "base/error.h"

struct mm_zstd_writer;
/* Frames are packed by `helpers` threads, and by the caller when it has to wait for them. One
 * thread at a time calls. NULL without memory. */
struct mm_zstd_writer *mm_zstd_writer_new(unsigned helpers);
void mm_zstd_writer_free(struct mm_zstd_writer **writer);

/*
 * Append `text`: frames of exactly 1 MiB of it go to `out` as they are packed, in order, what is
 * left waits in the writer, so that all bytes together are the same whatever the calls and helpers.
 * MM_E_NOMEM; MM_E_LIMIT above 134,217,727 frames.
 */
enum mm_status mm_zstd_write(struct mm_zstd_writer *writer, struct mm_view text,
                             struct mm_buf *out) MM_MUST_CHECK;
/* Wait until whole frames are packed, and append them. */
enum mm_status mm_zstd_write_settle(struct mm_zstd_writer *writer,
                                    struct mm_buf *out) MM_MUST_CHECK;
/* Append what waits, and the table. */
enum mm_status mm_zstd_write_end(struct mm_zstd_writer *writer, struct mm_buf *out) MM_MUST_CHECK;

/*
 * What a new writer needs to go on from here, behind mm_zstd_write_settle(). save appends what is
 * new in the table since the last call (*kept bytes), then what waits; load takes over what all
 * calls kept, and what waits by the last one. MM_E_SYNTAX where it is none; MM_E_NOMEM.
 */
enum mm_status mm_zstd_writer_save(struct mm_zstd_writer *writer, struct mm_buf *state,
                                   uint64_t *kept) MM_MUST_CHECK;
enum mm_status mm_zstd_writer_load(struct mm_zstd_writer *writer, struct mm_view kept,
                                   struct mm_view waiting) MM_MUST_CHECK;

#endif /* MM_IO_ZSTD_WRITE_H */
