/*
 * stream_form.c - one message as a stream holds it: mbox, tar, batch SMTP, a row.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/stream_form.h"

#include "io/tar_write.h"
#include "mail/envelope.h"
#include "text/eol_convert.h"
#include "text/json_write.h"

enum {
    ARENA_MAX_BYTES = 64 * 1024 * 1024, /* index of a header of 1 MiB, its addresses: a backstop */
    STEP_MAX_BYTES = 16 * 1024 * 1024,  /* a part, its lines converted */
    CONVERT_BYTES = 64 * 1024
};

void mm_stream_former_init(struct mm_stream_former *f, enum mm_stream_form form, int64_t now)
{
    *f = (struct mm_stream_former){.form = form, .now = now};
    mm_arena_init(&f->arena, ARENA_MAX_BYTES);
    mm_buf_init(&f->step, STEP_MAX_BYTES);
}

void mm_stream_former_deinit(struct mm_stream_former *f)
{
    mm_arena_deinit(&f->arena);
    mm_buf_deinit(&f->step);
}

/* ---- batch SMTP ---- */

/* The envelope that came with the message, its line ends made CRLF; else the one that its header
 * tells. */
static enum mm_status write_envelope(struct mm_stream_former *f, const struct mm_item *item,
                                     const char **slug)
{
    struct mm_msg msg;
    struct mm_view rest = item->envelope;
    while (rest.len)
        mm_eol_convert(f->out, &rest, CONVERT_BYTES, MM_EOL_TO_CRLF);
    enum mm_status st = MM_OK;
    if (!item->envelope.len) {
        mm_arena_reset(&f->arena);
        st = mm_msg_index(&msg, item->out_rest, &f->arena);
        if (st == MM_OK)
            st = mm_envelope_write(f->out, &msg, &f->arena);
    }
    *slug = st == MM_OK ? NULL : "no-recipient";
    if (st != MM_OK)
        return st == MM_E_NOMEM ? st : MM_E_SYNTAX;
    mm_buf_append_str(f->out, "DATA\r\n");
    f->at_line_start = true;
    f->ends_in_cr = false;
    return MM_OK;
}

/* Lines end in CRLF here; one that begins with a dot gets one more (RFC 5321 section 4.5.2). */
static void append_stuffed(struct mm_stream_former *f, struct mm_view lines)
{
    while (lines.len) {
        const char *lf = memchr(lines.data, '\n', lines.len);
        size_t len = lf ? (size_t)(lf - lines.data) + 1 : lines.len;
        if (f->at_line_start && lines.data[0] == '.')
            mm_buf_append_char(f->out, '.');
        mm_buf_append(f->out, mm_view_sub(lines, 0, len));
        f->at_line_start = lf != NULL;
        lines = mm_view_sub(lines, len, lines.len - len);
    }
}

static void stuff_part(struct mm_stream_former *f, struct mm_view part)
{
    if (part.len == 0)
        return;
    bool cut_in_line_end = f->ends_in_cr && part.data[0] == '\n';
    f->ends_in_cr = part.data[part.len - 1] == '\r';
    if (cut_in_line_end) { /* it is whole with what the part before ended in */
        mm_buf_append_char(f->out, '\n');
        f->at_line_start = true;
        part = mm_view_sub(part, 1, part.len - 1);
    }
    while (part.len) {
        mm_buf_clear(&f->step);
        mm_eol_convert(&f->step, &part, CONVERT_BYTES, MM_EOL_TO_CRLF);
        append_stuffed(f, mm_buf_view(&f->step));
        f->out->failed = f->out->failed || f->step.failed;
    }
}

/* ---- a row ---- */

/* What was put on top, and of which message; a mail system inserts it by itself. */
static void write_signature_row(struct mm_stream_former *f, const struct mm_item *item)
{
    bool raw = false;
    mm_buf_append_str(f->out, "{\"message\":");
    mm_json_string(f->out, item->message, &raw);
    mm_buf_append_str(f->out, ",\"fields\":");
    mm_json_string(f->out, item->out_head, &raw);
    mm_buf_append_str(f->out, raw ? ",\"raw_bytes\":true}\n" : "}\n");
}

/* ---- a file of its own ---- */

static void append_file_top(struct mm_buf *out, const struct mm_item *item)
{
    struct mm_item_file_top top = mm_item_file_top(item);
    mm_buf_append(out, top.from_line);
    mm_buf_append(out, top.own_from_line);
}

static uint64_t file_size(const struct mm_item *item)
{
    struct mm_item_file_top top = mm_item_file_top(item);
    return top.from_line.len + top.own_from_line.len + item->out_head.len + item->out_rest.len;
}

/* ---- any ---- */

enum mm_status mm_stream_form_begin(struct mm_stream_former *f, struct mm_buf *out,
                                    const struct mm_item *item, const char **slug)
{
    f->out = out;
    f->size = file_size(item);
    *slug = NULL;
    switch (f->form) {
    case MM_STREAM_MBOX:
        mm_mbox_write_begin(&f->mbox, out,
                            item->has_pickup_lines ? (struct mm_view){"", 0} : item->out_from_line,
                            f->now);
        mm_mbox_write_part(&f->mbox, item->out_own_from_line);
        break;
    case MM_STREAM_TAR:
        mm_tar_write_header(out, mm_tar_name_inside(item->out_path), f->size, f->now);
        append_file_top(out, item);
        break;
    case MM_STREAM_BSMTP:
        return write_envelope(f, item, slug);
    case MM_STREAM_SIGNATURES:
        write_signature_row(f, item);
        break;
    case MM_STREAM_ONE:
        append_file_top(out, item);
        break;
    case MM_STREAM_ROWS:
    case MM_STREAM_AS_CAME:
        mm_buf_append(out, item->out_from_line);
        mm_buf_append(out, item->out_own_from_line);
        break;
    }
    return MM_OK;
}

void mm_stream_form_part(struct mm_stream_former *f, struct mm_view part)
{
    switch (f->form) {
    case MM_STREAM_MBOX:
        mm_mbox_write_part(&f->mbox, part);
        break;
    case MM_STREAM_BSMTP:
        stuff_part(f, part);
        break;
    case MM_STREAM_SIGNATURES:
        break;
    case MM_STREAM_TAR:
    case MM_STREAM_ROWS:
    case MM_STREAM_AS_CAME:
    case MM_STREAM_ONE:
        mm_buf_append(f->out, part);
        break;
    }
}

void mm_stream_form_end(struct mm_stream_former *f)
{
    if (f->form == MM_STREAM_MBOX)
        mm_mbox_write_end(&f->mbox);
    else if (f->form == MM_STREAM_TAR)
        mm_tar_write_padding(f->out, f->size);
    else if (f->form == MM_STREAM_BSMTP)
        mm_buf_append_str(f->out, f->at_line_start ? ".\r\n" : "\r\n.\r\n");
}

void mm_stream_form_trailer(enum mm_stream_form form, struct mm_buf *out)
{
    if (form == MM_STREAM_TAR)
        mm_tar_write_end(out);
}
