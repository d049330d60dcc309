/*
 * bench_columnar.c - rows of records of aggregate reports into one Parquet file.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The table is the program's own; 200 domains, 50 receivers, 400 days, 60,000 addresses, half of
 * the rows from 500 of them, one or two results a row. Rows are built and put in order before the
 * clock starts; it counts this process's CPU time, best of five, of one core. The file is an
 * anonymous one in memory, so that no disk takes part. Usage: bench_columnar [ROWS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "columnar/parquet_writer.h"
#include "columnar/row.h"
#include "dataset/report_tables.h"

enum { ROUNDS = 5, NEAR_ROWS = 256, ROW_BYTES_MAX = 2048, ROWS_MAX = 10000000 };

static const struct mm_table_schema *const schema = &mm_report_tables[MM_TABLE_DMARC_RECORDS];

static uint64_t random_below(uint64_t limit)
{
    static uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % limit;
}

/* What the columns of one row have in common. */
struct record {
    uint64_t report, domain, day, receiver;
    uint8_t address[MM_ADDRESS_BYTES];
};

static struct mm_view name(char *room, size_t cap, const char *form, uint64_t number)
{
    int len = snprintf(room, cap, form, (unsigned long long)number);
    return (struct mm_view){room, (size_t)len};
}

static bool named(const struct mm_table_field *field, const char *text)
{
    return strcmp(field->name, text) == 0;
}

static void put_text(struct mm_row_writer *w, const struct mm_table_field *field,
                     const struct record *r)
{
    char room[96];
    const uint8_t *a = r->address;
    if (named(field, "org_name"))
        mm_row_string(w, name(room, sizeof room, "Receiver %llu Incorporated", r->receiver));
    else if (named(field, "policy_domain") || named(field, "header_from"))
        mm_row_string(w, name(room, sizeof room, "customer-%llu.example", r->domain));
    else if (named(field, "envelope_from") || named(field, "domain"))
        mm_row_string(w, name(room, sizeof room, "bounces.customer-%llu.example", r->domain));
    else if (named(field, "selector"))
        mm_row_string(w, name(room, sizeof room, "s%llu", random_below(3)));
    else if (named(field, "source_ip_text")) {
        int len = snprintf(room, sizeof room, "%d.%d.%d.%d", a[12], a[13], a[14], a[15]);
        mm_row_string(w, (struct mm_view){room, (size_t)len});
    } else if (named(field, "result") || named(field, "disposition")) {
        mm_row_string(w, random_below(10) ? MM_VIEW("pass") : MM_VIEW("fail"));
    } else if (named(field, "p") || named(field, "sp")) {
        mm_row_string(w, r->domain % 3 ? MM_VIEW("reject") : MM_VIEW("none"));
    } else if (field->flags & MM_FIELD_NULLABLE && r->receiver % 4) {
        mm_row_null(w);
    } else {
        mm_row_string(w, name(room, sizeof room, "said by receiver %llu", r->receiver));
    }
}

static void put_value(struct mm_row_writer *w, const struct mm_table_field *field,
                      const struct record *r)
{
    switch (field->type) {
    case MM_VALUE_STRING:
        put_text(w, field, r);
        break;
    case MM_VALUE_ADDRESS:
        mm_row_address(w, r->address);
        break;
    case MM_VALUE_BOOL:
        mm_row_bool(w, random_below(8) > 0);
        break;
    case MM_VALUE_DATE:
        mm_row_int(w, 19000 + (int64_t)r->day);
        break;
    case MM_VALUE_TIMESTAMP:
        mm_row_int(w, (19000 + (int64_t)r->day) * 86400000000);
        break;
    default:
        mm_row_int(w, named(field, "report_key") ? (int64_t)(r->report * 0x9e3779b97f4a7c15u)
                                                 : (int64_t)random_below(60) + 1);
    }
}

static void put_column(struct mm_row_writer *w, const struct mm_column *column,
                       const struct record *r)
{
    if (column->shape == MM_COLUMN_SCALAR) {
        put_value(w, &column->field, r);
        return;
    }
    bool results = column->shape == MM_COLUMN_STRUCT_LIST && column->member_count > 2;
    uint32_t count = results ? 1 + (random_below(4) == 0) : random_below(20) == 0;
    mm_row_list(w, count);
    for (uint32_t i = 0; i < count; i++)
        for (size_t k = 0; k < (column->members ? column->member_count : 1); k++)
            put_value(w, column->members ? &column->members[k] : &column->field, r);
}

