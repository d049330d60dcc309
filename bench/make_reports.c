/*
 * make_reports.c - aggregate reports for measuring, each an .xml.gz: always the same for one seed.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Usage: make_reports [--count N] [--seed N] FOLDER
 *
 * A report has 1 to 50 records, 17 on average; one in 2,000 has 5,000. They look like those of real
 * reporters in five manners: indented by two blanks, by a tab, on one line, with CRLF, and with the
 * namespace of RFC 9990. Domains, reporters and hosts have reserved names; addresses are those that
 * are set aside for benchmarks (198.18.0.0/15, RFC 2544) and documents (2001:db8::/32). A domain
 * sends from a few services, whose addresses come again from report to report, and from strays.
 *
 * FOLDER/000/…xml.gz  a thousand a folder, named as RFC 7489 section 7.2.1.1 says
 * FOLDER/list         a line a report: its path below FOLDER
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include <libdeflate.h>

#include "campaign/campaign.h"

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

static uint64_t random_state;

static uint32_t random_below(uint32_t limit)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((random_state >> 33) % limit);
}

static bool one_in(uint32_t n)
{
    return random_below(n) == 0;
}

/* ---- the text ---- */

struct text {
    char *data;
    size_t len;
    int manner; /* of the reporter, enum manner */
    int depth;
};

enum manner { TWO_BLANKS, TAB, ONE_LINE, CRLF, NAMESPACE, MANNERS };

static void put(struct text *t, const char *words)
{
    size_t len = strlen(words);
    memcpy(t->data + t->len, words, len);
    t->len += len;
}

static void put_line(struct text *t)
{
    if (t->manner == ONE_LINE)
        return;
    put(t, t->manner == CRLF ? "\r\n" : "\n");
    for (int i = 0; i < t->depth; i++)
        put(t, t->manner == TAB ? "\t" : "  ");
}

static void open_element(struct text *t, const char *name)
{
    put_line(t);
    put(t, "<");
    put(t, name);
    put(t, ">");
    t->depth++;
}

static void close_element(struct text *t, const char *name)
{
    t->depth--;
    put_line(t);
    put(t, "</");
    put(t, name);
    put(t, ">");
}

__attribute__((format(printf, 3, 4))) static void leaf(struct text *t, const char *name,
                                                       const char *format, ...)
{
    char value[512];
    va_list args;
    va_start(args, format);
    vsnprintf(value, sizeof value, format, args);
    va_end(args);
    put_line(t);
    put(t, "<");
    put(t, name);
    put(t, ">");
    put(t, value);
    put(t, "</");
    put(t, name);
    put(t, ">");
}

/* ---- a record ---- */

static void domain_name(char *out, size_t size, unsigned domain)
{
    static const char *const tops[] = {"example.com", "example.net", "example.org", "example"};
    snprintf(out, size, "brand%03u.%s", domain, tops[domain % 4]);
}

/* Most mail comes from the hundred hosts of a service, some from anywhere. */
static void source_ip(struct text *t, unsigned service, bool stray)
{
    uint32_t host = stray ? random_below(131072) : service * 8192 + random_below(100) * 7;
    if (one_in(5))
        leaf(t, "source_ip", "2001:db8:%x:%x::%x", stray ? host >> 4 : service, host & 15,
             random_below(stray ? 65536 : 64) + 1);
    else
        leaf(t, "source_ip", "198.%u.%u.%u", 18 + (host >> 16), host >> 8 & 255, host & 255);
}

struct outcome {
    bool dkim, spf, forwarded, stray;
};

static void put_row(struct text *t, const struct outcome *o, unsigned service, const char *policy)
{
    bool pass = o->dkim || o->spf;
    open_element(t, "row");
    source_ip(t, service, o->stray || o->forwarded);
    leaf(t, "count", "%u",
         one_in(12) ? 1 + random_below(5000) : 1 + random_below(1 + random_below(40)));
    open_element(t, "policy_evaluated");
    leaf(t, "disposition", "%s", pass || o->forwarded ? "none" : policy);
    leaf(t, "dkim", "%s", o->dkim ? "pass" : "fail");
    leaf(t, "spf", "%s", o->spf ? "pass" : "fail");
    if (!pass && o->forwarded) {
        open_element(t, "reason");
        leaf(t, "type", "%s", one_in(3) ? "local_policy" : "mailing_list");
        leaf(t, "comment", "%s", one_in(2) ? "arc=pass &amp; trusted" : "");
        close_element(t, "reason");
    }
    close_element(t, "policy_evaluated");
    close_element(t, "row");
}

