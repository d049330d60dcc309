/*
 * record_write.c - what a run of benchmarks found, as JSON; and on what machine and build.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/view.h"
#include "bench/record.h"
#include "io/whole_file.h"
#include "mailmill/run.h"
#include "text/json_write.h"

#ifndef MAILMILL_BUILD_FLAGS
#define MAILMILL_BUILD_FLAGS ""
#endif

/* ---- the machine ---- */

static void copy_text(char *out, size_t cap, const char *text)
{
    size_t len = strnlen(text, cap - 1);
    memcpy(out, text, len);
    out[len] = '\0';
}

/* The kernels among what the library tells of itself; their values one behind another. */
static void add_description(void *context, const char *name, const char *value)
{
    static const char *const kernels[] = {"canonicalization", "base64", "sha256", "public keys"};
    static const char *const libraries[] = {"openssl", "liburing", "xxhash"};
    struct mm_bench_machine *m = context;
    for (size_t i = 0; i < MM_COUNT(kernels); i++)
        if (strcmp(name, kernels[i]) == 0) {
            size_t at = strlen(m->tier);
            snprintf(m->tier + at, sizeof m->tier - at, "%s%s", at ? ", " : "", value);
        }
    for (size_t i = 0; i < MM_COUNT(libraries); i++)
        if (strcmp(name, libraries[i]) == 0) {
            size_t at = strlen(m->libraries);
            snprintf(m->libraries + at, sizeof m->libraries - at, "%s%s %s", at ? ", " : "", name,
                     value);
        }
}

/* "model name : ..." on x86; other processors do not tell. */
static void read_cpu_model(char *out, size_t cap)
{
    char line[512];
    FILE *file = fopen("/proc/cpuinfo", "re");
    copy_text(out, cap, "unknown");
    while (file && fgets(line, sizeof line, file)) {
        char *value = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || !value)
            continue;
        line[strcspn(line, "\n")] = '\0';
        copy_text(out, cap, value + 1 + strspn(value + 1, " "));
        break;
    }
    if (file)
        fclose(file);
}

void mm_bench_machine_of(struct mm_bench_machine *out)
{
    struct utsname os;
    *out = (struct mm_bench_machine){.workloads_version = MM_BENCH_WORKLOADS_VERSION};
    copy_text(out->measure, sizeof out->measure, "cpu");
    copy_text(out->version, sizeof out->version, mm_version());
    copy_text(out->flags, sizeof out->flags, MAILMILL_BUILD_FLAGS);
#ifdef __VERSION__
    copy_text(out->compiler, sizeof out->compiler, __VERSION__);
#endif
    if (uname(&os) == 0)
        copy_text(out->kernel, sizeof out->kernel, os.release);
    read_cpu_model(out->cpu, sizeof out->cpu);
    mm_describe(add_description, out);
}

const char *mm_bench_machines_differ(const struct mm_bench_machine *a,
                                     const struct mm_bench_machine *b)
{
    if (a->workloads_version != b->workloads_version)
        return "the workloads are of another version";
    if (strcmp(a->measure, b->measure) != 0)
        return "one counts instructions, the other CPU time";
    if (a->cold != b->cold)
        return "one was measured with --cold";
    if (strcmp(a->tier, b->tier) != 0)
        return "the processors are of another tier";
    return NULL;
}

/* ---- JSON ---- */

static void put_name(struct mm_buf *out, const char *name)
{
    char last = out->len ? out->data[out->len - 1] : '{';
    mm_buf_printf(out, "%s\"%s\":", last == '{' || last == '[' ? "" : ",", name);
}

static void put_text(struct mm_buf *out, const char *name, const char *text)
{
    put_name(out, name);
    mm_json_string(out, mm_view_of(text), NULL);
}

/* Twelve digits are far beyond what a measurement means, and read back as they were. */
static void put_number(struct mm_buf *out, const char *name, double value)
{
    put_name(out, name);
    mm_buf_printf(out, "%.12g", value);
}

static void put_machine(struct mm_buf *out, const struct mm_bench_machine *m)
{
    mm_buf_printf(out, "\"mailmill_bench\":%d,\"workloads_version\":%" PRIu64, MM_RECORD_VERSION,
                  m->workloads_version);
    put_text(out, "measure", m->measure);
    put_name(out, "cold");
    mm_buf_append_str(out, m->cold ? "true" : "false");
    put_name(out, "machine");
    mm_buf_append_char(out, '{');
    put_text(out, "tier", m->tier);
    put_text(out, "cpu", m->cpu);
    put_text(out, "kernel", m->kernel);
    put_text(out, "version", m->version);
    put_text(out, "libraries", m->libraries);
    put_text(out, "compiler", m->compiler);
    put_text(out, "flags", m->flags);
    mm_buf_append_char(out, '}');
}

static void put_result(struct mm_buf *out, const struct mm_bench_result *r)
{
    mm_buf_append_str(out, "\n{");
    put_text(out, "name", r->name);
    put_text(out, "unit", r->unit);
    put_number(out, "ratio", r->ratio.value);
    put_number(out, "ratio_low", r->ratio.low);
    put_number(out, "ratio_high", r->ratio.high);
    put_number(out, "rounds", (double)r->rounds);
    put_number(out, "items", (double)r->items);
    put_number(out, "items_per_s", r->items_per_s);
    put_number(out, "mb_per_s", r->mb_per_s);
    put_number(out, "cpu_us", r->cpu_us);
    put_number(out, "peak_bytes", (double)r->peak_bytes);
    put_name(out, "stages");
    mm_buf_append_char(out, '{');
    for (size_t i = 0; i < MM_BENCH_STAGES; i++)
        put_number(out, mm_bench_stage_name(i), r->stages[i]);
    mm_buf_append_str(out, "}}");
}

enum mm_status mm_bench_record_write(const struct mm_bench_record *record, const char *path,
                                     struct mm_error *err)
{
    struct mm_whole_file file;
    struct mm_buf text;
    mm_buf_init(&text, MM_RECORD_MAX_BYTES);
    mm_buf_append_char(&text, '{');
    put_machine(&text, &record->machine);
    mm_buf_append_str(&text, ",\"workloads\":[");
    for (size_t i = 0; i < record->count; i++) {
        mm_buf_append_str(&text, i ? "," : "");
        put_result(&text, &record->results[i]);
    }
    mm_buf_append_str(&text, "]}\n");
    enum mm_status st = text.failed ? mm_fail(err, MM_E_NOMEM, "no memory for %s", path)
                                    : mm_whole_file_open(&file, path, 0666, true, err);
    if (st == MM_OK) {
        st = mm_whole_file_write(&file, mm_buf_view(&text), err);
        if (st == MM_OK)
            st = mm_whole_file_commit(&file, err);
        mm_whole_file_abort(&file);
    }
    mm_buf_deinit(&text);
    return st;
}
