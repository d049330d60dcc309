/*
 * xml_events.h - an XML document as the list of its events, in one text: ours and expat's.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A line an event, "(URI|prefix|local", "A URI|prefix|local=value" for each attribute, sorted, "-"
 * and the characters, ")URI|prefix|local". Characters between two tags are one line.
 */
#ifndef MM_SUPPORT_XML_EVENTS_H
#define MM_SUPPORT_XML_EVENTS_H

#include "base/buf.h"
#include "text/xml_pull.h"

/* What ended the reading; MM_XML_FAULT_NONE for a whole document. `events` is cleared first. */
enum mm_xml_fault mm_xml_events(struct mm_view document, enum mm_xml_mode mode,
                                struct mm_buf *events);

/* The same by expat, from the same bytes in UTF-8; false where it refuses the document. */
bool mm_expat_events(struct mm_view document, struct mm_buf *events);

#endif /* MM_SUPPORT_XML_EVENTS_H */
