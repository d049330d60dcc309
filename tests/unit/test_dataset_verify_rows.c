/*
 * test_dataset_verify_rows.c - verdicts become rows, and our own reader finds them in the tables.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <unistd.h>

#include "columnar/parquet_writer.h"
#include "dataset/dataset.h"
#include "dataset/verify_rows.h"
#include "support/dataset_folder.h"
#include "support/mm_test.h"

enum { MESSAGES = 3000, SIGNATURES = 3 };

/* ---- verdict number n: every field of it is told by n ---- */

struct made {
    struct mm_verify_item item;
    struct mm_dkim_signature signatures[SIGNATURES];
    char message[32], domain[SIGNATURES][32], selector[32], headers[64];
};

static void make(struct made *m, uint32_t n)
{
    *m = (struct made){.item = {.bytes = {NULL, n}}};
    snprintf(m->message, sizeof m->message, "m%06u", n);
    snprintf(m->selector, sizeof m->selector, "s%u", n % 7);
    snprintf(m->headers, sizeof m->headers, "From :\r\n To%u", n % 11);
    m->item.msg.eol = (enum mm_msg_eol)(n % 3);
    m->item.mboxo = n % 5 == 0;
    m->item.verdict = (struct mm_dkim_verdict){.result = (enum mm_dkim_result)(n % 7),
                                               .from_domain = mm_view_of(n % 13 ? "a.example" : ""),
                                               .signatures = m->signatures,
                                               .count = n % (SIGNATURES + 1),
                                               .skipped = n % 4};
    for (uint32_t i = 0; i < SIGNATURES; i++) {
        snprintf(m->domain[i], sizeof m->domain[i], n % 17 ? "d%u.example" : "d\xff%u.example",
                 (n + i) % 29);
        m->signatures[i] = (struct mm_dkim_signature){.index = i,
                                                      .result = (enum mm_dkim_result)((n + i) % 7),
                                                      .domain = mm_view_of(m->domain[i]),
                                                      .selector = mm_view_of(m->selector),
                                                      .auid = mm_view_of(i ? "u@b.example" : ""),
                                                      .algorithm = MM_VIEW("rsa-sha256"),
                                                      .headers = mm_view_of(m->headers),
                                                      .b = MM_VIEW("AB C\r\n DEFGHIJK"),
                                                      .key_bits = n % 3 ? 1024 * i : 0,
                                                      .body_hash = (enum mm_check)(n % 3),
                                                      .has_body_length = n % 2,
                                                      .body_length = n % 4 == 1 ? UINT64_MAX : n,
                                                      .uncovered_bytes = n * 3,
                                                      .has_signed_at = n % 3,
                                                      .signed_at = 1700000000 + n,
                                                      .has_expires_at = n % 3 == 1,
                                                      .expires_at = 999999999999,
                                                      .dnssec = n % 6 == 0};
    }
}

/* ---- what the tables have to say of it ---- */

static const struct mm_table_vector *vector(const struct mm_table_reader *reader, size_t column)
{
    return mm_table_reader_vector(reader, column, 0);
}

static int64_t number(const struct mm_table_reader *reader, size_t column, size_t row)
{
    return vector(reader, column)->numbers[row];
}

static bool is_null(const struct mm_table_reader *reader, size_t column, size_t row)
{
    const struct mm_table_vector *v = vector(reader, column);
    return v->null && v->null[row];
}

static struct mm_view text(const struct mm_table_reader *reader, size_t column, size_t row)
{
    return vector(reader, column)->texts[row];
}

/* No NUL ends a text of the reader's. */
static uint32_t number_of_message(struct mm_view message)
{
    uint32_t n = 0;
    for (size_t i = 1; i < message.len; i++)
        n = 10 * n + (uint32_t)(message.data[i] - '0');
    return n;
}

/* Bytes that are not UTF-8 have become characters of that number. */
static void check_domain(struct mm_view got, const char *want)
{
    char utf8[40];
    size_t len = 0;
    for (; *want; want++) {
        if (*want == '\xff')
            utf8[len++] = '\xc3';
        utf8[len++] = *want == '\xff' ? '\xbf' : *want;
    }
    MM_CHECK_VIEW("domain", got, ((struct mm_view){utf8, len}));
}

