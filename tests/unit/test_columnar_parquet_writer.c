/*
 * test_columnar_parquet_writer.c - files as the format asks for, group by group, and their
 * failures.
 * SPDX-License-Identifier: Apache-2.0
 *
 * That the values are right is for tests/readers: here it is what a file is made of.
 */
#include "columnar/parquet_writer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "columnar/parquet_leaf.h"
#include "columnar/parquet_thrift.h"
#include "columnar/row.h"
#include "io/fault.h"
#include "support/mm_test.h"
#include "support/parquet_plain.h"
#include "support/random_table.h"

static const struct mm_table_options defaults = {.row_group_rows = 0};

/* What stands in an anonymous file; free data. */
static struct mm_view read_back(int fd)
{
    off_t len = lseek(fd, 0, SEEK_END);
    char *data = malloc((size_t)len + 1);
    MM_CHECK_INT("read", pread(fd, data, (size_t)len, 0), len);
    close(fd);
    return (struct mm_view){data, (size_t)len};
}

static struct mm_view write_table(const struct mm_random_table *table,
                                  const struct mm_table_options *options)
{
    struct mm_table_totals totals = {0, 0};
    struct mm_error err;
    int fd = memfd_create("table", MFD_CLOEXEC);
    MM_CHECK_INT("write",
                 mm_random_table_write(table, &mm_parquet_form, fd, options, &totals, &err), MM_OK);
    struct mm_view file = read_back(fd);
    MM_CHECK_INT("rows", totals.rows, table->count);
    MM_CHECK_INT("bytes", totals.bytes, file.len);
    return file;
}

static struct mm_view footer_of(struct mm_view file)
{
    uint32_t len;
    MM_CHECK_TRUE("begins", mm_view_starts(file, MM_VIEW("PAR1")));
    MM_CHECK_TRUE("ends", mm_view_ends(file, MM_VIEW("PAR1")));
    memcpy(&len, file.data + file.len - 8, sizeof len);
    MM_CHECK_TRUE("footer", len + 12 <= file.len);
    struct mm_view footer = mm_view_sub(file, file.len - 8 - len, len);
    MM_CHECK_INT("one structure", mm_plain_structure_bytes(footer), len);
    return footer;
}

static struct mm_view group_of(struct mm_view footer, size_t index)
{
    struct mm_plain_field groups = mm_plain_field(footer, 4);
    return mm_plain_item(&groups, index).bytes;
}

static void equal_rows_make_equal_files(void **state)
{
    (void)state;
    struct mm_random_table table;
    const struct mm_table_options small = {.row_group_rows = 300, .page_bytes = 1000};
    mm_random_table_make(&table, 5, 1000);
    for (int i = 0; i < 2; i++) {
        const struct mm_table_options *options = i ? &small : &defaults;
        struct mm_view first = write_table(&table, options), again = write_table(&table, options);
        MM_CHECK_TRUE("the same bytes", mm_view_eq(first, again));
        free((void *)(uintptr_t)first.data);
        free((void *)(uintptr_t)again.data);
    }
    mm_random_table_free(&table);
}

static size_t count_threads(void)
{
    size_t count = 0;
    DIR *tasks = opendir("/proc/self/task");
    assert_non_null(tasks);
    for (const struct dirent *entry; (entry = readdir(tasks));)
        count += entry->d_name[0] != '.';
    closedir(tasks);
    return count;
}

/* One that has been joined may be seen for a moment still. */
static void wait_for_threads(size_t want)
{
    enum { STEPS = 10000, STEP_NS = 1000 * 1000 };
    const struct timespec step = {.tv_nsec = STEP_NS};
    for (int i = 0; i < STEPS && count_threads() != want; i++)
        nanosleep(&step, NULL);
    MM_CHECK_INT("threads", count_threads(), want);
}

static void *nothing(void *argument)
{
    return argument;
}