static void put_dkim(struct text *t, const char *domain, unsigned selector, const char *result)
{
    open_element(t, "dkim");
    leaf(t, "domain", "%s", domain);
    leaf(t, "result", "%s", result);
    leaf(t, "selector", "s%u", selector);
    close_element(t, "dkim");
}

static void put_results(struct text *t, const struct outcome *o, unsigned service, unsigned domain,
                        const char *name)
{
    char other[80];
    snprintf(other, sizeof other, "service%02u.example.net", service);
    open_element(t, "auth_results");
    if (!o->stray) {
        put_dkim(t, name, 1 + domain % 3, o->dkim ? "pass" : "fail");
        if (service % 3 == 0)
            put_dkim(t, other, 2024, "pass");
    }
    open_element(t, "spf");
    if (o->spf)
        snprintf(other, sizeof other, "bounce.%s", name);
    leaf(t, "domain", "%s", other);
    if (t->manner == NAMESPACE)
        leaf(t, "scope", "mfrom");
    leaf(t, "result", "%s", o->stray ? "softfail" : "pass");
    close_element(t, "spf");
    close_element(t, "auth_results");
}

static void put_record(struct text *t, unsigned domain, const char *name, const char *policy)
{
    unsigned service = (domain + random_below(3)) % SERVICES;
    struct outcome o = {.stray = one_in(9), .forwarded = one_in(15)};
    o.dkim = !o.stray && !one_in(20);
    o.spf = !o.stray && !o.forwarded && !one_in(6);
    open_element(t, "record");
    put_row(t, &o, service, policy);
    open_element(t, "identifiers");
    if (t->manner == CRLF || t->manner == NAMESPACE)
        leaf(t, "envelope_from", "bounce.%s", name);
    leaf(t, "header_from", one_in(10) ? "news.%s" : "%s", name);
    close_element(t, "identifiers");
    put_results(t, &o, service, domain, name);
    close_element(t, "record");
}

/* ---- a report ---- */

struct report {
    unsigned reporter, domain;
    uint32_t id;
    int64_t begin;
    unsigned records;
    char domain_name[64], reporter_name[64];
};

static void put_head(struct text *t, const struct report *r, const char *policy)
{
    put(t, "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>");
    put_line(t);
    if (t->manner == NAMESPACE)
        put(t, "<feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\">");
    else
        put(t, "<feedback>");
    t->depth++;
    if (t->manner != ONE_LINE)
        leaf(t, "version", "1.0");
    open_element(t, "report_metadata");
    leaf(t, "org_name", "%s", r->reporter_name);
    leaf(t, "email", "noreply-dmarc@%s", r->reporter_name);
    if (t->manner == TWO_BLANKS)
        leaf(t, "extra_contact_info", "https://%s/help/dmarc", r->reporter_name);
    leaf(t, "report_id", "%08" PRIx32 "%010" PRId64, r->id, r->begin);
    open_element(t, "date_range");
    leaf(t, "begin", "%" PRId64, r->begin);
    leaf(t, "end", "%" PRId64, r->begin + DAY - 1);
    close_element(t, "date_range");
    close_element(t, "report_metadata");
    open_element(t, "policy_published");
    leaf(t, "domain", "%s", r->domain_name);
    leaf(t, "adkim", "r");
    leaf(t, "aspf", "r");
    leaf(t, "p", "%s", policy);
    leaf(t, "sp", "%s", policy);
    if (t->manner != NAMESPACE)
        leaf(t, "pct", "100");
    leaf(t, "fo", "0");
    close_element(t, "policy_published");
}

