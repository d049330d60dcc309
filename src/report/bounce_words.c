/*
 * bounce_words.c - what a notice says to a person, and the message that it returns.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/buf.h"
#include "base/error.h"
#include "mail/encoded_word.h"
#include "report/bounce_internal.h"
#include "report/html_text.h"
#include "text/charset.h"

enum { WORDS_MAX_PARTS = 8 }; /* text parts in front of what is returned: three at most were seen */

/* Whether a charset is declared whose texts are something else than UTF-8. */
static bool is_to_convert(struct mm_view name)
{
    struct mm_charset charset;
    return name.len > 0 && mm_charset_find(name, &charset) && charset.kind != MM_CHARSET_UTF8;
}

enum mm_status mm_bounce_body(struct mm_bounce_job *job, struct mm_mime_part *part,
                              struct mm_view *body)
{
    MM_TRY(mm_mime_decode(part, job->arena, body, NULL));
    if (body->len > MM_NOTICE_MAX_BYTES && part->media != MM_MEDIA_DELIVERY_STATUS)
        body->len = MM_NOTICE_MAX_BYTES;
    /* With U+FFFD for each byte that is not UTF-8, two addresses would become one. */
    if (!is_to_convert(part->charset))
        return MM_OK;
    return mm_text_to_utf8(*body, part->charset, job->arena, body, NULL);
}

/* Words that stand on a line of their own above the returned message, dashes aside. */
static const struct mm_view markers[] = {
#define MARKER(words)                                                                              \
    {                                                                                              \
        words, sizeof(words) - 1                                                                   \
    }
    MARKER("below this line is a copy"),
    MARKER("this is a copy of"),
    MARKER("below is a copy of"),
    MARKER("here is a copy of"),
    MARKER("a copy of the original message"),
    MARKER("original message"),
    MARKER("the original message follows"),
    MARKER("original mail as follows"),
    MARKER("message header"),
    MARKER("the header of the original message"),
    MARKER("header of the original"),
    MARKER("headers of the original"),
    MARKER("the headers of your original"),
    MARKER("unsent message"),
    MARKER("undelivered message"),
    MARKER("undeliverable message"),
    MARKER("returned message"),
    MARKER("returned mail"),
    MARKER("rejected message"),
    MARKER("failed message"),
    MARKER("message text"),
    MARKER("start of original message"),
    MARKER("begin message"),
    MARKER("content-type: message/"),
    MARKER("content-type: text/rfc822-headers"),
#undef MARKER
};

/* The line opens the returned message: a marker, or its first header field. */
static bool opens_returned(struct mm_view line, bool *is_field)
{
    *is_field = mm_view_starts_nocase(line, MM_VIEW("Received:")) ||
                mm_view_starts_nocase(line, MM_VIEW("Return-Path: <")) ||
                mm_view_starts_nocase(line, MM_VIEW("DKIM-Signature: "));
    if (*is_field)
        return true;
    while (line.len && (line.data[0] == '-' || line.data[0] == '=' || line.data[0] == '*' ||
                        line.data[0] == '#' || mm_is_wsp((unsigned char)line.data[0])))
        line = mm_view_sub(line, 1, line.len - 1);
    if (mm_view_starts_nocase(line, MM_VIEW("content-type: message/delivery-status")))
        return false;
    for (size_t i = 0; i < MM_COUNT(markers); i++)
        if (line.len && markers[i].data[0] == (char)mm_ascii_lower((unsigned char)line.data[0]) &&
            mm_view_starts_nocase(line, markers[i]))
            return true;
    return false;
}

/* A sentence that says where the message is, rather than a heading above it. */
static bool is_heading(struct mm_view line)
{
    enum { HEADING_MAX_BYTES = 78 };
    line = mm_view_trim_fws(line);
    return line.len <= HEADING_MAX_BYTES;
}

/* Cut the returned message off a text that has both. */
static void cut_returned(struct mm_view text, struct mm_view *words, struct mm_view *returned)
{
    struct mm_view rest = text, line;
    bool some_words = false, is_field;
    *words = text;
    while (mm_line_next(&rest, &line)) {
        if (some_words && is_heading(line) && opens_returned(line, &is_field)) {
            words->len = (size_t)(line.data - text.data);
            *returned = is_field ? (struct mm_view){line.data, text.len - words->len} : rest;
            return;
        }
        some_words = some_words || mm_view_trim_fws(line).len > 0;
    }
}

/* Part of what a notice says itself: text in front of what is returned. */
static bool is_returned(const struct mm_mime_part *part)
{
    return part->media == MM_MEDIA_MESSAGE || part->media == MM_MEDIA_HEADERS;
}

static enum mm_status add_words(struct mm_bounce_job *job, struct mm_buf *words,
                                struct mm_mime_part *part)
{
    struct mm_view body;
    MM_TRY(mm_bounce_body(job, part, &body));
    if (part->media == MM_MEDIA_TEXT_HTML)
        body = mm_html_text(body, job->arena);
    if (!body.data)
        return MM_E_NOMEM;
    if (body.len > MM_NOTICE_MAX_BYTES - words->len)
        body.len = MM_NOTICE_MAX_BYTES - words->len;
    mm_buf_append(words, body);
    return MM_OK;
}

/* The texts of one kind in front of the returned message, which is remembered. */
static enum mm_status gather(struct mm_bounce_job *job, enum mm_media media, struct mm_buf *words)
{
    uint32_t taken = 0;
    bool behind = false; /* the returned message */
    for (uint32_t i = 0; i < job->mime->count; i++) {
        struct mm_mime_part *part = &job->mime->parts[i];
        if (is_returned(part)) {
            i = part->subtree_end - 1;
            behind = true;
            if (!job->returned.data)
                MM_TRY(mm_mime_decode(part, job->arena, &job->returned, NULL));
        } else if (part->media == media && mm_mime_is_leaf(job->mime, i) && !behind &&
                   taken < WORDS_MAX_PARTS) {
            MM_TRY(add_words(job, words, part));
            taken++;
        }
    }
    return MM_OK;
}

enum mm_status mm_bounce_find_words(struct mm_bounce_job *job)
{
    struct mm_buf words;
    mm_buf_init(&words, MM_NOTICE_MAX_BYTES + 1);
    enum mm_status st = gather(job, MM_MEDIA_TEXT_PLAIN, &words);
    if (st == MM_OK && mm_view_trim_fws(mm_buf_view(&words)).len == 0)
        st = gather(job, MM_MEDIA_TEXT_HTML, &words);
    /* A multipart whose boundary is lost: its parts and their headers as one text. */
    if (st == MM_OK && mm_view_trim_fws(mm_buf_view(&words)).len == 0)
        st = gather(job, MM_MEDIA_MULTIPART, &words);
    struct mm_view text = mm_arena_copy(job->arena, mm_buf_view(&words));
    bool failed = words.failed || !text.data;
    mm_buf_deinit(&words);
    if (st != MM_OK || failed)
        return st != MM_OK ? st : MM_E_NOMEM;
    struct mm_view returned = {NULL, 0};
    job->whole = text;
    cut_returned(text, &job->words, &returned);
    if (!job->returned.data)
        job->returned = returned;
    return MM_OK;
}