/* Sanitizers have threads of their own from the first one on. */
static size_t count_own_threads(void)
{
    pthread_t thread;
    MM_CHECK_INT("thread", pthread_create(&thread, NULL, nothing, NULL), 0);
    MM_CHECK_INT("thread", pthread_join(thread, NULL), 0);
    nanosleep(&(const struct timespec){.tv_nsec = 100 * 1000 * 1000}, NULL);
    return count_threads();
}

/* Several groups, each large enough to be shared; the threads stay from group to group. */
static void threads_make_the_same_file(void **state)
{
    (void)state;
    enum { ROWS = 20000, GROUP_ROWS = 8000 };
    static const unsigned threads[] = {1, 2, 3, 8};
    struct mm_random_table table;
    struct mm_view one = {NULL, 0};
    size_t own = count_own_threads();
    mm_random_table_make(&table, 9, ROWS);
    for (size_t i = 0; i < MM_COUNT(threads); i++) {
        const struct mm_table_options options = {
            .row_group_rows = GROUP_ROWS, .page_bytes = 5000, .threads = threads[i]};
        struct mm_table_totals totals;
        struct mm_table_writer *writer;
        struct mm_error err;
        int fd = memfd_create("table", MFD_CLOEXEC);
        MM_CHECK_INT("open", mm_parquet_form.open(&mm_random_schema, fd, &options, &writer, &err),
                     MM_OK);
        for (size_t k = 0; k < table.count; k++)
            MM_CHECK_INT("append", mm_table_writer_append(writer, table.rows[k], &err), MM_OK);
        wait_for_threads(own + threads[i] - 1);
        MM_CHECK_INT("finish", mm_table_writer_finish(writer, &totals, &err), MM_OK);
        mm_table_writer_free(&writer);
        wait_for_threads(own);
        struct mm_view file = read_back(fd);
        if (!one.data) {
            one = file;
            continue;
        }
        MM_CHECK_TRUE("the same bytes", mm_view_eq(file, one));
        free((void *)(uintptr_t)file.data);
    }
    free((void *)(uintptr_t)one.data);
    mm_random_table_free(&table);
}

static void groups_end_at_their_number_of_rows(void **state)
{
    (void)state;
    static const size_t counts[] = {0, 1, 99, 100, 101, 255, 256, 257, 600};
    const struct mm_table_options options = {.row_group_rows = 100};
    for (size_t i = 0; i < MM_COUNT(counts); i++) {
        struct mm_random_table table;
        mm_random_table_make(&table, 6, counts[i]);
        struct mm_view file = write_table(&table, &options), footer = footer_of(file);
        MM_CHECK_INT("rows", mm_plain_field(footer, 3).number, counts[i]);
        MM_CHECK_INT("groups", mm_plain_field(footer, 4).number, (counts[i] + 99) / 100);
        for (size_t group = 0; group * 100 < counts[i]; group++) {
            size_t left = counts[i] - group * 100;
            MM_CHECK_INT("rows of a group", mm_plain_field(group_of(footer, group), 3).number,
                         left < 100 ? left : 100);
        }
        free((void *)(uintptr_t)file.data);
        mm_random_table_free(&table);
    }
}

/* ---- A table of one long text ---- */

static const struct mm_column text_column[] = {{.field = {"text", MM_VALUE_STRING, 0}}};
static const struct mm_table_schema text_schema = {"texts", text_column, 1, NULL, 0};

static struct mm_table_writer *open_texts(int fd)
{
    struct mm_table_writer *writer = NULL;
    struct mm_error err;
    MM_CHECK_INT("open", mm_parquet_form.open(&text_schema, fd, &defaults, &writer, &err), MM_OK);
    return writer;
}

