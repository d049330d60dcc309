/*
 * dmarc_word.h - the words that each place of an aggregate report allows.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_REPORT_DMARC_WORD_H
#define MM_REPORT_DMARC_WORD_H

#include "report/dmarc_report.h"

enum mm_dmarc_place {
    MM_DMARC_AT_POLICY,      /* p, sp, np */
    MM_DMARC_AT_MODE,        /* adkim, aspf */
    MM_DMARC_AT_TESTING,     /* testing */
    MM_DMARC_AT_METHOD,      /* discovery_method */
    MM_DMARC_AT_DISPOSITION, /* policy_evaluated: disposition */
    MM_DMARC_AT_EVALUATED,   /* policy_evaluated: dkim, spf */
    MM_DMARC_AT_REASON,      /* reason: type */
    MM_DMARC_AT_DKIM,        /* auth_results: result of dkim */
    MM_DMARC_AT_SPF,         /* the same of spf */
    MM_DMARC_AT_SCOPE        /* scope of spf */
};

/*
 * Find the word that value->raw is, in any case: MM_DMARC_ABSENT for an absent or empty text,
 * MM_DMARC_OTHER for one that the place does not allow.
 *
 * Returns  true where another word was written for it: "hardfail" for fail.
 * Source   RFC 7489 appendix C; RFC 9990 appendix A; RFC 8601 section 2.7 for results.
 */
bool mm_dmarc_word_find(enum mm_dmarc_place place, struct mm_dmarc_value *value);

#endif /* MM_REPORT_DMARC_WORD_H */
