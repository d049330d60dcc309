/*
 * mime_params.c - the value and the parameters of a Content-Type or Content-Disposition field.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "mail/mime_params.h"

#include "mail/encoded_word.h"
#include "text/cfws.h"
#include "text/hex.h"

/* ---- taking the field apart ---- */

/* A comment stands apart: in name=report(1).zip, which should have had quotes, there is none. */
static bool is_comment(struct mm_view v, size_t at)
{
    return v.data[at] == '(' && (at == 0 || mm_is_fws((unsigned char)v.data[at - 1]));
}

/* Up to the next ';' that is in no quoted string or comment, that one not included. */
static struct mm_view take_item(struct mm_view field, size_t *at)
{
    size_t start = *at;
    while (*at < field.len && field.data[*at] != ';') {
        if (field.data[*at] == '"')
            mm_cfws_skip_quoted(field, at);
        else if (is_comment(field, *at))
            mm_cfws_skip_comment(field, at);
        else
            ++*at;
    }
    return mm_view_sub(field, start, *at - start);
}

/* Without comments and folding white space at both ends. */
static struct mm_view trim_cfws(struct mm_view v)
{
    size_t at = 0, end = 0;
    mm_cfws_skip(v, &at);
    v = mm_view_sub(v, at, v.len - at);
    for (at = 0; at < v.len;) { /* `end` is behind the last byte that is neither */
        if (mm_is_fws((unsigned char)v.data[at])) {
            at++;
            continue;
        }
        if (is_comment(v, at)) {
            mm_cfws_skip_comment(v, &at);
            continue;
        }
        if (v.data[at] == '"')
            mm_cfws_skip_quoted(v, &at);
        else
            at++;
        end = at;
    }
    return mm_view_sub(v, 0, end);
}

void mm_mime_params_parse(struct mm_mime_params *params, struct mm_view field)
{
    size_t at = 0;
    params->count = 0;
    params->value = trim_cfws(take_item(field, &at));
    while (at < field.len && params->count < MM_MIME_PARAMS_MAX) {
        struct mm_view name, value;
        at++; /* the ';' */
        if (!mm_view_cut(take_item(field, &at), '=', &name, &value))
            continue;
        name = trim_cfws(name);
        if (name.len > 0)
            params->params[params->count++] =
                (struct mm_mime_param){.name = name, .value = trim_cfws(value)};
    }
}

/* ---- putting a parameter together ---- */

/* The bytes of a value: quotes off, escapes and line ends undone, or as it is. `to` has room for
 * value.len bytes. */
static size_t unquote(struct mm_view value, char *to)
{
    size_t len = 0;
    if (!mm_view_starts(value, MM_VIEW("\""))) {
        memcpy(to, value.data, value.len);
        return value.len;
    }
    for (size_t i = 1; i < value.len && value.data[i] != '"'; i++) {
        if (value.data[i] == '\r' || value.data[i] == '\n')
            continue;
        if (value.data[i] == '\\' && i + 1 < value.len)
            i++;
        to[len++] = value.data[i];
    }
    return len;
}

/* RFC 2231 section 4: %XX. In place. */
static size_t decode_percent(char *text, size_t len)
{
    size_t to = 0;
    for (size_t i = 0; i < len; i++) {
        int octet = text[i] == '%' ? mm_hex_octet((struct mm_view){text + i + 1, len - i - 1}) : -1;
        text[to++] = octet < 0 ? text[i] : (char)octet;
        i += octet < 0 ? 0 : 2;
    }
    return to;
}

/* What a parameter's name says besides NAME: `*` at its end, and the number of a piece. */
struct form {
    bool is_encoded, is_piece;
    uint64_t number;
};

static bool has_name(const struct mm_mime_param *p, struct mm_view name, struct form *form)
{
    struct mm_view rest;
    if (p->name.len < name.len || !mm_view_eq_nocase(mm_view_sub(p->name, 0, name.len), name))
        return false;
    rest = mm_view_sub(p->name, name.len, p->name.len - name.len);
    *form = (struct form){.is_encoded = mm_view_ends(rest, MM_VIEW("*"))};
    rest.len -= form->is_encoded;
    if (rest.len == 0)
        return true;
    form->is_piece = true;
    return rest.data[0] == '*' && mm_view_to_u64(mm_view_sub(rest, 1, rest.len - 1), &form->number);
}

