/*
 * test_columnar_parquet_encodings.c - each encoding is read back by a plain decoder, value by
 * value.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_bits.h"
#include "columnar/parquet_bloom.h"
#include "columnar/parquet_delta.h"
#include "columnar/parquet_dictionary.h"
#include "columnar/parquet_hybrid.h"
#include "columnar/parquet_thrift.h"
#include "support/mm_test.h"
#include "support/parquet_plain.h"

enum { COUNT_MAX = 3000 };

/* Lengths about every border of groups, blocks and their parts. */
static const size_t counts[] = {0,   1,   2,   7,   8,   9,   15,  16,  17,   31,   32,
                                33,  63,  64,  65,  96,  97,  127, 128, 129,  130,  255,
                                256, 257, 503, 504, 505, 511, 512, 513, 1008, 1009, 2999};

static uint64_t mask_of(unsigned width)
{
    return width == 64 ? UINT64_MAX : ((uint64_t)1 << width) - 1;
}

static void packed_bits_of_every_width_come_back(void **state)
{
    (void)state;
    uint64_t random = 1, values[64], back[64];
    for (unsigned width = 0; width <= 64; width++)
        for (size_t count = 0; count <= MM_COUNT(values); count += 8) {
            struct mm_buf out;
            mm_buf_init(&out, 1 << 16);
            for (size_t i = 0; i < count; i++)
                values[i] = (i % 3 ? mm_random(&random) : UINT64_MAX) & mask_of(width);
            mm_bits_pack(&out, values, count, width);
            MM_CHECK_INT("bytes", out.len, count * width / 8);
            struct mm_plain r = mm_plain_of(mm_buf_view(&out));
            mm_plain_bits(&r, back, count, width);
            MM_CHECK_TRUE("values", count == 0 || !memcmp(values, back, count * sizeof *values));
            mm_buf_deinit(&out);
        }
}

static void numbers_of_every_length_come_back(void **state)
{
    (void)state;
    struct mm_buf out;
    mm_buf_init(&out, 1 << 16);
    for (unsigned bit = 0; bit < 64; bit++)
        for (int64_t near = -2; near <= 2; near++) {
            int64_t value = (int64_t)(((uint64_t)1 << bit) + (uint64_t)near);
            mm_bits_varint(&out, (uint64_t)value);
            mm_bits_varint(&out, mm_bits_zigzag(value));
            mm_bits_varint(&out, mm_bits_zigzag(-(value + 1)));
        }
    struct mm_plain r = mm_plain_of(mm_buf_view(&out));
    for (unsigned bit = 0; bit < 64; bit++)
        for (int64_t near = -2; near <= 2; near++) {
            int64_t value = (int64_t)(((uint64_t)1 << bit) + (uint64_t)near);
            MM_CHECK_INT("varint", mm_plain_varint(&r), (uint64_t)value);
            MM_CHECK_INT("zigzag", mm_plain_zigzag(&r), value);
            MM_CHECK_INT("negated", mm_plain_zigzag(&r), -(value + 1));
        }
    MM_CHECK_TRUE("nothing more", mm_plain_is_done(&r));
    mm_buf_deinit(&out);
}

/* ---- Runs and packed bits ---- */

static void check_hybrid(const char *label, const uint32_t *values, size_t count, unsigned width)
{
    static uint32_t back[COUNT_MAX];
    struct mm_buf out;
    mm_buf_init(&out, 1 << 20);
    mm_hybrid_append(&out, values, count, width);
    struct mm_plain r = mm_plain_of(mm_buf_view(&out));
    mm_plain_hybrid(&r, back, count, width);
    MM_CHECK_TRUE(label, mm_plain_is_done(&r));
    MM_CHECK_TRUE(label, count == 0 || !memcmp(values, back, count * sizeof *values));
    /* Never much more than packing all, and one mark for each 63 groups. */
    MM_CHECK_TRUE(label, out.len <= (count + 7) / 8 * width + (count + 7) / 8 * 2 + 1);
    mm_buf_deinit(&out);
}

