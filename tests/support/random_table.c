/*
 * random_table.c - a table with a column of every kind, its rows, and the same as plain lines.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "support/random_table.h"

#include <inttypes.h>

#include "columnar/row.h"
#include "support/mm_test.h"

enum { N = MM_FIELD_NULLABLE, B = MM_FIELD_BLOOM, D = MM_FIELD_DELTA, U = MM_FIELD_DISTINCT };

static const struct mm_table_field dkim_members[] = {{"domain", MM_VALUE_STRING, N | B},
                                                     {"selector", MM_VALUE_STRING, N},
                                                     {"result", MM_VALUE_STRING, 0},
                                                     {"bits", MM_VALUE_INT32, N},
                                                     {"ok", MM_VALUE_BOOL, 0},
                                                     {"ip", MM_VALUE_ADDRESS, N | B},
                                                     {"at", MM_VALUE_TIMESTAMP, N | D},
                                                     {"level", MM_VALUE_INT8, 0},
                                                     {"explained", MM_VALUE_STRING, N | U}};
static const struct mm_table_field spf_members[] = {{"scope", MM_VALUE_STRING, N}};

#define SCALAR(name, type, flags)                                                                  \
    {                                                                                              \
        .field = { name, MM_VALUE_##type, flags }                                                  \
    }
#define LIST(name, type, flags)                                                                    \
    {                                                                                              \
        .field = {name, MM_VALUE_##type, flags}, .shape = MM_COLUMN_LIST                           \
    }
#define STRUCTS(name, of)                                                                          \
    {                                                                                              \
        .field = {name, MM_VALUE_BOOL, 0}, .shape = MM_COLUMN_STRUCT_LIST, .members = of,          \
        .member_count = MM_COUNT(of)                                                               \
    }

static const struct mm_column columns[] = {
    SCALAR("domain", STRING, N | B),
    SCALAR("day", DATE, D),
    SCALAR("source_ip", ADDRESS, N | B),
    SCALAR("count", INT64, D),
    SCALAR("key", INT64, D | B),
    SCALAR("size", INT64, N | B),
    SCALAR("begin_time", TIMESTAMP, D),
    SCALAR("seen_time", TIMESTAMP, N),
    SCALAR("small", INT8, N),
    SCALAR("medium", INT16, B),
    SCALAR("pct", INT16, N | D),
    SCALAR("number", INT32, 0),
    SCALAR("span", INT32, N | D | B),
    SCALAR("other_day", DATE, N),
    SCALAR("aligned", BOOL, 0),
    SCALAR("maybe", BOOL, N),
    SCALAR("report_id", STRING, U | B),
    SCALAR("comment", STRING, N | U),
    SCALAR("policy", STRING, 0),
    SCALAR("peer", ADDRESS, 0),
    LIST("flags", STRING, 0),
    LIST("hosts", STRING, N | B),
    LIST("codes", INT32, N),
    LIST("times", TIMESTAMP, D),
    LIST("notes", STRING, U | B),
    STRUCTS("dkim", dkim_members),
    STRUCTS("spf", spf_members),
    LIST("switches", BOOL, N),
    LIST("peers", ADDRESS, 0),
    LIST("levels", INT8, N | D),
};
static const uint8_t sort[] = {0, 1, 2};
const struct mm_table_schema mm_random_schema = {"everything", columns, MM_COUNT(columns), sort,
                                                 MM_COUNT(sort)};

/* ---- Habits ---- */

enum habit { CONSTANT, FEW, MANY, RISING, ANY, EXTREME, HABITS };
enum { LEAVES_MAX = 64 };

struct habits {
    uint64_t seed;
    enum habit value;
    unsigned null_percent;
    unsigned list_max; /* elements */
};

static struct habits habits_of(uint64_t seed)
{
    static const unsigned null_percents[] = {0, 3, 30, 97, 100};
    static const unsigned list_maxima[] = {0, 1, 3, 3, 40};
    uint64_t random = seed;
    for (int i = 0; i < 4; i++)
        mm_random(&random);
    return (struct habits){
        .seed = seed,
        .value = (enum habit)(mm_random(&random) % HABITS),
        .null_percent = null_percents[mm_random(&random) % MM_COUNT(null_percents)],
        .list_max = list_maxima[mm_random(&random) % MM_COUNT(list_maxima)],
    };
}

