/*
 * unwrap_list.c - what is found in an input, as text: a word or two for each outcome.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "support/unwrap_list.h"

#include "support/mm_test.h"

static void add(struct mm_unwrap_list *list, const char *word, struct mm_view member)
{
    size_t at = strlen(list->text);
    snprintf(list->text + at, sizeof list->text - at, "%s%s%s%.*s", at ? " " : "", word,
             member.len ? "@" : "", (int)member.len, member.data);
}

static void copy(char *to, size_t cap, struct mm_view v)
{
    snprintf(to, cap, "%.*s", (int)v.len, v.data ? v.data : "");
}

static enum mm_status take_document(void *context, const struct mm_document *d)
{
    struct mm_unwrap_list *list = context;
    bool is_text = d->kind == MM_DOCUMENT_MAIL || d->kind == MM_DOCUMENT_TEXT;
    assert_true(is_text == (d->mime != NULL));
    if (is_text && list->texts_are_none)
        return MM_END;
    if (d->kind == MM_DOCUMENT_XML && list->wanted.len > 0)
        MM_CHECK_VIEW("the document", d->bytes, list->wanted);
    add(list, mm_document_kind_word(d->kind), d->member);
    list->salvaged = d->packed_end != MM_INFLATE_WHOLE;
    list->skipped_bytes = d->skipped_bytes;
    list->offset = d->offset;
    list->received_at = d->received_at;
    copy(list->reporter_domain, sizeof list->reporter_domain, d->reporter_domain);
    copy(list->subject, sizeof list->subject, d->hints.subject);
    copy(list->file_name, sizeof list->file_name, d->hints.file_name);
    list->counts.taken++;
    return MM_OK;
}

static enum mm_status take_reject(void *context, const struct mm_unwrap_reject *r)
{
    struct mm_unwrap_list *list = context;
    assert_non_null(mm_unwrap_reason_words(r->reason));
    assert_true(
        mm_view_starts(mm_view_of(r->detail), mm_view_of(mm_unwrap_reason_words(r->reason))));
    copy(list->detail, sizeof list->detail, mm_view_of(r->detail));
    add(list, r->reason, r->member);
    list->offset = r->offset;
    list->counts.rejected++;
    return MM_OK;
}

void mm_unwrap_list(struct mm_unwrapper *u, struct mm_view bytes, struct mm_unwrap_list *list)
{
    struct mm_unwrap_sink sink = {
        .context = list, .document = take_document, .reject = take_reject};
    struct mm_unwrap_counts counts;
    struct mm_guard g = mm_guard_copy(bytes);
    list->text[0] = '\0';
    list->counts = (struct mm_unwrap_counts){0};
    assert_int_equal(mm_unwrap_input(u, g.view, MM_VIEW("input"), &sink, &counts), MM_OK);
    assert_int_equal(counts.taken, list->counts.taken);
    assert_int_equal(counts.rejected, list->counts.rejected);
    assert_true(counts.taken + counts.rejected > 0);
    list->counts = counts;
    mm_guard_free(&g);
}
