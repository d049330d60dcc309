/*
 * unwrap_list.h - what is found in an input, as text: a word or two for each outcome.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_SUPPORT_UNWRAP_LIST_H
#define MM_SUPPORT_UNWRAP_LIST_H

#include "report/unwrap.h"

enum { MM_UNWRAP_LIST_BYTES = 16 * 1024 };

struct mm_unwrap_list {
    char text[MM_UNWRAP_LIST_BYTES]; /* "xml@2!a.xml", "zip-encrypted@b", …, a blank between them */
    struct mm_view wanted;           /* bytes that each XML document has to have; empty: any */
    bool texts_are_none;             /* mails and texts are told to be no reports */
    bool salvaged;                   /* the last document was one that could be unpacked in part */
    uint64_t skipped_bytes, offset;
    int64_t received_at;
    char reporter_domain[64], subject[64], file_name[64]; /* of the last document */
    char detail[256];                                     /* of the last refusal */
    struct mm_unwrap_counts counts;
};

/* Unwrap one input into `list`, whose choices are set. Fails the test where the counts are not
 * those of the outcomes. */
void mm_unwrap_list(struct mm_unwrapper *u, struct mm_view bytes, struct mm_unwrap_list *list);

#endif /* MM_SUPPORT_UNWRAP_LIST_H */
