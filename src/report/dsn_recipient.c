/*
 * dsn_recipient.c - the address in a recipient field of message/delivery-status.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report/dsn_recipient.h"

#include "base/error.h"
#include "report/fields_block.h"
#include "text/cfws.h"
#include "text/hex.h"
#include "text/utf8.h"

/* ---- the address ---- */

/* Where an address that is followed by comments ends, or the length of the text. Blanks elsewhere
 * than in front of the comments are of no address. */
static size_t end_before_comments(struct mm_view text)
{
    size_t at = 0;
    while (at < text.len && text.data[at] != '(' && !mm_is_fws((unsigned char)text.data[at])) {
        if (text.data[at] != '"')
            at++;
        else if (!mm_cfws_skip_quoted(text, &at))
            return text.len;
    }
    size_t end = at;
    bool apart = end < text.len && text.data[end] != '(', whole = mm_cfws_skip(text, &at);
    if (end == 0 || text.data[0] == '|' || !whole || at < text.len)
        return text.len;
    return apart || memchr(text.data, '@', end) ? end : text.len; /* "a(b)c@d": one inside */
}

static struct mm_view without_brackets(struct mm_view text)
{
    text = mm_text_in_angles(text);
    if (text.len && text.data[0] == '<')
        text = mm_view_sub(text, 1, text.len - 1);
    if (text.len && text.data[text.len - 1] == '>')
        text.len--;
    return mm_view_trim_fws(text);
}

/* The length of "\x{…}" at the start of `text`, and the character that it stands for; 0 for none,
 * and for a control character, which stays visible so. */
static size_t embedded_character(struct mm_view text, uint32_t *code_point)
{
    size_t len = 3;
    uint32_t sum = 0;
    if (!mm_view_starts_nocase(text, MM_VIEW("\\x{")))
        return 0;
    while (len < text.len && len < 9 && mm_hex_value(text.data[len]) >= 0)
        sum = sum << 4 | (uint32_t)mm_hex_value(text.data[len++]);
    *code_point = sum;
    bool character = sum >= ' ' && sum != 0x7f && (sum < 0xd800 || sum > 0xdfff) && sum <= 0x10ffff;
    return character && len < text.len && text.data[len] == '}' ? len + 1 : 0;
}

static enum mm_status decode_embedded(struct mm_view *text, struct mm_arena *arena)
{
    if (!text->len || !memchr(text->data, '\\', text->len))
        return MM_OK;
    char *out = mm_arena_alloc(arena, text->len);
    size_t len = 0;
    if (!out)
        return MM_E_NOMEM;
    for (struct mm_view rest = *text; rest.len;) {
        uint32_t code_point;
        size_t step = embedded_character(rest, &code_point);
        if (step)
            len += mm_utf8_encode(code_point, out + len);
        else
            out[len++] = rest.data[0];
        step += step == 0;
        rest = mm_view_sub(rest, step, rest.len - step);
    }
    *text = (struct mm_view){out, len};
    return MM_OK;
}

enum mm_status mm_dsn_recipient(struct mm_view value, struct mm_arena *arena,
                                struct mm_view *address)
{
    struct mm_view type, text = mm_block_typed(value, &type);
    text = mm_view_sub(text, 0, end_before_comments(text));
    *address = without_brackets(text);
    if (mm_view_eq_nocase(type, MM_VIEW("utf-8")))
        return decode_embedded(address, arena);
    return MM_OK;
}

/* ---- xtext ---- */

/* The byte that "+XY" at the start of `text` stands for, or -1. Its digits are capitals. */
static int xtext_byte(struct mm_view text)
{
    static const char digits[] = "0123456789ABCDEF";
    if (text.len < 3 || text.data[0] != '+')
        return -1;
    const char *high = memchr(digits, text.data[1], 16), *low = memchr(digits, text.data[2], 16);
    return high && low ? (int)(high - digits) << 4 | (int)(low - digits) : -1;
}

enum mm_status mm_dsn_decode_xtext(struct mm_view *original, struct mm_view final,
                                   struct mm_arena *arena)
{
    if (original->len <= final.len || !memchr(original->data, '+', original->len))
        return MM_OK;
    char *out = mm_arena_alloc(arena, original->len);
    size_t len = 0;
    if (!out)
        return MM_E_NOMEM;
    for (struct mm_view rest = *original; rest.len;) {
        int byte = xtext_byte(rest);
        size_t step = byte >= 0 ? 3 : 1;
        out[len++] = byte >= 0 ? (char)byte : rest.data[0];
        rest = mm_view_sub(rest, step, rest.len - step);
    }
    if (mm_view_eq_nocase((struct mm_view){out, len}, final))
        *original = (struct mm_view){out, len};
    return MM_OK;
}