static void check_message(const struct mm_table_reader *reader, size_t row, uint32_t n)
{
    struct made m;
    make(&m, n);
    MM_CHECK_INT("bytes", number(reader, 1, row), n);
    MM_CHECK_VIEW("from_domain", text(reader, 3, row), m.item.verdict.from_domain);
    MM_CHECK_VIEW("result", text(reader, 4, row),
                  mm_view_of(mm_dkim_result_word(m.item.verdict.result)));
    MM_CHECK_INT("signatures_skipped", number(reader, 5, row), n % 4);
    MM_CHECK_TRUE("reading", is_null(reader, 6, row) == (n % 5 != 0));
    MM_CHECK_TRUE("raw_bytes", number(reader, 8, row) == (n % 17 == 0 && m.item.verdict.count > 0));
    MM_CHECK_TRUE("rejected", is_null(reader, 9, row));
}

static void check_signature(const struct mm_table_reader *reader, size_t row, uint32_t n)
{
    struct made m;
    char headers[64];
    uint32_t i = (uint32_t)number(reader, 2, row);
    make(&m, n);
    const struct mm_dkim_signature *s = &m.signatures[i];
    snprintf(headers, sizeof headers, "From:To%u", n % 11);
    MM_CHECK_TRUE("index", i < m.item.verdict.count);
    MM_CHECK_VIEW("from_domain", text(reader, 1, row), m.item.verdict.from_domain);
    MM_CHECK_VIEW("result", text(reader, 3, row), mm_view_of(mm_dkim_result_word(s->result)));
    check_domain(text(reader, 5, row), m.domain[i]);
    if (i)
        MM_CHECK_VIEW("auid", text(reader, 7, row), s->auid);
    else
        MM_CHECK_INT("auid: @ before the domain", text(reader, 7, row).data[0], '@');
    MM_CHECK_TRUE("key_bits",
                  s->key_bits ? number(reader, 10, row) == s->key_bits : is_null(reader, 10, row));
    MM_CHECK_TRUE("body_length", n % 2 == 0   ? is_null(reader, 14, row)
                                 : n % 4 == 1 ? number(reader, 14, row) == INT64_MAX
                                              : number(reader, 14, row) == n);
    MM_CHECK_INT("uncovered_bytes", number(reader, 15, row), n * 3);
    MM_CHECK_TRUE("signed_at", n % 3 ? number(reader, 16, row) == (int64_t)s->signed_at * 1000000
                                     : is_null(reader, 16, row));
    MM_CHECK_TRUE("expires_at", n % 3 == 1 ? number(reader, 17, row) == 999999999999000000
                                           : is_null(reader, 17, row));
    MM_CHECK_VIEW("headers", text(reader, 18, row), mm_view_of(headers));
    MM_CHECK_VIEW("b", text(reader, 19, row), MM_VIEW("ABCDEFGH"));
    MM_CHECK_INT("dnssec", number(reader, 20, row), n % 6 == 0);
}

/* Look at all rows of a table; each message of `seen` counts its rows. */
static void check_table(enum mm_verify_table table, uint32_t *seen)
{
    char file[160];
    struct mm_table_reader *reader = NULL;
    size_t rows;
    snprintf(file, sizeof file, "%s/%s/part-00000.parquet", mm_dataset_folder_dataset,
             mm_verify_tables[table].name);
    MM_CHECK_INT("open", mm_table_reader_open(file, &mm_verify_tables[table], NULL, &reader, NULL),
                 MM_OK);
    while (mm_table_reader_next(reader, &rows, NULL) == MM_OK)
        for (size_t i = 0; i < rows; i++) {
            uint32_t n = number_of_message(text(reader, 0, i));
            assert_true(n < MESSAGES);
            seen[n]++;
            if (table == MM_TABLE_MESSAGES)
                check_message(reader, i, n);
            else
                check_signature(reader, i, n);
        }
    mm_table_reader_free(&reader);
}

/* ---- a dataset of them all ---- */

