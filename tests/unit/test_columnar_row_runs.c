/*
 * test_columnar_row_runs.c - rows of many workers stand in one order, wherever they waited.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "columnar/row_merge.h"
#include "columnar/row_runs_saved.h"
#include "io/fault.h"
#include "support/mm_test.h"

static const struct mm_table_field result_members[] = {
    {"domain", MM_VALUE_STRING, MM_FIELD_NULLABLE},
    {"bits", MM_VALUE_INT32, 0},
};
/* Every type is among the sort columns of one of the tables. */
static const struct mm_column columns[] = {
    {.field = {"aligned", MM_VALUE_BOOL, 0}},
    {.field = {"flags", MM_VALUE_STRING, 0}, .shape = MM_COLUMN_LIST},
    {.field = {"domain", MM_VALUE_STRING, MM_FIELD_NULLABLE}},
    {.field = {"class", MM_VALUE_INT8, MM_FIELD_NULLABLE}},
    {.field = {"subject", MM_VALUE_INT16, 0}},
    {.field = {"results", 0, 0},
     .shape = MM_COLUMN_STRUCT_LIST,
     .members = result_members,
     .member_count = 2},
    {.field = {"pct", MM_VALUE_INT32, MM_FIELD_NULLABLE}},
    {.field = {"count", MM_VALUE_INT64, 0}},
    {.field = {"begin", MM_VALUE_TIMESTAMP, MM_FIELD_NULLABLE}},
    {.field = {"date", MM_VALUE_DATE, 0}},
    {.field = {"source_ip", MM_VALUE_ADDRESS, MM_FIELD_NULLABLE}},
};
static const uint8_t by_domain[] = {2, 9, 10, 0}, by_number[] = {8, 7, 6, 4, 3}, by_flag[] = {0};
static const struct mm_table_schema by_domain_schema = {"by_domain", columns, MM_COUNT(columns),
                                                        by_domain, MM_COUNT(by_domain)};
static const struct mm_table_schema by_number_schema = {"by_number", columns, MM_COUNT(columns),
                                                        by_number, MM_COUNT(by_number)};
static const struct mm_table_schema by_flag_schema = {"by_flag", columns, MM_COUNT(columns),
                                                      by_flag, MM_COUNT(by_flag)};
static const struct mm_table_schema by_bytes_schema = {"by_bytes", columns, MM_COUNT(columns), NULL,
                                                       0};
static const struct mm_column long_columns[] = {{.field = {"text", MM_VALUE_STRING, 0}}};
static const struct mm_table_schema long_schema = {"long", long_columns, 1, NULL, 0};
static const struct mm_table_schema *const tables[] = {&by_domain_schema, &by_number_schema,
                                                       &by_flag_schema, &by_bytes_schema};

/* ---- random rows: many equal values, texts that begin alike, NULs, the ends of each type ---- */

static struct mm_view random_text(uint64_t *random, char *room)
{
    static const char letters[] = {0, 1, 'a', (char)0xc3};
    size_t len = mm_random(random) % 12;
    if (mm_random(random) % 2000 == 0)
        len = 70000 + mm_random(random) % 100000; /* longer than a block */
    memset(room, 'x', len);
    for (size_t i = len > 3 ? len - 3 : 0; i < len; i++)
        room[i] = letters[mm_random(random) % sizeof letters];
    return (struct mm_view){room, len};
}

static int64_t random_int(uint64_t *random, enum mm_value_type type)
{
    static const int bits[] = {
        [MM_VALUE_INT8] = 8,   [MM_VALUE_INT16] = 16, [MM_VALUE_INT32] = 32,
        [MM_VALUE_INT64] = 64, [MM_VALUE_DATE] = 32,  [MM_VALUE_TIMESTAMP] = 64};
    int64_t most = (int64_t)(UINT64_MAX >> (65 - bits[type]));
    switch (mm_random(random) % 8) {
    case 0:
        return most;
    case 1:
        return -most - 1;
    case 2:
        return (int64_t)mm_random(random) % most;
    default:
        return (int64_t)(mm_random(random) % 5) - 2;
    }
}

