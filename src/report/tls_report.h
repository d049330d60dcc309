/*
 * tls_report.h - a TLS report (TLS-RPT), from its JSON text to typed values (RFC 8460).
 * SPDX-License-Identifier: Apache-2.0
 *
 * Texts are as in dmarc_report.h: absent is data NULL, valid UTF-8, borrowed from the document or
 * the arena. A policy-type, result-type or mode that a standard has is in small letters, any other
 * as it was written.
 */
#ifndef MM_REPORT_TLS_REPORT_H
#define MM_REPORT_TLS_REPORT_H

#include "report/report_fault.h"
#include "report/row_value.h"
#include "text/xml_pull.h"

enum mm_tls_flag {
#define MM_TLS_FLAG(name, word, meaning) MM_TLS_FLAG_##name,
#include "report/tls_flags.def"
#undef MM_TLS_FLAG
    MM_TLS_FLAG_COUNT
};
#define MM_TLS_FLAG_BIT(flag) ((uint64_t)1 << (flag))
/* The word of the column `flags`. */
const char *mm_tls_flag_word(enum mm_tls_flag flag);

/* One entry of failure-details. */
struct mm_tls_failure {
    struct mm_view result_type;
    struct mm_ip sending_mta_ip, receiving_ip;
    struct mm_view sending_mta_ip_text,
        receiving_ip_text; /* RFC 5952; as written where no address */
    struct mm_view receiving_mx_hostname, receiving_mx_helo; /* small letters, no dot at the end */
    int64_t failed_session_count;                            /* MM_NO_NUMBER where absent */
    struct mm_view additional_information, failure_reason_code;
};

/* One entry of policies. */
struct mm_tls_policy {
    struct mm_view policy_type;           /* tlsa, sts, no-policy-found, or what was written */
    struct mm_view policy_domain;         /* small letters, no dot at the end */
    struct mm_text_list policy_strings;   /* lines of the MTA-STS policy, or TLSA records */
    struct mm_view sts_version, sts_mode; /* out of policy_strings, where policy_type is sts */
    int64_t sts_max_age;                  /* seconds; MM_NO_NUMBER where not said */
    struct mm_text_list mx_hosts;         /* mx-host; one string is a list of one */
    int64_t total_successful_session_count, total_failure_session_count; /* or MM_NO_NUMBER */
    struct mm_tls_failure *failures;                                     /* [failure_count] */
    uint32_t failure_count;
};

struct mm_tls_report {
    struct mm_view organization_name, contact_info, report_id; /* absent where empty or null */
    int64_t start_us, end_us;                                  /* microseconds since 1970 UTC */
    struct mm_tls_policy *policies; /* [policy_count], in the report's order */
    uint32_t policy_count;
    uint64_t flags;          /* MM_TLS_FLAG_BIT() */
    uint64_t replaced_count; /* as in dmarc_report.h */
    uint64_t report_key;     /* XXH3-64 of organization_name, report_id, start, end */
    uint64_t content_hash;   /* XXH3-64 of all values above */
};

enum {
    /* A report is of one domain; several policies of it are few. */
    MM_TLS_POLICIES_MAX = 10000,
    MM_TLS_LIST_MAX = 1000,                       /* strings of a policy, hosts of one */
    MM_TLS_FAILURES_MAX = 262144,                 /* of the whole report */
    MM_TLS_TEXT_MAX_BYTES = MM_XML_TEXT_MAX_BYTES /* as written, as of a DMARC report */
};

/*
 * Read one document.
 *
 * document  the JSON text, inflated: UTF-8 with or without BOM, or UTF-16 with one; borrowed.
 * hints     where policy-domain is looked for when no policy has it; may be NULL.
 * arena     holds lists and what is not borrowed.
 * report    [out] filled on MM_OK.
 * fault     [out] filled on MM_E_SYNTAX and MM_E_LIMIT.
 * Returns   MM_OK; MM_E_SYNTAX where it is no JSON or no TLS report; MM_E_LIMIT past one of the
 *           limits above or of text/json_pull.h; MM_E_NOMEM.
 * Cost      linear in the document.
 * Source    RFC 8460 section 4.
 */
enum mm_status mm_tls_parse(struct mm_view document, const struct mm_report_hints *hints,
                            struct mm_arena *arena, struct mm_tls_report *report,
                            struct mm_report_fault *fault) MM_MUST_CHECK;

#endif /* MM_REPORT_TLS_REPORT_H */
