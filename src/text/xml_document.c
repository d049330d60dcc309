/*
 * xml_document.c - the bytes of an XML document as the UTF-8 text that the parser reads.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text/xml_document.h"

/* The name behind encoding= in the declaration; empty where there is none. It is looked for in
 * plain ASCII: in other sets the declaration says what the first bytes have said already. */
static struct mm_view declared_encoding(struct mm_view text)
{
    struct mm_view declaration, rest, name = {"", 0};
    if (!mm_view_starts(text, MM_VIEW("<?xml")) || !mm_view_cut(text, '>', &declaration, &rest))
        return name;
    const char *key = memmem(declaration.data, declaration.len, "encoding", 8);
    if (!key)
        return name;
    size_t at = (size_t)(key - declaration.data) + 8;
    rest = mm_view_trim_fws(mm_view_sub(declaration, at, declaration.len - at));
    if (rest.len == 0 || rest.data[0] != '=')
        return name;
    rest = mm_view_trim_fws(mm_view_sub(rest, 1, rest.len - 1));
    if (rest.len == 0 || (rest.data[0] != '"' && rest.data[0] != '\''))
        return name;
    mm_view_cut(mm_view_sub(rest, 1, rest.len - 1), rest.data[0], &name, &rest);
    return name;
}

static bool is_utf16(enum mm_charset_kind kind)
{
    return kind == MM_CHARSET_UTF16LE || kind == MM_CHARSET_UTF16BE;
}

/* Without a mark. */
static void choose_charset(struct mm_xml_document *document)
{
    struct mm_view bytes = document->source, name;
    document->charset = (struct mm_charset){.kind = MM_CHARSET_UTF8};
    if (mm_view_starts(bytes, MM_VIEW("<\0"))) {
        document->charset.kind = MM_CHARSET_UTF16LE;
        return;
    }
    if (mm_view_starts(bytes, MM_VIEW("\0<"))) {
        document->charset.kind = MM_CHARSET_UTF16BE;
        return;
    }
    name = declared_encoding(bytes);
    if (name.len == 0)
        return;
    struct mm_charset declared;
    document->mislabelled = !mm_charset_find(name, &declared) || is_utf16(declared.kind);
    if (!document->mislabelled)
        document->charset = declared;
}

enum mm_status mm_xml_document_init(struct mm_xml_document *document, struct mm_view bytes,
                                    struct mm_arena *arena)
{
    *document = (struct mm_xml_document){0};
    document->mark_bytes = mm_charset_of_mark(bytes, &document->charset);
    document->source = mm_view_sub(bytes, document->mark_bytes, bytes.len - document->mark_bytes);
    if (document->mark_bytes == 0)
        choose_charset(document);
    return mm_charset_to_utf8(&document->charset, document->source, arena, &document->text,
                              &document->replaced);
}

size_t mm_xml_document_advance(const struct mm_xml_document *document, size_t place, size_t offset)
{
    size_t from = place - document->mark_bytes;
    struct mm_view rest = mm_view_sub(document->source, from, document->source.len - from);
    if (document->text.data == document->source.data) /* nothing was converted */
        return place + offset;
    return place + mm_charset_offset(&document->charset, rest, offset);
}

size_t mm_xml_document_offset(const struct mm_xml_document *document, size_t offset)
{
    return mm_xml_document_advance(document, document->mark_bytes, offset);
}
