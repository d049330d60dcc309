/*
 * recorded_line.c - one DNS answer as a line of JSON, which recorded_answers.c reads back.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dns/recorded_line.h"

#include <assert.h>
#include <inttypes.h>

#include "dns/quoted.h"

const char *mm_txt_status_word(enum mm_txt_status status)
{
    static const char *const words[] = {[MM_TXT_NOERROR] = "NOERROR",
                                        [MM_TXT_NXDOMAIN] = "NXDOMAIN",
                                        [MM_TXT_NODATA] = "NODATA",
                                        [MM_TXT_SERVFAIL] = "SERVFAIL",
                                        [MM_TXT_TIMEOUT] = "TIMEOUT"};
    return (size_t)status < MM_COUNT(words) ? words[status] : NULL;
}

/* Not mm_json_string(): a record is bytes, and UTF-8 in it must come back as what it was. */
static void put_bytes(struct mm_buf *out, struct mm_view v)
{
    mm_quoted_write(out, v, "\\u%04x");
}

static const struct mm_view line_begin = MM_VIEW("{\"name\":");

bool mm_recorded_line_begins(struct mm_view text)
{
    return mm_view_starts(text, line_begin);
}

void mm_recorded_line_write(struct mm_buf *out, const struct mm_recorded_line *line)
{
    const char *status = mm_txt_status_word(line->status);
    size_t count = line->status == MM_TXT_NOERROR ? line->record_count : 0;
    assert(status);
    mm_buf_append(out, line_begin);
    put_bytes(out, line->name);
    mm_buf_printf(out,
                  ",\"type\":\"TXT\",\"status\":\"%s\",\"ttl\":%" PRIu32
                  ",\"ad\":%s,\"time\":%" PRId64 ",\"txt\":[",
                  status, line->ttl_s, line->ad ? "true" : "false", line->time);
    for (size_t i = 0; i < count; i++) {
        if (i)
            mm_buf_append_char(out, ',');
        put_bytes(out, line->records[i]);
    }
    mm_buf_append_str(out, "]}\n");
}
