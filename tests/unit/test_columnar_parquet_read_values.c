/*
 * test_columnar_parquet_read_values.c - packed numbers and levels are read as they are, or refused.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_read_values.h"

#include "base/word.h"
#include "columnar/parquet_hybrid.h"
#include "support/mm_test.h"

enum { COUNT_MAX = 300 };

static const size_t counts[] = {0, 1, 3, 4, 7, 8, 9, 31, 33, 64, 100, COUNT_MAX};

static uint32_t mask_of(unsigned width)
{
    return (uint32_t)((UINT64_C(1) << width) - 1);
}

/* Runs of up to `run_max` equal ones, each at most `max`. */
static void make_numbers(uint32_t *values, size_t count, uint32_t max, size_t run_max,
                         uint64_t *random)
{
    for (size_t i = 0; i < count;) {
        uint32_t value = (uint32_t)(mm_random(random) % ((uint64_t)max + 1));
        for (size_t k = 1 + mm_random(random) % run_max; k && i < count; k--)
            values[i++] = value;
    }
}

static bool read_numbers(struct mm_view bytes, unsigned width, uint32_t max, uint32_t *out,
                         size_t count)
{
    struct mm_guard g = mm_guard_copy(bytes);
    bool read = mm_hybrid_read(g.view, width, max, out, count);
    mm_guard_free(&g);
    return read;
}

static void numbers_come_back_in_any_width(void **state)
{
    static uint32_t values[COUNT_MAX], back[COUNT_MAX];
    uint64_t random = 1;
    struct mm_buf out;
    (void)state;
    mm_buf_init(&out, 1 << 20);
    for (unsigned width = 1; width <= 32; width++)
        for (size_t c = 0; c < MM_COUNT(counts); c++)
            for (size_t run_max = 1; run_max <= 100; run_max *= 10) {
                size_t count = counts[c];
                make_numbers(values, count, mask_of(width), run_max, &random);
                mm_buf_clear(&out);
                mm_hybrid_append(&out, values, count, width);
                struct mm_view all = mm_buf_view(&out);
                MM_CHECK_TRUE("read", read_numbers(all, width, mask_of(width), back, count));
                MM_CHECK_TRUE("same", memcmp(values, back, count * sizeof *values) == 0);
                mm_buf_append_char(&out, '\2');
                MM_CHECK_TRUE("more bytes",
                              !read_numbers(mm_buf_view(&out), width, UINT32_MAX, back, count));
                if (all.len)
                    MM_CHECK_TRUE("fewer", !read_numbers(mm_view_sub(all, 0, all.len - 1), width,
                                                         UINT32_MAX, back, count));
            }
    mm_buf_deinit(&out);
}

/* Wherever it stands, in a run or packed, by one or by all bits. */
static void a_number_over_the_greatest_is_noticed(void **state)
{
    static uint32_t values[COUNT_MAX], back[COUNT_MAX];
    uint64_t random = 2;
    struct mm_buf out;
    (void)state;
    mm_buf_init(&out, 1 << 20);
    for (unsigned width = 1; width <= 32; width++)
        for (size_t at = 0; at < COUNT_MAX; at += 1 + at / 20) {
            uint32_t max = mask_of(width) - 1;
            max = at % 2 ? max : max / 2;
            make_numbers(values, COUNT_MAX, max, at % 3 ? 1 : 40, &random);
            for (int over = 0; over < 3; over++) {
                values[at] = over == 0 ? max : over == 1 ? max + 1 : mask_of(width);
                mm_buf_clear(&out);
                mm_hybrid_append(&out, values, COUNT_MAX, width);
                MM_CHECK_INT("noticed",
                             read_numbers(mm_buf_view(&out), width, max, back, COUNT_MAX),
                             over == 0);
            }
        }
    mm_buf_deinit(&out);
}

/* Of one to three; what a level cannot be is noticed where its bits could say it. */
static void levels_come_back_or_are_refused(void **state)
{
    static uint32_t values[COUNT_MAX];
    static uint8_t levels[COUNT_MAX], back[COUNT_MAX];
    struct mm_buf out, words;
    uint64_t random = 3;
    (void)state;
    mm_buf_init(&out, 1 << 20);
    mm_buf_init(&words, 1 << 20);
    for (unsigned max = 1; max <= 3; max++)
        for (size_t c = 0; c < MM_COUNT(counts); c++)
            for (int turn = 0; turn < 60; turn++) {
                size_t count = counts[c];
                unsigned width = max == 1 ? 1 : 2;
                bool bad = max == 2 && count > 0 && turn % 2;
                make_numbers(values, count, max, turn % 3 ? 2 : 50, &random);
                if (bad)
                    values[mm_random(&random) % count] = 3;
                for (size_t i = 0; i < count; i++)
                    levels[i] = (uint8_t)values[i];
                mm_buf_clear(&out);
                mm_hybrid_append_levels(&out, levels, count, width, &words);
                struct mm_guard g = mm_guard_copy(mm_buf_view(&out));
                MM_CHECK_INT("read", mm_hybrid_read_levels(g.view, max, back, count), !bad);
                MM_CHECK_TRUE("same", bad || memcmp(levels, back, count) == 0);
                mm_guard_free(&g);
            }
    mm_buf_deinit(&out);
    mm_buf_deinit(&words);
}

static void booleans_come_back_bit_by_bit(void **state)
{
    static int64_t back[COUNT_MAX];
    uint64_t random = 4;
    char bytes[COUNT_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)mm_random(&random);
    for (size_t c = 0; c < MM_COUNT(counts); c++) {
        size_t count = counts[c];
        struct mm_guard g = mm_guard_copy((struct mm_view){bytes, (count + 7) / 8});
        struct mm_guard to = mm_guard_copy((struct mm_view){(char *)back, count * sizeof *back});
        int64_t *out = (int64_t *)(uintptr_t)to.view.data;
        MM_CHECK_TRUE("read", mm_plain_read_booleans(g.view, out, count));
        for (size_t i = 0; i < count; i++)
            MM_CHECK_INT("bit", out[i], (bytes[i / 8] >> i % 8) & 1);
        MM_CHECK_TRUE(
            "another length",
            !mm_plain_read_booleans((struct mm_view){bytes, (count + 7) / 8 + 1}, out, count));
        mm_guard_free(&to);
        mm_guard_free(&g);
    }
}

static void bits_become_bytes(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits < 512; bits++) { /* the ninth is not looked at */
        uint64_t word = mm_word_of_bits(bits);
        for (unsigned i = 0; i < MM_WORD_BYTES; i++)
            MM_CHECK_INT("byte", word >> 8 * i & 0xff, bits >> i & 1);
        MM_CHECK_INT("and back", mm_word_bits(word << 7), bits & 0xff);
    }
}

MM_TEST_MAIN(MM_TEST(numbers_come_back_in_any_width),
             MM_TEST(a_number_over_the_greatest_is_noticed),
             MM_TEST(levels_come_back_or_are_refused), MM_TEST(booleans_come_back_bit_by_bit),
             MM_TEST(bits_become_bytes))