static void random_value(struct mm_row_writer *w, const struct mm_table_field *field,
                         uint64_t *random)
{
    static char room[200000];
    if ((field->flags & MM_FIELD_NULLABLE) && mm_random(random) % 4 == 0) {
        mm_row_null(w);
    } else if (field->type == MM_VALUE_BOOL) {
        mm_row_bool(w, mm_random(random) % 2);
    } else if (field->type == MM_VALUE_STRING) {
        mm_row_string(w, random_text(random, room));
    } else if (field->type == MM_VALUE_ADDRESS) {
        uint8_t address[MM_ADDRESS_BYTES] = {[10] = 0xff, [11] = 0xff};
        address[mm_random(random) % MM_ADDRESS_BYTES] = (uint8_t)mm_random(random);
        mm_row_address(w, address);
    } else {
        mm_row_int(w, random_int(random, field->type));
    }
}

static struct mm_view random_row(struct mm_buf *buf, uint64_t *random)
{
    struct mm_row_writer w;
    struct mm_view row = {NULL, 0};
    mm_row_writer_init(&w, tables[0], buf);
    mm_row_begin(&w);
    for (size_t i = 0; i < MM_COUNT(columns); i++) {
        const struct mm_column *column = &columns[i];
        if (column->shape == MM_COLUMN_SCALAR) {
            random_value(&w, &column->field, random);
            continue;
        }
        uint32_t count = (uint32_t)(mm_random(random) % 3);
        bool structs = column->shape == MM_COLUMN_STRUCT_LIST;
        mm_row_list(&w, count);
        for (uint32_t k = 0; k < count * (structs ? column->member_count : 1); k++)
            random_value(&w, structs ? &column->members[k % column->member_count] : &column->field,
                         random);
    }
    MM_CHECK_INT("row", mm_row_end(&w, &row), MM_OK);
    return row;
}

/* Copies, each with its own memory; some rows come several times. */
static struct mm_view *random_rows(size_t count, uint64_t random)
{
    struct mm_view *rows = calloc(count + 1, sizeof *rows);
    struct mm_buf buf;
    assert_non_null(rows);
    mm_buf_init(&buf, MM_ROW_BYTES_MAX);
    for (size_t i = 0; i < count; i++) {
        struct mm_view row = i && mm_random(&random) % 8 == 0 ? rows[mm_random(&random) % i]
                                                              : random_row(&buf, &random);
        char *copy = malloc(row.len);
        assert_non_null(copy);
        memcpy(copy, row.data, row.len);
        rows[i] = (struct mm_view){copy, row.len};
        mm_buf_clear(&buf);
    }
    mm_buf_deinit(&buf);
    return rows;
}

static void free_rows(struct mm_view *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free((void *)(uintptr_t)rows[i].data);
    free(rows);
}

static const struct mm_table_schema *order_of; /* what qsort compares by */

static int compare_rows(const void *a, const void *b)
{
    return mm_row_compare(order_of, *(const struct mm_view *)a, *(const struct mm_view *)b);
}

static int sign(int value)
{
    return (value > 0) - (value < 0);
}

/* ---- texts ---- */

/* Byte by byte, zeros behind the end: the first word that differs, or the first past the shorter.
 */
static size_t plain_agreement(struct mm_view a, struct mm_view b, size_t offset)
{
    for (; offset < a.len && offset < b.len; offset += MM_ROW_WORD_BYTES)
        for (size_t i = offset; i < offset + MM_ROW_WORD_BYTES; i++)
            if ((i < a.len ? a.data[i] : 0) != (i < b.len ? b.data[i] : 0))
                return offset;
    return offset;
}

static void texts_agree_as_far_as_their_words_are_equal(void **state)
{
    uint64_t random = 77;
    (void)state;
    for (size_t i = 0; i < 20000; i++) {
        char left[48], right[48];
        size_t left_len = mm_random(&random) % 41, right_len = mm_random(&random) % 41;
        for (size_t k = 0; k < sizeof left; k++)
            left[k] = right[k] = (char)(mm_random(&random) % 2);
        right[mm_random(&random) % sizeof right] ^= 1;
        struct mm_guard a = mm_guard_copy((struct mm_view){left, left_len});
        struct mm_guard b = mm_guard_copy((struct mm_view){right, right_len});
        size_t offset = mm_random(&random) % 4 * MM_ROW_WORD_BYTES;
        MM_CHECK_INT("bytes", mm_row_record_agreement(a.view, b.view, offset),
                     plain_agreement(a.view, b.view, offset));
        mm_guard_free(&a);
        mm_guard_free(&b);
    }
}

