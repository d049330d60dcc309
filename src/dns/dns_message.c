/*
 * dns_message.c - DNS packets as far as keys need them: a question for TXT, and what a reply says.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dns/dns_message.h"

enum {
    HEADER_BYTES = 12,
    TYPE_NS = 2,
    TYPE_CNAME = 5,
    TYPE_SOA = 6,
    TYPE_TXT = 16,
    TYPE_OPT = 41,
    CLASS_IN = 1,
    FLAG_QR = 0x8000,
    FLAG_TC = 0x0200,
    FLAG_RD = 0x0100,
    FLAG_AD = 0x0020,
    OPCODE_MASK = 0x7800,
    RCODE_MASK = 0x000f,
    RCODE_NOERROR = 0,
    RCODE_FORMERR = 1,
    RCODE_NXDOMAIN = 3,
    LABEL_MAX_BYTES = 63
};

/* ---- names and questions ---- */

bool mm_dns_name_of(struct mm_view text, struct mm_dns_name *out)
{
    struct mm_view label;
    size_t len = 0;
    if (text.len && text.data[text.len - 1] == '.')
        text.len--;
    if (text.len > MM_DNS_NAME_MAX_BYTES - 2)
        return false;
    for (bool more = true; more;) {
        more = mm_view_cut(text, '.', &label, &text);
        if (label.len == 0 || label.len > LABEL_MAX_BYTES)
            return false;
        out->wire[len++] = (uint8_t)label.len;
        for (size_t i = 0; i < label.len; i++) {
            unsigned char c = (unsigned char)label.data[i];
            if (c <= ' ' || c >= 0x7f || c == '\\')
                return false;
            out->wire[len++] = mm_ascii_lower(c);
        }
    }
    out->wire[len++] = 0;
    out->len = (uint8_t)len;
    return true;
}

static uint8_t *put_u16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
    return at + 2;
}

size_t mm_dns_query_write(const struct mm_dns_name *name, uint16_t id, bool edns,
                          uint8_t out[MM_DNS_QUERY_MAX_BYTES])
{
    uint8_t *at = put_u16(out, id);
    at = put_u16(at, FLAG_RD | FLAG_AD);
    at = put_u16(at, 1);
    at = put_u16(at, 0);
    at = put_u16(at, 0);
    at = put_u16(at, edns);
    memcpy(at, name->wire, name->len);
    at = put_u16(at + name->len, TYPE_TXT);
    at = put_u16(at, CLASS_IN);
    if (edns) {
        *at++ = 0; /* the root */
        at = put_u16(at, TYPE_OPT);
        at = put_u16(at, MM_DNS_EDNS_BYTES);
        memset(at, 0, 6); /* version and flags, no options */
        at += 6;
    }
    return (size_t)(at - out);
}

/* ---- reading ---- */

struct reader {
    const uint8_t *data;
    size_t len, at;
};

static bool read_u16(struct reader *r, uint16_t *out)
{
    if (r->len - r->at < 2)
        return false;
    *out = (uint16_t)(r->data[r->at] << 8 | r->data[r->at + 1]);
    r->at += 2;
    return true;
}

static bool read_u32(struct reader *r, uint32_t *out)
{
    uint16_t high, low;
    if (!read_u16(r, &high) || !read_u16(r, &low))
        return false;
    *out = (uint32_t)high << 16 | low;
    return true;
}

/* A name, its compression followed. Each pointer must lead before the place that the last one led
 * to, so that this ends (RFC 1035 section 4.1.4: "a prior occurrence"). */
static bool read_name(struct reader *r, struct mm_dns_name *out)
{
    size_t at = r->at, floor = r->at, len = 0;
    bool jumped = false;
    while (at < r->len) {
        uint8_t c = r->data[at];
        if (c >= 0xc0) {
            if (r->len - at < 2)
                return false;
            size_t target = (size_t)(c & 0x3f) << 8 | r->data[at + 1];
            if (target >= floor)
                return false;
            r->at = jumped ? r->at : at + 2;
            jumped = true;
            at = floor = target;
            continue;
        }
        if (c > LABEL_MAX_BYTES || r->len - at <= c || len + c + 1 > MM_DNS_NAME_MAX_BYTES)
            return false;
        out->wire[len++] = c;
        for (size_t i = 1; i <= c; i++)
            out->wire[len++] = mm_ascii_lower(r->data[at + i]);
        at += (size_t)c + 1;
        if (c == 0) {
            r->at = jumped ? r->at : at;
            out->len = (uint8_t)len;
            return true;
        }
    }
    return false;
}

/* A record of the answer that may matter; names are read again where they are compared. */
struct record {
    uint32_t ttl_s;
    uint16_t type, data_len;
    size_t name_at, data_at;
};

