/*
 * parquet_pages.c - a dictionary and a page of any bytes, packed and with the right checksum.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "support/parquet_pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "columnar/parquet_index.h"

enum { MEMORY_BYTES = 64 << 20 };

struct mm_parquet_leaf mm_made_leaf(const struct mm_table_field *field, bool list)
{
    const struct mm_column column = {.field = *field,
                                     .shape = list ? MM_COLUMN_LIST : MM_COLUMN_SCALAR};
    const struct mm_table_schema schema = {"made", &column, 1, NULL, 0};
    struct mm_parquet_leaf leaf;
    mm_parquet_leaves(&schema, &leaf);
    leaf.field = field;
    return leaf;
}

/* The pages in a file, and an index of them. */
static struct mm_parquet_place write_pages(const struct mm_made_pages *made, int fd)
{
    struct mm_parquet_packer packer;
    struct mm_parquet_page_size size;
    struct mm_bounds bounds = {.known = false};
    struct mm_parquet_page dictionary = {.type = MM_PARQUET_DICTIONARY_PAGE,
                                         .encoding = MM_PARQUET_PLAIN,
                                         .level_count = made->dictionary_count};
    struct mm_parquet_page page = {.type = MM_PARQUET_DATA_PAGE,
                                   .encoding = made->encoding,
                                   .level_count = made->levels,
                                   .bounds = &bounds};
    struct mm_parquet_place place = {.present = true, .level_count = made->levels};
    struct mm_buf file;
    mm_buf_init(&file, MEMORY_BYTES);
    bool done = mm_parquet_packer_init(&packer);
    mm_buf_append_str(&file, MM_PARQUET_MAGIC);
    place.dictionary_offset = file.len;
    done = done &&
           mm_parquet_page_append(&packer, &file, &dictionary, made->dictionary, &size) == MM_OK;
    place.data_offset = file.len;
    done = done && mm_parquet_page_append(&packer, &file, &page, made->page, &size) == MM_OK;
    place.end = place.offset_index = file.len;
    const struct mm_parquet_page_record record = {.stored_bytes = size.stored};
    place.offset_index_bytes = mm_parquet_index_offsets(
        &file, place.data_offset, (struct mm_view){(const char *)&record, sizeof record});
    done = done && write(fd, file.data, file.len) == (ssize_t)file.len;
    if (!done)
        abort();
    mm_parquet_packer_deinit(&packer);
    mm_buf_deinit(&file);
    return place;
}

enum mm_status mm_made_pages_read(const struct mm_made_pages *made, bool codes, bool checks_only,
                                  struct mm_made_reader *reader, struct mm_error *err)
{
    char path[64];
    reader->fd = memfd_create("made", 0);
    struct mm_parquet_place place = write_pages(made, reader->fd);
    snprintf(path, sizeof path, "/proc/self/fd/%d", reader->fd);
    if (mm_parquet_source_open(&reader->source, path, MEMORY_BYTES, err) != MM_OK)
        abort();
    mm_parquet_leaf_reader_init(&reader->leaf, &made->leaf, codes);
    reader->leaf.checks_only = checks_only;
    if (mm_parquet_leaf_begin(&reader->leaf, &reader->source, &place, made->rows, err) != MM_OK)
        abort();
    return mm_parquet_leaf_seek(&reader->leaf, &reader->source, 0, err);
}

void mm_made_reader_end(struct mm_made_reader *reader)
{
    mm_parquet_leaf_reader_end(&reader->leaf, &reader->source);
    mm_parquet_source_deinit(&reader->source);
    close(reader->fd);
}
