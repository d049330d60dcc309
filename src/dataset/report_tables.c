/*
 * report_tables.c - the tables of a dataset of reports: their columns, in their order.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/report_tables.h"

#include "dataset/table_columns.h"

/* Never leaves: see report_tables.h. */
#define READING                                                                                    \
    {                                                                                              \
        .field = { "reading", MM_VALUE_ADDRESS, 0 }                                                \
    }

static const struct mm_table_field override_members[] = {MEMBER("type"), MEMBER("comment")};
static const struct mm_table_field dkim_members[] = {MEMBER_LOOKED_UP("domain"),
                                                     MEMBER_LOOKED_UP("selector"), MEMBER("result"),
                                                     MEMBER("human_result")};
static const struct mm_table_field spf_members[] = {MEMBER_LOOKED_UP("domain"), MEMBER("scope"),
                                                    MEMBER("result"), MEMBER("human_result")};

/* clang-format off */
static const struct mm_column dmarc_reports[] = {
    NUMBER_MUST("report_key", INT64),
    TEXT("org_name"),
    TEXT("org_email"),
    TEXT("extra_contact_info"),
    UNIQUE("report_id", MM_FIELD_BLOOM),
    TIME_MUST("begin_time"),
    TIME_MUST("end_time"),
    NUMBER_MUST("span_seconds", INT64), /* end_time - begin_time, negative where reversed */
    LOOKED_UP("policy_domain"),
    TEXT("p"),
    TEXT("sp"),
    TEXT("np"),
    TEXT("adkim"),
    TEXT("aspf"),
    TEXT("fo"),
    NUMBER("pct", INT16),
    NUMBER("testing", BOOL),
    TEXT("discovery_method"),
    TEXT("generator"),
    TEXT("xml_namespace"),
    TEXT("xml_version"),
    NUMBER_MUST("record_count", INT32),
    COUNT("message_count"),
    COUNT("dmarc_pass_count"),
    TEXTS("errors"),
    TEXTS("flags"),
    UNIQUE("source_path", 0),
    TEXT("member"),
    NUMBER_MUST("content_hash", INT64), /* of all values and records: see dmarc_report.h */
    NUMBER_MUST("xml_bytes", INT32),
    TIME("received_at"),
    TEXT("reporter_domain"),
    READING,
};
static const uint8_t dmarc_reports_order[] = {8, 5, 1};

static const struct mm_column dmarc_records[] = {
    NUMBER_MUST("report_key", INT64),
    DAY("date"),
    TIME_MUST("interval_begin"),
    TIME_MUST("interval_end"),
    BIT("normalized_timespan"), /* one of several days that a record was split into */
    TEXT("org_name"),
    LOOKED_UP("policy_domain"),
    LOOKED_UP("header_from"),
    TEXT("envelope_from"), /* '' is the null sender */
    TEXT("envelope_to"),
    ADDRESS("source_ip"),
    TEXT("source_ip_text"),
    COUNT("count"),
    TEXT("disposition"),
    BIT("dkim_aligned"),
    BIT("spf_aligned"),
    BIT("dmarc_pass"),
    STRUCTS("override_reasons", override_members),
    STRUCTS("dkim", dkim_members),
    STRUCTS("spf", spf_members),
    TEXT("p"),
    TEXT("sp"),
    TEXTS("flags"),
    READING,
};
static const uint8_t dmarc_records_order[] = {6, 1, 10, 7};

static const struct mm_column tls_reports[] = {
    NUMBER_MUST("report_key", INT64),
    TEXT("organization_name"),
    TEXT("contact_info"),
    UNIQUE("report_id", MM_FIELD_BLOOM),
    TIME_MUST("start_datetime"),
    TIME_MUST("end_datetime"),
    LOOKED_UP("policy_domain"), /* of the first policy that has one */
    NUMBER_MUST("policy_count", INT32),
    TEXTS("flags"),
    UNIQUE("source_path", 0),
    TEXT("member"),
    NUMBER_MUST("content_hash", INT64),
    NUMBER_MUST("json_bytes", INT32),
    TIME("received_at"),
    TEXT("reporter_domain"),
    READING,
};
static const uint8_t tls_reports_order[] = {6, 4};

static const struct mm_column tls_policies[] = {
    NUMBER_MUST("report_key", INT64),
    NUMBER_MUST("policy_index", INT32),
    DAY("date"),
    TEXT("organization_name"),
    LOOKED_UP("policy_domain"),
    TEXT("policy_type"),
    TEXTS("policy_strings"),
    TEXT("sts_mode"),
    TEXT("sts_version"),
    NUMBER("sts_max_age", INT64),
    TEXTS("mx_host"),
    NUMBER("total_successful_session_count", INT64),
    NUMBER("total_failure_session_count", INT64),
    READING,
};
static const uint8_t tls_policies_order[] = {4, 2};

