/*
 * explain_text.c - an explanation as text for a person.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "pipeline/explain_rows.h"
#include "text/escape.h"
#include "text/visible.h"

enum { LINE_COLUMNS = 100, NAME_SHOWN_BYTES = 512, RULE_COLUMN = 9 };

static const char RED[] = "\033[31m", GREEN[] = "\033[32m", BOLD[] = "\033[1m", DIM[] = "\033[2m",
                  PLAIN[] = "\033[0m";
static const char MARGIN[] = "    | ";

struct page {
    struct mm_buf *out;
    bool color;
    enum mm_dkim_policy policy;
};

static void put(const struct page *p, const char *text)
{
    mm_buf_append_str(p->out, text);
}

static void put_styled(const struct page *p, const char *style, const char *text)
{
    if (p->color)
        put(p, style);
    put(p, text);
    if (p->color)
        put(p, PLAIN);
}

/* A stranger's text on one line, cut where it is long. */
static void put_name(const struct page *p, struct mm_view text)
{
    char safe[MM_ESCAPE_MAX(NAME_SHOWN_BYTES) + 1];
    bool cut = text.len > NAME_SHOWN_BYTES;
    if (cut)
        text.len = NAME_SHOWN_BYTES;
    size_t len = mm_escape_line(text, safe, sizeof safe);
    mm_buf_append(p->out, (struct mm_view){safe, len});
    if (cut)
        put(p, "...");
}

/* Words of ours, broken at blanks; later lines begin in `column`, the first stands there already.
 */
static void put_wrapped(const struct page *p, size_t column, const char *text)
{
    for (size_t at = column, word; *text; text += word, at += word) {
        bool blank = *text == ' ';
        word = blank + strcspn(text + blank, " ");
        if (at > column && at + word > LINE_COLUMNS) {
            mm_buf_printf(p->out, "\n%*s", (int)column, "");
            at = column;
            text += blank;
            word -= blank;
        }
        mm_buf_append(p->out, (struct mm_view){text, word});
    }
    put(p, "\n");
}

static void put_heading(const struct page *p, const char *text)
{
    put(p, "\n  ");
    put_styled(p, BOLD, text);
}

/* Exact bytes; those in the middle of much are counted. */
static void put_bytes(const struct page *p, struct mm_view text)
{
    enum { HALF = MM_EXPLAIN_SHOWN_BYTES / 2 };
    if (text.len <= MM_EXPLAIN_SHOWN_BYTES) {
        mm_visible_lines(p->out, text, MARGIN);
        return;
    }
    mm_visible_lines(p->out, mm_view_sub(text, 0, HALF), MARGIN);
    mm_buf_printf(p->out, "    ... %zu bytes are not shown ...\n", text.len - 2 * HALF);
    mm_visible_lines(p->out, mm_view_sub(text, text.len - HALF, HALF), MARGIN);
}

static void put_time(const struct page *p, uint64_t seconds)
{
    time_t when = (time_t)seconds;
    struct tm utc;
    char text[64];
    if (seconds <= INT64_MAX && gmtime_r(&when, &utc) &&
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &utc))
        put(p, text);
    else
        mm_buf_append_u64(p->out, seconds);
}

/* ---- hashes ---- */

static void put_hash(const struct page *p, const struct mm_explained_signature *s, const char *what,
                     const uint8_t *hash)
{
    mm_buf_printf(p->out, "    %-6s %-13s ", mm_explain_digest(s->field.digest), what);
    mm_explain_hex(p->out, hash, mm_digest_bytes(s->field.digest));
    put(p, "\n");
}

static void put_check(const struct page *p, enum mm_check check, const char *ok, const char *bad)
{
    put(p, "    ");
    if (check == MM_CHECK_UNCHECKED)
        put_styled(p, DIM, "not checked");
    else
        put_styled(p, check == MM_CHECK_OK ? GREEN : RED, check == MM_CHECK_OK ? ok : bad);
    put(p, "\n");
}

/* ---- diagnoses ---- */

