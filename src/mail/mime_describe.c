/*
 * mime_describe.c - what a part's header says of its body.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "mail/mime_describe.h"

#include "base/error.h"

#include "mail/mime_params.h"
#include "mail/mime_token.h"
#include "text/cfws.h"

struct mm_view mm_mime_field(const struct mm_mime_part *part, struct mm_view name)
{
    const struct mm_msg *msg = part->msg;
    uint32_t at = mm_msg_lowest(msg, name);
    if (at == MM_FIELD_NONE)
        return (struct mm_view){NULL, 0};
    while (msg->fields[at].upper_same != MM_FIELD_NONE)
        at = msg->fields[at].upper_same;
    return mm_field_value(msg, &msg->fields[at]);
}

static enum mm_status lower_copy(struct mm_view v, struct mm_arena *arena, struct mm_view *out)
{
    char *copy = mm_arena_alloc(arena, v.len + 1);
    if (!copy)
        return MM_E_NOMEM;
    mm_view_lower_to(copy, v);
    *out = (struct mm_view){copy, v.len};
    return MM_OK;
}

static struct mm_view take_token(struct mm_view v, size_t *at)
{
    size_t start;
    mm_cfws_skip(v, at);
    start = *at;
    while (*at < v.len && mm_is_token_byte((unsigned char)v.data[*at]))
        ++*at;
    return mm_view_sub(v, start, *at - start);
}

/* "type/subtype", white space and comments around the '/' allowed. */
static bool split_type(struct mm_view value, struct mm_view *type, struct mm_view *subtype)
{
    size_t at = 0;
    *type = take_token(value, &at);
    mm_cfws_skip(value, &at);
    if (type->len == 0 || at == value.len || value.data[at] != '/')
        return false;
    at++;
    *subtype = take_token(value, &at);
    return subtype->len > 0;
}

static const struct {
    const char *type, *subtype; /* NULL: any */
    enum mm_media media;
} known_media[] = {
    {"multipart", NULL, MM_MEDIA_MULTIPART},
    {"text", "plain", MM_MEDIA_TEXT_PLAIN},
    {"text", "html", MM_MEDIA_TEXT_HTML},
    {"text", "rfc822-headers", MM_MEDIA_HEADERS},
    {"message", "rfc822", MM_MEDIA_MESSAGE},
    {"message", "global", MM_MEDIA_MESSAGE},
    {"message", "news", MM_MEDIA_MESSAGE}, /* RFC 5537 section 5.1, obsolete: a netnews article */
    {"message", "rfc822-headers", MM_MEDIA_HEADERS},
    {"message", "global-headers", MM_MEDIA_HEADERS},
    {"message", "delivery-status", MM_MEDIA_DELIVERY_STATUS},
    {"message", "global-delivery-status", MM_MEDIA_DELIVERY_STATUS},
    {"message", "feedback-report", MM_MEDIA_FEEDBACK_REPORT},
    {"message", "disposition-notification", MM_MEDIA_DISPOSITION},
    {"message", "global-disposition-notification", MM_MEDIA_DISPOSITION},
};

static enum mm_media media_of(struct mm_view type, struct mm_view subtype)
{
    for (size_t i = 0; i < MM_COUNT(known_media); i++)
        if (mm_view_eq(type, mm_view_of(known_media[i].type)) &&
            (!known_media[i].subtype || mm_view_eq(subtype, mm_view_of(known_media[i].subtype))))
            return known_media[i].media;
    return MM_MEDIA_OTHER;
}

/* One parameter in lower case. */
static enum mm_status lower_param(const struct mm_mime_params *params, const char *name,
                                  struct mm_arena *arena, struct mm_view *out)
{
    struct mm_view value;
    MM_TRY(mm_mime_param(params, mm_view_of(name), arena, &value, NULL));
    return value.len ? lower_copy(value, arena, out) : MM_OK;
}

