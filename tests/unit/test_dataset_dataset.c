/*
 * test_dataset_dataset.c - rows of several workers become one dataset, whole or not at all.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "columnar/ndjson_write.h"
#include "columnar/parquet_writer.h"
#include "columnar/row.h"
#include "dataset/dataset.h"
#include "support/dataset_folder.h"
#include "support/mm_test.h"

struct record {
    const char *domain, *org, *disposition;
    int64_t day, count;
    bool dkim, spf;
};

struct reading {
    char identity;
    int64_t records;
    const char *path;
    unsigned worker;
    struct record rows[3];
    size_t row_count;
};

static void add(struct mm_row_runs *runs, size_t table, struct mm_row_writer *w)
{
    struct mm_view row;
    MM_CHECK_INT("row", mm_row_end(w, &row), MM_OK);
    MM_CHECK_INT("add", mm_row_runs_add(runs, table, row, NULL), MM_OK);
}

static void begin(struct mm_row_writer *w, struct mm_buf *buf, size_t table)
{
    mm_buf_clear(buf);
    mm_row_writer_init(w, &mm_work_tables[table], buf);
    mm_row_begin(w);
}

static void nulls(struct mm_row_writer *w, unsigned count)
{
    while (count--)
        mm_row_null(w);
}

static void add_record(struct mm_row_runs *runs, struct mm_buf *buf, const struct record *r,
                       const uint8_t *reading)
{
    struct mm_row_writer w;
    begin(&w, buf, MM_TABLE_DMARC_RECORDS);
    mm_row_int(&w, 1);
    mm_row_int(&w, r->day);
    mm_row_int(&w, 0);
    mm_row_int(&w, 0);
    mm_row_bool(&w, false);
    mm_row_string_or_null(&w, mm_view_of(r->org));
    mm_row_string_or_null(&w, mm_view_of(r->domain));
    nulls(&w, 5);
    mm_row_int(&w, r->count);
    mm_row_string_or_null(&w, mm_view_of(r->disposition));
    mm_row_bool(&w, r->dkim);
    mm_row_bool(&w, r->spf);
    mm_row_bool(&w, r->dkim || r->spf);
    for (int i = 0; i < 3; i++)
        mm_row_list(&w, 0);
    nulls(&w, 2);
    mm_row_list(&w, 0);
    mm_row_address(&w, reading);
    add(runs, MM_TABLE_DMARC_RECORDS, &w);
}

static void add_claim(struct mm_row_runs *runs, struct mm_buf *buf, const struct reading *r,
                      const uint8_t *reading)
{
    struct mm_row_writer w;
    uint8_t identity[16] = {(uint8_t)r->identity};
    begin(&w, buf, MM_TABLE_CLAIMS);
    mm_row_int(&w, MM_TABLE_DMARC_REPORTS);
    mm_row_address(&w, identity);
    mm_row_bool(&w, false);
    mm_row_int(&w, -r->records);
    mm_row_int(&w, 0);
    mm_row_int(&w, 0);
    mm_row_string(&w, mm_view_of(r->path));
    mm_row_null(&w);
    mm_row_int(&w, r->identity);
    mm_row_int(&w, r->records);
    mm_row_address(&w, reading);
    mm_row_address(&w, reading);
    mm_row_int(&w, 1);
    mm_row_bool(&w, true);
    mm_row_int(&w, MM_CLAIM_NEW);
    add(runs, MM_TABLE_CLAIMS, &w);
    begin(&w, buf, MM_TABLE_INPUTS);
    mm_row_address(&w, reading);
    add(runs, MM_TABLE_INPUTS, &w);
}

static const struct reading readings[] = {
    {1,
     3,
     "a.xml",
     0,
     {{"a.example", "One", "none", 10, 2, true, false},
      {"a.example", "One", "none", 10, 3, true, false},
      {"a.example", "One", "reject", 11, 4, false, false}},
     3},
    {1, 2, "copy.xml", 1, {{"a.example", "One", "none", 10, 100, true, false}}, 1}, /* fewer records
                                                                                     */
    {2, 1, "b.xml", 1, {{"a.example", "Two", NULL, 10, 7, true, true}}, 1},
    {3, 1, "c.xml", 1, {{NULL, NULL, NULL, 10, 1, false, true}}, 1},
};

static enum mm_status build(const struct mm_table_form *form, unsigned workers, size_t memory,
                            struct mm_settlement *settlement)
{
    const struct mm_dataset_options options = {.path = mm_dataset_folder_dataset,
                                               .verb = &mm_reports_verb,
                                               .form = form,
                                               .workers = workers,
                                               .memory_bytes = memory};
    const struct mm_dataset_counts counts = {.inputs = 4};
    struct mm_dataset *d = NULL;
    struct mm_buf buf;
    enum mm_status st = mm_dataset_new(&options, &d, NULL);
    if (st != MM_OK)
        return st;
    mm_buf_init(&buf, 1 << 16);
    for (size_t i = 0; i < MM_COUNT(readings); i++) {
        uint8_t id[16] = {(uint8_t)(i + 1)};
        struct mm_row_runs *runs = mm_dataset_runs(d, readings[i].worker % workers);
        add_claim(runs, &buf, &readings[i], id);
        for (size_t k = 0; k < readings[i].row_count; k++)
            add_record(runs, &buf, &readings[i].rows[k], id);
    }
    mm_buf_deinit(&buf);
    MM_CHECK_INT("write", mm_dataset_write(d, settlement, NULL), MM_OK);
    MM_CHECK_TRUE("no name before the end", access(mm_dataset_folder_dataset, F_OK) != 0);
    MM_CHECK_INT("commit", mm_dataset_commit(d, &counts, NULL, NULL), MM_OK);
    mm_dataset_free(&d);
    return MM_OK;
}