static struct mm_view build(struct mm_buf *buf, size_t reports)
{
    struct mm_row_writer w;
    struct mm_view row = {NULL, 0};
    struct record r = {.report = random_below(reports), .address = {[10] = 0xff, [11] = 0xff}};
    uint64_t host = random_below(2) ? random_below(500) : random_below(60000);
    r.domain = r.report % 200;
    r.day = r.report / 200 % 400;
    r.receiver = r.report / 7 % 50;
    for (size_t i = 12; i < sizeof r.address; i++)
        r.address[i] = (uint8_t)(host * 2654435761u >> 8 * (i - 12));
    mm_row_writer_init(&w, schema, buf);
    mm_row_begin(&w);
    for (size_t i = 0; i < schema->column_count; i++)
        put_column(&w, &schema->columns[i], &r);
    if (mm_row_end(&w, &row) != MM_OK)
        exit(70);
    return row;
}

static int compare(const void *left, const void *right)
{
    const struct mm_view *a = left, *b = right;
    return mm_row_compare(schema, *a, *b);
}

static void need(enum mm_status status, const struct mm_error *err)
{
    if (status >= 0)
        return;
    fprintf(stderr, "bench_columnar: %s\n", err->text);
    exit(74);
}

/*
 * The clock runs while rows are appended and at the end. They come from a merge that has just
 * looked at them: so they are brought into the cache, some at a time, while it stands.
 */
static double write_once(const struct mm_view *rows, size_t count, struct mm_table_totals *totals)
{
    static const struct mm_table_options options = {.row_group_rows = 0};
    static char near[NEAR_ROWS * ROW_BYTES_MAX];
    struct mm_error err;
    struct mm_table_writer *writer = NULL;
    int fd = memfd_create("bench_columnar", MFD_CLOEXEC);
    need(mm_parquet_form.open(schema, fd, &options, &writer, &err), &err);
    uint64_t spent = 0, start;
    for (size_t i = 0; i < count; i += NEAR_ROWS) {
        size_t len = 0, end = i + NEAR_ROWS < count ? i + NEAR_ROWS : count;
        for (size_t k = i; k < end; len += rows[k++].len)
            memcpy(near + len, rows[k].data, rows[k].len);
        len = 0;
        start = mm_process_cpu_ns();
        for (size_t k = i; k < end; len += rows[k++].len)
            need(mm_table_writer_append(writer, (struct mm_view){near + len, rows[k].len}, &err),
                 &err);
        spent += mm_process_cpu_ns() - start;
    }
    start = mm_process_cpu_ns();
    need(mm_table_writer_finish(writer, totals, &err), &err);
    spent += mm_process_cpu_ns() - start;
    mm_table_writer_free(&writer);
    close(fd);
    return (double)spent / 1e9;
}

int main(int argc, char **argv)
{
    size_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 500000, row_bytes = 0;
    struct mm_table_totals totals;
    struct mm_buf buf;
    double best = 0;
    if (count < 1 || count > ROWS_MAX) {
        fprintf(stderr, "usage: bench_columnar [ROWS, at most %d]\n", ROWS_MAX);
        return 64;
    }
    struct mm_view *rows = calloc(count, sizeof *rows);
    mm_buf_init(&buf, count * ROW_BYTES_MAX);
    if (!rows || !mm_buf_reserve(&buf, count * ROW_BYTES_MAX)) /* rows must not move */
        return 70;
    for (size_t i = 0; i < count; i++)
        row_bytes += (rows[i] = build(&buf, 1 + count / 10)).len;
    qsort(rows, count, sizeof *rows, compare);
    for (int round = 0; round < ROUNDS; round++) {
        double seconds = write_once(rows, count, &totals);
        best = round == 0 || seconds < best ? seconds : best;
    }
    printf("%zu rows of %zu bytes: %.2f M rows/s, %.2f us a row, %.1f bytes a row in the file\n",
           count, row_bytes / count, (double)count / best / 1e6, best * 1e6 / (double)count,
           (double)totals.bytes / (double)count);
    mm_buf_deinit(&buf);
    free(rows);
    return 0;
}
