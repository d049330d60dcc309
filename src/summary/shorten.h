/*
 * shorten.h - long names cut in the middle, where they differ least.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_SUMMARY_SHORTEN_H
#define MM_SUMMARY_SHORTEN_H

#include "base/buf.h"

enum { MM_SENTENCE_NAME_CHARACTERS = 80 }; /* of a name within a sentence */

/* Append at most `most` characters (at least 3): of a longer text its head, U+2026 and its tail. */
void mm_shorten(struct mm_buf *out, struct mm_view text, size_t most);
/* The same of a name within a sentence, as a C string in `out`; "(none)" for no data. */
enum { MM_SHORT_NAME_BYTES = 4 * MM_SENTENCE_NAME_CHARACTERS + 4 };
const char *mm_short_name(struct mm_view name, char out[MM_SHORT_NAME_BYTES]);

#endif /* MM_SUMMARY_SHORTEN_H */
