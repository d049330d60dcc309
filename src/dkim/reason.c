/*
 * reason.c - words for results and reasons.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/reason.h"

static const struct {
    const char *slug, *text;
    enum mm_dkim_result result;
} reasons[MM_REASON_COUNT] = {
#define MM_REASON(name, slug, result, text) [MM_REASON_##name] = {slug, text, MM_DKIM_##result},
#include "mailmill/reasons.def"
#undef MM_REASON
};

static const char *const result_words[] = {
    [MM_DKIM_NONE] = "none",           [MM_DKIM_PASS] = "pass",
    [MM_DKIM_FAIL] = "fail",           [MM_DKIM_POLICY] = "policy",
    [MM_DKIM_NEUTRAL] = "neutral",     [MM_DKIM_TEMPERROR] = "temperror",
    [MM_DKIM_PERMERROR] = "permerror",
};

const char *mm_dkim_result_word(enum mm_dkim_result result)
{
    return (size_t)result <= MM_DKIM_PERMERROR ? result_words[result] : "?";
}

const char *mm_reason_slug(enum mm_reason reason)
{
    return (size_t)reason < MM_REASON_COUNT ? reasons[reason].slug : "?";
}

const char *mm_reason_text(enum mm_reason reason)
{
    return (size_t)reason < MM_REASON_COUNT ? reasons[reason].text : "?";
}

enum mm_dkim_result mm_reason_result(enum mm_reason reason)
{
    return (size_t)reason < MM_REASON_COUNT ? reasons[reason].result : MM_DKIM_PERMERROR;
}
