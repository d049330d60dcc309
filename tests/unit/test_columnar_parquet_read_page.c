/*
 * test_columnar_parquet_read_page.c - pages whose checksum is right and whose bytes are not.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_hybrid.h"
#include "support/mm_test.h"
#include "support/parquet_pages.h"

enum { LEVELS_MAX = 120, PAGE_BYTES = 1 << 16 };

static const struct mm_table_field numbers = {"n", MM_VALUE_INT64, 0},
                                   nullable = {"o", MM_VALUE_INT64, MM_FIELD_NULLABLE},
                                   text = {"t", MM_VALUE_STRING, 0},
                                   small = {"s", MM_VALUE_INT8, 0},
                                   boolean = {"b", MM_VALUE_BOOL, 0};

/* Read it as values and as something to check, which has to end alike. */
static enum mm_status read_both(const struct mm_made_pages *made, struct mm_made_reader *reader)
{
    struct mm_made_reader checker;
    struct mm_error err;
    enum mm_status status = mm_made_pages_read(made, false, false, reader, &err);
    for (int codes = 0; codes <= 1; codes++) {
        MM_CHECK_INT("checked", mm_made_pages_read(made, codes, true, &checker, &err), status);
        mm_made_reader_end(&checker);
    }
    return status;
}

/* ---- levels ---- */

struct levels {
    size_t count;
    uint8_t repetition[LEVELS_MAX], definition[LEVELS_MAX];
};

/* Lists of the habits of a column: most with one element, or none, or many. */
static void make_levels(struct levels *l, unsigned max, uint64_t *random)
{
    uint64_t empty = mm_random(random) % 5, more = mm_random(random) % 4,
             absent = mm_random(random) % 4;
    l->count = mm_random(random) % (LEVELS_MAX + 1);
    for (size_t i = 0; i < l->count; i++) {
        bool open = i > 0 && l->definition[i - 1] > 0;
        l->repetition[i] = open && mm_random(random) % 8 < more;
        bool none = !l->repetition[i] && mm_random(random) % 4 < empty;
        l->definition[i] = none ? 0 : max == 2 && mm_random(random) % 4 < absent ? 1 : (uint8_t)max;
    }
    if (l->count && mm_random(random) % 3 == 0) {
        size_t odd = mm_random(random) % l->count;
        l->repetition[odd] ^= 1;
        l->definition[odd] = (uint8_t)max;
    }
}

/* What levels say, one by one. */
struct lists {
    bool good;
    uint32_t rows, offsets[LEVELS_MAX + 1];
    size_t slots, values;
    uint8_t nulls[LEVELS_MAX];
};

static struct lists lists_of(const struct levels *l, unsigned max)
{
    struct lists lists = {.good = true};
    bool open = false;
    for (size_t i = 0; i < l->count; i++) {
        if (l->repetition[i] == 0) {
            lists.offsets[lists.rows++] = (uint32_t)lists.slots;
            open = l->definition[i] > 0;
        } else if (!open || l->definition[i] == 0) {
            lists.good = false;
        }
        if (l->definition[i] > 0) {
            lists.nulls[lists.slots++] = l->definition[i] < max;
            lists.values += l->definition[i] == max;
        }
    }
    lists.offsets[lists.rows] = (uint32_t)lists.slots;
    return lists;
}

static void append_levels(struct mm_buf *page, const uint8_t *levels, size_t count, unsigned max)
{
    struct mm_buf out, words;
    mm_buf_init(&out, PAGE_BYTES);
    mm_buf_init(&words, PAGE_BYTES);
    mm_hybrid_append_levels(&out, levels, count, max == 1 ? 1 : 2, &words);
    uint32_t len = (uint32_t)out.len;
    mm_buf_append(page, (struct mm_view){(const char *)&len, sizeof len});
    mm_buf_append(page, mm_buf_view(&out));
    mm_buf_deinit(&out);
    mm_buf_deinit(&words);
}

static void append_numbers(struct mm_buf *page, size_t count)
{
    for (uint64_t i = 0; i < count; i++)
        mm_buf_append(page, (struct mm_view){(const char *)&i, sizeof i});
}

static void check_lists(const struct mm_parquet_leaf_reader *r, const struct lists *want)
{
    const uint32_t *offsets = (const uint32_t *)(const void *)r->offsets.data;
    const int64_t *values = (const int64_t *)(const void *)r->values.data;
    int64_t next = 0;
    for (uint32_t row = 0; row <= want->rows; row++)
        MM_CHECK_INT("offset", offsets[row], want->offsets[row]);
    for (size_t i = 0; i < want->slots; i++) {
        MM_CHECK_INT("null", r->nulls.data[i], want->nulls[i]);
        MM_CHECK_INT("value", values[i], want->nulls[i] ? 0 : next++);
    }
    MM_CHECK_INT("any", r->any_null, want->values < want->slots);
}

