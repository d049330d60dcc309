/*
 * test_dataset_append_record.c - the list of an append's renames: whole or not at all, and inside
 * the dataset.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/append_record.h"
#include "support/mm_test.h"

static const struct mm_append_step steps[] = {
    {MM_APPEND_STATE, "claims.parquet", ""},
    {MM_APPEND_PUT, "dmarc_reports", "part-00000.parquet"},
    {MM_APPEND_DROP, "dmarc_reports", "part-00001.parquet"},
    {MM_APPEND_DROP, "daily", "part-shard_2.x-Y.parquet"},
};

static struct mm_buf record_of(const struct mm_append_step *list, size_t count)
{
    struct mm_buf record;
    mm_buf_init(&record, 1 << 16);
    mm_append_record_begin(&record);
    for (size_t i = 0; i < count; i++)
        mm_append_record_add(&record, &list[i]);
    mm_append_record_end(&record);
    return record;
}

static void steps_are_read_as_they_were_written(void **state)
{
    (void)state;
    struct mm_buf record = record_of(steps, MM_COUNT(steps));
    struct mm_guard g = mm_guard_copy(mm_buf_view(&record));
    struct mm_view rest;
    struct mm_append_step step;
    MM_CHECK_TRUE("whole", mm_append_record_open(g.view, &rest));
    for (size_t i = 0; i < MM_COUNT(steps); i++) {
        MM_CHECK_TRUE("a step", mm_append_record_next(&rest, &step));
        MM_CHECK_INT("verb", step.verb, steps[i].verb);
        MM_CHECK_VIEW("name", mm_view_of(step.name), mm_view_of(steps[i].name));
        MM_CHECK_VIEW("part", mm_view_of(step.part), mm_view_of(steps[i].part));
    }
    MM_CHECK_TRUE("no more", !mm_append_record_next(&rest, &step));
    mm_guard_free(&g);
    mm_buf_deinit(&record);
}

static void a_record_that_is_cut_or_damaged_is_none(void **state)
{
    (void)state;
    struct mm_buf record = record_of(steps, MM_COUNT(steps));
    struct mm_view rest;
    for (size_t len = 0; len < record.len; len++) {
        struct mm_guard g = mm_guard_copy((struct mm_view){record.data, len});
        MM_CHECK_TRUE("cut", !mm_append_record_open(g.view, &rest));
        mm_guard_free(&g);
    }
    for (size_t i = 0; i < record.len * 8; i++) {
        record.data[i / 8] ^= (char)(1 << i % 8);
        MM_CHECK_TRUE("a bit", !mm_append_record_open(mm_buf_view(&record), &rest));
        record.data[i / 8] ^= (char)(1 << i % 8);
    }
    MM_CHECK_TRUE("as it was", mm_append_record_open(mm_buf_view(&record), &rest));
    mm_buf_deinit(&record);
}

static void no_step_leads_out_of_the_dataset(void **state)
{
    (void)state;
    static const struct mm_append_step bad[] = {
        {MM_APPEND_PUT, "../x", "part-0.parquet"},
        {MM_APPEND_PUT, "x/y", "part-0.parquet"},
        {MM_APPEND_PUT, ".mailmill", "part-0.parquet"},
        {MM_APPEND_PUT, "", "part-0.parquet"},
        {MM_APPEND_PUT, "x", ""},
        {MM_APPEND_PUT, "x", "../part-0.parquet"},
        {MM_APPEND_DROP, "x", "part-/../../y.parquet"},
        {MM_APPEND_DROP, "x", "part-0.parquet extra"},
        {MM_APPEND_DROP, "x", "_mailmill.json"},
        {MM_APPEND_STATE, "_mailmill.json", ""},
        {MM_APPEND_STATE, "../claims.parquet", ""},
        {MM_APPEND_STATE, ".parquet", ""},
        {MM_APPEND_STATE, "x y.parquet", ""},
    };
    struct mm_view rest;
    for (size_t i = 0; i < MM_COUNT(bad); i++) {
        struct mm_buf record = record_of(&bad[i], 1);
        MM_CHECK_TRUE(bad[i].name, !mm_append_record_open(mm_buf_view(&record), &rest));
        mm_buf_deinit(&record);
    }
    char name[300];
    snprintf(name, sizeof name, "part-%0270d.parquet", 1);
    MM_CHECK_TRUE("longer than a file's name", !mm_append_part_name(mm_view_of(name)));
}

MM_TEST_MAIN(MM_TEST(steps_are_read_as_they_were_written),
             MM_TEST(a_record_that_is_cut_or_damaged_is_none),
             MM_TEST(no_step_leads_out_of_the_dataset))
