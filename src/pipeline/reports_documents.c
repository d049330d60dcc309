/*
 * reports_documents.c - the reports job: a document of an input becomes rows, or what is wrong with
 * it does.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>

#include "pipeline/job_reports_internal.h"
#include "report/content_kind.h"

/* ---- where something is ---- */

struct mm_view mm_reports_source_path(const struct mm_item *item)
{
    struct mm_view message = item->message;
    if (item->member_at)
        message.len = item->member_at - 1;
    return message;
}

struct mm_view mm_reports_member(struct mm_reports_worker *w, struct mm_view inside)
{
    struct mm_view message = w->item->message, own = {NULL, 0};
    if (w->item->member_at)
        own = mm_view_sub(message, w->item->member_at, message.len - w->item->member_at);
    if (inside.len == 0)
        return own;
    if (own.len == 0)
        return inside;
    mm_buf_clear(&w->member);
    mm_buf_append(&w->member, own);
    mm_buf_append_char(&w->member, '!');
    mm_buf_append(&w->member, inside);
    return w->member.failed ? own : mm_buf_view(&w->member);
}

static struct mm_report_origin origin_of(struct mm_reports_worker *w, const struct mm_document *d)
{
    return (struct mm_report_origin){.source_path = mm_reports_source_path(w->item),
                                     .member = mm_reports_member(w, d->member),
                                     .received_at = d->received_at,
                                     .reporter_domain = d->reporter_domain,
                                     .document_bytes = d->bytes.len,
                                     .document_hash = d->hash};
}

/* ---- what is no report ---- */

/* A row of rejects, and a fault of the input at hand. inside: where in it. */
static enum mm_status put_fault(struct mm_reports_worker *w, struct mm_view inside,
                                const char *slug, struct mm_report_reject *reject)
{
    mm_input_faults_note(&w->faults, inside, slug, reject->detail, reject->byte_offset);
    reject->source_path = mm_reports_source_path(w->item);
    reject->member = mm_reports_member(w, inside);
    reject->reason = mm_view_of(slug);
    return mm_rows_of_reject(&w->rows, reject, w->err);
}

static enum mm_status refuse(struct mm_reports_worker *w, struct mm_view inside, const char *slug,
                             struct mm_report_reject *reject)
{
    w->damaged = true;
    w->counts.damaged++;
    return put_fault(w, inside, slug, reject);
}

/* A document that claims to be a report and cannot be read as one. */
static enum mm_status refuse_document(struct mm_reports_worker *w, const struct mm_document *d,
                                      const char *slug, struct mm_view words, uint64_t offset)
{
    struct mm_report_reject reject = {.byte_offset = offset,
                                      .kind_guess = mm_view_of(mm_document_kind_word(d->kind)),
                                      .detail = words,
                                      .hashed = true,
                                      .input_hash = d->hash};
    return refuse(w, d->member, slug, &reject);
}

/* Mail that is none has its row, and nothing is wrong with it. */
static enum mm_status put_letter(struct mm_reports_worker *w, const struct mm_unwrap_reject *r)
{
    struct mm_report_reject reject = {.source_path = mm_reports_source_path(w->item),
                                      .member = mm_reports_member(w, r->member),
                                      .byte_offset = r->offset,
                                      .kind_guess = w->notice_word ? mm_view_of(w->notice_word)
                                                                   : r->kind_guess,
                                      .reason = mm_view_of(r->reason),
                                      .detail = mm_view_of(r->detail),
                                      .hashed = true,
                                      .input_hash = r->hash};
    if (!w->has_letter)
        w->letter_offset = r->offset;
    w->has_letter = true;
    return mm_rows_of_reject(&w->rows, &reject, w->err);
}

enum mm_status mm_reports_take_reject(void *context, const struct mm_unwrap_reject *r)
{
    struct mm_reports_worker *w = context;
    struct mm_report_reject reject = {.byte_offset = r->offset,
                                      .kind_guess = r->kind_guess,
                                      .detail = mm_view_of(r->detail),
                                      .hashed = true,
                                      .input_hash = r->hash};
    bool letter = strcmp(r->reason, MM_NOT_A_REPORT) == 0;
    return letter ? put_letter(w, r) : refuse(w, r->member, r->reason, &reject);
}

