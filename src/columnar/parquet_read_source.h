/*
 * parquet_read_source.h - a Parquet file being read: its bytes, the memory it may take, its faults.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_COLUMNAR_PARQUET_READ_SOURCE_H
#define MM_COLUMNAR_PARQUET_READ_SOURCE_H

#include "base/buf.h"
#include "base/error.h"

struct mm_parquet_source {
    int fd; /* -1: none */
    char *path;
    uint64_t bytes, device, inode;
    void *zstd;                      /* ZSTD_DCtx */
    size_t held_bytes, memory_bytes; /* of all buffers below; and how many they may be */
    struct mm_buf stored, repetition, definition; /* while a page of any column is unpacked */
};

/* MM_E_IO; MM_E_NOMEM. deinit is wanted all the same. */
enum mm_status mm_parquet_source_open(struct mm_parquet_source *s, const char *path,
                                      size_t memory_bytes, struct mm_error *err) MM_MUST_CHECK;
void mm_parquet_source_deinit(struct mm_parquet_source *s);

/* Make a buffer hold `bytes` bytes, whatever they are. MM_E_LIMIT over memory_bytes; MM_E_NOMEM. */
enum mm_status mm_parquet_source_room(struct mm_parquet_source *s, struct mm_buf *buf, size_t bytes,
                                      struct mm_error *err) MM_MUST_CHECK;
void mm_parquet_source_release(struct mm_parquet_source *s, struct mm_buf *buf);
/* Bytes of the file into a buffer. MM_E_SYNTAX where the file has none there; and as above. */
enum mm_status mm_parquet_source_read(struct mm_parquet_source *s, uint64_t offset, uint64_t bytes,
                                      struct mm_buf *buf, struct mm_error *err) MM_MUST_CHECK;

/* MM_E_SYNTAX: what the file has at `offset` is damaged, or not as our writer leaves it. `column`
 * may be NULL. */
enum mm_status mm_parquet_source_fault(const struct mm_parquet_source *s, uint64_t offset,
                                       const char *column, const char *what, struct mm_error *err);

#endif /* MM_COLUMNAR_PARQUET_READ_SOURCE_H */
