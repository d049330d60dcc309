/*
 * parquet_read_thrift.c - reads structures in Thrift's compact protocol, whoever wrote them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_read_thrift.h"

/* Types that the structures of Parquet do not use, or only in fields that we skip. */
enum { TYPE_DOUBLE = 7, TYPE_SET = 10 };
/* Deeper than any structure of the format; bounds the recursion of a skip. */
enum { SKIP_DEPTH_MAX = 16 };

struct mm_thrift_reader mm_thrift_read(struct mm_view bytes)
{
    return (struct mm_thrift_reader){bytes.data, bytes.data + bytes.len, false};
}

void mm_thrift_read_bad(struct mm_thrift_reader *r)
{
    r->at = r->end;
    r->bad = true;
}

static unsigned char take_byte(struct mm_thrift_reader *r)
{
    if (r->at == r->end) {
        mm_thrift_read_bad(r);
        return 0;
    }
    return (unsigned char)*r->at++;
}

uint64_t mm_thrift_read_varint(struct mm_thrift_reader *r)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        unsigned char byte = take_byte(r);
        if (shift == 63 && byte > 1)
            break; /* more than 64 bits */
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
    mm_thrift_read_bad(r);
    return 0;
}

int64_t mm_thrift_read_zigzag(struct mm_thrift_reader *r)
{
    uint64_t value = mm_thrift_read_varint(r);
    return (int64_t)(value >> 1 ^ (value & 1 ? UINT64_MAX : 0));
}

/* ---- fields ---- */

bool mm_thrift_read_field(struct mm_thrift_reader *r, struct mm_thrift_field *field)
{
    unsigned char head = take_byte(r);
    if (head == 0)
        return false; /* the end, or bad */
    int64_t id = head >> 4 ? field->id + (head >> 4) : mm_thrift_read_zigzag(r);
    if (r->bad || id < 0 || id > INT16_MAX) {
        mm_thrift_read_bad(r);
        return false;
    }
    field->id = (int)id;
    field->type = head & 0xf;
    return true;
}

static bool is_type(struct mm_thrift_reader *r, bool is)
{
    if (!is)
        mm_thrift_read_bad(r);
    return is;
}

int64_t mm_thrift_read_int(struct mm_thrift_reader *r, const struct mm_thrift_field *field)
{
    if (field->type == MM_THRIFT_BYTE)
        return (int8_t)take_byte(r);
    if (!is_type(r, field->type >= MM_THRIFT_I16 && field->type <= MM_THRIFT_I64))
        return 0;
    int64_t value = mm_thrift_read_zigzag(r);
    if ((field->type == MM_THRIFT_I16 && value != (int16_t)value) ||
        (field->type == MM_THRIFT_I32 && value != (int32_t)value)) {
        mm_thrift_read_bad(r);
        return 0;
    }
    return value;
}

struct mm_view mm_thrift_read_binary(struct mm_thrift_reader *r,
                                     const struct mm_thrift_field *field)
{
    if (!is_type(r, field->type == MM_THRIFT_BINARY))
        return (struct mm_view){"", 0};
    return mm_thrift_read_item_binary(r);
}

bool mm_thrift_read_struct(struct mm_thrift_reader *r, const struct mm_thrift_field *field)
{
    return is_type(r, field->type == MM_THRIFT_STRUCT);
}

/* The head of a list: its items' type and number. Each takes a byte at least. */
static size_t list_head(struct mm_thrift_reader *r, int *item_type)
{
    enum { LONG = 15 };
    unsigned char head = take_byte(r);
    uint64_t count = head >> 4;
    *item_type = head & 0xf;
    if (count == LONG)
        count = mm_thrift_read_varint(r);
    if (count > (uint64_t)(r->end - r->at)) {
        mm_thrift_read_bad(r);
        return 0;
    }
    return (size_t)count;
}

size_t mm_thrift_read_list(struct mm_thrift_reader *r, const struct mm_thrift_field *field,
                           enum mm_thrift_type item_type)
{
    int found;
    if (!is_type(r, field->type == MM_THRIFT_LIST))
        return 0;
    size_t count = list_head(r, &found);
    /* Booleans have had both numbers. */
    bool fits = found == (int)item_type ||
                (item_type == MM_THRIFT_TRUE && found == MM_THRIFT_FALSE) || count == 0;
    return is_type(r, fits) ? count : 0;
}

/* ---- items ---- */

bool mm_thrift_read_item_bool(struct mm_thrift_reader *r)
{
    return take_byte(r) == MM_THRIFT_TRUE;
}

int64_t mm_thrift_read_item_int(struct mm_thrift_reader *r)
{
    return mm_thrift_read_zigzag(r);
}

struct mm_view mm_thrift_read_item_binary(struct mm_thrift_reader *r)
{
    uint64_t len = mm_thrift_read_varint(r);
    if (len > (uint64_t)(r->end - r->at)) {
        mm_thrift_read_bad(r);
        return (struct mm_view){"", 0};
    }
    struct mm_view bytes = {r->at, (size_t)len};
    r->at += len;
    return bytes;
}

/* ---- skipping ---- */

static void skip(struct mm_thrift_reader *r, int type, unsigned depth);

static void skip_struct(struct mm_thrift_reader *r, unsigned depth)
{
    struct mm_thrift_field field = {0};
    while (mm_thrift_read_field(r, &field))
        skip(r, field.type, depth);
}

static void skip_list(struct mm_thrift_reader *r, unsigned depth)
{
    int type;
    for (size_t count = list_head(r, &type); count && !r->bad; count--)
        if (type == MM_THRIFT_TRUE || type == MM_THRIFT_FALSE)
            take_byte(r);
        else
            skip(r, type, depth);
}

static void skip_bytes(struct mm_thrift_reader *r, size_t bytes)
{
    while (bytes--)
        take_byte(r);
}

static void skip(struct mm_thrift_reader *r, int type, unsigned depth)
{
    if (depth == SKIP_DEPTH_MAX) {
        mm_thrift_read_bad(r);
        return;
    }
    switch (type) {
    case MM_THRIFT_TRUE:
    case MM_THRIFT_FALSE:
        return;
    case MM_THRIFT_BYTE:
        skip_bytes(r, 1);
        return;
    case MM_THRIFT_I16:
    case MM_THRIFT_I32:
    case MM_THRIFT_I64:
        mm_thrift_read_varint(r);
        return;
    case TYPE_DOUBLE:
        skip_bytes(r, 8);
        return;
    case MM_THRIFT_BINARY:
        mm_thrift_read_item_binary(r);
        return;
    case MM_THRIFT_LIST:
    case TYPE_SET:
        skip_list(r, depth + 1);
        return;
    case MM_THRIFT_STRUCT:
        skip_struct(r, depth + 1);
        return;
    default:
        mm_thrift_read_bad(r);
    }
}

void mm_thrift_skip(struct mm_thrift_reader *r, const struct mm_thrift_field *field)
{
    skip(r, field->type, 0);
}

void mm_thrift_skip_item_struct(struct mm_thrift_reader *r)
{
    skip_struct(r, 1);
}