struct reply {
    struct reader r;
    uint16_t flags, counts[4];
    struct record records[MM_DNS_RECORDS_MAX];
    size_t record_count;
    bool too_many;
    bool has_soa, has_ns; /* in the authority section */
    uint32_t negative_ttl_s;
};

static bool read_record(struct reader *r, struct record *out, uint16_t *class_)
{
    struct mm_dns_name owner;
    out->name_at = r->at;
    if (!read_name(r, &owner) || !read_u16(r, &out->type) || !read_u16(r, class_) ||
        !read_u32(r, &out->ttl_s) || !read_u16(r, &out->data_len) || r->len - r->at < out->data_len)
        return false;
    if (out->ttl_s > INT32_MAX)
        out->ttl_s = 0; /* RFC 2181 section 8 */
    out->data_at = r->at;
    r->at += out->data_len;
    return true;
}

static bool read_answers(struct reply *p)
{
    for (uint16_t i = 0; i < p->counts[1]; i++) {
        struct record record;
        uint16_t class_;
        if (!read_record(&p->r, &record, &class_))
            return false;
        if (class_ != CLASS_IN || (record.type != TYPE_TXT && record.type != TYPE_CNAME))
            continue;
        p->too_many = p->too_many || p->record_count == MM_DNS_RECORDS_MAX;
        if (!p->too_many)
            p->records[p->record_count++] = record;
    }
    return true;
}

/* An SOA's data ends in five numbers, the last of which bounds the TTL of "there is none" (RFC 2308
 * section 5). */
static bool read_soa(struct reply *p, const struct record *record)
{
    struct reader data = {p->r.data, record->data_at + record->data_len, record->data_at};
    struct mm_dns_name names[2];
    uint32_t minimum = 0;
    if (!read_name(&data, &names[0]) || !read_name(&data, &names[1]))
        return false;
    for (int i = 0; i < 5; i++)
        if (!read_u32(&data, &minimum))
            return false;
    p->has_soa = true;
    p->negative_ttl_s = minimum < record->ttl_s ? minimum : record->ttl_s;
    return true;
}

static bool read_authority(struct reply *p)
{
    for (uint16_t i = 0; i < p->counts[2]; i++) {
        struct record record;
        uint16_t class_;
        if (!read_record(&p->r, &record, &class_))
            return false;
        if (class_ != CLASS_IN)
            continue;
        p->has_ns = p->has_ns || record.type == TYPE_NS;
        if (record.type == TYPE_SOA && !read_soa(p, &record))
            return false;
    }
    return true;
}

/* The header and the one question, which must be ours. */
static bool read_question(struct reply *p, const struct mm_dns_name *name)
{
    struct mm_dns_name asked;
    uint16_t id, type, class_;
    if (!read_u16(&p->r, &id) || !read_u16(&p->r, &p->flags))
        return false;
    for (size_t i = 0; i < MM_COUNT(p->counts); i++)
        if (!read_u16(&p->r, &p->counts[i]))
            return false;
    if (!(p->flags & FLAG_QR) || (p->flags & OPCODE_MASK) || p->counts[0] != 1)
        return false;
    return read_name(&p->r, &asked) && read_u16(&p->r, &type) && read_u16(&p->r, &class_) &&
           type == TYPE_TXT && class_ == CLASS_IN && mm_dns_name_eq(&asked, name);
}

/* ---- following ---- */

static bool is_of(const struct reply *p, const struct record *record,
                  const struct mm_dns_name *name)
{
    struct reader r = {p->r.data, p->r.len, record->name_at};
    struct mm_dns_name owner;
    return read_name(&r, &owner) && mm_dns_name_eq(&owner, name);
}

static void lower_ttl(struct mm_dns_reply *out, uint32_t ttl_s)
{
    if (ttl_s < out->ttl_s)
        out->ttl_s = ttl_s;
}

/* Join a record's strings behind `*text`; false where their lengths do not fill the record. */
static bool join_strings(const struct reply *p, const struct record *record, char **text,
                         struct mm_view *out)
{
    const uint8_t *at = p->r.data + record->data_at, *end = at + record->data_len;
    *out = (struct mm_view){*text, 0};
    while (at < end) {
        size_t len = *at++;
        if ((size_t)(end - at) < len)
            return false;
        memcpy(*text, at, len);
        *text += len;
        at += len;
    }
    out->len = (size_t)(*text - out->data);
    return true;
}

/* Equal records count once (RFC 2181 section 5). */
static bool has_record(const struct mm_dns_reply *out, struct mm_view record)
{
    for (size_t i = 0; i < out->record_count; i++)
        if (mm_view_eq(out->records[i], record))
            return true;
    return false;
}

