/*
 * report_maker.c - aggregate reports for measuring: decided by the seed alone.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench/report_maker.h"

#include <inttypes.h>
#include <libdeflate.h>
#include <stdarg.h>
#include <stdio.h>

#include "bench/mail_maker.h"

enum {
    DOMAINS = 300,
    REPORTERS = 40,
    SERVICES = 12, /* mail services, each with addresses of its own */
    RECORDS_MAX = 5000,
    RECORD_MAX_BYTES = 4096,
    TEXT_MAX_BYTES = (RECORDS_MAX + 2) * RECORD_MAX_BYTES,
    DAY = 86400,
    LEVEL = 6 /* what gzip does unless told otherwise */
};

/* ---- the text ---- */

enum manner { TWO_BLANKS, TAB, ONE_LINE, CRLF, NAMESPACE, MANNERS };

static void put(struct mm_report_maker *m, const char *words)
{
    mm_buf_append_str(&m->text, words);
}

static void put_line(struct mm_report_maker *m)
{
    if (m->manner == ONE_LINE)
        return;
    put(m, m->manner == CRLF ? "\r\n" : "\n");
    for (int i = 0; i < m->depth; i++)
        put(m, m->manner == TAB ? "\t" : "  ");
}

static void open_element(struct mm_report_maker *m, const char *name)
{
    put_line(m);
    put(m, "<");
    put(m, name);
    put(m, ">");
    m->depth++;
}

static void close_element(struct mm_report_maker *m, const char *name)
{
    m->depth--;
    put_line(m);
    put(m, "</");
    put(m, name);
    put(m, ">");
}

static void leaf(struct mm_report_maker *m, const char *name, const char *format, ...)
    MM_PRINTF(3, 4);
static void leaf(struct mm_report_maker *m, const char *name, const char *format, ...)
{
    char value[512];
    va_list args;
    va_start(args, format);
    vsnprintf(value, sizeof value, format, args);
    va_end(args);
    put_line(m);
    put(m, "<");
    put(m, name);
    put(m, ">");
    put(m, value);
    put(m, "</");
    put(m, name);
    put(m, ">");
}

/* ---- a record ---- */

static void domain_name(char *out, size_t size, uint32_t domain)
{
    static const char *const tops[] = {"example.com", "example.net", "example.org", "example"};
    snprintf(out, size, "brand%03u.%s", domain, tops[domain % 4]);
}

/* Most mail comes from the hundred hosts of a service, some from anywhere. */
static void source_ip(struct mm_report_maker *m, uint32_t service, bool stray)
{
    uint32_t host =
        stray ? mm_draw_below(&m->draw, 131072) : service * 8192 + mm_draw_below(&m->draw, 100) * 7;
    if (mm_draw_one_in(&m->draw, 5))
        leaf(m, "source_ip", "2001:db8:%x:%x::%x", stray ? host >> 4 : service, host & 15,
             mm_draw_below(&m->draw, stray ? 65536 : 64) + 1);
    else
        leaf(m, "source_ip", "198.%u.%u.%u", 18 + (host >> 16), host >> 8 & 255, host & 255);
}

struct outcome {
    bool dkim, spf, forwarded, stray;
};

static void put_row(struct mm_report_maker *m, const struct outcome *o, uint32_t service,
                    const char *policy)
{
    bool pass = o->dkim || o->spf;
    open_element(m, "row");
    source_ip(m, service, o->stray || o->forwarded);
    leaf(m, "count", "%u",
         mm_draw_one_in(&m->draw, 12)
             ? 1 + mm_draw_below(&m->draw, 5000)
             : 1 + mm_draw_below(&m->draw, 1 + mm_draw_below(&m->draw, 40)));
    open_element(m, "policy_evaluated");
    leaf(m, "disposition", "%s", pass || o->forwarded ? "none" : policy);
    leaf(m, "dkim", "%s", o->dkim ? "pass" : "fail");
    leaf(m, "spf", "%s", o->spf ? "pass" : "fail");
    if (!pass && o->forwarded) {
        open_element(m, "reason");
        leaf(m, "type", "%s", mm_draw_one_in(&m->draw, 3) ? "local_policy" : "mailing_list");
        leaf(m, "comment", "%s", mm_draw_one_in(&m->draw, 2) ? "arc=pass &amp; trusted" : "");
        close_element(m, "reason");
    }
    close_element(m, "policy_evaluated");
    close_element(m, "row");
}

static void put_dkim(struct mm_report_maker *m, const char *domain, uint32_t selector,
                     const char *result)
{
    open_element(m, "dkim");
    leaf(m, "domain", "%s", domain);
    leaf(m, "result", "%s", result);
    leaf(m, "selector", "s%u", selector);
    close_element(m, "dkim");
}

static void put_results(struct mm_report_maker *m, const struct outcome *o, uint32_t service,
                        uint32_t domain, const char *name)
{
    char other[80];
    snprintf(other, sizeof other, "service%02u.example.net", service);
    open_element(m, "auth_results");
    if (!o->stray) {
        put_dkim(m, name, 1 + domain % 3, o->dkim ? "pass" : "fail");
        if (service % 3 == 0)
            put_dkim(m, other, 2024, "pass");
    }
    open_element(m, "spf");
    if (o->spf)
        snprintf(other, sizeof other, "bounce.%s", name);
    leaf(m, "domain", "%s", other);
    if (m->manner == NAMESPACE)
        leaf(m, "scope", "mfrom");
    leaf(m, "result", "%s", o->stray ? "softfail" : "pass");
    close_element(m, "spf");
    close_element(m, "auth_results");
}

