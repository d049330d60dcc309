/*
 * test_dataset_daily.c - the sums of a day are those of its records, few or many.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/row.h"
#include "dataset/daily.h"
#include "dataset/report_tables.h"
#include "support/mm_test.h"

enum { DAYS = 3, NAMES = 12, WORDS = 4, BITS = 4, RECORDS = 4000 };

/* Absent, empty, texts of one length, and such as differ in their middle: each is another one. */
static const char *const names[NAMES] = {NULL,
                                         "",
                                         "a",
                                         "b",
                                         "example.com",
                                         "example.net",
                                         "one",
                                         "two",
                                         "four",
                                         "five",
                                         "reports of a.example.com",
                                         "reports of b.example.com"};
static const char *const words[WORDS] = {NULL, "", "none", "reject"};

struct sum {
    int64_t records, messages;
};

/* By day, reporter, disposition and alignment. */
static struct sum wanted[DAYS][NAMES][WORDS][BITS], found[DAYS][NAMES][WORDS][BITS];

static void put_text(struct mm_row_writer *w, const char *text)
{
    mm_row_string_or_null(w, text ? mm_view_of(text) : (struct mm_view){NULL, 0});
}

static struct mm_view put_record(struct mm_buf *buf, int64_t day, const char *name,
                                 const char *word, size_t bits, int64_t count)
{
    static const uint8_t reading[MM_ADDRESS_BYTES];
    struct mm_row_writer w;
    struct mm_view row = {NULL, 0};
    mm_buf_clear(buf);
    mm_row_writer_init(&w, &mm_work_tables[MM_TABLE_DMARC_RECORDS], buf);
    mm_row_begin(&w);
    mm_row_int(&w, 1);
    mm_row_int(&w, day);
    mm_row_int(&w, 0);
    mm_row_int(&w, 0);
    mm_row_bool(&w, false);
    put_text(&w, name);
    put_text(&w, "example.org");
    for (size_t i = 0; i < 5; i++) /* header_from to source_ip_text */
        mm_row_null(&w);
    mm_row_int(&w, count);
    put_text(&w, word);
    mm_row_bool(&w, bits & 2);
    mm_row_bool(&w, bits & 1);
    mm_row_bool(&w, bits != 0);
    for (size_t i = 0; i < 3; i++) /* reasons and results */
        mm_row_list(&w, 0);
    mm_row_null(&w);
    mm_row_null(&w);
    mm_row_list(&w, 0);
    mm_row_address(&w, reading);
    MM_CHECK_INT("a record", mm_row_end(&w, &row), MM_OK);
    return row;
}

static size_t place_of(const char *const *texts, size_t count, const struct mm_cell *cell)
{
    for (size_t i = 0; i < count; i++)
        if (texts[i] ? !cell->null && mm_view_eq(cell->text, mm_view_of(texts[i])) : cell->null)
            return i;
    fail_msg("a text that no record has");
    return 0;
}

enum { DOMAIN, DAY, NAME, WORD, DKIM, SPF, RECORD_COUNT, MESSAGE_COUNT, COLUMNS };

static void read_sum(struct mm_view row, struct mm_cell cells[COLUMNS])
{
    struct mm_row_cursor c;
    mm_row_cursor_init(&c, &mm_work_tables[MM_TABLE_DAILY], row);
    for (size_t i = 0; i < COLUMNS; i++)
        MM_CHECK_INT("a sum", mm_row_next(&c, &cells[i]), MM_OK);
}

static enum mm_status take_sum(void *context, struct mm_view row, struct mm_error *err)
{
    struct mm_cell cells[COLUMNS];
    int64_t sign = *(const int64_t *)context;
    (void)err;
    read_sum(row, cells);
    MM_CHECK_VIEW("domain", cells[DOMAIN].text, MM_VIEW("example.org"));
    struct sum *sum =
        &found[cells[DAY].integer][place_of(names, NAMES, &cells[NAME])]
              [place_of(words, WORDS, &cells[WORD])][cells[DKIM].integer << 1 | cells[SPF].integer];
    MM_CHECK_INT("told once", sum->records, 0);
    *sum = (struct sum){sign * cells[RECORD_COUNT].integer, sign * cells[MESSAGE_COUNT].integer};
    return MM_OK;
}

