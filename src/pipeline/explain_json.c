/*
 * explain_json.c - an explanation as one JSON object.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/explain_rows.h"
#include "pipeline/verdict_row.h"
#include "text/base64.h"
#include "text/json_write.h"

const char *mm_explain_key_type(enum mm_key_type type)
{
    return type == MM_KEY_RSA ? "rsa" : "ed25519";
}

const char *mm_explain_answer(enum mm_txt_status status)
{
    static const char *const words[] = {
        [MM_TXT_NOERROR] = "NOERROR", [MM_TXT_NXDOMAIN] = "NXDOMAIN",
        [MM_TXT_NODATA] = "NODATA",   [MM_TXT_SERVFAIL] = "SERVFAIL",
        [MM_TXT_TIMEOUT] = "TIMEOUT", [MM_TXT_NOT_RECORDED] = "not recorded"};
    return words[status];
}

const char *mm_explain_digest(enum mm_digest_alg alg)
{
    return alg == MM_SHA256 ? "sha256" : "sha1";
}

void mm_explain_hex(struct mm_buf *out, const uint8_t *bytes, size_t len)
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        mm_buf_append_char(out, hex[bytes[i] >> 4]);
        mm_buf_append_char(out, hex[bytes[i] & 15]);
    }
}

static void put(struct mm_buf *out, const char *text)
{
    mm_buf_append_str(out, text);
}

static void put_string(struct mm_buf *out, const char *name, struct mm_view value)
{
    mm_buf_printf(out, ",\"%s\":", name);
    mm_json_string(out, value, NULL);
}

static void put_number(struct mm_buf *out, const char *name, uint64_t value)
{
    mm_buf_printf(out, ",\"%s\":", name);
    mm_buf_append_u64(out, value);
}

static void put_flag(struct mm_buf *out, const char *name, bool value)
{
    mm_buf_printf(out, ",\"%s\":%s", name, value ? "true" : "false");
}

/* Bytes that must survive: base64. */
static void put_bytes(struct mm_buf *out, const char *name, struct mm_view bytes)
{
    mm_buf_printf(out, ",\"%s\":\"", name);
    if (mm_buf_reserve(out, MM_BASE64_ENCODED_BYTES(bytes.len) + 1))
        out->len += mm_base64_encode(out->data + out->len, (const uint8_t *)bytes.data, bytes.len);
    put(out, "\"");
}

/* {"hex":…,"base64":…}, or null where there is none. */
static void put_hash(struct mm_buf *out, const char *name, bool there, struct mm_view hash)
{
    mm_buf_printf(out, ",\"%s\":", name);
    if (!there) {
        put(out, "null");
        return;
    }
    put(out, "{\"hex\":\"");
    mm_explain_hex(out, (const uint8_t *)hash.data, hash.len);
    put(out, "\"");
    put_bytes(out, "base64", hash);
    put(out, "}");
}

static struct mm_view computed(const struct mm_explained_signature *s, const uint8_t *hash)
{
    return (struct mm_view){(const char *)hash, mm_digest_bytes(s->field.digest)};
}

static void put_diagnosis(struct mm_buf *out, const struct mm_diagnosis *d)
{
    put(out, ",\"diagnosis\":");
    if (!d->made) {
        put(out, "null");
        return;
    }
    mm_buf_printf(out, "{\"found\":%s", d->found ? "true" : "false");
    put_number(out, "tried", d->tried);
    put_flag(out, "limited", d->limited);
    if (d->found) {
        put_string(out, "damage", mm_view_of(mm_damage_slug(d->damage)));
        put_string(out, "would_match", mm_view_of(mm_damage_text(d->damage)));
        put_string(out, "detail", d->detail);
        put_number(out, "lines_added", d->lines);
        put_number(out, "bytes_added", d->bytes);
        put_flag(out, "above_boundary", d->above_boundary);
    }
    put(out, "}");
}

