/*
 * xml_pull.h - a pull parser over one XML 1.0 document in memory, without DTD, with namespaces.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Nothing is allocated and nothing copied: names, values and texts are views of the document; what
 * has references in it is decoded on demand. There are the five entities of XML 1.0 section 4.6 and
 * numeric references, and no others: a DOCTYPE ends the reading, so no entity can expand or be
 * fetched. Comments and processing instructions are checked and stepped over.
 *
 * The document is UTF-8 without a byte order mark (xml_document.h makes it so). Within the limits
 * below the parser accepts what Namespaces in XML 1.0 calls namespace-well-formed, and nothing
 * else, but for documents with a DOCTYPE.
 *
 * With MM_XML_RECOVER what is damaged is read all the same. A '<' or '&' that begins nothing is
 * text. An end tag closes what was opened inside its element (those ends are `implied`); one
 * without an open element is stepped over. What is open at the end of the document is closed.
 * There may be any number of root elements, and text beside them.
 */
#ifndef MM_TEXT_XML_PULL_H
#define MM_TEXT_XML_PULL_H

#include "base/arena.h"
#include "text/xml_marks.h"

enum {
    MM_XML_DEPTH_MAX = 32,              /* reports have 6; extensions may have some */
    MM_XML_ATTRIBUTES_MAX = 32,         /* of one element; reports have 4 at the root, else 1 */
    MM_XML_BINDINGS_MAX = 32,           /* of namespaces in scope */
    MM_XML_NAME_MAX_BYTES = 1024,       /* names of reports are below 30 */
    MM_XML_VALUE_MAX_BYTES = 64 * 1024, /* of an attribute: schemaLocation is the longest */
    MM_XML_TEXT_MAX_BYTES = 1024 * 1024 /* between two tags: comments of people are the longest */
};

enum mm_xml_fault {
#define MM_XML_FAULT(name, recoverable, words) MM_XML_FAULT_##name,
#include "text/xml_faults.def"
#undef MM_XML_FAULT
    MM_XML_FAULT_COUNT
};
/* Words for a person, and whether MM_XML_RECOVER reads on behind it. */
const char *mm_xml_fault_words(enum mm_xml_fault fault);
bool mm_xml_fault_is_recoverable(enum mm_xml_fault fault);

enum mm_xml_mode { MM_XML_STRICT, MM_XML_RECOVER };

enum mm_xml_event {
    MM_XML_START, /* `name`, `attributes` */
    MM_XML_END,   /* `name`, `implied`; follows the start of an empty element too */
    MM_XML_TEXT   /* `text`, `form`: between two tags there may be several, or none */
};

/* How a raw text becomes characters. */
enum mm_xml_form {
    MM_XML_PLAIN, /* it is them already */
    MM_XML_CODED, /* references and CRs to replace */
    MM_XML_CDATA, /* CRs to replace */
    MM_XML_VALUE  /* of an attribute: white space becomes blanks too */
};

struct mm_xml_name {
    struct mm_view prefix; /* empty where there is none */
    struct mm_view local;
    struct mm_view uri; /* raw value of the binding, references in it not decoded; empty: none */
};

struct mm_xml_attribute {
    struct mm_xml_name name; /* bindings of namespaces are not listed as attributes */
    struct mm_view value;
    enum mm_xml_form form; /* MM_XML_PLAIN or MM_XML_VALUE */
};

/* Private. */
struct mm_xml_open {
    struct mm_view tag; /* the name as written, with its prefix */
    struct mm_xml_name name;
    uint32_t binding_count; /* before it */
};
struct mm_xml_binding {
    struct mm_view prefix, uri;
};

struct mm_xml_pull {
    /* The event. */
    enum mm_xml_event event;
    enum mm_xml_form form;
    struct mm_xml_name name;
    struct mm_view text;
    size_t offset; /* of its first byte */
    bool implied;
    uint32_t attribute_count;
    struct mm_xml_attribute attributes[MM_XML_ATTRIBUTES_MAX];

    /* Of the document so far. */
    uint32_t depth;          /* open elements; one that starts counts, one that ends does not */
    enum mm_xml_fault fault; /* that ended the reading */
    size_t fault_offset;
    bool ended_open;       /* recovery: the document ended inside an element */
    uint64_t repair_count; /* recovery: characters that were taken for text */
    uint64_t damage_count; /* recovery: ends that were implied, end tags that were stepped over */

    /* Private. */
    struct mm_view document;
    size_t at;
    enum mm_xml_mode mode;
    bool root_seen, end_pending, again;
    bool no_comment_end, no_cdata_end, no_pi_end; /* known not to occur any more */
    uint32_t binding_count;
    struct mm_xml_open open[MM_XML_DEPTH_MAX];
    struct mm_xml_binding bindings[MM_XML_BINDINGS_MAX];
    size_t marks_at, marks_end; /* place of the marks in the document */
    struct mm_xml_marks marks;
};

/* The document is borrowed while anything of the parser is used. */
void mm_xml_pull_init(struct mm_xml_pull *p, struct mm_view document, enum mm_xml_mode mode);

/* The next event. MM_OK; MM_END behind the document; MM_E_SYNTAX or MM_E_LIMIT with `fault` and
 * `fault_offset`, from then on at every call. */
enum mm_status mm_xml_pull_next(struct mm_xml_pull *p) MM_MUST_CHECK;

/* The same, but texts are stepped over. */
enum mm_status mm_xml_pull_tag(struct mm_xml_pull *p) MM_MUST_CHECK;

/*
 * Most elements are leaves, "<name>plain text</name>", and whoever knows what comes next needs no
 * events of them. Where the next markup in the open element is a start tag, mm_xml_pull_child()
 * tells its place, else 0. mm_xml_pull_leaf() takes the leaf of that name which is there, tags
 * and all: its text, without the white space around it, is a view of the document. False, with
 * nothing done, for everything else: whatever it is, the other calls meet it as ever.
 */
size_t mm_xml_pull_child(struct mm_xml_pull *p);
bool mm_xml_pull_leaf(struct mm_xml_pull *p, size_t child, struct mm_view name,
                      struct mm_view *text);

/* Behind a start: step over the element, its end included. */
enum mm_status mm_xml_pull_skip(struct mm_xml_pull *p) MM_MUST_CHECK;

/*
 * Behind a start: the characters in the element, white space around them left out; elements in it
 * are stepped over. The end tag is read too.
 *
 * text     [out] a view of the document where it can be, else memory of the arena.
 * Returns  as mm_xml_pull_next(), and MM_E_NOMEM. In recovery MM_AGAIN: another element starts
 *          where this one should have ended; it counts as ended, its text as read so far, and the
 *          next event is the other's start.
 */
enum mm_status mm_xml_pull_text(struct mm_xml_pull *p, struct mm_arena *arena,
                                struct mm_view *text) MM_MUST_CHECK;

/* Recovery, behind a start: it is not inside the element around it but behind it, which counts as
 * ended. The same start is the next event. */
void mm_xml_pull_close_outer(struct mm_xml_pull *p);

/*
 * Replace references and line ends of a raw text or value.
 *
 * out      room for three times raw.len bytes.
 * Returns  the length. Raw text from the parser has no bad reference, but in recovery: there a '&'
 *          that begins nothing stays, and a control character becomes U+FFFD.
 * Source   XML 1.0 sections 2.11, 3.3.3, 4.1.
 */
size_t mm_xml_decode(struct mm_view raw, enum mm_xml_form form, char *out);

#endif /* MM_TEXT_XML_PULL_H */