/* Returns how many runs were spilled. */
static uint64_t build(unsigned workers, size_t memory)
{
    const struct mm_dataset_options options = {.path = mm_dataset_folder_dataset,
                                               .verb = &mm_verify_verb,
                                               .form = &mm_parquet_form,
                                               .workers = workers,
                                               .memory_bytes = memory};
    const struct mm_dataset_counts counts = {.inputs = MESSAGES};
    struct mm_dataset *d = NULL;
    struct mm_settlement none;
    uint64_t spilled = 0;
    MM_CHECK_INT("new", mm_dataset_new(&options, &d, NULL), MM_OK);
    for (unsigned w = 0; w < workers; w++) {
        struct mm_verify_rows rows;
        mm_verify_rows_init(&rows, mm_dataset_runs(d, w));
        for (uint32_t n = MESSAGES; n-- > 0;) {
            struct made m;
            if (n % workers != w)
                continue;
            make(&m, n);
            MM_CHECK_INT("input", mm_verify_rows_add_input(&rows, (struct mm_hash128){n, n}, NULL),
                         MM_OK);
            MM_CHECK_INT("add",
                         mm_verify_rows_add(&rows, mm_view_of(m.message), &m.item,
                                            (struct mm_view){NULL, 0}, NULL),
                         MM_OK);
        }
        mm_verify_rows_deinit(&rows);
        spilled += mm_row_runs_counts(mm_dataset_runs(d, w)).spilled_runs;
    }
    MM_CHECK_INT("write", mm_dataset_write(d, &none, NULL), MM_OK);
    MM_CHECK_INT("commit", mm_dataset_commit(d, &counts, NULL, NULL), MM_OK);
    mm_dataset_free(&d);
    mm_settlement_deinit(&none);
    return spilled;
}

static void our_reader_finds_what_verdicts_say_wherever_rows_waited(void **state)
{
    static const struct {
        const char *label;
        unsigned workers;
        size_t memory;
        bool spills;
    } ways[] = {
        {"one worker", 1, 16 << 20, false},
        {"three workers", 3, 16 << 20, false},
        {"little memory", 2, 200000, true},
    };
    for (size_t i = 0; i < MM_COUNT(ways); i++) {
        uint32_t *seen = calloc(2 * MESSAGES, sizeof *seen);
        assert_non_null(seen);
        MM_CHECK_INT(ways[i].label, build(ways[i].workers, ways[i].memory) > 0, ways[i].spills);
        check_table(MM_TABLE_MESSAGES, seen);
        check_table(MM_TABLE_SIGNATURES, seen + MESSAGES);
        for (uint32_t n = 0; n < MESSAGES; n++) {
            MM_CHECK_INT("one row of messages", seen[n], 1);
            MM_CHECK_INT("rows of signatures", seen[MESSAGES + n], n % (SIGNATURES + 1));
        }
        free(seen);
        mm_dataset_folder_teardown(state);
        mm_dataset_folder_setup(state);
    }
}

static void a_row_that_may_be_too_long_takes_nothing(void **state)
{
    (void)state;
    const struct mm_table_schema *tables[MM_VERIFY_WORK_TABLES];
    struct mm_verify_rows rows;
    struct made m;
    size_t len = MM_ROW_BYTES_MAX / 2;
    char *field = malloc(len);
    assert_non_null(field);
    memset(field, 0xff, len);
    for (size_t i = 0; i < MM_COUNT(tables); i++)
        tables[i] = &mm_verify_tables[i];
    struct mm_row_runs *runs =
        mm_row_runs_new(tables, MM_COUNT(tables), 64 << 20, mm_dataset_folder);
    assert_non_null(runs);
    mm_verify_rows_init(&rows, runs);
    make(&m, 3);
    MM_CHECK_INT("too long",
                 mm_verify_rows_add(&rows, mm_view_of(m.message), &m.item,
                                    (struct mm_view){field, len}, NULL),
                 MM_E_LIMIT);
    MM_CHECK_INT("nothing was taken", mm_row_runs_counts(runs).rows, 0);
    MM_CHECK_INT("the longest, each byte of which becomes two",
                 mm_verify_rows_add(&rows, mm_view_of(m.message), &m.item,
                                    (struct mm_view){field, len - 2048}, NULL),
                 MM_OK);
    MM_CHECK_INT("a row, and three of signatures", mm_row_runs_counts(runs).rows, 4);
    MM_CHECK_INT(
        "a reject",
        mm_verify_rows_add_reject(&rows, MM_VIEW("x\xff"), "too-large", NULL, MM_NO_OFFSET, NULL),
        MM_OK);
    mm_verify_rows_deinit(&rows);
    mm_row_runs_free(&runs);
    free(field);
}

#define TEST(fn)                                                                                   \
    cmocka_unit_test_setup_teardown(fn, mm_dataset_folder_setup, mm_dataset_folder_teardown)
MM_TEST_MAIN(TEST(our_reader_finds_what_verdicts_say_wherever_rows_waited),
             TEST(a_row_that_may_be_too_long_takes_nothing))
