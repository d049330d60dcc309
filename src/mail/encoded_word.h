/*
 * encoded_word.h - the text of a header field as its reader would see it (RFC 2047).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_MAIL_ENCODED_WORD_H
#define MM_MAIL_ENCODED_WORD_H

#include "base/arena.h"
#include "base/view.h"

/*
 * A field's value as UTF-8: folds undone, blanks at both ends dropped, encoded words decoded
 * wherever they stand, the blanks between two of them dropped. A character that was cut in two by
 * adjacent words of one charset is joined. Text that is not encoded is UTF-8 (RFC 6532).
 *
 * out       [out] borrows `value` where nothing had to be changed, else arena memory.
 * replaced  [out] U+FFFD that stand for bytes that are no text. May be NULL.
 * Returns   MM_OK; MM_E_NOMEM.
 * Cost      linear in the value.
 */
enum mm_status mm_encoded_words_decode(struct mm_view value, struct mm_arena *arena,
                                       struct mm_view *out, uint64_t *replaced) MM_MUST_CHECK;

/*
 * Text in a charset that a mail names, as UTF-8: the text itself, or arena memory. Names that
 * nobody knows are read as UTF-8, "utf-16" by its byte order mark. `replaced` may be NULL. Returns
 * MM_OK; MM_E_NOMEM.
 */
enum mm_status mm_text_to_utf8(struct mm_view text, struct mm_view name, struct mm_arena *arena,
                               struct mm_view *out, uint64_t *replaced) MM_MUST_CHECK;

#endif /* MM_MAIL_ENCODED_WORD_H */
