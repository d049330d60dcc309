/*
 * xml_document.h - the bytes of an XML document as the UTF-8 text that the parser reads.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_TEXT_XML_DOCUMENT_H
#define MM_TEXT_XML_DOCUMENT_H

#include "text/charset.h"

struct mm_xml_document {
    struct mm_view text; /* valid UTF-8, no byte order mark in front */
    uint64_t replaced;   /* characters U+FFFD that stand for bytes that were no text */
    bool mislabelled; /* the declaration names an unknown character set, or not that of the bytes */

    struct mm_view source; /* private from here on: the bytes behind the mark */
    size_t mark_bytes;
    struct mm_charset charset;
};

/*
 * Find out the character set and convert. A byte order mark decides; then whether every other byte
 * is zero; then the declaration; UTF-8 is left. A declaration that cannot be true is not believed.
 *
 * bytes    borrowed by the document; its text is they where that can be.
 * Returns  MM_OK; MM_E_NOMEM.
 * Source   XML 1.0 section 4.3.3 and appendix F.
 */
enum mm_status mm_xml_document_init(struct mm_xml_document *document, struct mm_view bytes,
                                    struct mm_arena *arena) MM_MUST_CHECK;

/* Where in `bytes` the byte at `offset` of the text comes from. */
size_t mm_xml_document_offset(const struct mm_xml_document *document, size_t offset);

/* The place in `bytes` that is `offset` bytes of text behind `place`, the place of a tag. */
size_t mm_xml_document_advance(const struct mm_xml_document *document, size_t place, size_t offset);

#endif /* MM_TEXT_XML_DOCUMENT_H */