static void put_record(struct mm_report_maker *m, uint32_t domain, const char *name,
                       const char *policy)
{
    uint32_t service = (domain + mm_draw_below(&m->draw, 3)) % SERVICES;
    struct outcome o = {.stray = mm_draw_one_in(&m->draw, 9)};
    o.forwarded = mm_draw_one_in(&m->draw, 15);
    o.dkim = !o.stray && !mm_draw_one_in(&m->draw, 20);
    o.spf = !o.stray && !o.forwarded && !mm_draw_one_in(&m->draw, 6);
    open_element(m, "record");
    put_row(m, &o, service, policy);
    open_element(m, "identifiers");
    if (m->manner == CRLF || m->manner == NAMESPACE)
        leaf(m, "envelope_from", "bounce.%s", name);
    leaf(m, "header_from", mm_draw_one_in(&m->draw, 10) ? "news.%s" : "%s", name);
    close_element(m, "identifiers");
    put_results(m, &o, service, domain, name);
    close_element(m, "record");
}

/* ---- a report ---- */

struct report {
    uint32_t reporter, domain;
    uint32_t id;
    int64_t begin;
    uint32_t records;
    char domain_name[64], reporter_name[64];
};

static void put_head(struct mm_report_maker *m, const struct report *r, const char *policy)
{
    put(m, "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>");
    put_line(m);
    if (m->manner == NAMESPACE)
        put(m, "<feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\">");
    else
        put(m, "<feedback>");
    m->depth++;
    if (m->manner != ONE_LINE)
        leaf(m, "version", "1.0");
    open_element(m, "report_metadata");
    leaf(m, "org_name", "%s", r->reporter_name);
    leaf(m, "email", "noreply-dmarc@%s", r->reporter_name);
    if (m->manner == TWO_BLANKS)
        leaf(m, "extra_contact_info", "https://%s/help/dmarc", r->reporter_name);
    leaf(m, "report_id", "%08" PRIx32 "%010" PRId64, r->id, r->begin);
    open_element(m, "date_range");
    leaf(m, "begin", "%" PRId64, r->begin);
    leaf(m, "end", "%" PRId64, r->begin + DAY - 1);
    close_element(m, "date_range");
    close_element(m, "report_metadata");
    open_element(m, "policy_published");
    leaf(m, "domain", "%s", r->domain_name);
    leaf(m, "adkim", "r");
    leaf(m, "aspf", "r");
    leaf(m, "p", "%s", policy);
    leaf(m, "sp", "%s", policy);
    if (m->manner != NAMESPACE)
        leaf(m, "pct", "100");
    leaf(m, "fo", "0");
    close_element(m, "policy_published");
}

static void put_report(struct mm_report_maker *m, const struct report *r)
{
    static const char *const policies[] = {"none", "quarantine", "reject"};
    const char *policy = policies[r->domain % 3];
    mm_buf_clear(&m->text);
    m->depth = 0;
    m->manner = (int)(r->reporter % MANNERS);
    put_head(m, r, policy);
    for (uint32_t i = 0; i < r->records; i++)
        put_record(m, r->domain, r->domain_name, policy);
    close_element(m, "feedback");
    m->depth = 0;
    put_line(m);
}

/* The lesser of two throws: small reports are more than large ones. */
static uint32_t record_count(struct mm_report_maker *m)
{
    uint32_t first = mm_draw_below(&m->draw, 50), second = mm_draw_below(&m->draw, 50);
    return mm_draw_one_in(&m->draw, 2000) ? RECORDS_MAX : 1 + (first < second ? first : second);
}

static struct report plan_report(struct mm_report_maker *m, uint32_t number)
{
    struct report r = {.reporter = mm_draw_below(&m->draw, REPORTERS)};
    r.domain = mm_draw_below(&m->draw, DOMAINS);
    r.id = mm_draw_below(&m->draw, UINT32_MAX);
    r.begin = MM_MAIL_TIME - MM_MAIL_TIME % DAY + (int64_t)(number / 2000 % 365) * DAY;
    r.records = record_count(m);
    domain_name(r.domain_name, sizeof r.domain_name, r.domain);
    snprintf(r.reporter_name, sizeof r.reporter_name, "mx%02u.example.org", r.reporter);
    return r;
}

void mm_report_maker_init(struct mm_report_maker *m, uint64_t seed)
{
    *m = (struct mm_report_maker){.draw = {seed}};
    mm_buf_init(&m->text, TEXT_MAX_BYTES);
    mm_buf_init(&m->gzip, TEXT_MAX_BYTES);
}

void mm_report_maker_deinit(struct mm_report_maker *m)
{
    mm_buf_deinit(&m->text);
    mm_buf_deinit(&m->gzip);
}

bool mm_report_pack(struct mm_report_maker *m)
{
    struct libdeflate_compressor *packer = libdeflate_alloc_compressor(LEVEL);
    mm_buf_clear(&m->gzip);
    if (packer && !m->text.failed &&
        mm_buf_reserve(&m->gzip, libdeflate_gzip_compress_bound(packer, m->text.len)))
        m->gzip.len =
            libdeflate_gzip_compress(packer, m->text.data, m->text.len, m->gzip.data, m->gzip.cap);
    libdeflate_free_compressor(packer);
    return m->gzip.len > 0;
}

bool mm_report_make_aggregate(struct mm_report_maker *m, uint32_t number)
{
    struct report r = plan_report(m, number);
    put_report(m, &r);
    m->records = r.records;
    snprintf(m->name, sizeof m->name, "%s!%s!%" PRId64 "!%" PRId64 "!%08" PRIx32 ".xml.gz",
             r.reporter_name, r.domain_name, r.begin, r.begin + DAY - 1, r.id);
    return mm_report_pack(m);
}
