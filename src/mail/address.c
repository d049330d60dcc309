/*
 * address.c - addresses out of a field: the author's, or all of a list.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A reader of tokens (RFC 5322 section 3.2) and a walk over one mailbox after the other. Lenient
 * about what display names hold, strict about what an address is: whoever shows the field to a
 * person must find the same domain in it. So an address in angle brackets outranks one before it in
 * the same mailbox, and a domain that runs into bytes without meaning there is none.
 */
#include "mail/address.h"

#include "text/utf8.h"

enum kind { WORD, QUOTED, LITERAL, SIGN, JUNK, END };

struct token {
    enum kind kind;
    struct mm_view text; /* WORD: atom; QUOTED: between the quotes; LITERAL: with its brackets */
    char sign;           /* SIGN: one of < > @ , ; : . */
    bool gap;            /* white space or a comment stands before it */
};

/* Text joined from pieces of the value: borrowed while they lie side by side, else copied. */
struct joined {
    struct mm_view text;
    bool copied;
};

static bool at_byte(const struct mm_address_list *w, char c)
{
    return w->at < w->v.len && w->v.data[w->at] == c;
}

/* Past a comment whose '(' is at `at`; comments nest and hold quoted pairs. Or past the end. */
static void skip_comment(struct mm_address_list *w)
{
    size_t depth = 0;
    while (w->at < w->v.len) {
        char c = w->v.data[w->at++];
        if (c == '\\' && w->at < w->v.len)
            w->at++;
        else if (c == '(')
            depth++;
        else if (c == ')' && --depth == 0)
            return;
    }
}

/* Past comments and folding white space. True where there were any. */
static bool skip_gap(struct mm_address_list *w)
{
    size_t start = w->at;
    while (w->at < w->v.len) {
        if (at_byte(w, '('))
            skip_comment(w);
        else if (mm_is_fws((unsigned char)w->v.data[w->at]))
            w->at++;
        else
            break;
    }
    return w->at > start;
}

/* Graphic bytes that are no specials (RFC 5322 section 3.2.3), and all beyond ASCII (RFC 6532): a
 * bit for each byte below 128. */
static bool is_atom_byte(char c)
{
#define BIT(byte) ((uint64_t)1 << (byte) % 64)
    static const uint64_t others[2] = {(BIT(' ') * 2 - 1) | BIT('(') | BIT(')') | BIT('<') |
                                           BIT('>') | BIT(':') | BIT(';') | BIT(',') | BIT('.') |
                                           BIT('"'),
                                       BIT('[') | BIT(']') | BIT('@') | BIT('\\') | BIT(0x7f)};
#undef BIT
    unsigned char u = (unsigned char)c;
    return u >= 0x80 || !(others[u / 64] >> u % 64 & 1);
}

/* One of < > @ , ; : . */
static bool is_sign_byte(char c)
{
    return c == '<' || c == '>' || c == '@' || c == ',' || c == ';' || c == ':' || c == '.';
}

/* From after an opening byte to before `close`, stepping over quoted pairs; `at` behind it. */
static bool take_until(struct mm_address_list *w, char close, struct mm_view *inside)
{
    size_t start = ++w->at;
    for (; w->at < w->v.len; w->at++) {
        if (at_byte(w, close)) {
            *inside = mm_view_sub(w->v, start, w->at++ - start);
            return true;
        }
        if (at_byte(w, '\\'))
            w->at++;
    }
    w->at = w->v.len;
    return false;
}

static struct token next_token(struct mm_address_list *w)
{
    struct token t = {.kind = END, .gap = skip_gap(w)};
    if (w->at >= w->v.len)
        return t;
    size_t start = w->at;
    char c = w->v.data[start];
    if (is_atom_byte(c)) {
        while (w->at < w->v.len && is_atom_byte(w->v.data[w->at]))
            w->at++;
        t.kind = WORD;
        t.text = mm_view_sub(w->v, start, w->at - start);
    } else if (c == '"') {
        t.kind = take_until(w, '"', &t.text) ? QUOTED : JUNK;
    } else if (c == '[') {
        t.kind = take_until(w, ']', &t.text) ? LITERAL : JUNK;
        t.text = mm_view_sub(w->v, start, w->at - start);
    } else {
        t.kind = is_sign_byte(c) ? SIGN : JUNK;
        t.text = mm_view_sub(w->v, w->at++, 1);
        t.sign = c;
    }
    return t;
}

