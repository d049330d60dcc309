/*
 * report_yardstick.c - what aggregate reports cost a plain C program: libdeflate, expat, one flat
 * CSV.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Usage: report_yardstick read    FOLDER            read the files
 *        report_yardstick inflate FOLDER            read and inflate them
 *        report_yardstick parse   FOLDER            and parse them, records thrown away
 *        report_yardstick csv     FOLDER OUT.csv    and write a line a record
 *
 * FOLDER comes from make_reports. Each file costs one open, read and close; buffers, inflater and
 * parser are used again. A value goes into the CSV in quotes where it has to. It shares no code
 * with mailmill. One line tells the CPU seconds of the work, start-up left out:
 * "cpu_s=1.234567 wall_s=1.240000 peak_bytes=5242880 reports=20000 records=400000".
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libdeflate.h>

#include "campaign/campaign.h"
#include "campaign/usage.h"
#include "reports/expat_report.h"

struct bench {
    const char *folder;
    FILE *csv; /* NULL: nothing is written */
    bool inflate, parse;
    struct libdeflate_decompressor *inflater;
    struct expat_reader *reader;
    char *packed, *text;
    size_t packed_cap, text_cap;
    uint64_t reports, records;
};

static void put_value(FILE *file, const struct expat_text *value)
{
    if (value->len == 0 || !strpbrk(value->data, ",\"\r\n")) {
        fwrite_unlocked(value->data ? value->data : "", 1, value->len, file);
        return;
    }
    putc_unlocked('"', file);
    for (size_t i = 0; i < value->len; i++) {
        if (value->data[i] == '"')
            putc_unlocked('"', file);
        putc_unlocked(value->data[i], file);
    }
    putc_unlocked('"', file);
}

static void on_record(void *context, const struct expat_text fields[FIELD_COUNT_ALL])
{
    struct bench *b = context;
    b->records++;
    for (int i = 0; b->csv && i < FIELD_COUNT_ALL; i++) {
        put_value(b->csv, &fields[i]);
        putc_unlocked(i + 1 < FIELD_COUNT_ALL ? ',' : '\n', b->csv);
    }
}

static void make_room(char **data, size_t *cap, size_t len)
{
    if (len <= *cap)
        return;
    free(*data);
    *cap = len * 2;
    *data = malloc(*cap);
    if (!*data)
        die("no memory for", "a report");
}

static size_t read_file(struct bench *b, const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0)
        die("cannot read", path);
    size_t len = (size_t)st.st_size;
    make_room(&b->packed, &b->packed_cap, len);
    if (read(fd, b->packed, len) != (ssize_t)len)
        die("cannot read", path);
    close(fd);
    return len;
}

/* RFC 1952 section 2.3.1: the last four bytes are the size of the text. */
static size_t inflate_file(struct bench *b, const char *path, size_t packed)
{
    uint32_t size;
    size_t len;
    if (packed < 18)
        die("too short", path);
    memcpy(&size, b->packed + packed - 4, sizeof size);
    make_room(&b->text, &b->text_cap, size);
    if (libdeflate_gzip_decompress(b->inflater, b->packed, packed, b->text, size, &len) !=
        LIBDEFLATE_SUCCESS)
        die("cannot inflate", path);
    return len;
}

static void read_reports(struct bench *b, FILE *list)
{
    char name[CAMPAIGN_PATH_MAX], path[CAMPAIGN_PATH_MAX];
    while (fgets(name, sizeof name, list)) {
        name[strcspn(name, "\n")] = 0;
        size_t len = read_file(b, campaign_path(path, b->folder, name));
        if (b->inflate)
            len = inflate_file(b, path, len);
        if (b->parse && expat_reader_read(b->reader, b->text, len) != 0)
            die("cannot parse", path);
        b->reports++;
    }
}

int main(int argc, char **argv)
{
    static const char *const works[] = {"read", "inflate", "parse", "csv"};
    int work = 0;
    while (argc >= 3 && work < 4 && strcmp(argv[1], works[work]) != 0)
        work++;
    if (argc < 3 || work == 4 || argc != 3 + (work == 3)) {
        fprintf(stderr,
                "usage: report_yardstick read|inflate|parse FOLDER, or csv FOLDER OUT.csv\n");
        return 64;
    }
    struct bench b = {.folder = argv[2], .inflate = work > 0, .parse = work > 1};
    b.inflater = libdeflate_alloc_decompressor();
    b.reader = expat_reader_new(on_record, &b);
    if (!b.inflater || !b.reader)
        die("no memory for", "the parser");
    FILE *list = must_open(b.folder, "list", "r");
    if (work == 3 && !(b.csv = fopen(argv[3], "w")))
        die("cannot write", argv[3]);
    struct usage begun = usage_now();
    read_reports(&b, list);
    if (b.csv)
        must_close(b.csv, argv[3]);
    usage_print(begun);
    printf("reports=%" PRIu64 " records=%" PRIu64 "\n", b.reports, b.records);
    fclose(list);
    libdeflate_free_decompressor(b.inflater);
    expat_reader_free(b.reader);
    free(b.packed);
    free(b.text);
    return 0;
}
