/*
 * mime.c - the parts of one message in memory: where each lies and how they hang together.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Outer boundaries are cut first, inner ones in the pieces: so a boundary that begins like another,
 * or an inner multipart without its end, never runs past what it is in (RFC 2046 section 5.1.2).
 */
#include "mail/mime.h"

#include <stdio.h>

#include "base/error.h"
#include "mail/mime_describe.h"
#include "text/base64_body.h"
#include "text/quoted_printable.h"

enum {
    PARTS_AT_FIRST = 8,
    /* Encoded messages are against RFC 2045 section 6.4; one inside another was never seen. */
    ENCODED_DEPTH_MAX = 2,
    /* Indexes are several times as large as what they index. Headers of parts have a few hundred
     * bytes each, those of messages a few thousand. */
    HEADERS_MAX_BYTES = 4 * 1024 * 1024
};

struct walk {
    struct mm_mime *mime;
    struct mm_arena *arena;
    uint32_t cap;
    size_t header_bytes; /* of all parts */
    const char *origin;  /* where offsets count from */
    unsigned encoded;    /* how many encoded messages deep */
    uint64_t encoded_at; /* with `encoded`: offset of the outermost one's body */
};

/* A part that is about to be added. */
struct place {
    struct mm_view bytes;
    uint32_t parent, depth, ordinal;
    bool is_message, in_digest;
};

static enum mm_status walk_part(struct walk *w, const struct place *at);

static struct mm_mime_part *part_at(struct walk *w, uint32_t index)
{
    return &w->mime->parts[index];
}

static void note_limit(struct walk *w, enum mm_mime_limit limit)
{
    if (w->mime->limit == MM_MIME_WHOLE)
        w->mime->limit = limit;
}

const char *mm_mime_limit_slug(enum mm_mime_limit limit)
{
    switch (limit) {
    case MM_MIME_WHOLE:
        break;
    case MM_MIME_TOO_DEEP:
        return "mime-depth";
    case MM_MIME_TOO_MANY:
        return "mime-parts";
    case MM_MIME_LONG_HEADER:
        return "mime-header";
    }
    return "";
}

/* ---- one part ---- */

bool mm_mime_starts_with_field(struct mm_view text)
{
    size_t at = 0;
    while (at < text.len && text.data[at] > ' ' && text.data[at] < 0x7f && text.data[at] != ':')
        at++;
    size_t name = at;
    while (at < text.len && mm_is_wsp((unsigned char)text.data[at]))
        at++;
    return name > 0 && at < text.len && text.data[at] == ':';
}

/* A part begins with a field, or with the empty line behind none; a message also with a separator
 * line, quoted or not, or with a fold whose field was lost. */
static bool has_header(const struct place *at)
{
    struct mm_view text = at->bytes;
    if (text.len == 0 || text.data[0] == '\n' || mm_view_starts(text, MM_VIEW("\r\n")) ||
        mm_mime_starts_with_field(text))
        return true;
    return at->is_message &&
           (mm_view_starts(text, MM_VIEW("From ")) || mm_view_starts(text, MM_VIEW(">From ")) ||
            mm_is_wsp((unsigned char)text.data[0]));
}

static struct mm_view skip_empty_lines(struct mm_view text)
{
    size_t at = 0;
    while (at < text.len && (text.data[at] == '\n' || text.data[at] == '\r'))
        at++;
    struct mm_view rest = mm_view_sub(text, at, text.len - at);
    return mm_mime_starts_with_field(rest) ? rest : text;
}

/* Head and body. Lines behind the last field that are none are text whose empty line was lost. */
static void take_extent(struct mm_mime_part *part, struct mm_view no_head)
{
    struct mm_msg *msg = part->msg;
    part->head = no_head;
    if (msg->field_count > 0) {
        size_t end = msg->fields[msg->field_count - 1].next;
        struct mm_view rest = mm_view_sub(msg->bytes, end, msg->bytes.len - end);
        bool lost = msg->stray_lines > 0 &&
                    mm_view_trim_fws(mm_view_sub(rest, 0, rest.len - msg->body.len)).len > 0;
        part->head = mm_view_sub(msg->bytes, 0, end);
        msg->body = lost ? rest : msg->body;
    }
    part->body = msg->body;
}

