/*
 * bench_unwrap.c - what it costs to get at a report: base64 on every tier, gzip, and both by mail.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each figure is the best of several rounds over one text in cache. base64 is in lines of 76; the
 * ratio is to the byte-wise reference, and for OpenSSL's decoder, which takes text without line
 * ends, to the tier above it. A report is 6 KB of XML, about what real ones have on average.
 * Usage: bench_unwrap [BODY_BYTES]
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/clock.h"
#include "base/cpu.h"
#include "report/unwrap.h"
#include "text/base64_body.h"
#include "text/unfold.h"

enum { ROUNDS = 25, ROUND_BYTES = 8 * 1024 * 1024, LINE_OCTETS = 57, REPORT_BYTES = 6000 };

static struct mm_buf encoded, plain, report, packed, mail;
static uint8_t *out;

static void fill(struct mm_buf *b, size_t bytes)
{
    uint64_t state = 1;
    while (b->len < bytes) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        mm_buf_append_char(b, (char)(state >> 56));
    }
}

static void encode_lines(struct mm_buf *to, struct mm_view bytes)
{
    while (bytes.len > 0) {
        size_t len = bytes.len < LINE_OCTETS ? bytes.len : LINE_OCTETS;
        if (!mm_buf_reserve(to, MM_BASE64_ENCODED_BYTES(len)))
            exit(70);
        to->len += mm_base64_encode(to->data + to->len, (const uint8_t *)bytes.data, len);
        mm_buf_append_str(to, "\r\n");
        bytes = mm_view_sub(bytes, len, bytes.len - len);
    }
}

/* Records that differ in an address and a count, as they do. */
static void make_report(void)
{
    uint64_t state = 7;
    mm_buf_append_str(&report, "<?xml version=\"1.0\"?>\n<feedback><report_metadata/>\n");
    while (report.len < REPORT_BYTES) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        mm_buf_printf(&report,
                      "<record><row><source_ip>192.0.%u.%u</source_ip><count>%u</count>"
                      "<policy_evaluated><dkim>pass</dkim></policy_evaluated></row></record>\n",
                      (unsigned)(state >> 56), (unsigned)(state >> 48 & 255),
                      (unsigned)(state >> 40 & 63));
    }
    mm_buf_append_str(&report, "</feedback>\n");
    z_stream z = {.next_in = (Bytef *)report.data, .avail_in = (uInt)report.len};
    if (deflateInit2(&z, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK ||
        !mm_buf_reserve(&packed, deflateBound(&z, report.len)))
        exit(70);
    z.next_out = (Bytef *)packed.data;
    z.avail_out = (uInt)packed.cap;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END)
        exit(70);
    packed.len = z.total_out;
    deflateEnd(&z);
    mm_buf_append_str(&mail, "From: a@example.com\r\nSubject: Report\r\nMIME-Version: 1.0\r\n"
                             "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhi\r\n"
                             "--b\r\nContent-Type: application/gzip; name=a.xml.gz\r\n"
                             "Content-Transfer-Encoding: base64\r\n\r\n");
    encode_lines(&mail, mm_buf_view(&packed));
    mm_buf_append_str(&mail, "--b--\r\n");
}

/* Best seconds of a call. */
static double best(void (*run)(void), size_t bytes)
{
    uint64_t least = UINT64_MAX;
    size_t calls = ROUND_BYTES / bytes + 1;
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t start = mm_wall_ns();
        for (size_t i = 0; i < calls; i++)
            run();
        uint64_t took = mm_wall_ns() - start;
        least = took < least ? took : least;
    }
    return (double)least / 1e9 / (double)calls;
}

static void run_reference(void)
{
    mm_base64_decode_body_reference(mm_buf_view(&encoded), out, NULL);
}

static void run_fast(void)
{
    mm_base64_decode_body(mm_buf_view(&encoded), out, NULL);
}

static void run_openssl(void)
{
    if (EVP_DecodeBlock(out, (const unsigned char *)plain.data, (int)plain.len) < 0)
        exit(70);
}

static struct mm_unwrapper *unwrapper;
static struct mm_view input;
static uint64_t reports;

static enum mm_status count_document(void *context, const struct mm_document *d)
{
    (void)context;
    reports += d->kind == MM_DOCUMENT_XML && d->bytes.len == report.len;
    return MM_OK;
}

static enum mm_status count_reject(void *context, const struct mm_unwrap_reject *r)
{
    (void)context;
    (void)r;
    exit(70);
}

static void run_unwrap(void)
{
    struct mm_unwrap_sink sink = {
        .context = NULL, .document = count_document, .reject = count_reject};
    if (mm_unwrap_input(unwrapper, input, MM_VIEW("a.xml.gz"), &sink, NULL) != MM_OK)
        exit(70);
}

static void bench_base64(size_t bytes)
{
    struct mm_buf raw;
    mm_buf_init(&raw, SIZE_MAX / 2);
    fill(&raw, bytes);
    encode_lines(&encoded, mm_buf_view(&raw));
    if (!mm_buf_reserve(&plain, encoded.len))
        exit(70);
    plain.len = mm_unfold(plain.data, mm_buf_view(&encoded));
    out = malloc(MM_BASE64_BODY_ROOM(encoded.len));
    if (!out)
        exit(70);
    double reference = best(run_reference, encoded.len);
    printf("%-10s %8.2f GB/s\n", "reference", (double)encoded.len / reference / 1e9);
    for (int tier = MM_CPU_AVX512; tier >= MM_CPU_PORTABLE; tier--) {
        mm_cpu_limit((enum mm_cpu_tier)tier);
        if (mm_cpu_tier() != (enum mm_cpu_tier)tier)
            continue;
        double took = best(run_fast, encoded.len);
        printf("%-10s %8.2f GB/s  %6.1fx the reference\n", mm_cpu_tier_name(mm_cpu_tier()),
               (double)encoded.len / took / 1e9, reference / took);
    }
    mm_cpu_limit(MM_CPU_AVX512);
    double fast = best(run_fast, encoded.len), openssl = best(run_openssl, encoded.len);
    printf("%-10s %8.2f GB/s  we are %.1fx as fast, line ends included\n", "OpenSSL",
           (double)encoded.len / openssl / 1e9, openssl / fast);
    mm_buf_deinit(&raw);
    free(out);
}

static void bench_report(const char *name, struct mm_view bytes)
{
    input = bytes;
    reports = 0;
    double took = best(run_unwrap, 64 * 1024);
    printf("%-10s %8.2f us a report of %zu bytes, %zu packed%s\n", name, took * 1e6, report.len,
           bytes.len, reports ? "" : ": NOT FOUND");
}

int main(int argc, char **argv)
{
    struct mm_buf *const all[] = {&encoded, &plain, &report, &packed, &mail};
    for (size_t i = 0; i < MM_COUNT(all); i++)
        mm_buf_init(all[i], SIZE_MAX / 2);
    bench_base64(argc > 1 ? strtoull(argv[1], NULL, 10) : 48 * 1024);
    make_report();
    unwrapper = mm_unwrapper_new();
    if (!unwrapper)
        return 70;
    bench_report("xml", mm_buf_view(&report));
    bench_report("xml.gz", mm_buf_view(&packed));
    bench_report("by mail", mm_buf_view(&mail));
    mm_unwrapper_free(&unwrapper);
    for (size_t i = 0; i < MM_COUNT(all); i++)
        mm_buf_deinit(all[i]);
    return 0;
}