/* used: how many of the names, words and bits records have: 1 makes one sum a day, all make 192. */
static void check_days(size_t used, bool negative)
{
    uint64_t random = used + 1;
    int64_t sign = negative ? -1 : 1;
    struct mm_daily daily = {.take = take_sum, .context = &sign, .negative = negative};
    struct mm_buf buf;
    memset(wanted, 0, sizeof wanted);
    memset(found, 0, sizeof found);
    mm_daily_init(&daily);
    mm_buf_init(&buf, MM_ROW_BYTES_MAX);
    for (int64_t day = 0; day < DAYS; day++)
        for (size_t i = 0; i < RECORDS; i++) {
            size_t name = mm_random(&random) % (used < NAMES ? used : NAMES);
            size_t word = mm_random(&random) % (used < WORDS ? used : WORDS);
            size_t bits = mm_random(&random) % (used < BITS ? used : BITS);
            int64_t count = (int64_t)(mm_random(&random) % 100);
            struct mm_view row = put_record(&buf, day, names[name], words[word], bits, count);
            MM_CHECK_INT("added", mm_daily_add(&daily, row, NULL), MM_OK);
            wanted[day][name][word][bits].records++;
            wanted[day][name][word][bits].messages += count;
        }
    MM_CHECK_INT("ended", mm_daily_end(&daily, NULL), MM_OK);
    MM_CHECK_TRUE("the sums of the records", memcmp(wanted, found, sizeof wanted) == 0);
    mm_daily_deinit(&daily);
    mm_buf_deinit(&buf);
}

static void sums_are_those_of_the_records_few_or_many(void **state)
{
    (void)state;
    for (size_t used = 1; used <= NAMES; used++) {
        check_days(used, false);
        check_days(used, true);
    }
}

/* More than there is room for on one day, each of them twice. */
enum { LONG_WORDS = 150, LONG_WORD_BYTES = 1024 * 1024 };

struct long_sums {
    size_t rows;
    struct sum of[LONG_WORDS];
};

static enum mm_status take_long_sum(void *context, struct mm_view row, struct mm_error *err)
{
    struct mm_cell cells[COLUMNS];
    struct long_sums *sums = context;
    (void)err;
    read_sum(row, cells);
    MM_CHECK_INT("the whole text", cells[WORD].text.len, LONG_WORD_BYTES);
    struct sum *sum = &sums->of[strtoul(cells[WORD].text.data, NULL, 10)];
    sum->records += cells[RECORD_COUNT].integer;
    sum->messages += cells[MESSAGE_COUNT].integer;
    sums->rows++;
    return MM_OK;
}

static void a_day_of_long_texts_is_told_in_parts(void **state)
{
    struct long_sums sums = {.rows = 0};
    struct mm_daily daily = {.take = take_long_sum, .context = &sums};
    struct mm_buf buf;
    char *word = malloc(LONG_WORD_BYTES + 1);
    (void)state;
    MM_CHECK_TRUE("memory", word);
    memset(word, 'x', LONG_WORD_BYTES);
    word[LONG_WORD_BYTES] = '\0';
    mm_daily_init(&daily);
    mm_buf_init(&buf, MM_ROW_BYTES_MAX);
    for (int i = 0; i < 2 * LONG_WORDS; i++) {
        word[snprintf(word, LONG_WORD_BYTES, "%d", i % LONG_WORDS)] = 'x';
        MM_CHECK_INT("added", mm_daily_add(&daily, put_record(&buf, 0, "a", word, 0, i), NULL),
                     MM_OK);
    }
    MM_CHECK_INT("ended", mm_daily_end(&daily, NULL), MM_OK);
    MM_CHECK_TRUE("in parts", sums.rows > LONG_WORDS);
    for (int i = 0; i < LONG_WORDS; i++) {
        MM_CHECK_INT("records", sums.of[i].records, 2);
        MM_CHECK_INT("messages", sums.of[i].messages, 2 * i + LONG_WORDS);
    }
    mm_daily_deinit(&daily);
    mm_buf_deinit(&buf);
    free(word);
}

static void what_is_no_record_is_refused(void **state)
{
    struct mm_daily daily = {.take = take_sum};
    struct mm_buf buf;
    (void)state;
    mm_daily_init(&daily);
    mm_buf_init(&buf, MM_ROW_BYTES_MAX);
    struct mm_view row = put_record(&buf, 0, "a", "none", 3, 1);
    for (size_t len = 0; len < 60; len++) {
        struct mm_guard g = mm_guard_copy(mm_view_sub(row, 0, len));
        MM_CHECK_INT("cut short", mm_daily_add(&daily, g.view, NULL), MM_E_BUG);
        mm_guard_free(&g);
    }
    mm_daily_deinit(&daily);
    mm_buf_deinit(&buf);
}

MM_TEST_MAIN(MM_TEST(sums_are_those_of_the_records_few_or_many),
             MM_TEST(a_day_of_long_texts_is_told_in_parts), MM_TEST(what_is_no_record_is_refused))