static enum mm_status take_name(struct mm_mime_part *part, const struct mm_mime_params *params,
                                const char *parameter, struct mm_arena *arena)
{
    uint64_t replaced;
    if (part->name.len > 0)
        return MM_OK;
    MM_TRY(mm_mime_param(params, mm_view_of(parameter), arena, &part->name, &replaced));
    bool too_long = part->name.len > MM_MIME_NAME_MAX_BYTES;
    if (too_long) {
        part->name.len = MM_MIME_NAME_MAX_BYTES;
        while (((unsigned char)part->name.data[part->name.len] & 0xc0) == 0x80)
            part->name.len--; /* the cut is before a character */
    }
    if (too_long || replaced > 0)
        part->flags |= MM_PART_BAD_NAME;
    return MM_OK;
}

static enum mm_status take_type(struct mm_mime_part *part, bool in_digest, struct mm_arena *arena)
{
    struct mm_mime_params params;
    struct mm_view field = mm_mime_field(part, MM_VIEW("content-type")), type, subtype;
    if (!field.data) /* as one reporter writes it */
        field = mm_mime_field(part, MM_VIEW("contenttype"));
    part->type = in_digest ? MM_VIEW("message") : MM_VIEW("text");
    part->subtype = in_digest ? MM_VIEW("rfc822") : MM_VIEW("plain");
    part->media = in_digest ? MM_MEDIA_MESSAGE : MM_MEDIA_TEXT_PLAIN;
    if (!field.data) {
        part->flags |= MM_PART_NO_TYPE;
        return MM_OK;
    }
    mm_mime_params_parse(&params, field);
    if (split_type(params.value, &type, &subtype)) {
        MM_TRY(lower_copy(type, arena, &part->type));
        MM_TRY(lower_copy(subtype, arena, &part->subtype));
        part->media = media_of(part->type, part->subtype);
    } else {
        part->flags |= MM_PART_BAD_TYPE;
    }
    MM_TRY(lower_param(&params, "charset", arena, &part->charset));
    MM_TRY(lower_param(&params, "report-type", arena, &part->report_type));
    if (part->media == MM_MEDIA_MULTIPART)
        MM_TRY(mm_mime_param_bytes(&params, MM_VIEW("boundary"), arena, &part->boundary));
    return take_name(part, &params, "name", arena);
}

/* Its name counts before the one of the type (RFC 2183 section 2.3). */
static enum mm_status take_disposition(struct mm_mime_part *part, struct mm_arena *arena)
{
    struct mm_mime_params params;
    struct mm_view field = mm_mime_field(part, MM_VIEW("content-disposition"));
    if (!field.data)
        return MM_OK;
    mm_mime_params_parse(&params, field);
    if (mm_view_eq_nocase(params.value, MM_VIEW("attachment")))
        part->flags |= MM_PART_ATTACHMENT;
    return take_name(part, &params, "filename", arena);
}

static void take_encoding(struct mm_mime_part *part)
{
    struct mm_view field = mm_mime_field(part, MM_VIEW("content-transfer-encoding"));
    size_t at = 0;
    if (!field.data)
        return;
    struct mm_view word = take_token(field, &at);
    if (mm_view_eq_nocase(word, MM_VIEW("base64")))
        part->encoding = MM_ENCODING_BASE64;
    else if (mm_view_eq_nocase(word, MM_VIEW("quoted-printable")))
        part->encoding = MM_ENCODING_QUOTED_PRINTABLE;
    else if (word.len > 0 && !mm_view_eq_nocase(word, MM_VIEW("7bit")) &&
             !mm_view_eq_nocase(word, MM_VIEW("8bit")) &&
             !mm_view_eq_nocase(word, MM_VIEW("binary")))
        part->flags |= MM_PART_UNKNOWN_ENCODING;
}

enum mm_status mm_mime_describe(struct mm_mime_part *part, bool in_digest, struct mm_arena *arena)
{
    MM_TRY(take_disposition(part, arena));
    MM_TRY(take_type(part, in_digest, arena));
    take_encoding(part);
    return MM_OK;
}