static void put_report(struct text *t, const struct report *r)
{
    static const char *const policies[] = {"none", "quarantine", "reject"};
    const char *policy = policies[r->domain % 3];
    t->len = 0;
    t->depth = 0;
    t->manner = (int)(r->reporter % MANNERS);
    put_head(t, r, policy);
    for (unsigned i = 0; i < r->records; i++)
        put_record(t, r->domain, r->domain_name, policy);
    close_element(t, "feedback");
    t->depth = 0;
    put_line(t);
}

/* The lesser of two throws: small reports are more than large ones. */
static unsigned record_count(void)
{
    uint32_t first = random_below(50), second = random_below(50);
    return one_in(2000) ? RECORDS_MAX : 1 + (first < second ? first : second);
}

static struct report make_report(unsigned number)
{
    struct report r = {.reporter = random_below(REPORTERS), .domain = random_below(DOMAINS)};
    r.id = random_below(UINT32_MAX);
    r.begin = CAMPAIGN_TIME - CAMPAIGN_TIME % DAY + (int64_t)(number / 2000 % 365) * DAY;
    r.records = record_count();
    domain_name(r.domain_name, sizeof r.domain_name, r.domain);
    snprintf(r.reporter_name, sizeof r.reporter_name, "mx%02u.example.org", r.reporter);
    return r;
}

static void write_file(const char *path, const void *data, size_t len)
{
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(data, 1, len, file) != len)
        die("cannot write", path);
    must_close(file, path);
}

static void write_reports(const char *folder, unsigned count)
{
    struct text t = {.data = malloc(TEXT_MAX_BYTES)};
    struct libdeflate_compressor *packer = libdeflate_alloc_compressor(LEVEL);
    char *packed = malloc(TEXT_MAX_BYTES), path[CAMPAIGN_PATH_MAX], name[300];
    uint64_t records = 0, xml = 0, gz = 0;
    if (!t.data || !packer || !packed)
        die("no memory for", folder);
    FILE *list = must_open(folder, "list", "w");
    for (unsigned i = 0; i < count; i++) {
        struct report r = make_report(i);
        put_report(&t, &r);
        size_t len = libdeflate_gzip_compress(packer, t.data, t.len, packed, TEXT_MAX_BYTES);
        snprintf(name, sizeof name, "%03u", i / CAMPAIGN_FOLDER_MESSAGES);
        if (i % CAMPAIGN_FOLDER_MESSAGES == 0 &&
            mkdir(campaign_path(path, folder, name), 0777) != 0)
            die("cannot make", path);
        snprintf(name, sizeof name, "%03u/%s!%s!%" PRId64 "!%" PRId64 "!%08" PRIx32 ".xml.gz",
                 i / CAMPAIGN_FOLDER_MESSAGES, r.reporter_name, r.domain_name, r.begin,
                 r.begin + DAY - 1, r.id);
        write_file(campaign_path(path, folder, name), packed, len);
        fprintf(list, "%s\n", name);
        records += r.records;
        xml += t.len;
        gz += len;
    }
    must_close(list, "list");
    printf("reports=%u records=%" PRIu64 " xml_bytes=%" PRIu64 " gz_bytes=%" PRIu64 "\n", count,
           records, xml, gz);
    libdeflate_free_compressor(packer);
    free(packed);
    free(t.data);
}

int main(int argc, char **argv)
{
    unsigned long count = 20000, seed = 1;
    const char *folder = NULL;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--count") == 0 && i + 1 < argc)
            count = strtoul(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            seed = strtoul(argv[++i], NULL, 10);
        else if (argv[i][0] != '-' && !folder)
            folder = argv[i];
        else
            folder = argv[argc = 0];
    }
    if (argc == 0 || !folder || count == 0 || count > 1000000) {
        fprintf(stderr, "usage: make_reports [--count N] [--seed N] FOLDER\n");
        return 64;
    }
    if (mkdir(folder, 0777) != 0)
        die("cannot make", folder);
    random_state = seed;
    write_reports(folder, (unsigned)count);
    return 0;
}
