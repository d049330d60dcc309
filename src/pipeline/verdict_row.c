/*
 * verdict_row.c - one message's verdict as a line.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/verdict_row.h"

#include <stdlib.h>

#include "dkim/verdict_text.h"
#include "text/escape.h"
#include "text/json_write.h"
#include "text/unfold.h"

/* Names, quotes and commas are constants, written in one piece with those around them. */
#define PUT(out, literal) mm_buf_append((out), MM_VIEW(literal))

static void put_number(struct mm_buf *out, bool there, uint64_t value)
{
    if (there)
        mm_buf_append_u64(out, value);
    else
        PUT(out, "null");
}

/* A tag's value without the folding white space that may stand inside (h=). */
static void put_unfolded(struct mm_buf *out, struct mm_view value, bool *raw)
{
    char near[1024];
    char *text = value.len <= sizeof near ? near : malloc(value.len);
    if (text)
        mm_json_chars(out, (struct mm_view){text, mm_unfold(text, value)}, raw);
    else
        out->failed = true;
    if (text != near)
        free(text);
}

/* The first characters of b=, white space not counted. */
static void put_b(struct mm_buf *out, struct mm_view b, bool *raw)
{
    char shown[MM_B_SHOWN_CHARS];
    size_t len = mm_unfold_first(shown, sizeof shown, b);
    mm_json_chars(out, (struct mm_view){shown, len}, raw);
}

static void put_auid(struct mm_buf *out, const struct mm_dkim_signature *s, bool *raw)
{
    struct mm_view pieces[2];
    mm_dkim_auid(s, pieces);
    mm_buf_append(out, pieces[0]);
    mm_json_chars(out, pieces[1], raw);
}

static void put_signature(struct mm_buf *out, const struct mm_dkim_signature *s, bool *raw)
{
    PUT(out, "{\"index\":");
    mm_buf_append_u64(out, s->index);
    PUT(out, ",\"result\":\"");
    mm_buf_append_str(out, mm_dkim_result_word(s->result));
    PUT(out, "\",\"reason\":\"");
    mm_buf_append_str(out, mm_reason_slug(s->reason));
    PUT(out, "\",\"domain\":\"");
    mm_json_chars(out, s->domain, raw);
    PUT(out, "\",\"selector\":\"");
    mm_json_chars(out, s->selector, raw);
    PUT(out, "\",\"auid\":\"");
    put_auid(out, s, raw);
    PUT(out, "\",\"algorithm\":\"");
    mm_json_chars(out, s->algorithm, raw);
    PUT(out, "\",\"canon\":\"");
    mm_json_chars(out, s->canon, raw);
    PUT(out, "\",\"key_bits\":");
    put_number(out, s->key_bits != 0, s->key_bits);
    mm_buf_append_str(out, s->testing ? ",\"testing\":true" : ",\"testing\":false");
    PUT(out, ",\"body_hash\":\"");
    mm_buf_append_str(out, mm_dkim_check_word(s->body_hash));
    PUT(out, "\",\"signature\":\"");
    mm_buf_append_str(out, mm_dkim_check_word(s->signature));
    PUT(out, "\",\"body_length\":");
    put_number(out, s->has_body_length, s->body_length);
    PUT(out, ",\"uncovered_bytes\":");
    mm_buf_append_u64(out, s->uncovered_bytes);
    PUT(out, ",\"signed_at\":");
    put_number(out, s->has_signed_at, s->signed_at);
    PUT(out, ",\"expires_at\":");
    put_number(out, s->has_expires_at, s->expires_at);
    PUT(out, ",\"headers\":\"");
    put_unfolded(out, s->headers, raw);
    PUT(out, "\",\"b\":\"");
    put_b(out, s->b, raw);
    if (s->dnssec)
        PUT(out, "\",\"dnssec\":true}");
    else
        PUT(out, "\"}");
}

static void put_extra(struct mm_buf *out, const struct mm_row_extra *extra, bool *raw)
{
    if (extra->authentication_results.len) {
        PUT(out, ",\"authentication_results\":\"");
        mm_json_chars(out, extra->authentication_results, raw);
        PUT(out, "\"");
    }
    if (extra->fields_removed) {
        PUT(out, ",\"authentication_results_removed\":");
        mm_buf_append_u64(out, extra->fields_removed);
    }
}