/* ---- keys ---- */

static void keys_put_rows_in_their_order(void **state)
{
    enum { ROWS = 400 };
    (void)state;
    struct mm_view *rows = random_rows(ROWS, 3);
    for (size_t t = 0; t < MM_COUNT(tables); t++) {
        struct mm_row_key_plan plan;
        static struct mm_buf texts[ROWS];
        mm_row_key_plan_init(&plan, tables[t]);
        for (size_t i = 0; i < ROWS; i++) {
            mm_buf_init(&texts[i], MM_ROW_RECORD_BYTES_MAX);
            MM_CHECK_INT("key", mm_row_key_append(&plan, rows[i], &texts[i]), MM_OK);
            mm_buf_append(&texts[i], rows[i]);
        }
        for (size_t i = 0; i < ROWS; i++)
            for (size_t k = 0; k < ROWS; k++)
                MM_CHECK_INT(tables[t]->name,
                             sign(mm_view_cmp(mm_buf_view(&texts[i]), mm_buf_view(&texts[k]))),
                             sign(mm_row_compare(tables[t], rows[i], rows[k])));
        for (size_t i = 0; i < ROWS; i++)
            mm_buf_deinit(&texts[i]);
    }
    free_rows(rows, ROWS);
}

static void what_is_no_row_gets_no_key(void **state)
{
    (void)state;
    struct mm_buf buf, key;
    struct mm_row_key_plan plan;
    uint64_t random = 5;
    mm_buf_init(&buf, MM_ROW_BYTES_MAX);
    mm_buf_init(&key, MM_ROW_KEY_BYTES_MAX);
    mm_row_key_plan_init(&plan, tables[0]);
    struct mm_view row = random_row(&buf, &random);
    for (size_t len = 0; len < 3; len++) {
        struct mm_guard cut = mm_guard_copy(mm_view_sub(row, 0, len));
        MM_CHECK_INT("cut", mm_row_key_append(&plan, cut.view, &key), MM_E_BUG);
        mm_guard_free(&cut);
    }
    mm_buf_deinit(&buf);
    mm_buf_deinit(&key);
}

/* ---- runs and their merge ---- */

enum { WORKERS_MAX = 7 };
static struct mm_row_runs *workers[WORKERS_MAX];

static void start_workers(size_t count, size_t memory_bytes, const char *folder)
{
    for (size_t i = 0; i < count; i++) {
        workers[i] = mm_row_runs_new(tables, MM_COUNT(tables), memory_bytes, folder);
        assert_non_null(workers[i]);
    }
}

static void stop_workers(void)
{
    for (size_t i = 0; i < WORKERS_MAX; i++)
        mm_row_runs_free(&workers[i]);
}

static void add(size_t worker, size_t table, struct mm_view row)
{
    struct mm_error err;
    MM_CHECK_INT("add", mm_row_runs_add(workers[worker], table, row, &err), MM_OK);
}

/* The table's rows are `rows`, which are put in its order. */
static void check_merged(const char *label, size_t worker_count, size_t table, struct mm_view *rows,
                         size_t count)
{
    struct mm_row_merge *merge;
    struct mm_error err;
    struct mm_view row;
    order_of = tables[table];
    qsort(rows, count, sizeof *rows, compare_rows);
    MM_CHECK_INT(label, mm_row_merge_new(workers, worker_count, table, &merge, &err), MM_OK);
    for (size_t i = 0; i < count; i++) {
        MM_CHECK_INT(label, mm_row_merge_next(merge, &row, &err), MM_OK);
        MM_CHECK_VIEW(label, row, rows[i]);
    }
    MM_CHECK_INT(label, mm_row_merge_next(merge, &row, &err), MM_END);
    MM_CHECK_INT(label, mm_row_merge_next(merge, &row, &err), MM_END);
    mm_row_merge_free(&merge);
}