/* The parameter of one form, the first where there are several; NULL without one. */
static const struct mm_mime_param *find(const struct mm_mime_params *params, struct mm_view name,
                                        bool piece, uint64_t number, struct form *form)
{
    for (size_t i = 0; i < params->count; i++)
        if (has_name(&params->params[i], name, form) && form->is_piece == piece &&
            form->number == number)
            return &params->params[i];
    return NULL;
}

struct joined {
    char *bytes;
    size_t len;
    struct mm_view charset;
    bool is_encoded;
};

/* charset'language'text at the beginning of the first piece; the rest moves to the front. */
static void take_charset(struct joined *j, struct mm_arena *arena)
{
    struct mm_view all = {j->bytes, j->len}, charset, language, text;
    if (!mm_view_cut(all, '\'', &charset, &text) || !mm_view_cut(text, '\'', &language, &text))
        return;
    j->charset = mm_arena_copy(arena, charset); /* its place is overwritten now */
    memmove(j->bytes, text.data, text.len);
    j->len = text.len;
}

static void join(struct joined *j, const struct mm_mime_param *p, const struct form *form,
                 struct mm_arena *arena)
{
    bool first = j->len == 0 && !j->charset.data;
    char *to = j->bytes + j->len;
    size_t len = unquote(p->value, to);
    j->is_encoded |= form->is_encoded;
    if (form->is_encoded && first) {
        j->len = len;
        take_charset(j, arena);
        len = j->len;
    }
    j->len = (size_t)(to - j->bytes) + (form->is_encoded ? decode_percent(to, len) : len);
}

static bool join_pieces(struct joined *j, const struct mm_mime_params *params, struct mm_view name,
                        struct mm_arena *arena)
{
    struct form form;
    const struct mm_mime_param *p;
    uint64_t number = 0;
    while ((p = find(params, name, true, number, &form)) != NULL) {
        join(j, p, &form, arena);
        number++;
    }
    return number > 0;
}

/* name*=, then the pieces, then name=. */
static bool join_best(struct joined *j, const struct mm_mime_params *params, struct mm_view name,
                      struct mm_arena *arena)
{
    struct form form;
    const struct mm_mime_param *plain = NULL;
    for (size_t i = 0; i < params->count; i++) {
        const struct mm_mime_param *p = &params->params[i];
        if (!has_name(p, name, &form) || form.is_piece)
            continue;
        if (form.is_encoded) {
            join(j, p, &form, arena);
            return true;
        }
        plain = plain ? plain : p;
    }
    if (join_pieces(j, params, name, arena))
        return true;
    if (plain)
        join(j, plain, &(struct form){0}, arena);
    return plain != NULL;
}

/* False without memory. Nothing is joined where the parameter is not there. */
static bool join_any(struct joined *j, const struct mm_mime_params *params, struct mm_view name,
                     struct mm_arena *arena)
{
    size_t bytes = 1;
    struct form form;
    bool there = false;
    *j = (struct joined){0};
    for (size_t i = 0; i < params->count; i++)
        if (has_name(&params->params[i], name, &form)) {
            bytes += params->params[i].value.len;
            there = true;
        }
    if (!there)
        return true;
    j->bytes = mm_arena_alloc(arena, bytes);
    if (!j->bytes)
        return false;
    if (!join_best(j, params, name, arena)) /* pieces without a first one */
        *j = (struct joined){0};
    return true;
}

enum mm_status mm_mime_param_bytes(const struct mm_mime_params *params, struct mm_view name,
                                   struct mm_arena *arena, struct mm_view *out)
{
    struct joined j;
    if (!join_any(&j, params, name, arena))
        return MM_E_NOMEM;
    *out = (struct mm_view){j.bytes, j.len};
    return MM_OK;
}

enum mm_status mm_mime_param(const struct mm_mime_params *params, struct mm_view name,
                             struct mm_arena *arena, struct mm_view *out, uint64_t *replaced)
{
    struct joined j;
    *out = (struct mm_view){NULL, 0};
    if (replaced)
        *replaced = 0;
    if (!join_any(&j, params, name, arena))
        return MM_E_NOMEM;
    struct mm_view text = {j.bytes, j.len};
    if (!j.bytes)
        return MM_OK;
    return j.is_encoded ? mm_text_to_utf8(text, j.charset, arena, out, replaced)
                        : mm_encoded_words_decode(text, arena, out, replaced);
}
