/*
 * fuzz_tls_report.c - any bytes as a TLS report: texts are UTF-8, numbers in range, faults inside.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "report/tls_report.h"
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

static void check_list(const struct mm_text_list *list)
{
    must(list->count <= MM_TLS_LIST_MAX);
    for (uint32_t i = 0; i < list->count; i++)
        check_text(list->items[i]);
}

static void check_policy(const struct mm_tls_policy *policy)
{
    check_text(policy->policy_type);
    check_text(policy->policy_domain);
    check_text(policy->sts_mode);
    check_list(&policy->policy_strings);
    check_list(&policy->mx_hosts);
    must(policy->total_failure_session_count >= MM_NO_NUMBER);
    for (uint32_t i = 0; i < policy->failure_count; i++) {
        check_text(policy->failures[i].result_type);
        check_text(policy->failures[i].sending_mta_ip_text);
        check_text(policy->failures[i].additional_information);
        must(policy->failures[i].failed_session_count >= MM_NO_NUMBER);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mm_arena arena;
    struct mm_tls_report report;
    struct mm_report_fault fault;
    struct mm_report_hints hints = {.subject = {(const char *)data, size < 60 ? size : 60}};
    mm_arena_init(&arena, 64 * 1024 * 1024);
    enum mm_status st =
        mm_tls_parse((struct mm_view){(const char *)data, size}, &hints, &arena, &report, &fault);
    if (st == MM_OK) {
        check_text(report.organization_name);
        check_text(report.report_id);
        for (uint32_t i = 0; i < report.policy_count; i++)
            check_policy(&report.policies[i]);
    } else if (st != MM_E_NOMEM) {
        must(fault.reason != MM_REPORT_FAULT_NONE && fault.offset <= size);
    }
    mm_arena_deinit(&arena);
    return 0;
}
