/*
 * verdict_text.c - parts of a verdict as rows tell them, whatever the rows are made of.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/verdict_text.h"

static const char *const EOL_WORDS[] = {
    [MM_EOL_CRLF] = "crlf", [MM_EOL_LF] = "lf", [MM_EOL_MIXED] = "mixed"};
static const char *const CHECK_WORDS[] = {
    [MM_CHECK_UNCHECKED] = "unchecked", [MM_CHECK_OK] = "ok", [MM_CHECK_BAD] = "bad"};

const char *mm_dkim_check_word(enum mm_check check)
{
    return CHECK_WORDS[check];
}

const char *mm_msg_eol_word(enum mm_msg_eol eol)
{
    return EOL_WORDS[eol];
}

void mm_dkim_auid(const struct mm_dkim_signature *s, struct mm_view pieces[2])
{
    bool absent = s->auid.len == 0;
    pieces[0] = absent && s->domain.len ? MM_VIEW("@") : MM_VIEW("");
    pieces[1] = absent ? s->domain : s->auid;
}