static const struct {
    const char *label;
    size_t workers, rows, memory_bytes, runs_least;
} cases[] = {
    {"no row", 2, 0, 1 << 20, 0},
    {"one row", 1, 1, 1 << 20, 0},
    {"one worker in memory", 1, 8000, 64 << 20, 0},
    {"seven workers in memory", 7, 8000, 64 << 20, 0},
    {"one worker that spills", 1, 8000, 1 << 20, 2},
    {"three workers that spill", 3, 8000, 300 << 10, 8},
    {"runs in more than one pass", 2, 8000, 8 << 10, 2 * MM_ROW_MERGE_RUNS_MAX},
    {"runs in many passes", 1, 8000, 1 << 10, 6 * MM_ROW_MERGE_RUNS_MAX},
};

static void merged_rows_stand_in_order_whatever_the_workers(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        uint64_t random = 11 + i, runs = 0;
        struct mm_view *rows = random_rows(cases[i].rows, 42);
        start_workers(cases[i].workers, cases[i].memory_bytes, "/tmp");
        /* Every table has each row once, on some worker. */
        for (size_t k = 0; k < cases[i].rows; k++)
            for (size_t t = 0; t < MM_COUNT(tables); t++)
                add(mm_random(&random) % cases[i].workers, t, rows[k]);
        for (size_t k = 0; k < cases[i].workers; k++)
            runs += mm_row_runs_counts(workers[k]).spilled_runs;
        MM_CHECK_TRUE(cases[i].label, runs >= cases[i].runs_least);
        MM_CHECK_TRUE(cases[i].label, cases[i].runs_least || runs == 0);
        for (size_t t = 0; t < MM_COUNT(tables); t++)
            check_merged(cases[i].label, cases[i].workers, t, rows, cases[i].rows);
        stop_workers();
        free_rows(rows, cases[i].rows);
    }
}

static void a_table_that_was_merged_takes_rows_anew(void **state)
{
    (void)state;
    struct mm_view *rows = random_rows(500, 8);
    start_workers(1, 64 << 10, "/tmp");
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < 500; i++)
            add(0, 1, rows[i]);
        check_merged("round", 1, 1, rows, 500);
    }
    stop_workers();
    free_rows(rows, 500);
}

/* Report by report: neighbours agree, runs of them do not stand in order. */
static void rows_that_come_in_runs_are_put_in_order(void **state)
{
    enum { ROWS = 8000, RUNS_MAX = 401 };
    (void)state;
    struct mm_view *rows = random_rows(ROWS, 99);
    for (size_t runs = 3; runs <= RUNS_MAX; runs += 199)
        for (size_t t = 0; t < MM_COUNT(tables); t++) {
            start_workers(1, 64 << 20, "/tmp");
            order_of = tables[t];
            qsort(rows, ROWS, sizeof *rows, compare_rows);
            for (size_t i = 0; i < runs; i++) {
                size_t run = i * 83 % runs, from = run * ROWS / runs, to = (run + 1) * ROWS / runs;
                for (size_t k = from; k < to; k++)
                    add(0, t, rows[i % 2 ? k : from + to - 1 - k]);
            }
            check_merged("runs", 1, t, rows, ROWS);
            stop_workers();
        }
    free_rows(rows, ROWS);
}

static void equal_rows_stay_as_often_as_they_came(void **state)
{
    enum { ROWS = 30000 };
    (void)state;
    struct mm_view *one = random_rows(1, 77), *rows = calloc(ROWS, sizeof *rows);
    assert_non_null(rows);
    start_workers(3, 64 << 10, "/tmp");
    for (size_t i = 0; i < ROWS; i++)
        add(i % 3, 0, rows[i] = one[0]);
    check_merged("equal", 3, 0, rows, ROWS);
    stop_workers();
    free_rows(one, 1);
    free(rows);
}

