/*
 * sig_field.c - one DKIM-Signature field: its tags, decoded and checked (RFC 6376 section 3.5).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/sig_field.h"

#include "base/error.h"
#include "base/word.h"
#include "dkim/domain_name.h"
#include "dkim/idn.h"
#include "dkim/tag_list.h"
#include "text/base64.h"
#include "text/hex.h"

/* RFC 6376 section 3.5: l= has at most 76 digits, t= and x= at most 12. */
enum { LENGTH_DIGITS_MAX = 76, TIME_DIGITS_MAX = 12 };

struct mm_view mm_canon_pair_text(enum mm_canon header, enum mm_canon body)
{
    static const struct mm_view names[2][2] = {
        {{"simple/simple", 13}, {"simple/relaxed", 14}},
        {{"relaxed/simple", 14}, {"relaxed/relaxed", 15}},
    };
    return names[header == MM_CANON_RELAXED][body == MM_CANON_RELAXED];
}

bool mm_header_list_next(struct mm_view *rest, struct mm_view *name)
{
    if (!rest->data)
        return false;
    if (!mm_view_cut(*rest, ':', name, rest))
        *rest = (struct mm_view){NULL, 0};
    *name = mm_view_trim_fws(*name);
    return true;
}

/* ---- one tag each: MM_REASON_NONE or what is wrong with it ---- */

static enum mm_reason check_algorithm(struct mm_view a, struct mm_sig_field *out)
{
    static const struct {
        struct mm_view name;
        enum mm_key_type key_type;
        enum mm_digest_alg digest;
    } known[] = {
        {{"rsa-sha256", 10}, MM_KEY_RSA, MM_SHA256},
        {{"ed25519-sha256", 14}, MM_KEY_ED25519, MM_SHA256},
        {{"rsa-sha1", 8}, MM_KEY_RSA, MM_SHA1},
    };
    for (size_t i = 0; i < MM_COUNT(known); i++) {
        if (!mm_view_eq(a, known[i].name))
            continue;
        out->key_type = known[i].key_type;
        out->digest = known[i].digest;
        return MM_REASON_NONE;
    }
    return MM_REASON_BAD_A;
}

static bool canon_of(struct mm_view name, enum mm_canon *out)
{
    *out = mm_view_eq(name, MM_VIEW("relaxed")) ? MM_CANON_RELAXED : MM_CANON_SIMPLE;
    return *out == MM_CANON_RELAXED || mm_view_eq(name, MM_VIEW("simple"));
}

/* Absent: simple/simple; one name is that of the header, the body is simple then. `canon` stays
 * empty where a name is unknown. */
static void read_canon(const struct mm_tag *c, struct mm_sig_field *out)
{
    struct mm_view header = MM_VIEW("simple"), body = MM_VIEW("simple");
    if (c && !mm_view_cut(c->value, '/', &header, &body))
        body = MM_VIEW("simple");
    if (canon_of(header, &out->header_canon) && canon_of(body, &out->body_canon))
        out->canon = mm_canon_pair_text(out->header_canon, out->body_canon);
}

/* Unknown methods are ignored. "dns" alone is how drafts before RFC 4871 wrote it. */
static enum mm_reason check_query(const struct mm_tag *q)
{
    if (!q)
        return MM_REASON_NONE;
    struct mm_view rest = q->value, method;
    for (bool more = true; more;) {
        more = mm_view_cut(rest, ':', &method, &rest);
        method = mm_view_trim_fws(method);
        if (mm_view_eq(method, MM_VIEW("dns/txt")) || mm_view_eq(method, MM_VIEW("dns")))
            return MM_REASON_NONE;
    }
    return MM_REASON_BAD_Q;
}

