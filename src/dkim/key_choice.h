/*
 * key_choice.h - which records of a key's name a signature may be checked with.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 6376 section 3.6.2.2 leaves several records at a name undefined. Here each one that fits is
 * tried, and one that verifies is enough; where none fits, the fault that comes last in the order
 * of the checks is told. Neither depends on the order of the records.
 */
#ifndef MM_DKIM_KEY_CHOICE_H
#define MM_DKIM_KEY_CHOICE_H

#include "dkim/key_cache.h"
#include "dkim/sig_field.h"

/* What keeps one record from counting for a signature: MM_REASON_NONE where nothing does. Source:
 * RFC 6376 section 6.1.2; RFC 8301 section 3.2 (strict). */
enum mm_reason mm_key_record_judge(const struct mm_key_record *record,
                                   const struct mm_sig_field *field, enum mm_dkim_policy policy);

/* What an answer without a record says; MM_REASON_NONE where there are records. */
enum mm_reason mm_key_answer_judge(const struct mm_txt_answer *answer);

/* The same for all records of an answer, and for an answer without any. */
enum mm_reason mm_key_set_judge(const struct mm_key_set *set, const struct mm_sig_field *field,
                                enum mm_dkim_policy policy);

/*
 * True where the signature is to be computed with this record, given what mm_key_set_judge() said
 * of its set. A key that is only too short is tried too: its verdict stands, and the report still
 * tells whether the signature holds.
 */
bool mm_key_record_is_tried(const struct mm_key_record *record, const struct mm_sig_field *field,
                            enum mm_dkim_policy policy, enum mm_reason set_reason);

#endif /* MM_DKIM_KEY_CHOICE_H */
