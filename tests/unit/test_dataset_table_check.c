/*
 * test_dataset_table_check.c - a table that is not what was written keeps its dataset from its
 * name.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/table_check.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "columnar/parquet_writer.h"
#include "dataset/dataset_out.h"
#include "support/mm_test.h"
#include "support/random_table.h"

enum { ROWS = 200 };

static char path[] = "/tmp/mailmill-check-XXXXXX";
static uint64_t file_bytes;

static void write_table(struct mm_random_table *table)
{
    struct mm_table_options options = {.row_group_rows = 90, .page_bytes = 300};
    struct mm_table_totals totals;
    struct mm_error err;
    strcpy(path + sizeof path - 7, "XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    mm_random_table_make(table, 1, ROWS);
    MM_CHECK_INT("write",
                 mm_random_table_write(table, &mm_parquet_form, fd, &options, &totals, &err),
                 MM_OK);
    file_bytes = totals.bytes;
    close(fd);
}

static void a_table_is_as_it_was_written(void **state)
{
    static struct mm_column columns[MM_TABLE_COLUMNS_MAX];
    struct mm_table_schema wider = mm_random_schema;
    struct mm_random_table table;
    struct mm_error err;
    (void)state;
    write_table(&table);
    MM_CHECK_INT("whole", mm_table_check(path, &mm_random_schema, ROWS, &err), MM_OK);
    MM_CHECK_INT("a row less", mm_table_check(path, &mm_random_schema, ROWS - 1, &err), MM_E_IO);
    MM_CHECK_INT("a row more", mm_table_check(path, &mm_random_schema, ROWS + 1, &err), MM_E_IO);
    memcpy(columns, wider.columns, wider.column_count * sizeof *columns);
    columns[wider.column_count++] =
        (struct mm_column){.field = {"more", MM_VALUE_STRING, MM_FIELD_NULLABLE}};
    wider.columns = columns;
    MM_CHECK_INT("a column more", mm_table_check(path, &wider, ROWS, &err), MM_E_IO);
    assert_non_null(strstr(err.text, "column more"));
    unlink(path);
    mm_random_table_free(&table);
}

static void a_bad_disk_is_noticed(void **state)
{
    struct mm_random_table table;
    struct mm_error err;
    (void)state;
    write_table(&table);
    /* The last page but for the indexes behind it: a disk that keeps zeros. */
    int fd = open(path, O_RDWR);
    static const char zeros[64];
    MM_CHECK_INT("write", pwrite(fd, zeros, sizeof zeros, (off_t)(file_bytes / 3)), sizeof zeros);
    MM_CHECK_INT("zeros", mm_table_check(path, &mm_random_schema, ROWS, &err), MM_E_IO);
    assert_non_null(strstr(err.text, path));
    MM_CHECK_INT("cut", ftruncate(fd, (off_t)(file_bytes - 1)), 0);
    MM_CHECK_INT("cut", mm_table_check(path, &mm_random_schema, ROWS, &err), MM_E_IO);
    close(fd);
    unlink(path);
    MM_CHECK_INT("gone", mm_table_check(path, &mm_random_schema, ROWS, &err), MM_E_IO);
    mm_random_table_free(&table);
}

/* A dataset of one table; `tamper`: another file stands where the table was being written. */
static enum mm_status write_dataset(const char *folder, const struct mm_random_table *table,
                                    bool tamper, struct mm_error *err)
{
    char dataset[PATH_MAX], file[PATH_MAX + 64];
    struct mm_dataset_out *out;
    struct mm_table_writer *writer;
    struct mm_table_totals totals;
    struct mm_table_options options = {0};
    snprintf(dataset, sizeof dataset, "%s/out", folder);
    snprintf(file, sizeof file, "%s.part/everything/part-00000.parquet", dataset);
    MM_CHECK_INT("new", mm_dataset_out_new(dataset, &mm_parquet_form, &out, err), MM_OK);
    MM_CHECK_INT("begin", mm_dataset_out_begin(out, &mm_random_schema, &options, &writer, err),
                 MM_OK);
    for (size_t i = 0; i < table->count; i++)
        MM_CHECK_INT("append", mm_table_writer_append(writer, table->rows[i], err), MM_OK);
    if (tamper)
        MM_CHECK_INT("tamper", rename(path, file), 0);
    enum mm_status status = mm_dataset_out_end(out, &totals, err);
    if (status == MM_OK)
        status = mm_dataset_out_commit(out, MM_VIEW("{}\n"), NULL, err);
    mm_dataset_out_free(&out);
    return status;
}

static void a_dataset_gets_its_name_only_when_it_reads_back(void **state)
{
    char folder[] = "/tmp/mailmill-dataset-XXXXXX", file[PATH_MAX];
    struct mm_random_table table, other;
    struct mm_error err;
    struct stat st;
    (void)state;
    assert_non_null(mkdtemp(folder));
    write_table(&other);
    mm_random_table_make(&table, 2, ROWS + 1);
    MM_CHECK_INT("another table", write_dataset(folder, &table, true, &err), MM_E_IO);
    assert_non_null(strstr(err.text, "201 rows and has 200"));
    snprintf(file, sizeof file, "%s/out", folder);
    MM_CHECK_INT("no dataset", stat(file, &st), -1);
    MM_CHECK_INT("its own", write_dataset(folder, &table, false, &err), MM_OK);
    snprintf(file, sizeof file, "%s/out/everything/part-00000.parquet", folder);
    MM_CHECK_INT("check", mm_table_check(file, &mm_random_schema, ROWS + 1, &err), MM_OK);
    snprintf(file, sizeof file, "rm -r '%s'", folder);
    MM_CHECK_INT("clean", system(file), 0);
    mm_random_table_free(&table);
    mm_random_table_free(&other);
}

MM_TEST_MAIN(MM_TEST(a_table_is_as_it_was_written), MM_TEST(a_bad_disk_is_noticed),
             MM_TEST(a_dataset_gets_its_name_only_when_it_reads_back))
