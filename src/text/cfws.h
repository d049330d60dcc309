/*
 * cfws.h - steps over what a structured field may have between its parts (RFC 5322 section 3.2).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_TEXT_CFWS_H
#define MM_TEXT_CFWS_H

#include "base/view.h"

/* Each takes an offset in the text, at most its length, and moves it on. False where something has
 * no end: the offset is the text's length then. */

/* Comments, nested ones included, and folding white space; there may be none. */
bool mm_cfws_skip(struct mm_view text, size_t *at);
/* One comment, whose '(' is next. */
bool mm_cfws_skip_comment(struct mm_view text, size_t *at);
/* One quoted string, whose opening '"' is next. */
bool mm_cfws_skip_quoted(struct mm_view text, size_t *at);

#endif /* MM_TEXT_CFWS_H */
