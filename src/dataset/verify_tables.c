/*
 * verify_tables.c - the tables of a dataset of verdicts: their columns, in their order.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/verify_tables.h"

#include "dataset/table_columns.h"

/* clang-format off */
static const struct mm_column messages[] = {
    UNIQUE_MUST("message"),
    COUNT_OR_NONE("bytes"),
    TEXT("eol"),
    LOOKED_UP("from_domain"),
    TEXT("result"),
    NUMBER("signatures_skipped", INT32),
    TEXT("reading"),
    TEXT("authentication_results"),
    BIT("raw_bytes"),
    TEXT("rejected"),
    TEXT("detail"),
    NUMBER("offset", INT64),
};
static const uint8_t messages_order[] = {0};

/* In the order of who signed: rows of a domain lie together, and so do those of a key. */
static const struct mm_column signatures[] = {
    UNIQUE_MUST("message"),
    LOOKED_UP_MUST("from_domain"), /* of the message: to compare it with domain takes no join */
    NUMBER_MUST("index", INT32),
    TEXT_MUST("result"),
    TEXT_MUST("reason"),
    LOOKED_UP_MUST("domain"),
    LOOKED_UP_MUST("selector"),
    TEXT_MUST("auid"),
    TEXT_MUST("algorithm"),
    TEXT_MUST("canon"),
    NUMBER("key_bits", INT32),
    BIT("testing"),
    TEXT_MUST("body_hash"),
    TEXT_MUST("signature"),
    NUMBER("body_length", INT64),
    COUNT("uncovered_bytes"),
    TIME("signed_at"),
    TIME("expires_at"),
    TEXT_MUST("headers"),
    UNIQUE_MUST("b"),
    BIT("dnssec"),
};
static const uint8_t signatures_order[] = {5, 6, 0, 2};

static const struct mm_column inputs[] = {{.field = {"input", MM_VALUE_ADDRESS, 0}}};
static const uint8_t inputs_order[] = {0};

const struct mm_table_schema mm_verify_tables[MM_VERIFY_WORK_TABLES] = {
    [MM_TABLE_MESSAGES] = TABLE(messages),
    [MM_TABLE_SIGNATURES] = TABLE(signatures),
    [MM_TABLE_VERIFY_INPUTS] = TABLE(inputs),
};
/* clang-format on */

const struct mm_dataset_verb mm_verify_verb = {.name = "verify",
                                               .schema_version = MM_VERIFY_SCHEMA_VERSION,
                                               .tables = mm_verify_tables,
                                               .table_count = MM_VERIFY_TABLES,
                                               .work = mm_verify_tables,
                                               .work_count = MM_VERIFY_WORK_TABLES,
                                               .inputs = MM_TABLE_VERIFY_INPUTS};
