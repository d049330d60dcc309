/*
 * bench_rows.c - rows of a table into one order, in memory and spilled; to a file and back.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Rows look like those of aggregate reports, about 150 bytes: few domains, many addresses, days in
 * no order. Each figure is of one core; those of runs are of the whole way: key, copy, sort, merge.
 * Building the rows is in none. The file is Parquet, read as values of all columns.
 * Usage: bench_rows [ROWS [MIB_OF_MEMORY]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "columnar/parquet_writer.h"
#include "columnar/row_merge.h"

static const struct mm_column columns[] = {
    {.field = {"report_key", MM_VALUE_INT64, MM_FIELD_DELTA}},
    {.field = {"date", MM_VALUE_DATE, MM_FIELD_DELTA}},
    {.field = {"org_name", MM_VALUE_STRING, MM_FIELD_NULLABLE}},
    {.field = {"policy_domain", MM_VALUE_STRING, MM_FIELD_NULLABLE | MM_FIELD_BLOOM}},
    {.field = {"header_from", MM_VALUE_STRING, MM_FIELD_NULLABLE | MM_FIELD_BLOOM}},
    {.field = {"source_ip", MM_VALUE_ADDRESS, MM_FIELD_NULLABLE | MM_FIELD_BLOOM}},
    {.field = {"count", MM_VALUE_INT64, MM_FIELD_DELTA}},
    {.field = {"disposition", MM_VALUE_STRING, MM_FIELD_NULLABLE}},
    {.field = {"dkim_aligned", MM_VALUE_BOOL, 0}},
    {.field = {"flags", MM_VALUE_STRING, 0}, .shape = MM_COLUMN_LIST},
};
static const uint8_t sort[] = {3, 1, 5, 4};
static const struct mm_table_schema schema = {"records", columns, MM_COUNT(columns), sort,
                                              MM_COUNT(sort)};
static const struct mm_table_schema *const tables[] = {&schema};
enum { ROWS_MAX = 100000000, SAMPLE_ROWS = 200000 };

static uint64_t random_below(uint64_t limit)
{
    static uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % limit;
}

static struct mm_view name(char *room, size_t cap, const char *form, uint64_t number)
{
    int len = snprintf(room, cap, form, (unsigned long long)number);
    return (struct mm_view){room, (size_t)len};
}

static struct mm_view build(struct mm_buf *buf)
{
    char room[64];
    uint8_t address[MM_ADDRESS_BYTES] = {[10] = 0xff, [11] = 0xff};
    struct mm_row_writer w;
    struct mm_view row = {NULL, 0};
    mm_row_writer_init(&w, &schema, buf);
    mm_row_begin(&w);
    mm_row_int(&w, (int64_t)random_below(1 << 30));
    mm_row_int(&w, 20000 + (int64_t)random_below(400));
    mm_row_string(&w, name(room, sizeof room, "Receiver %llu Incorporated", random_below(50)));
    mm_row_string(&w, name(room, sizeof room, "customer-%llu.example", random_below(30)));
    mm_row_string(&w, name(room, sizeof room, "mail.customer-%llu.example", random_below(40)));
    for (size_t i = 12; i < sizeof address; i++)
        address[i] = (uint8_t)random_below(256);
    mm_row_address(&w, address);
    mm_row_int(&w, (int64_t)random_below(1000));
    mm_row_string(&w, MM_VIEW("quarantine"));
    mm_row_bool(&w, random_below(2));
    mm_row_list(&w, 0);
    if (mm_row_end(&w, &row) != MM_OK)
        exit(70);
    return row;
}

static void need(enum mm_status status, const struct mm_error *err)
{
    if (status >= 0)
        return;
    fprintf(stderr, "bench_rows: %s\n", err->text);
    exit(74);
}

static double seconds_since(uint64_t start)
{
    return (double)(mm_process_cpu_ns() - start) / 1e9;
}

static void bench(const char *what, const struct mm_view *sample, size_t rows, size_t memory_bytes)
{
    struct mm_error err;
    struct mm_row_merge *merge = NULL;
    struct mm_view row;
    enum mm_status status;
    size_t merged = 0;
    const char *folder = getenv("TMPDIR");
    struct mm_row_runs *runs = mm_row_runs_new(tables, 1, memory_bytes, folder ? folder : "/tmp");
    if (!runs)
        exit(70);
    uint64_t start = mm_process_cpu_ns();
    for (size_t i = 0; i < rows; i++)
        need(mm_row_runs_add(runs, 0, sample[i % SAMPLE_ROWS], &err), &err);
    double added = seconds_since(start);
    need(mm_row_merge_new(&runs, 1, 0, &merge, &err), &err);
    while ((status = mm_row_merge_next(merge, &row, &err)) == MM_OK)
        merged += row.len > 0;
    need(status, &err);
    double all = seconds_since(start);
    struct mm_row_runs_counts counts = mm_row_runs_counts(runs);
    printf("%-10s %zu rows: %.2f M rows/s (add and sort %.0f ns, merge %.0f ns a row); "
           "%zu MiB held, %llu runs, %llu MiB spilled\n",
           what, merged, (double)rows / all / 1e6, added * 1e9 / (double)rows,
           (all - added) * 1e9 / (double)rows, counts.held_bytes_peak >> 20,
           (unsigned long long)counts.spilled_runs, (unsigned long long)counts.spilled_bytes >> 20);
    mm_row_merge_free(&merge);
    mm_row_runs_free(&runs);
}

static void write_file(const struct mm_view *sample, size_t rows, int fd)
{
    struct mm_error err;
    struct mm_table_writer *writer;
    struct mm_table_totals totals;
    uint64_t start = mm_process_cpu_ns();
    const struct mm_table_options options = {0};
    need(mm_parquet_form.open(&schema, fd, &options, &writer, &err), &err);
    for (size_t i = 0; i < rows; i++)
        need(mm_table_writer_append(writer, sample[i % SAMPLE_ROWS], &err), &err);
    need(mm_table_writer_finish(writer, &totals, &err), &err);
    mm_table_writer_free(&writer);
    double seconds = seconds_since(start);
    printf("%-10s %zu rows: %.2f M rows/s, %llu KiB\n", "written", rows,
           (double)rows / seconds / 1e6, (unsigned long long)totals.bytes >> 10);
}

static void read_file(const char *path)
{
    struct mm_error err;
    struct mm_table_reader *reader;
    enum mm_status status;
    size_t rows, all = 0;
    uint64_t start = mm_process_cpu_ns();
    need(mm_table_reader_open(path, &schema, NULL, &reader, &err), &err);
    while ((status = mm_table_reader_next(reader, &rows, &err)) == MM_OK)
        all += rows;
    need(status, &err);
    mm_table_reader_free(&reader);
    double seconds = seconds_since(start);
    printf("%-10s %zu rows: %.2f M rows/s\n", "read", all, (double)all / seconds / 1e6);
}

static void bench_file(const struct mm_view *sample, size_t rows)
{
    char path[4096];
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/bench_rows-XXXXXX", folder ? folder : "/tmp");
    int fd = mkstemp(path);
    if (fd < 0)
        exit(74);
    write_file(sample, rows, fd);
    read_file(path);
    close(fd);
    unlink(path);
}

int main(int argc, char **argv)
{
    size_t rows = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    size_t memory_mib = argc > 2 ? strtoull(argv[2], NULL, 10) : 16;
    static struct mm_view sample[SAMPLE_ROWS];
    struct mm_buf buf;
    size_t bytes = 0;
    if (rows < 1000 || rows > ROWS_MAX || memory_mib < 1 || memory_mib > 1 << 20) {
        fprintf(stderr, "usage: bench_rows [ROWS, 1000 to 100000000 [MIB_OF_MEMORY]]\n");
        return 64;
    }
    mm_buf_init(&buf, 1024 * SAMPLE_ROWS);
    if (!mm_buf_reserve(&buf, 1024 * SAMPLE_ROWS)) /* rows must not move */
        return 70;
    for (size_t i = 0; i < SAMPLE_ROWS; i++)
        bytes += (sample[i] = build(&buf)).len;
    printf("rows of %zu bytes\n", bytes / SAMPLE_ROWS);
    bench("in memory", sample, rows, SIZE_MAX / 2);
    bench("spilled", sample, rows, memory_mib << 20);
    bench_file(sample, rows);
    mm_buf_deinit(&buf);
    return 0;
}