static bool is_sign(const struct token *t, char sign)
{
    return t->kind == SIGN && t->sign == sign;
}

/* Look at the token that comes next without taking it. */
static struct token peek_token(const struct mm_address_list *w)
{
    struct mm_address_list ahead = *w;
    return next_token(&ahead);
}

static void copy_piece(struct mm_address_list *w, struct mm_view piece)
{
    memcpy(w->copies + w->copied_bytes, piece.data, piece.len);
    w->copied_bytes += piece.len;
}

/* Append a piece. Texts are joined one after the other, so that a copied one is the latest copy. */
static void join(struct mm_address_list *w, struct joined *j, struct mm_view piece)
{
    if (piece.len == 0 || w->no_memory)
        return;
    if (j->text.len == 0) {
        j->text = piece;
        return;
    }
    bool beside = j->text.data + j->text.len == piece.data;
    if (!j->copied && !beside) {
        if (!w->copies)
            w->copies = mm_arena_alloc(w->arena, w->v.len);
        w->no_memory = !w->copies;
        if (w->no_memory)
            return;
        const char *start = w->copies + w->copied_bytes;
        copy_piece(w, j->text);
        j->text.data = start;
        j->copied = true;
    }
    if (j->copied)
        copy_piece(w, piece);
    j->text.len += piece.len;
}

/* A word, or what a quoted string means: backslashes and line ends are not part of it. */
static void join_word(struct mm_address_list *w, struct joined *j, const struct token *t)
{
    size_t start = 0;
    if (t->kind == QUOTED) {
        for (size_t i = 0; i < t->text.len; i++) {
            char c = t->text.data[i];
            if (c != '\\' && c != '\r' && c != '\n')
                continue;
            join(w, j, mm_view_sub(t->text, start, i - start));
            start = i + 1;
            i += c == '\\'; /* what follows is meant as it is */
        }
    }
    join(w, j, mm_view_sub(t->text, start, t->text.len - start));
}

