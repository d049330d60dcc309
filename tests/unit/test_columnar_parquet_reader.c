/*
 * test_columnar_parquet_reader.c - what our writer wrote is read back; damage and others' files are
 * refused, and never misread.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <fcntl.h>
#include <unistd.h>

#include "columnar/parquet_leaf.h"
#include "columnar/parquet_reader.h"
#include "columnar/parquet_writer.h"
#include "support/mm_test.h"
#include "support/random_table.h"

static char path[] = "/tmp/mailmill-table-XXXXXX";

static int make_file(void)
{
    strcpy(path + sizeof path - 7, "XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    return fd;
}

/* A table in the file `path`. */
static void put_table(const struct mm_random_table *table, uint32_t group_rows, uint32_t page_bytes)
{
    static const struct mm_table_note notes[] = {{"first", "1"}, {"mailmill.schema", "7"}};
    struct mm_table_options options = {.row_group_rows = group_rows,
                                       .page_bytes = page_bytes,
                                       .notes = notes,
                                       .note_count = MM_COUNT(notes)};
    struct mm_table_totals totals;
    struct mm_error err;
    int fd = make_file();
    MM_CHECK_INT("write",
                 mm_random_table_write(table, &mm_parquet_form, fd, &options, &totals, &err),
                 MM_OK);
    close(fd);
}

static struct mm_random_table write_table(uint64_t seed, size_t rows, uint32_t group_rows,
                                          uint32_t page_bytes)
{
    struct mm_random_table table;
    mm_random_table_make(&table, seed, rows);
    put_table(&table, group_rows, page_bytes);
    return table;
}

static void put_file(struct mm_view bytes)
{
    int fd = make_file();
    MM_CHECK_INT("write", write(fd, bytes.data, bytes.len), bytes.len);
    close(fd);
}

/* How a walk over all rows ended, and whether each was that of the table. */
struct walk {
    enum mm_status status;
    bool same;
    size_t rows;
    struct mm_error err;
};

static struct walk walk_rows(const struct mm_random_table *table,
                             const struct mm_table_read_options *options)
{
    struct walk w = {.same = true};
    struct mm_table_reader *reader;
    struct mm_row_reader rows;
    struct mm_view row;
    w.status = mm_table_reader_open(path, &mm_random_schema, options, &reader, &w.err);
    if (w.status < 0)
        return w;
    mm_row_reader_init(&rows, reader, &mm_random_schema);
    while ((w.status = mm_row_reader_next(&rows, &row, &w.err)) == MM_OK) {
        w.same = w.same && w.rows < table->count && mm_view_eq(row, table->rows[w.rows]);
        w.rows++;
    }
    mm_row_reader_deinit(&rows);
    mm_table_reader_free(&reader);
    return w;
}

/* ---- what is whole ---- */

static const struct {
    const char *label;
    size_t rows;
    uint32_t group_rows, page_bytes;
} shapes[] = {
    {"no row", 0, 0, 0},        {"one row", 1, 0, 0},        {"one group", 2000, 0, 0},
    {"groups", 2500, 600, 0},   {"pages", 2500, 0, 4096},    {"groups and pages", 2500, 700, 300},
    {"a row a page", 60, 7, 1}, {"a row a group", 20, 1, 0},
};

static void rows_come_back_as_they_were(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(shapes); i++)
        for (uint64_t seed = 1; seed <= 4; seed++) {
            struct mm_random_table table =
                write_table(seed, shapes[i].rows, shapes[i].group_rows, shapes[i].page_bytes);
            struct walk w = walk_rows(&table, NULL);
            MM_CHECK_INT(shapes[i].label, w.status, MM_END);
            MM_CHECK_INT(shapes[i].label, w.rows, table.count);
            MM_CHECK_TRUE(shapes[i].label, w.same);
            unlink(path);
            mm_random_table_free(&table);
        }
}

/* Whole rows, and with them each value and each list, more often than a batch has rows, too. */
static void rows_that_repeat_come_back_as_they_were(void **state)
{
    static const size_t times[] = {2, 3, 40, 300, 1000};
    (void)state;
    for (size_t k = 0; k < MM_COUNT(times); k++)
        for (uint64_t seed = 21; seed <= 28; seed++) {
            struct mm_random_table table;
            mm_random_table_make(&table, seed, 1500);
            for (size_t i = 0; i < table.count; i++)
                table.rows[i] = table.rows[i - i % times[k]];
            put_table(&table, 700, 4096);
            struct walk w = walk_rows(&table, NULL);
            MM_CHECK_INT("repeated", w.status, MM_END);
            MM_CHECK_INT("repeated", w.rows, table.count);
            MM_CHECK_TRUE("repeated", w.same);
            unlink(path);
            mm_random_table_free(&table);
        }
}

