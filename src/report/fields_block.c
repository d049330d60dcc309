/*
 * fields_block.c - the header-like text inside feedback reports and delivery notices.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report/fields_block.h"

bool mm_line_next(struct mm_view *rest, struct mm_view *line)
{
    size_t len = 0;
    if (rest->len == 0)
        return false;
    while (len < rest->len && rest->data[len] != '\n' && rest->data[len] != '\r')
        len++;
    size_t next = len;
    if (next < rest->len && rest->data[next] == '\r')
        next++;
    if (next < rest->len && rest->data[next] == '\n' && (next == len || rest->data[len] == '\r'))
        next++;
    *line = mm_view_sub(*rest, 0, len);
    *rest = mm_view_sub(*rest, next, rest->len - next);
    return true;
}

struct mm_view mm_text_lower(struct mm_view text, struct mm_arena *arena)
{
    size_t at = 0;
    while (at < text.len && (unsigned char)(text.data[at] - 'A') >= 26)
        at++;
    if (at == text.len)
        return text;
    struct mm_view copy = mm_arena_copy(arena, text);
    if (copy.data)
        mm_view_lower_to((char *)copy.data, text);
    return copy;
}

struct mm_view mm_text_one_line(struct mm_view text, struct mm_arena *arena)
{
    text = mm_view_trim_fws(text);
    size_t at = 0;
    while (at < text.len && (!mm_is_fws((unsigned char)text.data[at]) ||
                             (text.data[at] == ' ' && text.data[at + 1] != ' ')))
        at++;
    if (at == text.len)
        return text;
    char *out = mm_arena_alloc(arena, text.len);
    if (!out)
        return (struct mm_view){NULL, 0};
    size_t len = 0;
    for (at = 0; at < text.len; at++) {
        bool blank = mm_is_fws((unsigned char)text.data[at]);
        if (!blank || out[len - 1] != ' ')
            out[len++] = blank ? ' ' : text.data[at];
    }
    return (struct mm_view){out, len};
}

struct mm_view mm_text_in_angles(struct mm_view text)
{
    const char *open = text.len ? memchr(text.data, '<', text.len) : NULL;
    if (open) {
        struct mm_view inside = {open + 1, text.len - (size_t)(open + 1 - text.data)};
        struct mm_view rest;
        if (mm_view_cut(inside, '>', &inside, &rest))
            return mm_view_trim_fws(inside);
    }
    return mm_view_trim_fws(text);
}

struct mm_view mm_block_typed(struct mm_view value, struct mm_view *type)
{
    struct mm_view rest;
    *type = (struct mm_view){NULL, 0};
    struct mm_view head;
    if (!mm_view_cut(value, ';', &head, &rest))
        return mm_view_trim_fws(value);
    *type = mm_view_trim_fws(head);
    return mm_view_trim_fws(rest);
}

/* Bytes of the name where the line begins as a field does, else 0 (RFC 5322 sections 2.2, 4.5). */
static size_t name_bytes(struct mm_view line)
{
    size_t len = 0;
    while (len < line.len && line.data[len] > ' ' && line.data[len] < 0x7f && line.data[len] != ':')
        len++;
    size_t colon = len;
    while (colon < line.len && mm_is_wsp((unsigned char)line.data[colon]))
        colon++;
    return colon < line.len && line.data[colon] == ':' ? len : 0;
}

static bool is_blank(struct mm_view line)
{
    return mm_view_trim_wsp(line).len == 0;
}

/* Take the lines that go on the field: `value` then reaches over their ends. */
static void take_folds(struct mm_block_iter *it, struct mm_view *value)
{
    struct mm_view rest = it->rest, line;
    while (mm_line_next(&rest, &line) && !is_blank(line) &&
           (mm_is_wsp((unsigned char)line.data[0]) || name_bytes(line) == 0)) {
        value->len = (size_t)(line.data + line.len - value->data);
        it->rest = rest;
    }
}

enum mm_status mm_block_next(struct mm_block_iter *it, struct mm_block_field *field)
{
    struct mm_view line;
    while (mm_line_next(&it->rest, &line)) {
        size_t name_len = is_blank(line) ? 0 : name_bytes(line);
        if (name_len == 0) {
            it->after_blank = it->after_blank || is_blank(line);
            continue;
        }
        struct mm_view name, value;
        mm_view_cut(line, ':', &name, &value);
        take_folds(it, &value);
        field->name = mm_view_sub(line, 0, name_len);
        field->value = mm_text_one_line(value, it->arena);
        field->after_blank = it->after_blank;
        it->after_blank = false;
        return field->value.data ? MM_OK : MM_E_NOMEM;
    }
    return MM_END;
}