static void levels_make_the_lists_that_they_say_or_none(void **state)
{
    uint64_t random = 1;
    size_t good = 0, bad = 0;
    struct mm_buf page;
    (void)state;
    mm_buf_init(&page, PAGE_BYTES);
    for (int turn = 0; turn < 6000; turn++) {
        struct mm_made_reader reader;
        struct levels l;
        unsigned max = 1 + turn % 2;
        make_levels(&l, max, &random);
        struct lists want = lists_of(&l, max);
        struct mm_made_pages made = {.leaf = mm_made_leaf(max == 2 ? &nullable : &numbers, true),
                                     .encoding = MM_PARQUET_PLAIN,
                                     .rows = want.rows + (turn % 10 == 0) - (turn % 10 == 5),
                                     .levels = (uint32_t)l.count};
        if (made.rows == 0 || made.rows > LEVELS_MAX)
            continue;
        mm_buf_clear(&page);
        append_levels(&page, l.repetition, l.count, 1);
        append_levels(&page, l.definition, l.count, max);
        append_numbers(&page, want.values);
        made.page = mm_buf_view(&page);
        bool fits = want.good && made.rows == want.rows;
        MM_CHECK_INT("read", read_both(&made, &reader), fits ? MM_OK : MM_E_SYNTAX);
        if (fits)
            check_lists(&reader.leaf, &want);
        mm_made_reader_end(&reader);
        good += fits;
        bad += !fits;
    }
    MM_CHECK_TRUE("of both kinds", good > 1000 && bad > 1000);
    mm_buf_deinit(&page);
}

static void absent_scalars_are_those_that_levels_say(void **state)
{
    uint64_t random = 2;
    struct mm_buf page;
    (void)state;
    mm_buf_init(&page, PAGE_BYTES);
    for (uint32_t count = 1; count <= LEVELS_MAX; count++) {
        uint8_t definition[LEVELS_MAX];
        struct mm_made_reader reader;
        size_t values = 0;
        int64_t next = 0;
        for (size_t i = 0; i < count; i++)
            values += definition[i] = mm_random(&random) % (1 + count % 3) == 0;
        mm_buf_clear(&page);
        append_levels(&page, definition, count, 1);
        append_numbers(&page, values);
        struct mm_made_pages made = {.leaf = mm_made_leaf(&nullable, false),
                                     .encoding = MM_PARQUET_PLAIN,
                                     .rows = count,
                                     .levels = count,
                                     .page = mm_buf_view(&page)};
        MM_CHECK_INT("read", read_both(&made, &reader), MM_OK);
        const int64_t *back = (const int64_t *)(const void *)reader.leaf.values.data;
        for (size_t i = 0; i < count; i++) {
            MM_CHECK_INT("null", reader.leaf.nulls.data[i], !definition[i]);
            MM_CHECK_INT("value", back[i], definition[i] ? next++ : 0);
        }
        mm_made_reader_end(&reader);
        append_numbers(&page, 1);
        made.page = mm_buf_view(&page);
        MM_CHECK_INT("a value more", read_both(&made, &reader), MM_E_SYNTAX);
        mm_made_reader_end(&reader);
        made.page.len -= 2 * sizeof(int64_t);
        MM_CHECK_INT("a value less", read_both(&made, &reader), MM_E_SYNTAX);
        mm_made_reader_end(&reader);
    }
    mm_buf_deinit(&page);
}

/* ---- values ---- */

#define PAGE(bytes)                                                                                \
    {                                                                                              \
        bytes, sizeof bytes - 1                                                                    \
    }
#define EIGHT "abcdefgh"
#define LONG_TEXT                                                                                  \
    EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT
#define THREE_CODES "\2\3\x24\0" /* of 2 bits, eight of them packed: 0, 1, 2 */

