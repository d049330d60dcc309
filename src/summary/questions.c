/*
 * questions.c - every view there is.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "summary/questions.h"

#define REPORTS "reports"
#define VERIFY  "verify"
#define PIVOT(slug, title, question, whose, name)                                                  \
    {                                                                                              \
        .about = {slug, title, question}, .verb = whose, .pivot = &mm_pivot_##name                 \
    }
#define ANSWER(slug, title, question, whose, name)                                                 \
    {                                                                                              \
        .about = {slug, title, question}, .verb = whose, .plan = mm_##name##_plan,                 \
        .make = mm_##name##_make                                                                   \
    }

/* clang-format off */
const struct mm_question mm_questions[] = {
    ANSWER("overview", "Overview", "How much mail is reported on, and how much of it is well?", REPORTS, overview),
    PIVOT("pass-rate", "Pass rate", "How much of the mail passes DMARC, by domain and day?", REPORTS, pass_rate),
    PIVOT("alignment", "Alignment", "Which of DKIM and SPF is aligned?", REPORTS, alignment),
    PIVOT("disposition", "Dispositions", "What was done with the mail, under which policy?", REPORTS, disposition),
    ANSWER("policy", "Policies", "What would p=reject have hit?", REPORTS, policy),
    PIVOT("policy-history", "Policy history", "Which policy was published when?", REPORTS, policy_history),
    ANSWER("sources", "Top failing sources", "Which hosts fail DMARC most?", REPORTS, sources),
    ANSWER("new-sources", "New sources", "Which hosts were first seen in the last week?", REPORTS, new_sources),
    ANSWER("unaligned", "Unaligned sources", "Who passes SPF or DKIM and lacks only alignment?", REPORTS, unaligned),
    PIVOT("selectors", "Selectors", "Which DKIM keys are in use, and do they pass?", REPORTS, selectors),
    PIVOT("overrides", "Overrides", "Why did reporters not do what the policy says?", REPORTS, overrides),
    PIVOT("subdomains", "Subdomains", "Which subdomains does mail claim to be from?", REPORTS, subdomains),
    ANSWER("reporters", "Reporters", "Who reports, how steadily, and how well?", REPORTS, reporters),
    ANSWER("gaps", "Coverage gaps", "On which days did nobody report on a domain?", REPORTS, gaps),
    PIVOT("tls", "TLS", "How often does TLS fail, by domain and policy?", REPORTS, tls),
    PIVOT("tls-failures", "TLS failures", "What fails at which receiving host?", REPORTS, tls_failures),
    PIVOT("bounces", "Bounces", "Who refuses mail, and for good?", REPORTS, bounces),
    PIVOT("bounce-reasons", "Bounce reasons", "Why is mail refused?", REPORTS, bounce_reasons),
    PIVOT("suppress", "Addresses to suppress", "Which addresses are gone?", REPORTS, suppress),
    PIVOT("complaints", "Complaints", "Who complains about what, and when?", REPORTS, complaints),
    ANSWER("health", "Inputs", "What became of the inputs?", REPORTS, health),
    PIVOT("results", "Results", "How many messages verify, by author domain?", VERIFY, results),
    PIVOT("reasons", "Reasons", "Why do signatures not pass?", VERIFY, reasons),
    PIVOT("signers", "Signers", "Who signs with which keys?", VERIFY, signers),
    {.about = {NULL, NULL, NULL}},
};
/* clang-format on */