/* What is to be undone, as one sentence. */
static void put_finding(const struct page *p, const struct mm_diagnosis *d)
{
    char text[512];
    size_t len = (size_t)snprintf(text, sizeof text, "It would match %s",
                                  d->damage == MM_DAMAGE_NONE ? "" : mm_damage_text(d->damage));
    if (d->lines)
        snprintf(text + len, sizeof text - len,
                 "%sif the last %" PRIu32 " line%s%s, %" PRIu64 " bytes, %s left out",
                 d->damage == MM_DAMAGE_NONE ? "" : "; and ", d->lines, d->lines == 1 ? "" : "s",
                 d->above_boundary ? " above the closing boundary" : "", d->bytes,
                 d->lines == 1 ? "was" : "were");
    put(p, "    ");
    put_styled(p, BOLD, "Diagnosis: ");
    put_wrapped(p, 15, text);
    put_bytes(p, d->detail);
}

static void put_diagnosis(const struct page *p, const struct mm_diagnosis *d)
{
    if (d->found)
        put_finding(p, d);
    else if (d->made)
        mm_buf_printf(p->out, "    Diagnosis: none of %" PRIu32 " known changes explains it%s\n",
                      d->tried, d->limited ? "; a limit kept others from being tried" : "");
}

/* ---- parts of a signature ---- */

static void put_headline(const struct page *p, const struct mm_explained_signature *s)
{
    const struct mm_dkim_signature *v = s->verdict;
    mm_buf_printf(p->out, "\nSignature %" PRIu32 ": ", v->index);
    put_styled(p, v->result == MM_DKIM_PASS ? GREEN : RED, mm_dkim_result_word(v->result));
    if (v->reason != MM_REASON_NONE) {
        put(p, ", ");
        put_styled(p, RED, mm_reason_slug(v->reason));
    }
    put(p, "\n  d=");
    put_name(p, v->domain);
    put(p, " s=");
    put_name(p, v->selector);
    put(p, " a=");
    put_name(p, v->algorithm);
    put(p, " c=");
    put_name(p, v->canon);
    if (v->has_signed_at) {
        put(p, ", signed ");
        put_time(p, v->signed_at);
    }
    if (v->has_expires_at) {
        put(p, ", expires ");
        put_time(p, v->expires_at);
    }
    put(p, "\n");
    if (v->reason != MM_REASON_NONE) {
        put(p, "  ");
        put_wrapped(p, 2, mm_reason_text(v->reason));
    }
}

static void put_source(const struct page *p, const struct mm_txt_answer *answer)
{
    mm_buf_printf(p->out, ": %s", mm_explain_answer(answer->status));
    if (answer->source.len) {
        put(p, ", ");
        put_name(p, answer->source);
        if (answer->line)
            mm_buf_printf(p->out, ":%" PRIu32, answer->line);
    }
    if (answer->from != INT64_MIN && answer->from >= 0) {
        put(p, ", from ");
        put_time(p, (uint64_t)answer->from);
    }
    if (answer->until != INT64_MAX && answer->until >= 0) {
        put(p, ", until ");
        put_time(p, (uint64_t)answer->until);
    }
    put(p, "\n");
}

static void put_record(const struct page *p, const struct mm_explained_signature *s, size_t i)
{
    const struct mm_key_record *record = &s->keys->records[i];
    enum mm_reason reason = mm_key_record_judge(record, &s->field, p->policy);
    put_bytes(p, s->keys->answer->records[i]);
    put(p, "    ");
    if (record->key)
        mm_buf_printf(p->out, "%s, %" PRIu32 " bits%s", mm_explain_key_type(record->type),
                      mm_public_key_bits(record->key), record->testing ? ", t=y: testing" : "");
    if (record->fault != MM_REASON_NONE)
        mm_buf_printf(p->out, "at byte %" PRIu32, record->fault_offset);
    put(p, reason == MM_REASON_NONE ? ": " : ": not usable: ");
    put_wrapped(p, 6, reason == MM_REASON_NONE ? "usable" : mm_reason_text(reason));
}

static void put_key(const struct page *p, const struct mm_explained_signature *s)
{
    put_heading(p, "Key");
    put(p, "\n    ");
    put_name(p, s->key_name);
    if (!s->keys) {
        put(p, ": nobody was asked\n");
        return;
    }
    put_source(p, s->keys->answer);
    for (size_t i = 0; i < s->keys->count; i++)
        put_record(p, s, i);
}

