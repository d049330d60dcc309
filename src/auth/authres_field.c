/*
 * authres_field.c - the Authentication-Results field of a verdict, into a buffer.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The field is made of pieces with one blank between them, and may be folded at each of these
 * blanks and nowhere else: no value is ever split, and the unfolded text is the same pieces.
 */
#include "auth/authres_field.h"

#include <stdio.h>

#include "auth/signature_prefix.h"
#include "base/error.h"
#include "base/view.h"
#include "mail/mime_token.h"
#include "text/utf8.h"

enum {
    LINE_MAX_CHARS = 77, /* RFC 5322 section 2.1.1 wants 78 at most; a ';' may follow a piece */
    /* A property's name, and a value of which each byte may be escaped. */
    PIECE_MAX_BYTES = 2 * MM_AUTHRES_VALUE_MAX + 64,
    FIELDS_MAX_BYTES = 64 * 1024 * 1024 /* of a public call: the most that a 1 MiB header gives */
};

/* ---- pieces and lines ---- */

struct writer {
    struct mm_buf *out;
    const char *eol; /* NULL: unfolded */
    size_t column;
};

static void put_piece(struct writer *w, struct mm_view piece, bool on_new_line)
{
    if (w->eol && (on_new_line || w->column + 1 + piece.len > LINE_MAX_CHARS)) {
        mm_buf_append_str(w->out, w->eol);
        w->column = 0;
    }
    mm_buf_append_char(w->out, ' ');
    mm_buf_append(w->out, piece);
    w->column += 1 + piece.len;
}

static void put_words(struct writer *w, const char *before, uint64_t number, const char *after)
{
    char piece[96];
    int n = snprintf(piece, sizeof piece, "%s%llu%s", before, (unsigned long long)number, after);
    put_piece(w, (struct mm_view){piece, (size_t)n}, false);
}

/* ---- values ---- */

struct piece {
    char data[PIECE_MAX_BYTES];
    size_t len;
};

static void add(struct piece *p, struct mm_view v)
{
    memcpy(p->data + p->len, v.data, v.len);
    p->len += v.len;
}

/* RFC 5322 section 3.2.3: atext and dots, no dot at an end or beside another. */
static bool is_dot_atom(struct mm_view v)
{
    bool in_atom = false;
    for (size_t i = 0; i < v.len; i++) {
        char c = v.data[i];
        bool atext = mm_is_token_byte((unsigned char)c) || c == '/' || c == '=' || c == '?';
        if (c == '.' ? !in_atom : !atext)
            return false;
        in_atom = c != '.';
    }
    return in_atom;
}

/* RFC 6376 section 3.5, domain-name: two or more labels of letters, digits and inner hyphens. */
static bool is_plain_domain(struct mm_view v)
{
    bool has_dot = false;
    for (size_t i = 0; i < v.len; i++) {
        unsigned char c = (unsigned char)v.data[i];
        bool inner = i > 0 && i + 1 < v.len && v.data[i - 1] != '.' && v.data[i + 1] != '.';
        bool letter_or_digit =
            (unsigned char)(mm_ascii_lower(c) - 'a') < 26 || (unsigned char)(c - '0') < 10;
        if (!letter_or_digit && !(inner && (c == '-' || c == '.')))
            return false;
        has_dot = has_dot || c == '.';
    }
    return has_dot;
}

/* RFC 5322 section 3.2.4, with the characters of RFC 6532 section 3.2; what it cannot hold becomes
 * a '?'. */
static void add_quoted(struct piece *p, struct mm_view v)
{
    add(p, MM_VIEW("\""));
    while (v.len) {
        uint32_t code_point = 0;
        size_t n = mm_utf8_decode(v, &code_point);
        bool shown = n && code_point >= ' ' && !(code_point >= 0x7f && code_point < 0xa0) &&
                     !mm_utf8_is_deceptive(code_point);
        n = n ? n : 1;
        if (code_point == '"' || code_point == '\\')
            add(p, MM_VIEW("\\"));
        add(p, shown ? mm_view_sub(v, 0, n) : MM_VIEW("?"));
        v = mm_view_sub(v, n, v.len - n);
    }
    add(p, MM_VIEW("\""));
}

/*
 * A value as RFC 8601 section 2.2 has it (pvalue): a token, else an address with a domain, its
 * local part as an atom or quoted, else all of it quoted.
 */
static void add_value(struct piece *p, struct mm_view v)
{
    size_t at = v.len;
    while (at && v.data[at - 1] != '@')
        at--;
    struct mm_view local = mm_view_sub(v, 0, at ? at - 1 : 0);
    struct mm_view domain = mm_view_sub(v, at, v.len - at);
    if (mm_is_token(v)) {
        add(p, v);
    } else if (at && is_plain_domain(domain)) {
        if (local.len && is_dot_atom(local))
            add(p, local);
        else if (local.len)
            add_quoted(p, local);
        add(p, MM_VIEW("@"));
        add(p, domain);
    } else {
        add_quoted(p, v);
    }
}

