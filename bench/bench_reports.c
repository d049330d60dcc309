/*
 * bench_reports.c - aggregate reports in memory: our parser and model beside expat, in turns.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Usage: bench_reports FOLDER          a folder that make_reports wrote
 *
 * "events": the pull parser alone beside expat with handlers that do nothing. "report": typed
 * values with both hashes beside expat_report, which gathers 22 texts a record and types none.
 * "shapes": the same beside ourselves without what is known of records before (text/xml_shapes.h).
 * A figure is the best of its rounds; the ratio is of the best to the best.
 */
#include <dirent.h>
#include <expat.h>
#include <stdio.h>
#include <stdlib.h>

#include <libdeflate.h>

#include "base/clock.h"
#include "base/cpu.h"
#include "campaign/campaign.h"
#include "report/dmarc_report.h"
#include "reports/expat_report.h"
#include "text/xml_pull.h"

enum { ROUNDS = 7, DOCUMENTS_MAX = 20000, BYTES_MAX = 256 << 20 };

static struct mm_view documents[DOCUMENTS_MAX];
static size_t document_count, document_bytes;
static int64_t messages; /* what a round found, so that none is left out */

static void load_document(const char *path, struct libdeflate_decompressor *inflater)
{
    static char packed[8 << 20];
    FILE *file = fopen(path, "rb");
    size_t len = file ? fread(packed, 1, sizeof packed, file) : 0;
    uint32_t size;
    if (len < 18)
        die("cannot read", path);
    fclose(file);
    memcpy(&size, packed + len - 4, sizeof size);
    char *text = malloc(size);
    if (!text ||
        libdeflate_gzip_decompress(inflater, packed, len, text, size, NULL) != LIBDEFLATE_SUCCESS)
        die("cannot inflate", path);
    documents[document_count++] = (struct mm_view){text, size};
    document_bytes += size;
}

static void load(const char *folder)
{
    char name[CAMPAIGN_PATH_MAX], path[CAMPAIGN_PATH_MAX];
    struct libdeflate_decompressor *inflater = libdeflate_alloc_decompressor();
    FILE *list = must_open(folder, "list", "r");
    while (document_count < DOCUMENTS_MAX && document_bytes < BYTES_MAX &&
           fgets(name, sizeof name, list)) {
        name[strcspn(name, "\n")] = 0;
        load_document(campaign_path(path, folder, name), inflater);
    }
    fclose(list);
    libdeflate_free_decompressor(inflater);
}

static void our_events(void)
{
    static struct mm_xml_pull p;
    for (size_t i = 0; i < document_count; i++) {
        mm_xml_pull_init(&p, documents[i], MM_XML_STRICT);
        while (mm_xml_pull_next(&p) == MM_OK)
            messages++;
        if (p.fault)
            die("not well-formed", mm_xml_fault_words(p.fault));
    }
}

static void count_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
    (void)context;
    (void)name;
    (void)attributes;
    messages++;
}

static void count_end(void *context, const XML_Char *name)
{
    (void)context;
    (void)name;
}

static void count_text(void *context, const XML_Char *text, int len)
{
    (void)context;
    (void)text;
    (void)len;
}

static void expat_events(void)
{
    XML_Parser parser = XML_ParserCreate(NULL);
    for (size_t i = 0; i < document_count; i++) {
        XML_ParserReset(parser, NULL);
        XML_SetElementHandler(parser, count_start, count_end);
        XML_SetCharacterDataHandler(parser, count_text);
        if (XML_Parse(parser, documents[i].data, (int)documents[i].len, 1) != XML_STATUS_OK)
            die("not well-formed", "a report");
    }
    XML_ParserFree(parser);
}

static struct mm_arena arena;
static struct mm_xml_shapes *shapes;

static void read_reports(struct mm_xml_shapes *known)
{
    static struct mm_dmarc_report report;
    struct mm_report_fault fault;
    for (size_t i = 0; i < document_count; i++) {
        mm_arena_reset(&arena);
        if (mm_dmarc_parse(documents[i], NULL, known, &arena, &report, &fault) != MM_OK)
            die("no report", mm_report_fault_slug(fault.reason));
        messages += report.message_count;
    }
}

static void our_reports(void)
{
    read_reports(shapes);
}

static void our_reports_without_shapes(void)
{
    read_reports(NULL);
}

static void add_count(void *context, const struct expat_text fields[FIELD_COUNT_ALL])
{
    (void)context;
    messages += strtoll(fields[FIELD_COUNT].data, NULL, 10);
}

static void expat_reports(void)
{
    static struct expat_reader *reader;
    if (!reader && !(reader = expat_reader_new(add_count, NULL)))
        die("no memory for", "the parser");
    for (size_t i = 0; i < document_count; i++)
        if (expat_reader_read(reader, documents[i].data, documents[i].len) != 0)
            die("not well-formed", "a report");
}

static uint64_t time_of(void (*work)(void))
{
    uint64_t start = mm_process_cpu_ns();
    work();
    return mm_process_cpu_ns() - start;
}

static void compare(const char *name, void (*ours)(void), const char *others, void (*theirs)(void))
{
    uint64_t best = UINT64_MAX, other = UINT64_MAX;
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t ns = time_of(ours);
        best = ns < best ? ns : best;
        ns = time_of(theirs);
        other = ns < other ? ns : other;
    }
    double bytes = (double)document_bytes, count = (double)document_count;
    printf("%-8s %-8s %7.3f GB/s %8.2f us a report   %-8s %6.3f GB/s %8.2f us   ratio %5.2f\n",
           name, mm_cpu_tier_name(mm_cpu_tier()), bytes / (double)best, (double)best / 1e3 / count,
           others, bytes / (double)other, (double)other / 1e3 / count,
           (double)other / (double)best);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: bench_reports FOLDER\n");
        return 64;
    }
    load(argv[1]);
    mm_arena_init(&arena, (size_t)1 << 30);
    if (!(shapes = mm_xml_shapes_new()))
        die("no memory for", "shapes");
    printf("%zu reports, %.1f KB on average\n", document_count,
           (double)document_bytes / 1e3 / (double)document_count);
    mm_cpu_limit(MM_CPU_AVX512);
    enum mm_cpu_tier tier = mm_cpu_tier();
    compare("events", our_events, "expat", expat_events);
    compare("report", our_reports, "expat", expat_reports);
    compare("shapes", our_reports, "without", our_reports_without_shapes);
    while (tier > MM_CPU_PORTABLE) {
        mm_cpu_limit(--tier);
        if (mm_cpu_tier() == tier)
            compare("report", our_reports, "expat", expat_reports);
    }
    mm_xml_shapes_free(&shapes);
    mm_arena_deinit(&arena);
    return 0;
}