static enum mm_status index_header(struct walk *w, struct mm_mime_part *part,
                                   const struct place *at)
{
    part->msg = MM_ARENA_NEW(w->arena, struct mm_msg);
    if (!part->msg)
        return MM_E_NOMEM;
    bool has = has_header(at);
    enum mm_status st =
        mm_msg_index(part->msg, mm_view_sub(at->bytes, 0, has ? at->bytes.len : 0), w->arena);
    if (st != MM_OK && st != MM_E_LIMIT)
        return st;
    if (st == MM_E_LIMIT)
        note_limit(w, MM_MIME_LONG_HEADER);
    if (!has)
        part->flags |= MM_PART_NO_HEADER;
    if (!has || st == MM_E_LIMIT)
        part->msg->body = at->bytes;
    take_extent(part, mm_view_sub(at->bytes, 0, 0));
    w->header_bytes += part->head.len;
    return MM_OK;
}

static uint64_t offset_of(const struct walk *w, const char *at)
{
    return w->encoded ? w->encoded_at : (uint64_t)(at - w->origin);
}

static struct mm_mime_part *add_part(struct walk *w)
{
    struct mm_mime *mime = w->mime;
    if (mime->count == w->cap) {
        uint32_t cap = w->cap ? w->cap * 2 : PARTS_AT_FIRST;
        struct mm_mime_part *grown = MM_ARENA_ARRAY(w->arena, struct mm_mime_part, cap);
        if (!grown)
            return NULL;
        if (mime->count)
            memcpy(grown, mime->parts, mime->count * sizeof *grown);
        mime->parts = grown;
        w->cap = cap;
    }
    return &mime->parts[mime->count++];
}

/* ---- multiparts ---- */

/* A line that is "--", the boundary, "--" maybe, and blanks. */
struct delimiter {
    size_t start, next; /* of the line, and of the one behind it */
    bool is_last;
};

static bool ends_line(struct mm_view text, size_t at, size_t *next)
{
    while (at < text.len && mm_is_wsp((unsigned char)text.data[at]))
        at++;
    if (at < text.len && text.data[at] == '\r')
        at++;
    *next = at < text.len ? at + 1 : at;
    return at == text.len || text.data[at] == '\n';
}

/* The next one at or behind `from`; *out is written where there is one. `mark` is "--" and the
 * boundary. */
static bool find_delimiter(struct mm_view text, size_t from, struct mm_view mark,
                           struct delimiter *out)
{
    const char *hit;
    while (from < text.len &&
           (hit = memmem(text.data + from, text.len - from, mark.data, mark.len)) != NULL) {
        struct delimiter d = {.start = (size_t)(hit - text.data)};
        size_t end = d.start + mark.len;
        from = d.start + 1;
        if (d.start > 0 && text.data[d.start - 1] != '\n')
            continue;
        d.is_last = mm_view_starts(mm_view_sub(text, end, text.len - end), MM_VIEW("--"));
        if (!ends_line(text, end + (d.is_last ? 2 : 0), &d.next))
            continue;
        *out = d;
        return true;
    }
    return false;
}

/* Without the line end that belongs to the delimiter behind it. */
static struct mm_view cut_line_end(struct mm_view v)
{
    v.len -= mm_view_ends(v, MM_VIEW("\n"));
    v.len -= mm_view_ends(v, MM_VIEW("\r"));
    return v;
}

