/*
 * sign_field.c - the text of a DKIM-Signature field, laid out the same way every time.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/sign_field.h"

#include <inttypes.h>
#include <stdio.h>

#include "crypto/digest.h"
#include "dkim/sig_field.h"
#include "text/base64.h"

/* Writes pieces that are never broken, and folds between them. */
struct folder {
    struct mm_buf *out;
    struct mm_view line_end;
    size_t column; /* characters on the line so far */
};

static void put(struct folder *f, struct mm_view text)
{
    mm_buf_append(f->out, text);
    f->column += text.len;
}

static void fold(struct folder *f)
{
    mm_buf_append(f->out, f->line_end);
    f->column = 0;
    put(f, MM_VIEW(" "));
}

/* Break the line where `width` more characters do not fit; else put `separator`. */
static void break_for(struct folder *f, size_t width, struct mm_view separator)
{
    if (f->column + separator.len + width > MM_SIGN_COLUMNS)
        fold(f);
    else
        put(f, separator);
}

/* " name=value;" on this line or the next. */
static void put_tag(struct folder *f, const char *name_equals, struct mm_view value)
{
    struct mm_view name = mm_view_of(name_equals);
    break_for(f, name.len + value.len + 1, MM_VIEW(" "));
    put(f, name);
    put(f, value);
    put(f, MM_VIEW(";"));
}

static void put_number_tag(struct folder *f, const char *name_equals, uint64_t value)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, value);
    put_tag(f, name_equals, (struct mm_view){digits, (size_t)len});
}

/* h=: breaks behind colons; the first name stays with "h=". */
static void put_headers(struct folder *f, struct mm_view names)
{
    struct mm_view name;
    bool first = true;
    for (bool more = true; more; first = false) {
        more = mm_view_cut(names, ':', &name, &names);
        break_for(f, (first ? 2 : 0) + name.len + 1, first ? MM_VIEW(" ") : MM_VIEW(""));
        if (first)
            put(f, MM_VIEW("h="));
        put(f, name);
        put(f, more ? MM_VIEW(":") : MM_VIEW(";"));
    }
}

size_t mm_sign_field_begin(struct mm_buf *out, const struct mm_sign_field *field)
{
    struct folder f = {.out = out, .line_end = field->line_end};
    char hash[MM_BASE64_ENCODED_BYTES(MM_SHA256_BYTES)];
    size_t hash_len = mm_base64_encode(hash, field->body_hash, MM_SHA256_BYTES);
    bool is_rsa = field->key_type == MM_KEY_RSA;
    put(&f, MM_VIEW("DKIM-Signature: v=1;"));
    put_tag(&f, "a=", is_rsa ? MM_VIEW("rsa-sha256") : MM_VIEW("ed25519-sha256"));
    put_tag(&f, "c=", mm_canon_pair_text(field->header_canon, field->body_canon));
    put_tag(&f, "d=", field->domain);
    put_tag(&f, "s=", field->selector);
    put_number_tag(&f, "t=", field->signed_at);
    if (field->expires_at)
        put_number_tag(&f, "x=", field->expires_at);
    if (field->identity.len)
        put_tag(&f, "i=", field->identity);
    put_headers(&f, field->headers);
    put_tag(&f, "bh=", (struct mm_view){hash, hash_len});
    break_for(&f, sizeof("b=AAAA") - 1, MM_VIEW(" "));
    put(&f, MM_VIEW("b="));
    return f.column;
}

void mm_sign_field_end(struct mm_buf *out, size_t column, const uint8_t *signature,
                       size_t signature_bytes, struct mm_view line_end)
{
    /* In pieces of whole groups of four, so that no buffer must hold the longest signature. */
    struct folder f = {.out = out, .line_end = line_end, .column = column};
    while (signature_bytes > 0) {
        char text[MM_BASE64_ENCODED_BYTES(48)];
        size_t piece = signature_bytes < 48 ? signature_bytes : 48;
        struct mm_view rest = {text, mm_base64_encode(text, signature, piece)};
        while (rest.len > 0) {
            if (f.column >= MM_SIGN_COLUMNS)
                fold(&f);
            size_t room = MM_SIGN_COLUMNS - f.column;
            size_t len = rest.len < room ? rest.len : room;
            put(&f, mm_view_sub(rest, 0, len));
            rest = mm_view_sub(rest, len, rest.len - len);
        }
        signature += piece;
        signature_bytes -= piece;
    }
    mm_buf_append(out, line_end);
}

void mm_sign_identity_encode(struct mm_buf *out, struct mm_view identity)
{
    for (size_t i = 0; i < identity.len; i++) {
        unsigned char c = (unsigned char)identity.data[i];
        if (c > ' ' && c < 0x7f && c != ';' && c != '=')
            mm_buf_append_char(out, (char)c);
        else
            mm_buf_printf(out, "=%02X", c);
    }
}
