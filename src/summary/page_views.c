/*
 * page_views.c - what a page asks of its datasets, and how it calls the answers.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Not asked: "suppress", whose rows are addresses of persons: a page is passed on.
 */
#include "summary/page_views.h"

#include <string.h>

#include "base/view.h"
#include "summary/page.h"

/* clang-format off */
const struct mm_page_view mm_page_views[] = {
    {.view = "overview", .first = "name", .title = "All figures", .part = MM_PAGE_RUN},
    {.view = "policy", .first = "policy_domain", .title = "Is p=reject safe?", .part = MM_PAGE_DMARC},
    {.view = "pass-rate", .by = "day", .first = "day", .detail = "domain,day", .title = "Pass rate by day",
     .question = "How much of the mail passes DMARC?", .part = MM_PAGE_DMARC},
    {.view = "disposition", .by = "day,disposition", .first = "day", .detail = "domain,day,disposition", .title = "Dispositions by day",
     .question = "What did receivers do with the mail?", .part = MM_PAGE_DMARC},
    {.view = "sources", .first = "policy_domain", .title = "Top failing sources", .part = MM_PAGE_DMARC},
    {.view = "alignment", .by = "dkim,spf", .first = "dkim_aligned", .title = "Alignment", .detail = "domain,dkim,spf", .part = MM_PAGE_DMARC},
    {.view = "pass-rate", .by = "domain", .first = "policy_domain", .title = "Pass rate by domain",
     .question = "Which domains pass, and which do not?", .part = MM_PAGE_DMARC},
    {.view = "unaligned", .first = "policy_domain", .title = "Unaligned sources", .part = MM_PAGE_DMARC},
    {.view = "selectors", .first = "policy_domain", .title = "Selectors and their age", .part = MM_PAGE_DMARC},
    {.view = "new-sources", .first = "policy_domain", .title = "New sources", .part = MM_PAGE_DMARC},
    {.view = "overrides", .by = "reason,org", .first = "reason", .title = "Why the policy was not applied", .part = MM_PAGE_DMARC},
    {.view = "subdomains", .first = "policy_domain", .title = "Subdomains", .part = MM_PAGE_DMARC},
    {.view = "policy-history", .first = "policy_domain", .title = "Policy history", .part = MM_PAGE_DMARC},
    {.view = "reporters", .first = "org_name", .title = "Reporters", .part = MM_PAGE_DMARC},
    {.view = "gaps", .first = "policy_domain", .title = "Coverage gaps", .part = MM_PAGE_DMARC},
    {.view = "tls", .by = "policy_type", .first = "policy_type", .title = "TLS sessions", .detail = "domain,policy_type",
     .question = "How often does TLS fail, under which kind of policy?", .part = MM_PAGE_TLS},
    {.view = "tls-failures", .by = "result,mx", .first = "result_type", .title = "TLS failures", .detail = "domain,result,mx", .part = MM_PAGE_TLS},
    {.view = "bounces", .by = "provider", .first = "provider", .title = "Bounces by provider", .part = MM_PAGE_MAIL},
    {.view = "bounce-reasons", .first = "class", .title = "Bounces by reason", .part = MM_PAGE_MAIL},
    {.view = "complaints", .first = "day", .title = "Complaints", .part = MM_PAGE_MAIL},
    {.view = "results", .by = "domain", .first = "from_domain", .title = "Verified messages by domain", .part = MM_PAGE_VERIFY},
    {.view = "results", .by = "result", .first = "result", .detail = "domain,result", .title = "Verified messages by result",
     .question = "How did the signatures of messages end?", .part = MM_PAGE_VERIFY},
    {.view = "reasons", .by = "reason,signer", .first = "reason", .detail = "domain,reason,signer", .title = "Why signatures do not pass",
     .question = "What is wrong with them, and whose are they?", .part = MM_PAGE_VERIFY},
    {.view = "signers", .by = "signer,selector", .first = "domain", .detail = "domain,signer,selector", .title = "Keys that signed", .part = MM_PAGE_VERIFY},
    {.view = "health", .first = "outcome", .title = "Inputs", .part = MM_PAGE_RUN},
};
/* clang-format on */
const size_t mm_page_view_count = MM_COUNT(mm_page_views);

const struct mm_page_view *mm_page_view_of(const struct mm_summary_table *table)
{
    for (size_t i = 0; i < mm_page_view_count; i++)
        if (strcmp(mm_page_views[i].view, table->slug) == 0 && table->column_count > 0 &&
            strcmp(mm_page_views[i].first, table->columns[0].name) == 0)
            return &mm_page_views[i];
    return NULL;
}