/* Rows of 1 MiB that have nothing in common: the group ends where its memory does. */
static void a_group_of_long_rows_ends_early(void **state)
{
    (void)state;
    enum { TEXT_BYTES = 1 << 20, ROWS = 100 };
    struct mm_table_totals totals;
    struct mm_error err;
    struct mm_buf buf;
    int fd = memfd_create("table", MFD_CLOEXEC);
    struct mm_table_writer *writer = open_texts(fd);
    char *text = malloc(TEXT_BYTES);
    mm_buf_init(&buf, 2 * TEXT_BYTES);
    for (size_t i = 0; i < ROWS; i++) {
        struct mm_row_writer w;
        struct mm_view row;
        memset(text, 'a' + (int)i % 26, TEXT_BYTES);
        memcpy(text, &(uint32_t){(uint32_t)i | 0x40404040}, 4);
        mm_buf_clear(&buf);
        mm_row_writer_init(&w, &text_schema, &buf);
        mm_row_begin(&w);
        mm_row_string(&w, (struct mm_view){text, TEXT_BYTES});
        MM_CHECK_INT("row", mm_row_end(&w, &row), MM_OK);
        MM_CHECK_INT("append", mm_table_writer_append(writer, row, &err), MM_OK);
    }
    MM_CHECK_INT("finish", mm_table_writer_finish(writer, &totals, &err), MM_OK);
    mm_table_writer_free(&writer);
    struct mm_view file = read_back(fd);
    MM_CHECK_INT("groups", mm_plain_field(footer_of(file), 4).number, 2);
    MM_CHECK_INT("rows of the first", mm_plain_field(group_of(footer_of(file), 0), 3).number,
                 MM_PARQUET_GROUP_BYTES / TEXT_BYTES);
    free((void *)(uintptr_t)file.data);
    free(text);
    mm_buf_deinit(&buf);
}

/* ---- Pages ---- */

enum { SOME, NEVER, LISTS, PAGED_COLUMNS, PAGED_ROWS = 41500, PAGE_ROWS = 20000 };

static const struct mm_column paged_columns[PAGED_COLUMNS] = {
    [SOME] = {.field = {"some", MM_VALUE_INT32, MM_FIELD_NULLABLE}},
    [NEVER] = {.field = {"never", MM_VALUE_STRING, MM_FIELD_NULLABLE}},
    [LISTS] = {.field = {"lists", MM_VALUE_STRING, 0}, .shape = MM_COLUMN_LIST},
};
static const struct mm_table_schema paged_schema = {"paged", paged_columns, PAGED_COLUMNS, NULL, 0};

static size_t elements_of(size_t row)
{
    return row % 7 == 0 ? 0 : row * 31 % 5;
}

static bool has_some(size_t row)
{
    return row * 13 % 8 < 3;
}

/* Of five numbers, of none, and of two texts in lists: what row number `row` takes of a page. */
static size_t bits_of(size_t column, size_t row)
{
    size_t elements = elements_of(row);
    switch (column) {
    case SOME:
        return 1 + (has_some(row) ? 3 : 0);
    case NEVER:
        return 1;
    default:
        return elements ? 3 * elements : 2;
    }
}

static struct mm_view write_paged(uint32_t page_bytes)
{
    const struct mm_table_options options = {.page_bytes = page_bytes};
    struct mm_table_writer *writer = NULL;
    struct mm_table_totals totals;
    struct mm_error err;
    struct mm_buf buf;
    int fd = memfd_create("table", MFD_CLOEXEC);
    mm_buf_init(&buf, 4096);
    MM_CHECK_INT("open", mm_parquet_form.open(&paged_schema, fd, &options, &writer, &err), MM_OK);
    for (size_t i = 0; i < PAGED_ROWS; i++) {
        struct mm_row_writer w;
        struct mm_view row = {NULL, 0};
        mm_buf_clear(&buf);
        mm_row_writer_init(&w, &paged_schema, &buf);
        mm_row_begin(&w);
        if (has_some(i))
            mm_row_int(&w, (int64_t)(i % 5));
        else
            mm_row_null(&w);
        mm_row_null(&w);
        mm_row_list(&w, (uint32_t)elements_of(i));
        for (size_t k = 0; k < elements_of(i); k++)
            mm_row_string(&w, k % 2 ? MM_VIEW("one of two") : MM_VIEW("the other"));
        MM_CHECK_INT("row", mm_row_end(&w, &row), MM_OK);
        MM_CHECK_INT("append", mm_table_writer_append(writer, row, &err), MM_OK);
    }
    MM_CHECK_INT("finish", mm_table_writer_finish(writer, &totals, &err), MM_OK);
    mm_table_writer_free(&writer);
    mm_buf_deinit(&buf);
    return read_back(fd);
}

