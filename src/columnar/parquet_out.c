/*
 * parquet_out.c - a Parquet file as it is written: bytes at their offsets, and pages among them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_out.h"

#include <libdeflate.h>
#include <zstd.h>

#include "io/file_ops.h"

enum {
    ZSTD_LEVEL = 3,           /* zstd's own default */
    UNSENT_MAX = 1024 * 1024, /* one call of the system for so much */
    PAGE_MAX = INT32_MAX      /* of the format */
};

enum mm_status mm_parquet_out_init(struct mm_parquet_out *out, int fd, const char *table,
                                   struct mm_error *err)
{
    *out = (struct mm_parquet_out){.fd = fd, .table = table, .zstd = ZSTD_createCCtx()};
    mm_buf_init(&out->unsent, SIZE_MAX);
    mm_buf_init(&out->packed, SIZE_MAX);
    return out->zstd ? MM_OK : mm_fail(err, MM_E_NOMEM, "no memory for table %s", table);
}

void mm_parquet_out_deinit(struct mm_parquet_out *out)
{
    ZSTD_freeCCtx(out->zstd);
    mm_buf_deinit(&out->unsent);
    mm_buf_deinit(&out->packed);
    out->zstd = NULL;
}

enum mm_status mm_parquet_out_flush(struct mm_parquet_out *out, struct mm_error *err)
{
    struct mm_view unsent = mm_buf_view(&out->unsent);
    int failed = mm_file_write(out->fd, &unsent, 1);
    if (failed)
        return mm_fail_os(err, failed, "cannot write table %s", out->table);
    mm_buf_clear(&out->unsent);
    return MM_OK;
}

static enum mm_status no_memory(const struct mm_parquet_out *out, struct mm_error *err)
{
    return mm_fail(err, MM_E_NOMEM, "no memory for table %s", out->table);
}

enum mm_status mm_parquet_out_put(struct mm_parquet_out *out, struct mm_view bytes,
                                  struct mm_error *err)
{
    mm_buf_append(&out->unsent, bytes);
    out->offset += bytes.len;
    if (out->unsent.failed)
        return no_memory(out, err);
    return out->unsent.len < UNSENT_MAX ? MM_OK : mm_parquet_out_flush(out, err);
}

static enum mm_status pack(struct mm_parquet_out *out, struct mm_view body, struct mm_error *err)
{
    size_t bound = ZSTD_compressBound(body.len);
    mm_buf_clear(&out->packed);
    if (body.len > PAGE_MAX || bound > PAGE_MAX)
        return mm_fail(err, MM_E_LIMIT, "a page of table %s over 2 GiB", out->table);
    if (!mm_buf_reserve(&out->packed, bound))
        return no_memory(out, err);
    size_t len =
        ZSTD_compressCCtx(out->zstd, out->packed.data, bound, body.data, body.len, ZSTD_LEVEL);
    if (ZSTD_isError(len))
        return no_memory(out, err); /* nothing else can go wrong: there is room for it */
    out->packed.len = len;
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

enum mm_status mm_parquet_out_page(struct mm_parquet_out *out, const struct mm_parquet_page *page,
                                   struct mm_view body, struct mm_parquet_page_size *size,
                                   struct mm_error *err)
{
    struct mm_thrift t;
    uint64_t begin = out->offset;
    size_t unsent = out->unsent.len;
    MM_TRY(pack(out, body, err));
    struct mm_view packed = mm_buf_view(&out->packed);
    uint32_t crc = libdeflate_crc32(0, packed.data, packed.len);
    mm_thrift_begin(&t, &out->unsent);
    mm_thrift_i32(&t, 1, page->type);
    mm_thrift_i32(&t, 2, (int32_t)body.len);
    mm_thrift_i32(&t, 3, (int32_t)packed.len);
    mm_thrift_i32(&t, 4, (int32_t)crc);
    write_kind(&t, page);
    mm_thrift_end(&t);
    out->offset += out->unsent.len - unsent;
    MM_TRY(mm_parquet_out_put(out, packed, err));
    size->stored = out->offset - begin;
    size->unpacked = size->stored - packed.len + body.len;
    return MM_OK;
}
