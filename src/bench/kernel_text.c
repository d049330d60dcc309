/*
 * kernel_text.c - kernels by themselves: canonical bodies, base64, XML, Parquet.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench/mail_maker.h"
#include "bench/pass_kernel.h"
#include "bench/report_maker.h"
#include "columnar/parquet_writer.h"
#include "columnar/row.h"
#include "dkim/canon_body.h"
#include "report/dmarc_report.h"
#include "text/base64_body.h"

enum {
    SEED = 5,
    MESSAGES = 256,
    TEXT_MAX_BYTES = 64 * 1024 * 1024,
    OUT_BYTES = 16 * 1024,
    MEGABYTE = 1000 * 1000
};

/* Texts one behind another, and what they are worked into. */
struct texts {
    struct mm_buf all;
    size_t ends[MESSAGES], count;
    unsigned passes;
    uint8_t *out;
    struct mm_arena arena;
    struct mm_xml_shapes *shapes;
};

static struct texts *texts_new(void **state)
{
    struct texts *t = *state = calloc(1, sizeof *t);
    if (t) {
        mm_buf_init(&t->all, TEXT_MAX_BYTES);
        mm_arena_init(&t->arena, TEXT_MAX_BYTES);
    }
    return t;
}

static void texts_close(void *state)
{
    struct texts *t = state;
    if (!t)
        return;
    mm_buf_deinit(&t->all);
    mm_arena_deinit(&t->arena);
    mm_xml_shapes_free(&t->shapes);
    free(t->out);
    free(t);
}

static struct mm_view text_at(const struct texts *t, size_t i)
{
    size_t from = i ? t->ends[i - 1] : 0;
    return mm_view_sub(mm_buf_view(&t->all), from, t->ends[i] - from);
}

static void add_text(struct texts *t, struct mm_view text)
{
    mm_buf_append(&t->all, text);
    t->ends[t->count++] = t->all.len;
}

/* The texts are there: so often they are worked on in a pass. */
static enum mm_status ready(struct texts *t, unsigned passes, bool few, struct mm_kernel_size *size,
                            struct mm_error *err)
{
    if (!t || t->all.failed)
        return mm_fail(err, MM_E_NOMEM, "no memory for a kernel's data");
    t->passes = few ? 1 : passes;
    size->bytes = (uint64_t)t->passes * t->all.len;
    size->items = size->bytes / MEGABYTE + 1;
    return MM_OK;
}

/* ---- canonical bodies ---- */

static enum mm_status open_bodies(void **state, bool few, struct mm_kernel_size *size,
                                  struct mm_error *err)
{
    const struct mm_mail_shape shape = {.domains = 1, .sizes = MM_MAIL_SMALL};
    struct texts *t = texts_new(state);
    struct mm_mail_maker maker;
    mm_mail_maker_init(&maker, &shape, SEED);
    for (uint32_t i = 0; t && i < MESSAGES && mm_mail_make(&maker, i); i++)
        add_text(t, mm_view_sub(mm_buf_view(&maker.text), maker.body_at,
                                maker.text.len - maker.body_at));
    mm_mail_maker_deinit(&maker);
    return ready(t, 64, few, size, err);
}

static enum mm_status pass_bodies(void *state, struct mm_error *err)
{
    struct texts *t = state;
    char out[OUT_BYTES];
    (void)err;
    for (unsigned p = 0; p < t->passes; p++)
        for (size_t i = 0; i < t->count; i++) {
            struct mm_canon_body canon;
            struct mm_view body = text_at(t, i);
            mm_canon_body_init(&canon, MM_CANON_RELAXED);
            while (body.len)
                mm_canon_body_feed(&canon, &body, out, sizeof out);
            while (mm_canon_body_end(&canon, out))
                ;
        }
    return MM_OK;
}

const struct mm_kernel_work mm_kernel_canonicalize = {open_bodies, pass_bodies, texts_close};

/* ---- base64 ---- */

enum { BASE64_BYTES = 256 * 1024, BASE64_LINE_OCTETS = 57 };

static enum mm_status open_base64(void **state, bool few, struct mm_kernel_size *size,
                                  struct mm_error *err)
{
    struct texts *t = texts_new(state);
    struct mm_draw draw = {SEED};
    while (t && t->all.len < BASE64_BYTES && !t->all.failed) {
        uint8_t octets[BASE64_LINE_OCTETS];
        char line[MM_BASE64_ENCODED_BYTES(BASE64_LINE_OCTETS)];
        for (size_t i = 0; i < sizeof octets; i++)
            octets[i] = (uint8_t)mm_draw_next(&draw);
        mm_buf_append(&t->all,
                      (struct mm_view){line, mm_base64_encode(line, octets, sizeof octets)});
        mm_buf_append(&t->all, MM_VIEW("\r\n"));
    }
    if (t && !(t->out = malloc(MM_BASE64_BODY_ROOM(t->all.len))))
        t->all.failed = true;
    return ready(t, 256, few, size, err);
}

static enum mm_status pass_base64(void *state, struct mm_error *err)
{
    struct texts *t = state;
    for (unsigned p = 0; p < t->passes; p++)
        if (mm_base64_decode_body(mm_buf_view(&t->all), t->out, NULL) == 0)
            return mm_fail(err, MM_E_BUG, "base64 of our own cannot be read");
    return MM_OK;
}

const struct mm_kernel_work mm_kernel_base64 = {open_base64, pass_base64, texts_close};

/* ---- XML ---- */

