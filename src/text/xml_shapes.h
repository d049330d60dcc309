/*
 * xml_shapes.h - elements that are written like one before: their texts, without reading each tag.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Programs write the elements of a list alike: the same tags, the same white space around them,
 * other texts. A shape is what stands between the texts of one element, piece by piece, and what
 * its reader did at each; it begins behind the tag before the element. Shapes that begin alike
 * share their beginning, so all of them are a tree, and an element is compared with it from piece
 * to piece.
 *
 * Within a document, elements of a list mostly differ in their first texts alone. What stands
 * behind the second of them is an element's ending: where it is byte for byte that of one before,
 * with the same beginning in the tree, nothing in it is looked at again.
 *
 * Only strict reading has shapes, and only of elements in which all tags are simple, names of ASCII
 * without prefix or attributes, with nothing but white space beside them. What such markup means
 * follows from its bytes alone, in whatever document it stands. All else is read as ever.
 */
#ifndef MM_TEXT_XML_SHAPES_H
#define MM_TEXT_XML_SHAPES_H

#include "text/xml_pull.h"

enum {
    MM_XML_SHAPE_STEPS_MAX = 256,   /* of one element: records of reports have some 20 */
    MM_XML_SHAPE_CHILDREN_MAX = 32, /* ways to go on that are tried at one place */
    MM_XML_ENDINGS_MAX = 8          /* that are tried, the latest first */
};

/* What the reader of an element does at one place of it. */
struct mm_xml_step {
    const void *what;    /* the reader's own */
    struct mm_view text; /* that it takes, white space around it left out; no data: none */
};

/* Of one thread and one kind of element. Its memory is bounded: when it is full, it forgets. Each
 * function takes NULL for no shapes at all, and then does nothing. */
struct mm_xml_shapes;

struct mm_xml_shapes *mm_xml_shapes_new(void); /* NULL without memory */
void mm_xml_shapes_free(struct mm_xml_shapes **shapes);

/* A document begins: the endings of the one before are forgotten. */
void mm_xml_shapes_open(struct mm_xml_shapes *shapes);

#define MM_XML_NO_ENDING UINT32_MAX

/* An element that was taken. */
struct mm_xml_taken {
    const struct mm_xml_step *steps; /* what its reader has to do, in order; until the next call */
    size_t count;                    /* of them: one at least */
    size_t offset;                   /* of its start tag */
    /* The rest is to be done as for the element that was kept by this number, whose texts are
     * these. MM_XML_NO_ENDING: the steps are all. */
    uint32_t ending;
};

/*
 * Where an element comes next that is written like one before, take it, tags and all: the parser
 * makes no events of it, and stands behind it. False where there is no such shape: nothing was
 * done.
 */
bool mm_xml_shapes_take(struct mm_xml_shapes *shapes, struct mm_xml_pull *p,
                        struct mm_xml_taken *taken);

/* Know the ending of the element that was just taken, if it has one of its own, by a number. */
void mm_xml_shapes_keep_ending(struct mm_xml_shapes *shapes, const struct mm_xml_pull *p,
                               uint32_t number);

/*
 * Where it was not taken, the reader tells what it does: it begins before it asks for the start,
 * and tells each step, and the end behind the end tag. What was begun and had no end before the
 * next beginning is forgotten.
 */
void mm_xml_shapes_begin(struct mm_xml_shapes *shapes, const struct mm_xml_pull *p);
void mm_xml_shapes_note(struct mm_xml_shapes *shapes, const void *what, struct mm_view text);
/* There is something in the element that the steps do not tell. */
void mm_xml_shapes_drop(struct mm_xml_shapes *shapes);
void mm_xml_shapes_end(struct mm_xml_shapes *shapes, const struct mm_xml_pull *p);

#endif /* MM_TEXT_XML_SHAPES_H */
