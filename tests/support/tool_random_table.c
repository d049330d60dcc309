/*
 * tool_random_table.c - writes a random table as Parquet, and the same as lines.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   random_table SEED ROWS ROW_GROUP_ROWS PAGE_BYTES FILE.parquet FILE.lines
 *
 * 0 is the writer's own size of groups and pages. Prints the file's rows and bytes.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "columnar/parquet_writer.h"
#include "support/mm_test.h"
#include "support/random_table.h"

static int write_lines(const struct mm_random_table *table, const char *path)
{
    FILE *file = fopen(path, "wb");
    if (!file)
        return 73;
    for (size_t i = 0; i < table->count; i++) {
        fwrite(table->lines[i].data, 1, table->lines[i].len, file);
        putc('\n', file);
    }
    return fclose(file) == 0 ? 0 : 74;
}

static int write_table(const struct mm_random_table *table, const char *path,
                       const struct mm_table_options *options)
{
    struct mm_table_totals totals;
    struct mm_error err = {.status = MM_OK};
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return 73;
    enum mm_status status =
        mm_random_table_write(table, &mm_parquet_form, fd, options, &totals, &err);
    close(fd);
    if (status != MM_OK) {
        fprintf(stderr, "random_table: %s\n", err.text);
        return 74;
    }
    printf("%" PRIu64 " %" PRIu64 "\n", totals.rows, totals.bytes);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct mm_table_note notes[] = {{"mailmill.test", "random table"},
                                                 {"mailmill.schema_version", "1"}};
    struct mm_random_table table;
    if (argc != 7)
        return 64;
    const struct mm_table_options options = {
        .row_group_rows = (uint32_t)strtoul(argv[3], NULL, 10),
        .page_bytes = (uint32_t)strtoul(argv[4], NULL, 10),
        .notes = notes,
        .note_count = MM_COUNT(notes),
    };
    mm_random_table_make(&table, strtoull(argv[1], NULL, 10), strtoull(argv[2], NULL, 10));
    int code = write_table(&table, argv[5], &options);
    if (code == 0)
        code = write_lines(&table, argv[6]);
    mm_random_table_free(&table);
    return code;
}
