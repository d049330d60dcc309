/*
 * content_kind.c - what bytes are, by themselves.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report/content_kind.h"

#include "io/inflate.h"
#include "io/tar.h"
#include "io/zip.h"
#include "mail/mbox.h"
#include "mail/mime.h"

enum {
    LOOKED_AT_BYTES = 4096,
    HEADER_LOOKED_AT_BYTES = 64 * 1024 /* trace fields of a dozen hops come before From */
};

const char *mm_content_kind_word(enum mm_content_kind kind)
{
    static const char *const words[] = {
        [MM_CONTENT_EMPTY] = "empty", [MM_CONTENT_GZIP] = "gzip", [MM_CONTENT_ZLIB] = "zlib",
        [MM_CONTENT_ZSTD] = "zstd",   [MM_CONTENT_ZIP] = "zip",   [MM_CONTENT_TAR] = "tar",
        [MM_CONTENT_MBOX] = "mbox",   [MM_CONTENT_XML] = "xml",   [MM_CONTENT_JSON] = "json",
        [MM_CONTENT_MAIL] = "mail",   [MM_CONTENT_TEXT] = "text", [MM_CONTENT_OTHER] = "other"};
    return words[kind];
}

static struct mm_view head_of(struct mm_view v, size_t most)
{
    return mm_view_sub(v, 0, v.len < most ? v.len : most);
}

static struct mm_view skip(struct mm_view v, size_t count)
{
    return mm_view_sub(v, count, v.len - count);
}

static struct mm_view skip_white_space(struct mm_view v)
{
    size_t at = 0;
    while (at < v.len && mm_is_fws((unsigned char)v.data[at]))
        at++;
    return skip(v, at);
}

/* ---- text of reports ---- */

/* Behind the '<': a declaration, a comment, or a name that ends as one does. A bounce in plain
 * words may begin with "<user@example.com>:". */
static bool is_xml_tag(struct mm_view text)
{
    size_t at = 1;
    if (text.len > 1 && (text.data[1] == '?' || text.data[1] == '!'))
        return true;
    while (at < text.len && text.data[at] != '\0' && !strchr(" \t\r\n/>@<=\"'", text.data[at]))
        at++;
    return at > 1 && (at == text.len || strchr(" \t\r\n/>", text.data[at]));
}

/* Behind the '{' or '[': what a value begins with, or nothing; a list of true, false and null is no
 * report, and "[from here on …]" is no list. */
static bool is_json_value(struct mm_view text)
{
    struct mm_view inside = skip_white_space(skip(text, 1));
    const char *begins = text.data[0] == '{' ? "\"}" : "\"]{[-0123456789";
    return inside.len == 0 || (inside.data[0] && strchr(begins, inside.data[0]));
}

/* UTF-16 is told by its mark, or by the NUL beside a '<' or '{' (XML 1.0 appendix F, RFC 4627
 * section 3); the first character tells the rest. 0: not UTF-16. */
static char first_of_utf16(struct mm_view v)
{
    if (v.len >= 4 && mm_view_starts(v, MM_VIEW("\xff\xfe")))
        return v.data[2];
    if (v.len >= 4 && mm_view_starts(v, MM_VIEW("\xfe\xff")))
        return v.data[3];
    if (v.len >= 2 && (v.data[0] == '\0') != (v.data[1] == '\0'))
        return v.data[0] ? v.data[0] : v.data[1];
    return '\0';
}

static enum mm_content_kind markup_kind(struct mm_view v)
{
    char wide = first_of_utf16(v);
    if (wide)
        return wide == '<'                  ? MM_CONTENT_XML
               : wide == '{' || wide == '[' ? MM_CONTENT_JSON
                                            : MM_CONTENT_OTHER;
    if (mm_view_starts(v, MM_VIEW("\xef\xbb\xbf")))
        v = skip(v, 3);
    v = skip_white_space(v);
    if (v.len > 0 && v.data[0] == '<' && is_xml_tag(v))
        return MM_CONTENT_XML;
    bool json = v.len > 0 && (v.data[0] == '{' || v.data[0] == '[') && is_json_value(v);
    return json ? MM_CONTENT_JSON : MM_CONTENT_OTHER;
}

