/*
 * fuzz_dmarc_aggregate.c - any bytes as an aggregate report: sums fit, texts are UTF-8, faults are
 * inside.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "report/dmarc_days.h"
#include "report/dmarc_report.h"
#include "support/dmarc_same.h"
#include "text/charset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_text(struct mm_view text)
{
    must(mm_utf8_valid_bytes(text) == text.len && (text.data || text.len == 0));
}

static void check_value(const struct mm_dmarc_value *value)
{
    must((unsigned)value->word < MM_DMARC_WORD_COUNT);
    check_text(value->raw);
}

static void check_record(const struct mm_dmarc_record *record, size_t size)
{
    must(record->count >= 0 && record->count <= MM_DMARC_COUNT_MAX && record->offset < size);
    check_text(record->source_ip_text);
    check_text(record->header_from);
    check_text(record->envelope_from);
    check_text(record->envelope_to);
    check_value(&record->disposition);
    for (uint32_t i = 0; i < record->reason_count; i++) {
        check_value(&record->reasons[i].type);
        check_text(record->reasons[i].comment);
    }
    for (uint32_t i = 0; i < record->dkim_count; i++) {
        check_text(record->dkim_results[i].domain);
        check_text(record->dkim_results[i].selector);
        check_value(&record->dkim_results[i].result);
    }
    for (uint32_t i = 0; i < record->spf_count; i++) {
        check_text(record->spf_results[i].domain);
        check_value(&record->spf_results[i].scope);
    }
}

static void check_days(const struct mm_dmarc_report *report)
{
    struct mm_day_split split = mm_day_split_of(report->begin_time, report->end_time);
    int64_t *shares = calloc(split.day_count, sizeof *shares), sum = 0;
    must(shares && split.day_count > 0 && split.day_count <= MM_DAY_SPLIT_MAX);
    mm_day_split_share(&split, MM_DMARC_COUNT_MAX, shares);
    for (uint32_t i = 0; i < split.day_count; i++)
        sum += shares[i];
    must(sum == MM_DMARC_COUNT_MAX);
    free(shares);
}

static void check_report(const struct mm_dmarc_report *report, size_t size)
{
    int64_t sum = 0;
    check_text(report->org_name);
    check_text(report->report_id);
    check_text(report->policy_domain);
    check_text(report->xml_namespace);
    for (uint32_t i = 0; i < report->errors.count; i++)
        check_text(report->errors.items[i]);
    for (uint32_t i = 0; i < report->record_count; i++) {
        check_record(&report->records[i], size);
        sum += report->records[i].count;
    }
    must(sum == report->message_count && report->dmarc_pass_count <= sum);
    must(report->begin_time >= 0 && report->end_time <= MM_DMARC_TIME_MAX);
    check_days(report);
}

/* Shapes of all documents so far, and then of this one, change nothing. */
static void check_with_shapes(struct mm_view document, const struct mm_report_hints *hints,
                              enum mm_status want, const struct mm_dmarc_report *report,
                              const struct mm_report_fault *fault)
{
    static struct mm_xml_shapes *shapes;
    shapes = shapes ? shapes : mm_xml_shapes_new();
    must(shapes);
    for (unsigned i = 0; i < 2; i++) {
        struct mm_arena arena;
        struct mm_dmarc_report again;
        struct mm_report_fault other;
        mm_arena_init(&arena, 64 * 1024 * 1024);
        must(mm_dmarc_parse(document, hints, shapes, &arena, &again, &other) == want);
        if (want == MM_OK)
            must(!mm_dmarc_difference(report, &again));
        else
            must(other.reason == fault->reason && other.offset == fault->offset);
        mm_arena_deinit(&arena);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mm_arena arena;
    struct mm_dmarc_report report;
    struct mm_report_fault fault;
    struct mm_report_hints hints = {.file_name = {(const char *)data, size < 40 ? size : 40}};
    struct mm_view document = {(const char *)data, size};
    mm_arena_init(&arena, 64 * 1024 * 1024);
    enum mm_status st = mm_dmarc_parse(document, &hints, NULL, &arena, &report, &fault);
    if (st == MM_OK)
        check_report(&report, size);
    else if (st != MM_E_NOMEM)
        must(fault.reason != MM_REPORT_FAULT_NONE && fault.offset <= size);
    if (st != MM_E_NOMEM)
        check_with_shapes(document, &hints, st, &report, &fault);
    mm_arena_deinit(&arena);
    return 0;
}
