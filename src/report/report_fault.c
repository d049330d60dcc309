/*
 * report_fault.c - why a document that should be a report is none.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report/report_fault.h"

/* Of each text that a document says of itself: a longer one is left out, and none is cut, since the
 * rest of an address could not be told from other text. */
enum { SAID_MAX_BYTES = 256 };

static const struct {
    const char *slug, *words;
} faults[] = {
#define MM_REPORT_FAULT(name, slug, words) {slug, words},
#include "report/report_faults.def"
#undef MM_REPORT_FAULT
};

const char *mm_report_fault_slug(enum mm_report_fault_reason reason)
{
    return faults[reason].slug;
}

const char *mm_report_fault_words(enum mm_report_fault_reason reason)
{
    return faults[reason].words;
}

void mm_report_fault_describe(const struct mm_report_fault *fault, struct mm_buf *out)
{
    const struct {
        const char *name;
        struct mm_view text;
    } said[] = {
        {"org_name", fault->org_name}, {"report_id", fault->report_id}, {"domain", fault->domain}};
    const char *before = " (";
    mm_buf_append_str(out, mm_report_fault_words(fault->reason));
    for (size_t i = 0; i < MM_COUNT(said); i++) {
        if (said[i].text.len == 0 || said[i].text.len > SAID_MAX_BYTES)
            continue;
        mm_buf_append_str(out, before);
        mm_buf_append_str(out, said[i].name);
        mm_buf_append_char(out, ' ');
        mm_buf_append(out, said[i].text);
        before = ", ";
    }
    if (*before == ',')
        mm_buf_append_char(out, ')');
}