static void put_property(struct writer *w, struct mm_view name_and_equals, struct mm_view value)
{
    struct piece p = {.len = 0};
    if (value.len == 0 || value.len > MM_AUTHRES_VALUE_MAX)
        return;
    add(&p, name_and_equals);
    add_value(&p, value);
    put_piece(w, (struct mm_view){p.data, p.len}, false);
}

/* i=; absent it is "@" and d= (RFC 6376 section 3.5). */
static void put_auid(struct writer *w, const struct mm_dkim_signature *s)
{
    char text[MM_AUTHRES_VALUE_MAX];
    struct mm_view auid = s->auid;
    if (auid.len == 0 && s->domain.len > 0 && s->domain.len < sizeof text) {
        text[0] = '@';
        memcpy(text + 1, s->domain.data, s->domain.len);
        auid = (struct mm_view){text, s->domain.len + 1};
    }
    put_property(w, MM_VIEW("header.i="), auid);
}

/* ---- results ---- */

static void put_word(struct writer *w, const char *before, const char *word, const char *after,
                     bool on_new_line)
{
    char piece[96];
    int n = snprintf(piece, sizeof piece, "%s%s%s", before, word, after);
    put_piece(w, (struct mm_view){piece, (size_t)n}, on_new_line);
}

static void put_signature(struct writer *w, const struct mm_dkim_signature *s, struct mm_view b)
{
    put_word(w, "dkim=", mm_dkim_result_word(s->result), "", true);
    /* RFC 6376 section 8.2: what l= leaves out may have been added by anybody. */
    if (s->result == MM_DKIM_PASS && s->uncovered_bytes > 0)
        put_words(w, "(", s->uncovered_bytes, " bytes of the body are not signed)");
    if (s->result != MM_DKIM_PASS && s->reason != MM_REASON_NONE)
        put_word(w, "reason=\"", mm_reason_slug(s->reason), "\"", false);
    put_property(w, MM_VIEW("header.d="), s->domain);
    put_auid(w, s);
    put_property(w, MM_VIEW("header.s="), s->selector);
    put_property(w, MM_VIEW("header.a="), s->algorithm);
    put_property(w, MM_VIEW("header.b="), b);
}

void mm_authres_append(struct mm_buf *out, struct mm_arena *arena, struct mm_view authserv_id,
                       const struct mm_dkim_verdict *verdict, enum mm_authres_form form)
{
    static const struct mm_view NAME = MM_VIEW(MM_AUTHRES_NAME ":");
    struct writer w = {.out = out,
                       .eol = form == MM_AUTHRES_CRLF ? "\r\n"
                              : form == MM_AUTHRES_LF ? "\n"
                                                      : NULL,
                       .column = NAME.len};
    struct mm_view *prefixes = MM_ARENA_ARRAY(arena, struct mm_view, verdict->count);
    if (!prefixes || mm_signature_prefixes(verdict->signatures, verdict->count,
                                           MM_AUTHRES_VALUE_MAX, arena, prefixes) != MM_OK) {
        out->failed = true;
        return;
    }
    mm_buf_append(out, NAME);
    put_piece(&w, authserv_id, false);
    mm_buf_append_char(out, ';');
    if (verdict->count == 0)
        put_piece(&w, MM_VIEW("dkim=none"), false);
    for (uint32_t i = 0; i < verdict->count; i++) {
        if (i)
            mm_buf_append_char(out, ';');
        put_signature(&w, &verdict->signatures[i], prefixes[i]);
    }
    if (verdict->skipped)
        put_words(&w, "(", verdict->skipped, " more signatures were not looked at)");
    if (w.eol)
        mm_buf_append_str(out, w.eol);
}

enum mm_status mm_authentication_results(struct mm_view authserv_id,
                                         const struct mm_dkim_verdict *verdict,
                                         enum mm_authres_form form, char *out, size_t cap,
                                         size_t *length, struct mm_error *err)
{
    struct mm_buf text;
    struct mm_arena arena;
    enum mm_status status = MM_OK;
    *length = 0;
    if (!mm_authserv_id_is_valid(authserv_id))
        return mm_fail(err, MM_E_ARG, "not an authserv-id: a host name is wanted");
    mm_buf_init(&text, FIELDS_MAX_BYTES);
    mm_arena_init(&arena, FIELDS_MAX_BYTES);
    mm_authres_append(&text, &arena, authserv_id, verdict, form);
    if (text.failed)
        status = mm_fail(err, MM_E_NOMEM, "no memory for the field");
    else if ((*length = text.len) > cap)
        status = mm_fail(err, MM_E_LIMIT, "the field has %zu bytes", text.len);
    else
        memcpy(out, text.data, text.len);
    mm_arena_deinit(&arena);
    mm_buf_deinit(&text);
    return status;
}
