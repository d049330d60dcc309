/*
 * test_columnar_text_tables.c - tables as NDJSON and CSV: the very bytes, and read back.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "columnar/cell_text.h"
#include "columnar/csv_write.h"
#include "columnar/ndjson_write.h"
#include "io/fault.h"
#include "io/file_ops.h"
#include "support/mm_test.h"
#include "text/json_pull.h"

/* ---- values in words ---- */

static const struct {
    const char *label;
    enum mm_value_type type;
    int64_t value;
    const char *words;
} values[] = {
    {"true", MM_VALUE_BOOL, 1, "true"},
    {"false", MM_VALUE_BOOL, 0, "false"},
    {"least number", MM_VALUE_INT64, INT64_MIN, "-9223372036854775808"},
    {"greatest number", MM_VALUE_INT64, INT64_MAX, "9223372036854775807"},
    {"number below 0", MM_VALUE_INT8, -5, "-5"},
    {"0", MM_VALUE_INT32, 0, "0"},
    {"the first day", MM_VALUE_DATE, 0, "1970-01-01"},
    {"the day before", MM_VALUE_DATE, -1, "1969-12-31"},
    {"a leap day", MM_VALUE_DATE, 19782, "2024-02-29"},
    {"the day behind it", MM_VALUE_DATE, 19783, "2024-03-01"},
    {"the last day of a leap year", MM_VALUE_DATE, 20088, "2024-12-31"},
    {"no leap day in 1900", MM_VALUE_DATE, -25509, "1900-02-28"},
    {"1900-03-01", MM_VALUE_DATE, -25508, "1900-03-01"},
    {"a leap day in 2000", MM_VALUE_DATE, 11016, "2000-02-29"},
    {"year 0", MM_VALUE_DATE, -719528, "0000-01-01"},
    {"before year 0", MM_VALUE_DATE, -719529, "-000001-12-31"},
    {"year 9999", MM_VALUE_DATE, 2932896, "9999-12-31"},
    {"year 10000", MM_VALUE_DATE, 2932897, "+010000-01-01"},
    {"least day", MM_VALUE_DATE, INT32_MIN, "-5877641-06-23"},
    {"greatest day", MM_VALUE_DATE, INT32_MAX, "+5881580-07-11"},
    {"a time", MM_VALUE_TIMESTAMP, 1700000000000000, "2023-11-14T22:13:20Z"},
    {"with a microsecond", MM_VALUE_TIMESTAMP, 1700000000000001, "2023-11-14T22:13:20.000001Z"},
    {"a microsecond before 1970", MM_VALUE_TIMESTAMP, -1, "1969-12-31T23:59:59.999999Z"},
    {"least time", MM_VALUE_TIMESTAMP, INT64_MIN, "-290308-12-21T19:59:05.224192Z"},
    {"greatest time", MM_VALUE_TIMESTAMP, INT64_MAX, "+294247-01-10T04:00:54.775807Z"},
};

static void numbers_and_times_are_in_words(void **state)
{
    struct mm_buf out;
    (void)state;
    mm_buf_init(&out, 256);
    for (size_t i = 0; i < MM_COUNT(values); i++) {
        struct mm_table_field field = {"value", values[i].type, 0};
        struct mm_cell cell = {.field = &field, .integer = values[i].value};
        mm_buf_clear(&out);
        mm_cell_words(&out, &cell);
        MM_CHECK_VIEW(values[i].label, mm_buf_view(&out), mm_view_of(values[i].words));
    }
    mm_buf_deinit(&out);
}