/* ---- documents ---- */

/* A document could not be read for want of memory: of what is set apart for one, which is the
 * document's fault and ends it alone; or of any. */
static enum mm_status no_memory(struct mm_reports_worker *w, const struct mm_document *d)
{
    if (w->read.used_bytes > MM_REPORTS_READ_BYTES / 2)
        return refuse_document(w, d, "too-much-to-read",
                               MM_VIEW("reading it takes more than 1 GiB"), MM_NO_OFFSET);
    return mm_fail(w->err, MM_E_NOMEM, "no memory to read a document");
}

/* Its rows would repeat what a stranger said once, each of them. */
static enum mm_status refuse_repeated(struct mm_reports_worker *w, const struct mm_document *d)
{
    static const char words[] =
        "its rows would repeat more than 256 MiB, or more than 32 times its own bytes";
    return refuse_document(w, d, "too-much-repeated", mm_view_of(words), MM_NO_OFFSET);
}

/* Rows of a document were taken, `count` of what `sum` counts and one for `found`; or it has a row
 * that is too long for any table. */
static enum mm_status account(struct mm_reports_worker *w, const struct mm_document *d,
                              enum mm_status st, uint64_t *found, uint64_t *sum, uint64_t count)
{
    if (st == MM_E_LIMIT)
        return refuse_document(w, d, "row-too-long",
                               MM_VIEW("one of its rows is longer than 16 MiB"), MM_NO_OFFSET);
    if (st == MM_OK) {
        *sum += count;
        (*found)++;
    }
    return st;
}

/*
 * A document could not be read. `other` is the fault of one that is something else: without a sign
 * of a report in it, it is no damaged report but none.
 */
static enum mm_status fail_document(struct mm_reports_worker *w, const struct mm_document *d,
                                    enum mm_status st, const struct mm_report_fault *fault,
                                    enum mm_report_fault_reason other)
{
    if (st == MM_E_NOMEM)
        return no_memory(w, d);
    if (fault->reason == other && !mm_content_looks_like_report(d->bytes))
        return MM_END;
    mm_buf_clear(&w->words);
    mm_report_fault_describe(fault, &w->words);
    return refuse_document(w, d, mm_report_fault_slug(fault->reason), mm_buf_view(&w->words),
                           fault->offset);
}

/* Records that cannot be used are no harm to the others: each of the first has a row of rejects,
 * and the last of those tells how many have none. */
static enum mm_status name_skipped(struct mm_reports_worker *w, const struct mm_document *d,
                                   const struct mm_dmarc_report *report)
{
    w->counts.records_skipped += report->skipped_count;
    for (uint32_t i = 0; i < report->skipped_count && i < MM_DMARC_SKIPS_MAX; i++) {
        const struct mm_dmarc_skip *skip = &report->skips[i];
        mm_buf_clear(&w->words);
        mm_buf_append_str(&w->words, mm_dmarc_skip_words(skip->reason));
        if (i == MM_DMARC_SKIPS_MAX - 1 && i + 1 < report->skipped_count)
            mm_buf_printf(&w->words, "; so are %" PRIu32 " more of this report",
                          report->skipped_count - i - 1);
        struct mm_report_reject reject = {.byte_offset = skip->offset,
                                          .kind_guess = mm_view_of(mm_document_kind_word(d->kind)),
                                          .detail = mm_buf_view(&w->words),
                                          .hashed = true,
                                          .input_hash = d->hash};
        MM_TRY(put_fault(w, d->member, mm_dmarc_skip_slug(skip->reason), &reject));
    }
    return MM_OK;
}

