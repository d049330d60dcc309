/*
 * html_text.h - the words of an HTML text, roughly: enough to read an error message.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_REPORT_HTML_TEXT_H
#define MM_REPORT_HTML_TEXT_H

#include "base/arena.h"
#include "base/view.h"

/*
 * Tags are taken out; those that end a line in a browser become one; what stands inside <style>,
 * <script> and comments is left out; the entities of ASCII and numeric ones are decoded. Without
 * data where there is no memory. Linear in the text.
 */
struct mm_view mm_html_text(struct mm_view html, struct mm_arena *arena);

#endif /* MM_REPORT_HTML_TEXT_H */
