/*
 * key_check_row.c - what came of one key as a line of JSON.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>

#include "dkim/domain_name.h"
#include "dkim/key_record_write.h"
#include "text/json_write.h"

/* Records of an answer, each byte as \u00NN at most. */
enum { ROW_MAX_BYTES = 64 * 1024 * 1024 };

static void put_key(struct mm_buf *out, const struct mm_public_key *key)
{
    if (!key)
        mm_buf_append_str(out, ",\"key_type\":null,\"key_bits\":null");
    else
        mm_buf_printf(out, ",\"key_type\":\"%s\",\"key_bits\":%" PRIu32,
                      mm_public_key_type(key) == MM_KEY_RSA ? "rsa" : "ed25519",
                      mm_public_key_bits(key));
}

static void put_finding(struct mm_buf *out, const struct mm_key_finding *f)
{
    mm_buf_printf(out, "{\"finding\":\"%s\",\"warning\":%s", f->slug,
                  f->is_warning ? "true" : "false");
    if (f->is_of_record)
        mm_buf_printf(out, ",\"record\":%zu,\"offset\":%" PRIu64, f->record, f->offset);
    else
        mm_buf_append_str(out, ",\"record\":null,\"offset\":null");
    mm_buf_append_str(out, ",\"detail\":");
    mm_json_string(out, mm_view_of(f->text), NULL);
    mm_buf_append_char(out, '}');
}

static const char *result_of(const struct mm_key_check *check)
{
    if (check->fault_count)
        return "fault";
    if (!check->checked)
        return "unchecked";
    return check->finding_count ? "warning" : "ok";
}

static void put_findings(struct mm_buf *out, const struct mm_key_check *check, bool *raw)
{
    mm_buf_append_str(out, ",\"findings\":[");
    for (size_t i = 0; i < check->finding_count; i++) {
        if (i)
            mm_buf_append_char(out, ',');
        put_finding(out, &check->findings[i]);
    }
    mm_buf_append_str(out, "],\"records\":[");
    for (size_t i = 0; i < check->record_count; i++) {
        if (i)
            mm_buf_append_char(out, ',');
        mm_json_string(out, check->records[i], raw);
    }
    mm_buf_append_char(out, ']');
}

/* Such a key must not sign (RFC 8301 section 3.2): no record makes it better. */
static bool is_too_short(const struct mm_public_key *key)
{
    return mm_public_key_type(key) == MM_KEY_RSA && mm_public_key_bits(key) < MM_RSA_STRICT_BITS;
}

/* What to publish, where something is wrong with what is. */
static enum mm_status put_remedy(struct mm_buf *out, const struct mm_key_check *check)
{
    const struct mm_key_record_tags none = {.testing = false};
    mm_buf_append_str(out, ",\"publish\":");
    if (!check->key || !check->finding_count || is_too_short(check->key)) {
        mm_buf_append_str(out, "null");
        return MM_OK;
    }
    mm_buf_append_char(out, '"'); /* a record of ours has nothing to escape */
    enum mm_status st = mm_key_record_write(out, check->key, &none);
    mm_buf_append_char(out, '"');
    return st;
}

enum mm_status mm_key_check_row(const struct mm_key_check *check, char **text, struct mm_error *err)
{
    char name[MM_DOMAIN_MAX_BYTES];
    struct mm_buf out;
    bool raw = false;
    mm_buf_init(&out, ROW_MAX_BYTES);
    mm_buf_append_str(&out, "{\"name\":");
    mm_json_string(&out, mm_key_name(check->selector, check->domain, name), NULL);
    mm_buf_append_str(&out, ",\"domain\":");
    mm_json_string(&out, check->domain, NULL);
    mm_buf_append_str(&out, ",\"selector\":");
    mm_json_string(&out, check->selector, NULL);
    mm_buf_printf(&out, ",\"result\":\"%s\"", result_of(check));
    put_key(&out, check->key);
    mm_buf_printf(&out, ",\"status\":\"%s\"", check->status);
    put_findings(&out, check, &raw);
    enum mm_status st = put_remedy(&out, check);
    mm_buf_append_str(&out, raw ? ",\"raw_bytes\":true}\n" : "}\n");
    mm_buf_append_char(&out, '\0');
    if (st == MM_OK && out.failed)
        st = MM_E_NOMEM;
    if (st == MM_OK)
        *text = out.data;
    else
        mm_buf_deinit(&out);
    return st == MM_OK ? st : mm_fail(err, st, "no row could be made: %s", mm_status_text(st));
}