static void memory_stays_within_the_share(void **state)
{
    enum { SHARE = 256 << 10 };
    (void)state;
    struct mm_view *rows = random_rows(3000, 9);
    start_workers(1, SHARE, "/tmp");
    size_t longest = 0;
    for (size_t i = 0; i < 3000; i++) {
        add(0, 1 + i % (MM_COUNT(tables) - 1), rows[i]); /* the first table stays empty */
        longest = rows[i].len > longest ? rows[i].len : longest;
    }
    size_t peak = mm_row_runs_counts(workers[0]).held_bytes_peak;
    MM_CHECK_TRUE("share", peak <= SHARE || peak < 3 * longest + 1024);
    MM_CHECK_INT("rows", mm_row_runs_counts(workers[0]).rows, 3000);
    stop_workers();
    free_rows(rows, 3000);
}

/* A row of one long text, the same but for its number. */
static struct mm_view long_row(struct mm_buf *buf, size_t text_bytes, int number)
{
    struct mm_row_writer w;
    struct mm_view row = {NULL, 0};
    char *text = malloc(text_bytes);
    assert_non_null(text);
    memset(text, 'x', text_bytes);
    snprintf(text + text_bytes / 2, 8, "%07d", number);
    mm_buf_clear(buf);
    mm_row_writer_init(&w, &long_schema, buf);
    mm_row_begin(&w);
    mm_row_string(&w, (struct mm_view){text, text_bytes});
    MM_CHECK_INT("row", mm_row_end(&w, &row), MM_OK);
    free(text);
    return row;
}

/* Each in a run of its own, for which there is no room at once. Returns what the merge held. */
static size_t merge_long_rows(int count, size_t text_bytes, size_t memory_bytes)
{
    static const struct mm_table_schema *const long_tables[] = {&long_schema};
    struct mm_row_runs *runs = mm_row_runs_new(long_tables, 1, memory_bytes, "/tmp");
    struct mm_row_merge *merge;
    struct mm_buf buf;
    struct mm_error err;
    struct mm_view row;
    size_t held = 0;
    assert_non_null(runs);
    mm_buf_init(&buf, MM_ROW_BYTES_MAX);
    for (int i = 0; i < count; i++) {
        row = long_row(&buf, text_bytes, i * 7 % count);
        MM_CHECK_INT("add", mm_row_runs_add(runs, 0, row, &err), MM_OK);
    }
    MM_CHECK_INT("merge", mm_row_merge_new(&runs, 1, 0, &merge, &err), MM_OK);
    for (int i = 0; i < count; i++) {
        MM_CHECK_INT("next", mm_row_merge_next(merge, &row, &err), MM_OK);
        MM_CHECK_VIEW("in order", row, long_row(&buf, text_bytes, i));
        size_t now = mm_row_merge_held_bytes(merge);
        held = now > held ? now : held;
    }
    MM_CHECK_INT("last", mm_row_merge_next(merge, &row, &err), MM_END);
    mm_row_merge_free(&merge);
    mm_row_runs_free(&runs);
    mm_buf_deinit(&buf);
    return held;
}

static void the_merge_of_long_rows_stays_within_memory_too(void **state)
{
    enum { MIB = 1 << 20, COUNT = 24 };
    (void)state;
    /* 168 MiB of rows; a block is as long as its row and is held in a power of two. */
    MM_CHECK_INT("two at once", merge_long_rows(COUNT, 7 * MIB, MIB), 2 * 8 * MIB);
    MM_CHECK_TRUE("as many as fit", merge_long_rows(COUNT, 7 * MIB, 64 * MIB) <= 64 * MIB);
    MM_CHECK_TRUE("the longest", merge_long_rows(5, MM_ROW_BYTES_MAX - 64, MIB) <= 2 * 32 * MIB);
}

/* ---- a disk that fails ---- */

/* The temporary file of the workers, by its descriptor; -1: none. */
static int find_spill_file(const char *folder)
{
    DIR *dir = opendir("/proc/self/fd");
    char path[64], target[256];
    int fd = -1;
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));) {
        snprintf(path, sizeof path, "/proc/self/fd/%.20s", entry->d_name);
        ssize_t len = readlink(path, target, sizeof target - 1);
        if (len <= 0)
            continue;
        target[len] = '\0';
        if (strncmp(target, folder, strlen(folder)) == 0 && strstr(target, "(deleted)"))
            fd = atoi(entry->d_name);
    }
    closedir(dir);
    return fd;
}

