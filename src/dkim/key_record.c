/*
 * key_record.c - a DKIM key record: its tags, its key, and what it allows (RFC 6376 section 3.6.1).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/key_record.h"

#include <stdlib.h>

#include "dkim/tag_list.h"
#include "text/base64.h"

/* Is `word` one of the colon-separated words of a tag's value? Words are case-sensitive (RFC 6376
 * section 3.2); folding white space around the colons does not count. */
static bool lists(const struct mm_tag *tag, struct mm_view word)
{
    struct mm_view rest = tag->value, item;
    bool more = true;
    while (more) {
        more = mm_view_cut(rest, ':', &item, &rest);
        if (mm_view_eq(mm_view_trim_fws(item), word))
            return true;
    }
    return false;
}

static void read_restrictions(const struct mm_tag_list *tags, struct mm_key_record *out)
{
    const struct mm_tag *hashes = mm_tag_find(tags, MM_VIEW("h"));
    const struct mm_tag *services = mm_tag_find(tags, MM_VIEW("s"));
    const struct mm_tag *flags = mm_tag_find(tags, MM_VIEW("t"));
    out->allows_sha256 = !hashes || lists(hashes, MM_VIEW("sha256"));
    out->allows_sha1 = !hashes || lists(hashes, MM_VIEW("sha1"));
    out->allows_email =
        !services || lists(services, MM_VIEW("*")) || lists(services, MM_VIEW("email"));
    out->testing = flags && lists(flags, MM_VIEW("y"));
    out->no_subdomains = flags && lists(flags, MM_VIEW("s"));
}

static void read_type(const struct mm_tag_list *tags, struct mm_key_record *out)
{
    const struct mm_tag *type = mm_tag_find(tags, MM_VIEW("k"));
    bool rsa = !type || mm_view_eq(type->value, MM_VIEW("rsa"));
    bool ed25519 = !rsa && mm_view_eq(type->value, MM_VIEW("ed25519"));
    out->type_known = rsa || ed25519;
    out->type = ed25519 ? MM_KEY_ED25519 : MM_KEY_RSA;
}

/* A fault that lies at the head of `where`, which is part of the record. */
static enum mm_status fault(struct mm_key_record *out, enum mm_reason reason, struct mm_view record,
                            struct mm_view where)
{
    out->fault = reason;
    out->fault_offset = where.data ? (uint32_t)(where.data - record.data) : 0;
    return MM_OK;
}

static enum mm_status read_key(struct mm_view record, const struct mm_tag *data,
                               struct mm_key_record *out)
{
    struct mm_view text = data->value;
    size_t len = 0, at = 0;
    uint8_t *octets = malloc(MM_BASE64_DECODED_MAX(text.len));
    if (!octets)
        return MM_E_NOMEM;
    enum mm_status status = mm_base64_decode(text, octets, &len, &at);
    if (status != MM_OK) {
        free(octets);
        return fault(out, MM_REASON_KEY_BASE64, record, mm_view_sub(text, at, text.len - at));
    }
    status = mm_public_key_parse(out->type, (struct mm_view){(const char *)octets, len}, &out->key,
                                 NULL);
    free(octets);
    switch (status) {
    case MM_E_SYNTAX:
        return fault(out, MM_REASON_KEY_DATA, record, text);
    case MM_E_LIMIT:
        return fault(out, MM_REASON_KEY_TOO_LONG, record, text);
    case MM_E_PERM:
        return fault(out, MM_REASON_KEY_TOO_SHORT, record, text);
    default:
        return status;
    }
}

static enum mm_status read_tags(struct mm_view record, const struct mm_tag_list *tags,
                                struct mm_key_record *out)
{
    const struct mm_tag *version = mm_tag_find(tags, MM_VIEW("v"));
    const struct mm_tag *data = mm_tag_find(tags, MM_VIEW("p"));
    read_restrictions(tags, out);
    read_type(tags, out);
    if (version && (version != tags->tags || !mm_view_eq(version->value, MM_VIEW("DKIM1"))))
        return fault(out, MM_REASON_KEY_VERSION, record, version->value);
    if (!data)
        return fault(out, MM_REASON_KEY_NO_P, record, record);
    if (data->value.len == 0)
        return fault(out, MM_REASON_KEY_REVOKED, record, data->name);
    if (!out->type_known)
        return fault(out, MM_REASON_KEY_TYPE, record, mm_tag_find(tags, MM_VIEW("k"))->value);
    return read_key(record, data, out);
}

enum mm_status mm_key_record_parse(struct mm_view record, struct mm_key_record *out)
{
    struct mm_tag_list tags;
    *out = (struct mm_key_record){.fault = MM_REASON_NONE};
    if (mm_view_trim_fws(record).len == 0)
        return fault(out, MM_REASON_KEY_EMPTY_RECORD, record, record);
    if (mm_tag_list_parse(record, &tags) != MM_OK) {
        out->fault = MM_REASON_KEY_SYNTAX;
        out->fault_offset = (uint32_t)tags.fault_offset;
        return MM_OK;
    }
    return read_tags(record, &tags, out);
}

void mm_key_record_deinit(struct mm_key_record *record)
{
    mm_public_key_free(&record->key);
    *record = (struct mm_key_record){.fault = MM_REASON_NONE};
}

static bool is_word_byte(char c)
{
    unsigned char u = (unsigned char)c;
    return (unsigned char)(mm_ascii_lower(u) - 'a') < 26 || (unsigned char)(u - '0') < 10;
}

/* What stands between base64 and whatever follows it. */
static bool is_padding(char c)
{
    return c == '=' || mm_is_fws((unsigned char)c);
}

/* Where the word before a '=' begins. */
static size_t word_before(struct mm_view value, size_t equals)
{
    while (equals > 0 && mm_is_fws((unsigned char)value.data[equals - 1]))
        equals--;
    while (equals > 0 && is_word_byte(value.data[equals - 1]))
        equals--;
    return equals;
}

/*
 * The '=' that ends the name of a tag inside a value: the first with a word before it that stands
 * apart. Where none does, the name is taken to be one letter, the last before the first '='.
 */
static bool find_tag(struct mm_view value, bool may_be_padded, size_t *at)
{
    bool found = false;
    while (may_be_padded && value.len && is_padding(value.data[value.len - 1]))
        value.len--;
    for (size_t i = 0; i < value.len; i++) {
        if (value.data[i] != '=')
            continue;
        size_t start = word_before(value, i);
        if (start < i && start > 0 && is_padding(value.data[start - 1])) {
            *at = start;
            return true;
        }
        if (!found)
            *at = i > 0 ? i - 1 : 0;
        found = true;
    }
    return found;
}

bool mm_key_record_runs_on(struct mm_view record, size_t *at)
{
    struct mm_tag_list tags;
    if (mm_tag_list_parse(record, &tags) == MM_E_LIMIT) /* what precedes a fault is looked at */
        return false;
    for (size_t i = 0; i < tags.count; i++) {
        struct mm_view name = tags.tags[i].name, value = tags.tags[i].value;
        if (name.len != 1 || !strchr("vkhstp", name.data[0]) ||
            !find_tag(value, name.data[0] == 'p', at))
            continue;
        *at += (size_t)(value.data - record.data);
        return true;
    }
    return false;
}