static void runs_and_packed_numbers_come_back(void **state)
{
    (void)state;
    static uint32_t values[COUNT_MAX];
    uint64_t random = 2;
    for (unsigned width = 1; width <= 32; width++)
        for (size_t c = 0; c < MM_COUNT(counts); c++)
            for (unsigned run_max = 1; run_max <= 1000; run_max *= 10) {
                for (size_t i = 0; i < counts[c];) {
                    uint32_t value = (uint32_t)(mm_random(&random) & mask_of(width));
                    for (size_t k = 1 + mm_random(&random) % run_max; k && i < counts[c]; k--)
                        values[i++] = value;
                }
                check_hybrid("random runs", values, counts[c], width);
            }
}

/* Levels are written as the same numbers are. */
static void levels_are_written_as_numbers(void **state)
{
    (void)state;
    static uint32_t values[COUNT_MAX];
    static uint8_t levels[COUNT_MAX];
    struct mm_buf out, plain, words;
    uint64_t random = 3;
    mm_buf_init(&out, 1 << 20);
    mm_buf_init(&plain, 1 << 20);
    mm_buf_init(&words, 1 << 20);
    for (size_t count = 0; count < COUNT_MAX; count = count < 40 ? count + 1 : count * 2 + 1)
        for (size_t odd = 0; odd < 20; odd++) { /* places that are unlike the others */
            memset(levels, (int)(odd % 3), sizeof levels);
            for (size_t i = 0; count && i < odd; i++)
                levels[mm_random(&random) % count] = (uint8_t)(mm_random(&random) % 3);
            if (count && odd == 19)
                levels[count - 1] = 2; /* the last one only */
            for (size_t i = 0; i < count; i++)
                values[i] = levels[i];
            struct mm_guard g = mm_guard_copy((struct mm_view){(const char *)levels, count});
            mm_buf_clear(&out);
            mm_buf_clear(&plain);
            mm_hybrid_append_levels(&out, (const uint8_t *)g.view.data, count, 2, &words);
            mm_hybrid_append(&plain, values, count, 2);
            MM_CHECK_TRUE("as numbers", mm_view_eq(mm_buf_view(&out), mm_buf_view(&plain)));
            mm_guard_free(&g);
        }
    mm_buf_deinit(&out);
    mm_buf_deinit(&plain);
    mm_buf_deinit(&words);
}

static void one_value_is_one_run(void **state)
{
    (void)state;
    static const uint32_t ones[COUNT_MAX] = {0};
    struct mm_buf out;
    mm_buf_init(&out, 64);
    mm_hybrid_append(&out, ones, COUNT_MAX, 2);
    MM_CHECK_INT("bytes", out.len, 3); /* 3000 << 1 takes two */
    mm_buf_deinit(&out);
}

/* ---- Differences ---- */

static void check_delta(const char *label, const int64_t *values, size_t count, bool narrow)
{
    static int64_t back[COUNT_MAX];
    struct mm_buf out;
    mm_buf_init(&out, 1 << 20);
    mm_delta_append(&out, values, count, narrow);
    struct mm_plain r = mm_plain_of(mm_buf_view(&out));
    MM_CHECK_INT(label, mm_plain_delta(&r, back, COUNT_MAX, narrow), count);
    MM_CHECK_TRUE(label, mm_plain_is_done(&r));
    MM_CHECK_TRUE(label, count == 0 || !memcmp(values, back, count * sizeof *values));
    mm_buf_deinit(&out);
}

static int64_t draw(uint64_t *random, int habit, size_t i, bool narrow)
{
    uint64_t any = mm_random(random);
    int64_t least = narrow ? INT32_MIN : INT64_MIN, most = narrow ? INT32_MAX : INT64_MAX;
    switch (habit) {
    case 0:
        return 42;
    case 1:
        return (int64_t)(i * 7 + any % 5);
    case 2:
        return -(int64_t)(i * 1000);
    case 3:
        return narrow ? (int32_t)any : (int64_t)any;
    default: /* differences that wrap */
        return any % 3 == 0 ? least : any % 3 == 1 ? most : 0;
    }
}

static void differences_come_back(void **state)
{
    (void)state;
    static int64_t values[COUNT_MAX];
    uint64_t random = 3;
    for (int narrow = 0; narrow < 2; narrow++)
        for (int habit = 0; habit < 5; habit++)
            for (size_t c = 0; c < MM_COUNT(counts); c++) {
                for (size_t i = 0; i < counts[c]; i++)
                    values[i] = draw(&random, habit, i, narrow);
                check_delta("differences", values, counts[c], narrow);
            }
}

