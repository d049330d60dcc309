/*
 * parquet_out.h - a Parquet file as it is written: bytes at their offsets, and pages among them.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_COLUMNAR_PARQUET_OUT_H
#define MM_COLUMNAR_PARQUET_OUT_H

#include "base/buf.h"
#include "base/error.h"
#include "columnar/parquet_bounds.h"

struct mm_parquet_out {
    int fd;               /* the caller's */
    const char *table;    /* for words */
    uint64_t offset;      /* where the next byte comes to stand */
    struct mm_buf unsent; /* behind what is in the file */
    struct mm_buf packed;
    void *zstd; /* ZSTD_CCtx */
};

/* MM_E_NOMEM; deinit is wanted all the same. */
enum mm_status mm_parquet_out_init(struct mm_parquet_out *out, int fd, const char *table,
                                   struct mm_error *err) MM_MUST_CHECK;
void mm_parquet_out_deinit(struct mm_parquet_out *out);

enum mm_status mm_parquet_out_put(struct mm_parquet_out *out, struct mm_view bytes,
                                  struct mm_error *err) MM_MUST_CHECK;
/* All that was put is in the file, not synced. */
enum mm_status mm_parquet_out_flush(struct mm_parquet_out *out, struct mm_error *err) MM_MUST_CHECK;

struct mm_parquet_page {
    enum mm_parquet_page_type type;
    enum mm_parquet_encoding encoding;
    size_t level_count;             /* of a dictionary: values */
    size_t null_count;              /* a data page's; places in empty lists count too */
    const struct mm_bounds *bounds; /* a data page's */
};

struct mm_parquet_page_size {
    size_t stored, unpacked; /* both with the page's header */
};

/* Pack and put one page. Source: parquet.thrift, PageHeader; README.md, "Checksumming". */
enum mm_status mm_parquet_out_page(struct mm_parquet_out *out, const struct mm_parquet_page *page,
                                   struct mm_view body, struct mm_parquet_page_size *size,
                                   struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_COLUMNAR_PARQUET_OUT_H */
