/*
 * text_table.h - what the forms have in common that write a table as lines of text.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_COLUMNAR_TEXT_TABLE_H
#define MM_COLUMNAR_TEXT_TABLE_H

#include "base/buf.h"
#include "columnar/row.h"
#include "columnar/table_writer.h"

struct mm_text_table;

/* Append the line of a row. MM_E_BUG where the bytes are no row; memory shows in `out`. */
typedef enum mm_status mm_text_table_line(struct mm_buf *out, const struct mm_table_schema *schema,
                                          struct mm_view row);

/*
 * For the form's open: it has `line` called for each row. `head` (may be empty) is written before
 * the first. append, finish and free below are the form's others.
 */
enum mm_status mm_text_table_open(const struct mm_table_form *form, mm_text_table_line *line,
                                  const struct mm_table_schema *schema, int fd, struct mm_view head,
                                  struct mm_table_writer **writer,
                                  struct mm_error *err) MM_MUST_CHECK;
enum mm_status mm_text_table_append(struct mm_table_writer *writer, struct mm_view row,
                                    struct mm_error *err) MM_MUST_CHECK;
enum mm_status mm_text_table_finish(struct mm_table_writer *writer, struct mm_table_totals *totals,
                                    struct mm_error *err) MM_MUST_CHECK;
void mm_text_table_free(struct mm_table_writer *writer);

#endif /* MM_COLUMNAR_TEXT_TABLE_H */
