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

#include "columnar/parquet_reader.h"
#include "columnar/parquet_writer.h"
#include "dataset/dataset_out.h"
#include "support/mm_test.h"
#include "support/random_table.h"

enum { ROWS = 200 };

static char path[] = "/tmp/mailmill-check-XXXXXX";
static uint64_t file_bytes;

static void write_rows(struct mm_random_table *table, size_t count,
                       const struct mm_table_options *options)
{
    struct mm_table_totals totals;
    struct mm_error err;
    strcpy(path + sizeof path - 7, "XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    mm_random_table_make(table, 1, count);
    MM_CHECK_INT("write",
                 mm_random_table_write(table, &mm_parquet_form, fd, options, &totals, &err), MM_OK);
    file_bytes = totals.bytes;
    close(fd);
}

static void write_table(struct mm_random_table *table)
{
    const struct mm_table_options options = {.row_group_rows = 90, .page_bytes = 300};
    write_rows(table, ROWS, &options);
}

static void a_table_is_as_it_was_written(void **state)
{
    static struct mm_column columns[MM_TABLE_COLUMNS_MAX];
    struct mm_table_schema wider = mm_random_schema;
    struct mm_random_table table;
    struct mm_error err;
    (void)state;
    write_table(&table);
    MM_CHECK_INT("whole", mm_table_check(path, &mm_random_schema, ROWS, 1, &err), MM_OK);
    MM_CHECK_INT("a row less", mm_table_check(path, &mm_random_schema, ROWS - 1, 1, &err), MM_E_IO);
    MM_CHECK_INT("a row more", mm_table_check(path, &mm_random_schema, ROWS + 1, 1, &err), MM_E_IO);
    memcpy(columns, wider.columns, wider.column_count * sizeof *columns);
    columns[wider.column_count++] =
        (struct mm_column){.field = {"more", MM_VALUE_STRING, MM_FIELD_NULLABLE}};
    wider.columns = columns;
    MM_CHECK_INT("a column more", mm_table_check(path, &wider, ROWS, 1, &err), MM_E_IO);
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
    MM_CHECK_INT("zeros", mm_table_check(path, &mm_random_schema, ROWS, 1, &err), MM_E_IO);
    assert_non_null(strstr(err.text, path));
    MM_CHECK_INT("cut", ftruncate(fd, (off_t)(file_bytes - 1)), 0);
    MM_CHECK_INT("cut", mm_table_check(path, &mm_random_schema, ROWS, 1, &err), MM_E_IO);
    close(fd);
    unlink(path);
    MM_CHECK_INT("gone", mm_table_check(path, &mm_random_schema, ROWS, 1, &err), MM_E_IO);
    mm_random_table_free(&table);
}

/* Whether all rows can be read. */
static bool reads(void)
{
    struct mm_table_reader *reader;
    struct mm_row_reader rows;
    struct mm_view row;
    struct mm_error err;
    if (mm_table_reader_open(path, &mm_random_schema, NULL, &reader, &err) < 0)
        return false;
    for (size_t i = 0; i < mm_random_schema.column_count; i++)
        if (!mm_table_reader_has(reader, i)) {
            mm_table_reader_free(&reader);
            return false;
        }
    enum mm_status status;
    size_t count = 0;
    mm_row_reader_init(&rows, reader, &mm_random_schema);
    while ((status = mm_row_reader_next(&rows, &row, &err)) == MM_OK)
        count++;
    mm_row_reader_deinit(&rows);
    mm_table_reader_free(&reader);
    return status == MM_END && count == ROWS;
}

/* Footer, indexes and pages: a bit here and there. */
static void what_cannot_be_read_does_not_pass(void **state)
{
    struct mm_random_table table;
    struct mm_error err;
    size_t bad = 0, good = 0;
    (void)state;
    write_table(&table);
    int fd = open(path, O_RDWR);
    for (uint64_t at = 0; at < file_bytes; at += 1 + at % 29) {
        char byte, changed;
        MM_CHECK_INT("read", pread(fd, &byte, 1, (off_t)at), 1);
        changed = (char)(byte ^ 1 << at % 8);
        MM_CHECK_INT("change", pwrite(fd, &changed, 1, (off_t)at), 1);
        bool can = reads();
        MM_CHECK_INT("checked", mm_table_check(path, &mm_random_schema, ROWS, 1, &err),
                     can ? MM_OK : MM_E_IO);
        MM_CHECK_INT("back", pwrite(fd, &byte, 1, (off_t)at), 1);
        bad += !can;
        good += can;
    }
    MM_CHECK_TRUE("of both kinds", bad > 100 && good > 10);
    close(fd);
    unlink(path);
    mm_random_table_free(&table);
}

/* What is wrong first, in the order of the file, whoever finds it. */
static void threads_say_the_same(void **state)
{
    enum { MANY_ROWS = 40000, CHANGES = 60 };
    static const unsigned threads[] = {1, 2, 3, 8};
    const struct mm_table_options options = {.row_group_rows = 9000, .page_bytes = 20000};
    struct mm_random_table table;
    struct mm_error first, err;
    uint64_t seed = 3;
    size_t bad = 0;
    (void)state;
    write_rows(&table, MANY_ROWS, &options);
    for (size_t i = 0; i < MM_COUNT(threads); i++) {
        MM_CHECK_INT("whole", mm_table_check(path, &mm_random_schema, MANY_ROWS, threads[i], &err),
                     MM_OK);
        MM_CHECK_INT("a row more",
                     mm_table_check(path, &mm_random_schema, MANY_ROWS + 1, threads[i], &err),
                     MM_E_IO);
    }
    /* More and more of it: some columns in several groups, in the end. */
    int fd = open(path, O_RDWR);
    for (size_t k = 0; k < CHANGES; k++) {
        off_t at = (off_t)(4 + mm_random(&seed) % (file_bytes / 2));
        MM_CHECK_INT("change", pwrite(fd, "?", 1, at), 1);
        enum mm_status status = mm_table_check(path, &mm_random_schema, MANY_ROWS, 1, &first);
        bad += status == MM_E_IO;
        for (size_t i = 1; i < MM_COUNT(threads); i++) {
            MM_CHECK_INT("status",
                         mm_table_check(path, &mm_random_schema, MANY_ROWS, threads[i], &err),
                         status);
            if (status == MM_E_IO)
                assert_string_equal(err.text, first.text);
        }
    }
    MM_CHECK_TRUE("mostly bad", bad > CHANGES / 2);
    close(fd);
    unlink(path);
    mm_random_table_free(&table);
}

/* The footer has no checksum; 200 in it, as the third field and before the fourth, are its rows. */
static void the_footer_has_to_know_how_many_rows_there_are(void **state)
{
    static const char rows[] = "\x16\x90\x03\x19", more[] = "\x16\x92\x03\x19";
    struct mm_random_table table;
    struct mm_error err;
    (void)state;
    write_table(&table);
    struct mm_view file = mm_test_read_file(path);
    const char *at = memmem(file.data, file.len, rows, sizeof rows - 1);
    assert_non_null(at);
    int fd = open(path, O_WRONLY);
    MM_CHECK_INT("write", pwrite(fd, more, sizeof more - 1, at - file.data), sizeof more - 1);
    close(fd);
    MM_CHECK_INT("a row more", mm_table_check(path, &mm_random_schema, ROWS, 1, &err), MM_E_IO);
    assert_non_null(strstr(err.text, "200 rows and has 201"));
    unlink(path);
    free((void *)(uintptr_t)file.data);
    mm_random_table_free(&table);
}

/* ---- lists of structs ---- */

static const struct mm_table_field members[] = {{"x", MM_VALUE_INT32, MM_FIELD_DELTA},
                                                {"y", MM_VALUE_INT32, MM_FIELD_DELTA}};
static const struct mm_column struct_columns[] = {
    {.field = {"r", 0, 0}, .shape = MM_COLUMN_STRUCT_LIST, .members = members, .member_count = 2}};
static const struct mm_table_schema structs = {"structs", struct_columns, 1, NULL, 0};

/* Two rows, with so many structs each, into a file of their own. */
static struct mm_view write_structs(const uint32_t counts[2])
{
    struct mm_table_options options = {0};
    struct mm_table_totals totals;
    struct mm_table_writer *writer;
    struct mm_row_writer w;
    struct mm_view row;
    struct mm_buf bytes;
    struct mm_error err;
    strcpy(path + sizeof path - 7, "XXXXXX");
    int fd = mkstemp(path);
    mm_buf_init(&bytes, 4096);
    MM_CHECK_INT("open", mm_parquet_form.open(&structs, fd, &options, &writer, &err), MM_OK);
    for (int i = 0; i < 2; i++) {
        mm_row_writer_init(&w, &structs, &bytes);
        mm_row_begin(&w);
        mm_row_list(&w, counts[i]);
        for (uint32_t k = 0; k < 2 * counts[i]; k++)
            mm_row_int(&w, 7);
        MM_CHECK_INT("row", mm_row_end(&w, &row), MM_OK);
        MM_CHECK_INT("append", mm_table_writer_append(writer, row, &err), MM_OK);
    }
    MM_CHECK_INT("finish", mm_table_writer_finish(writer, &totals, &err), MM_OK);
    mm_table_writer_free(&writer);
    mm_buf_deinit(&bytes);
    close(fd);
    return mm_test_read_file(path);
}

/* Each member's pages are whole, and taken from another table in which a list is longer. */
static void members_of_a_struct_have_lists_of_one_length(void **state)
{
    enum { MAGIC_BYTES = 4, SAME_BYTES = 16 };
    (void)state;
    struct mm_error err;
    struct mm_view other = write_structs((const uint32_t[2]){2, 1});
    unlink(path);
    struct mm_view file = write_structs((const uint32_t[2]){1, 2});
    MM_CHECK_INT("as written", mm_table_check(path, &structs, 2, 1, &err), MM_OK);
    MM_CHECK_INT("one layout", other.len, file.len);
    /* Both members have the same values, so the second's bytes are the first's again. */
    const char *first = file.data + MAGIC_BYTES;
    const char *second = memmem(first + 1, file.len - MAGIC_BYTES - 1, first, SAME_BYTES);
    assert_non_null(second);
    size_t bytes = (size_t)(second - first);
    int fd = open(path, O_WRONLY);
    MM_CHECK_INT("write",
                 pwrite(fd, other.data + MAGIC_BYTES + bytes, bytes, (off_t)(MAGIC_BYTES + bytes)),
                 bytes);
    close(fd);
    MM_CHECK_INT("two lengths", mm_table_check(path, &structs, 2, 1, &err), MM_E_IO);
    assert_non_null(strstr(err.text, "lists of two lengths"));
    unlink(path);
    free((void *)(uintptr_t)file.data);
    free((void *)(uintptr_t)other.data);
}

/* ---- datasets ---- */

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
    MM_CHECK_INT("check", mm_table_check(file, &mm_random_schema, ROWS + 1, 1, &err), MM_OK);
    snprintf(file, sizeof file, "rm -r '%s'", folder);
    MM_CHECK_INT("clean", system(file), 0);
    mm_random_table_free(&table);
    mm_random_table_free(&other);
}

MM_TEST_MAIN(MM_TEST(a_table_is_as_it_was_written), MM_TEST(a_bad_disk_is_noticed),
             MM_TEST(what_cannot_be_read_does_not_pass), MM_TEST(threads_say_the_same),
             MM_TEST(the_footer_has_to_know_how_many_rows_there_are),
             MM_TEST(members_of_a_struct_have_lists_of_one_length),
             MM_TEST(a_dataset_gets_its_name_only_when_it_reads_back))
