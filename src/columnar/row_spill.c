/*
 * row_spill.c - runs of ordered rows in a temporary file, for which memory has no room.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/row_spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>

#include "io/file_ops.h"

enum {
    LEVEL = -5, /* quicker than any disk; rows shrink to a seventh */
    BLOCK_BYTES_MAX = MM_ROW_AGREES_BYTES + MM_ROW_RECORD_BYTES_MAX
};

struct block_head {
    uint32_t packed_bytes, bytes;
    uint64_t hash; /* of the packed bytes, seeded with the block's offset */
};

struct mm_row_spill {
    int fd; /* -1: none yet */
    char *folder;
    char *path;       /* NULL: the file has no name */
    bool name_synced; /* it is on disk */
    ZSTD_CCtx *packer;
    uint64_t run_offset; /* of the run at hand */
    uint64_t run_hash;
    size_t run_block_bytes;
    uint64_t end; /* of its blocks so far; what lies behind is no run */
    struct mm_buf block, packed;
};

struct mm_row_unpacker {
    ZSTD_DCtx *ctx;
    struct mm_buf packed;
};

static size_t packed_bytes_max(void)
{
    return ZSTD_COMPRESSBOUND(BLOCK_BYTES_MAX);
}

static char *join(const char *folder, const char *name)
{
    char *path = NULL;
    return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

struct mm_row_spill *mm_row_spill_new(const char *folder, const char *name)
{
    struct mm_row_spill *spill = calloc(1, sizeof *spill);
    if (!spill)
        return NULL;
    spill->fd = -1;
    spill->folder = strdup(folder);
    spill->path = name ? join(folder, name) : NULL;
    mm_buf_init(&spill->block, BLOCK_BYTES_MAX);
    mm_buf_init(&spill->packed, packed_bytes_max());
    if (!spill->folder || (name && !spill->path))
        mm_row_spill_free(&spill);
    return spill;
}

void mm_row_spill_free(struct mm_row_spill **at)
{
    struct mm_row_spill *spill = *at;
    if (!spill)
        return;
    if (spill->fd >= 0)
        close(spill->fd);
    ZSTD_freeCCtx(spill->packer);
    mm_buf_deinit(&spill->block);
    mm_buf_deinit(&spill->packed);
    free(spill->folder);
    free(spill->path);
    free(spill);
    *at = NULL;
}

const char *mm_row_spill_folder(const struct mm_row_spill *spill)
{
    return spill->folder;
}

uint64_t mm_row_spill_bytes(const struct mm_row_spill *spill)
{
    return spill->run_offset;
}

/* ---- writing ---- */

static enum mm_status open_file(struct mm_row_spill *spill, struct mm_error *err)
{
    enum { FLAGS = O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY };
    spill->fd =
        spill->path ? mm_file_open(spill->path, FLAGS, 0600) : mm_file_temporary(spill->folder);
    if (spill->fd < 0)
        return mm_fail_os(err, errno, "cannot make a temporary file in %s", spill->folder);
    return MM_OK;
}

static enum mm_status make_packer(struct mm_row_spill *spill, struct mm_error *err)
{
    spill->packer = ZSTD_createCCtx();
    if (!spill->packer ||
        ZSTD_isError(ZSTD_CCtx_setParameter(spill->packer, ZSTD_c_compressionLevel, LEVEL)))
        return mm_fail(err, MM_E_NOMEM, "no memory to spill rows");
    return MM_OK;
}

enum mm_status mm_row_spill_begin(struct mm_row_spill *spill, struct mm_error *err)
{
    if (spill->fd < 0)
        MM_TRY(open_file(spill, err));
    if (!spill->packer)
        MM_TRY(make_packer(spill, err));
    /* A run that failed has left bytes behind. */
    if (lseek(spill->fd, (off_t)spill->run_offset, SEEK_SET) < 0)
        return mm_fail_os(err, errno, "cannot write a temporary file in %s", spill->folder);
    spill->end = spill->run_offset;
    spill->run_hash = 0;
    spill->run_block_bytes = 0;
    mm_buf_clear(&spill->block);
    return MM_OK;
}

/* The hash of a run so far, and of one block more. */
static uint64_t hash_chain(uint64_t hash, uint64_t block_hash)
{
    return XXH3_64bits_withSeed(&block_hash, sizeof block_hash, hash);
}

static enum mm_status write_block(struct mm_row_spill *spill, struct mm_error *err)
{
    struct mm_view block = mm_buf_view(&spill->block);
    size_t room = ZSTD_compressBound(block.len);
    mm_buf_clear(&spill->packed);
    if (!mm_buf_reserve(&spill->packed, room))
        return mm_fail(err, MM_E_NOMEM, "no memory to spill rows");
    size_t packed = ZSTD_compress2(spill->packer, spill->packed.data, room, block.data, block.len);
    if (ZSTD_isError(packed))
        return mm_fail(err, MM_E_NOMEM, "no memory to spill rows");
    struct block_head head = {(uint32_t)packed, (uint32_t)block.len,
                              XXH3_64bits_withSeed(spill->packed.data, packed, spill->end)};
    struct mm_view parts[] = {{(const char *)&head, sizeof head}, {spill->packed.data, packed}};
    int failed = mm_file_write(spill->fd, parts, MM_COUNT(parts));
    if (failed)
        return mm_fail_os(err, failed, "cannot write a temporary file in %s", spill->folder);
    spill->end += sizeof head + packed;
    spill->run_hash = hash_chain(spill->run_hash, head.hash);
    if (block.len > spill->run_block_bytes)
        spill->run_block_bytes = block.len;
    mm_buf_clear(&spill->block);
    return MM_OK;
}

enum mm_status mm_row_spill_put(struct mm_row_spill *spill, const struct mm_row_item *item,
                                struct mm_error *err)
{
    size_t bytes = sizeof(struct mm_row_record_head) + mm_row_record_text(item->record).len;
    uint32_t agrees = (uint32_t)item->agrees;
    if (spill->block.len && spill->block.len + sizeof agrees + bytes > MM_ROW_BLOCK_BYTES)
        MM_TRY(write_block(spill, err));
    mm_buf_append(&spill->block, (struct mm_view){(const char *)&agrees, sizeof agrees});
    mm_buf_append(&spill->block, (struct mm_view){item->record, bytes});
    return spill->block.failed ? mm_fail(err, MM_E_NOMEM, "no memory to spill rows") : MM_OK;
}

enum mm_status mm_row_spill_end(struct mm_row_spill *spill, struct mm_row_run *run,
                                struct mm_error *err)
{
    if (spill->block.len)
        MM_TRY(write_block(spill, err));
    *run = (struct mm_row_run){spill, spill->run_offset, spill->end, spill->run_hash,
                               spill->run_block_bytes};
    spill->run_offset = spill->end;
    return MM_OK;
}

enum mm_status mm_row_spill_sync(struct mm_row_spill *spill, struct mm_error *err)
{
    int failed = spill->fd >= 0 ? mm_file_sync(spill->fd) : 0;
    if (!failed && spill->fd >= 0 && spill->path && !spill->name_synced) {
        failed = mm_file_sync_folder_of(spill->path);
        spill->name_synced = !failed;
    }
    return failed ? mm_fail_os(err, failed, "cannot sync rows in %s", spill->folder) : MM_OK;
}

/* ---- a file of an earlier run ---- */

enum mm_status mm_row_spill_open(const char *folder, const char *name, struct mm_row_spill **made,
                                 struct mm_error *err)
{
    struct mm_row_spill *spill = mm_row_spill_new(folder, name);
    *made = spill;
    if (!spill)
        return mm_fail(err, MM_E_NOMEM, "no memory for the rows in %s", folder);
    spill->fd = mm_file_open(spill->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0);
    if (spill->fd >= 0)
        return MM_OK;
    enum mm_status st = mm_fail_os(err, errno, "cannot open the rows %s", spill->path);
    mm_row_spill_free(made);
    return st;
}

enum mm_status mm_row_spill_cut(struct mm_row_spill *spill, uint64_t bytes, struct mm_error *err)
{
    struct stat st;
    if (fstat(spill->fd, &st) != 0)
        return mm_fail_os(err, errno, "cannot read the rows %s", spill->path);
    if ((uint64_t)st.st_size < bytes)
        return mm_fail(err, MM_E_SYNTAX, "the rows %s are fewer than the journal says",
                       spill->path);
    int failed = mm_file_truncate(spill->fd, bytes);
    spill->run_offset = bytes;
    return failed ? mm_fail_os(err, failed, "cannot cut the rows %s", spill->path) : MM_OK;
}

/* ---- reading ---- */

struct mm_row_unpacker *mm_row_unpacker_new(void)
{
    struct mm_row_unpacker *unpacker = calloc(1, sizeof *unpacker);
    if (!unpacker)
        return NULL;
    mm_buf_init(&unpacker->packed, packed_bytes_max());
    unpacker->ctx = ZSTD_createDCtx();
    if (!unpacker->ctx)
        mm_row_unpacker_free(&unpacker);
    return unpacker;
}

void mm_row_unpacker_free(struct mm_row_unpacker **at)
{
    struct mm_row_unpacker *unpacker = *at;
    if (!unpacker)
        return;
    ZSTD_freeDCtx(unpacker->ctx);
    mm_buf_deinit(&unpacker->packed);
    free(unpacker);
    *at = NULL;
}

void mm_row_run_reader_init(struct mm_row_run_reader *reader, struct mm_row_run run)
{
    *reader = (struct mm_row_run_reader){.run = run};
    mm_buf_init(&reader->block, BLOCK_BYTES_MAX);
}

void mm_row_run_reader_deinit(struct mm_row_run_reader *reader)
{
    mm_buf_deinit(&reader->block);
}

static enum mm_status fail_changed(const struct mm_row_spill *spill, uint64_t offset,
                                   struct mm_error *err)
{
    return mm_fail_at(err, MM_E_IO, offset,
                      "a temporary file in %s is not as it was written: check the disk",
                      spill->folder);
}

static enum mm_status fail_read(const struct mm_row_spill *spill, int os_errno,
                                struct mm_error *err)
{
    return mm_fail_os(err, os_errno, "cannot read a temporary file in %s", spill->folder);
}

static enum mm_status read_packed(struct mm_row_run_reader *reader,
                                  struct mm_row_unpacker *unpacker, struct block_head *head,
                                  struct mm_error *err)
{
    struct mm_row_run *run = &reader->run;
    int failed = ENODATA;
    if (run->end - run->offset >= sizeof *head)
        failed = mm_file_read_at(run->spill->fd, head, sizeof *head, run->offset);
    if (failed)
        return fail_read(run->spill, failed, err);
    if (head->packed_bytes > run->end - run->offset - sizeof *head || head->bytes > BLOCK_BYTES_MAX)
        return fail_changed(run->spill, run->offset, err);
    mm_buf_clear(&unpacker->packed);
    mm_buf_clear(&reader->block);
    if (!mm_buf_reserve(&unpacker->packed, head->packed_bytes) ||
        !mm_buf_reserve(&reader->block, head->bytes))
        return mm_fail(err, MM_E_NOMEM, "no memory to merge rows");
    failed = mm_file_read_at(run->spill->fd, unpacker->packed.data, head->packed_bytes,
                             run->offset + sizeof *head);
    return failed ? fail_read(run->spill, failed, err) : MM_OK;
}

static enum mm_status read_block(struct mm_row_run_reader *reader, struct mm_row_unpacker *unpacker,
                                 struct mm_error *err)
{
    struct mm_row_run *run = &reader->run;
    struct block_head head;
    MM_TRY(read_packed(reader, unpacker, &head, err));
    const char *packed = unpacker->packed.data;
    if (XXH3_64bits_withSeed(packed, head.packed_bytes, run->offset) != head.hash ||
        ZSTD_decompressDCtx(unpacker->ctx, reader->block.data, head.bytes, packed,
                            head.packed_bytes) != head.bytes)
        return fail_changed(run->spill, run->offset, err);
    reader->block.len = head.bytes;
    reader->at = 0;
    reader->hash = hash_chain(reader->hash, head.hash);
    run->offset += sizeof head + head.packed_bytes;
    return run->offset == run->end && reader->hash != run->hash
               ? fail_changed(run->spill, run->offset, err)
               : MM_OK;
}

enum mm_status mm_row_run_reader_next(struct mm_row_run_reader *reader,
                                      struct mm_row_unpacker *unpacker, struct mm_row_item *item,
                                      struct mm_error *err)
{
    if (reader->at == reader->block.len) {
        if (reader->run.offset == reader->run.end)
            return MM_END;
        MM_TRY(read_block(reader, unpacker, err));
    }
    const char *at = reader->block.data + reader->at;
    *item = mm_row_item_take(&at);
    reader->at = (size_t)(at - reader->block.data);
    return MM_OK;
}