void mm_verdict_row_json(struct mm_buf *out, struct mm_view message, const struct mm_verify_item *v,
                         const struct mm_row_extra *extra)
{
    const struct mm_dkim_verdict *d = &v->verdict;
    bool raw = false;
    PUT(out, "{\"message\":\"");
    mm_json_chars(out, message, &raw);
    PUT(out, "\",\"bytes\":");
    mm_buf_append_u64(out, v->bytes.len);
    PUT(out, ",\"eol\":\"");
    mm_buf_append_str(out, mm_msg_eol_word(v->msg.eol));
    PUT(out, "\",\"from_domain\":\"");
    mm_json_chars(out, d->from_domain, &raw);
    PUT(out, "\",\"result\":\"");
    mm_buf_append_str(out, mm_dkim_result_word(d->result));
    PUT(out, "\",\"signatures\":[");
    for (uint32_t i = 0; i < d->count; i++) {
        if (i)
            PUT(out, ",");
        put_signature(out, &d->signatures[i], &raw);
    }
    PUT(out, "]");
    if (d->skipped) {
        PUT(out, ",\"signatures_skipped\":");
        mm_buf_append_u64(out, d->skipped);
    }
    if (v->mboxo)
        PUT(out, ",\"reading\":\"mboxo\"");
    if (extra)
        put_extra(out, extra, &raw);
    mm_buf_append_str(out, raw ? ",\"raw_bytes\":true}\n" : "}\n");
}

/* ---- the table ---- */

enum { RESULT_WIDTH = 9, SIGNER_WIDTH = 32, REASON_WIDTH = 24, SIGNER_MAX_BYTES = 200 };

const char MM_VERDICT_TABLE_HEADING[] =
    "RESULT    SIGNER (d=, s=)                  REASON                   MESSAGE\n";

/* The signature that the message's result comes from: the first with that result. */
static const struct mm_dkim_signature *deciding(const struct mm_dkim_verdict *d)
{
    for (uint32_t i = 0; i < d->count; i++)
        if (d->signatures[i].result == d->result)
            return &d->signatures[i];
    return NULL;
}

static void put_padded(struct mm_buf *out, struct mm_view text, size_t width)
{
    mm_buf_append(out, text);
    for (size_t n = text.len; n < width; n++)
        mm_buf_append_char(out, ' ');
    mm_buf_append_char(out, ' ');
}

static void put_escaped(struct mm_buf *out, struct mm_view text, size_t width)
{
    char safe[MM_ESCAPE_MAX(SIGNER_MAX_BYTES) + 1];
    if (text.len > SIGNER_MAX_BYTES)
        text.len = SIGNER_MAX_BYTES;
    size_t len = mm_escape_line(text, safe, sizeof safe);
    put_padded(out, (struct mm_view){safe, len}, width);
}

static void put_message(struct mm_buf *out, struct mm_view message)
{
    char safe[MM_ESCAPE_MAX(4096 + 32) + 1];
    size_t len = mm_escape_line(message, safe, sizeof safe);
    mm_buf_append(out, (struct mm_view){safe, len});
    mm_buf_append_char(out, '\n');
}

static void put_result(struct mm_buf *out, const char *word, const char *ansi, bool color)
{
    if (color)
        mm_buf_append_str(out, ansi);
    put_padded(out, mm_view_of(word), RESULT_WIDTH);
    if (color)
        mm_buf_append_str(out, "\033[0m");
}

static const char *ansi_of(enum mm_dkim_result result)
{
    switch (result) {
    case MM_DKIM_PASS:
        return "\033[32m";
    case MM_DKIM_NONE:
    case MM_DKIM_NEUTRAL:
        return "\033[2m";
    case MM_DKIM_POLICY:
    case MM_DKIM_TEMPERROR:
        return "\033[33m";
    case MM_DKIM_FAIL:
    case MM_DKIM_PERMERROR:
        break;
    }
    return "\033[31m";
}

void mm_verdict_row_table(struct mm_buf *out, struct mm_view message,
                          const struct mm_verify_item *v, bool color)
{
    const struct mm_dkim_signature *s = deciding(&v->verdict);
    char signer[SIGNER_MAX_BYTES];
    size_t len = 0;
    put_result(out, mm_dkim_result_word(v->verdict.result), ansi_of(v->verdict.result), color);
    if (s && s->domain.len + s->selector.len + 1 < sizeof signer) {
        memcpy(signer, s->domain.data, s->domain.len);
        signer[s->domain.len] = ' ';
        len = s->domain.len + 1;
        if (s->selector.len)
            memcpy(signer + len, s->selector.data, s->selector.len);
        len += s->selector.len;
    }
    put_escaped(out, (struct mm_view){signer, len}, SIGNER_WIDTH);
    put_padded(out, mm_view_of(s ? mm_reason_slug(s->reason) : ""), REASON_WIDTH);
    put_message(out, message);
}

void mm_reject_row_table(struct mm_buf *out, struct mm_view message, const char *slug, bool color)
{
    put_result(out, "rejected", "\033[31m", color);
    put_padded(out, (struct mm_view){"", 0}, SIGNER_WIDTH);
    put_padded(out, mm_view_of(slug), REASON_WIDTH);
    put_message(out, message);
}
