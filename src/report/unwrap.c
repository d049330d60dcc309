/*
 * unwrap.c - from the bytes of one input to the documents in it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report/unwrap.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/xxh3.h"
#include "report/row_value.h"
#include "report/unwrap_internal.h"

enum {
    /* Of all levels, over an input: reports of 5,000 records. What is kept of buffers takes room
     * from MM_UNWRAP_ALONE_BYTES. */
    KEPT_BYTES = MM_UNWRAP_ALONE_BYTES / 2,
    /* Parts of the largest message, decoded, and what its headers are indexed with. */
    ARENA_BYTES = 1024 * 1024 * 1024
};

static const struct {
    const char *slug, *words;
} reasons[] = {
#define MM_UNWRAP_REASON(name, slug, words) {slug, words},
#include "report/unwrap_reasons.def"
#undef MM_UNWRAP_REASON
};

const char *mm_unwrap_reason_words(const char *slug)
{
    for (size_t i = 0; i < MM_COUNT(reasons); i++)
        if (strcmp(reasons[i].slug, slug) == 0)
            return reasons[i].words;
    return NULL;
}

const char *mm_document_kind_word(enum mm_document_kind kind)
{
    static const char *const words[] = {[MM_DOCUMENT_XML] = "xml",
                                        [MM_DOCUMENT_JSON] = "json",
                                        [MM_DOCUMENT_MAIL] = "mail",
                                        [MM_DOCUMENT_TEXT] = "text"};
    return words[kind];
}

struct mm_unwrapper *mm_unwrapper_new(void)
{
    struct mm_unwrapper *u = calloc(1, sizeof *u);
    if (!u)
        return NULL;
    for (size_t i = 0; i < MM_UNWRAP_LEVELS; i++) {
        mm_buf_init(&u->levels[i].bytes, (size_t)MM_INFLATE_MEMBER_BYTES + 1);
        mm_arena_init(&u->levels[i].arena, ARENA_BYTES);
    }
    u->inflate = mm_inflate_new();
    if (!u->inflate)
        mm_unwrapper_free(&u);
    return u;
}

void mm_unwrapper_free(struct mm_unwrapper **unwrapper)
{
    struct mm_unwrapper *u = *unwrapper;
    if (!u)
        return;
    for (size_t i = 0; i < MM_UNWRAP_LEVELS; i++) {
        mm_buf_deinit(&u->levels[i].bytes);
        mm_arena_deinit(&u->levels[i].arena);
    }
    mm_inflate_free(&u->inflate);
    free(u);
    *unwrapper = NULL;
}

/* ---- what is told ---- */

static struct mm_view path_of(const struct mm_unwrapper *u, const struct mm_unwrap_item *item)
{
    return (struct mm_view){u->path, item->path_len};
}

enum mm_status mm_unwrap_give(struct mm_unwrapper *u, const struct mm_unwrap_item *item,
                              enum mm_document_kind kind, struct mm_mime *mime,
                              struct mm_arena *arena)
{
    struct mm_document document = {
        .kind = kind,
        .bytes = item->bytes,
        .mime = mime,
        .arena = arena,
        .member = path_of(u, item),
        .offset = item->offset,
        .hash = XXH3_64bits(item->bytes.data, item->bytes.len),
        .hints.file_name = item->file_name,
        .received_at = item->mail ? item->mail->received_at : MM_NO_TIME,
        .packed_end = item->packed_end,
        .packed_used = item->packed_used,
        .skipped_bytes = item->skipped_bytes,
    };
    if (item->mail) {
        document.hints.subject = item->mail->subject;
        document.reporter_domain = item->mail->reporter_domain;
    }
    enum mm_status st = u->sink->document(u->sink->context, &document);
    u->counts.taken += st == MM_OK;
    return st;
}

static enum mm_status refuse_saying(struct mm_unwrapper *u, const struct mm_unwrap_item *item,
                                    enum mm_unwrap_reason reason, const char *kind_guess,
                                    const char *detail)
{
    struct mm_unwrap_reject reject = {
        .member = path_of(u, item),
        .offset = item->offset,
        .kind_guess = mm_view_of(kind_guess),
        .reason = reasons[reason].slug,
        .detail = detail,
        .hash = XXH3_64bits(item->bytes.data, item->bytes.len),
    };
    u->counts.rejected++;
    return u->sink->reject(u->sink->context, &reject);
}

enum mm_status mm_unwrap_refuse(struct mm_unwrapper *u, const struct mm_unwrap_item *item,
                                enum mm_unwrap_reason reason, const char *kind_guess)
{
    return refuse_saying(u, item, reason, kind_guess, reasons[reason].words);
}

