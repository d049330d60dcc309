/*
 * encoded_word.c - the text of a header field as its reader would see it (RFC 2047).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "mail/encoded_word.h"

#include "base/buf.h"
#include "base/error.h"
#include "text/base64_body.h"
#include "text/charset.h"
#include "text/hex.h"

/* U+FFFD for a byte. The rare charset that has more for one makes a text that is cut short. */
enum { UTF8_MAX_PER_BYTE = 3 };

/* =?charset*language?encoding?text?= */
struct word {
    struct mm_view charset, text;
    bool is_base64;
    size_t len; /* of all of it */
};

static bool find_question(struct mm_view v, size_t from, size_t *at)
{
    const char *hit = from < v.len ? memchr(v.data + from, '?', v.len - from) : NULL;
    *at = hit ? (size_t)(hit - v.data) : v.len;
    return hit != NULL;
}

/* The word that `v` begins with. `no_end` is set where no "?=" is to be found any more. */
static bool parse_word(struct mm_view v, struct word *w, bool *no_end)
{
    size_t charset_end;
    struct mm_view language;
    if (!mm_view_starts(v, MM_VIEW("=?")) || !find_question(v, 2, &charset_end) ||
        charset_end == 2 || v.len - charset_end < 3 || v.data[charset_end + 2] != '?')
        return false;
    unsigned char encoding = mm_ascii_lower((unsigned char)v.data[charset_end + 1]);
    if (encoding != 'b' && encoding != 'q')
        return false;
    size_t text = charset_end + 3;
    const char *end = memmem(v.data + text, v.len - text, "?=", 2);
    if (!end) {
        *no_end = true;
        return false;
    }
    /* RFC 2231 section 5: a language may follow the charset. */
    mm_view_cut(mm_view_sub(v, 2, charset_end - 2), '*', &w->charset, &language);
    w->text = (struct mm_view){v.data + text, (size_t)(end - v.data) - text};
    w->is_base64 = encoding == 'b';
    w->len = (size_t)(end - v.data) + 2;
    return true;
}

/* RFC 2047 section 4.2: '_' is a blank. */
static size_t decode_q(struct mm_view text, char *out)
{
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        int octet = c == '=' ? mm_hex_octet(mm_view_sub(text, i + 1, text.len - i - 1)) : -1;
        out[len++] = octet >= 0 ? (char)octet : c == '_' ? ' ' : c;
        i += octet >= 0 ? 2 : 0;
    }
    return len;
}

struct decoder {
    struct mm_buf out; /* fixed memory of the arena */
    char *bytes;       /* of the words so far that share a charset, not converted yet */
    size_t byte_count;
    struct mm_view charset;
    bool after_word; /* nothing but blanks since the last word */
    uint64_t replaced;
    struct mm_arena *arena;
};

static enum mm_status put_text(struct decoder *d, struct mm_view text, struct mm_view charset)
{
    struct mm_view utf8;
    uint64_t replaced;
    if (text.len == 0)
        return MM_OK;
    MM_TRY(mm_text_to_utf8(text, charset, d->arena, &utf8, &replaced));
    mm_buf_append(&d->out, utf8);
    d->replaced += replaced;
    return MM_OK;
}

static enum mm_status convert_bytes(struct decoder *d)
{
    struct mm_view bytes = {d->bytes, d->byte_count};
    d->bytes += d->byte_count; /* `utf8` of put_text() may borrow them */
    d->byte_count = 0;
    return put_text(d, bytes, d->charset);
}

static enum mm_status take_word(struct decoder *d, const struct word *w)
{
    if (!d->after_word || !mm_view_eq_nocase(d->charset, w->charset))
        MM_TRY(convert_bytes(d));
    d->charset = w->charset;
    char *to = d->bytes + d->byte_count;
    d->byte_count +=
        w->is_base64 ? mm_base64_decode_body(w->text, (uint8_t *)to, NULL) : decode_q(w->text, to);
    d->after_word = true;
    return MM_OK;
}

/* Text up to the next word, its line ends left out: they are folds (RFC 5322 section 2.2.3). */
static enum mm_status take_text(struct decoder *d, struct mm_view text, bool word_follows)
{
    if (d->after_word && word_follows && mm_view_trim_fws(text).len == 0)
        return MM_OK;
    MM_TRY(convert_bytes(d));
    d->after_word = false;
    while (text.len > 0) {
        size_t len = 0;
        while (len < text.len && text.data[len] != '\r' && text.data[len] != '\n')
            len++;
        MM_TRY(put_text(d, mm_view_sub(text, 0, len), MM_VIEW("")));
        while (len < text.len && (text.data[len] == '\r' || text.data[len] == '\n'))
            len++;
        text = mm_view_sub(text, len, text.len - len);
    }
    return MM_OK;
}

static enum mm_status decode(struct decoder *d, struct mm_view value)
{
    struct word w;
    bool no_end = false;
    size_t plain = 0, at = 0;
    while (at < value.len) {
        const char *hit = no_end ? NULL : memmem(value.data + at, value.len - at, "=?", 2);
        at = hit ? (size_t)(hit - value.data) : value.len;
        if (hit && !parse_word(mm_view_sub(value, at, value.len - at), &w, &no_end)) {
            at += 2;
            continue;
        }
        MM_TRY(take_text(d, mm_view_sub(value, plain, at - plain), hit != NULL));
        if (hit)
            MM_TRY(take_word(d, &w));
        at += hit ? w.len : 0;
        plain = at;
    }
    return take_text(d, mm_view_sub(value, plain, value.len - plain), false);
}

static bool is_plain(struct mm_view value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.data[i];
        if (c >= 0x80 || c == '\r' || c == '\n' || c == '?')
            return false;
    }
    return true;
}

enum mm_status mm_encoded_words_decode(struct mm_view value, struct mm_arena *arena,
                                       struct mm_view *out, uint64_t *replaced)
{
    struct decoder d = {.arena = arena};
    if (replaced)
        *replaced = 0;
    *out = value;
    if (value.len == 0)
        return MM_OK;
    *out = value = mm_view_trim_fws(value);
    if (is_plain(value))
        return MM_OK;
    size_t cap = value.len * UTF8_MAX_PER_BYTE + 1;
    d.bytes = mm_arena_alloc(arena, value.len + MM_BASE64_BODY_ROOM(value.len));
    d.out = (struct mm_buf){.data = mm_arena_alloc(arena, cap), .cap = cap, .max_bytes = cap};
    if (!d.bytes || !d.out.data)
        return MM_E_NOMEM;
    MM_TRY(decode(&d, value));
    *out = mm_buf_view(&d.out);
    if (replaced)
        *replaced = d.replaced;
    return MM_OK;
}

enum mm_status mm_text_to_utf8(struct mm_view text, struct mm_view name, struct mm_arena *arena,
                               struct mm_view *out, uint64_t *replaced)
{
    struct mm_charset charset = {.kind = MM_CHARSET_UTF8}, marked = charset;
    uint64_t count;
    if (name.len > 0 && !mm_charset_find(name, &charset))
        charset.kind = MM_CHARSET_UTF8;
    size_t mark = mm_charset_of_mark(text, &marked);
    if (mm_view_eq_nocase(name, MM_VIEW("utf-16")) && marked.kind != MM_CHARSET_UTF8) {
        charset = marked; /* RFC 2781 section 4.3 */
        text = mm_view_sub(text, mark, text.len - mark);
    }
    return mm_charset_to_utf8(&charset, text, arena, out, replaced ? replaced : &count);
}