static void put_record(struct mm_buf *out, const struct mm_explained_signature *s, size_t i,
                       enum mm_dkim_policy policy)
{
    const struct mm_key_record *record = &s->keys->records[i];
    enum mm_reason reason = mm_key_record_judge(record, &s->field, policy);
    put(out, i ? ",{\"text\":" : "{\"text\":");
    mm_json_string(out, s->keys->answer->records[i], NULL);
    put_string(out, "reason", mm_view_of(mm_reason_slug(reason)));
    if (record->fault != MM_REASON_NONE)
        put_number(out, "offset", record->fault_offset);
    if (record->key) {
        put_string(out, "type", mm_view_of(mm_explain_key_type(record->type)));
        put_number(out, "bits", mm_public_key_bits(record->key));
    }
    put_flag(out, "testing", record->testing);
    put_flag(out, "used", record == s->key);
    put(out, "}");
}

static void put_key(struct mm_buf *out, const struct mm_explained_signature *s,
                    enum mm_dkim_policy policy)
{
    put(out, ",\"key\":{\"name\":");
    mm_json_string(out, s->key_name, NULL);
    if (s->keys) {
        const struct mm_txt_answer *answer = s->keys->answer;
        put_string(out, "status", mm_view_of(mm_explain_answer(answer->status)));
        put_string(out, "source", answer->source);
        put_number(out, "line", answer->line);
        if (answer->from != INT64_MIN)
            mm_buf_printf(out, ",\"from\":%lld", (long long)answer->from);
        if (answer->until != INT64_MAX)
            mm_buf_printf(out, ",\"until\":%lld", (long long)answer->until);
        put_flag(out, "ad", answer->ad);
        put(out, ",\"records\":[");
        for (size_t i = 0; i < s->keys->count; i++)
            put_record(out, s, i, policy);
        put(out, "]");
    }
    put(out, "}");
}

static void put_hashed(struct mm_buf *out, const struct mm_explained_signature *s)
{
    const struct mm_sig_field *f = &s->field;
    mm_buf_printf(out, ",\"header\":{\"bytes\":%zu", s->header.len);
    put_bytes(out, "hashed", s->header);
    put_hash(out, "computed", true, computed(s, s->header_hash));
    put_hash(out, "signed", s->has_signed_hash, computed(s, s->signed_hash));
    put_flag(out, "b_is_foreign", s->b_is_foreign);
    put_diagnosis(out, &s->header_diagnosis);
    put(out, "},\"body\":{\"bytes\":");
    mm_buf_append_u64(out, s->body_bytes);
    put_number(out, "of", s->body_total);
    put_bytes(out, "head", s->body_head);
    put_bytes(out, "tail", s->body_tail);
    put_hash(out, "computed", true, computed(s, s->body_hash));
    put_hash(out, "claimed", true, f->body_hash);
    put_diagnosis(out, &s->body_diagnosis);
    put(out, "}");
}

static void put_rules(struct mm_buf *out, const struct mm_explained_signature *s,
                      enum mm_dkim_policy policy)
{
    static const char *const words[] = {"false", "true", "null"};
    put(out, ",\"faults\":[");
    for (enum mm_reason rule = MM_REASON_NONE + 1; rule < MM_REASON_COUNT; rule++) {
        put(out, rule > MM_REASON_NONE + 1 ? ",{\"reason\":" : "{\"reason\":");
        mm_json_string(out, mm_view_of(mm_reason_slug(rule)), NULL);
        mm_buf_printf(out, ",\"found\":%s", words[mm_explain_rule(s, rule, policy)]);
        put_string(out, "text", mm_view_of(mm_reason_text(rule)));
        put(out, "}");
    }
    put(out, "]");
}

static void put_signature(struct mm_buf *out, const struct mm_explained_signature *s,
                          enum mm_dkim_policy policy)
{
    put(out, "{\"index\":");
    mm_buf_append_u64(out, s->verdict->index);
    put_bytes(out, "field", s->text);
    if (s->field.fault == MM_REASON_NONE) {
        put_key(out, s, policy);
        put_hashed(out, s);
    }
    put_rules(out, s, policy);
    put(out, "}");
}

void mm_explain_json(struct mm_buf *out, struct mm_view message, const struct mm_explanation *e,
                     enum mm_dkim_policy policy)
{
    put(out, "{\"row\":");
    mm_verdict_row_json(out, message, &e->item, NULL);
    if (out->len && !out->failed)
        out->len--; /* the line end of the row */
    put(out, ",\"signatures\":[");
    for (uint32_t i = 0; i < e->count; i++) {
        if (i)
            put(out, ",");
        put_signature(out, &e->signatures[i], policy);
    }
    put(out, "]}\n");
}
