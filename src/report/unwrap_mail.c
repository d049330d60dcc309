/*
 * unwrap_mail.c - which parts of a mail are reports, and whether the mail itself is one.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A mail with a delivery status or a feedback report is that notice, and the message inside it is
 * what it is about, not another report. In any other mail each part is looked into, forwarded
 * messages too; text for a person counts only where nothing else was found, as it often repeats the
 * report beside it. Where there is nothing at all, the mail may still be a notice in plain words.
 */
#include "base/error.h"
#include "mail/address.h"
#include "mail/date.h"
#include "mail/encoded_word.h"
#include "report/row_value.h"
#include "report/unwrap_internal.h"

struct search {
    struct mm_unwrapper *u;
    const struct mm_unwrap_item *item; /* the mail */
    struct mm_mime *mime;
    struct mm_arena *arena;
};

/* ---- what is known of a mail ---- */

static enum mm_status read_facts(const struct mm_mime_part *message, struct mm_arena *arena,
                                 struct mm_unwrap_mail *mail)
{
    struct mm_view date = mm_mime_field(message, MM_VIEW("date"));
    struct mm_view from = mm_mime_field(message, MM_VIEW("from"));
    struct mm_address address;
    *mail = (struct mm_unwrap_mail){.received_at = MM_NO_TIME};
    if (!date.data || mm_date_parse(date, &mail->received_at) != MM_OK)
        mail->received_at = MM_NO_TIME;
    enum mm_status st = from.data ? mm_address_first(from, arena, &address) : MM_E_SYNTAX;
    if (st == MM_E_NOMEM)
        return st;
    if (st == MM_OK) {
        char *lower = mm_arena_alloc(arena, address.domain.len + 1);
        if (!lower)
            return MM_E_NOMEM;
        mm_view_lower_to(lower, address.domain);
        mail->reporter_domain = (struct mm_view){lower, address.domain.len};
    }
    return mm_encoded_words_decode(mm_mime_field(message, MM_VIEW("subject")), arena,
                                   &mail->subject, NULL);
}

static bool is_mailer_daemon(struct mm_view from)
{
    static const char word[] = "mailer-daemon";
    for (size_t i = 0; i + sizeof word - 1 <= from.len; i++)
        if (mm_view_eq_nocase(mm_view_sub(from, i, sizeof word - 1), MM_VIEW(word)))
            return true;
    return false;
}

/* Something that came back: the message in it is not forwarded. */
static bool is_returned(const struct mm_mime_part *message)
{
    return mm_view_eq(message->report_type, MM_VIEW("delivery-status")) ||
           mm_view_eq(mm_view_trim_fws(mm_mime_field(message, MM_VIEW("return-path"))),
                      MM_VIEW("<>")) ||
           is_mailer_daemon(mm_mime_field(message, MM_VIEW("from")));
}

/* ---- one part ---- */

static bool is_packed(enum mm_content_kind kind)
{
    return kind == MM_CONTENT_GZIP || kind == MM_CONTENT_ZLIB || kind == MM_CONTENT_ZSTD ||
           kind == MM_CONTENT_ZIP || kind == MM_CONTENT_TAR;
}

/* Text to be read in place, and not something that was taken for text. */
static bool is_for_a_person(const struct mm_mime_part *part, enum mm_content_kind kind)
{
    bool is_text = part->media == MM_MEDIA_TEXT_PLAIN || part->media == MM_MEDIA_TEXT_HTML;
    return is_text && part->name.len == 0 && !(part->flags & MM_PART_ATTACHMENT) &&
           !is_packed(kind);
}

/* Not what a returned message was, or when it was read. */
static bool may_be_report(const struct mm_mime *mime, uint32_t index)
{
    enum mm_media media = mime->parts[index].media;
    return mm_mime_is_leaf(mime, index) && media != MM_MEDIA_MULTIPART &&
           media != MM_MEDIA_MESSAGE && media != MM_MEDIA_HEADERS && media != MM_MEDIA_DISPOSITION;
}

