/*
 * row_text.c - a stranger's text as a table holds it: UTF-8, and with --redact without local parts.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/row_text.h"

#include "base/word.h"
#include "text/utf8.h"

/* Four times what fits a row: what is longer is of no use. */
enum { TEXT_MAX_BYTES = 64 * 1024 * 1024 };

void mm_row_text_deinit(struct mm_row_text *t)
{
    mm_buf_deinit(&t->scratch);
    *t = (struct mm_row_text){.arena = NULL};
}

/* Bytes from the start that are UTF-8. */
static size_t valid_bytes(struct mm_view text)
{
    size_t at = 0;
    while (at < text.len) {
        uint32_t code_point;
        if (text.len - at >= MM_WORD_BYTES && !(mm_word_load(text.data + at) & MM_WORD_TOPS)) {
            at += MM_WORD_BYTES;
            continue;
        }
        size_t len = mm_utf8_decode(mm_view_sub(text, at, text.len - at), &code_point);
        if (len == 0)
            break;
        at += len;
    }
    return at;
}

static void append_utf8(struct mm_buf *out, struct mm_view text)
{
    while (text.len) {
        size_t good = valid_bytes(text);
        mm_buf_append(out, mm_view_sub(text, 0, good));
        text = mm_view_sub(text, good, text.len - good);
        if (text.len) {
            char character[4];
            size_t len = mm_utf8_encode((unsigned char)text.data[0], character);
            mm_buf_append(out, (struct mm_view){character, len});
            text = mm_view_sub(text, 1, text.len - 1);
        }
    }
}

static struct mm_view keep(struct mm_row_text *t, struct mm_view text)
{
    struct mm_view kept =
        t->scratch.failed ? (struct mm_view){NULL, 0} : mm_arena_copy(t->arena, text);
    if (kept.data)
        return kept;
    t->failed = true;
    return MM_VIEW("");
}

static struct mm_buf *cleared_scratch(struct mm_row_text *t)
{
    t->scratch.max_bytes = TEXT_MAX_BYTES;
    mm_buf_clear(&t->scratch);
    return &t->scratch;
}

static struct mm_view utf8_of(struct mm_row_text *t, struct mm_view text)
{
    if (mm_word_is_ascii(text.data, text.len) || valid_bytes(text) == text.len)
        return text;
    append_utf8(cleared_scratch(t), text);
    return keep(t, mm_buf_view(&t->scratch));
}

struct mm_view mm_row_text_of(struct mm_row_text *t, struct mm_view text)
{
    text = utf8_of(t, text);
    if (!t->redaction || !mm_redaction_may_find(text))
        return text;
    mm_redaction_append(t->redaction, cleared_scratch(t), text);
    return keep(t, mm_buf_view(&t->scratch));
}

struct mm_view mm_row_text_path(struct mm_row_text *t, struct mm_view path)
{
    path = utf8_of(t, path);
    if (!t->redaction || !mm_redaction_may_find(path))
        return path;
    mm_redaction_append_path(t->redaction, cleared_scratch(t), path);
    return keep(t, mm_buf_view(&t->scratch));
}

struct mm_view mm_row_text_recipient(struct mm_row_text *t, struct mm_view recipient)
{
    recipient = utf8_of(t, recipient);
    if (!t->redaction || recipient.len == 0)
        return recipient;
    if (!mm_redaction_append_naming(t->redaction, cleared_scratch(t), recipient, NULL)) {
        mm_redaction_append_name(t->redaction, cleared_scratch(t), recipient);
        mm_redaction_names_add(&t->names, recipient);
    }
    return keep(t, mm_buf_view(&t->scratch));
}

struct mm_view mm_row_text_free(struct mm_row_text *t, struct mm_view text)
{
    if (!t->redaction || t->names.count == 0)
        return mm_row_text_of(t, text);
    text = utf8_of(t, text);
    if (!text.data)
        return text;
    mm_redaction_append_naming(t->redaction, cleared_scratch(t), text, &t->names);
    return keep(t, mm_buf_view(&t->scratch));
}
