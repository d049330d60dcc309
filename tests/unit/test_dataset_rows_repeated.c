/*
 * test_dataset_rows_repeated.c - a report whose rows would repeat too much is told from those of
 * any usual size.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/report_rows.h"
#include "report/dmarc_days.h"
#include "support/mm_test.h"

enum { DAY_SECONDS = 86400, MIB = 1024 * 1024 };

/* What the least of records, policies, failures and recipients take in a document. */
enum { RECORD_BYTES = 300, POLICY_BYTES = 200, FAILURE_BYTES = 80, RECIPIENT_BYTES = 80 };

/* Lengths alone matter. */
static struct mm_view text_of(size_t len)
{
    return (struct mm_view){"", len};
}

static struct mm_report_origin origin_of(uint64_t document_bytes)
{
    return (struct mm_report_origin){.document_bytes = document_bytes};
}

static bool dmarc_fits(uint32_t records, int64_t count, size_t name, size_t text, uint32_t days,
                       bool split)
{
    struct mm_report_rows r = {.split_days = split};
    const struct mm_report_origin origin = origin_of(name + records * (RECORD_BYTES + 3 * text));
    struct mm_dmarc_spf spf = {.human_result = text_of(text)};
    struct mm_dmarc_report report = {.org_name = text_of(name),
                                     .record_count = records,
                                     .end_time = (int64_t)days * DAY_SECONDS,
                                     .records = calloc(records, sizeof *report.records)};
    assert_non_null(report.records);
    for (uint32_t i = 0; i < records; i++)
        report.records[i] = (struct mm_dmarc_record){.count = count,
                                                     .header_from = text_of(text),
                                                     .envelope_from = text_of(text),
                                                     .spf_results = &spf,
                                                     .spf_count = 1};
    bool fits = mm_rows_of_dmarc_fit(&r, &report, &origin);
    free(report.records);
    return fits;
}

static void aggregate_reports(void **state)
{
    (void)state;
    MM_CHECK_TRUE("none", dmarc_fits(1, 1, 0, 0, 1, false));
    MM_CHECK_TRUE("a usual one", dmarc_fits(5000, 10, 100, 100, 1, false));
    MM_CHECK_TRUE("of a month", dmarc_fits(5000, 1000, 100, 100, 30, true));
    MM_CHECK_TRUE("the largest", dmarc_fits(MM_DMARC_RECORDS_MAX, 1, 500, 10000, 1, true));
    MM_CHECK_TRUE("30 of a long name", dmarc_fits(30, 1, MIB, 0, 1, false));
    MM_CHECK_TRUE("200 of a long name", !dmarc_fits(200, 1, MIB, 0, 1, false));
    MM_CHECK_TRUE("20 of a long name in a small one", dmarc_fits(20, 1, 40000, 0, 1, false));
    MM_CHECK_TRUE("1,000 of it", !dmarc_fits(1000, 1, 40000, 0, 1, false));
    MM_CHECK_TRUE("of half a year", dmarc_fits(200, 1000, 20, 20, 201, true));
    MM_CHECK_TRUE("the largest, of a name", !dmarc_fits(MM_DMARC_RECORDS_MAX, 1, 2000, 0, 1, true));
}

static void records_of_many_days(void **state)
{
    (void)state;
    MM_CHECK_TRUE("not split", dmarc_fits(100, 10000, 0, MIB, 1000, false));
    MM_CHECK_TRUE("split", !dmarc_fits(100, 10000, 0, MIB, 1000, true));
    MM_CHECK_TRUE("of few messages", dmarc_fits(50, 1, 0, MIB, 1000, true));
    MM_CHECK_TRUE("of no text", !dmarc_fits(10000, 10000, 0, 0, MM_DAY_SPLIT_MAX, true));
}