static struct mm_view file_name_of(const struct mm_mime_part *part, struct mm_view otherwise)
{
    struct mm_view name = part->name;
    for (size_t i = name.len; i > 0; i--)
        if (name.data[i - 1] == '/' || name.data[i - 1] == '\\')
            return mm_view_sub(name, i, name.len - i);
    return name.len > 0 ? name : otherwise;
}

/* The part as an item of its own. A mail is no container, an attached one is. */
static struct mm_unwrap_item part_item(struct search *s, uint32_t index, struct mm_view bytes,
                                       const struct mm_unwrap_mail *mail)
{
    const struct mm_mime_part *part = &s->mime->parts[index];
    char path[MM_MIME_PATH_BYTES];
    size_t len = mm_mime_path(s->mime, index, path);
    struct mm_unwrap_item item =
        mm_unwrap_inside(s->u, s->item, bytes, (struct mm_view){path, len}, part->offset);
    item.depth = s->item->depth;
    item.mail = mail;
    item.file_name = file_name_of(part, s->item->file_name);
    item.offset_moves = s->item->offset_moves && part->encoding == MM_ENCODING_IDENTITY &&
                        !(part->flags & MM_PART_IN_DECODED);
    return item;
}

/* Look into a part where it is for a person, or where it is not. */
static enum mm_status look_into_part(struct search *s, uint32_t index, bool for_a_person,
                                     const struct mm_unwrap_mail *mail)
{
    struct mm_mime_part *part = &s->mime->parts[index];
    struct mm_view bytes;
    uint64_t skipped;
    MM_TRY(mm_mime_decode(part, s->arena, &bytes, &skipped));
    enum mm_content_kind kind = mm_content_kind_of(bytes);
    if (is_for_a_person(part, kind) != for_a_person)
        return MM_OK;
    if (for_a_person && kind != MM_CONTENT_XML && kind != MM_CONTENT_JSON)
        return MM_OK;
    struct mm_unwrap_item item = part_item(s, index, bytes, mail);
    item.skipped_bytes = skipped;
    if (kind == MM_CONTENT_MAIL && ++item.depth > MM_UNWRAP_DEPTH_MAX)
        return mm_unwrap_refuse(s->u, &item, MM_UNWRAP_TOO_NESTED, mm_content_kind_word(kind));
    enum mm_status st = mm_unwrap_item(s->u, &item);
    return st < 0 ? st : MM_OK;
}

/* ---- one message ---- */

/* Index behind a part, what is inside it included where that is a message. */
static uint32_t behind(const struct mm_mime *mime, uint32_t index)
{
    return mime->parts[index].media == MM_MEDIA_MESSAGE ? mime->parts[index].subtree_end
                                                        : index + 1;
}

/* Whether the message at `root` is a notice itself; the messages inside it do not count. */
static bool has_notice(const struct mm_mime *mime, uint32_t root)
{
    for (uint32_t i = root; i < mime->parts[root].subtree_end; i = behind(mime, i))
        if (mime->parts[i].media == MM_MEDIA_DELIVERY_STATUS ||
            mime->parts[i].media == MM_MEDIA_FEEDBACK_REPORT)
            return true;
    return false;
}

/* Look into the leaves of one message, those for a person or the others. */
static enum mm_status look_into_parts(struct search *s, uint32_t root, bool for_a_person,
                                      const struct mm_unwrap_mail *mail)
{
    for (uint32_t i = root; i < s->mime->parts[root].subtree_end; i = behind(s->mime, i))
        if (may_be_report(s->mime, i))
            MM_TRY(look_into_part(s, i, for_a_person, mail));
    return MM_OK;
}

