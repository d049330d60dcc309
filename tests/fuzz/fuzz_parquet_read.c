/*
 * fuzz_parquet_read.c - any bytes as the file of a table: refused, or rows that are rows.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Pages are told by their CRC, so what is tried here is what has none: footer, schema, row groups
 * and indexes. fuzz_parquet_page.c tries the pages.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "columnar/parquet_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct mm_table_field members[] = {{"t", MM_VALUE_STRING, MM_FIELD_NULLABLE},
                                                {"k", MM_VALUE_INT32, 0}};
static const struct mm_column columns[] = {
    {.field = {"s", MM_VALUE_STRING, MM_FIELD_NULLABLE | MM_FIELD_BLOOM}},
    {.field = {"i", MM_VALUE_INT8, MM_FIELD_NULLABLE}},
    {.field = {"n", MM_VALUE_INT64, MM_FIELD_DELTA}},
    {.field = {"b", MM_VALUE_BOOL, 0}},
    {.field = {"a", MM_VALUE_ADDRESS, MM_FIELD_NULLABLE}},
    {.field = {"d", MM_VALUE_DATE, 0}},
    {.field = {"l", MM_VALUE_STRING, MM_FIELD_NULLABLE}, .shape = MM_COLUMN_LIST},
    {.field = {"r", 0, 0}, .shape = MM_COLUMN_STRUCT_LIST, .members = members, .member_count = 2},
};
static const uint8_t sort[] = {0, 2};
static const struct mm_table_schema schema = {"fuzz", columns, sizeof columns / sizeof columns[0],
                                              sort, 2};

static void check_row(struct mm_view row)
{
    struct mm_row_cursor c;
    struct mm_cell cell;
    enum mm_status status;
    mm_row_cursor_init(&c, &schema, row);
    while ((status = mm_row_next(&c, &cell)) == MM_OK)
        ;
    if (status != MM_END)
        abort();
}

static void walk(const char *path, const struct mm_table_read_options *options)
{
    struct mm_table_reader *reader;
    struct mm_row_reader rows;
    struct mm_view row;
    struct mm_error err;
    if (mm_table_reader_open(path, &schema, options, &reader, &err) != MM_OK)
        return;
    mm_row_reader_init(&rows, reader, &schema);
    while (mm_row_reader_next(&rows, &row, &err) == MM_OK)
        check_row(row);
    mm_row_reader_deinit(&rows);
    mm_table_reader_free(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct mm_table_filter filters[] = {
        {0, 0, 0, {"b", 1}, {"k", 1}},
        {2, 5, 500, {NULL, 0}, {NULL, 0}},
    };
    const struct mm_table_read_options all = {.memory_bytes = 16 << 20};
    const struct mm_table_read_options some = {
        .filters = filters, .filter_count = 2, .memory_bytes = 16 << 20};
    char path[64];
    int fd = memfd_create("fuzz", 0);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    walk(path, &all);
    walk(path, &some);
    close(fd);
    return 0;
}