/* Readers of INT32 refuse packed differences of more than 32 bits. */
static void differences_of_int32_take_32_bits_at_most(void **state)
{
    (void)state;
    static const int64_t values[] = {INT32_MIN, INT32_MAX, INT32_MIN, 0, INT32_MAX, -1, INT32_MIN};
    struct mm_buf out;
    mm_buf_init(&out, 1 << 12);
    mm_delta_append(&out, values, MM_COUNT(values), true);
    struct mm_plain r = mm_plain_of(mm_buf_view(&out));
    for (int i = 0; i < 5; i++) /* block, parts, count, first value, least difference */
        mm_plain_varint(&r);
    for (int part = 0; part < 4; part++)
        MM_CHECK_TRUE("width", r.at[part] <= 32);
    mm_buf_deinit(&out);
}

/* ---- Thrift ---- */

static void write_sample(struct mm_buf *out)
{
    struct mm_thrift t;
    mm_thrift_begin(&t, out);
    mm_thrift_bool(&t, 1, true);
    mm_thrift_bool(&t, 2, false);
    mm_thrift_byte(&t, 3, -8);
    mm_thrift_i16(&t, 4, INT16_MIN);
    mm_thrift_i32(&t, 5, INT32_MAX);
    mm_thrift_i64(&t, 7, INT64_MIN);
    mm_thrift_binary(&t, 8, MM_VIEW("text"));
    mm_thrift_struct(&t, 9);
    mm_thrift_i32(&t, 15, 15);
    mm_thrift_struct(&t, 16);
    mm_thrift_end(&t);
    mm_thrift_end(&t);
    for (int list = 0; list < 2; list++) { /* the second needs a count of its own */
        size_t count = list ? 300 : 14;
        mm_thrift_list(&t, 10 + list, MM_THRIFT_STRUCT, count);
        for (size_t i = 0; i < count; i++) {
            mm_thrift_item_struct(&t);
            mm_thrift_i64(&t, 2, (int64_t)i);
            mm_thrift_end(&t);
        }
    }
    mm_thrift_list(&t, 12, MM_THRIFT_TRUE, 2);
    mm_thrift_item_bool(&t, true);
    mm_thrift_item_bool(&t, false);
    mm_thrift_list(&t, 13, MM_THRIFT_BINARY, 1);
    mm_thrift_item_binary(&t, MM_VIEW(""));
    mm_thrift_empty_member(&t, 14, 3);
    mm_thrift_end(&t);
}

static void structures_are_read_back_field_by_field(void **state)
{
    (void)state;
    struct mm_buf out;
    mm_buf_init(&out, 1 << 14);
    write_sample(&out);
    struct mm_view all = mm_buf_view(&out);
    MM_CHECK_INT("length", mm_plain_structure_bytes(all), all.len);
    MM_CHECK_INT("true", mm_plain_field(all, 1).type, MM_THRIFT_TRUE);
    MM_CHECK_INT("false", mm_plain_field(all, 2).type, MM_THRIFT_FALSE);
    MM_CHECK_INT("byte", mm_plain_field(all, 3).number, -8);
    MM_CHECK_INT("i16", mm_plain_field(all, 4).number, INT16_MIN);
    MM_CHECK_INT("i32", mm_plain_field(all, 5).number, INT32_MAX);
    MM_CHECK_INT("a field left out", mm_plain_field(all, 6).type, 0);
    MM_CHECK_INT("i64", mm_plain_field(all, 7).number, INT64_MIN);
    MM_CHECK_VIEW("text", mm_plain_field(all, 8).bytes, MM_VIEW("text"));
    struct mm_plain_field inner = mm_plain_field(all, 9);
    MM_CHECK_INT("inner", mm_plain_field(inner.bytes, 15).number, 15);
    MM_CHECK_INT("innermost", mm_plain_field(inner.bytes, 16).type, MM_THRIFT_STRUCT);
    struct mm_plain_field list = mm_plain_field(all, 11);
    struct mm_plain_field last = mm_plain_item(&list, 299);
    MM_CHECK_INT("items", list.number, 300);
    MM_CHECK_INT("last item", mm_plain_field(last.bytes, 2).number, 299);
    list = mm_plain_field(all, 12);
    MM_CHECK_INT("first boolean", mm_plain_item(&list, 0).number, 1);
    MM_CHECK_INT("second boolean", mm_plain_item(&list, 1).number, 0);
    struct mm_plain_field member = mm_plain_field(all, 14);
    MM_CHECK_INT("member", mm_plain_field(member.bytes, 3).type, MM_THRIFT_STRUCT);
    mm_buf_deinit(&out);
}

