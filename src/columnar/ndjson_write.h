/*
 * ndjson_write.h - a table as one JSON object a line.
 * SPDX-License-Identifier: Apache-2.0
 *
 * All columns in the schema's order, an absent value as null, values as cell_text.h says, a list as
 * an array. Texts are UTF-8 with control characters, the line separators and bidirectional controls
 * escaped: a line is a row, whatever strangers wrote. An INT64 has all its digits; readers that
 * keep numbers as doubles lose those beyond 2^53.
 */
#ifndef MM_COLUMNAR_NDJSON_WRITE_H
#define MM_COLUMNAR_NDJSON_WRITE_H

#include "columnar/table_writer.h"

extern const struct mm_table_form mm_ndjson_form;

#endif /* MM_COLUMNAR_NDJSON_WRITE_H */
