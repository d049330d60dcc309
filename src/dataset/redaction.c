/*
 * redaction.c - local parts of addresses replaced by a keyed hash, wherever they stand in a text.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/redaction.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "base/error.h"
#include "crypto/key_text.h"
#include "crypto/secret.h"
#include "io/whole_file.h"
#include "mailmill/keys.h"
#include "text/base64.h"
#include "text/cfws.h"
#include "text/hex.h"

enum {
    HASH_BYTES = 16,
    HASH_CHARS = (HASH_BYTES * 8 + 4) / 5,
    /* Far more than RFC 5321 section 4.5.3.1 allows, for tokens that hold another address. Longer
     * ones are equal where these beginnings and the lengths are. */
    LOCAL_MAX_BYTES = 1024,
    DOMAIN_MAX_BYTES = 255,
    GAP_MAX_BYTES = 256 /* of comments and blanks beside a sign, each of which is looked over */
};

struct mm_redaction {
    uint8_t key[MM_REDACTION_KEY_BYTES];
};

enum mm_status mm_redaction_new(struct mm_redaction **redaction, struct mm_view key,
                                struct mm_error *err)
{
    uint8_t bytes[MM_BASE64_DECODED_MAX(64)];
    size_t len = 0;
    struct mm_view line = mm_view_trim_fws(key);
    if (line.len > 64 || mm_base64_decode(line, bytes, &len, NULL) != MM_OK ||
        len != MM_REDACTION_KEY_BYTES) {
        mm_secret_wipe(bytes, sizeof bytes);
        return mm_fail(err, MM_E_SYNTAX,
                       "not a redaction key: one line of base64 of %d bytes is wanted; "
                       "mailmill keys new --redact makes one",
                       MM_REDACTION_KEY_BYTES);
    }
    struct mm_redaction *made = mm_secret_alloc(sizeof *made);
    if (made)
        memcpy(made->key, bytes, sizeof made->key);
    mm_secret_wipe(bytes, sizeof bytes);
    *redaction = made;
    return made ? MM_OK : mm_fail(err, MM_E_NOMEM, "no memory for the redaction key");
}

enum mm_status mm_redaction_load(struct mm_redaction **redaction, const char *path,
                                 struct mm_error *err)
{
    struct mm_key_text key;
    enum mm_status st = mm_key_text_read(path, &key, err);
    if (st == MM_OK)
        st = mm_redaction_new(redaction, (struct mm_view){key.text, key.len}, err);
    if (st == MM_OK && (st = mm_key_text_check_mode(&key, path, err)) != MM_OK)
        mm_redaction_free(redaction);
    mm_key_text_forget(&key);
    return st;
}

enum mm_status mm_redaction_key_new(const char *path, bool overwrite, struct mm_error *err)
{
    uint8_t key[MM_REDACTION_KEY_BYTES];
    char line[MM_BASE64_ENCODED_BYTES(MM_REDACTION_KEY_BYTES) + 1];
    struct mm_whole_file file = {.fd = -1};
    if (RAND_priv_bytes(key, sizeof key) != 1)
        return mm_fail(err, MM_E_CRYPTO, "no random bytes for a key");
    line[mm_base64_encode(line, key, sizeof key)] = '\n';
    enum mm_status st = mm_whole_file_open(&file, path, 0600, overwrite, err);
    if (st == MM_OK)
        st = mm_whole_file_write(&file, (struct mm_view){line, sizeof line}, err);
    if (st == MM_OK)
        st = mm_whole_file_commit(&file, err);
    mm_whole_file_abort(&file);
    mm_secret_wipe(key, sizeof key);
    mm_secret_wipe(line, sizeof line);
    return st;
}

void mm_redaction_free(struct mm_redaction **redaction)
{
    if (!*redaction)
        return;
    mm_secret_free(*redaction, sizeof **redaction);
    *redaction = NULL;
}

/* ---- where an address is ---- */

static bool is_alnum(unsigned char c)
{
    return (unsigned char)(mm_ascii_lower(c) - 'a') < 26 || (unsigned char)(c - '0') < 10;
}

/* RFC 5322 atext and dots, and what RFC 6531 adds. */
static bool is_local(unsigned char c)
{
    return is_alnum(c) || c >= 0x80 || (c && strchr("!#$%&'*+-/=?^_`{|}~.", c));
}

/* What a local part may end with: one of those, or the quote of a quoted string. */
static bool ends_local(char c)
{
    return c == '"' || is_local((unsigned char)c);
}

/* Of a local part in a URL or in xtext, where the rest of the URL is made of the same characters.
 */
static bool is_narrow(unsigned char c)
{
    return is_alnum(c) || c >= 0x80 || (c && strchr("._-+%", c));
}

/* What stands between a local part and its domain. */
struct sign {
    struct mm_view text;
    bool narrow; /* what is_narrow() says makes the local part */
    bool dotted; /* much else is written so: only in front of a domain with a dot */
};
/* As it is, of full width (U+FF20), in URLs, in xtext, in quoted-printable. */
static const struct sign signs[] = {{{"@", 1}, false, false},
                                    {{"\xef\xbc\xa0", 3}, false, false},
                                    {{"%40", 3}, true, false},
                                    {{"+40", 3}, true, false},
                                    {{"=40", 3}, true, true}};