/* Both names as they are asked for. */
static enum mm_status check_names(struct mm_arena *arena, struct mm_sig_field *f)
{
    MM_TRY(mm_idn_to_ascii(f->domain, MM_IDN_U_LABELS, arena, &f->domain_ascii, &f->fault));
    if (f->fault == MM_REASON_NONE)
        MM_TRY(mm_idn_to_ascii(f->selector, MM_IDN_U_LABELS, arena, &f->selector_ascii, &f->fault));
    if (f->fault != MM_REASON_NONE)
        return MM_OK;
    if (!mm_is_domain_name(f->domain_ascii))
        f->fault = MM_REASON_BAD_D;
    else if (!mm_is_selector(f->selector_ascii) ||
             !mm_key_name_fits(f->selector_ascii, f->domain_ascii))
        f->fault = MM_REASON_BAD_S;
    return MM_OK;
}

bool mm_is_field_name(struct mm_view name)
{
    uint64_t word, bad = name.len == 0;
    size_t at = 0, part = name.len % MM_WORD_BYTES;
    for (; name.len - at >= MM_WORD_BYTES; at += MM_WORD_BYTES) {
        word = mm_word_load(name.data + at);
        bad |= mm_word_not_graphic(word) | mm_word_equal(word, ':');
    }
    if (part) {
        word = mm_word_load_part(name.data + at, part) | MM_WORD_OF('x') << 8 * part;
        bad |= mm_word_not_graphic(word) | mm_word_equal(word, ':');
    }
    return !bad;
}

static enum mm_reason check_headers(struct mm_sig_field *out)
{
    struct mm_view rest = out->headers, name;
    while (mm_header_list_next(&rest, &name)) {
        if (!mm_is_field_name(name))
            return MM_REASON_BAD_H;
        if (++out->header_count > MM_SIG_HEADERS_MAX)
            return MM_REASON_H_COUNT;
        out->signs_from = out->signs_from || mm_view_eq_nocase(name, MM_VIEW("from"));
    }
    return MM_REASON_NONE;
}

/* Decode into the arena; *ok says whether the text was base64. */
static enum mm_status decode(struct mm_view text, struct mm_arena *arena, struct mm_view *out,
                             bool *ok)
{
    uint8_t *bytes = mm_arena_alloc(arena, MM_BASE64_DECODED_MAX(text.len) + 1);
    size_t len = 0;
    if (!bytes)
        return MM_E_NOMEM;
    *ok = mm_base64_decode(text, bytes, &len, NULL) == MM_OK;
    *out = (struct mm_view){(const char *)bytes, *ok ? len : 0};
    return MM_OK;
}

/* RFC 6376 section 2.11, dkim-quoted-printable: =XX is an octet, folding white space is nothing.
 * Returns the length in `out` (room for text.len), or SIZE_MAX for a '=' without two digits. */
static size_t decode_qp(struct mm_view text, char *out)
{
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (mm_is_fws(c))
            continue;
        if (c == '=') {
            int octet = mm_hex_octet(mm_view_sub(text, i + 1, text.len - i - 1));
            if (octet < 0)
                return SIZE_MAX;
            c = (unsigned char)octet;
            i += 2;
        }
        out[len++] = (char)c;
    }
    return len;
}

static bool has_control(struct mm_view v)
{
    for (size_t i = 0; i < v.len; i++)
        if ((unsigned char)v.data[i] < ' ' || v.data[i] == 0x7f)
            return true;
    return false;
}

/* Set *domain to what follows the last '@' of i=; empty where there is none, or where i= is no
 * address for its control characters (RFC 5321 section 4.1.2). */
static enum mm_status identity_domain(struct mm_view auid, struct mm_arena *arena,
                                      struct mm_view *domain)
{
    char *text = mm_arena_alloc(arena, auid.len + 1);
    if (!text)
        return MM_E_NOMEM;
    size_t len = decode_qp(auid, text);
    bool sound = len != SIZE_MAX && !has_control((struct mm_view){text, len});
    const char *at = sound ? memrchr(text, '@', len) : NULL;
    *domain =
        at ? (struct mm_view){at + 1, (size_t)(text + len - at) - 1} : (struct mm_view){NULL, 0};
    return MM_OK;
}

