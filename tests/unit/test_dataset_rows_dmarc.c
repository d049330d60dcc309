/*
 * test_dataset_rows_dmarc.c - records that share what they say have the rows that each has alone.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/report_rows.h"
#include "support/mm_test.h"

static struct mm_xml_shapes *shapes;
static struct mm_arena texts;
static struct mm_digest_ctx *digest;

/* All rows of a report: table, length, bytes. */
static struct mm_buf rows;

static enum mm_status take(void *context, size_t table, struct mm_view row, struct mm_error *err)
{
    uint64_t head[] = {table, row.len};
    (void)context;
    (void)err;
    mm_buf_append(&rows, (struct mm_view){(const char *)head, sizeof head});
    mm_buf_append(&rows, row);
    return MM_OK;
}

/* Rows of a document; each reader counts readings from the beginning. `likes`: records that are
 * like another one. */
static void make_rows(struct mm_view document, struct mm_xml_shapes *known, bool split,
                      uint32_t *likes)
{
    struct mm_arena arena;
    struct mm_dmarc_report report;
    struct mm_report_fault fault;
    struct mm_error err;
    struct mm_report_rows r = {
        .text = {.arena = &texts}, .digest = digest, .split_days = split, .take = take};
    const struct mm_report_origin origin = {.source_path = MM_VIEW("a.xml"), .received_at = 1};
    mm_arena_init(&arena, 64 << 20);
    mm_report_rows_init(&r);
    mm_buf_clear(&rows);
    *likes = 0;
    if (mm_dmarc_parse(document, NULL, known, &arena, &report, &fault) == MM_OK) {
        for (uint32_t i = 0; i < report.record_count; i++)
            *likes += report.records[i].like != i;
        MM_CHECK_INT("rows", mm_rows_of_dmarc(&r, &report, &origin, &err), MM_OK);
    }
    mm_report_rows_deinit(&r);
    mm_arena_deinit(&arena);
}

/* Returns how many records were like another one. */
static uint32_t compare(const char *label, struct mm_view document, bool split)
{
    uint32_t alone, like;
    make_rows(document, NULL, split, &alone);
    MM_CHECK_INT(label, alone, 0);
    char *want = malloc(rows.len + 1);
    size_t len = rows.len;
    assert_non_null(want);
    memcpy(want, rows.data, len);
    make_rows(document, shapes, split, &like);
    MM_CHECK_INT(label, rows.len, len);
    assert_memory_equal(rows.data, want, len);
    free(want);
    return like;
}

static const char *one_of(uint64_t *random, const char *const *words, size_t count)
{
    return words[mm_random(random) % count];
}

/* A report over `days`, of records whose endings come again, some of them after many others. */
static size_t make_document(char *out, uint64_t *random, unsigned days, unsigned endings,
                            size_t long_text)
{
    static const char *const results[] = {"pass", "fail", "none", "Odd", ""};
    static const char *const addresses[] = {"192.0.2.1",       "198.51.100.77", "2001:db8::1",
                                            "2001:DB8:0:0::1", "[192.0.2.9]",   "nowhere",
                                            "::ffff:192.0.2.1"};
    static const char *const counts[] = {"1", "3", "0", "7.0", "12", "-1", "x"};
    size_t len = (size_t)sprintf(out,
                                 "<feedback><report_metadata><org_name>o</org_name><report_id>%d"
                                 "</report_id><date_range><begin>86000</begin><end>%u</end>"
                                 "</date_range></report_metadata><policy_published>"
                                 "<domain>d.example</domain><p>none</p></policy_published>\n",
                                 (int)(mm_random(random) % 1000), 86000 + days * 86400 - 1);
    for (size_t i = 0; i < 80; i++) {
        unsigned ending = (unsigned)(mm_random(random) % endings);
        uint64_t of_ending = ending + 1;
        len += (size_t)sprintf(out + len, "<record><row><source_ip>%s</source_ip><count>%s</count>",
                               one_of(random, addresses, MM_COUNT(addresses)),
                               one_of(random, counts, MM_COUNT(counts)));
        len += (size_t)sprintf(
            out + len,
            "<policy_evaluated><disposition>none</disposition><dkim>%s</dkim><spf>pass</spf>"
            "</policy_evaluated></row><identifiers><header_from>%u.example</header_from>"
            "</identifiers><auth_results>",
            one_of(&of_ending, results, MM_COUNT(results)), ending);
        for (unsigned k = 0; k < ending % 3; k++)
            len += (size_t)sprintf(out + len,
                                   "<dkim><domain>D%u.example</domain><result>%s</result></dkim>",
                                   k, one_of(&of_ending, results, MM_COUNT(results)));
        len +=
            (size_t)sprintf(out + len,
                            "<spf><domain>%0*u</domain><result>pass</result></spf></auth_results>"
                            "</record>\n",
                            ending == 0 ? (int)long_text : 1, ending);
    }
    return len + (size_t)sprintf(out + len, "</feedback>");
}

static void records_that_are_like_others_have_the_same_rows(void **state)
{
    (void)state;
    uint64_t random = 5;
    uint32_t like = 0;
    char *document = malloc(4 << 20);
    assert_non_null(document);
    for (unsigned i = 0; i < 60; i++) {
        size_t len = make_document(document, &random, 1 + i % 3, 1 + i % 25, i % 10 ? 5 : 5000);
        struct mm_view view = {document, len};
        like += compare("one row a record", view, false);
        (void)compare("a row a day", view, true);
    }
    free(document);
    assert_true(like > 1000);
}

static int begin(void **state)
{
    (void)state;
    shapes = mm_xml_shapes_new();
    digest = mm_digest_ctx_new();
    mm_arena_init(&texts, 1 << 20);
    mm_buf_init(&rows, SIZE_MAX);
    return shapes && digest ? 0 : -1;
}

static int finish(void **state)
{
    (void)state;
    mm_xml_shapes_free(&shapes);
    mm_digest_ctx_free(&digest);
    mm_arena_deinit(&texts);
    mm_buf_deinit(&rows);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {MM_TEST(records_that_are_like_others_have_the_same_rows)};
    return cmocka_run_group_tests(tests, begin, finish);
}
