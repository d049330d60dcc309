/*
 * bounce_text.c - rows from the words of a notice alone: which recipient, and what is said of it.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Mail servers agree on little, but nearly all begin a line with the address that failed and go on
 * with why: "<a@example.org>:", "  a@example.org", "* a@example.org", "a@example.org: 550 …". What
 * stands up to the next such line is on that recipient. Others name it in a sentence.
 */
#include "base/error.h"
#include "report/bounce_internal.h"

enum {
    ADDRESS_MAX_BYTES = 320, /* RFC 3696 section 3: 64, "@", 255 */
    /* Rows from one text: each is compared with those before it. */
    WORDS_MAX_ROWS = 1000
};

static bool is_local_byte(char c)
{
    unsigned char u = (unsigned char)c;
    return u > ' ' && u != 0x7f && !mm_is_one_of(c, "<>()[]\\,;:\"@");
}

static bool is_domain_byte(char c)
{
    unsigned char lower = mm_ascii_lower((unsigned char)c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_' || lower >= 0x80;
}

/* Length of the address that begins at `at`, or 0. Dots that end a sentence are not part of it. */
static size_t address_bytes(struct mm_view text, size_t at)
{
    size_t local = at, end;
    if (local < text.len && text.data[local] == '\'')
        return 0; /* of a quoted address, rather than of its name */
    if (local < text.len && text.data[local] == '"') {
        local++;
        while (local < text.len && !mm_is_one_of(text.data[local], "\"\r\n") &&
               local - at < ADDRESS_MAX_BYTES)
            local++;
        local += local < text.len && text.data[local] == '"';
    } else {
        while (local < text.len && is_local_byte(text.data[local]) &&
               local - at <= ADDRESS_MAX_BYTES)
            local++;
    }
    if (local == at || local >= text.len || text.data[local] != '@' ||
        local - at > ADDRESS_MAX_BYTES)
        return 0;
    end = local + 1;
    while (end < text.len && is_domain_byte(text.data[end]) && end - at <= ADDRESS_MAX_BYTES)
        end++;
    while (end > local + 1 && mm_is_one_of(text.data[end - 1], ".-_"))
        end--;
    return end > local + 1 ? end - at : 0;
}

/* The address that a line begins with, bullets and brackets aside. `rest` is what follows it, and
 * the colon behind it. */
static bool line_names(struct mm_view line, struct mm_view *address, struct mm_view *rest)
{
    size_t at = 0;
    while (at < line.len && mm_is_one_of(line.data[at], " \t*>-<\"'"))
        at++;
    size_t len = address_bytes(line, at);
    if (len == 0)
        return false;
    size_t end = at + len;
    bool bracket = at && line.data[at - 1] == '<';
    if (bracket && (end == line.len || line.data[end] != '>'))
        return false;
    while (end < line.len && mm_is_one_of(line.data[end], ">\"'"))
        end++;
    end += end < line.len && line.data[end] == ':';
    *address = mm_view_sub(line, at, len);
    *rest = mm_view_sub(line, end, line.len - end);
    return true;
}

/* "A message sent by" stands above the sender, not above a recipient. */
static bool announces_sender(struct mm_view line)
{
    static const struct mm_view ends[] = {{"sent by", 7}, {"sender", 6}, {"from", 4}, {"from:", 5}};
    line = mm_view_trim_fws(line);
    for (size_t i = 0; i < MM_COUNT(ends); i++)
        if (line.len >= ends[i].len &&
            mm_view_eq_nocase(mm_view_sub(line, line.len - ends[i].len, ends[i].len), ends[i]))
            return true;
    return false;
}

/* A recipient, the line that names it, and what is said of it. */
struct named {
    struct mm_view address, line, block;
};

/* The next line of `rest` that names a recipient: what stands before it is skipped. */
static bool find_named(struct mm_view *rest, struct named *named)
{
    struct mm_view line, before = {NULL, 0}, tail;
    while (mm_line_next(rest, &line)) {
        if (line_names(line, &named->address, &tail) && !announces_sender(before)) {
            named->line = line;
            named->block = tail;
            return true;
        }
        if (mm_view_trim_fws(line).len)
            before = line;
    }
    return false;
}

/* Step to the next recipient; its block ends with the line in front of one that names another. */
static bool next_named(struct mm_view *rest, struct named *named)
{
    if (!find_named(rest, named))
        return false;
    const char *end = rest->data + rest->len;
    struct mm_view ahead = *rest;
    struct named other;
    while (find_named(&ahead, &other)) {
        if (!mm_view_eq_nocase(other.address, named->address)) {
            end = other.line.data;
            break;
        }
        *rest = ahead;
    }
    *rest = (struct mm_view){end, (size_t)(rest->data + rest->len - end)};
    named->block.len = (size_t)(end - named->block.data);
    return true;
}

struct mm_view mm_bounce_words_on(struct mm_bounce_job *job, struct mm_view recipient)
{
    struct mm_view rest = job->words;
    struct named named;
    while (recipient.len && next_named(&rest, &named))
        if (mm_view_eq_nocase(named.address, recipient))
            return named.block;
    return (struct mm_view){NULL, 0};
}

/* Whether a text has an address as one of its words. */
static bool has_address(struct mm_view text, struct mm_view address)
{
    for (size_t at = 0; at + address.len <= text.len; at++)
        if (mm_view_eq_nocase(mm_view_sub(text, at, address.len), address) &&
            (at == 0 || !is_local_byte(text.data[at - 1])))
            return true;
    return false;
}

static bool has_row(const struct mm_notice *notice, struct mm_view address)
{
    for (uint32_t i = 0; i < notice->row_count; i++)
        if (mm_view_eq_nocase(notice->rows[i].final_recipient, address))
            return true;
    return false;
}

/* Addresses that every notice names and that are never what failed. */
static bool is_no_recipient(struct mm_bounce_job *job, struct mm_view address)
{
    static const struct mm_view names[] = {{"mailer-daemon@", 14}, {"postmaster@", 11}};
    for (size_t i = 0; i < MM_COUNT(names); i++)
        if (mm_view_starts_nocase(address, names[i]))
            return true;
    return has_address(job->addressee, address) || has_address(job->sender, address);
}

static enum mm_status add_named(struct mm_bounce_job *job, struct mm_view address,
                                struct mm_view block)
{
    struct mm_bounce *row;
    if (job->notice->row_count == WORDS_MAX_ROWS || has_row(job->notice, address))
        return MM_OK;
    MM_TRY(mm_bounce_add_row(job, &row));
    row->final_recipient = address;
    row->diagnostic_code = block;
    return MM_OK;
}

/* Recipients that lines begin with. With X-Failed-Recipients, those that it has only. */
static enum mm_status read_lines(struct mm_bounce_job *job, bool any)
{
    struct mm_view rest = job->words;
    struct named named;
    while (next_named(&rest, &named)) {
        bool wanted = job->failed_recipients.len
                          ? has_address(job->failed_recipients, named.address)
                          : any || !is_no_recipient(job, named.address);
        if (wanted)
            MM_TRY(add_named(job, named.address, named.block));
    }
    return MM_OK;
}

/* ---- a transcript of old sendmail ---- */

/* "554 <a@example.org>... 550 Host unknown": the address; `line` is left as it is. */
static bool transcript_names(struct mm_view line, struct mm_view *address)
{
    size_t at = 3;
    if (line.len < 8 || !mm_is_one_of(line.data[0], "45") || line.data[3] != ' ')
        return false;
    while (at < line.len && line.data[at] != '<' && mm_is_one_of(line.data[at], " .0123456789"))
        at++;
    size_t len = at < line.len && line.data[at] == '<' ? address_bytes(line, at + 1) : 0;
    size_t end = at + 1 + len;
    if (len == 0 || line.len - end < 4 || memcmp(line.data + end, ">...", 4) != 0)
        return false;
    *address = mm_view_sub(line, at + 1, len);
    return true;
}

/* Each line that names a recipient, with the dialogue above it. */
static enum mm_status read_transcript(struct mm_bounce_job *job)
{
    struct mm_view rest = job->words, line, address;
    const char *dialogue = NULL;
    while (mm_line_next(&rest, &line)) {
        if (transcript_names(line, &address)) {
            const char *from = dialogue ? dialogue : line.data;
            MM_TRY(add_named(job, address,
                             (struct mm_view){from, (size_t)(line.data + line.len - from)}));
            dialogue = NULL;
        } else if (mm_view_starts(line, MM_VIEW(">>> ")) || mm_view_starts(line, MM_VIEW("<<< "))) {
            dialogue = dialogue ? dialogue : line.data;
        }
    }
    return MM_OK;
}

/* ---- sentences ---- */

/* What stands behind the words that introduce the recipient where others are named before it. */
static struct mm_view from_anchor(struct mm_view text)
{
    static const struct mm_view anchors[] = {
        {"\"emailAddress\":\"", 16}, {"\"recipients\":[", 14}, {"rcpt to:", 8},
        {"undeliverable to ", 16},   {"delivered to:", 13},    {"deliver message to:", 19},
    };
    for (size_t i = 0; i < MM_COUNT(anchors); i++)
        for (size_t at = 0; at + anchors[i].len <= text.len; at++)
            if (mm_view_starts_nocase(mm_view_sub(text, at, text.len - at), anchors[i]))
                return mm_view_sub(text, at + anchors[i].len, text.len - at - anchors[i].len);
    return (struct mm_view){NULL, 0};
}

/* "please contact <help@example.org>" */
static bool is_contact(struct mm_view text, size_t at)
{
    static const struct mm_view words[] = {{"contact", 7}, {"send mail to", 12}, {"write to", 8}};
    while (at && mm_is_one_of(text.data[at - 1], " <\"'\r\n\t"))
        at--;
    for (size_t i = 0; i < MM_COUNT(words); i++)
        if (at >= words[i].len &&
            mm_view_eq_nocase(mm_view_sub(text, at - words[i].len, words[i].len), words[i]))
            return true;
    return false;
}

/* Addresses of a list, or the first one of a sentence. */
static enum mm_status read_sentence(struct mm_bounce_job *job, struct mm_view text, bool first_only)
{
    for (size_t at = 0; at < text.len;) {
        bool starts = at == 0 || !is_local_byte(text.data[at - 1]) || text.data[at - 1] == '\'';
        size_t len = starts ? address_bytes(text, at) : 0;
        struct mm_view address = mm_view_sub(text, at, len);
        bool skip =
            len == 0 || (first_only && (is_no_recipient(job, address) || is_contact(text, at)));
        at += len ? len : 1;
        if (skip)
            continue;
        MM_TRY(add_named(job, address, (struct mm_view){NULL, 0}));
        if (first_only)
            return MM_OK;
    }
    return MM_OK;
}

enum mm_status mm_bounce_read_words(struct mm_bounce_job *job)
{
    const struct mm_notice *notice = job->notice;
    MM_TRY(read_transcript(job));
    if (notice->row_count == 0)
        MM_TRY(read_lines(job, false));
    if (notice->row_count == 0 && job->failed_recipients.len)
        MM_TRY(read_sentence(job, job->failed_recipients, false));
    if (notice->row_count == 0)
        MM_TRY(read_sentence(job, from_anchor(job->words), true));
    if (notice->row_count == 0)
        MM_TRY(read_sentence(job, job->words, true));
    if (notice->row_count == 0)
        MM_TRY(read_lines(job, true));
    return MM_OK;
}
