/*
 * wrapping.c - files that hold one message and something of the program that wrote them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "mail/wrapping.h"

#include "mail/postfix_queue.h"

static const char TOO_MUCH[] = "an envelope of more than 1 MiB";

/* ---- envelopes ---- */

/* What may stand between < and > as it is: no control, blank, bracket or quote. */
static bool is_plain_address(struct mm_view address)
{
    for (size_t i = 0; i < address.len; i++)
        if ((unsigned char)address.data[i] <= ' ' || address.data[i] == 0x7f ||
            memchr("<>\"\\", address.data[i], 4))
            return false;
    return true;
}

struct envelope {
    struct mm_buf *out;
    size_t begin;
    bool has_sender, has_recipient, spoiled;
};

static void add_address(struct envelope *e, bool is_sender, struct mm_view address)
{
    bool too_many = is_sender && e->has_sender, too_early = !is_sender && !e->has_sender;
    if (too_many || too_early || !is_plain_address(address) || (!is_sender && !address.len)) {
        e->spoiled = true;
        return;
    }
    mm_buf_append_str(e->out, is_sender ? "MAIL FROM:<" : "RCPT TO:<");
    mm_buf_append(e->out, address);
    mm_buf_append_str(e->out, ">\r\n");
    e->has_sender = e->has_sender || is_sender;
    e->has_recipient = e->has_recipient || !is_sender;
}

static void end_envelope(struct envelope *e)
{
    if (e->spoiled || !e->has_recipient)
        e->out->len = e->begin;
}

/* ---- emlx ---- */

/* The line of the length: digits, maybe blanks. */
static bool emlx_begin(struct mm_view bytes, size_t *message_at, uint64_t *length)
{
    enum { LINE_MAX_BYTES = 32 };
    struct mm_view line =
        mm_view_sub(bytes, 0, bytes.len < LINE_MAX_BYTES ? bytes.len : LINE_MAX_BYTES);
    const char *lf = memchr(line.data, '\n', line.len);
    if (!lf)
        return false;
    line.len = (size_t)(lf - line.data);
    *message_at = line.len + 1;
    return mm_view_to_u64(mm_view_trim_wsp(line), length);
}

static void unwrap_emlx(struct mm_view bytes, struct mm_unwrapped *out)
{
    size_t at = 0;
    uint64_t length = 0;
    if (!emlx_begin(bytes, &at, &length) || length > bytes.len - at) {
        out->damage = "its first line says more bytes than there are";
        return;
    }
    out->message = mm_view_sub(bytes, at, (size_t)length);
    struct mm_view rest = mm_view_sub(bytes, at + (size_t)length, bytes.len - at - (size_t)length);
    if (!rest.len || mm_view_starts(rest, MM_VIEW("<?xml")))
        return;
    out->damage = "no property list behind the message";
    out->damage_at = at + (size_t)length;
}

/* ---- pickup ---- */

/* One line X-Sender or X-Receiver: its value. */
static bool pickup_line(struct mm_view bytes, struct mm_view *line, bool *is_sender,
                        struct mm_view *value)
{
    struct mm_view name;
    const char *lf = bytes.len ? memchr(bytes.data, '\n', bytes.len) : NULL;
    if (!lf)
        return false;
    *line = mm_view_sub(bytes, 0, (size_t)(lf - bytes.data) + 1);
    struct mm_view text =
        mm_view_sub(*line, 0, line->len - (mm_view_ends(*line, MM_VIEW("\r\n")) ? 2 : 1));
    if (!mm_view_cut(text, ':', &name, value))
        return false;
    *is_sender = mm_view_eq_nocase(name, MM_VIEW("X-Sender"));
    return *is_sender || mm_view_eq_nocase(name, MM_VIEW("X-Receiver"));
}

/* "<address> PARAMETER…" or the address alone. */
static struct mm_view address_in(struct mm_view value)
{
    struct mm_view address, rest;
    value = mm_view_trim_wsp(value);
    if (!mm_view_starts(value, MM_VIEW("<")))
        return value;
    value = mm_view_sub(value, 1, value.len - 1);
    return mm_view_cut(value, '>', &address, &rest) ? address : value;
}

static void unwrap_pickup(struct mm_view bytes, struct envelope *e, struct mm_unwrapped *out)
{
    struct mm_view line, value;
    size_t at = 0;
    bool is_sender;
    while (pickup_line(mm_view_sub(bytes, at, bytes.len - at), &line, &is_sender, &value)) {
        at += line.len;
        if (at > MM_WRAPPING_TOP_MAX_BYTES) {
            out->damage = TOO_MUCH;
            return;
        }
        add_address(e, is_sender, address_in(value));
    }
    out->top = mm_view_sub(bytes, 0, at);
    out->message = mm_view_sub(bytes, at, bytes.len - at);
}

/* ---- Postfix ---- */

/* Senders and recipients, wherever they stand: those of the header come behind the message. */
static void read_postfix_envelope(struct mm_view bytes, struct envelope *e,
                                  struct mm_unwrapped *out)
{
    struct mm_queue_record r;
    size_t at = 0, top = 0;
    while (!out->damage && mm_queue_next(bytes, &at, &r) && r.type != MM_QUEUE_END) {
        if (r.type != MM_QUEUE_SENDER && r.type != MM_QUEUE_RECIPIENT)
            continue;
        top += r.data.len;
        if (top > MM_WRAPPING_TOP_MAX_BYTES)
            out->damage = TOO_MUCH;
        else
            add_address(e, r.type == MM_QUEUE_SENDER, r.data);
    }
}

/* ---- any ---- */

/* A mail program may put X-Sender on top; X-Receiver with it makes an envelope. */
static bool is_pickup(struct mm_view bytes)
{
    struct mm_view line, value;
    bool is_sender, has_sender = false, has_receiver = false;
    for (size_t at = 0; at < MM_WRAPPING_TOP_MAX_BYTES && !(has_sender && has_receiver);
         at += line.len) {
        if (!pickup_line(mm_view_sub(bytes, at, bytes.len - at), &line, &is_sender, &value))
            return false;
        has_sender = has_sender || is_sender;
        has_receiver = has_receiver || !is_sender;
    }
    return has_sender && has_receiver;
}

enum mm_wrapping mm_wrapping_sniff(struct mm_view bytes)
{
    size_t at;
    uint64_t length;
    if (is_pickup(bytes))
        return MM_WRAPPING_PICKUP;
    if (bytes.len && emlx_begin(bytes, &at, &length))
        return MM_WRAPPING_EMLX;
    return mm_queue_sniff(bytes) ? MM_WRAPPING_POSTFIX : MM_WRAPPING_NONE;
}

void mm_unwrap(enum mm_wrapping wrapping, char *bytes, size_t len, struct mm_buf *envelope,
               struct mm_unwrapped *out)
{
    struct mm_view whole = {bytes, len};
    struct envelope e = {.out = envelope, .begin = envelope->len};
    *out =
        (struct mm_unwrapped){.message = mm_view_sub(whole, 0, 0), .top = mm_view_sub(whole, 0, 0)};
    switch (wrapping) {
    case MM_WRAPPING_EMLX:
        unwrap_emlx(whole, out);
        break;
    case MM_WRAPPING_PICKUP:
        unwrap_pickup(whole, &e, out);
        break;
    case MM_WRAPPING_POSTFIX:
        read_postfix_envelope(whole, &e, out);
        if (!out->damage)
            out->damage = mm_queue_message(bytes, len, &out->message, &out->damage_at);
        break;
    case MM_WRAPPING_NONE:
        out->message = whole;
        break;
    }
    end_envelope(&e);
}