/* ---- Filters ---- */

static void a_filter_has_what_was_added_and_little_else(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 31, 32, 33, 1000, 100000};
    for (size_t s = 0; s < MM_COUNT(sizes); s++) {
        size_t bytes = mm_bloom_bytes(sizes[s]), wrong = 0;
        char *filter = calloc(1, bytes);
        struct mm_view view = {filter, bytes};
        MM_CHECK_TRUE("a power of two from 32 up", bytes >= 32 && (bytes & (bytes - 1)) == 0);
        for (uint64_t i = 0; i < sizes[s]; i++)
            mm_bloom_add(filter, bytes, mm_bloom_hash((struct mm_view){(char *)&i, sizeof i}));
        for (uint64_t i = 0; i < sizes[s] + 10000; i++) {
            bool has =
                mm_plain_bloom_has(view, mm_bloom_hash((struct mm_view){(char *)&i, sizeof i}));
            if (i < sizes[s])
                MM_CHECK_TRUE("has it", has);
            else
                wrong += has;
        }
        MM_CHECK_TRUE("at most 4 % of others", wrong <= 400);
        free(filter);
    }
}

/* XXH64 with seed 0, as BloomFilter.md asks for: the known hashes of these texts. */
static void a_filter_hashes_as_every_reader_does(void **state)
{
    (void)state;
    MM_CHECK_TRUE("nothing", mm_bloom_hash(MM_VIEW("")) == 0xef46db3751d8e999u);
    MM_CHECK_TRUE("a", mm_bloom_hash(MM_VIEW("a")) == 0xd24ec4f1a98c6e5bu);
    MM_CHECK_TRUE("abc", mm_bloom_hash(MM_VIEW("abc")) == 0x44bc2cf5ad770999u);
}

/* ---- Dictionaries ---- */

static void a_dictionary_numbers_values_in_their_order(void **state)
{
    (void)state;
    struct mm_dictionary d;
    uint32_t index;
    mm_dictionary_init(&d, 0);
    for (int round = 0; round < 3; round++) { /* cleared in between: memory is used again */
        for (int pass = 0; pass < 2; pass++)
            for (uint32_t i = 0; i < 5000; i++) {
                char text[16];
                int len = snprintf(text, sizeof text, "%u", (unsigned)(i * 7919u % 5000u));
                struct mm_view value = {text, (size_t)len};
                MM_CHECK_INT("index",
                             mm_dictionary_index(&d, value, mm_dictionary_hash(&d, value), &index),
                             MM_OK);
                MM_CHECK_INT("order", index, i);
                MM_CHECK_VIEW("value", mm_dictionary_value(&d, index), value);
            }
        MM_CHECK_INT("count", d.count, 5000);
        MM_CHECK_INT(
            "an empty text",
            mm_dictionary_index(&d, MM_VIEW(""), mm_dictionary_hash(&d, MM_VIEW("")), &index),
            MM_OK);
        MM_CHECK_INT("is one of them", index, 5000);
        mm_dictionary_clear(&d);
    }
    mm_dictionary_deinit(&d);
}

MM_TEST_MAIN(MM_TEST(packed_bits_of_every_width_come_back),
             MM_TEST(numbers_of_every_length_come_back), MM_TEST(runs_and_packed_numbers_come_back),
             MM_TEST(levels_are_written_as_numbers), MM_TEST(one_value_is_one_run),
             MM_TEST(differences_come_back), MM_TEST(differences_of_int32_take_32_bits_at_most),
             MM_TEST(structures_are_read_back_field_by_field),
             MM_TEST(a_filter_has_what_was_added_and_little_else),
             MM_TEST(a_filter_hashes_as_every_reader_does),
             MM_TEST(a_dictionary_numbers_values_in_their_order))
