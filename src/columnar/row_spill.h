/*
 * row_spill.h - runs of ordered rows in a temporary file, for which memory has no room.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A run is a sequence of blocks: packed length, unpacked length, XXH3-64, and as many whole items
 * as fit 64 KiB (or one that is longer), packed by zstd at a level for speed. The hash is seeded
 * with the block's place, so that none is taken for another; a run has one over those of its
 * blocks. Numbers are in the machine's order: the file has no name, or one that a later run of the
 * same program on the same machine finds it by.
 */
#ifndef MM_COLUMNAR_ROW_SPILL_H
#define MM_COLUMNAR_ROW_SPILL_H

#include "base/error.h"
#include "columnar/row_record.h"

struct mm_row_spill; /* the file; one thread writes, any number read what is written */

struct mm_row_run {
    const struct mm_row_spill *spill;
    uint64_t offset, end;
    uint64_t hash;      /* over the hashes of its blocks, in order */
    size_t block_bytes; /* of its longest one: what a reader holds */
};

enum { MM_ROW_BLOCK_BYTES = 64 * 1024 };

/* The file is made in `folder` when the first run is written. name: NULL for none, and the file
 * goes with the struct. NULL without memory. */
struct mm_row_spill *mm_row_spill_new(const char *folder, const char *name);
/* A file that is there, to be read. MM_E_IO; MM_E_NOMEM. */
enum mm_status mm_row_spill_open(const char *folder, const char *name, struct mm_row_spill **spill,
                                 struct mm_error *err) MM_MUST_CHECK;
/* Of such a file: what lies behind `bytes` goes. MM_E_SYNTAX: there are fewer; MM_E_IO. */
enum mm_status mm_row_spill_cut(struct mm_row_spill *spill, uint64_t bytes,
                                struct mm_error *err) MM_MUST_CHECK;
void mm_row_spill_free(struct mm_row_spill **spill);
const char *mm_row_spill_folder(const struct mm_row_spill *spill);
uint64_t mm_row_spill_bytes(const struct mm_row_spill *spill); /* of all runs, on disk */

/*
 * Write one run: begin, each item in order, end. After an
 * error the run is none, and another may be begun. MM_E_NOMEM; MM_E_IO with the folder's name.
 */
enum mm_status mm_row_spill_begin(struct mm_row_spill *spill, struct mm_error *err) MM_MUST_CHECK;
enum mm_status mm_row_spill_put(struct mm_row_spill *spill, const struct mm_row_item *item,
                                struct mm_error *err) MM_MUST_CHECK;
enum mm_status mm_row_spill_end(struct mm_row_spill *spill, struct mm_row_run *run,
                                struct mm_error *err) MM_MUST_CHECK;

/* All runs are on disk, and the file's name. MM_E_IO. */
enum mm_status mm_row_spill_sync(struct mm_row_spill *spill, struct mm_error *err) MM_MUST_CHECK;

/* What the readers of one thread share: what a block is unpacked with. */
struct mm_row_unpacker;
struct mm_row_unpacker *mm_row_unpacker_new(void); /* NULL without memory */
void mm_row_unpacker_free(struct mm_row_unpacker **unpacker);

/* A run being read, and the block of it that is in memory. */
struct mm_row_run_reader {
    struct mm_row_run run; /* `offset` moves on */
    uint64_t hash;         /* of the blocks before it */
    struct mm_buf block;
    size_t at; /* in the block, of the next record */
};

void mm_row_run_reader_init(struct mm_row_run_reader *reader, struct mm_row_run run);
void mm_row_run_reader_deinit(struct mm_row_run_reader *reader);
/*
 * The next item; its record lasts until the next call. MM_END past the last;
 * MM_E_IO where the file cannot be read or is not as it was written; MM_E_NOMEM.
 */
enum mm_status mm_row_run_reader_next(struct mm_row_run_reader *reader,
                                      struct mm_row_unpacker *unpacker, struct mm_row_item *item,
                                      struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_COLUMNAR_ROW_SPILL_H */