static bool tls_fits(uint32_t policies, uint32_t failures, size_t name, size_t domain)
{
    struct mm_report_rows r = {.split_days = false};
    const struct mm_report_origin origin =
        origin_of(name + policies * (POLICY_BYTES + domain + failures * FAILURE_BYTES));
    struct mm_tls_report report = {.organization_name = text_of(name),
                                   .policy_count = policies,
                                   .policies = calloc(policies, sizeof *report.policies)};
    assert_non_null(report.policies);
    for (uint32_t i = 0; i < policies; i++)
        report.policies[i] =
            (struct mm_tls_policy){.policy_domain = text_of(domain), .failure_count = failures};
    bool fits = mm_rows_of_tls_fit(&r, &report, &origin);
    free(report.policies);
    return fits;
}

static void tls_reports(void **state)
{
    (void)state;
    MM_CHECK_TRUE("a usual one", tls_fits(10, 100, 100, 100));
    MM_CHECK_TRUE("the largest", tls_fits(10, MM_TLS_FAILURES_MAX / 10, 100, 100));
    MM_CHECK_TRUE("many policies", !tls_fits(MM_TLS_POLICIES_MAX, 0, MIB, 0));
    MM_CHECK_TRUE("many failures", !tls_fits(1, 1000, MIB, 0));
    MM_CHECK_TRUE("of a long domain", !tls_fits(1, 1000, 0, MIB));
}

static bool notice_fits(uint32_t rows, size_t id, size_t member)
{
    struct mm_bounce first = {.original_message_id = text_of(id)};
    const struct mm_notice notice = {.rows = &first, .row_count = rows};
    struct mm_report_rows r = {.split_days = false};
    struct mm_report_origin origin = origin_of(id + rows * RECIPIENT_BYTES);
    origin.member = text_of(member);
    return mm_rows_of_notice_fit(&r, &notice, &origin);
}

static void notices(void **state)
{
    (void)state;
    MM_CHECK_TRUE("of nobody", notice_fits(0, MIB, 0));
    MM_CHECK_TRUE("of one", notice_fits(1, MIB, 4096));
    MM_CHECK_TRUE("a whole list", notice_fits(MM_BOUNCE_MAX_ROWS, 998, 1000));
    MM_CHECK_TRUE("of a long id", !notice_fits(MM_BOUNCE_MAX_ROWS, MIB, 0));
    MM_CHECK_TRUE("of a long member", !notice_fits(MM_BOUNCE_MAX_ROWS, 0, MIB));
}

/* An input with reports that each say a name of `name` bytes in 100 rows. Returns how many of
 * `count` may have their rows. */
static size_t fit_in_one_input(struct mm_report_rows *r, size_t count, size_t name)
{
    const struct mm_report_origin origin = origin_of(name + 100 * RECORD_BYTES);
    const struct mm_dmarc_report report = {.org_name = text_of(name), .record_count = 100};
    size_t fit = 0;
    for (size_t i = 0; i < count; i++)
        fit += mm_rows_of_dmarc_fit(r, &report, &origin);
    return fit;
}

static void reports_of_one_input(void **state)
{
    enum { SMALL = 500, LONG = 20000, LONGER = 23000 };
    struct mm_report_rows r = {.split_days = false};
    (void)state;
    MM_CHECK_INT("as they should be", fit_in_one_input(&r, 100000, SMALL), 100000);
    MM_CHECK_INT("and take nothing of what all have", r.repeated_beyond, 0);
    MM_CHECK_INT("of long names", fit_in_one_input(&r, 1000, LONG), 40);
    MM_CHECK_INT("of longer ones", fit_in_one_input(&r, 1000, LONGER), 0);
    MM_CHECK_INT("behind them", fit_in_one_input(&r, 100000, SMALL), 100000);
}

MM_TEST_MAIN(MM_TEST(aggregate_reports), MM_TEST(records_of_many_days), MM_TEST(tls_reports),
             MM_TEST(notices), MM_TEST(reports_of_one_input))
