/*
 * envelope.c - whom a message is from and for, as SMTP has it, taken from its header.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "mail/envelope.h"

#include "mail/address.h"

/* Would end a command, or has no place in one. */
static bool has_control(struct mm_view v)
{
    for (size_t i = 0; i < v.len; i++)
        if ((unsigned char)v.data[i] < 0x20 || v.data[i] == 0x7f)
            return true;
    return false;
}

/* True where a local part is no dot-string (RFC 5321 section 4.1.2) and has to be quoted. */
static bool needs_quotes(struct mm_view local)
{
    static const char specials[] = "()<>[]:;@\\,\" ";
    bool dot = true;
    for (size_t i = 0; i < local.len; i++) {
        bool is_dot = local.data[i] == '.';
        if ((is_dot && dot) || memchr(specials, local.data[i], sizeof specials - 1))
            return true;
        dot = is_dot;
    }
    return dot;
}

static void write_local(struct mm_buf *out, struct mm_view local)
{
    bool quoted = needs_quotes(local);
    if (quoted)
        mm_buf_append_char(out, '"');
    for (size_t i = 0; i < local.len; i++) {
        if (local.data[i] == '"' || local.data[i] == '\\')
            mm_buf_append_char(out, '\\');
        mm_buf_append_char(out, local.data[i]);
    }
    if (quoted)
        mm_buf_append_char(out, '"');
}

static bool write_command(struct mm_buf *out, const char *command, const struct mm_address *a)
{
    if (has_control(a->local) || has_control(a->domain))
        return false;
    mm_buf_append_str(out, command);
    write_local(out, a->local);
    mm_buf_append_char(out, '@');
    mm_buf_append(out, a->domain);
    mm_buf_append_str(out, ">\r\n");
    return true;
}

/* The topmost field of that name, or MM_FIELD_NONE. */
static uint32_t topmost(const struct mm_msg *msg, struct mm_view name)
{
    uint32_t at = mm_msg_lowest(msg, name);
    while (at != MM_FIELD_NONE && msg->fields[at].upper_same != MM_FIELD_NONE)
        at = msg->fields[at].upper_same;
    return at;
}

static enum mm_status write_sender(struct mm_buf *out, const struct mm_msg *msg,
                                   struct mm_arena *arena)
{
    static const struct mm_view NAMES[] = {{"return-path", 11}, {"sender", 6}, {"from", 4}};
    for (size_t i = 0; i < MM_COUNT(NAMES); i++) {
        struct mm_address a;
        uint32_t at = topmost(msg, NAMES[i]);
        if (at == MM_FIELD_NONE)
            continue;
        struct mm_view value = mm_field_value(msg, &msg->fields[at]);
        if (i == 0 && mm_view_eq(mm_view_trim_fws(value), MM_VIEW("<>"))) {
            mm_buf_append_str(out, "MAIL FROM:<>\r\n");
            return MM_OK;
        }
        enum mm_status st = mm_address_first(value, arena, &a);
        if (st == MM_E_NOMEM)
            return st;
        if (st == MM_OK && write_command(out, "MAIL FROM:<", &a))
            return MM_OK;
    }
    return MM_E_SYNTAX;
}

static enum mm_status write_recipients_of(struct mm_buf *out, struct mm_view value,
                                          struct mm_arena *arena, uint32_t *count)
{
    struct mm_address_list list;
    struct mm_address a;
    enum mm_status st;
    mm_address_list_begin(&list, value, arena);
    while ((st = mm_address_list_next(&list, &a)) == MM_OK)
        if (write_command(out, "RCPT TO:<", &a) && ++*count > MM_ENVELOPE_RECIPIENTS_MAX)
            return MM_E_LIMIT;
    return st == MM_END ? MM_OK : st;
}

enum mm_status mm_envelope_write(struct mm_buf *out, const struct mm_msg *msg,
                                 struct mm_arena *arena)
{
    static const struct mm_view NAMES[] = {{"to", 2}, {"cc", 2}, {"bcc", 3}};
    size_t before = out->len;
    uint32_t count = 0;
    enum mm_status st = write_sender(out, msg, arena);
    for (size_t i = 0; st == MM_OK && i < MM_COUNT(NAMES); i++)
        for (uint32_t at = mm_msg_lowest(msg, NAMES[i]); st == MM_OK && at != MM_FIELD_NONE;
             at = msg->fields[at].upper_same)
            st = write_recipients_of(out, mm_field_value(msg, &msg->fields[at]), arena, &count);
    if (st == MM_OK && count == 0)
        st = MM_E_SYNTAX;
    if (st != MM_OK)
        out->len = before;
    return out->failed ? MM_E_NOMEM : st;
}