static bool digits_only(struct mm_view v, size_t max_digits)
{
    for (size_t i = 0; i < v.len; i++)
        if ((unsigned char)(v.data[i] - '0') > 9)
            return false;
    return v.len > 0 && v.len <= max_digits;
}

/* A number of up to max_digits digits; what passes 64 bits becomes UINT64_MAX. */
static bool number_of(const struct mm_tag *tag, size_t max_digits, uint64_t *out)
{
    if (!digits_only(tag->value, max_digits))
        return false;
    if (!mm_view_to_u64(tag->value, out))
        *out = UINT64_MAX;
    return true;
}

/* ---- the field ---- */

static struct mm_view value_of(const struct mm_tag *tag)
{
    return tag ? tag->value : (struct mm_view){NULL, 0};
}

/* Fill what the report says, whether or not the checks will pass. */
static void read_texts(const struct mm_tag_list *list, struct mm_sig_field *out)
{
    const struct mm_tag *b = mm_tag_find(list, MM_VIEW("b"));
    out->domain = value_of(mm_tag_find(list, MM_VIEW("d")));
    out->selector = value_of(mm_tag_find(list, MM_VIEW("s")));
    out->auid = value_of(mm_tag_find(list, MM_VIEW("i")));
    out->algorithm = value_of(mm_tag_find(list, MM_VIEW("a")));
    out->headers = value_of(mm_tag_find(list, MM_VIEW("h")));
    out->b = value_of(b);
    out->b_raw = b ? b->raw_value : (struct mm_view){NULL, 0};
}

static void read_numbers(const struct mm_tag_list *list, struct mm_sig_field *out)
{
    const struct mm_tag *l = mm_tag_find(list, MM_VIEW("l"));
    const struct mm_tag *t = mm_tag_find(list, MM_VIEW("t"));
    const struct mm_tag *x = mm_tag_find(list, MM_VIEW("x"));
    out->body_length = MM_SIG_LENGTH_ALL;
    out->has_body_length = l && number_of(l, LENGTH_DIGITS_MAX, &out->body_length);
    out->has_signed_at = t && number_of(t, TIME_DIGITS_MAX, &out->signed_at);
    out->has_expires_at = x && number_of(x, TIME_DIGITS_MAX, &out->expires_at);
}

static enum mm_reason check_numbers(const struct mm_tag_list *list, const struct mm_sig_field *f)
{
    if (!f->has_body_length && mm_tag_find(list, MM_VIEW("l")))
        return MM_REASON_BAD_L;
    if (!f->has_signed_at && mm_tag_find(list, MM_VIEW("t")))
        return MM_REASON_BAD_T;
    if (!f->has_expires_at && mm_tag_find(list, MM_VIEW("x")))
        return MM_REASON_BAD_X;
    return MM_REASON_NONE;
}

/* RFC 6376 section 6.1.1: required tags. An empty v= or a= is an unknown one, not a missing one. */
static enum mm_reason check_required(const struct mm_tag_list *list, const struct mm_sig_field *f)
{
    if (!mm_tag_find(list, MM_VIEW("v")))
        return MM_REASON_NO_V;
    if (!mm_tag_find(list, MM_VIEW("a")))
        return MM_REASON_NO_A;
    if (f->b.len == 0)
        return MM_REASON_NO_B;
    if (value_of(mm_tag_find(list, MM_VIEW("bh"))).len == 0)
        return MM_REASON_NO_BH;
    if (f->domain.len == 0)
        return MM_REASON_NO_D;
    if (f->headers.len == 0)
        return MM_REASON_NO_H;
    return f->selector.len == 0 ? MM_REASON_NO_S : MM_REASON_NONE;
}