static const struct mm_column tls_failures[] = {
    NUMBER_MUST("report_key", INT64),
    NUMBER_MUST("policy_index", INT32),
    DAY("date"),
    TEXT("organization_name"),
    LOOKED_UP("policy_domain"),
    TEXT("policy_type"),
    TEXT("result_type"),
    ADDRESS("sending_mta_ip"),
    TEXT("sending_mta_ip_text"),
    LOOKED_UP("receiving_mx_hostname"),
    TEXT("receiving_mx_helo"),
    ADDRESS("receiving_ip"),
    TEXT("receiving_ip_text"),
    NUMBER("failed_session_count", INT64),
    TEXT("additional_information"),
    TEXT("failure_reason_code"),
    READING,
};
static const uint8_t tls_failures_order[] = {4, 2, 6};

static const struct mm_column arf[] = {
    TEXT_MUST("kind"),
    TEXT("feedback_type"),
    TEXT("user_agent"),
    TEXT("version"),
    TIME("arrival_date"),
    ADDRESS("source_ip"),
    TEXT("source_ip_text"),
    NUMBER("source_port", INT32),
    TEXT("original_mail_from"),
    TEXTS("original_rcpt_to"),
    TEXTS("reported_domain"),
    TEXTS("reported_uri"),
    NUMBER_MUST("incidents", INT64),
    TEXT("reporting_mta"),
    TEXT("original_envelope_id"),
    TEXTS("auth_failure"),
    TEXT("delivery_result"),
    TEXTS("identity_alignment"),
    LOOKED_UP("dkim_domain"),
    LOOKED_UP("dkim_selector"),
    TEXT("dkim_identity"),
    TEXT("spf_dns"),
    TEXTS("authentication_results"),
    TEXTS("unknown_fields"),
    TEXT_MUST("sample_kind"),
    UNIQUE("sample_message_id", 0),
    LOOKED_UP("sample_from_domain"),
    TEXT("sample_subject"),
    TEXT("sample_list_id"),
    TEXT("sample_list_unsubscribe"),
    TEXT("sample_feedback_id"),
    TEXT("sample_dkim_domain"),
    TEXT("sample_dkim_selector"),
    TEXTS("provenance"),
    TEXTS("flags"),
    TEXT("reporter_domain"),
    TIME("received_at"),
    UNIQUE("source_path", 0),
    TEXT("member"),
};
/* A list cannot order rows, so it is the sample's domain instead of reported_domain. */
static const uint8_t arf_order[] = {26, 4};

static const struct mm_column bounces[] = {
    TEXT("reporting_mta"),
    TEXT("remote_mta"),
    TIME("arrival_date"),
    TIME("last_attempt_date"),
    TIME("received_at"),
    UNIQUE("final_recipient", MM_FIELD_BLOOM),
    LOOKED_UP("recipient_domain"),
    TEXT("provider"),
    TEXT("original_recipient"),
    TEXT("action"),
    TEXT("status"),
    NUMBER("status_class", INT8),
    NUMBER("status_subject", INT16),
    NUMBER("status_detail", INT16),
    NUMBER("reply_code", INT16),
    TEXT("diagnostic_type"),
    UNIQUE("diagnostic_code", 0),
    TEXT_MUST("reason"),
    TEXT_MUST("class"),
    TEXT("rule_id"),
    TEXT("original_envelope_id"),
    UNIQUE("original_message_id", 0),
    TEXT("list_id"),
    TEXT("feedback_id"),
    TEXT("verp_token"),
    BIT("has_delivery_status"),
    TEXTS("flags"),
    UNIQUE("source_path", 0),
    TEXT("member"),
};
static const uint8_t bounces_order[] = {6, 2};

static const struct mm_column rejects[] = {
    UNIQUE("source_path", 0),
    TEXT("member"),
    NUMBER("byte_offset", INT64),
    TEXT("kind_guess"),
    TEXT_MUST("reason"),
    TEXT("detail"),
    NUMBER("input_hash", INT64), /* XXH3-64 of the bytes; absent where they could not be read */
};
static const uint8_t rejects_order[] = {4, 0, 1};

static const struct mm_column duplicates[] = {
    NUMBER_MUST("kept_key", INT64),
    UNIQUE("source_path", 0),
    TEXT("member"),
    BIT("same_content"),
};
static const uint8_t duplicates_order[] = {1, 2};

