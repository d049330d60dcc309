/*
 * make_reports.c - reports for measuring as files: always the same for one seed.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Usage: make_reports [--count N] [--seed N] FOLDER
 *
 * Aggregate reports, each an .xml.gz: see src/bench/report_maker.h for what they are like.
 *
 * FOLDER/000/…xml.gz  a thousand a folder, named as RFC 7489 section 7.2.1.1 says
 * FOLDER/list         a line a report: its path below FOLDER
 */
#include <inttypes.h>
#include <stdint.h>
#include <sys/stat.h>

#include "bench/report_maker.h"
#include "campaign/campaign.h"

static void write_file(const char *path, struct mm_view bytes)
{
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes.data, 1, bytes.len, file) != bytes.len)
        die("cannot write", path);
    must_close(file, path);
}

static void write_reports(const char *folder, uint32_t count, uint64_t seed)
{
    struct mm_report_maker maker;
    char path[CAMPAIGN_PATH_MAX], name[300];
    uint64_t records = 0, xml = 0, gz = 0;
    FILE *list = must_open(folder, "list", "w");
    mm_report_maker_init(&maker, seed);
    for (uint32_t i = 0; i < count; i++) {
        if (!mm_report_make_aggregate(&maker, i))
            die("no memory for", folder);
        snprintf(name, sizeof name, "%03u", i / CAMPAIGN_FOLDER_MESSAGES);
        if (i % CAMPAIGN_FOLDER_MESSAGES == 0 &&
            mkdir(campaign_path(path, folder, name), 0777) != 0)
            die("cannot make", path);
        snprintf(name, sizeof name, "%03u/%s", i / CAMPAIGN_FOLDER_MESSAGES, maker.name);
        write_file(campaign_path(path, folder, name), mm_buf_view(&maker.gzip));
        fprintf(list, "%s\n", name);
        records += maker.records;
        xml += maker.text.len;
        gz += maker.gzip.len;
    }
    must_close(list, "list");
    printf("reports=%u records=%" PRIu64 " xml_bytes=%" PRIu64 " gz_bytes=%" PRIu64 "\n", count,
           records, xml, gz);
    mm_report_maker_deinit(&maker);
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
    write_reports(folder, (uint32_t)count, seed);
    return 0;
}
