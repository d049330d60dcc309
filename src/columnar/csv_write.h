/*
 * csv_write.h - a table as RFC 4180 says: comma-separated, a line of names first, CRLF behind each.
 * SPDX-License-Identifier: Apache-2.0
 *
 * An absent value is an empty cell, an empty text is "" in quotes; readers that look at the quotes
 * tell them apart. Other texts have quotes where they hold a comma, a quote, CR or LF. Values are
 * as cell_text.h says, a list is its JSON. The grammar has no control characters and no way to
 * escape them: all but TAB, CR and LF become U+FFFD here; Parquet and NDJSON keep them. Nothing
 * else of a text is changed, so a spreadsheet that is told to take cells for formulas finds those
 * that begin with '=', '+', '-' or '@': an apostrophe before them would make other data of them for
 * every other reader, and a number below 0 a text.
 */
#ifndef MM_COLUMNAR_CSV_WRITE_H
#define MM_COLUMNAR_CSV_WRITE_H

#include "columnar/table_writer.h"

extern const struct mm_table_form mm_csv_form;

#endif /* MM_COLUMNAR_CSV_WRITE_H */