static void a_file_tells_its_rows_columns_and_notes(void **state)
{
    struct mm_table_reader *reader;
    struct mm_view value;
    struct mm_error err;
    (void)state;
    struct mm_random_table table = write_table(1, 300, 100, 0);
    MM_CHECK_INT("open", mm_table_reader_open(path, &mm_random_schema, NULL, &reader, &err), MM_OK);
    MM_CHECK_INT("rows", mm_table_reader_rows(reader), 300);
    for (size_t i = 0; i < mm_random_schema.column_count; i++)
        MM_CHECK_TRUE("has", mm_table_reader_has(reader, i));
    MM_CHECK_TRUE("note", mm_table_reader_note(reader, MM_VIEW("mailmill.schema"), &value));
    MM_CHECK_VIEW("note", value, MM_VIEW("7"));
    MM_CHECK_TRUE("no note", !mm_table_reader_note(reader, MM_VIEW("second"), &value));
    mm_table_reader_free(&reader);
    unlink(path);
    mm_random_table_free(&table);
}

/* ---- columns ---- */

static struct mm_cell scalar_of(struct mm_view row, size_t column)
{
    struct mm_row_cursor c;
    struct mm_cell cell;
    mm_row_cursor_init(&c, &mm_random_schema, row);
    for (;;) {
        bool found = c.column == column;
        MM_CHECK_INT("cell", mm_row_next(&c, &cell), MM_OK);
        if (found)
            return cell;
    }
}

static bool same_value(const struct mm_table_vector *v, size_t slot, const struct mm_cell *cell)
{
    if (v->null && v->null[slot])
        return cell->null;
    if (cell->null)
        return false;
    if (v->codes)
        return v->codes[slot] < v->dictionary_count &&
               mm_view_eq(v->dictionary[v->codes[slot]], cell->text);
    return v->texts ? mm_view_eq(v->texts[slot], cell->text) : v->numbers[slot] == cell->integer;
}

/* The lists of a column in one row. */
static void check_list(const struct mm_table_reader *reader, size_t column, size_t i,
                       struct mm_view row)
{
    const struct mm_column *of = &mm_random_schema.columns[column];
    size_t members = of->shape == MM_COLUMN_STRUCT_LIST ? of->member_count : 1;
    struct mm_row_cursor c;
    struct mm_cell cell;
    mm_row_cursor_init(&c, &mm_random_schema, row);
    do
        MM_CHECK_INT("cell", mm_row_next(&c, &cell), MM_OK);
    while (!cell.list || cell.field != &of->field);
    const uint32_t *offsets = mm_table_reader_vector(reader, column, 0)->offsets;
    MM_CHECK_INT("list", offsets[i + 1] - offsets[i], cell.count);
    for (uint32_t e = offsets[i]; e < offsets[i + 1]; e++)
        for (size_t k = 0; k < members; k++) {
            const struct mm_table_vector *v = mm_table_reader_vector(reader, column, k);
            MM_CHECK_INT("element", mm_row_next(&c, &cell), MM_OK);
            MM_CHECK_TRUE(of->field.name, same_value(v, v->offsets[i] + (e - offsets[i]), &cell));
        }
}

/* Rows from `first` on that the reader gives, of one column. Returns how many. */
static size_t check_column(struct mm_table_reader *reader, size_t column,
                           const struct mm_random_table *table, size_t first, size_t *coded)
{
    struct mm_error err;
    size_t count, row = first;
    while (mm_table_reader_next(reader, &count, &err) == MM_OK)
        for (size_t i = 0; i < count; i++, row++) {
            const struct mm_table_vector *v = mm_table_reader_vector(reader, column, 0);
            *coded += v->codes != NULL;
            if (v->offsets) {
                check_list(reader, column, i, table->rows[row]);
                continue;
            }
            struct mm_cell cell = scalar_of(table->rows[row], column);
            MM_CHECK_TRUE(cell.field->name, same_value(v, i, &cell));
        }
    return row - first;
}