/* An address literal holds letters, digits and ". : -" (RFC 5321 section 4.1.3). */
static bool is_literal(struct mm_view text)
{
    for (size_t i = 1; i + 1 < text.len; i++) {
        unsigned char c = mm_ascii_lower((unsigned char)text.data[i]);
        bool known =
            (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == ':' || c == '-';
        if (!known)
            return false;
    }
    return text.len > 2;
}

/* The domain behind an '@': atoms between dots, or one literal. */
static bool take_domain(struct mm_address_list *w, struct joined *domain)
{
    struct token t = peek_token(w);
    if (t.kind == LITERAL) {
        join(w, domain, next_token(w).text);
        return is_literal(domain->text);
    }
    for (bool dot = true; t.kind == WORD || is_sign(&t, '.'); t = peek_token(w)) {
        if (t.kind == WORD && !dot)
            break; /* another word, not joined by a dot */
        dot = t.kind != WORD;
        join(w, domain, next_token(w).text);
    }
    return domain->text.len > 0 && domain->text.data[0] != '.';
}

/* Local part in brackets: words between dots. *t is the token behind it. */
static bool take_local(struct mm_address_list *w, struct joined *local, struct token *t)
{
    bool dot = true, any = false;
    for (; t->kind == WORD || t->kind == QUOTED || is_sign(t, '.'); *t = next_token(w)) {
        bool word = t->kind != SIGN;
        if (word && !dot)
            return false;
        dot = !word;
        any |= word;
        join_word(w, local, t);
    }
    return any;
}

/* What follows "<": route, local part, '@', domain, '>'. */
static bool take_angle(struct mm_address_list *w, struct mm_address *out)
{
    struct joined local = {.copied = false}, domain = {.copied = false};
    struct token t = next_token(w);
    if (is_sign(&t, '@')) { /* RFC 5322 section 4.4: a source route ends in ':' */
        while (t.kind != END && !is_sign(&t, ':') && !is_sign(&t, '>'))
            t = next_token(w);
        if (is_sign(&t, ':'))
            t = next_token(w);
    }
    bool good = take_local(w, &local, &t) && is_sign(&t, '@') && take_domain(w, &domain);
    if (good) {
        *out = (struct mm_address){local.text, domain.text};
        t = next_token(w);
        good = t.kind == END || is_sign(&t, '>');
    }
    while (t.kind != END && !is_sign(&t, '>'))
        t = next_token(w);
    return good;
}

/* What may stand behind an address without brackets. */
static bool may_follow(const struct token *t)
{
    return t->kind == END || is_sign(t, ',') || is_sign(t, ';') || is_sign(t, '<') ||
           (t->gap && (t->kind == WORD || t->kind == QUOTED));
}

/* What follows '@' outside of brackets, `local` before it. */
static bool take_bare(struct mm_address_list *w, const struct joined *local, struct mm_address *out)
{
    struct joined domain = {.copied = false};
    bool is_domain = take_domain(w, &domain);
    struct token next = peek_token(w);
    *out = (struct mm_address){local->text, domain.text};
    return is_domain && may_follow(&next);
}

/* One mailbox, up to the ',' or ';' behind it. True where it holds an address. */
static bool take_mailbox(struct mm_address_list *w, struct mm_address *out, bool *last)
{
    struct joined local = {.copied = false};
    bool found = false, angle = false;
    bool open = true; /* a word now begins or goes on with the local part: at its start, or a dot */
    for (;;) {
        struct token t = next_token(w);
        *last = t.kind == END;
        if (t.kind == END || is_sign(&t, ',') || is_sign(&t, ';'))
            return found;
        bool word = t.kind == WORD || t.kind == QUOTED;
        if (word || is_sign(&t, '.')) {
            if (word && !open)
                local = (struct joined){.copied = false}; /* what came was part of a name */
            open = !word;
            join_word(w, &local, &t);
            continue;
        }
        if (is_sign(&t, '<') && !angle)
            found = angle = take_angle(w, out); /* brackets that hold no address leave none */
        else if (is_sign(&t, '@') && !open && !found)
            found = take_bare(w, &local, out);
        else if (is_sign(&t, ':') && !angle)
            found = false; /* what came was the name of a group */
        local = (struct joined){.copied = false};
        open = true;
    }
}

enum mm_status mm_address_list_next(struct mm_address_list *list, struct mm_address *out)
{
    bool found = false;
    while (!found && !list->ended)
        found = take_mailbox(list, out, &list->ended);
    if (list->no_memory)
        return MM_E_NOMEM;
    return found ? MM_OK : MM_END;
}

enum mm_status mm_address_first(struct mm_view value, struct mm_arena *arena,
                                struct mm_address *out)
{
    struct mm_address_list list;
    mm_address_list_begin(&list, value, arena);
    enum mm_status st = mm_address_list_next(&list, out);
    return st == MM_END ? MM_E_SYNTAX : st;
}

/* ---- one local part, as written ---- */

/* RFC 5322 section 3.2.3, and what RFC 6532 section 3.2 adds to it. */
static bool is_atext(uint32_t c)
{
    return c >= 0x80 || (c > ' ' && c < 0x7f && !strchr("()<>[]:;@\\,.\"", (int)c));
}

static bool is_dot_atom(struct mm_view v)
{
    bool may_be_dot = false;
    while (v.len) {
        uint32_t c;
        size_t n = mm_utf8_decode(v, &c);
        if (n == 0 || !(c == '.' ? may_be_dot : is_atext(c)))
            return false;
        may_be_dot = c != '.';
        v = mm_view_sub(v, n, v.len - n);
    }
    return may_be_dot; /* neither empty nor with a dot at its end */
}

static bool is_quoted_string(struct mm_view v)
{
    if (v.len < 2 || v.data[0] != '"' || v.data[v.len - 1] != '"')
        return false;
    v = mm_view_sub(v, 1, v.len - 2);
    while (v.len) {
        uint32_t c;
        size_t pair = v.data[0] == '\\', n;
        v = mm_view_sub(v, pair, v.len - pair);
        n = mm_utf8_decode(v, &c);
        if (n == 0 || c < ' ' || c == 0x7f || (pair ? c >= 0x80 : c == '"'))
            return false;
        v = mm_view_sub(v, n, v.len - n);
    }
    return true;
}

bool mm_is_local_part(struct mm_view v)
{
    return is_dot_atom(v) || is_quoted_string(v);
}
