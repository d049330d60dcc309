/*
 * tool_report_facts.c - documents on standard input, what they say as JSON lines on standard
 * output.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each document is a line "KIND BYTES FILE-NAME", KIND being dmarc or tls, and then its bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/dmarc_report.h"
#include "report/tls_report.h"
#include "text/json_write.h"

static struct mm_buf out;
static bool raw_bytes; /* never: texts of reports are UTF-8 */

static void text(const char *name, struct mm_view value)
{
    mm_buf_printf(&out, ",\"%s\":", name);
    if (value.data)
        mm_json_string(&out, value, &raw_bytes);
    else
        mm_buf_append_str(&out, "null");
}

static void number(const char *name, long long value)
{
    mm_buf_printf(&out, ",\"%s\":%lld", name, value);
}

static void flags(const char *name, uint64_t bits, const char *(*word)(unsigned flag))
{
    const char *comma = "";
    mm_buf_printf(&out, ",\"%s\":[", name);
    for (unsigned i = 0; i < 64; i++)
        if (bits >> i & 1) {
            mm_buf_printf(&out, "%s\"%s\"", comma, word(i));
            comma = ",";
        }
    mm_buf_append_char(&out, ']');
}

static const char *dmarc_word(unsigned flag)
{
    return mm_dmarc_flag_word(flag);
}

static const char *tls_word(unsigned flag)
{
    return mm_tls_flag_word(flag);
}

static void rejected(const struct mm_report_fault *fault)
{
    mm_buf_printf(&out, "{\"reject\":\"%s\"", mm_report_fault_slug(fault->reason));
    number("offset", (long long)fault->offset);
    text("org_name", fault->org_name);
    text("report_id", fault->report_id);
}

static void dmarc(const struct mm_dmarc_report *r)
{
    uint32_t most_dkim = 0;
    for (uint32_t i = 0; i < r->record_count; i++)
        if (r->records[i].dkim_count > most_dkim)
            most_dkim = r->records[i].dkim_count;
    mm_buf_append_str(&out, "{\"kind\":\"dmarc\"");
    text("org_name", r->org_name);
    text("report_id", r->report_id);
    text("domain", r->policy_domain);
    number("begin", r->begin_time);
    number("end", r->end_time);
    text("p", r->p.raw);
    text("sp", r->sp.raw);
    text("np", r->np.raw);
    text("generator", r->generator);
    text("testing", r->testing.raw);
    text("discovery_method", r->discovery_method.raw);
    number("records", r->record_count);
    number("skipped", r->skipped_count);
    number("count_sum", r->message_count);
    number("dkim_aligned", r->dkim_aligned_count);
    number("spf_aligned", r->spf_aligned_count);
    number("dmarc_pass", r->dmarc_pass_count);
    number("max_dkim_per_record", most_dkim);
    mm_buf_append_str(&out, ",\"dispositions\":[");
    for (uint32_t i = 0; i < r->record_count; i++) {
        const struct mm_dmarc_record *record = &r->records[i];
        struct mm_view word = mm_dmarc_word_text(record->disposition.word);
        mm_buf_printf(&out, "%s[\"%.*s\",%lld]", i ? "," : "", (int)word.len,
                      word.data ? word.data : "", (long long)record->count);
    }
    mm_buf_append_char(&out, ']');
    flags("flags", r->flags, dmarc_word);
    flags("record_flags", r->record_flags, dmarc_word);
    mm_buf_printf(&out, ",\"key\":\"%016llx\",\"content\":\"%016llx\"",
                  (unsigned long long)r->report_key, (unsigned long long)r->content_hash);
}

static void tls(const struct mm_tls_report *r)
{
    mm_buf_append_str(&out, "{\"kind\":\"tls\"");
    text("organization-name", r->organization_name);
    text("report-id", r->report_id);
    number("start_us", r->start_us);
    number("end_us", r->end_us);
    mm_buf_append_str(&out, ",\"policies\":[");
    for (uint32_t i = 0; i < r->policy_count; i++) {
        const struct mm_tls_policy *policy = &r->policies[i];
        mm_buf_printf(&out, "%s{\"mx_hosts\":%u", i ? "," : "", policy->mx_hosts.count);
        text("type", policy->policy_type);
        text("domain", policy->policy_domain);
        text("sts_mode", policy->sts_mode);
        number("successful", policy->total_successful_session_count);
        number("failed", policy->total_failure_session_count);
        mm_buf_append_str(&out, ",\"failures\":[");
        for (uint32_t j = 0; j < policy->failure_count; j++) {
            mm_buf_append_str(&out, j ? ",[" : "[");
            mm_json_string(&out, policy->failures[j].result_type, &raw_bytes);
            mm_buf_printf(&out, ",%lld]", (long long)policy->failures[j].failed_session_count);
        }
        mm_buf_append_str(&out, "]}");
    }
    mm_buf_append_char(&out, ']');
    flags("flags", r->flags, tls_word);
}

static struct mm_xml_shapes *shapes; /* of all documents so far */

static void read_document(const char *kind, struct mm_view document,
                          const struct mm_report_hints *hints, struct mm_arena *arena)
{
    struct mm_report_fault fault;
    struct mm_dmarc_report dmarc_report;
    struct mm_tls_report tls_report;
    enum mm_status st;
    if (strcmp(kind, "dmarc") == 0) {
        st = mm_dmarc_parse(document, hints, shapes, arena, &dmarc_report, &fault);
        if (st == MM_OK)
            dmarc(&dmarc_report);
    } else {
        st = mm_tls_parse(document, hints, arena, &tls_report, &fault);
        if (st == MM_OK)
            tls(&tls_report);
    }
    if (st == MM_E_NOMEM)
        exit(1);
    if (st != MM_OK)
        rejected(&fault);
    mm_buf_append_str(&out, "}\n");
}

int main(void)
{
    char kind[16], name[4096];
    size_t bytes;
    struct mm_arena arena;
    mm_arena_init(&arena, (size_t)1 << 30);
    if (!(shapes = mm_xml_shapes_new()))
        return 1;
    mm_buf_init(&out, (size_t)1 << 30);
    while (scanf("%15s %zu %4095[^\n]", kind, &bytes, name) == 3 && getchar() == '\n') {
        char *data = malloc(bytes + 1);
        if (!data || fread(data, 1, bytes, stdin) != bytes)
            return 1;
        struct mm_report_hints hints = {.file_name = mm_view_of(name)};
        read_document(kind, (struct mm_view){data, bytes}, &hints, &arena);
        fwrite(out.data, 1, out.len, stdout);
        mm_buf_clear(&out);
        mm_arena_reset(&arena);
        free(data);
    }
    bool failed = raw_bytes || out.failed || ferror(stdout) || !feof(stdin);
    mm_xml_shapes_free(&shapes);
    mm_arena_deinit(&arena);
    mm_buf_deinit(&out);
    return failed;
}
