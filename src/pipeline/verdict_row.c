/*
 * verdict_row.c - one message's verdict as a line.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/verdict_row.h"

#include "text/escape.h"
#include "text/json_write.h"

/* RFC 8601 section 2.7.1: header.b is cut to the first eight characters or more. */
enum { B_SHOWN_CHARS = 8 };

static const char *const EOL_WORDS[] = {"crlf", "lf", "mixed"};
static const char *const CHECK_WORDS[] = {"unchecked", "ok", "bad"};

static void put_text(struct mm_buf *out, const char *name, struct mm_view value, bool *raw)
{
    mm_buf_append_str(out, ",\"");
    mm_buf_append_str(out, name);
    mm_buf_append_str(out, "\":");
    mm_json_string(out, value, raw);
}

static void put_word(struct mm_buf *out, const char *name, const char *word)
{
    mm_buf_append_str(out, ",\"");
    mm_buf_append_str(out, name);
    mm_buf_append_str(out, "\":\"");
    mm_buf_append_str(out, word);
    mm_buf_append_char(out, '"');
}

static void put_number(struct mm_buf *out, const char *name, bool there, uint64_t value)
{
    mm_buf_append_str(out, ",\"");
    mm_buf_append_str(out, name);
    mm_buf_append_str(out, "\":");
    if (there)
        mm_buf_append_u64(out, value);
    else
        mm_buf_append_str(out, "null");
}

/* A tag's value without the folding white space that may stand inside (h=, b=), at most `most`
 * bytes. */
static void put_unfolded(struct mm_buf *out, const char *name, struct mm_view value, size_t most,
                         bool *raw)
{
    char kept[512];
    size_t len = 0;
    size_t i = 0;
    while (i < value.len && !mm_is_fws((unsigned char)value.data[i]))
        i++;
    if (i == value.len || i >= most) {
        put_text(out, name, mm_view_sub(value, 0, value.len < most ? value.len : most), raw);
        return;
    }
    struct mm_buf text;
    mm_buf_init(&text, value.len);
    for (i = 0; i < value.len && text.len + len < most; i++) {
        if (mm_is_fws((unsigned char)value.data[i]))
            continue;
        kept[len++] = value.data[i];
        if (len == sizeof kept) {
            mm_buf_append(&text, (struct mm_view){kept, len});
            len = 0;
        }
    }
    if (text.len) {
        mm_buf_append(&text, (struct mm_view){kept, len});
        put_text(out, name, mm_buf_view(&text), raw);
        out->failed = out->failed || text.failed;
    } else {
        put_text(out, name, (struct mm_view){kept, len}, raw);
    }
    mm_buf_deinit(&text);
}

/* i=; absent it is "@" and d= (RFC 6376 section 3.5). */
static void put_auid(struct mm_buf *out, const struct mm_dkim_signature *s, bool *raw)
{
    char auid[512];
    if (s->auid.len || !s->domain.len || s->domain.len >= sizeof auid) {
        put_text(out, "auid", s->auid, raw);
        return;
    }
    auid[0] = '@';
    memcpy(auid + 1, s->domain.data, s->domain.len);
    put_text(out, "auid", (struct mm_view){auid, s->domain.len + 1}, raw);
}

static void put_signature(struct mm_buf *out, const struct mm_dkim_signature *s, bool *raw)
{
    mm_buf_append_str(out, "{\"index\":");
    mm_buf_append_u64(out, s->index);
    put_word(out, "result", mm_dkim_result_word(s->result));
    put_word(out, "reason", mm_reason_slug(s->reason));
    put_text(out, "domain", s->domain, raw);
    put_text(out, "selector", s->selector, raw);
    put_auid(out, s, raw);
    put_text(out, "algorithm", s->algorithm, raw);
    put_text(out, "canon", s->canon, raw);
    put_number(out, "key_bits", s->key_bits != 0, s->key_bits);
    mm_buf_append_str(out, s->testing ? ",\"testing\":true" : ",\"testing\":false");
    put_word(out, "body_hash", CHECK_WORDS[s->body_hash]);
    put_word(out, "signature", CHECK_WORDS[s->signature]);
    put_number(out, "body_length", s->has_body_length, s->body_length);
    put_number(out, "uncovered_bytes", true, s->uncovered_bytes);
    put_number(out, "signed_at", s->has_signed_at, s->signed_at);
    put_number(out, "expires_at", s->has_expires_at, s->expires_at);
    put_unfolded(out, "headers", s->headers, SIZE_MAX, raw);
    put_unfolded(out, "b", s->b, B_SHOWN_CHARS, raw);
    mm_buf_append_char(out, '}');
}

void mm_verdict_row_json(struct mm_buf *out, struct mm_view message, const struct mm_verify_item *v)
{
    const struct mm_dkim_verdict *d = &v->verdict;
    bool raw = false;
    mm_buf_append_str(out, "{\"message\":");
    mm_json_string(out, message, &raw);
    put_number(out, "bytes", true, v->bytes.len);
    put_word(out, "eol", EOL_WORDS[v->msg.eol]);
    put_text(out, "from_domain", d->from_domain, &raw);
    put_word(out, "result", mm_dkim_result_word(d->result));
    mm_buf_append_str(out, ",\"signatures\":[");
    for (uint32_t i = 0; i < d->count; i++) {
        if (i)
            mm_buf_append_char(out, ',');
        put_signature(out, &d->signatures[i], &raw);
    }
    mm_buf_append_char(out, ']');
    if (d->skipped)
        put_number(out, "signatures_skipped", true, d->skipped);
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