/* A notice inside another mail: its message is walked again, as the mail that it was. */
static enum mm_status give_inner_notice(struct search *s, uint32_t root,
                                        const struct mm_unwrap_mail *mail)
{
    const struct mm_mime_part *part = &s->mime->parts[root];
    struct mm_view bytes = part->msg->bytes;
    struct mm_unwrap_item item = part_item(s, root, bytes, mail);
    struct mm_arena *arena = &s->u->levels[item.level].arena;
    struct mm_mime mime;
    mm_arena_reset(arena);
    MM_TRY(mm_mime_walk(&mime, bytes, arena));
    enum mm_status st = mm_unwrap_give(s->u, &item, MM_DOCUMENT_MAIL, &mime, arena);
    return st < 0 ? st : MM_OK;
}

static enum mm_status search_message(struct search *s, uint32_t root);

static enum mm_status search_inner_messages(struct search *s, uint32_t root)
{
    const struct mm_mime *mime = s->mime;
    for (uint32_t i = root; i < mime->parts[root].subtree_end; i = behind(mime, i))
        if (mime->parts[i].media == MM_MEDIA_MESSAGE && !mm_mime_is_leaf(mime, i))
            MM_TRY(search_message(s, i + 1));
    return MM_OK;
}

/* All reports of a message that is not the outermost notice; `root` may be the mail itself. */
static enum mm_status search_message(struct search *s, uint32_t root)
{
    struct mm_unwrap_mail mail;
    uint64_t before = mm_unwrap_accounted(s->u);
    MM_TRY(read_facts(&s->mime->parts[root], s->arena, &mail));
    if (has_notice(s->mime, root))
        return give_inner_notice(s, root, &mail);
    MM_TRY(look_into_parts(s, root, false, &mail));
    if (!is_returned(&s->mime->parts[root]))
        MM_TRY(search_inner_messages(s, root));
    return mm_unwrap_accounted(s->u) > before ? MM_OK : look_into_parts(s, root, true, &mail);
}

/* ---- the mail ---- */

static enum mm_status give_mail(struct search *s, const struct mm_unwrap_mail *mail)
{
    struct mm_unwrap_item item = *s->item;
    item.mail = mail;
    enum mm_status st = mm_unwrap_give(s->u, &item, MM_DOCUMENT_MAIL, s->mime, s->arena);
    if (st != MM_END || s->item->mail)
        return st;
    return mm_unwrap_refuse(s->u, &item, MM_UNWRAP_NOT_A_REPORT, "mail");
}

static enum mm_status tell_limit(struct search *s)
{
    static const enum mm_unwrap_reason limits[] = {[MM_MIME_TOO_DEEP] = MM_UNWRAP_MIME_DEPTH,
                                                   [MM_MIME_TOO_MANY] = MM_UNWRAP_MIME_PARTS,
                                                   [MM_MIME_LONG_HEADER] = MM_UNWRAP_MIME_HEADER};
    return s->mime->limit == MM_MIME_WHOLE
               ? MM_OK
               : mm_unwrap_refuse(s->u, s->item, limits[s->mime->limit], "mail");
}

enum mm_status mm_unwrap_mail(struct mm_unwrapper *u, const struct mm_unwrap_item *item)
{
    struct mm_mime mime;
    struct mm_unwrap_mail mail;
    struct mm_arena *arena = &u->levels[item->level].arena;
    struct search s = {.u = u, .item = item, .mime = &mime, .arena = arena};
    uint64_t before = mm_unwrap_accounted(u);
    mm_arena_reset(arena);
    MM_TRY(mm_mime_walk(&mime, item->bytes, arena));
    MM_TRY(read_facts(&mime.parts[0], arena, &mail));
    bool notice = has_notice(&mime, 0);
    if (!notice)
        MM_TRY(search_message(&s, 0));
    bool found = mm_unwrap_accounted(u) > before;
    if (notice || (!found && mime.limit == MM_MIME_WHOLE)) {
        enum mm_status st = give_mail(&s, &mail);
        if (st != MM_OK)
            return st;
    }
    return tell_limit(&s);
}