static void days_are_those_of_the_c_library(void **state)
{
    struct mm_table_field field = {"value", MM_VALUE_TIMESTAMP, 0};
    uint64_t random = 6;
    struct mm_buf out;
    (void)state;
    mm_buf_init(&out, 256);
    for (int i = 0; i < 20000; i++) {
        time_t seconds = (time_t)(mm_random(&random) % 315537897600u) - 62135596800; /* 1..9999 */
        struct tm utc;
        char want[40];
        struct mm_cell cell = {.field = &field, .integer = seconds * 1000000};
        assert_non_null(gmtime_r(&seconds, &utc));
        snprintf(want, sizeof want, "%04d-%02d-%02dT%02d:%02d:%02dZ", utc.tm_year + 1900,
                 utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
        mm_buf_clear(&out);
        mm_cell_words(&out, &cell);
        MM_CHECK_VIEW("time", mm_buf_view(&out), mm_view_of(want));
    }
    mm_buf_deinit(&out);
}

static void addresses_are_in_words(void **state)
{
    static const struct {
        uint8_t bytes[MM_ADDRESS_BYTES];
        const char *words;
    } addresses[] = {
        {{[10] = 0xff, [11] = 0xff, 192, 0, 2, 1}, "192.0.2.1"},
        {{0x20, 0x01, 0x0d, 0xb8, [15] = 1}, "2001:db8::1"},
        {{0}, "::"},
        {{[10] = 0xff, [11] = 0xfe, 192, 0, 2, 1}, "::fffe:c000:201"},
    };
    struct mm_table_field field = {"value", MM_VALUE_ADDRESS, 0};
    struct mm_buf out;
    (void)state;
    mm_buf_init(&out, 256);
    for (size_t i = 0; i < MM_COUNT(addresses); i++) {
        struct mm_cell cell = {.field = &field,
                               .text = {(const char *)addresses[i].bytes, MM_ADDRESS_BYTES}};
        mm_buf_clear(&out);
        mm_cell_words(&out, &cell);
        MM_CHECK_VIEW(addresses[i].words, mm_buf_view(&out), mm_view_of(addresses[i].words));
    }
    mm_buf_deinit(&out);
}

/* ---- whole tables ---- */

static const struct mm_table_field members[] = {
    {"domain", MM_VALUE_STRING, MM_FIELD_NULLABLE},
    {"bits", MM_VALUE_INT32, 0},
};
static const struct mm_column columns[] = {
    {.field = {"name", MM_VALUE_STRING, MM_FIELD_NULLABLE}},
    {.field = {"count", MM_VALUE_INT64, MM_FIELD_NULLABLE}},
    {.field = {"at", MM_VALUE_TIMESTAMP, 0}},
    {.field = {"flags", MM_VALUE_STRING, 0}, .shape = MM_COLUMN_LIST},
    {.field = {"dkim", 0, 0},
     .shape = MM_COLUMN_STRUCT_LIST,
     .members = members,
     .member_count = 2},
    {.field = {"ip", MM_VALUE_ADDRESS, MM_FIELD_NULLABLE}},
};
static const struct mm_table_schema schema = {"planted", columns, MM_COUNT(columns), NULL, 0};
static const uint8_t address[MM_ADDRESS_BYTES] = {[10] = 0xff, [11] = 0xff, 192, 0, 2, 1};

/* name, and as many flags of that name and structs as `lists` says. */
static struct mm_view build(struct mm_buf *buf, struct mm_view name, uint32_t lists)
{
    struct mm_row_writer w;
    struct mm_view row = {NULL, 0};
    mm_row_writer_init(&w, &schema, buf);
    mm_row_begin(&w);
    mm_row_string_or_null(&w, name);
    if (name.data)
        mm_row_int(&w, -1);
    else
        mm_row_null(&w);
    mm_row_int(&w, 1700000000000000);
    mm_row_list(&w, lists);
    for (uint32_t i = 0; i < lists; i++)
        mm_row_string(&w, name);
    mm_row_list(&w, lists);
    for (uint32_t i = 0; i < lists; i++) {
        if (i % 2)
            mm_row_null(&w);
        else
            mm_row_string(&w, name);
        mm_row_int(&w, i);
    }
    if (name.data)
        mm_row_address(&w, address);
    else
        mm_row_null(&w);
    MM_CHECK_INT("row", mm_row_end(&w, &row), MM_OK);
    return row;
}

static int new_file(void)
{
    int fd = mm_file_temporary("/tmp");
    assert_true(fd >= 0);
    return fd;
}

/* All that was written; free data. */
static struct mm_view read_file(int fd)
{
    off_t len = lseek(fd, 0, SEEK_END);
    char *data = malloc((size_t)len + 1);
    assert_non_null(data);
    MM_CHECK_INT("read", pread(fd, data, (size_t)len, 0), len);
    return (struct mm_view){data, (size_t)len};
}

static struct mm_view write_table(const struct mm_table_form *form, const struct mm_view *names,
                                  size_t count)
{
    struct mm_table_writer *writer;
    struct mm_table_totals totals;
    struct mm_error err;
    struct mm_buf buf;
    int fd = new_file();
    mm_buf_init(&buf, MM_ROW_BYTES_MAX);
    MM_CHECK_INT("open", form->open(&schema, fd, &(struct mm_table_options){0}, &writer, &err),
                 MM_OK);
    for (size_t i = 0; i < count; i++) {
        mm_buf_clear(&buf);
        struct mm_view row = build(&buf, names[i], (uint32_t)i % 3);
        MM_CHECK_INT("append", mm_table_writer_append(writer, row, &err), MM_OK);
    }
    MM_CHECK_INT("finish", mm_table_writer_finish(writer, &totals, &err), MM_OK);
    mm_table_writer_free(&writer);
    struct mm_view text = read_file(fd);
    MM_CHECK_INT("rows", totals.rows, count);
    MM_CHECK_INT("bytes", totals.bytes, text.len);
    mm_buf_deinit(&buf);
    close(fd);
    return text;
}

static const struct mm_view special[] = {
    {NULL, 0},
    {"", 0},
    {"a,\"b\"\r\n\t", 8},
    {"=1+1", 4},
    {"\0\x1b[2J\x7f", 6},
    {"\xc2\x85\xc2\xa0\xe2\x80\xae\xe2\x82\xac", 10},
};

static void ndjson_is_one_object_a_line(void **state)
{
    static const char want[] =
        "{\"name\":null,\"count\":null,\"at\":\"2023-11-14T22:13:20Z\",\"flags\":[],\"dkim\":[],"
        "\"ip\":null}\n"
        "{\"name\":\"\",\"count\":-1,\"at\":\"2023-11-14T22:13:20Z\",\"flags\":[\"\"],"
        "\"dkim\":[{\"domain\":\"\",\"bits\":0}],\"ip\":\"192.0.2.1\"}\n"
        "{\"name\":\"a,\\\"b\\\"\\r\\n\\t\",\"count\":-1,\"at\":\"2023-11-14T22:13:20Z\",\"flags\":"
        "[\"a,\\\"b\\\"\\r\\n\\t\",\"a,\\\"b\\\"\\r\\n\\t\"],\"dkim\":[{\"domain\":"
        "\"a,\\\"b\\\"\\r\\n\\t\",\"bits\":0},{\"domain\":null,\"bits\":1}],\"ip\":\"192.0.2.1\"}\n"
        "{\"name\":\"=1+1\",\"count\":-1,\"at\":\"2023-11-14T22:13:20Z\",\"flags\":[],\"dkim\":[],"
        "\"ip\":\"192.0.2.1\"}\n"
        "{\"name\":\"\\u0000\\u001b[2J\\u007f\",\"count\":-1,\"at\":\"2023-11-14T22:13:20Z\","
        "\"flags\":[\"\\u0000\\u001b[2J\\u007f\"],\"dkim\":[{\"domain\":\"\\u0000\\u001b["
        "2J\\u007f\""
        ",\"bits\":0}],\"ip\":\"192.0.2.1\"}\n"
        "{\"name\":\"\\u0085\xc2\xa0\\u202e\xe2\x82\xac\",\"count\":-1,\"at\":"
        "\"2023-11-14T22:13:20Z\",\"flags\":[\"\\u0085\xc2\xa0\\u202e\xe2\x82\xac\","
        "\"\\u0085\xc2\xa0\\u202e\xe2\x82\xac\"],\"dkim\":[{\"domain\":"
        "\"\\u0085\xc2\xa0\\u202e\xe2\x82\xac\",\"bits\":0},{\"domain\":null,\"bits\":1}],"
        "\"ip\":\"192.0.2.1\"}\n";
    (void)state;
    struct mm_view text = write_table(&mm_ndjson_form, special, MM_COUNT(special));
    MM_CHECK_VIEW("ndjson", text, MM_VIEW(want));
    free((void *)(uintptr_t)text.data);
}

static void csv_is_rfc_4180(void **state)
{
    static const char want[] =
        "name,count,at,flags,dkim,ip\r\n"
        ",,2023-11-14T22:13:20Z,[],[],\r\n"
        "\"\",-1,2023-11-14T22:13:20Z,\"[\"\"\"\"]\",\"[{\"\"domain\"\":\"\"\"\",\"\"bits\"\":0}]\""
        ",192.0.2.1\r\n"
        "\"a,\"\"b\"\"\r\n\t\",-1,2023-11-14T22:13:20Z,\"[\"\"a,\\\"\"b\\\"\"\\r\\n\\t\"\","
        "\"\"a,\\\"\"b\\\"\"\\r\\n\\t\"\"]\",\"[{\"\"domain\"\":\"\"a,\\\"\"b\\\"\"\\r\\n\\t\"\","
        "\"\"bits\"\":0},{\"\"domain\"\":null,\"\"bits\"\":1}]\",192.0.2.1\r\n"
        "=1+1,-1,2023-11-14T22:13:20Z,[],[],192.0.2.1\r\n"
        "\xef\xbf\xbd\xef\xbf\xbd[2J\xef\xbf\xbd,-1,2023-11-14T22:13:20Z,"
        "\"[\"\"\\u0000\\u001b[2J\\u007f\"\"]\",\"[{\"\"domain\"\":\"\"\\u0000\\u001b["
        "2J\\u007f\"\","
        "\"\"bits\"\":0}]\",192.0.2.1\r\n"
        "\xef\xbf\xbd\xc2\xa0\xe2\x80\xae\xe2\x82\xac,-1,2023-11-14T22:13:20Z,"
        "\"[\"\"\\u0085\xc2\xa0\\u202e\xe2\x82\xac\"\",\"\"\\u0085\xc2\xa0\\u202e\xe2\x82\xac\"\"]"
        "\","
        "\"[{\"\"domain\"\":\"\"\\u0085\xc2\xa0\\u202e\xe2\x82\xac\"\",\"\"bits\"\":0},"
        "{\"\"domain\"\":null,\"\"bits\"\":1}]\",192.0.2.1\r\n";
    (void)state;
    struct mm_view text = write_table(&mm_csv_form, special, MM_COUNT(special));
    MM_CHECK_VIEW("csv", text, MM_VIEW(want));
    free((void *)(uintptr_t)text.data);
}

/* A plain reader of RFC 4180: the next cell, unquoted, into `out`. Returns what ended it. */
static char next_cell(const char **at, struct mm_buf *out)
{
    const char *p = *at;
    mm_buf_clear(out);
    if (*p == '"') {
        for (p++; *p != '"' || p[1] == '"'; p++) {
            mm_buf_append_char(out, *p);
            p += *p == '"';
        }
        p++;
    } else {
        for (; *p != ',' && *p != '\r'; p++)
            mm_buf_append_char(out, *p);
    }
    assert_true(*p == ',' || (*p == '\r' && p[1] == '\n'));
    *at = p + (*p == ',' ? 1 : 2);
    return *p;
}

/* The strings of a JSON text, one behind the other. */
static void strings_of(struct mm_view json, struct mm_buf *out)
{
    struct mm_json_pull pull;
    struct mm_json_token token;
    enum mm_status status;
    char *room = malloc(json.len + 1);
    assert_non_null(room);
    mm_buf_clear(out);
    mm_json_pull_init(&pull, json);
    while ((status = mm_json_pull_next(&pull, &token)) == MM_OK)
        if (token.kind == MM_JSON_STRING)
            mm_buf_append(out, (struct mm_view){room, mm_json_unescape(token.text, false, room)});
    MM_CHECK_INT("json", status, MM_END);
    free(room);
}

enum { RANDOM_ROWS = 2000 };

/* Valid UTF-8 without control characters but TAB, CR and LF, which CSV would not keep. */
static void random_names(struct mm_view *names, char (*room)[64])
{
    static const char *const pieces[] = {"a",  ",",  "\"", "\r",       "\n",           "\\",
                                         "\t", "''", "=",  "\xc3\xa4", "\xe2\x82\xac", "x"};
    uint64_t random = 31;
    for (size_t i = 0; i < RANDOM_ROWS; i++) {
        size_t len = 0;
        for (uint64_t n = mm_random(&random) % 12; n; n--) {
            const char *piece = pieces[mm_random(&random) % MM_COUNT(pieces)];
            memcpy(room[i] + len, piece, strlen(piece));
            len += strlen(piece);
        }
        names[i] = (struct mm_view){room[i], len};
    }
}

static void random_texts_come_back_from_csv_and_json(void **state)
{
    static struct mm_view names[RANDOM_ROWS];
    static char room[RANDOM_ROWS][64];
    struct mm_buf cell, texts;
    (void)state;
    mm_buf_init(&cell, 1 << 16);
    mm_buf_init(&texts, 1 << 16);
    random_names(names, room);
    struct mm_view csv = write_table(&mm_csv_form, names, RANDOM_ROWS);
    const char *at = csv.data + strcspn(csv.data, "\n") + 1;
    for (size_t i = 0; i < RANDOM_ROWS; i++) {
        MM_CHECK_INT("name", next_cell(&at, &cell), ',');
        MM_CHECK_VIEW("name", mm_buf_view(&cell), names[i]);
        MM_CHECK_INT("count", next_cell(&at, &cell), ',');
        MM_CHECK_INT("at", next_cell(&at, &cell), ',');
        for (int list = 0; list < 2; list++) {
            MM_CHECK_INT("list", next_cell(&at, &cell), ',');
            strings_of(mm_buf_view(&cell), &texts);
            size_t count = list ? (i % 3 + 1) / 2 : i % 3;
            MM_CHECK_INT("texts", texts.len, count * names[i].len);
            if (count)
                MM_CHECK_VIEW("text", mm_view_sub(mm_buf_view(&texts), 0, names[i].len), names[i]);
        }
        MM_CHECK_INT("ip", next_cell(&at, &cell), '\r');
    }
    MM_CHECK_INT("end", at - csv.data, csv.len);
    mm_buf_deinit(&cell);
    mm_buf_deinit(&texts);
    free((void *)(uintptr_t)csv.data);
}

static void a_write_that_fails_is_named(void **state)
{
    static const struct mm_table_form *const forms[] = {&mm_ndjson_form, &mm_csv_form};
    static const char *const fault = "write:ENOSPC@2";
    (void)state;
    for (size_t i = 0; i < MM_COUNT(forms); i++) {
        struct mm_table_writer *writer;
        struct mm_table_totals totals;
        struct mm_error err;
        struct mm_buf buf;
        enum mm_status status = MM_OK;
        int fd = new_file();
        mm_buf_init(&buf, MM_ROW_BYTES_MAX);
        struct mm_view row = build(&buf, MM_VIEW("a name"), 2);
        MM_CHECK_INT("arm", mm_fault_arm(&fault, 1, NULL), MM_OK);
        MM_CHECK_INT("open", forms[i]->open(&schema, fd, NULL, &writer, &err), MM_OK);
        for (int k = 0; k < 10000 && status == MM_OK; k++)
            status = mm_table_writer_append(writer, row, &err);
        if (status == MM_OK)
            status = mm_table_writer_finish(writer, &totals, &err);
        MM_CHECK_INT("full", status, MM_E_IO);
        MM_CHECK_INT("full", err.os_errno, ENOSPC);
        assert_non_null(strstr(err.text, "table planted"));
        MM_CHECK_INT("arm", mm_fault_arm(NULL, 0, NULL), MM_OK);
        mm_table_writer_free(&writer);
        mm_buf_deinit(&buf);
        close(fd);
    }
}

static void what_is_no_row_is_refused(void **state)
{
    static const struct mm_table_form *const forms[] = {&mm_ndjson_form, &mm_csv_form};
    (void)state;
    for (size_t i = 0; i < MM_COUNT(forms); i++) {
        struct mm_table_writer *writer;
        struct mm_error err;
        struct mm_buf buf;
        int fd = new_file();
        mm_buf_init(&buf, MM_ROW_BYTES_MAX);
        struct mm_view row = build(&buf, MM_VIEW("a name"), 2);
        MM_CHECK_INT("open", forms[i]->open(&schema, fd, NULL, &writer, &err), MM_OK);
        for (size_t len = 0; len < row.len; len++) {
            struct mm_guard cut = mm_guard_copy(mm_view_sub(row, 0, len));
            MM_CHECK_INT("cut", mm_table_writer_append(writer, cut.view, &err), MM_E_BUG);
            mm_guard_free(&cut);
        }
        mm_table_writer_free(&writer);
        mm_buf_deinit(&buf);
        close(fd);
    }
}

MM_TEST_MAIN(MM_TEST(numbers_and_times_are_in_words), MM_TEST(days_are_those_of_the_c_library),
             MM_TEST(addresses_are_in_words), MM_TEST(ndjson_is_one_object_a_line),
             MM_TEST(csv_is_rfc_4180), MM_TEST(random_texts_come_back_from_csv_and_json),
             MM_TEST(a_write_that_fails_is_named), MM_TEST(what_is_no_row_is_refused))
