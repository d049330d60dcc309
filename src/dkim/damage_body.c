/*
 * damage_body.c - which form of a body has the hash that its signature claims.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each form is hashed once, from the top. Where one of its last lines ends, the hash so far is
 * copied and ended, as if the body did: every cut costs a copy of a state, not another pass.
 */
#include "base/error.h"
#include "dkim/damage.h"

enum {
    PIECE_BYTES = 16 * 1024,
    /* The line that ends a multipart: a boundary has 70 characters (RFC 2046 section 5.1.1). */
    CLOSING_MAX_BYTES = 80
};

/* How a body is read: what a form is besides its text. */
struct reading {
    enum mm_canon canon;
    uint64_t length;
    bool bare_lf; /* hash LF where the canonical form has CRLF */
};

/* A body being hashed. It may be copied, along with its stream. */
struct pass {
    struct mm_canon_body canon;
    uint64_t left; /* of l= */
    bool bare_lf, held_cr;
    struct mm_hash_stream *stream;
};

struct body_search {
    struct mm_damage_lab *lab;
    const struct mm_sig_field *field;
    struct mm_diagnosis *out;
    char piece[PIECE_BYTES];
};

/* ---- one pass ---- */

static void hash_limited(struct pass *p, struct mm_view bytes)
{
    if (bytes.len > p->left)
        bytes.len = (size_t)p->left;
    p->left -= bytes.len;
    mm_hash_stream_add(p->stream, bytes);
}

/* Canonical bytes; with bare_lf a CR is held until it is known whether LF follows. */
static void hash_canonical(struct pass *p, struct mm_view bytes)
{
    if (!p->bare_lf) {
        hash_limited(p, bytes);
        return;
    }
    while (bytes.len) {
        if (p->held_cr && bytes.data[0] != '\n')
            hash_limited(p, MM_VIEW("\r"));
        const char *cr = memchr(bytes.data, '\r', bytes.len);
        size_t n = cr ? (size_t)(cr - bytes.data) : bytes.len;
        hash_limited(p, mm_view_sub(bytes, 0, n));
        p->held_cr = cr != NULL;
        n += p->held_cr;
        bytes = mm_view_sub(bytes, n, bytes.len - n);
    }
}

static void pass_feed(struct body_search *s, struct pass *p, struct mm_view bytes)
{
    while (bytes.len) {
        size_t n = mm_canon_body_feed(&p->canon, &bytes, s->piece, sizeof s->piece);
        hash_canonical(p, (struct mm_view){s->piece, n});
    }
}

static enum mm_status pass_end(struct pass *p, uint8_t digest[MM_DIGEST_MAX_BYTES])
{
    char rest[8];
    for (size_t n; (n = mm_canon_body_end(&p->canon, rest)) > 0;)
        hash_canonical(p, (struct mm_view){rest, n});
    if (p->held_cr)
        hash_limited(p, MM_VIEW("\r"));
    return mm_hash_stream_end(p->stream, digest);
}

/* ---- the last lines ---- */

/* Where the last `count` lines begin. */
static size_t last_lines(struct mm_view body, size_t count)
{
    size_t at = body.len;
    for (; at > 0 && count > 0; count--) {
        const char *lf = memrchr(body.data, '\n', at - 1);
        at = lf ? (size_t)(lf - body.data) + 1 : 0;
    }
    return at;
}

/* The last line, where it closes a multipart ("--boundary--"); else nothing, at the end. */
static struct mm_view closing_line(struct mm_view body)
{
    size_t at = last_lines(body, 1);
    struct mm_view line = mm_view_sub(body, at, body.len - at);
    bool closes = line.len > 4 && line.len <= CLOSING_MAX_BYTES &&
                  mm_view_starts(line, MM_VIEW("--")) && mm_view_ends(line, MM_VIEW("--"));
    return closes ? line : mm_view_sub(body, body.len, 0);
}

/* Without the empty lines at the end, which no canonical form has, and its last line end. */
static struct mm_view trim_empty_lines(struct mm_view body)
{
    while (mm_view_ends(body, MM_VIEW("\n")))
        body.len -= mm_view_ends(body, MM_VIEW("\r\n")) ? 2 : 1;
    return body;
}

/* Does the body match, if it went on with `tail` here and ended? */
static enum mm_status matches_here(struct body_search *s, const struct pass *p, struct mm_view tail,
                                   bool *matches)
{
    uint8_t digest[MM_DIGEST_MAX_BYTES];
    struct pass branch = *p;
    branch.stream = s->lab->branch;
    mm_hash_stream_copy(branch.stream, p->stream);
    pass_feed(s, &branch, tail);
    MM_TRY(pass_end(&branch, digest));
    *matches = mm_view_eq((struct mm_view){(const char *)digest, mm_digest_bytes(s->field->digest)},
                          s->field->body_hash);
    return MM_OK;
}

static void found(struct mm_diagnosis *out, uint32_t lines, uint64_t bytes, bool above_boundary)
{
    out->found = true;
    out->lines = lines;
    out->bytes = bytes;
    out->above_boundary = above_boundary;
}

