/*
 * row_key.h - the sort columns of a row as bytes that memcmp puts in order.
 * SPDX-License-Identifier: Apache-2.0
 *
 * mm_row_compare() reads both rows from their start; a sort does so millions of times. So each row
 * gets its key once: for each sort column a byte 0 or 1 where it may be absent, then BOOL 1 byte,
 * integers and times big-endian in their type's width with the sign turned, ADDRESS 16 bytes,
 * STRING its bytes and 0 0 behind them, a 0 among them being 0 1. No key is the beginning of
 * another of its schema, so rows stand in mm_row_compare()'s order when key and row, one behind the
 * other, are compared as bytes, the shorter first.
 */
#ifndef MM_COLUMNAR_ROW_KEY_H
#define MM_COLUMNAR_ROW_KEY_H

#include "columnar/row_pick.h"

struct mm_row_key_plan {
    const struct mm_table_schema *schema;
    struct mm_row_pick pick; /* of the sort columns */
};

/* At most: each byte of each string is 0. And room to write some bytes more. */
enum { MM_ROW_KEY_BYTES_MAX = 2 * MM_ROW_BYTES_MAX + 16 * MM_TABLE_COLUMNS_MAX };

void mm_row_key_plan_init(struct mm_row_key_plan *plan, const struct mm_table_schema *schema);

/* Append the key of a row. MM_E_BUG where the bytes are no row of the schema; MM_E_NOMEM. */
enum mm_status mm_row_key_append(const struct mm_row_key_plan *plan, struct mm_view row,
                                 struct mm_buf *out) MM_MUST_CHECK;

#endif /* MM_COLUMNAR_ROW_KEY_H */
