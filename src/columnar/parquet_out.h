/*
 * parquet_out.h - a file as it is written: bytes one behind the other, at offsets that are known.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_COLUMNAR_PARQUET_OUT_H
#define MM_COLUMNAR_PARQUET_OUT_H

#include "base/buf.h"
#include "base/error.h"

struct mm_parquet_out {
    int fd;               /* the caller's */
    const char *table;    /* for words */
    uint64_t offset;      /* where the next byte comes to stand */
    struct mm_buf unsent; /* behind what is in the file */
};

void mm_parquet_out_init(struct mm_parquet_out *out, int fd, const char *table);
void mm_parquet_out_deinit(struct mm_parquet_out *out);

enum mm_status mm_parquet_out_put(struct mm_parquet_out *out, struct mm_view bytes,
                                  struct mm_error *err) MM_MUST_CHECK;
/* All that was put is in the file, not synced. */
enum mm_status mm_parquet_out_flush(struct mm_parquet_out *out, struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_COLUMNAR_PARQUET_OUT_H */