static void check_file(const char *name, const char *want)
{
    char file[128];
    snprintf(file, sizeof file, "%s/%s", mm_dataset_folder_dataset, name);
    struct mm_view text = mm_test_read_file(file);
    MM_CHECK_VIEW(name, text, mm_view_of(want));
    free((void *)(uintptr_t)text.data);
}

static void the_better_reading_alone_is_summed(void **state)
{
    (void)state;
    struct mm_settlement settlement;
    MM_CHECK_INT("build", build(&mm_ndjson_form, 2, 1 << 20, &settlement), MM_OK);
    MM_CHECK_INT("reports", settlement.dmarc_reports, 3);
    MM_CHECK_INT("inputs told by others", settlement.duplicate_inputs, 1);
    mm_settlement_deinit(&settlement);
    check_file(
        "daily.ndjson",
        "{\"policy_domain\":null,\"date\":\"1970-01-11\",\"org_name\":null,\"disposition\":null,"
        "\"dkim_aligned\":false,\"spf_aligned\":true,\"record_count\":1,\"message_count\":1}\n"
        "{\"policy_domain\":\"a.example\",\"date\":\"1970-01-11\",\"org_name\":\"One\","
        "\"disposition\":\"none\","
        "\"dkim_aligned\":true,\"spf_aligned\":false,\"record_count\":2,\"message_count\":5}\n"
        "{\"policy_domain\":\"a.example\",\"date\":\"1970-01-11\",\"org_name\":\"Two\","
        "\"disposition\":null,"
        "\"dkim_aligned\":true,\"spf_aligned\":true,\"record_count\":1,\"message_count\":7}\n"
        "{\"policy_domain\":\"a.example\",\"date\":\"1970-01-12\",\"org_name\":\"One\","
        "\"disposition\":\"reject\","
        "\"dkim_aligned\":false,\"spf_aligned\":false,\"record_count\":1,\"message_count\":4}\n");
    check_file(
        "duplicates.ndjson",
        "{\"kept_key\":1,\"source_path\":\"copy.xml\",\"member\":null,\"same_content\":false}\n");
    check_file("bounces.ndjson", "");
}

/* All files of a dataset, one behind the other. */
static struct mm_buf bytes_of_dataset(void)
{
    struct mm_buf all;
    char file[160];
    mm_buf_init(&all, 1 << 24);
    for (size_t i = 0; i <= MM_REPORT_TABLES; i++) {
        if (i == MM_REPORT_TABLES)
            snprintf(file, sizeof file, "%s/_mailmill.json", mm_dataset_folder_dataset);
        else
            snprintf(file, sizeof file, "%s/%s/part-00000.parquet", mm_dataset_folder_dataset,
                     mm_report_tables[i].name);
        struct mm_view text = mm_test_read_file(file);
        mm_buf_append(&all, text);
        free((void *)(uintptr_t)text.data);
    }
    return all;
}

static void the_bytes_do_not_tell_who_worked_or_where_rows_waited(void **state)
{
    static const struct {
        unsigned workers;
        size_t memory;
    } ways[] = {{2, 1 << 20}, {1, 1 << 20}, {2, 4096}};
    struct mm_settlement settlement;
    struct mm_buf first;
    for (size_t i = 0; i < MM_COUNT(ways); i++) {
        MM_CHECK_INT("build", build(&mm_parquet_form, ways[i].workers, ways[i].memory, &settlement),
                     MM_OK);
        mm_settlement_deinit(&settlement);
        struct mm_buf all = bytes_of_dataset();
        if (i == 0)
            first = all;
        else
            MM_CHECK_TRUE("equal bytes", mm_view_eq(mm_buf_view(&first), mm_buf_view(&all)));
        if (i > 0)
            mm_buf_deinit(&all);
        mm_dataset_folder_teardown(state);
        mm_dataset_folder_setup(state);
    }
    mm_buf_deinit(&first);
}

static void what_exists_is_refused_and_what_is_given_up_leaves_nothing(void **state)
{
    (void)state;
    char part[80];
    const struct mm_dataset_options options = {.path = mm_dataset_folder_dataset,
                                               .verb = &mm_reports_verb,
                                               .form = &mm_parquet_form,
                                               .workers = 1,
                                               .memory_bytes = 1 << 20};
    struct mm_dataset *d = NULL, *other = NULL;
    snprintf(part, sizeof part, "%s.part", mm_dataset_folder_dataset);
    MM_CHECK_INT("new", mm_dataset_new(&options, &d, NULL), MM_OK);
    MM_CHECK_INT("two runs", mm_dataset_new(&options, &other, NULL), MM_E_EXISTS);
    MM_CHECK_TRUE("the first one's folder is left alone", access(part, F_OK) == 0);
    mm_dataset_free(&d);
    MM_CHECK_TRUE("nothing is left", access(part, F_OK) != 0);
    MM_CHECK_INT("made", mkdir(mm_dataset_folder_dataset, 0777), 0);
    MM_CHECK_INT("exists", mm_dataset_new(&options, &d, NULL), MM_E_EXISTS);
    MM_CHECK_TRUE("left alone", access(mm_dataset_folder_dataset, F_OK) == 0);
}

#define TEST(fn)                                                                                   \
    cmocka_unit_test_setup_teardown(fn, mm_dataset_folder_setup, mm_dataset_folder_teardown)
MM_TEST_MAIN(TEST(the_better_reading_alone_is_summed),
             TEST(the_bytes_do_not_tell_who_worked_or_where_rows_waited),
             TEST(what_exists_is_refused_and_what_is_given_up_leaves_nothing))