/* NULL for none. */
static const struct sign *sign_at(struct mm_view text, size_t at)
{
    for (size_t i = 0; at < text.len && i < MM_COUNT(signs); i++)
        if (signs[i].text.data[0] == text.data[at] &&
            mm_view_starts(mm_view_sub(text, at, text.len - at), signs[i].text))
            return &signs[i];
    return NULL;
}

bool mm_redaction_may_find(struct mm_view text)
{
    for (size_t at = 0; at < text.len; at++)
        if (!is_alnum((unsigned char)text.data[at]) && sign_at(text, at))
            return true;
    return false;
}

static bool is_domain(struct mm_view text, size_t at)
{
    unsigned char c = (unsigned char)text.data[at];
    return is_alnum(c) || c == '.' || c == '-' || (c >= 0x80 && !sign_at(text, at));
}

/* The end of the domain that begins at `at`: a name without the dot that ends a sentence, or an
 * address literal. */
static size_t domain_end(struct mm_view text, size_t at)
{
    size_t end = at;
    if (at < text.len && text.data[at] == '[') {
        while (end < text.len && end - at < LOCAL_MAX_BYTES && text.data[end] != ']' &&
               !mm_is_fws((unsigned char)text.data[end]))
            end++;
        return end;
    }
    while (end < text.len && is_domain(text, end))
        end++;
    while (end > at && (text.data[end - 1] == '.' || text.data[end - 1] == '-'))
        end--;
    return end;
}

/* A name with a dot, or an address literal: what prose does not have behind an "@" by itself. */
static bool is_dotted(struct mm_view domain)
{
    return domain.data[0] == '[' || (domain.data[0] != '.' && memchr(domain.data, '.', domain.len));
}

/* Behind the comments and blanks that RFC 5322 sections 3.2.2 and 3.4.1 allow on both sides of the
 * sign; `at` where there are none, or ones without end. */
static size_t past_gap(struct mm_view text, size_t at)
{
    size_t end = at;
    struct mm_view near = {text.data,
                           text.len - at < GAP_MAX_BYTES ? text.len : at + GAP_MAX_BYTES};
    return mm_cfws_skip(near, &end) ? end : at;
}

static bool has_blank_at_edge(struct mm_view text, size_t from, size_t end)
{
    return from < end && (mm_is_fws((unsigned char)text.data[from]) ||
                          mm_is_fws((unsigned char)text.data[end - 1]));
}

/* What follows a local part that ends in front of `at`. False where none ends there. */
static bool find_domain(struct mm_view text, size_t at, const struct sign **sign,
                        struct mm_view *domain)
{
    size_t from = past_gap(text, at);
    *sign = sign_at(text, from);
    if (!*sign || (from > at && (*sign)->narrow))
        return false;
    size_t behind = from + (*sign)->text.len;
    size_t start = (*sign)->narrow ? behind : past_gap(text, behind);
    *domain = mm_view_sub(text, start, domain_end(text, start) - start);
    bool dotted = (*sign)->dotted || has_blank_at_edge(text, at, from) ||
                  has_blank_at_edge(text, behind, start);
    return domain->len && (!dotted || is_dotted(*domain));
}

/* Where a quoted local part begins whose closing quote is right before `end`; `end` for none. */
static size_t quoted_start(struct mm_view text, size_t from, size_t end)
{
    if (end - from < 2 || text.data[end - 1] != '"')
        return end;
    if (end - from > LOCAL_MAX_BYTES) /* a text may have a quote at every other byte */
        from = end - LOCAL_MAX_BYTES;
    for (size_t at = end - 1; at-- > from;)
        if (text.data[at] == '"' && (at == from || text.data[at - 1] != '\\'))
            return at;
    return end;
}

/* In quoted-printable other characters are escaped as the sign is. */
static bool is_local_of(const struct sign *sign, struct mm_view text, size_t at)
{
    unsigned char c = (unsigned char)text.data[at];
    if (!sign->narrow)
        return is_local(c);
    return is_narrow(c) || (c == '=' && sign->text.data[0] == '=' &&
                            mm_hex_octet(mm_view_sub(text, at + 1, text.len - at - 1)) >= 0);
}

static size_t local_start(struct mm_view text, size_t from, size_t end, const struct sign *sign)
{
    size_t at = quoted_start(text, from, end);
    if (at < end)
        return at;
    while (at > from && is_local_of(sign, text, at - 1))
        at--;
    return at;
}

/* ---- what takes its place ---- */

