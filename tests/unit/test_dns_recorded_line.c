/*
 * test_dns_recorded_line.c - an answer written as a line is the same answer when it is read.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dns/recorded_line.h"
#include "support/mm_test.h"

static struct mm_buf line_of(const struct mm_recorded_line *line)
{
    struct mm_buf out;
    mm_buf_init(&out, 1 << 20);
    mm_recorded_line_write(&out, line);
    assert_false(out.failed);
    return out;
}

static void recorded_line_has_the_documented_shape(void **state)
{
    const struct mm_view records[] = {MM_VIEW("v=DKIM1; p="), MM_VIEW("a\"b\\c\x7f\xc3\xa9\n")};
    const struct mm_recorded_line line = {.name = MM_VIEW("s1._domainkey.example.com"),
                                          .status = MM_TXT_NOERROR,
                                          .ttl_s = 3600,
                                          .ad = true,
                                          .time = 1700000000,
                                          .records = records,
                                          .record_count = MM_COUNT(records)};
    struct mm_buf out = line_of(&line);
    (void)state;
    MM_CHECK_VIEW(
        "line", mm_buf_view(&out),
        MM_VIEW("{\"name\":\"s1._domainkey.example.com\",\"type\":\"TXT\",\"status\":\"NOERROR\","
                "\"ttl\":3600,\"ad\":true,\"time\":1700000000,\"txt\":[\"v=DKIM1; p=\","
                "\"a\\\"b\\\\c\\u007f\\u00c3\\u00a9\\u000a\"]}\n"));
    mm_buf_deinit(&out);
}

static void recorded_line_without_an_answer_has_its_status_and_no_records(void **state)
{
    const struct mm_view record = MM_VIEW("left out");
    (void)state;
    for (int i = MM_TXT_NXDOMAIN; i < MM_TXT_NOT_RECORDED; i++) {
        struct mm_txt_store *store = mm_txt_store_new();
        const struct mm_recorded_line line = {.name = MM_VIEW("a.example"),
                                              .status = (enum mm_txt_status)i,
                                              .records = &record,
                                              .record_count = 1};
        struct mm_buf out = line_of(&line);
        MM_CHECK_INT("read", mm_txt_store_add_text(store, mm_buf_view(&out), "line", NULL), MM_OK);
        const struct mm_txt_answer *a = mm_txt_store_find(store, line.name, 0);
        MM_CHECK_INT(mm_txt_status_word((enum mm_txt_status)i), a->status, i);
        MM_CHECK_INT("records", a->record_count, 0);
        mm_buf_deinit(&out);
        mm_txt_store_free(&store);
    }
    MM_CHECK_TRUE("no answer has no word", mm_txt_status_word(MM_TXT_NOT_RECORDED) == NULL);
}

static void recorded_line_brings_any_bytes_back(void **state)
{
    uint64_t seed = 20261122;
    (void)state;
    for (int round = 0; round < 300; round++) {
        char bytes[2][64];
        struct mm_view records[2];
        for (int i = 0; i < 2; i++) {
            records[i] = (struct mm_view){bytes[i], mm_random(&seed) % sizeof bytes[i]};
            for (size_t at = 0; at < records[i].len; at++)
                bytes[i][at] = (char)(mm_random(&seed) >> 56);
        }
        struct mm_txt_store *store = mm_txt_store_new();
        struct mm_buf out = line_of(&(struct mm_recorded_line){
            .name = MM_VIEW("a.example"), .time = round, .records = records, .record_count = 2});
        MM_CHECK_INT("read", mm_txt_store_add_text(store, mm_buf_view(&out), "line", NULL), MM_OK);
        const struct mm_txt_answer *a = mm_txt_store_find(store, MM_VIEW("a.example"), round);
        MM_CHECK_INT("records", a->record_count, 2);
        for (int i = 0; i < 2; i++)
            MM_CHECK_VIEW("record", a->records[i], records[i]);
        mm_buf_deinit(&out);
        mm_txt_store_free(&store);
    }
}

MM_TEST_MAIN(MM_TEST(recorded_line_has_the_documented_shape),
             MM_TEST(recorded_line_without_an_answer_has_its_status_and_no_records),
             MM_TEST(recorded_line_brings_any_bytes_back))
