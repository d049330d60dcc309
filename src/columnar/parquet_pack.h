/*
 * parquet_pack.h - pages of a Parquet file: packed, with a checksum, behind their headers.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_COLUMNAR_PARQUET_PACK_H
#define MM_COLUMNAR_PARQUET_PACK_H

#include "base/buf.h"
#include "base/error.h"
#include "columnar/parquet_bounds.h"

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

/* What packing needs, page after page; of one thread. */
struct mm_parquet_packer {
    void *zstd; /* ZSTD_CCtx */
    struct mm_buf packed;
};

/* False without memory; deinit is wanted all the same. */
bool mm_parquet_packer_init(struct mm_parquet_packer *packer);
void mm_parquet_packer_deinit(struct mm_parquet_packer *packer);

/*
 * Append one page to `out`. Source: parquet.thrift, PageHeader; README.md, "Checksumming".
 * Returns  MM_OK; MM_E_LIMIT: a page over 2 GiB; MM_E_NOMEM.
 */
enum mm_status mm_parquet_page_append(struct mm_parquet_packer *packer, struct mm_buf *out,
                                      const struct mm_parquet_page *page, struct mm_view body,
                                      struct mm_parquet_page_size *size) MM_MUST_CHECK;

#endif /* MM_COLUMNAR_PARQUET_PACK_H */