/* The rows with which pages begin are those of the column's index. */
static void check_pages(struct mm_view file, size_t column, size_t page_bytes)
{
    struct mm_plain_field chunks = mm_plain_field(group_of(footer_of(file), 0), 1);
    struct mm_view chunk = mm_plain_item(&chunks, column).bytes;
    struct mm_view index = mm_view_sub(file, (size_t)mm_plain_field(chunk, 4).number,
                                       (size_t)mm_plain_field(chunk, 5).number);
    struct mm_plain_field pages = mm_plain_field(index, 1);
    size_t page = 0, bits = 0, first = 0;
    for (size_t row = 0; row < PAGED_ROWS; row++) {
        if (row == 0 || bits / 8 >= page_bytes || row - first == PAGE_ROWS) {
            struct mm_view place = mm_plain_item(&pages, page++).bytes;
            MM_CHECK_INT(paged_columns[column].field.name, mm_plain_field(place, 3).number, row);
            first = row;
            bits = 0;
        }
        bits += bits_of(column, row);
    }
    MM_CHECK_INT("no page more", pages.number, page);
}

static void pages_end_before_the_row_that_comes_when_they_are_full(void **state)
{
    static const uint32_t page_bytes[] = {0, 100, 999, 1000, 2500, 2501, 20000};
    (void)state;
    for (size_t i = 0; i < MM_COUNT(page_bytes); i++) {
        struct mm_view file = write_paged(page_bytes[i]);
        for (size_t column = 0; column < PAGED_COLUMNS; column++)
            check_pages(file, column, page_bytes[i] ? page_bytes[i] : MM_PARQUET_PAGE_BYTES);
        free((void *)(uintptr_t)file.data);
    }
}

/* ---- The footer ---- */

static void the_footer_says_who_wrote_and_what(void **state)
{
    (void)state;
    static const struct mm_table_note notes[] = {{"mailmill.version", "0"}, {"empty", ""}};
    const struct mm_table_options options = {.notes = notes, .note_count = MM_COUNT(notes)};
    struct mm_random_table table;
    mm_random_table_make(&table, 7, 10);
    struct mm_view file = write_table(&table, &options), footer = footer_of(file);
    struct mm_plain_field pairs = mm_plain_field(footer, 5);
    MM_CHECK_INT("notes", pairs.number, MM_COUNT(notes));
    for (size_t i = 0; i < MM_COUNT(notes); i++) {
        struct mm_view pair = mm_plain_item(&pairs, i).bytes;
        MM_CHECK_VIEW("key", mm_plain_field(pair, 1).bytes, mm_view_of(notes[i].key));
        MM_CHECK_VIEW("value", mm_plain_field(pair, 2).bytes, mm_view_of(notes[i].value));
    }
    MM_CHECK_TRUE("creator",
                  mm_view_starts(mm_plain_field(footer, 6).bytes, MM_VIEW("mailmill version ")));
    MM_CHECK_INT("an order for each leaf", mm_plain_field(footer, 7).number,
                 mm_parquet_leaf_count(&mm_random_schema));
    free((void *)(uintptr_t)file.data);
    mm_random_table_free(&table);
}

static void a_group_names_the_columns_that_order_it(void **state)
{
    (void)state;
    struct mm_random_table table;
    mm_random_table_make(&table, 8, 10);
    struct mm_view file = write_table(&table, &defaults);
    struct mm_plain_field sorting = mm_plain_field(group_of(footer_of(file), 0), 4);
    MM_CHECK_INT("columns", sorting.number, mm_random_schema.sort_count);
    for (size_t i = 0; i < mm_random_schema.sort_count; i++) {
        struct mm_view column = mm_plain_item(&sorting, i).bytes;
        MM_CHECK_INT("leaf", mm_plain_field(column, 1).number, mm_random_schema.sort_columns[i]);
        MM_CHECK_INT("descending", mm_plain_field(column, 2).number, 0);
        MM_CHECK_INT("nulls first", mm_plain_field(column, 3).number, 1);
    }
    free((void *)(uintptr_t)file.data);
    mm_random_table_free(&table);
}

