/*
 * tag_list.h - the tag=value lists that signature fields and key records are made of.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A list is judged whole before any tag of it is used: RFC 6376 section 3.2 makes one malformed or
 * repeated tag the fault of the whole list. Order is kept, since a key record's v= must come first.
 */
#ifndef MM_DKIM_TAG_LIST_H
#define MM_DKIM_TAG_LIST_H

#include "base/view.h"

/* RFC 6376 defines 13 tags for a signature and 7 for a key; all the rest is extensions. */
enum { MM_TAGS_MAX = 64, MM_TAG_LETTERS = 'z' - 'A' + 1 };

struct mm_tag {
    struct mm_view name, value; /* folding white space around them removed */
    struct mm_view raw_value;   /* all bytes between '=' and ';' */
};

struct mm_tag_list {
    struct mm_tag tags[MM_TAGS_MAX];
    size_t count;
    size_t fault_offset;               /* byte in the text at fault, where the list is refused */
    uint8_t of_letter[MM_TAG_LETTERS]; /* private: index + 1 of the tag named 'A' + i alone, or 0 */
};

/*
 * Parse a whole list; tags borrow from `text`. One ';' may end the list. Names are
 * ALPHA *(ALPHA / DIGIT / "_"); values may be empty and are not looked into.
 * Returns MM_OK; MM_E_SYNTAX for an empty list, an empty tag, a tag without '=', a bad name or a
 *         name that comes twice; MM_E_LIMIT for more than MM_TAGS_MAX tags. tags and count hold
 *         what preceded the fault.
 * Source  RFC 6376 section 3.2.
 */
enum mm_status mm_tag_list_parse(struct mm_view text, struct mm_tag_list *out) MM_MUST_CHECK;

const struct mm_tag *mm_tag_search(const struct mm_tag_list *list, struct mm_view name);

/* The tag of that name, case-sensitive, or NULL. Most names are one letter and found at once. */
static inline const struct mm_tag *mm_tag_find(const struct mm_tag_list *list, struct mm_view name)
{
    size_t letter = name.len == 1 ? (size_t)(unsigned char)name.data[0] - 'A' : MM_TAG_LETTERS;
    if (letter >= MM_TAG_LETTERS)
        return mm_tag_search(list, name);
    return list->of_letter[letter] ? &list->tags[list->of_letter[letter] - 1] : NULL;
}

#endif /* MM_DKIM_TAG_LIST_H */
