/*
 * key_choice.c - which records of a key's name a signature may be checked with.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/key_choice.h"

enum mm_reason mm_key_record_judge(const struct mm_key_record *record,
                                   const struct mm_sig_field *field, enum mm_dkim_policy policy)
{
    if (record->fault != MM_REASON_NONE)
        return record->fault;
    if (!record->type_known || record->type != field->key_type)
        return MM_REASON_KEY_TYPE;
    if (!(field->digest == MM_SHA256 ? record->allows_sha256 : record->allows_sha1))
        return MM_REASON_KEY_HASH;
    if (!record->allows_email)
        return MM_REASON_KEY_SERVICE;
    if (record->no_subdomains && field->identity_is_below)
        return MM_REASON_KEY_SUBDOMAIN;
    if (policy == MM_POLICY_STRICT && field->key_type == MM_KEY_RSA &&
        mm_public_key_bits(record->key) < MM_RSA_STRICT_BITS)
        return MM_REASON_KEY_TOO_SHORT;
    return MM_REASON_NONE;
}

enum mm_reason mm_key_answer_judge(const struct mm_txt_answer *answer)
{
    if (answer->status == MM_TXT_NOERROR && answer->record_count > 0)
        return MM_REASON_NONE;
    switch (answer->status) {
    case MM_TXT_SERVFAIL:
        return MM_REASON_DNS_SERVFAIL;
    case MM_TXT_TIMEOUT:
        return MM_REASON_DNS_TIMEOUT;
    case MM_TXT_NOT_RECORDED:
        return MM_REASON_KEY_NOT_RECORDED;
    case MM_TXT_NOERROR:
    case MM_TXT_NXDOMAIN:
    case MM_TXT_NODATA:
        break;
    }
    return MM_REASON_NO_KEY;
}

enum mm_reason mm_key_set_judge(const struct mm_key_set *set, const struct mm_sig_field *field,
                                enum mm_dkim_policy policy)
{
    enum mm_reason worst = mm_key_answer_judge(set->answer);
    if (worst != MM_REASON_NONE)
        return worst;
    for (size_t i = 0; i < set->count; i++) {
        enum mm_reason reason = mm_key_record_judge(&set->records[i], field, policy);
        if (reason == MM_REASON_NONE)
            return MM_REASON_NONE;
        if (reason > worst)
            worst = reason;
    }
    return worst;
}

bool mm_key_record_is_tried(const struct mm_key_record *record, const struct mm_sig_field *field,
                            enum mm_dkim_policy policy, enum mm_reason set_reason)
{
    if (set_reason != MM_REASON_NONE && set_reason != MM_REASON_KEY_TOO_SHORT)
        return false;
    return mm_key_record_judge(record, field, policy) == set_reason;
}