static enum mm_reason check_words(const struct mm_tag_list *list, struct mm_sig_field *out)
{
    if (!mm_view_eq(value_of(mm_tag_find(list, MM_VIEW("v"))), MM_VIEW("1")))
        return MM_REASON_BAD_V;
    enum mm_reason fault = check_algorithm(out->algorithm, out);
    if (fault == MM_REASON_NONE && out->canon.len == 0)
        fault = MM_REASON_BAD_C;
    if (fault == MM_REASON_NONE)
        fault = check_query(mm_tag_find(list, MM_VIEW("q")));
    return fault;
}

/* b= and bh=, decoded. Their lengths are judged where they are compared. */
static enum mm_status check_hashes(const struct mm_tag_list *list, struct mm_arena *arena,
                                   struct mm_sig_field *out)
{
    bool b_ok, bh_ok;
    MM_TRY(decode(out->b, arena, &out->signature, &b_ok));
    MM_TRY(decode(value_of(mm_tag_find(list, MM_VIEW("bh"))), arena, &out->body_hash, &bh_ok));
    if (!b_ok)
        out->fault = MM_REASON_BAD_B;
    else if (!bh_ok)
        out->fault = MM_REASON_BAD_BH;
    return MM_OK;
}

static enum mm_status check_identity(const struct mm_tag_list *list, struct mm_arena *arena,
                                     struct mm_sig_field *out)
{
    struct mm_view domain;
    if (!mm_tag_find(list, MM_VIEW("i")))
        return MM_OK;
    MM_TRY(identity_domain(out->auid, arena, &domain));
    MM_TRY(mm_idn_to_ascii(domain, MM_IDN_U_LABELS, arena, &domain, &out->fault));
    if (out->fault == MM_REASON_NONE && !mm_is_domain_name(domain))
        out->fault = MM_REASON_BAD_I;
    out->identity_is_outside = !mm_domain_is_within(domain, out->domain_ascii);
    out->identity_is_below = domain.len > out->domain_ascii.len;
    return MM_OK;
}

static enum mm_reason check_relations(const struct mm_sig_field *f)
{
    if (!f->signs_from)
        return MM_REASON_FROM_UNSIGNED;
    if (f->identity_is_outside)
        return MM_REASON_IDENTITY;
    if (f->has_signed_at && f->has_expires_at && f->expires_at <= f->signed_at)
        return MM_REASON_X_BEFORE_T;
    return MM_REASON_NONE;
}

static enum mm_status check_all(const struct mm_tag_list *list, struct mm_arena *arena,
                                struct mm_sig_field *out)
{
    out->fault = check_required(list, out);
    if (out->fault == MM_REASON_NONE)
        out->fault = check_words(list, out);
    if (out->fault == MM_REASON_NONE)
        MM_TRY(check_names(arena, out));
    if (out->fault == MM_REASON_NONE)
        out->fault = check_headers(out);
    if (out->fault == MM_REASON_NONE)
        MM_TRY(check_hashes(list, arena, out));
    if (out->fault == MM_REASON_NONE)
        MM_TRY(check_identity(list, arena, out));
    if (out->fault == MM_REASON_NONE)
        out->fault = check_numbers(list, out);
    if (out->fault == MM_REASON_NONE)
        out->fault = check_relations(out);
    return MM_OK;
}

enum mm_status mm_sig_field_parse(struct mm_view value, struct mm_arena *arena,
                                  struct mm_sig_field *out)
{
    struct mm_tag_list list;
    *out = (struct mm_sig_field){.fault = MM_REASON_NONE};
    enum mm_status status = mm_tag_list_parse(value, &list);
    read_texts(&list, out);
    read_canon(mm_tag_find(&list, MM_VIEW("c")), out);
    read_numbers(&list, out);
    if (status == MM_OK)
        return check_all(&list, arena, out);
    out->fault = status == MM_E_LIMIT ? MM_REASON_TAG_COUNT : MM_REASON_TAG_LIST;
    return MM_OK;
}