static enum mm_status walk_pieces(struct walk *w, uint32_t index, struct mm_view mark,
                                  struct delimiter d)
{
    struct mm_view body = part_at(w, index)->body;
    struct place at = {.parent = index,
                       .depth = part_at(w, index)->depth + 1,
                       .in_digest = mm_view_eq(part_at(w, index)->subtype, MM_VIEW("digest"))};
    while (!d.is_last) {
        struct delimiter next = {.start = body.len, .is_last = true};
        bool found = find_delimiter(body, d.next, mark, &next);
        at.bytes = mm_view_sub(body, d.next, next.start - d.next);
        if (found && at.bytes.len == 0) { /* two delimiters in a row: no part between them */
            d = next;
            continue;
        }
        if (found)
            at.bytes = cut_line_end(at.bytes);
        else
            part_at(w, index)->flags |= MM_PART_NO_END;
        at.ordinal++;
        MM_TRY(walk_part(w, &at));
        d = next;
    }
    return MM_OK;
}

static enum mm_status open_multipart(struct walk *w, uint32_t index)
{
    char room[2 + MM_MIME_BOUNDARY_MAX_BYTES];
    struct mm_mime_part *part = part_at(w, index);
    struct mm_view mark = {room, 2 + part->boundary.len};
    struct delimiter first;
    bool usable = part->boundary.len > 0 && part->boundary.len <= MM_MIME_BOUNDARY_MAX_BYTES;
    if (usable) {
        memcpy(room, "--", 2);
        memcpy(room + 2, part->boundary.data, part->boundary.len);
    }
    if (usable && part->msg->stray_lines > 0 && find_delimiter(part->head, 0, mark, &first)) {
        /* The first delimiter follows the header without an empty line, fields of the first part
         * were taken for ours. */
        const char *end = part->body.data + part->body.len;
        part->head.len = first.start;
        part->body.data = part->head.data + first.start;
        part->body.len = (size_t)(end - part->body.data);
        part->msg->body = part->body;
    }
    if (!usable || !find_delimiter(part->body, 0, mark, &first)) {
        part->flags |= MM_PART_NOT_OPENED;
        return MM_OK;
    }
    return walk_pieces(w, index, mark, first);
}

/* ---- messages in messages ---- */

static enum mm_status open_message(struct walk *w, uint32_t index)
{
    struct mm_mime_part *part = part_at(w, index);
    struct place at = {.parent = index, .depth = part->depth + 1, .ordinal = 1, .is_message = true};
    bool encoded = part->encoding != MM_ENCODING_IDENTITY;
    if (encoded && w->encoded == ENCODED_DEPTH_MAX) {
        part->flags |= MM_PART_NOT_OPENED;
        note_limit(w, MM_MIME_TOO_DEEP);
        return MM_OK;
    }
    MM_TRY(mm_mime_decode(part, w->arena, &at.bytes, NULL));
    at.bytes = skip_empty_lines(at.bytes);
    uint64_t before = w->encoded_at;
    w->encoded_at = encoded ? offset_of(w, part->body.data) : before;
    w->encoded += encoded;
    MM_TRY(walk_part(w, &at));
    w->encoded -= encoded;
    w->encoded_at = before;
    return MM_OK;
}

static enum mm_status open_part(struct walk *w, uint32_t index)
{
    struct mm_mime_part *part = part_at(w, index);
    bool container = part->media == MM_MEDIA_MULTIPART || part->media == MM_MEDIA_MESSAGE;
    if (!container)
        return MM_OK;
    if (part->depth == MM_MIME_DEPTH_MAX) {
        part->flags |= MM_PART_NOT_OPENED;
        note_limit(w, MM_MIME_TOO_DEEP);
        return MM_OK;
    }
    return part->media == MM_MEDIA_MULTIPART ? open_multipart(w, index) : open_message(w, index);
}

static enum mm_status walk_part(struct walk *w, const struct place *at)
{
    uint32_t index = w->mime->count;
    if (index == MM_MIME_PARTS_MAX || w->header_bytes > HEADERS_MAX_BYTES) {
        note_limit(w, index == MM_MIME_PARTS_MAX ? MM_MIME_TOO_MANY : MM_MIME_LONG_HEADER);
        return MM_OK;
    }
    struct mm_mime_part *part = add_part(w);
    if (!part)
        return MM_E_NOMEM;
    part->parent = at->parent;
    part->depth = at->depth;
    part->ordinal = at->ordinal;
    part->flags = w->encoded ? MM_PART_IN_DECODED : 0;
    part->offset = offset_of(w, at->bytes.data);
    MM_TRY(index_header(w, part, at));
    MM_TRY(mm_mime_describe(part, at->in_digest, w->arena));
    MM_TRY(open_part(w, index));
    part_at(w, index)->subtree_end = w->mime->count;
    return MM_OK;
}

