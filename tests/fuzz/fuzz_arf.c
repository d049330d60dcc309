/*
 * fuzz_arf.c - whatever a mail says, a feedback report of it holds together.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "report/arf.h"

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

static void touch_list(const struct mm_text_list *list)
{
    require(list->count <= list->cap);
    for (uint32_t i = 0; i < list->count; i++)
        touch(list->items[i]);
}

static void check(const struct mm_arf_report *r)
{
    const struct mm_view *texts[] = {&r->feedback_type,
                                     &r->user_agent,
                                     &r->version,
                                     &r->source_ip_text,
                                     &r->original_mail_from,
                                     &r->reporting_mta,
                                     &r->original_envelope_id,
                                     &r->delivery_result,
                                     &r->dkim_domain,
                                     &r->dkim_selector,
                                     &r->dkim_identity,
                                     &r->spf_dns,
                                     &r->sample_message_id,
                                     &r->sample_from_domain,
                                     &r->sample_subject,
                                     &r->sample_list_id,
                                     &r->sample_list_unsubscribe,
                                     &r->sample_feedback_id,
                                     &r->sample_dkim_domain,
                                     &r->sample_dkim_selector,
                                     &r->reporter_domain};
    const struct mm_text_list *lists[] = {
        &r->original_rcpt_to, &r->reported_domain,    &r->reported_uri,
        &r->auth_failure,     &r->identity_alignment, &r->authentication_results,
        &r->unknown_fields,   &r->provenance,         &r->flags};
    for (size_t i = 0; i < MM_COUNT(texts); i++)
        touch(*texts[i]);
    for (size_t i = 0; i < MM_COUNT(lists); i++)
        touch_list(lists[i]);
    require(r->incidents >= 1 && r->source_port >= MM_NO_NUMBER && r->source_port <= 65535);
    require(!r->source_ip.present || r->source_ip_text.data);
    require(mm_arf_kind_word(r->kind)[0] && mm_arf_sample_word(r->sample_kind)[0]);
    require(r->sample_kind != MM_ARF_SAMPLE_NONE || !r->sample_message_id.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mm_arena arena;
    struct mm_mime mime;
    struct mm_arf_report report;
    if (size > MAX_BYTES)
        return 0;
    mm_arena_init(&arena, 64 * 1024 * 1024);
    require(mm_mime_walk(&mime, (struct mm_view){(const char *)data, size}, &arena) == MM_OK);
    enum mm_status st = mm_arf_read(&mime, &arena, &report);
    require(st == MM_OK || st == MM_END);
    if (st == MM_OK)
        check(&report);
    mm_arena_deinit(&arena);
    return 0;
}