static enum mm_status merge_all(size_t count, struct mm_error *err)
{
    struct mm_row_merge *merge;
    struct mm_view row;
    enum mm_status status = mm_row_merge_new(workers, 1, 0, &merge, err);
    while (status == MM_OK && (status = mm_row_merge_next(merge, &row, err)) == MM_OK)
        count--;
    if (status == MM_END)
        MM_CHECK_INT("rows", count, 0);
    mm_row_merge_free(&merge);
    return status;
}

static void a_changed_byte_of_a_run_is_noticed(void **state)
{
    enum { ROWS = 300, PLACES = 40 };
    char folder[] = "/tmp/mailmill-rows-XXXXXX";
    (void)state;
    assert_non_null(mkdtemp(folder));
    struct mm_view *rows = random_rows(ROWS, 21);
    for (uint64_t place = 0; place <= PLACES; place++) {
        struct mm_error err;
        char byte;
        start_workers(1, 16 << 10, folder);
        for (size_t i = 0; i < ROWS; i++)
            add(0, 0, rows[i]);
        int fd = find_spill_file(folder);
        assert_true(fd >= 0);
        uint64_t bytes = mm_row_runs_counts(workers[0]).spilled_bytes;
        off_t at = (off_t)(place < 24 ? place : bytes * (place - 24) / (PLACES - 24 + 1));
        MM_CHECK_INT("read", pread(fd, &byte, 1, at), 1);
        byte ^= place < PLACES ? 0x10 : 0; /* at last: no change, no error */
        MM_CHECK_INT("write", pwrite(fd, &byte, 1, at), 1);
        MM_CHECK_INT("merge", merge_all(ROWS, &err), place < PLACES ? MM_E_IO : MM_END);
        if (place < PLACES)
            assert_non_null(strstr(err.text, folder));
        stop_workers();
    }
    free_rows(rows, ROWS);
    MM_CHECK_INT("folder is empty", rmdir(folder), 0);
}

static void arm(const char *text)
{
    MM_CHECK_INT("arm", mm_fault_arm(&text, text ? 1 : 0, NULL), MM_OK);
}

static void a_full_disk_is_named_and_loses_no_row(void **state)
{
    static const char *const faults[] = {"create:ENOSPC@1", "write:ENOSPC@1", "write:ENOSPC@9",
                                         "write:EIO@4"};
    enum { ROWS = 400 };
    (void)state;
    struct mm_view *rows = random_rows(ROWS, 4);
    for (size_t i = 0; i < MM_COUNT(faults); i++) {
        size_t failed = 0;
        start_workers(1, 4 << 10, "/tmp");
        arm(faults[i]);
        for (size_t k = 0; k < ROWS; k++) {
            struct mm_error err;
            if (mm_row_runs_add(workers[0], 0, rows[k], &err) == MM_OK)
                continue;
            failed++;
            MM_CHECK_INT(faults[i], err.status, MM_E_IO);
            MM_CHECK_INT(faults[i], err.os_errno, i == 3 ? EIO : ENOSPC);
            assert_non_null(strstr(err.text, "temporary file in /tmp"));
            add(0, 0, rows[k]); /* there is room again */
        }
        arm(NULL);
        MM_CHECK_INT(faults[i], failed, 1);
        check_merged(faults[i], 1, 0, rows, ROWS);
        stop_workers();
    }
    free_rows(rows, ROWS);
}

static void a_run_that_cannot_be_read_is_an_error(void **state)
{
    static const struct {
        const char *fault;
        enum mm_status status;
    } faults[] = {{"read:EIO@1", MM_E_IO},
                  {"read:EIO@12", MM_E_IO},
                  {"read:EINTR@3", MM_END},
                  {"read:SHORT@5", MM_END},
                  {"write:ENOSPC@1", MM_E_IO} /* of a pass */};
    enum { ROWS = 1000 };
    (void)state;
    struct mm_view *rows = random_rows(ROWS, 4);
    for (size_t i = 0; i < MM_COUNT(faults); i++) {
        struct mm_error err;
        start_workers(1, 1 << 10, "/tmp");
        for (size_t k = 0; k < ROWS; k++)
            add(0, 0, rows[k]);
        arm(faults[i].fault);
        MM_CHECK_INT(faults[i].fault, merge_all(ROWS, &err), faults[i].status);
        MM_CHECK_INT(faults[i].fault, mm_fault_count(), 1);
        arm(NULL);
        stop_workers();
    }
    free_rows(rows, ROWS);
}