/* Which of a column's values row number `row` has: equal numbers, equal values. */
static uint64_t choice(const struct habits *h, uint64_t row, uint64_t *random)
{
    uint64_t drawn = mm_random(random);
    switch (h->value) {
    case CONSTANT:
        return 7;
    case FEW:
        return drawn % 10;
    case MANY:
        return drawn % 3000;
    case RISING:
        return row * 3 + drawn % 5;
    default:
        return drawn;
    }
}

/* ---- Values: to the row and to the line ---- */

struct pen {
    struct mm_row_writer row;
    struct mm_buf *line;
    uint64_t random;
    uint64_t row_number;
};

static void least_and_most(enum mm_value_type type, int64_t *least, int64_t *most)
{
    static const int64_t ends[][2] = {[MM_VALUE_INT8] = {INT8_MIN, INT8_MAX},
                                      [MM_VALUE_INT16] = {INT16_MIN, INT16_MAX},
                                      [MM_VALUE_INT32] = {INT32_MIN, INT32_MAX},
                                      [MM_VALUE_INT64] = {INT64_MIN, INT64_MAX},
                                      /* 1900 to 2299: the calendar of ClickHouse */
                                      [MM_VALUE_TIMESTAMP] = {-2208988800000000, 10413791999999999},
                                      [MM_VALUE_DATE] = {-25567, 120529}};
    *least = ends[type][0];
    *most = ends[type][1];
}

static int64_t number_of(const struct habits *h, enum mm_value_type type, uint64_t chosen)
{
    int64_t least, most;
    least_and_most(type, &least, &most);
    uint64_t span = (uint64_t)most - (uint64_t)least;
    if (h->value == EXTREME)
        return chosen % 3 == 0 ? least : chosen % 3 == 1 ? most : 0;
    if (h->value == ANY)
        return (int64_t)((uint64_t)least + (span == UINT64_MAX ? chosen : chosen % (span + 1)));
    return (int64_t)(chosen % 200 < 100 || span < 1000 ? chosen % 100 : chosen % (span / 2));
}

static void put_number(struct pen *pen, const struct habits *h, enum mm_value_type type,
                       uint64_t chosen)
{
    int64_t number = number_of(h, type, chosen);
    if (h->value == RISING && type != MM_VALUE_INT8 && type != MM_VALUE_INT16)
        number = (int64_t)(chosen % 1000000);
    mm_row_int(&pen->row, number);
    mm_buf_printf(pen->line, "\"%" PRId64 "\"", number);
}

static void put_bool(struct pen *pen, uint64_t chosen)
{
    bool value = chosen % 3 == 0;
    mm_row_bool(&pen->row, value);
    mm_buf_append_str(pen->line, value ? "true" : "false");
}

static void put_address(struct pen *pen, const struct habits *h, uint64_t chosen)
{
    uint8_t address[MM_ADDRESS_BYTES] = {[10] = 0xff, [11] = 0xff};
    if (h->value == EXTREME)
        memset(address, chosen % 2 ? 0xff : 0, sizeof address);
    for (size_t i = 12; h->value != EXTREME && i < sizeof address; i++)
        address[i] = (uint8_t)(chosen >> 8 * (15 - i));
    if (h->value == ANY && chosen % 2)
        address[0] = 0x20;
    mm_row_address(&pen->row, address);
    mm_buf_append_char(pen->line, '"');
    for (size_t i = 0; i < sizeof address; i++)
        mm_buf_printf(pen->line, "%02x", address[i]);
    mm_buf_append_char(pen->line, '"');
}

/* Characters of one to four bytes, among them the last ones of each length, in any place: where a
 * bound is cut, too. */
