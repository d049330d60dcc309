/*
 * cell_text.h - values of a row in words: numbers, times, addresses, and JSON.
 * SPDX-License-Identifier: Apache-2.0
 *
 * TIMESTAMP is RFC 3339 in UTC with a Z, and with six digits of a second only where they are not
 * all 0; DATE its first ten characters. A year below 0000 or above 9999, for which RFC 3339 has no
 * form, has a sign and six digits or more, as ISO 8601 allows. ADDRESS is RFC 5952, IPv4 dotted.
 */
#ifndef MM_COLUMNAR_CELL_TEXT_H
#define MM_COLUMNAR_CELL_TEXT_H

#include "columnar/row.h"

/* The words of a value that is there and no STRING; nothing in them is special to JSON or CSV. */
void mm_cell_words(struct mm_buf *out, const struct mm_cell *cell);
/* The value as JSON: null, true, a number, or a string. A number has all digits of an INT64. */
void mm_cell_json(struct mm_buf *out, const struct mm_cell *cell);
/*
 * The elements of the list that `c` has just said the beginning of, as a JSON array; those of
 * structs are objects. MM_E_BUG where the bytes are no row.
 */
enum mm_status mm_list_json(struct mm_buf *out, struct mm_row_cursor *c,
                            const struct mm_column *column, uint32_t count) MM_MUST_CHECK;

#endif /* MM_COLUMNAR_CELL_TEXT_H */