/* Without NULs: UTF-16 of ASCII becomes ASCII. */
static struct mm_view squeeze(struct mm_view v, char *room)
{
    size_t len = 0;
    v = head_of(v, LOOKED_AT_BYTES);
    for (size_t i = 0; i < v.len; i++)
        if (v.data[i] != '\0')
            room[len++] = v.data[i];
    return (struct mm_view){room, len};
}

static bool holds(struct mm_view v, const char *word)
{
    return memmem(v.data, v.len, word, strlen(word)) != NULL;
}

bool mm_content_looks_like_report(struct mm_view bytes)
{
    char room[LOOKED_AT_BYTES];
    struct mm_view head = squeeze(bytes, room);
    switch (markup_kind(bytes)) {
    case MM_CONTENT_XML:
        return holds(head, "<feedback") || holds(head, ":feedback") ||
               holds(head, "<report_metadata");
    case MM_CONTENT_JSON:
        return holds(head, "\"organization-name\"") || holds(head, "\"report-id\"") ||
               holds(head, "\"policies\"");
    default:
        return false;
    }
}

/* ---- mail ---- */

/* The line at `*at`, whatever ends it; *at moves behind it. */
static struct mm_view take_line(struct mm_view v, size_t *at)
{
    size_t start = *at, end = start;
    while (end < v.len && v.data[end] != '\n' && v.data[end] != '\r')
        end++;
    *at = end + (end < v.len);
    if (*at < v.len && v.data[end] == '\r' && v.data[*at] == '\n')
        ++*at;
    return mm_view_sub(v, start, end - start);
}

static bool is_mail_field(struct mm_view line)
{
    static const char *const names[] = {
        "from",         "to",         "subject",  "date",          "received",
        "return-path",  "message-id", "cc",       "reply-to",      "mime-version",
        "content-type", "sender",     "x-mailer", "delivered-to",  "contenttype",
        "resent-from",  "x-received", "arc-seal", "dkim-signature"};
    struct mm_view name, rest;
    if (!mm_mime_starts_with_field(line) || !mm_view_cut(line, ':', &name, &rest))
        return false;
    name = mm_view_trim_wsp(name);
    for (size_t i = 0; i < MM_COUNT(names); i++)
        if (mm_view_eq_nocase(name, mm_view_of(names[i])))
            return true;
    return false;
}

/* A field, a separator line or the rest of a lost field comes first, and a known field before the
 * empty line. */
static bool is_mail(struct mm_view v)
{
    size_t at = 0;
    while (at < v.len && (v.data[at] == '\n' || v.data[at] == '\r'))
        at++;
    v = head_of(skip(v, at), HEADER_LOOKED_AT_BYTES);
    if (!mm_mime_starts_with_field(v) && !mm_view_starts(v, MM_VIEW(">From ")) &&
        !(v.len > 0 && mm_is_wsp((unsigned char)v.data[0])))
        return false;
    for (at = 0; at < v.len;) {
        struct mm_view line = take_line(v, &at);
        if (line.len == 0)
            return false;
        if (is_mail_field(line))
            return true;
    }
    return false;
}

enum mm_content_kind mm_content_kind_of(struct mm_view bytes)
{
    static const enum mm_content_kind of_format[] = {[MM_INFLATE_NONE] = MM_CONTENT_OTHER,
                                                     [MM_INFLATE_GZIP] = MM_CONTENT_GZIP,
                                                     [MM_INFLATE_ZLIB] = MM_CONTENT_ZLIB,
                                                     [MM_INFLATE_ZSTD] = MM_CONTENT_ZSTD};
    enum mm_content_kind kind = of_format[mm_inflate_sniff(bytes)];
    if (kind != MM_CONTENT_OTHER)
        return kind;
    if (mm_zip_sniff(bytes))
        return MM_CONTENT_ZIP;
    if (mm_mbox_sniff(bytes))
        return MM_CONTENT_MBOX;
    if (mm_tar_sniff(bytes))
        return MM_CONTENT_TAR;
    if (skip_white_space(bytes).len == 0)
        return MM_CONTENT_EMPTY;
    kind = markup_kind(bytes);
    if (kind != MM_CONTENT_OTHER)
        return kind;
    if (is_mail(bytes))
        return MM_CONTENT_MAIL;
    struct mm_view head = head_of(bytes, LOOKED_AT_BYTES);
    return memchr(head.data, '\0', head.len) ? MM_CONTENT_OTHER : MM_CONTENT_TEXT;
}
