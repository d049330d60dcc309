/*
 * content_kind.h - what bytes are, by themselves: names and MIME types of reports lie too often.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_REPORT_CONTENT_KIND_H
#define MM_REPORT_CONTENT_KIND_H

#include "base/view.h"

enum mm_content_kind {
    MM_CONTENT_EMPTY, /* nothing but white space */
    MM_CONTENT_GZIP,
    MM_CONTENT_ZLIB,
    MM_CONTENT_ZSTD,
    MM_CONTENT_ZIP,
    MM_CONTENT_TAR,
    MM_CONTENT_MBOX,
    MM_CONTENT_XML,  /* '<' is its first character, in UTF-8 or UTF-16 */
    MM_CONTENT_JSON, /* '{' or '[' is */
    MM_CONTENT_MAIL, /* a header with a field that every mail has */
    MM_CONTENT_TEXT, /* other text */
    MM_CONTENT_OTHER
};

enum mm_content_kind mm_content_kind_of(struct mm_view bytes);
/* "empty", "gzip", "zlib", "zstd", "zip", "tar", "mbox", "xml", "json", "mail", "text", "other". */
const char *mm_content_kind_word(enum mm_content_kind kind);

/* True where a text that is XML or JSON begins as a report does: an element `feedback`, a key of
 * TLS reports. Looked for in its first 4 KiB; in UTF-16 too. */
bool mm_content_looks_like_report(struct mm_view bytes);

#endif /* MM_REPORT_CONTENT_KIND_H */
