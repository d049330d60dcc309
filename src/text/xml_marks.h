/*
 * xml_marks.h - where text and names of an XML document stop, as bits.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Half of a report are tags, so two searches for each would cost more than all else. Both kinds of
 * places are marked in one pass, a few blocks ahead of the parser.
 */
#ifndef MM_TEXT_XML_MARKS_H
#define MM_TEXT_XML_MARKS_H

#include "base/kernel.h"
#include "base/view.h"

enum {
    MM_XML_MARK_WORDS = 32, /* 512 bytes of marks stay in the nearest cache */
    MM_XML_MARK_BYTES = 64 * MM_XML_MARK_WORDS
};

/* Bit i % 64 of word i / 64 stands for byte i. */
struct mm_xml_marks {
    /* What text cannot just run over: '<', '&', ']' (of "]]>"), control characters but tab and LF,
     * and the first byte of U+F000..U+FFFF, of which two are none of XML. */
    uint64_t stop[MM_XML_MARK_WORDS];
    /* All but the bytes that are in ASCII names, letters, digits, '-', '.', '_'; ':' is marked. */
    uint64_t name_end[MM_XML_MARK_WORDS];
};

/* Mark the first MM_XML_MARK_BYTES of `v`, or all of it; words behind it are left alone, bits
 * behind it are clear in `stop` and set in `name_end`. */
void mm_xml_marks_fill(struct mm_view v, struct mm_xml_marks *marks);
/* The same, one byte at a time: what the fast forms are tested against. */
void mm_xml_marks_reference(struct mm_view v, struct mm_xml_marks *marks);

/* What runs here, for `mailmill version` and tests. */
extern struct mm_kernel mm_xml_marks_kernel;

#endif /* MM_TEXT_XML_MARKS_H */
