/*
 * fuzz_bounce.c - whatever a mail says, the rows of a notice hold together.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "report/bounce.h"

enum { MAX_BYTES = 64 * 1024 };

static void require(int holds)
{
    if (!holds)
        abort();
}

/* Each byte of a text can be read. */
static void touch(struct mm_view text)
{
    unsigned ones = 0;
    require(text.data != NULL || text.len == 0);
    for (size_t i = 0; i < text.len; i++)
        ones += text.data[i] == 1;
    require(ones <= text.len);
}

static bool has_flag(const struct mm_bounce *row, struct mm_view flag)
{
    for (uint32_t i = 0; i < row->flags.count; i++)
        if (mm_view_eq(row->flags.items[i], flag))
            return true;
    return false;
}

static void check_row(const struct mm_notice *notice, const struct mm_bounce *row)
{
    const struct mm_view *texts[] = {&row->reporting_mta,
                                     &row->remote_mta,
                                     &row->final_recipient,
                                     &row->recipient_domain,
                                     &row->provider,
                                     &row->original_recipient,
                                     &row->action,
                                     &row->status,
                                     &row->diagnostic_type,
                                     &row->diagnostic_code,
                                     &row->reason,
                                     &row->rule_id,
                                     &row->list_id,
                                     &row->feedback_id,
                                     &row->original_envelope_id,
                                     &row->original_message_id,
                                     &row->verp_token};
    enum mm_reason_class kind;
    for (size_t i = 0; i < MM_COUNT(texts); i++)
        touch(*texts[i]);
    require(mm_bounce_reason_class(row->reason, &kind));
    require(row->bounce_class != MM_BOUNCE_HARD ||
            (kind == MM_REASON_CLASS_HARD && row->rule_id.data));
    require(row->reply_code == MM_NO_NUMBER || (row->reply_code >= 200 && row->reply_code < 560));
    require((row->status_class < 0) == (row->status_subject < 0));
    require(row->status_class <= 5 && row->status_subject <= 999 && row->status_detail <= 999);
    require(!notice->unparsed || has_flag(row, MM_VIEW("bounce_unparsed")));
}

static struct mm_bounce_matcher *the_matcher(void)
{
    static struct mm_bounce_rules *rules;
    static struct mm_bounce_matcher *matcher;
    if (!matcher) {
        require(mm_bounce_rules_new(&rules, mm_bounce_rules_builtin(), NULL) == MM_OK);
        require(mm_bounce_matcher_new(&matcher, rules) == MM_OK);
    }
    return matcher;
}

/* The same bytes as a file of rules: read or refused, nothing else. */
static void read_as_rules(struct mm_view text)
{
    struct mm_bounce_rules *rules;
    struct mm_error err;
    enum mm_status st = mm_bounce_rules_new(&rules, text, &err);
    require(st == MM_OK || st == MM_E_SYNTAX);
    require((rules != NULL) == (st == MM_OK));
    mm_bounce_rules_free(&rules);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mm_view text = {(const char *)data, size};
    struct mm_arena arena;
    struct mm_mime mime;
    struct mm_notice notice;
    if (size > MAX_BYTES)
        return 0;
    read_as_rules(text);
    mm_arena_init(&arena, 64 * 1024 * 1024);
    require(mm_mime_walk(&mime, text, &arena) == MM_OK);
    enum mm_status st = mm_bounce_read(the_matcher(), &mime, &arena, &notice);
    require(st == MM_OK || st == MM_E_LIMIT);
    require((notice.row_count > 0) == (notice.kind == MM_NOTICE_BOUNCE));
    touch(notice.text);
    for (uint32_t i = 0; i < notice.row_count; i++)
        check_row(&notice, &notice.rows[i]);
    mm_arena_deinit(&arena);
    return 0;
}