static void make_any_text(struct mm_buf *text, uint64_t chosen)
{
    static const char *const pieces[] = {"a",
                                         "B",
                                         "\"",
                                         "\\",
                                         "\n",
                                         "\x7f",
                                         "\xc2\x80",
                                         "\xc3\xa9",
                                         "\xdf\xbf",
                                         "\xe0\xa0\x80",
                                         "\xe2\x82\xac",
                                         "\xed\x9f\xbf",
                                         "\xee\x80\x80",
                                         "\xef\xbf\xbf",
                                         "\xf0\x90\x80\x80",
                                         "\xf4\x8f\xbf\xbf"};
    uint64_t random = chosen | 1;
    size_t count = mm_random(&random) % 5 == 0 ? mm_random(&random) % 120 : mm_random(&random) % 12;
    for (size_t i = 0; i < count; i++)
        mm_buf_append_str(text, pieces[mm_random(&random) % MM_COUNT(pieces)]);
}

/* Long texts that differ behind what a bound keeps, and such as no bound lies above. */
static void make_extreme_text(struct mm_buf *text, uint64_t chosen)
{
    const char *piece = chosen % 7 == 0 ? "\xf4\x8f\xbf\xbf" : "abcdefgh";
    size_t count = chosen % 5 == 0 ? 0 : chosen % 11 == 0 ? 300 : 8;
    if (chosen % 7 == 0)
        count = 17;
    for (size_t i = 0; i < count; i++)
        mm_buf_append_str(text, piece);
    if (count)
        mm_buf_printf(text, "%u", (unsigned)(chosen % 100));
}

static void put_json_text(struct mm_buf *line, struct mm_view text)
{
    mm_buf_append_char(line, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c < 0x20 || c == '"' || c == '\\')
            mm_buf_printf(line, "\\u%04x", c);
        else
            mm_buf_append_char(line, (char)c);
    }
    mm_buf_append_char(line, '"');
}

static void put_text(struct pen *pen, const struct habits *h, uint64_t chosen)
{
    struct mm_buf text;
    mm_buf_init(&text, 1 << 20);
    if (h->value == ANY)
        make_any_text(&text, chosen);
    else if (h->value == EXTREME)
        make_extreme_text(&text, chosen);
    else
        mm_buf_printf(&text, "host-%06" PRIu64 ".example", chosen);
    mm_row_string(&pen->row, (struct mm_view){text.data ? text.data : "", text.len});
    put_json_text(pen->line, mm_buf_view(&text));
    mm_buf_deinit(&text);
}

static void put_value(struct pen *pen, const struct habits *h, const struct mm_table_field *field)
{
    uint64_t chosen = choice(h, pen->row_number, &pen->random);
    if (field->flags & MM_FIELD_NULLABLE && mm_random(&pen->random) % 100 < h->null_percent) {
        mm_row_null(&pen->row);
        mm_buf_append_str(pen->line, "null");
        return;
    }
    switch (field->type) {
    case MM_VALUE_BOOL:
        put_bool(pen, chosen);
        break;
    case MM_VALUE_ADDRESS:
        put_address(pen, h, chosen);
        break;
    case MM_VALUE_STRING:
        put_text(pen, h, chosen);
        break;
    default:
        put_number(pen, h, field->type, chosen);
    }
}

static void put_struct(struct pen *pen, const struct habits *h, const struct mm_column *column)
{
    for (size_t i = 0; i < column->member_count; i++) {
        mm_buf_printf(pen->line, "%s\"%s\":", i ? "," : "{", column->members[i].name);
        put_value(pen, &h[i], &column->members[i]);
    }
    mm_buf_append_char(pen->line, '}');
}

static void put_list(struct pen *pen, const struct habits *h, const struct mm_column *column)
{
    uint32_t count = (uint32_t)(mm_random(&pen->random) % (h->list_max + 1));
    mm_row_list(&pen->row, count);
    mm_buf_append_char(pen->line, '[');
    for (uint32_t i = 0; i < count; i++) {
        if (i)
            mm_buf_append_char(pen->line, ',');
        if (column->shape == MM_COLUMN_STRUCT_LIST)
            put_struct(pen, h, column);
        else
            put_value(pen, h, &column->field);
    }
    mm_buf_append_char(pen->line, ']');
}

/* ---- The table ---- */