struct mm_unwrap_item mm_unwrap_inside(struct mm_unwrapper *u, const struct mm_unwrap_item *outer,
                                       struct mm_view bytes, struct mm_view name, uint64_t offset)
{
    struct mm_unwrap_item item = *outer;
    size_t room = sizeof u->path - item.path_len;
    item.bytes = bytes;
    item.depth++;
    item.level++;
    if (outer->offset_moves)
        item.offset = outer->offset + offset;
    if (name.len > 0 && room > 1) {
        if (item.path_len > 0)
            u->path[item.path_len++] = '!';
        size_t take =
            name.len < sizeof u->path - item.path_len ? name.len : sizeof u->path - item.path_len;
        memcpy(u->path + item.path_len, name.data, take);
        item.path_len += take;
    }
    return item;
}

/* ---- packings ---- */

static enum mm_status refuse_packed(struct mm_unwrapper *u, const struct mm_unwrap_item *item,
                                    const struct mm_inflated *result, size_t came_out,
                                    const char *kind_guess)
{
    static const enum mm_unwrap_reason refusals[] = {[MM_INFLATE_CUT_SHORT] = MM_UNWRAP_CUT_SHORT,
                                                     [MM_INFLATE_DAMAGED] =
                                                         MM_UNWRAP_PACKED_DAMAGED,
                                                     [MM_INFLATE_TOO_LARGE] = MM_UNWRAP_TOO_LARGE,
                                                     [MM_INFLATE_TOO_DENSE] = MM_UNWRAP_TOO_DENSE};
    enum mm_unwrap_reason reason = refusals[result->end];
    snprintf(u->detail, sizeof u->detail, "%s (byte %zu of %zu packed ones, %zu unpacked)",
             reasons[reason].words, result->used_bytes, item->bytes.len, came_out);
    return refuse_saying(u, item, reason, kind_guess, u->detail);
}

/* Unpack `packed` into the memory of a level. How much comes out is seen when it has: the few that
 * are too large to be unpacked by many threads at once are begun again. */
static enum mm_status inflate_into(struct mm_unwrapper *u, unsigned level, struct mm_view packed,
                                   enum mm_inflate_format format, struct mm_inflated *result)
{
    struct mm_buf *out = &u->levels[level].bytes;
    size_t room = mm_unwrap_room(u, level);
    size_t limit = room < u->left_bytes ? room : u->left_bytes;
    mm_buf_clear(out);
    MM_TRY(mm_inflate_run(u->inflate, format, packed, limit, out, result));
    if (result->end == MM_INFLATE_TOO_LARGE && limit < u->left_bytes) {
        mm_unwrap_take_turn(u, level, u->left_bytes);
        mm_buf_clear(out);
        MM_TRY(mm_inflate_run(u->inflate, format, packed, u->left_bytes, out, result));
    }
    u->left_bytes -= out->len;
    return MM_OK;
}

/* Look into what came out of `packed`, as far as it came; `inside` is the item that it makes. */
static enum mm_status look_into_inflated(struct mm_unwrapper *u,
                                         const struct mm_unwrap_item *packed,
                                         struct mm_unwrap_item *inside,
                                         const struct mm_inflated *result, const char *kind_guess)
{
    bool whole = result->end == MM_INFLATE_WHOLE;
    bool salvaged = inside->bytes.len > 0 &&
                    (result->end == MM_INFLATE_CUT_SHORT || result->end == MM_INFLATE_DAMAGED);
    if (!whole && !salvaged)
        return refuse_packed(u, packed, result, inside->bytes.len, kind_guess);
    inside->offset_moves = false;
    if (salvaged) {
        inside->packed_end = result->end;
        inside->packed_used = result->used_bytes;
    }
    enum mm_status st = mm_unwrap_item(u, inside);
    return st == MM_END && salvaged
               ? refuse_packed(u, packed, result, inside->bytes.len, kind_guess)
               : st;
}

static enum mm_status open_packed(struct mm_unwrapper *u, const struct mm_unwrap_item *item)
{
    struct mm_inflated result;
    MM_TRY(inflate_into(u, item->level, item->bytes, mm_inflate_sniff(item->bytes), &result));
    struct mm_view text = mm_buf_view(&u->levels[item->level].bytes);
    if (item->level == 0 && u->sink->unpacked) {
        enum mm_status st = u->sink->unpacked(u->sink->context, text);
        if (st != MM_OK)
            return st;
    }
    struct mm_unwrap_item inside = mm_unwrap_inside(u, item, text, MM_VIEW(""), 0);
    return look_into_inflated(u, item, &inside, &result,
                              mm_content_kind_word(mm_content_kind_of(item->bytes)));
}

enum mm_status mm_unwrap_cut_deflated(struct mm_unwrapper *u, const struct mm_unwrap_item *member,
                                      const char *kind_guess)
{
    struct mm_inflated result;
    struct mm_unwrap_item inside = *member;
    MM_TRY(inflate_into(u, member->level - 1, member->bytes, MM_INFLATE_RAW, &result));
    /* What stands behind the data, its length and check sum, is not there. */
    if (result.end == MM_INFLATE_WHOLE)
        result.end = MM_INFLATE_CUT_SHORT;
    inside.bytes = mm_buf_view(&u->levels[member->level - 1].bytes);
    return look_into_inflated(u, member, &inside, &result, kind_guess);
}