static enum mm_status read_aggregate(struct mm_reports_worker *w, const struct mm_document *d)
{
    struct mm_dmarc_report report;
    struct mm_report_fault fault = {.offset = MM_NO_OFFSET};
    struct mm_report_origin origin = origin_of(w, d);
    enum mm_status st = mm_dmarc_parse(d->bytes, &d->hints, w->shapes, &w->read, &report, &fault);
    if (st != MM_OK)
        return fail_document(w, d, st, &fault, MM_REPORT_FAULT_DMARC_ROOT);
    if (d->packed_end != MM_INFLATE_WHOLE)
        report.flags |= MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_SALVAGED);
    if (!mm_rows_of_dmarc_fit(&w->rows, &report, &origin))
        return refuse_repeated(w, d);
    uint64_t before = w->reports;
    st = mm_rows_of_dmarc(&w->rows, &report, &origin, w->err);
    MM_TRY(account(w, d, st, &w->reports, &w->counts.dmarc_reports, 1));
    return w->reports > before ? name_skipped(w, d, &report) : MM_OK;
}

static enum mm_status read_tls(struct mm_reports_worker *w, const struct mm_document *d)
{
    struct mm_tls_report report;
    struct mm_report_fault fault = {.offset = MM_NO_OFFSET};
    struct mm_report_origin origin = origin_of(w, d);
    enum mm_status st = mm_tls_parse(d->bytes, &d->hints, &w->read, &report, &fault);
    if (st != MM_OK)
        return fail_document(w, d, st, &fault, MM_REPORT_FAULT_TLS_SHAPE);
    if (d->packed_end != MM_INFLATE_WHOLE)
        report.flags |= MM_TLS_FLAG_BIT(MM_TLS_FLAG_SALVAGED);
    if (!mm_rows_of_tls_fit(&w->rows, &report, &origin))
        return refuse_repeated(w, d);
    st = mm_rows_of_tls(&w->rows, &report, &origin, w->err);
    return account(w, d, st, &w->reports, &w->counts.tls_reports, 1);
}

static enum mm_status read_notice(struct mm_reports_worker *w, const struct mm_document *d)
{
    struct mm_notice notice;
    struct mm_report_origin origin = origin_of(w, d);
    enum mm_status st = mm_bounce_read(w->matcher, d->mime, &w->read, &notice);
    if (st == MM_E_NOMEM)
        return no_memory(w, d);
    if (notice.kind != MM_NOTICE_BOUNCE) {
        w->notice_word = mm_notice_kind_word(notice.kind);
        return MM_END;
    }
    if (!mm_rows_of_notice_fit(&w->rows, &notice, &origin))
        return refuse_repeated(w, d);
    bool cut = st == MM_E_LIMIT;
    st = mm_rows_of_notice(&w->rows, &notice, &origin, w->err);
    st = account(w, d, st, &w->others, &w->counts.bounces, notice.row_count);
    return st == MM_OK && cut
               ? refuse_document(w, d, "too-many-recipients",
                                 MM_VIEW("recipients behind the first 100,000 are not read"),
                                 MM_NO_OFFSET)
               : st;
}

/* A complaint or failure report; else perhaps a bounce. */
static enum mm_status read_mail(struct mm_reports_worker *w, const struct mm_document *d)
{
    struct mm_arf_report report;
    struct mm_report_origin origin = origin_of(w, d);
    enum mm_status st = mm_arf_read(d->mime, &w->read, &report);
    if (st == MM_END)
        return read_notice(w, d);
    if (st != MM_OK)
        return no_memory(w, d);
    st = mm_rows_of_arf(&w->rows, &report, &origin, w->err);
    return account(w, d, st, &w->others, &w->counts.feedback_reports, 1);
}

enum mm_status mm_reports_take_document(void *context, const struct mm_document *d)
{
    struct mm_reports_worker *w = context;
    enum mm_status st = MM_END;
    switch (d->kind) {
    case MM_DOCUMENT_XML:
        st = read_aggregate(w, d);
        break;
    case MM_DOCUMENT_JSON:
        st = read_tls(w, d);
        break;
    case MM_DOCUMENT_MAIL:
    case MM_DOCUMENT_TEXT:
        st = read_mail(w, d);
        break;
    }
    mm_arena_reset(&w->read);
    return st;
}
