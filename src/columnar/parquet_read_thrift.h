/*
 * parquet_read_thrift.h - reads structures in Thrift's compact protocol, whoever wrote them.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A reader that meets what it does not expect becomes bad: it stands at its end and gives zeros and
 * empty texts from then on, so that one look after a structure tells. No list is longer than the
 * bytes that are left, and nothing is kept. Source: thrift-compact-protocol.md of Apache Thrift.
 */
#ifndef MM_COLUMNAR_PARQUET_READ_THRIFT_H
#define MM_COLUMNAR_PARQUET_READ_THRIFT_H

#include "base/view.h"
#include "columnar/parquet_thrift.h"

struct mm_thrift_reader {
    const char *at, *end;
    bool bad;
};

/* A field of the structure at hand. Zeroed before the first. */
struct mm_thrift_field {
    int id;
    int type; /* of enum mm_thrift_type, or one that we do not write */
};

struct mm_thrift_reader mm_thrift_read(struct mm_view bytes);
void mm_thrift_read_bad(struct mm_thrift_reader *r);
/* The next field, whose value is to be read or skipped; false at the structure's end. */
bool mm_thrift_read_field(struct mm_thrift_reader *r, struct mm_thrift_field *field);
void mm_thrift_skip(struct mm_thrift_reader *r, const struct mm_thrift_field *field);

/* The field's value. The reader becomes bad where it is of another type. */
int64_t mm_thrift_read_int(struct mm_thrift_reader *r, const struct mm_thrift_field *field);
struct mm_view mm_thrift_read_binary(struct mm_thrift_reader *r,
                                     const struct mm_thrift_field *field);
/* True: a structure begins, whose fields come next. */
bool mm_thrift_read_struct(struct mm_thrift_reader *r, const struct mm_thrift_field *field);
/* How many items come next. */
size_t mm_thrift_read_list(struct mm_thrift_reader *r, const struct mm_thrift_field *field,
                           enum mm_thrift_type item_type);

/* Items of a list; structures begin with their first field. */
bool mm_thrift_read_item_bool(struct mm_thrift_reader *r);
int64_t mm_thrift_read_item_int(struct mm_thrift_reader *r);
struct mm_view mm_thrift_read_item_binary(struct mm_thrift_reader *r);
void mm_thrift_skip_item_struct(struct mm_thrift_reader *r);

/* Numbers of Parquet's own encodings are written alike. */
uint64_t mm_thrift_read_varint(struct mm_thrift_reader *r);
int64_t mm_thrift_read_zigzag(struct mm_thrift_reader *r);

#endif /* MM_COLUMNAR_PARQUET_READ_THRIFT_H */