/* Element i of the schema has this name, repetition, converted type and member of the logical. */
static void old_and_new_readers_are_told_the_same_types(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int repetition, converted, logical; /* converted -1, logical 0: none */
    } wanted[] = {
        {"domain", 1, 0, 1},      {"day", 0, 6, 6},        {"source_ip", 1, -1, 0},
        {"count", 0, -1, 0},      {"key", 0, -1, 0},       {"size", 1, -1, 0},
        {"begin_time", 0, 10, 8}, {"seen_time", 1, 10, 8}, {"small", 1, 15, 10},
        {"medium", 0, 16, 10},
    };
    struct mm_random_table table;
    mm_random_table_make(&table, 9, 0);
    struct mm_view file = write_table(&table, &defaults);
    struct mm_plain_field schema = mm_plain_field(footer_of(file), 2);
    for (size_t i = 0; i < MM_COUNT(wanted); i++) {
        struct mm_view element = mm_plain_item(&schema, i + 1).bytes;
        struct mm_plain_field converted = mm_plain_field(element, 6);
        struct mm_plain_field logical = mm_plain_field(element, 10);
        MM_CHECK_VIEW("name", mm_plain_field(element, 4).bytes, mm_view_of(wanted[i].name));
        MM_CHECK_INT(wanted[i].name, mm_plain_field(element, 3).number, wanted[i].repetition);
        MM_CHECK_INT(wanted[i].name, converted.type ? converted.number : -1, wanted[i].converted);
        MM_CHECK_INT(wanted[i].name, logical.type != 0, wanted[i].logical != 0);
        if (wanted[i].logical)
            MM_CHECK_INT(wanted[i].name, mm_plain_field(logical.bytes, wanted[i].logical).type,
                         MM_THRIFT_STRUCT);
    }
    free((void *)(uintptr_t)file.data);
    mm_random_table_free(&table);
}

/* ---- Failures ---- */

/* How a file ends that has a whole row and then `len` bytes of it, or only these. */
static enum mm_status write_part(struct mm_view row, size_t len, bool behind_whole)
{
    struct mm_error err = {.status = MM_OK};
    struct mm_table_writer *writer = NULL;
    struct mm_table_totals totals;
    char *bytes = calloc(1, row.len + 2);
    int fd = memfd_create("table", MFD_CLOEXEC);
    memcpy(bytes, row.data, row.len);
    MM_CHECK_INT("open", mm_parquet_form.open(&mm_random_schema, fd, &defaults, &writer, &err),
                 MM_OK);
    enum mm_status status = behind_whole ? mm_table_writer_append(writer, row, &err) : MM_OK;
    if (status == MM_OK)
        status = mm_table_writer_append(writer, (struct mm_view){bytes, len}, &err);
    if (status == MM_OK)
        status = mm_table_writer_finish(writer, &totals, &err);
    mm_table_writer_free(&writer);
    free(bytes);
    close(fd);
    return status;
}

static void bytes_that_are_no_row_are_refused(void **state)
{
    (void)state;
    for (uint64_t seed = 12; seed < 18; seed++) {
        struct mm_random_table table;
        mm_random_table_make(&table, seed, 1);
        struct mm_view row = table.rows[0];
        for (size_t len = 0; len <= row.len + 1; len++) {
            enum mm_status wanted = len == row.len ? MM_OK : MM_E_BUG;
            MM_CHECK_INT("cut, whole, too long", write_part(row, len, false), wanted);
            MM_CHECK_INT("the same behind a whole one", write_part(row, len, true), wanted);
        }
        mm_random_table_free(&table);
    }
}