enum mm_status mm_unwrap_cut_stored(struct mm_unwrapper *u, const struct mm_unwrap_item *member,
                                    const char *kind_guess)
{
    struct mm_unwrap_item inside = *member;
    const struct mm_inflated result = {.end = MM_INFLATE_CUT_SHORT,
                                       .used_bytes = member->bytes.len};
    return look_into_inflated(u, member, &inside, &result, kind_guess);
}

/* ---- anything ---- */

/* A text has the shape of a mail without a header, so that who reads mails can read it. */
static enum mm_status give_text(struct mm_unwrapper *u, const struct mm_unwrap_item *item)
{
    struct mm_mime mime;
    struct mm_arena *arena = &u->levels[item->level].arena;
    mm_arena_reset(arena);
    MM_TRY(mm_mime_walk(&mime, item->bytes, arena));
    return mm_unwrap_give(u, item, MM_DOCUMENT_TEXT, &mime, arena);
}

/* What came by mail may be anything: a document of an office, a picture of vectors. */
static enum mm_status give_markup(struct mm_unwrapper *u, const struct mm_unwrap_item *item,
                                  enum mm_document_kind kind)
{
    if (item->mail && !mm_content_looks_like_report(item->bytes))
        return MM_END;
    return mm_unwrap_give(u, item, kind, NULL, NULL);
}

static enum mm_status open_container(struct mm_unwrapper *u, const struct mm_unwrap_item *item,
                                     enum mm_content_kind kind)
{
    if (item->depth >= MM_UNWRAP_DEPTH_MAX)
        return mm_unwrap_refuse(u, item, MM_UNWRAP_TOO_NESTED, mm_content_kind_word(kind));
    switch (kind) {
    case MM_CONTENT_ZIP:
        return mm_unwrap_zip(u, item);
    case MM_CONTENT_TAR:
        return mm_unwrap_tar(u, item);
    case MM_CONTENT_MBOX:
        return mm_unwrap_mbox(u, item);
    default:
        return open_packed(u, item);
    }
}

enum mm_status mm_unwrap_item(struct mm_unwrapper *u, const struct mm_unwrap_item *item)
{
    enum mm_content_kind kind = mm_content_kind_of(item->bytes);
    switch (kind) {
    case MM_CONTENT_EMPTY:
        return item->mail ? MM_END
                          : mm_unwrap_refuse(u, item, MM_UNWRAP_EMPTY, mm_content_kind_word(kind));
    case MM_CONTENT_XML:
        return give_markup(u, item, MM_DOCUMENT_XML);
    case MM_CONTENT_JSON:
        return give_markup(u, item, MM_DOCUMENT_JSON);
    case MM_CONTENT_MAIL:
        return mm_unwrap_mail(u, item);
    case MM_CONTENT_TEXT:
        return item->mail ? MM_END : give_text(u, item);
    case MM_CONTENT_OTHER:
        return MM_END;
    default:
        return open_container(u, item, kind);
    }
}

/* Large memory is for large inputs, which are few. */
static void give_back(struct mm_unwrapper *u)
{
    size_t buffers = 0, arenas = 0;
    for (size_t i = 0; i < MM_UNWRAP_LEVELS; i++) {
        struct mm_unwrap_level *level = &u->levels[i];
        if (level->bytes.cap > KEPT_BYTES - buffers)
            mm_buf_deinit(&level->bytes);
        if (mm_arena_held_bytes(&level->arena) > KEPT_BYTES - arenas)
            mm_arena_deinit(&level->arena);
        buffers += level->bytes.cap;
        arenas += mm_arena_held_bytes(&level->arena);
    }
    mm_unwrap_end_turn(u);
}

enum mm_status mm_unwrap_input(struct mm_unwrapper *unwrapper, struct mm_view bytes,
                               struct mm_view file_name, const struct mm_unwrap_sink *sink,
                               struct mm_unwrap_counts *counts)
{
    struct mm_unwrapper *u = unwrapper;
    if (!bytes.data)
        bytes = MM_VIEW("");
    struct mm_unwrap_item item = {.bytes = bytes, .file_name = file_name, .offset_moves = true};
    u->left_bytes = MM_UNWRAP_INPUT_BYTES;
    u->sink = sink;
    u->counts = (struct mm_unwrap_counts){0};
    enum mm_status st = mm_unwrap_item(u, &item);
    if (st == MM_END)
        st = mm_unwrap_refuse(u, &item, MM_UNWRAP_UNKNOWN_KIND,
                              mm_content_kind_word(mm_content_kind_of(bytes)));
    give_back(u);
    if (counts)
        *counts = u->counts;
    return st;
}