static const struct mm_column daily[] = {
    LOOKED_UP("policy_domain"),
    DAY("date"),
    TEXT("org_name"),
    TEXT("disposition"),
    BIT("dkim_aligned"),
    BIT("spf_aligned"),
    COUNT("record_count"),
    COUNT("message_count"),
};
static const uint8_t daily_order[] = {0, 1, 2, 3, 4, 5};

#define WITHOUT_READING(name) COLUMNS(name, MM_COUNT(name) - 1)

const struct mm_table_schema mm_report_tables[MM_REPORT_TABLES] = {
    [MM_TABLE_DMARC_REPORTS] = WITHOUT_READING(dmarc_reports),
    [MM_TABLE_DMARC_RECORDS] = WITHOUT_READING(dmarc_records),
    [MM_TABLE_TLS_REPORTS] = WITHOUT_READING(tls_reports),
    [MM_TABLE_TLS_POLICIES] = WITHOUT_READING(tls_policies),
    [MM_TABLE_TLS_FAILURES] = WITHOUT_READING(tls_failures),
    [MM_TABLE_ARF] = TABLE(arf),
    [MM_TABLE_BOUNCES] = TABLE(bounces),
    [MM_TABLE_REJECTS] = TABLE(rejects),
    [MM_TABLE_DUPLICATES] = TABLE(duplicates),
    [MM_TABLE_DAILY] = TABLE(daily),
};

/* ---- what rows look like on their way ---- */

static const struct mm_column claims[MM_CLAIM_COLUMNS] = {
    [MM_CLAIM_KIND] = NUMBER_MUST("kind", INT8),
    [MM_CLAIM_IDENTITY] = {.field = {"identity", MM_VALUE_ADDRESS, 0}},
    [MM_CLAIM_SALVAGED] = BIT("salvaged"),
    [MM_CLAIM_RECORDS] = NUMBER_MUST("records", INT64),
    [MM_CLAIM_MESSAGES] = NUMBER_MUST("messages", INT64),
    [MM_CLAIM_DOCUMENT_HASH] = NUMBER_MUST("document_hash", INT64),
    [MM_CLAIM_SOURCE_PATH] = TEXT("source_path"),
    [MM_CLAIM_MEMBER] = TEXT("member"),
    [MM_CLAIM_REPORT_KEY] = NUMBER_MUST("report_key", INT64),
    [MM_CLAIM_CONTENT_HASH] = NUMBER_MUST("content_hash", INT64),
    [MM_CLAIM_READING] = READING,
    [MM_CLAIM_INPUT] = {.field = {"input", MM_VALUE_ADDRESS, 0}},
    [MM_CLAIM_SIBLINGS] = NUMBER_MUST("siblings", INT32),
    [MM_CLAIM_ALONE] = BIT("alone"),
    [MM_CLAIM_STATE] = NUMBER_MUST("state", INT8),
};
static const uint8_t claims_order[] = {
    MM_CLAIM_KIND,     MM_CLAIM_IDENTITY,      MM_CLAIM_SALVAGED,    MM_CLAIM_RECORDS,
    MM_CLAIM_MESSAGES, MM_CLAIM_DOCUMENT_HASH, MM_CLAIM_SOURCE_PATH, MM_CLAIM_MEMBER,
};

static const struct mm_column inputs[] = {{.field = {"input", MM_VALUE_ADDRESS, 0}}};
static const uint8_t inputs_order[] = {0};

const struct mm_table_schema mm_work_tables[MM_WORK_TABLES] = {
    [MM_TABLE_DMARC_REPORTS] = TABLE(dmarc_reports),
    [MM_TABLE_DMARC_RECORDS] = TABLE(dmarc_records),
    [MM_TABLE_TLS_REPORTS] = TABLE(tls_reports),
    [MM_TABLE_TLS_POLICIES] = TABLE(tls_policies),
    [MM_TABLE_TLS_FAILURES] = TABLE(tls_failures),
    [MM_TABLE_ARF] = TABLE(arf),
    [MM_TABLE_BOUNCES] = TABLE(bounces),
    [MM_TABLE_REJECTS] = TABLE(rejects),
    [MM_TABLE_DUPLICATES] = TABLE(duplicates),
    [MM_TABLE_DAILY] = TABLE(daily),
    [MM_TABLE_CLAIMS] = TABLE(claims),
    [MM_TABLE_INPUTS] = TABLE(inputs),
};
/* clang-format on */

const struct mm_dataset_verb mm_reports_verb = {.name = "reports",
                                                .schema_version = MM_REPORT_SCHEMA_VERSION,
                                                .tables = mm_report_tables,
                                                .table_count = MM_REPORT_TABLES,
                                                .work = mm_work_tables,
                                                .work_count = MM_WORK_TABLES,
                                                .inputs = MM_TABLE_INPUTS,
                                                .settles = true};