static void a_full_disk_is_told(void **state)
{
    (void)state;
    struct mm_random_table table;
    struct mm_table_totals totals;
    struct mm_error err = {.status = MM_OK};
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    mm_random_table_make(&table, 13, 50);
    MM_CHECK_INT("write",
                 mm_random_table_write(&table, &mm_parquet_form, fd, &defaults, &totals, &err),
                 MM_E_IO);
    MM_CHECK_INT("errno", err.os_errno, ENOSPC);
    MM_CHECK_TRUE("the table is named", strstr(err.text, mm_random_schema.name) != NULL);
    close(fd);
    mm_random_table_free(&table);
}

#ifdef MAILMILL_FAULTS
/* Every write of the file can fail, and be cut short, which shows in nothing. */
static void each_write_can_fail(void **state)
{
    (void)state;
    struct mm_random_table table;
    struct mm_table_totals totals;
    struct mm_error err;
    size_t failed = 0;
    mm_random_table_make(&table, 14, 12000);
    struct mm_view whole = write_table(&table, &defaults);
    for (unsigned nth = 1; nth <= 8; nth++)
        for (int cut = 0; cut < 2; cut++) {
            char text[32];
            const char *fault = text;
            int fd = memfd_create("table", MFD_CLOEXEC);
            snprintf(text, sizeof text, "write:%s@%u", cut ? "SHORT" : "EIO", nth);
            MM_CHECK_INT("arm", mm_fault_arm(&fault, 1, &err), MM_OK);
            enum mm_status status =
                mm_random_table_write(&table, &mm_parquet_form, fd, &defaults, &totals, &err);
            bool acted = mm_fault_count() > 0;
            MM_CHECK_INT(text, status, acted && !cut ? MM_E_IO : MM_OK);
            failed += status != MM_OK;
            struct mm_view file = read_back(fd);
            if (status == MM_OK)
                MM_CHECK_TRUE(text, mm_view_eq(file, whole));
            free((void *)(uintptr_t)file.data);
        }
    MM_CHECK_INT("nothing armed", mm_fault_arm(NULL, 0, &err), MM_OK);
    MM_CHECK_TRUE("there are several writes", failed >= 2);
    free((void *)(uintptr_t)whole.data);
    mm_random_table_free(&table);
}
#endif

static void a_file_that_is_given_up_leaves_nothing_behind(void **state)
{
    (void)state;
    struct mm_random_table table;
    struct mm_error err;
    struct mm_table_writer *writer = NULL;
    const struct mm_table_options options = {.row_group_rows = 20};
    int fd = memfd_create("table", MFD_CLOEXEC);
    mm_random_table_make(&table, 15, 50);
    mm_table_writer_free(&writer); /* quiet */
    MM_CHECK_INT("open", mm_parquet_form.open(&mm_random_schema, fd, &options, &writer, &err),
                 MM_OK);
    for (size_t i = 0; i < table.count; i++)
        MM_CHECK_INT("append", mm_table_writer_append(writer, table.rows[i], &err), MM_OK);
    mm_table_writer_free(&writer);
    MM_CHECK_TRUE("gone", writer == NULL);
    close(fd);
    mm_random_table_free(&table);
}

MM_TEST_MAIN(MM_TEST(equal_rows_make_equal_files), MM_TEST(threads_make_the_same_file),
             MM_TEST(groups_end_at_their_number_of_rows), MM_TEST(a_group_of_long_rows_ends_early),
             MM_TEST(pages_end_before_the_row_that_comes_when_they_are_full),
             MM_TEST(the_footer_says_who_wrote_and_what),
             MM_TEST(a_group_names_the_columns_that_order_it),
             MM_TEST(old_and_new_readers_are_told_the_same_types),
             MM_TEST(bytes_that_are_no_row_are_refused), MM_TEST(a_full_disk_is_told),
#ifdef MAILMILL_FAULTS
             MM_TEST(each_write_can_fail),
#endif
             MM_TEST(a_file_that_is_given_up_leaves_nothing_behind))
