/*
 * xml_marks.c - where text and names of an XML document stop, as bits.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text/xml_marks.h"

static bool stops_text(unsigned char c)
{
    return c == '<' || c == '&' || c == ']' || c == 0xef || (c < 0x20 && c != '\t' && c != '\n');
}

static bool ends_name(unsigned char c)
{
    return !((unsigned char)(c - '0') < 10 || (unsigned char)(mm_ascii_lower(c) - 'a') < 26 ||
             c == '-' || c == '.' || c == '_');
}

void mm_xml_marks_reference(struct mm_view v, struct mm_xml_marks *marks)
{
    size_t len = v.len < MM_XML_MARK_BYTES ? v.len : MM_XML_MARK_BYTES;
    for (size_t i = 0; i < (len + 63) / 64 * 64; i++) {
        unsigned char c = i < len ? (unsigned char)v.data[i] : '>';
        if (i % 64 == 0)
            marks->stop[i / 64] = marks->name_end[i / 64] = 0;
        marks->stop[i / 64] |= (uint64_t)stops_text(c) << i % 64;
        marks->name_end[i / 64] |= (uint64_t)ends_name(c) << i % 64;
    }
}

/* The same sets of bytes, as bits. */
static const uint64_t stop_set[4] = {0xfffff9ff | (uint64_t)1 << '&' | (uint64_t)1 << '<',
                                     (uint64_t)1 << (']' - 64), 0, (uint64_t)1 << (0xef - 192)};
static const uint64_t name_set[4] = {0x03ff600000000000, 0x07fffffe87fffffe, 0, 0};

static void xml_marks_portable(struct mm_view v, struct mm_xml_marks *marks)
{
    size_t len = v.len < MM_XML_MARK_BYTES ? v.len : MM_XML_MARK_BYTES;
    for (size_t at = 0; at < len; at += 64) {
        size_t step = len - at < 64 ? len - at : 64;
        uint64_t stop = 0, name = 0;
        for (size_t i = 0; i < step; i++) {
            unsigned char c = (unsigned char)v.data[at + i];
            stop |= (stop_set[c / 64] >> c % 64 & 1) << i;
            name |= (name_set[c / 64] >> c % 64 & 1) << i;
        }
        marks->stop[at / 64] = stop;
        marks->name_end[at / 64] = ~name;
    }
}

#define MM_KERNEL "text/x86/xml_marks_kernel.inc"
#include "text/x86/each_width.inc"

typedef void marks_fn(struct mm_view v, struct mm_xml_marks *marks);

/* Every byte there is, twice, and a piece of a block. */
static bool marks_known_text(mm_kernel_fn *run)
{
    char text[540];
    struct mm_xml_marks want = {{0}, {0}}, marks = {{0}, {0}};
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i * 7);
    mm_xml_marks_reference((struct mm_view){text, sizeof text}, &want);
    ((marks_fn *)run)((struct mm_view){text, sizeof text}, &marks);
    return memcmp(&want, &marks, sizeof want) == 0;
}

struct mm_kernel mm_xml_marks_kernel = {
    .forms = MM_KERNEL_FORMS(xml_marks, xml_marks_portable),
    .works = marks_known_text,
};

void mm_xml_marks_fill(struct mm_view v, struct mm_xml_marks *marks)
{
    ((marks_fn *)mm_kernel_pick(&mm_xml_marks_kernel))(v, marks);
}