static size_t hash_input(char *out, struct mm_view local, struct mm_view domain)
{
    uint64_t local_len = local.len;
    size_t domain_len = domain.len < DOMAIN_MAX_BYTES ? domain.len : DOMAIN_MAX_BYTES;
    if (local.len > LOCAL_MAX_BYTES)
        local.len = LOCAL_MAX_BYTES;
    memcpy(out, &local_len, sizeof local_len);
    out += sizeof local_len;
    mm_view_lower_to(out, local);
    out[local.len] = '@';
    mm_view_lower_to(out + local.len + 1, mm_view_sub(domain, 0, domain_len));
    return sizeof local_len + local.len + 1 + domain_len;
}

static void append_hash(const struct mm_redaction *redaction, struct mm_buf *out,
                        struct mm_view local, struct mm_view domain)
{
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
    unsigned char mac[EVP_MAX_MD_SIZE] = {0};
    char address[sizeof(uint64_t) + LOCAL_MAX_BYTES + 1 + DOMAIN_MAX_BYTES];
    size_t len = hash_input(address, local, domain);
    if (!HMAC(EVP_sha256(), redaction->key, MM_REDACTION_KEY_BYTES, (const unsigned char *)address,
              len, mac, NULL)) {
        out->failed = true; /* no text rather than one that tells */
        return;
    }
    mm_buf_append_str(out, "r-");
    for (unsigned i = 0; i < HASH_CHARS; i++) {
        unsigned bit = i * 5, pair = (unsigned)mac[bit / 8] << 8 | mac[bit / 8 + 1];
        mm_buf_append_char(out, digits[pair >> (11 - bit % 8) & 31]);
    }
}

/* ---- names without a domain ---- */

/* A byte that a word goes on with. */
static bool is_word(char c)
{
    return is_alnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

void mm_redaction_names_add(struct mm_redaction_names *names, struct mm_view name)
{
    while (name.len && !is_word(name.data[0]))
        name = mm_view_sub(name, 1, name.len - 1);
    while (name.len && !is_word(name.data[name.len - 1]))
        name.len--;
    if (name.len && name.len <= MM_REDACTION_NAME_BYTES_MAX &&
        names->count < MM_REDACTION_NAMES_MAX)
        names->items[names->count++] = name;
}

/* The length of the longest name that stands as a word at `at`; 0 for none. */
static size_t name_at(const struct mm_redaction_names *names, struct mm_view text, size_t at)
{
    size_t longest = 0;
    if (at && is_word(text.data[at - 1]))
        return 0;
    for (unsigned i = 0; i < names->count; i++) {
        size_t len = names->items[i].len, end = at + len;
        if (len > longest && end <= text.len && (end == text.len || !is_word(text.data[end])) &&
            mm_view_eq_nocase(mm_view_sub(text, at, len), names->items[i]))
            longest = len;
    }
    return longest;
}

/* What is not the local part of an address. */
static void append_plain(const struct mm_redaction *redaction, struct mm_buf *out,
                         struct mm_view text, const struct mm_redaction_names *names)
{
    size_t done = 0;
    for (size_t at = 0; names && names->count && at < text.len; at++) {
        size_t len = name_at(names, text, at);
        if (len == 0)
            continue;
        mm_buf_append(out, mm_view_sub(text, done, at - done));
        mm_redaction_append_name(redaction, out, mm_view_sub(text, at, len));
        done = at + len;
        at = done - 1;
    }
    mm_buf_append(out, mm_view_sub(text, done, text.len - done));
}

/* ---- a text ---- */

bool mm_redaction_append_naming(const struct mm_redaction *redaction, struct mm_buf *out,
                                struct mm_view text, const struct mm_redaction_names *names)
{
    size_t done = 0, from = 0; /* `from`: no local part begins before it */
    for (size_t at = 0; at < text.len; at++) {
        const struct sign *sign;
        struct mm_view domain;
        if (at <= from || is_alnum((unsigned char)text.data[at]) ||
            !ends_local(text.data[at - 1]) || !find_domain(text, at, &sign, &domain))
            continue;
        size_t start = local_start(text, from, at, sign);
        if (start == at)
            continue;
        append_plain(redaction, out, mm_view_sub(text, done, start - done), names);
        append_hash(redaction, out, mm_view_sub(text, start, at - start), domain);
        done = at;
        from = sign_at(text, at) ? at + sign->text.len : at; /* a gap may hold other addresses */
    }
    append_plain(redaction, out, mm_view_sub(text, done, text.len - done), names);
    return done > 0;
}

void mm_redaction_append(const struct mm_redaction *redaction, struct mm_buf *out,
                         struct mm_view text)
{
    mm_redaction_append_naming(redaction, out, text, NULL);
}

void mm_redaction_append_path(const struct mm_redaction *redaction, struct mm_buf *out,
                              struct mm_view path)
{
    for (size_t at = 0; at < path.len;) {
        const char *slash = memchr(path.data + at, '/', path.len - at);
        size_t end = slash ? (size_t)(slash - path.data) + 1 : path.len;
        mm_redaction_append(redaction, out, mm_view_sub(path, at, end - at));
        at = end;
    }
}

void mm_redaction_append_name(const struct mm_redaction *redaction, struct mm_buf *out,
                              struct mm_view name)
{
    append_hash(redaction, out, name, MM_VIEW(""));
}