/* ---- rows that outlive their run ---- */

static char saved_folder[64];

static void make_saved_folder(void)
{
    snprintf(saved_folder, sizeof saved_folder, "/tmp/mailmill-saved-XXXXXX");
    assert_non_null(mkdtemp(saved_folder));
}

static void remove_saved_folder(unsigned files)
{
    char path[96];
    for (unsigned i = 1; i <= files; i++) {
        snprintf(path, sizeof path, "%s/rows-%u", saved_folder, i);
        unlink(path);
    }
    MM_CHECK_INT("nothing else is there", rmdir(saved_folder), 0);
}

/* A run of two workers, of whose rows each third and then half of the rest is saved, ends as by a
 * kill. Returns how many rows were saved. */
static size_t run_and_die(struct mm_view *rows, size_t count, size_t memory_bytes,
                          struct mm_buf told[4])
{
    struct mm_error err;
    size_t saved = 0;
    start_workers(2, memory_bytes, saved_folder);
    for (unsigned i = 0; i < 2; i++)
        assert_true(mm_row_runs_keep_file(workers[i], i + 1));
    for (size_t k = 0; k < count; k++) {
        for (size_t t = 0; t < MM_COUNT(tables); t++)
            add(k % 2, t, rows[k]);
        if (k != count / 3 && k != count / 2)
            continue;
        for (unsigned i = 0; i < 2; i++) {
            struct mm_buf *text = &told[2 * i + (k == count / 2)];
            MM_CHECK_INT("save", mm_row_runs_save(workers[i], text, &err), MM_OK);
            MM_CHECK_INT("nothing is left", mm_row_runs_unsaved_bytes(workers[i]), 0);
        }
        saved = k + 1;
    }
    stop_workers();
    return saved;
}

static enum mm_status find_all(struct mm_buf told[4], struct mm_error *err)
{
    unsigned file = 0;
    start_workers(1, 1 << 20, saved_folder);
    for (int i = 0; i < 4; i++) {
        MM_TRY(mm_row_runs_find(workers[0], mm_buf_view(&told[i]), &file, err));
        MM_CHECK_INT("file", file, 1 + i / 2);
    }
    return mm_row_runs_found_all(workers[0], err);
}

static void saved_rows_are_found_again_and_no_others(void **state)
{
    enum { ROWS = 3000 };
    static const size_t memory[] = {64 << 20, 256 << 10, 8 << 10};
    (void)state;
    for (size_t i = 0; i < MM_COUNT(memory); i++) {
        struct mm_view *rows = random_rows(ROWS, 31 + i);
        struct mm_buf told[4];
        struct mm_error err;
        for (int k = 0; k < 4; k++)
            mm_buf_init(&told[k], 1 << 20);
        make_saved_folder();
        size_t saved = run_and_die(rows, ROWS, memory[i], told);
        for (int round = 0; round < 2; round++) { /* and once more, as of a run killed again */
            MM_CHECK_INT("find", find_all(told, &err), MM_OK);
            for (size_t t = 0; t < MM_COUNT(tables); t++)
                check_merged("found", 1, t, rows, saved);
            stop_workers();
        }
        remove_saved_folder(2);
        for (int k = 0; k < 4; k++)
            mm_buf_deinit(&told[k]);
        free_rows(rows, ROWS);
    }
}