static void put_row(struct pen *pen, const struct habits *habits)
{
    for (size_t i = 0; i < MM_COUNT(columns); i++) {
        mm_buf_printf(pen->line, "%s\"%s\":", i ? "," : "{", columns[i].field.name);
        if (columns[i].shape == MM_COLUMN_SCALAR)
            put_value(pen, habits, &columns[i].field);
        else
            put_list(pen, habits, &columns[i]);
        habits += columns[i].shape == MM_COLUMN_STRUCT_LIST ? columns[i].member_count : 1;
    }
    mm_buf_append_char(pen->line, '}');
}

struct pair {
    size_t row, row_len, line, line_len;
    const char *rows; /* where all of them are */
};

static int compare_pairs(const void *left, const void *right)
{
    const struct pair *a = left, *b = right;
    return mm_row_compare(&mm_random_schema, (struct mm_view){a->rows + a->row, a->row_len},
                          (struct mm_view){b->rows + b->row, b->row_len});
}

static void *or_exit(void *memory)
{
    if (!memory)
        exit(70);
    return memory;
}

/* Views of rows and lines, now that nothing moves any more. */
static void lay_out(struct mm_random_table *table, struct pair *pairs)
{
    for (size_t i = 0; i < table->count; i++)
        pairs[i].rows = table->row_bytes.data;
    qsort(pairs, table->count, sizeof *pairs, compare_pairs);
    for (size_t i = 0; i < table->count; i++) {
        table->rows[i] =
            mm_view_sub(mm_buf_view(&table->row_bytes), pairs[i].row, pairs[i].row_len);
        table->lines[i] =
            mm_view_sub(mm_buf_view(&table->line_bytes), pairs[i].line, pairs[i].line_len);
    }
}

void mm_random_table_make(struct mm_random_table *table, uint64_t seed, size_t count)
{
    struct habits habits[LEAVES_MAX];
    struct pen pen = {.line = &table->line_bytes, .random = seed};
    *table = (struct mm_random_table){.count = count};
    mm_buf_init(&table->row_bytes, SIZE_MAX);
    mm_buf_init(&table->line_bytes, SIZE_MAX);
    table->rows = or_exit(calloc(count + 1, sizeof *table->rows));
    table->lines = or_exit(calloc(count + 1, sizeof *table->lines));
    struct pair *pairs = or_exit(calloc(count + 1, sizeof *pairs));
    for (size_t i = 0; i < LEAVES_MAX; i++)
        habits[i] = habits_of(seed * LEAVES_MAX + i);
    mm_row_writer_init(&pen.row, &mm_random_schema, &table->row_bytes);
    for (; pen.row_number < count; pen.row_number++) {
        struct pair *pair = &pairs[pen.row_number];
        struct mm_view row;
        pair->row = table->row_bytes.len;
        pair->line = table->line_bytes.len;
        mm_row_begin(&pen.row);
        put_row(&pen, habits);
        if (mm_row_end(&pen.row, &row) != MM_OK || table->line_bytes.failed)
            exit(70);
        pair->row_len = row.len;
        pair->line_len = table->line_bytes.len - pair->line;
    }
    lay_out(table, pairs);
    free(pairs);
}

void mm_random_table_free(struct mm_random_table *table)
{
    free(table->rows);
    free(table->lines);
    mm_buf_deinit(&table->row_bytes);
    mm_buf_deinit(&table->line_bytes);
    *table = (struct mm_random_table){.count = 0};
}

enum mm_status mm_random_table_write(const struct mm_random_table *table,
                                     const struct mm_table_form *form, int fd,
                                     const struct mm_table_options *options,
                                     struct mm_table_totals *totals, struct mm_error *err)
{
    struct mm_table_writer *writer = NULL;
    enum mm_status status = form->open(&mm_random_schema, fd, options, &writer, err);
    for (size_t i = 0; status == MM_OK && i < table->count; i++)
        status = mm_table_writer_append(writer, table->rows[i], err);
    if (status == MM_OK)
        status = mm_table_writer_finish(writer, totals, err);
    mm_table_writer_free(&writer);
    return status;
}
