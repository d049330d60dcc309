/*
 * parquet_out.c - a file as it is written: bytes one behind the other, at offsets that are known.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_out.h"

#include "io/file_ops.h"

enum { UNSENT_MAX = 1024 * 1024 }; /* one call of the system for so much */

void mm_parquet_out_init(struct mm_parquet_out *out, int fd, const char *table)
{
    *out = (struct mm_parquet_out){.fd = fd, .table = table};
    mm_buf_init(&out->unsent, SIZE_MAX);
}

void mm_parquet_out_deinit(struct mm_parquet_out *out)
{
    mm_buf_deinit(&out->unsent);
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

enum mm_status mm_parquet_out_put(struct mm_parquet_out *out, struct mm_view bytes,
                                  struct mm_error *err)
{
    mm_buf_append(&out->unsent, bytes);
    out->offset += bytes.len;
    if (out->unsent.failed)
        return mm_fail(err, MM_E_NOMEM, "no memory for table %s", out->table);
    return out->unsent.len < UNSENT_MAX ? MM_OK : mm_parquet_out_flush(out, err);
}