/* `lines` are left, `rest`: try what leaves them out. Fewer lines come later and are the better
 * finding. */
static enum mm_status try_cuts(struct body_search *s, const struct pass *p, struct mm_view rest,
                               uint32_t lines, struct mm_view closing)
{
    bool matches;
    MM_TRY(matches_here(s, p, MM_VIEW(""), &matches));
    if (matches)
        found(s->out, lines, rest.len, false);
    if (closing.len == 0 || rest.len <= closing.len)
        return MM_OK;
    MM_TRY(matches_here(s, p, closing, &matches));
    if (matches)
        found(s->out, lines - 1, rest.len - closing.len, true);
    return MM_OK;
}

static uint32_t count_lines(struct mm_view text)
{
    uint32_t count = 0;
    for (struct mm_view line; text.len; count++)
        mm_view_cut(text, '\n', &line, &text);
    return count;
}

static enum mm_status try_body(struct body_search *s, struct mm_view body, struct reading how)
{
    if (!mm_damage_lab_take(s->lab, body.len, s->out))
        return MM_OK;
    struct pass p = {.left = how.length, .bare_lf = how.bare_lf, .stream = s->lab->stream};
    body = body.len ? trim_empty_lines(body) : MM_VIEW(""); /* views of nothing may be NULL */
    size_t at = last_lines(body, MM_DAMAGE_LINES_MAX);
    struct mm_view rest = mm_view_sub(body, at, body.len - at), line, after;
    struct mm_view closing = closing_line(body);
    uint32_t lines = count_lines(rest);
    mm_canon_body_init(&p.canon, how.canon);
    mm_hash_stream_begin(p.stream, s->field->digest);
    pass_feed(s, &p, mm_view_sub(body, 0, at));
    for (;;) {
        MM_TRY(try_cuts(s, &p, rest, lines, closing));
        if (rest.len == 0)
            return MM_OK;
        mm_view_cut(rest, '\n', &line, &after);
        pass_feed(s, &p, mm_view_sub(rest, 0, rest.len - after.len));
        rest = after;
        lines--;
    }
}

/* ---- forms ---- */

static enum mm_status try_text(struct body_search *s, enum mm_damage damage, struct mm_view body,
                               struct reading how)
{
    if (body.len > MM_DAMAGE_COPY_MAX_BYTES) {
        s->out->limited = true;
        return MM_OK;
    }
    if (!mm_damage_undo(damage, body, &s->lab->text))
        return s->lab->text.failed ? MM_E_NOMEM : MM_OK;
    return try_body(s, mm_buf_view(&s->lab->text), how);
}

static enum mm_status try_form(struct body_search *s, enum mm_damage damage, struct mm_view body)
{
    struct reading how = {.canon = s->field->body_canon, .length = s->field->body_length};
    switch (damage) {
    case MM_DAMAGE_NONE:
        return try_body(s, body, how);
    case MM_DAMAGE_BODY_CANON:
        how.canon = how.canon == MM_CANON_SIMPLE ? MM_CANON_RELAXED : MM_CANON_SIMPLE;
        return try_body(s, body, how);
    case MM_DAMAGE_BODY_LENGTH:
        how.length = MM_SIG_LENGTH_ALL;
        return s->field->has_body_length ? try_body(s, body, how) : MM_OK;
    case MM_DAMAGE_BODY_BARE_LF:
        how.bare_lf = true;
        return try_body(s, body, how);
    default:
        return try_text(s, damage, body, how);
    }
}

/* Only text that is one part is encoded as a whole. */
static bool is_multipart(const struct mm_msg *msg)
{
    uint32_t at = mm_msg_lowest(msg, MM_VIEW("content-type"));
    if (at == MM_FIELD_NONE)
        return false;
    struct mm_view type = mm_view_trim_fws(mm_field_value(msg, &msg->fields[at]));
    static const char multipart[] = "multipart/";
    return type.len >= sizeof multipart - 1 &&
           mm_view_eq_nocase(mm_view_sub(type, 0, sizeof multipart - 1), MM_VIEW("multipart/"));
}

enum mm_status mm_damage_find_body(struct mm_damage_lab *lab, const struct mm_msg *msg,
                                   const struct mm_sig_field *field, struct mm_diagnosis *out)
{
    struct body_search s = {.lab = lab, .field = field, .out = out};
    enum mm_damage last = is_multipart(msg) ? MM_DAMAGE_DOTS_LOST : MM_DAMAGE_BASE64_LOST;
    *out = (struct mm_diagnosis){.made = true};
    if (field->body_hash.len != mm_digest_bytes(field->digest))
        return MM_OK; /* no form has a hash of another length */
    for (enum mm_damage damage = MM_DAMAGE_NONE; damage <= last && !out->found; damage++) {
        MM_TRY(try_form(&s, damage, msg->body));
        out->damage = out->found ? damage : MM_DAMAGE_NONE;
    }
    return MM_OK;
}
