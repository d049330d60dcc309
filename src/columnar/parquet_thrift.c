/*
 * parquet_thrift.c - writes the structures of a Parquet file in Thrift's compact protocol.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_thrift.h"

#include <assert.h>

#include "columnar/parquet_bits.h"

void mm_thrift_begin(struct mm_thrift *t, struct mm_buf *out)
{
    *t = (struct mm_thrift){.out = out};
}

void mm_thrift_end(struct mm_thrift *t)
{
    mm_buf_append_char(t->out, 0);
    if (t->depth)
        t->depth--;
}

static void open_struct(struct mm_thrift *t)
{
    assert(t->depth + 1 < MM_THRIFT_DEPTH_MAX);
    t->last_ids[++t->depth] = 0;
}

/* Ids near the last one share a byte with the type. */
static void field(struct mm_thrift *t, int id, enum mm_thrift_type type)
{
    int step = id - t->last_ids[t->depth];
    assert(step > 0 && step <= 15);
    mm_buf_append_char(t->out, (char)(step << 4 | (int)type));
    t->last_ids[t->depth] = id;
}

void mm_thrift_bool(struct mm_thrift *t, int id, bool value)
{
    field(t, id, value ? MM_THRIFT_TRUE : MM_THRIFT_FALSE);
}

void mm_thrift_byte(struct mm_thrift *t, int id, int8_t value)
{
    field(t, id, MM_THRIFT_BYTE);
    mm_buf_append_char(t->out, (char)value);
}

void mm_thrift_i16(struct mm_thrift *t, int id, int16_t value)
{
    field(t, id, MM_THRIFT_I16);
    mm_thrift_item_int(t, value);
}

void mm_thrift_i32(struct mm_thrift *t, int id, int32_t value)
{
    field(t, id, MM_THRIFT_I32);
    mm_thrift_item_int(t, value);
}

void mm_thrift_i64(struct mm_thrift *t, int id, int64_t value)
{
    field(t, id, MM_THRIFT_I64);
    mm_thrift_item_int(t, value);
}

void mm_thrift_binary(struct mm_thrift *t, int id, struct mm_view value)
{
    field(t, id, MM_THRIFT_BINARY);
    mm_thrift_item_binary(t, value);
}

void mm_thrift_struct(struct mm_thrift *t, int id)
{
    field(t, id, MM_THRIFT_STRUCT);
    open_struct(t);
}

void mm_thrift_empty_member(struct mm_thrift *t, int id, int member_id)
{
    mm_thrift_struct(t, id);
    mm_thrift_struct(t, member_id);
    mm_thrift_end(t);
    mm_thrift_end(t);
}

void mm_thrift_list(struct mm_thrift *t, int id, enum mm_thrift_type type, size_t count)
{
    enum { LONG = 15 };
    field(t, id, MM_THRIFT_LIST);
    mm_buf_append_char(t->out, (char)((count < LONG ? count : LONG) << 4 | (size_t)type));
    if (count >= LONG)
        mm_bits_varint(t->out, count);
}

void mm_thrift_item_bool(struct mm_thrift *t, bool value)
{
    mm_buf_append_char(t->out, value ? MM_THRIFT_TRUE : MM_THRIFT_FALSE);
}

void mm_thrift_item_int(struct mm_thrift *t, int64_t value)
{
    mm_bits_varint(t->out, mm_bits_zigzag(value));
}

void mm_thrift_item_binary(struct mm_thrift *t, struct mm_view value)
{
    mm_bits_varint(t->out, value.len);
    mm_buf_append(t->out, value);
}

void mm_thrift_item_struct(struct mm_thrift *t)
{
    open_struct(t);
}