static void what_is_told_of_rows_is_checked(void **state)
{
    enum { ROWS = 400 };
    struct mm_view *rows = random_rows(ROWS, 5);
    struct mm_buf told[4];
    struct mm_error err;
    unsigned file;
    char path[96];
    (void)state;
    for (int k = 0; k < 4; k++)
        mm_buf_init(&told[k], 1 << 20);
    make_saved_folder();
    run_and_die(rows, ROWS, 1 << 20, told);
    struct mm_view whole = mm_buf_view(&told[0]);
    start_workers(1, 1 << 20, saved_folder);
    for (size_t len = 0; len < whole.len; len++) {
        struct mm_guard cut = mm_guard_copy(mm_view_sub(whole, 0, len));
        MM_CHECK_INT("cut", mm_row_runs_find(workers[0], cut.view, &file, &err), MM_E_SYNTAX);
        mm_guard_free(&cut);
    }
    /* Numbers made larger: of its file, of its runs; of a run its table, begin and end. */
    static const size_t numbers[] = {3, 7, 23, 31, 39};
    for (size_t i = 0; i < MM_COUNT(numbers); i++) {
        struct mm_guard changed = mm_guard_copy(whole);
        ((char *)(uintptr_t)changed.view.data)[numbers[i]] ^= 0x40;
        MM_CHECK_TRUE("changed", mm_row_runs_find(workers[0], changed.view, &file, &err) < 0);
        mm_guard_free(&changed);
    }
    stop_workers();
    snprintf(path, sizeof path, "%s/rows-2", saved_folder);
    MM_CHECK_INT("truncate", truncate(path, 100), 0);
    MM_CHECK_INT("shorter than told", find_all(told, &err), MM_E_SYNTAX);
    assert_non_null(strstr(err.text, path));
    stop_workers();
    unlink(path);
    MM_CHECK_INT("not there", find_all(told, &err), MM_E_IO);
    MM_CHECK_INT("not there", err.os_errno, ENOENT);
    stop_workers();
    remove_saved_folder(2);
    for (int k = 0; k < 4; k++)
        mm_buf_deinit(&told[k]);
    free_rows(rows, ROWS);
}

static void a_run_in_place_of_another_is_noticed(void **state)
{
    enum { ROWS = 400 };
    struct mm_view *rows = random_rows(ROWS, 6);
    struct mm_buf told[4];
    struct mm_error err;
    char one[96], two[96], other[96];
    (void)state;
    for (int k = 0; k < 4; k++)
        mm_buf_init(&told[k], 1 << 20);
    make_saved_folder();
    run_and_die(rows, ROWS, 1 << 20, told);
    snprintf(one, sizeof one, "%s/rows-1", saved_folder);
    snprintf(two, sizeof two, "%s/rows-2", saved_folder);
    snprintf(other, sizeof other, "%s/rows-3", saved_folder);
    MM_CHECK_INT("exchange", rename(one, other) || rename(two, one) || rename(other, two), 0);
    /* Lengths may differ as well, which is seen at once. */
    if (truncate(one, 1 << 20) == 0 && truncate(two, 1 << 20) == 0 && find_all(told, &err) == MM_OK)
        MM_CHECK_INT("merge", merge_all(ROWS, &err), MM_E_IO);
    else
        MM_CHECK_TRUE("found", false);
    stop_workers();
    remove_saved_folder(2);
    for (int k = 0; k < 4; k++)
        mm_buf_deinit(&told[k]);
    free_rows(rows, ROWS);
}
MM_TEST_MAIN(MM_TEST(texts_agree_as_far_as_their_words_are_equal),
             MM_TEST(keys_put_rows_in_their_order), MM_TEST(what_is_no_row_gets_no_key),
             MM_TEST(merged_rows_stand_in_order_whatever_the_workers),
             MM_TEST(a_table_that_was_merged_takes_rows_anew),
             MM_TEST(rows_that_come_in_runs_are_put_in_order),
             MM_TEST(equal_rows_stay_as_often_as_they_came), MM_TEST(memory_stays_within_the_share),
             MM_TEST(the_merge_of_long_rows_stays_within_memory_too),
             MM_TEST(a_changed_byte_of_a_run_is_noticed),
             MM_TEST(a_full_disk_is_named_and_loses_no_row),
             MM_TEST(a_run_that_cannot_be_read_is_an_error),
             MM_TEST(saved_rows_are_found_again_and_no_others),
             MM_TEST(what_is_told_of_rows_is_checked),
             MM_TEST(a_run_in_place_of_another_is_noticed))
