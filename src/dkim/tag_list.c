/*
 * tag_list.c - the tag=value lists that signature fields and key records are made of.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/tag_list.h"

static bool is_alpha(unsigned char c)
{
    return (unsigned char)(mm_ascii_lower(c) - 'a') < 26;
}

/* RFC 6376 section 3.2: tag-name = ALPHA *ALNUMPUNC */
static bool is_tag_name(struct mm_view name)
{
    if (name.len == 0 || !is_alpha((unsigned char)name.data[0]))
        return false;
    for (size_t i = 1; i < name.len; i++) {
        unsigned char c = (unsigned char)name.data[i];
        if (!is_alpha(c) && (unsigned char)(c - '0') > 9 && c != '_')
            return false;
    }
    return true;
}

static enum mm_status parse_tag(struct mm_view spec, struct mm_tag_list *out)
{
    struct mm_tag tag;
    if (!mm_view_cut(spec, '=', &tag.name, &tag.raw_value))
        return MM_E_SYNTAX;
    tag.name = mm_view_trim_fws(tag.name);
    tag.value = mm_view_trim_fws(tag.raw_value);
    if (!is_tag_name(tag.name) || mm_tag_find(out, tag.name))
        return MM_E_SYNTAX;
    if (out->count == MM_TAGS_MAX)
        return MM_E_LIMIT;
    out->tags[out->count++] = tag;
    if (tag.name.len == 1)
        out->of_letter[(unsigned char)tag.name.data[0] - 'A'] = (uint8_t)out->count;
    return MM_OK;
}

enum mm_status mm_tag_list_parse(struct mm_view text, struct mm_tag_list *out)
{
    size_t at = 0;
    out->count = 0;
    out->fault_offset = 0;
    memset(out->of_letter, 0, sizeof out->of_letter);
    for (;;) {
        struct mm_view spec, rest;
        bool more = mm_view_cut(mm_view_sub(text, at, text.len - at), ';', &spec, &rest);
        bool blank = mm_view_trim_fws(spec).len == 0;
        if (blank && !more && out->count > 0)
            return MM_OK; /* nothing behind the last ';' */
        enum mm_status status = blank ? MM_E_SYNTAX : parse_tag(spec, out);
        if (status != MM_OK) {
            out->fault_offset = at;
            return status;
        }
        if (!more)
            return MM_OK;
        at += spec.len + 1;
    }
}

/* By the list: for names of several letters, of which few are known. */
const struct mm_tag *mm_tag_search(const struct mm_tag_list *list, struct mm_view name)
{
    for (size_t i = 0; i < list->count; i++)
        if (mm_view_eq(list->tags[i].name, name))
            return &list->tags[i];
    return NULL;
}