static enum mm_status open_xml(void **state, bool few, struct mm_kernel_size *size,
                               struct mm_error *err)
{
    struct texts *t = texts_new(state);
    struct mm_report_maker maker;
    mm_report_maker_init(&maker, SEED);
    if (t && !(t->shapes = mm_xml_shapes_new()))
        t->all.failed = true;
    for (uint32_t i = 0; t && i < MESSAGES && mm_report_make_aggregate(&maker, i); i++)
        add_text(t, mm_buf_view(&maker.text));
    mm_report_maker_deinit(&maker);
    return ready(t, 4, few, size, err);
}

static enum mm_status pass_xml(void *state, struct mm_error *err)
{
    struct texts *t = state;
    struct mm_dmarc_report report;
    struct mm_report_fault fault;
    for (unsigned p = 0; p < t->passes; p++)
        for (size_t i = 0; i < t->count; i++) {
            mm_arena_reset(&t->arena);
            if (mm_dmarc_parse(text_at(t, i), NULL, t->shapes, &t->arena, &report, &fault) != MM_OK)
                return mm_fail(err, MM_E_BUG, "a report of our own cannot be read");
        }
    return MM_OK;
}

const struct mm_kernel_work mm_kernel_xml = {open_xml, pass_xml, texts_close};

/* ---- Parquet ---- */

enum { ROWS = 20000, FEW_ROWS = 500, ROWS_MAX_BYTES = 16 * 1024 * 1024 };

/* As results of authentication are: some words that come again, times, counts, names. */
static const struct mm_column columns[] = {
    {.field = {.name = "policy_domain", .type = MM_VALUE_STRING}, .shape = MM_COLUMN_SCALAR},
    {.field = {.name = "source_ip", .type = MM_VALUE_ADDRESS}, .shape = MM_COLUMN_SCALAR},
    {.field = {.name = "count", .type = MM_VALUE_INT64}, .shape = MM_COLUMN_SCALAR},
    {.field = {.name = "begin_time", .type = MM_VALUE_TIMESTAMP}, .shape = MM_COLUMN_SCALAR},
    {.field = {.name = "pass", .type = MM_VALUE_BOOL}, .shape = MM_COLUMN_SCALAR},
    {.field = {.name = "result", .type = MM_VALUE_STRING}, .shape = MM_COLUMN_SCALAR},
};
static const struct mm_table_schema schema = {
    .name = "bench", .columns = columns, .column_count = MM_COUNT(columns)};

struct table {
    struct mm_buf bytes;
    size_t ends[ROWS], count;
    int fd;
};

static bool add_row(struct table *t, struct mm_draw *draw)
{
    static const struct mm_view results[] = {{"pass", 4}, {"fail", 4}, {"none", 4}};
    struct mm_row_writer w;
    struct mm_view row;
    char domain[48];
    uint8_t address[MM_ADDRESS_BYTES] = {[10] = 0xff, [11] = 0xff, [12] = 198, [13] = 18};
    uint32_t host = mm_draw_below(draw, 4000);
    address[14] = (uint8_t)(host >> 8);
    address[15] = (uint8_t)host;
    int len = snprintf(domain, sizeof domain, "customer-%u.example", mm_draw_below(draw, 200));
    mm_row_writer_init(&w, &schema, &t->bytes);
    mm_row_begin(&w);
    mm_row_string(&w, (struct mm_view){domain, (size_t)len});
    mm_row_address(&w, address);
    mm_row_int(&w, 1 + mm_draw_below(draw, 500));
    mm_row_int(&w, (MM_MAIL_TIME + (int64_t)mm_draw_below(draw, 365) * 86400) * 1000000);
    mm_row_bool(&w, mm_draw_one_in(draw, 2));
    mm_row_string(&w, results[mm_draw_below(draw, MM_COUNT(results))]);
    bool made = mm_row_end(&w, &row) == MM_OK;
    t->ends[t->count++] = t->bytes.len;
    return made;
}

static enum mm_status open_table(void **state, bool few, struct mm_kernel_size *size,
                                 struct mm_error *err)
{
    struct table *t = *state = calloc(1, sizeof *t);
    struct mm_draw draw = {SEED};
    size_t rows = few ? FEW_ROWS : ROWS;
    if (!t)
        return mm_fail(err, MM_E_NOMEM, "no memory for a kernel's data");
    t->fd = memfd_create("bench", MFD_CLOEXEC);
    mm_buf_init(&t->bytes, ROWS_MAX_BYTES);
    while (t->count < rows)
        if (!add_row(t, &draw))
            return mm_fail(err, MM_E_NOMEM, "no memory for a kernel's data");
    *size = (struct mm_kernel_size){.items = rows, .bytes = t->bytes.len};
    return t->fd < 0 ? mm_fail(err, MM_E_IO, "no file in memory") : MM_OK;
}

static enum mm_status pass_table(void *state, struct mm_error *err)
{
    static const struct mm_table_options options = {.row_group_rows = 0};
    struct table *t = state;
    struct mm_table_writer *writer = NULL;
    struct mm_table_totals totals;
    if (ftruncate(t->fd, 0) != 0 || lseek(t->fd, 0, SEEK_SET) != 0)
        return mm_fail(err, MM_E_IO, "a file in memory cannot be emptied");
    enum mm_status st = mm_parquet_form.open(&schema, t->fd, &options, &writer, err);
    for (size_t i = 0, at = 0; st == MM_OK && i < t->count; at = t->ends[i++])
        st = mm_table_writer_append(writer,
                                    mm_view_sub(mm_buf_view(&t->bytes), at, t->ends[i] - at), err);
    if (st == MM_OK)
        st = mm_table_writer_finish(writer, &totals, err);
    mm_table_writer_free(&writer);
    return st;
}

static void close_table(void *state)
{
    struct table *t = state;
    if (!t)
        return;
    mm_buf_deinit(&t->bytes);
    if (t->fd >= 0)
        close(t->fd);
    free(t);
}

const struct mm_kernel_work mm_kernel_parquet = {open_table, pass_table, close_table};