static void each_column_is_read_alone(void **state)
{
    struct mm_error err;
    (void)state;
    struct mm_random_table table = write_table(3, 2000, 600, 500);
    for (size_t column = 0; column < mm_random_schema.column_count; column++) {
        struct mm_table_read_options options = {.columns = &column, .column_count = 1};
        struct mm_table_reader *reader;
        size_t coded = 0;
        MM_CHECK_INT("open", mm_table_reader_open(path, &mm_random_schema, &options, &reader, &err),
                     MM_OK);
        MM_CHECK_INT("rows", check_column(reader, column, &table, 0, &coded), table.count);
        MM_CHECK_INT("codes that were not asked for", coded, 0);
        MM_CHECK_TRUE("another column", !mm_table_reader_vector(reader, column ? 0 : 1, 0));
        mm_table_reader_free(&reader);
    }
    unlink(path);
    mm_random_table_free(&table);
}

static void columns_of_two_versions_are_matched_by_name(void **state)
{
    enum { EVERY_THIRD = 3, EXTRA = 2 };
    static struct mm_column columns[MM_TABLE_COLUMNS_MAX];
    struct mm_table_schema schema = {"newer", columns, 0, NULL, 0};
    struct mm_table_reader *reader;
    struct mm_row_reader rows;
    struct mm_view row;
    struct mm_error err;
    size_t count = 0;
    (void)state;
    struct mm_random_table table = write_table(5, 500, 100, 1000);
    columns[schema.column_count++] =
        (struct mm_column){.field = {"new", MM_VALUE_STRING, MM_FIELD_NULLABLE}};
    for (size_t i = 0; i < mm_random_schema.column_count; i += EVERY_THIRD)
        columns[schema.column_count++] = mm_random_schema.columns[i];
    columns[schema.column_count++] =
        (struct mm_column){.field = {"news", MM_VALUE_INT64, 0}, .shape = MM_COLUMN_LIST};
    MM_CHECK_INT("open", mm_table_reader_open(path, &schema, NULL, &reader, &err), MM_OK);
    for (size_t i = 0; i < schema.column_count; i++)
        MM_CHECK_INT("has", mm_table_reader_has(reader, i), i && i + 1 < schema.column_count);
    mm_row_reader_init(&rows, reader, &schema);
    while (mm_row_reader_next(&rows, &row, &err) == MM_OK) {
        struct mm_row_cursor c;
        struct mm_cell cell;
        mm_row_cursor_init(&c, &schema, row);
        MM_CHECK_INT("new", mm_row_next(&c, &cell), MM_OK);
        MM_CHECK_TRUE("new is absent", cell.null);
        MM_CHECK_INT("first", mm_row_next(&c, &cell), MM_OK);
        struct mm_cell want = scalar_of(table.rows[count++], 0);
        MM_CHECK_TRUE("first", cell.null == want.null && mm_view_eq(cell.text, want.text));
    }
    MM_CHECK_INT("rows", count, table.count);
    mm_row_reader_deinit(&rows);
    mm_table_reader_free(&reader);

    columns[0].field.flags = 0;
    MM_CHECK_INT("open", mm_table_reader_open(path, &schema, NULL, &reader, &err), MM_OK);
    mm_row_reader_init(&rows, reader, &schema);
    MM_CHECK_INT("must have values", mm_row_reader_next(&rows, &row, &err), MM_E_SYNTAX);
    assert_non_null(strstr(err.text, "no column new"));
    mm_row_reader_deinit(&rows);
    mm_table_reader_free(&reader);
    unlink(path);
    mm_random_table_free(&table);
}

static void a_column_of_another_type_is_refused_by_name(void **state)
{
    static struct mm_column columns[MM_TABLE_COLUMNS_MAX];
    struct mm_table_schema schema = mm_random_schema;
    (void)state;
    schema.columns = columns;
    struct mm_random_table table = write_table(5, 10, 0, 0);
    for (size_t i = 0; i < schema.column_count; i++)
        for (int change = 0; change < 4; change++) {
            struct mm_table_reader *reader;
            struct mm_error err;
            memcpy(columns, mm_random_schema.columns, schema.column_count * sizeof *columns);
            struct mm_column *column = &columns[i];
            bool structs = column->shape == MM_COLUMN_STRUCT_LIST;
            if (change == 0)
                column->field.flags ^= MM_FIELD_NULLABLE;
            else if (change == 1)
                column->field.type = (column->field.type + 1) % (MM_VALUE_ADDRESS + 1);
            else if (change == 2)
                column->shape = column->shape == MM_COLUMN_LIST ? MM_COLUMN_SCALAR : MM_COLUMN_LIST;
            else if (structs)
                column->member_count--;
            if (change == 3 ? !structs : structs && change < 2)
                continue; /* no change */
            MM_CHECK_INT(column->field.name,
                         mm_table_reader_open(path, &schema, NULL, &reader, &err), MM_E_SYNTAX);
            assert_non_null(strstr(err.text, path));
            assert_non_null(strstr(err.text, column->field.name));
        }
    unlink(path);
    mm_random_table_free(&table);
}

