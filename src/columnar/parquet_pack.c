/*
 * parquet_pack.c - pages of a Parquet file: packed, with a checksum, behind their headers.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_pack.h"

#include <libdeflate.h>
#include <zstd.h>

enum {
    ZSTD_LEVEL = 3,      /* zstd's own default */
    PAGE_MAX = INT32_MAX /* of the format */
};

bool mm_parquet_packer_init(struct mm_parquet_packer *packer)
{
    packer->zstd = ZSTD_createCCtx();
    mm_buf_init(&packer->packed, SIZE_MAX);
    return packer->zstd;
}

void mm_parquet_packer_deinit(struct mm_parquet_packer *packer)
{
    ZSTD_freeCCtx(packer->zstd);
    mm_buf_deinit(&packer->packed);
    packer->zstd = NULL;
}

static enum mm_status pack(struct mm_parquet_packer *p, struct mm_view body)
{
    size_t bound = ZSTD_compressBound(body.len);
    mm_buf_clear(&p->packed);
    if (body.len > PAGE_MAX || bound > PAGE_MAX)
        return MM_E_LIMIT;
    if (!mm_buf_reserve(&p->packed, bound))
        return MM_E_NOMEM;
    size_t len = ZSTD_compressCCtx(p->zstd, p->packed.data, bound, body.data, body.len, ZSTD_LEVEL);
    if (ZSTD_isError(len))
        return MM_E_NOMEM; /* nothing else can go wrong: there is room for it */
    p->packed.len = len;
    return MM_OK;
}

static void write_kind(struct mm_thrift *t, const struct mm_parquet_page *page)
{
    enum { DATA_PAGE_HEADER = 5, DICTIONARY_PAGE_HEADER = 7 };
    bool data = page->type == MM_PARQUET_DATA_PAGE;
    mm_thrift_struct(t, data ? DATA_PAGE_HEADER : DICTIONARY_PAGE_HEADER);
    mm_thrift_i32(t, 1, (int32_t)page->level_count);
    mm_thrift_i32(t, 2, page->encoding);
    if (data) {
        mm_thrift_i32(t, 3, MM_PARQUET_RLE); /* definition levels */
        mm_thrift_i32(t, 4, MM_PARQUET_RLE); /* repetition levels */
        mm_bounds_write_statistics(t, 5, page->bounds, (int64_t)page->null_count);
    }
    mm_thrift_end(t);
}

enum mm_status mm_parquet_page_append(struct mm_parquet_packer *packer, struct mm_buf *out,
                                      const struct mm_parquet_page *page, struct mm_view body,
                                      struct mm_parquet_page_size *size)
{
    struct mm_thrift t;
    size_t begin = out->len;
    MM_TRY(pack(packer, body));
    struct mm_view packed = mm_buf_view(&packer->packed);
    mm_thrift_begin(&t, out);
    mm_thrift_i32(&t, 1, page->type);
    mm_thrift_i32(&t, 2, (int32_t)body.len);
    mm_thrift_i32(&t, 3, (int32_t)packed.len);
    mm_thrift_i32(&t, 4, (int32_t)libdeflate_crc32(0, packed.data, packed.len));
    write_kind(&t, page);
    mm_thrift_end(&t);
    mm_buf_append(out, packed);
    size->stored = out->len - begin;
    size->unpacked = size->stored - packed.len + body.len;
    return out->failed ? MM_E_NOMEM : MM_OK;
}