static void put_header(const struct page *p, const struct mm_explained_signature *s)
{
    put_heading(p, "Header");
    mm_buf_printf(p->out, ": %zu bytes are hashed\n", s->header.len);
    put_bytes(p, s->header);
    put_hash(p, s, "computed", s->header_hash);
    if (s->has_signed_hash)
        put_hash(p, s, "that b= holds", s->signed_hash);
    put_check(p, s->verdict->signature, "b= is a signature of it",
              s->b_is_foreign ? "b= was not made with this key, or is damaged: it holds no hash"
                              : "b= is no signature of it");
    put_diagnosis(p, &s->header_diagnosis);
}

static void put_body(const struct page *p, const struct mm_explained_signature *s)
{
    put_heading(p, "Body");
    mm_buf_printf(p->out, ": %" PRIu64 " bytes are hashed", s->body_bytes);
    if (s->field.has_body_length)
        mm_buf_printf(p->out, ", l=%" PRIu64 " of %" PRIu64, s->field.body_length, s->body_total);
    put(p, "\n");
    mm_visible_lines(p->out, s->body_head, MARGIN);
    uint64_t hidden = s->body_bytes - s->body_head.len - s->body_tail.len;
    if (hidden)
        mm_buf_printf(p->out, "    ... %" PRIu64 " bytes are not shown ...\n", hidden);
    mm_visible_lines(p->out, s->body_tail, MARGIN);
    put_hash(p, s, "computed", s->body_hash);
    if (s->field.body_hash.len == mm_digest_bytes(s->field.digest))
        put_hash(p, s, "in bh=", (const uint8_t *)s->field.body_hash.data);
    put_check(p, s->verdict->body_hash, "bh= is its hash",
              s->verdict->signature == MM_CHECK_OK
                  ? "bh= is not its hash; b= holds, so bh= is the signer's, and the body changed"
                  : "bh= is not its hash");
    put_diagnosis(p, &s->body_diagnosis);
}

/* Once per rule, in the order of the checks. */
static void put_rules(const struct page *p, const struct mm_explained_signature *s)
{
    static const char *const words[] = {"no   ", "YES  ", "-    "};
    static const char *const styles[] = {PLAIN, RED, DIM};
    put_heading(p, "Faults, in the order of the checks");
    put(p, " (-: not looked for)\n");
    for (enum mm_reason rule = MM_REASON_NONE + 1; rule < MM_REASON_COUNT; rule++) {
        enum mm_rule_state state = mm_explain_rule(s, rule, p->policy);
        put(p, "    ");
        put_styled(p, styles[state], words[state]);
        put_wrapped(p, RULE_COLUMN, mm_reason_text(rule));
    }
}

static void put_signature(const struct page *p, const struct mm_explained_signature *s)
{
    put_headline(p, s);
    put_heading(p, "Field");
    put(p, "\n");
    put_bytes(p, s->text);
    if (s->field.fault == MM_REASON_NONE) {
        put_key(p, s);
        put_header(p, s);
        put_body(p, s);
    }
    put_rules(p, s);
}

void mm_explain_text(struct mm_buf *out, struct mm_view message, const struct mm_explanation *e,
                     enum mm_dkim_policy policy, bool color)
{
    static const char *const eols[] = {"CRLF", "LF", "mixed"};
    const struct page page = {.out = out, .color = color, .policy = policy};
    const struct mm_dkim_verdict *v = &e->item.verdict;
    put_name(&page, message);
    put(&page, ": ");
    put_styled(&page, v->result == MM_DKIM_PASS ? GREEN : RED, mm_dkim_result_word(v->result));
    mm_buf_printf(out, ", %" PRIu32 " signature%s, %zu bytes, %s line ends", v->count,
                  v->count == 1 ? "" : "s", e->item.bytes.len, eols[e->item.msg.eol]);
    if (v->from_domain.len) {
        put(&page, ", from ");
        put_name(&page, v->from_domain);
    }
    put(&page, "\nBytes are shown one by one: \xc2\xb7 is a blank, \\t \\r \\n are tab, CR and LF, "
               "\\xNN is any "
               "other.\n");
    if (v->skipped)
        mm_buf_printf(out, "%" PRIu32 " more signatures are not looked at (--max-signatures)\n",
                      v->skipped);
    for (uint32_t i = 0; i < e->count; i++)
        put_signature(&page, &e->signatures[i]);
}