/* Groups in an order of their own, as several threads would. */
static void texts_come_as_codes_and_groups_one_by_one(void **state)
{
    enum { ROWS = 2000, GROUP_ROWS = 768, GROUPS = 3 }; /* groups end at multiples of 256 rows */
    struct mm_error err;
    (void)state;
    for (uint64_t seed = 3; seed < 6; seed++) {
        struct mm_random_table table = write_table(seed, ROWS, GROUP_ROWS, 500);
        size_t coded = 0;
        for (size_t column = 0; column < mm_random_schema.column_count; column++) {
            struct mm_table_read_options options = {
                .columns = &column, .column_count = 1, .codes = true};
            struct mm_table_reader *reader;
            MM_CHECK_INT("open",
                         mm_table_reader_open(path, &mm_random_schema, &options, &reader, &err),
                         MM_OK);
            MM_CHECK_INT("groups", mm_table_reader_groups(reader), GROUPS);
            for (size_t n = GROUPS; n-- > 0;) {
                size_t first = n * GROUP_ROWS;
                size_t end = n + 1 < GROUPS ? first + GROUP_ROWS : ROWS;
                mm_table_reader_choose(reader, n);
                MM_CHECK_INT("rows of a group", check_column(reader, column, &table, first, &coded),
                             end - first);
            }
            mm_table_reader_free(&reader);
        }
        MM_CHECK_TRUE("some columns have a dictionary", coded > 0);
        mm_random_table_free(&table);
    }
    unlink(path);
}

/* ---- filters ---- */

static bool passes(const struct mm_table_filter *f, const struct mm_cell *cell)
{
    if (cell->null)
        return false;
    if (cell->text.data)
        return (!f->low_text.data || mm_view_cmp(cell->text, f->low_text) >= 0) &&
               (!f->high_text.data || mm_view_cmp(cell->text, f->high_text) <= 0);
    return cell->integer >= f->low && cell->integer <= f->high;
}

/* A filter whose bounds are values of two rows. */
static struct mm_table_filter random_filter(const struct mm_random_table *table, size_t column,
                                            uint64_t *random)
{
    struct mm_cell low = scalar_of(table->rows[mm_random(random) % table->count], column);
    struct mm_cell high = scalar_of(table->rows[mm_random(random) % table->count], column);
    struct mm_table_filter f = {column, low.integer, high.integer, low.text, high.text};
    if (mm_random(random) % 2)
        f.high = f.low, f.high_text = f.low_text;
    return f;
}

/* Walk with filters: every row that passes is given, in order. Returns rows given. */
static size_t check_filters(const struct mm_random_table *table, const struct mm_table_filter *f,
                            size_t filter_count)
{
    struct mm_table_read_options options = {.filters = f, .filter_count = filter_count};
    struct mm_table_reader *reader;
    struct mm_row_reader rows;
    struct mm_view row;
    struct mm_error err;
    size_t next = 0, given = 0;
    MM_CHECK_INT("open", mm_table_reader_open(path, &mm_random_schema, &options, &reader, &err),
                 MM_OK);
    mm_row_reader_init(&rows, reader, &mm_random_schema);
    enum mm_status status = mm_row_reader_next(&rows, &row, &err);
    for (; status == MM_OK; status = mm_row_reader_next(&rows, &row, &err), given++) {
        /* Rows between the last one given and this one are those left out. */
        for (; next < table->count && !mm_view_eq(table->rows[next], row); next++) {
            bool all = true;
            for (size_t i = 0; i < filter_count; i++) {
                struct mm_cell cell = scalar_of(table->rows[next], f[i].column);
                all = all && passes(&f[i], &cell);
            }
            MM_CHECK_TRUE("left out", !all);
        }
        MM_CHECK_TRUE("in order", next++ < table->count);
    }
    MM_CHECK_INT("end", status, MM_END);
    for (; next < table->count; next++) {
        bool all = true;
        for (size_t i = 0; i < filter_count; i++) {
            struct mm_cell cell = scalar_of(table->rows[next], f[i].column);
            all = all && passes(&f[i], &cell);
        }
        MM_CHECK_TRUE("left out at the end", !all);
    }
    mm_row_reader_deinit(&rows);
    mm_table_reader_free(&reader);
    return given;
}