static const struct {
    const char *label;
    const struct mm_table_field *field;
    enum mm_parquet_encoding encoding;
    uint32_t count, dictionary_count;
    struct mm_view dictionary, page;
    enum mm_status want;
} planted[] = {
    {"texts", &text, MM_PARQUET_PLAIN, 2, 0, {NULL, 0}, PAGE("\1\0\0\0a\0\0\0\0"), MM_OK},
    {"not ASCII",
     &text,
     MM_PARQUET_PLAIN,
     2,
     0,
     {NULL, 0},
     PAGE("\2\0\0\0\xc3\xa9\1\0\0\0b"),
     MM_OK},
    {"no UTF-8",
     &text,
     MM_PARQUET_PLAIN,
     2,
     0,
     {NULL, 0},
     PAGE("\1\0\0\0a\1\0\0\0\xff"),
     MM_E_SYNTAX},
    {"a character in two texts",
     &text,
     MM_PARQUET_PLAIN,
     2,
     0,
     {NULL, 0},
     PAGE("\1\0\0\0\xc3\1\0\0\0\xa9"),
     MM_E_SYNTAX},
    {"a length that is no ASCII",
     &text,
     MM_PARQUET_PLAIN,
     1,
     0,
     {NULL, 0},
     PAGE("\x81\0\0\0" LONG_TEXT EIGHT "a"),
     MM_OK},
    {"and a text that is no UTF-8",
     &text,
     MM_PARQUET_PLAIN,
     1,
     0,
     {NULL, 0},
     PAGE("\x81\0\0\0" LONG_TEXT EIGHT "\x80"),
     MM_E_SYNTAX},
    {"a text longer than the page",
     &text,
     MM_PARQUET_PLAIN,
     1,
     0,
     {NULL, 0},
     PAGE("\2\0\0\0a"),
     MM_E_SYNTAX},
    {"a text too few", &text, MM_PARQUET_PLAIN, 2, 0, {NULL, 0}, PAGE("\1\0\0\0a"), MM_E_SYNTAX},
    {"a text too many",
     &text,
     MM_PARQUET_PLAIN,
     1,
     0,
     {NULL, 0},
     PAGE("\1\0\0\0a\1\0\0\0b"),
     MM_E_SYNTAX},
    {"codes", &text, MM_PARQUET_RLE_DICTIONARY, 3, 3, PAGE("\0\0\0\0\1\0\0\0a\1\0\0\0b"),
     PAGE(THREE_CODES), MM_OK},
    {"a code beyond the dictionary", &text, MM_PARQUET_RLE_DICTIONARY, 3, 2,
     PAGE("\0\0\0\0\1\0\0\0a"), PAGE(THREE_CODES), MM_E_SYNTAX},
    {"a dictionary that is no UTF-8", &text, MM_PARQUET_RLE_DICTIONARY, 3, 3,
     PAGE("\0\0\0\0\1\0\0\0a\1\0\0\0\xc3"), PAGE(THREE_CODES), MM_E_SYNTAX},
    {"a code too few", &text, MM_PARQUET_RLE_DICTIONARY, 9, 3, PAGE("\0\0\0\0\1\0\0\0a\1\0\0\0b"),
     PAGE(THREE_CODES), MM_E_SYNTAX},
    {"small numbers",
     &small,
     MM_PARQUET_PLAIN,
     2,
     0,
     {NULL, 0},
     PAGE("\x7f\0\0\0\x80\xff\xff\xff"),
     MM_OK},
    {"one that is not small",
     &small,
     MM_PARQUET_PLAIN,
     2,
     0,
     {NULL, 0},
     PAGE("\x7f\0\0\0\x80\0\0\0"),
     MM_E_SYNTAX},
    {"one in a dictionary", &small, MM_PARQUET_RLE_DICTIONARY, 3, 3,
     PAGE("\1\0\0\0\2\0\0\0\0\1\0\0"), PAGE(THREE_CODES), MM_E_SYNTAX},
    {"booleans", &boolean, MM_PARQUET_PLAIN, 9, 0, {NULL, 0}, PAGE("\x55\1"), MM_OK},
    {"a byte of booleans less",
     &boolean,
     MM_PARQUET_PLAIN,
     9,
     0,
     {NULL, 0},
     PAGE("\x55"),
     MM_E_SYNTAX},
    {"levels for another number of rows",
     &numbers,
     MM_PARQUET_PLAIN,
     0,
     0,
     {NULL, 0},
     PAGE(""),
     MM_E_SYNTAX},
};

static void what_is_no_value_is_refused_by_who_reads_and_who_checks(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(planted); i++) {
        struct mm_made_reader reader;
        struct mm_made_pages made = {.leaf = mm_made_leaf(planted[i].field, false),
                                     .encoding = planted[i].encoding,
                                     .rows = planted[i].count ? planted[i].count : 1,
                                     .levels = planted[i].count,
                                     .dictionary_count = planted[i].dictionary_count,
                                     .dictionary = planted[i].dictionary,
                                     .page = planted[i].page};
        MM_CHECK_INT(planted[i].label, read_both(&made, &reader), planted[i].want);
        mm_made_reader_end(&reader);
    }
}

MM_TEST_MAIN(MM_TEST(levels_make_the_lists_that_they_say_or_none),
             MM_TEST(absent_scalars_are_those_that_levels_say),
             MM_TEST(what_is_no_value_is_refused_by_who_reads_and_who_checks))
