/*
 * sizes.c - how many bytes relaxed/relaxed hashes of a message of the campaign.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Counted apart from mailmill's own canonicalization, for messages whose lines end in CRLF.
 * Source: RFC 6376 sections 3.4.2 and 3.4.4.
 */
#include "campaign/sizes.h"

#include <assert.h>
#include <stdio.h>
#include <strings.h>

#include "bench/mail_maker.h"
#include "campaign/campaign.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Bytes of one header field in relaxed form, its CRLF included; folds count as blanks. */
static size_t relaxed_field_bytes(const char *field, size_t len)
{
    size_t bytes = 0;
    bool blank = false, in_value = false;
    for (size_t i = 0; i < len; i++) {
        if (is_blank(field[i]) || field[i] == '\r' || field[i] == '\n') {
            blank = true;
            continue;
        }
        if (blank && in_value)
            bytes++;
        blank = false;
        bytes++;
        if (field[i] == ':' && bytes == i + 1)
            continue; /* blanks right after the colon go */
        in_value = in_value || memchr(field, ':', i) != NULL;
    }
    return bytes + 2;
}

size_t relaxed_body_bytes(struct mm_view text)
{
    const char *body = text.data;
    size_t len = text.len;
    size_t bytes = 0, empty_lines = 0;
    for (size_t at = 0; at < len;) {
        const char *end = memchr(body + at, '\r', len - at);
        size_t line_end = (size_t)(end - body), line_bytes = 0;
        assert(end && end[1] == '\n');
        while (line_end > at && is_blank(body[line_end - 1]))
            line_end--;
        for (size_t i = at; i < line_end; i++)
            line_bytes += !is_blank(body[i]) || !is_blank(body[i + 1]);
        empty_lines = line_bytes ? 0 : empty_lines + 1;
        bytes += line_bytes + 2;
        at = (size_t)(end - body) + 2;
    }
    return bytes - 2 * empty_lines;
}

/* Fields that are not signed unless told otherwise; all others of the campaign are. */
static bool is_signed(struct mm_view name)
{
    static const char *const others[] = {"Received", "Message-ID", "MIME-Version", "Content-Type",
                                         "Content-Transfer-Encoding"};
    for (size_t i = 0; i < MM_COUNT(others); i++)
        if (mm_view_eq(name, mm_view_of(others[i])))
            return false;
    return true;
}

/* Bytes of the field at the begin, its folded lines and CRLF included. */
static size_t field_bytes(struct mm_view header)
{
    size_t at = 0;
    do {
        const char *end = memchr(header.data + at, '\n', header.len - at);
        at = (size_t)(end - header.data) + 1;
    } while (at < header.len && is_blank(header.data[at]));
    return at;
}

size_t relaxed_header_bytes(struct mm_view header, unsigned domain)
{
    size_t covered = 0, names = 0;
    while (header.len > 2) { /* the empty line is left */
        size_t len = field_bytes(header);
        struct mm_view name, rest;
        mm_view_cut(mm_view_sub(header, 0, len), ':', &name, &rest);
        if (is_signed(name)) {
            covered += relaxed_field_bytes(header.data, len);
            names += name.len + 1;
        }
        header = mm_view_sub(header, len, header.len - len);
    }
    int own = snprintf(NULL, 0,
                       "dkim-signature:v=1; a=rsa-sha256; c=relaxed/relaxed; d=" MM_MAIL_DOMAIN
                       "; s=" MM_MAIL_SELECTOR "; t=%d; h=from; bh=%044d; b=",
                       domain, MM_MAIL_TIME, 0);
    return covered + names + (size_t)own;
}
