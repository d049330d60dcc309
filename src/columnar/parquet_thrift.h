/*
 * parquet_thrift.h - writes the structures of a Parquet file in Thrift's compact protocol.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Fields of a structure are written in the order of their ids. Source: thrift-compact-protocol.md
 * of Apache Thrift.
 */
#ifndef MM_COLUMNAR_PARQUET_THRIFT_H
#define MM_COLUMNAR_PARQUET_THRIFT_H

#include "base/buf.h"

enum mm_thrift_type {
    MM_THRIFT_TRUE = 1, /* also: the type of a list's booleans */
    MM_THRIFT_FALSE = 2,
    MM_THRIFT_BYTE = 3,
    MM_THRIFT_I16 = 4,
    MM_THRIFT_I32 = 5,
    MM_THRIFT_I64 = 6,
    MM_THRIFT_BINARY = 8,
    MM_THRIFT_LIST = 9,
    MM_THRIFT_STRUCT = 12
};

/* FileMetaData, a row group, a chunk, its metadata, statistics; a union and its member below. */
enum { MM_THRIFT_DEPTH_MAX = 8 };

struct mm_thrift {
    struct mm_buf *out;
    unsigned depth;
    int last_ids[MM_THRIFT_DEPTH_MAX]; /* of each open structure */
};

/* Begin the outermost structure, which a last mm_thrift_end closes. */
void mm_thrift_begin(struct mm_thrift *t, struct mm_buf *out);
void mm_thrift_end(struct mm_thrift *t);

void mm_thrift_bool(struct mm_thrift *t, int id, bool value);
void mm_thrift_byte(struct mm_thrift *t, int id, int8_t value);
void mm_thrift_i16(struct mm_thrift *t, int id, int16_t value);
void mm_thrift_i32(struct mm_thrift *t, int id, int32_t value);
void mm_thrift_i64(struct mm_thrift *t, int id, int64_t value);
void mm_thrift_binary(struct mm_thrift *t, int id, struct mm_view value);
/* Structures: mm_thrift_end closes each. */
void mm_thrift_struct(struct mm_thrift *t, int id);
/* A union, or a structure, whose only field is a structure without any. */
void mm_thrift_empty_member(struct mm_thrift *t, int id, int member_id);

/* A list: its head here, then `count` items. */
void mm_thrift_list(struct mm_thrift *t, int id, enum mm_thrift_type type, size_t count);
void mm_thrift_item_bool(struct mm_thrift *t, bool value);
void mm_thrift_item_int(struct mm_thrift *t, int64_t value); /* I32, I64 */
void mm_thrift_item_binary(struct mm_thrift *t, struct mm_view value);
void mm_thrift_item_struct(struct mm_thrift *t);

#endif /* MM_COLUMNAR_PARQUET_THRIFT_H */