/* ---- the message ---- */

static bool ends_lines_in_cr(struct mm_view v)
{
    const char *cr = memchr(v.data, '\r', v.len);
    size_t at = cr ? (size_t)(cr - v.data) : v.len;
    return cr && !memchr(v.data, '\n', at) && (at + 1 == v.len || v.data[at + 1] != '\n');
}

/* Every CR that no LF follows becomes an LF: places stay as they are. */
static enum mm_status end_lines_in_lf(struct mm_view *v, struct mm_arena *arena)
{
    struct mm_view copy = mm_arena_copy(arena, *v);
    if (!copy.data)
        return MM_E_NOMEM;
    char *bytes = (char *)(uintptr_t)copy.data; /* ours */
    for (char *cr = bytes, *end = bytes + copy.len;
         (cr = memchr(cr, '\r', (size_t)(end - cr))) != NULL; cr++)
        if (cr + 1 == end || cr[1] != '\n')
            *cr = '\n';
    *v = copy;
    return MM_OK;
}

enum mm_status mm_mime_walk(struct mm_mime *mime, struct mm_view message, struct mm_arena *arena)
{
    *mime = (struct mm_mime){.cr_only = message.len > 0 && ends_lines_in_cr(message)};
    if (!message.data)
        message.data = "";
    if (mime->cr_only)
        MM_TRY(end_lines_in_lf(&message, arena));
    struct walk w = {.mime = mime, .arena = arena, .origin = message.data};
    struct place root = {
        .bytes = skip_empty_lines(message), .parent = MM_PART_NONE, .is_message = true};
    return walk_part(&w, &root);
}

size_t mm_mime_path(const struct mm_mime *mime, uint32_t index, char *out)
{
    uint32_t steps[MM_MIME_DEPTH_MAX + 1], count = 0;
    size_t len = 0;
    for (; mime->parts[index].parent != MM_PART_NONE; index = mime->parts[index].parent)
        steps[count++] = mime->parts[index].ordinal;
    out[0] = '\0';
    while (count-- > 0)
        len += (size_t)sprintf(out + len, "%s%u", len ? "." : "", steps[count]);
    return len;
}

/* ---- bodies ---- */

static enum mm_status decode_base64(struct mm_mime_part *part, struct mm_arena *arena)
{
    uint8_t *bytes = mm_arena_alloc(arena, MM_BASE64_BODY_ROOM(part->body.len));
    if (!bytes)
        return MM_E_NOMEM;
    size_t len = mm_base64_decode_body(part->body, bytes, &part->skipped_bytes);
    part->decoded = (struct mm_view){(const char *)bytes, len};
    return MM_OK;
}

static enum mm_status decode_qp(struct mm_mime_part *part, struct mm_arena *arena)
{
    char *bytes = mm_arena_alloc(arena, part->body.len);
    if (!bytes)
        return MM_E_NOMEM;
    part->decoded = (struct mm_view){bytes, mm_qp_decode(part->body, bytes, &part->skipped_bytes)};
    return MM_OK;
}

enum mm_status mm_mime_decode(struct mm_mime_part *part, struct mm_arena *arena,
                              struct mm_view *decoded, uint64_t *skipped)
{
    if (!part->is_decoded && part->encoding == MM_ENCODING_BASE64)
        MM_TRY(decode_base64(part, arena));
    else if (!part->is_decoded && part->encoding == MM_ENCODING_QUOTED_PRINTABLE)
        MM_TRY(decode_qp(part, arena));
    else if (!part->is_decoded)
        part->decoded = part->body;
    part->is_decoded = true;
    *decoded = part->decoded;
    if (skipped)
        *skipped = part->skipped_bytes;
    return MM_OK;
}