/* All TXT records of the name that the chain has come to. */
static enum mm_status take_texts(const struct reply *p, char *text, struct mm_dns_reply *out)
{
    for (size_t i = 0; i < p->record_count; i++) {
        struct mm_view record;
        if (p->records[i].type != TYPE_TXT || !is_of(p, &p->records[i], &out->target))
            continue;
        if (!join_strings(p, &p->records[i], &text, &record))
            return MM_E_SYNTAX;
        lower_ttl(out, p->records[i].ttl_s);
        if (has_record(out, record))
            continue;
        if (out->record_count == MM_TXT_RECORDS_MAX)
            return MM_E_LIMIT;
        out->records[out->record_count++] = record;
    }
    return MM_OK;
}

/* One step along the chain; MM_END where there is none. */
static enum mm_status take_alias(const struct reply *p, struct mm_dns_reply *out)
{
    for (size_t i = 0; i < p->record_count; i++) {
        const struct record *record = &p->records[i];
        if (record->type != TYPE_CNAME || !is_of(p, record, &out->target))
            continue;
        struct reader data = {p->r.data, record->data_at + record->data_len, record->data_at};
        if (!read_name(&data, &out->target) || data.at != data.len)
            return MM_E_SYNTAX;
        lower_ttl(out, record->ttl_s);
        return MM_OK;
    }
    return MM_END;
}

/* No records at the end of the chain: does the reply say so, or does it not know? */
static void read_absence(const struct reply *p, struct mm_dns_reply *out)
{
    out->status = MM_TXT_NODATA;
    out->goes_on = out->aliases > 0 && !p->has_soa;
    if (out->goes_on)
        return;
    lower_ttl(out, p->has_soa ? p->negative_ttl_s : 0);
    if (p->has_ns && !p->has_soa)
        out->status = MM_TXT_SERVFAIL; /* a referral: this server does not look further */
}

static enum mm_status follow(const struct reply *p, uint32_t aliases_left, char *text,
                             struct mm_dns_reply *out)
{
    for (;;) {
        MM_TRY(take_texts(p, text, out));
        if (out->record_count)
            return MM_OK;
        enum mm_status st = take_alias(p, out);
        if (st != MM_OK) {
            if (st == MM_END)
                read_absence(p, out);
            return st;
        }
        if (out->aliases++ == aliases_left)
            return MM_E_LIMIT;
    }
}

static enum mm_status read_all(struct reply *p, const struct mm_dns_name *name,
                               uint32_t aliases_left, char *text, struct mm_dns_reply *out)
{
    if (!read_question(p, name))
        return MM_E_SYNTAX;
    uint16_t rcode = p->flags & RCODE_MASK;
    out->ad = p->flags & FLAG_AD;
    out->no_edns = rcode == RCODE_FORMERR;
    if ((p->flags & FLAG_TC) || (rcode != RCODE_NOERROR && rcode != RCODE_NXDOMAIN))
        return MM_E_LIMIT;
    if (!read_answers(p) || !read_authority(p))
        return MM_E_SYNTAX;
    if (rcode == RCODE_NXDOMAIN) {
        /* of the last name of a chain (RFC 6604 section 3) */
        out->status = MM_TXT_NXDOMAIN;
        out->ttl_s = p->has_soa ? p->negative_ttl_s : 0;
        return MM_OK;
    }
    return p->too_many ? MM_E_LIMIT : follow(p, aliases_left, text, out);
}

bool mm_dns_reply_is_truncated(struct mm_view packet)
{
    struct reader r = {(const uint8_t *)packet.data, packet.len, 0};
    uint16_t id, flags;
    return read_u16(&r, &id) && read_u16(&r, &flags) && flags & FLAG_TC;
}

enum mm_status mm_dns_reply_read(struct mm_view packet, const struct mm_dns_name *name,
                                 uint32_t aliases_left, char *text, struct mm_dns_reply *out)
{
    struct reply p = {.r = {(const uint8_t *)packet.data, packet.len, 0}};
    out->status = MM_TXT_NOERROR;
    out->ad = out->no_edns = out->goes_on = false;
    out->ttl_s = UINT32_MAX;
    out->aliases = 0;
    out->record_count = 0;
    out->target = *name;
    enum mm_status st = read_all(&p, name, aliases_left, text, out);
    if (st == MM_E_LIMIT)
        out->status = MM_TXT_SERVFAIL;
    if (out->status == MM_TXT_SERVFAIL) {
        out->ttl_s = 0;
        out->record_count = 0;
    }
    return st == MM_E_SYNTAX ? st : MM_OK;
}