static void filters_leave_out_no_row_that_passes(void **state)
{
    uint64_t random = 3;
    size_t given = 0, all = 0; /* of filters on the column that orders the rows */
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct mm_random_table table = write_table(seed, 900, 400, 200);
        for (size_t i = 0; i < mm_random_schema.column_count; i++)
            for (int n = 0; n < 3; n++) {
                if (mm_random_schema.columns[i].shape != MM_COLUMN_SCALAR)
                    continue;
                struct mm_table_filter f[2] = {random_filter(&table, i, &random),
                                               random_filter(&table, 0, &random)};
                size_t of_both = check_filters(&table, f, 1 + (size_t)n % 2);
                given += n % 2 ? of_both : 0;
                all += n % 2 ? table.count : 0;
            }
        unlink(path);
        mm_random_table_free(&table);
    }
    MM_CHECK_TRUE("much was left out", given < all / 2);
}

/* ---- damage ---- */

/* Change a byte of the file, and once more to change it back. */
static void flip(size_t at, char bits)
{
    char byte;
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    MM_CHECK_INT("read", pread(fd, &byte, 1, (off_t)at), 1);
    byte ^= bits;
    MM_CHECK_INT("write", pwrite(fd, &byte, 1, (off_t)at), 1);
    close(fd);
}

static void every_changed_byte_is_refused_or_changes_nothing(void **state)
{
    (void)state;
    struct mm_random_table table = write_table(2, 12, 7, 100);
    struct mm_view good = mm_test_read_file(path);
    size_t refused = 0;
    uint32_t footer_bytes;
    memcpy(&footer_bytes, good.data + good.len - 8, sizeof footer_bytes);
    size_t footer = good.len - 8 - footer_bytes;
    for (size_t at = 0; at < good.len; at++) {
        flip(at, (char)(1 << at % 8));
        struct walk w = walk_rows(&table, NULL);
        flip(at, (char)(1 << at % 8));
        refused += w.status < 0;
        /* One bit may make of a footer one that names other columns: nothing in it is checked. */
        if (at < footer)
            MM_CHECK_TRUE("misread", w.status < 0 || (w.same && w.rows == table.count));
    }
    MM_CHECK_TRUE("most is noticed", refused > good.len / 2);
    MM_CHECK_INT("as it was", walk_rows(&table, NULL).status, MM_END);
    unlink(path);
    free((void *)(uintptr_t)good.data);
    mm_random_table_free(&table);
}

/* Each page with one bit of its packed body changed. */
static void a_changed_bit_of_any_page_is_told_by_its_checksum(void **state)
{
    (void)state;
    static const char crc_words[] = "does not fit its checksum";
    struct mm_random_table table = write_table(4, 120, 60, 200);
    struct mm_view good = mm_test_read_file(path);
    size_t pages = 0;
    /* zstd's magic begins each body. */
    for (size_t at = 4; at + 12 < good.len; at++) {
        if (memcmp(good.data + at, "\x28\xb5\x2f\xfd", 4) != 0)
            continue;
        flip(at + 4, 0x20);
        struct walk w = walk_rows(&table, NULL);
        flip(at + 4, 0x20);
        MM_CHECK_INT("page", w.status, MM_E_SYNTAX);
        assert_non_null(strstr(w.err.text, crc_words));
        pages++;
    }
    MM_CHECK_TRUE("pages", pages >= 2 * mm_parquet_leaf_count(&mm_random_schema));
    unlink(path);
    free((void *)(uintptr_t)good.data);
    mm_random_table_free(&table);
}

/* More memory would not help: it is no file of ours. */
static void a_footer_beyond_measure_is_refused_as_damage(void **state)
{
    enum { BYTES = 400 * 1024 * 1024, FOOTER_BYTES = 300 * 1024 * 1024 };
    const uint32_t footer_bytes = FOOTER_BYTES;
    struct mm_random_table table = write_table(2, 12, 7, 100);
    (void)state;
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    MM_CHECK_INT("length", pwrite(fd, &footer_bytes, 4, BYTES), 4);
    MM_CHECK_INT("magic", pwrite(fd, "PAR1", 4, BYTES + 4), 4);
    close(fd);
    struct walk w = walk_rows(&table, NULL);
    MM_CHECK_INT("refused", w.status, MM_E_SYNTAX);
    assert_non_null(strstr(w.err.text, "256 MiB"));
    unlink(path);
    mm_random_table_free(&table);
}

static void a_file_cut_short_is_refused(void **state)
{
    (void)state;
    struct mm_random_table table = write_table(2, 12, 7, 100);
    struct mm_view good = mm_test_read_file(path);
    unlink(path);
    for (size_t len = 0; len < good.len; len += len < 64 || len > good.len - 64 ? 1 : 97) {
        put_file(mm_view_sub(good, 0, len));
        struct walk w = walk_rows(&table, NULL);
        MM_CHECK_INT("cut", w.status, MM_E_SYNTAX);
        assert_non_null(strstr(w.err.text, path));
        unlink(path);
    }
    free((void *)(uintptr_t)good.data);
    mm_random_table_free(&table);
}

static void memory_is_bounded_and_the_bound_named(void **state)
{
    (void)state;
    struct mm_random_table table = write_table(2, 3000, 0, 0);
    struct mm_table_read_options options = {.memory_bytes = 64 * 1024};
    struct walk w = walk_rows(&table, &options);
    MM_CHECK_INT("little", w.status, MM_E_LIMIT);
    assert_non_null(strstr(w.err.text, path));
    options.memory_bytes = 64 * 1024 * 1024;
    w = walk_rows(&table, &options);
    MM_CHECK_INT("enough", w.status, MM_END);
    unlink(path);
    mm_random_table_free(&table);
}

/* Any column of any group after any other, in memory that is not enough for all at once. */
static void columns_are_checked_one_by_one(void **state)
{
    enum { ROWS = 3000, GROUP_ROWS = 2500, MEMORY_BYTES = 3 * 1024 * 1024 };
    (void)state;
    struct mm_random_table table = write_table(2, ROWS, GROUP_ROWS, 0);
    struct mm_table_read_options options = {.memory_bytes = MEMORY_BYTES};
    struct mm_table_reader *reader;
    struct mm_error err;
    uint64_t random = 1;
    MM_CHECK_INT("all", walk_rows(&table, &options).status, MM_E_LIMIT);
    MM_CHECK_INT("open", mm_table_reader_open(path, &mm_random_schema, &options, &reader, &err),
                 MM_OK);
    for (size_t i = 0; i < 10 * mm_random_schema.column_count; i++) {
        size_t column = mm_random(&random) % mm_random_schema.column_count, rows, count = 0;
        size_t group = mm_random(&random) % mm_table_reader_groups(reader);
        enum mm_status status;
        mm_table_reader_check(reader, group, column);
        while ((status = mm_table_reader_next(reader, &rows, &err)) == MM_OK) {
            assert_null(mm_table_reader_vector(reader, column, 0));
            count += rows;
        }
        MM_CHECK_INT("each", status, MM_END);
        MM_CHECK_INT("its rows", count, group ? ROWS - GROUP_ROWS : GROUP_ROWS);
    }
    mm_table_reader_free(&reader);
    unlink(path);
    mm_random_table_free(&table);
}

static void what_is_no_file_is_named(void **state)
{
    struct mm_table_reader *reader;
    struct mm_error err;
    (void)state;
    MM_CHECK_INT("missing",
                 mm_table_reader_open("/tmp/no such table", &mm_random_schema, NULL, &reader, &err),
                 MM_E_IO);
    assert_non_null(strstr(err.text, "/tmp/no such table"));
    MM_CHECK_INT("a folder", mm_table_reader_open("/tmp", &mm_random_schema, NULL, &reader, &err),
                 MM_E_SYNTAX);
}

MM_TEST_MAIN(MM_TEST(rows_come_back_as_they_were), MM_TEST(rows_that_repeat_come_back_as_they_were),
             MM_TEST(a_file_tells_its_rows_columns_and_notes), MM_TEST(each_column_is_read_alone),
             MM_TEST(texts_come_as_codes_and_groups_one_by_one),
             MM_TEST(columns_of_two_versions_are_matched_by_name),
             MM_TEST(a_column_of_another_type_is_refused_by_name),
             MM_TEST(filters_leave_out_no_row_that_passes),
             MM_TEST(every_changed_byte_is_refused_or_changes_nothing),
             MM_TEST(a_changed_bit_of_any_page_is_told_by_its_checksum),
             MM_TEST(a_footer_beyond_measure_is_refused_as_damage),
             MM_TEST(a_file_cut_short_is_refused), MM_TEST(memory_is_bounded_and_the_bound_named),
             MM_TEST(columns_are_checked_one_by_one), MM_TEST(what_is_no_file_is_named))
