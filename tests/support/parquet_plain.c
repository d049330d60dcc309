/*
 * parquet_plain.c - decoders of Parquet's encodings, as plain as their description; for tests.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "support/parquet_plain.h"

#include "columnar/parquet_thrift.h"

struct mm_plain mm_plain_of(struct mm_view bytes)
{
    const unsigned char *at = (const unsigned char *)bytes.data;
    return (struct mm_plain){at, at + bytes.len, false};
}

bool mm_plain_is_done(const struct mm_plain *r)
{
    return !r->bad && r->at == r->end;
}

static unsigned next_byte(struct mm_plain *r)
{
    if (r->at < r->end)
        return *r->at++;
    r->bad = true;
    return 0;
}

uint64_t mm_plain_varint(struct mm_plain *r)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        unsigned byte = next_byte(r);
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
    r->bad = true;
    return 0;
}

int64_t mm_plain_zigzag(struct mm_plain *r)
{
    uint64_t value = mm_plain_varint(r);
    return value % 2 ? -(int64_t)(value / 2) - 1 : (int64_t)(value / 2);
}

void mm_plain_bits(struct mm_plain *r, uint64_t *out, size_t count, unsigned width)
{
    unsigned byte = 0, left = 0;
    for (size_t i = 0; i < count; i++) {
        out[i] = 0;
        for (unsigned bit = 0; bit < width; bit++) {
            if (left == 0) {
                byte = next_byte(r);
                left = 8;
            }
            out[i] |= (uint64_t)(byte & 1) << bit;
            byte >>= 1;
            left--;
        }
    }
}

void mm_plain_hybrid(struct mm_plain *r, uint32_t *out, size_t count, unsigned width)
{
    size_t done = 0;
    while (done < count && !r->bad) {
        uint64_t head = mm_plain_varint(r), value = 0;
        if (head % 2 == 0) {
            for (unsigned i = 0; i < (width + 7) / 8; i++)
                value |= (uint64_t)next_byte(r) << 8 * i;
            for (uint64_t i = 0; i < head / 2 && done < count; i++)
                out[done++] = (uint32_t)value;
            continue;
        }
        for (uint64_t group = 0; group < head / 2 && !r->bad; group++) {
            uint64_t eight[8];
            mm_plain_bits(r, eight, 8, width);
            for (size_t i = 0; i < 8 && done < count; i++)
                out[done++] = (uint32_t)eight[i];
        }
    }
}

size_t mm_plain_delta(struct mm_plain *r, int64_t *out, size_t cap, bool narrow)
{
    uint64_t block = mm_plain_varint(r), parts = mm_plain_varint(r), count = mm_plain_varint(r);
    int64_t last = mm_plain_zigzag(r);
    size_t done = 0;
    if (r->bad || count > cap || parts == 0 || block % parts || block / parts % 32)
        return 0;
    if (count)
        out[done++] = last;
    while (done < count && !r->bad) {
        uint64_t numbers[256] = {0};
        int64_t least = mm_plain_zigzag(r);
        const unsigned char *widths = r->at;
        for (uint64_t part = 0; part < parts; part++)
            next_byte(r);
        for (uint64_t part = 0; part < parts && done < count && !r->bad; part++) {
            mm_plain_bits(r, numbers, block / parts, widths[part]);
            for (uint64_t i = 0; i < block / parts && done < count; i++) {
                uint64_t sum = (uint64_t)last + (uint64_t)least + numbers[i];
                last = narrow ? (int32_t)(uint32_t)sum : (int64_t)sum;
                out[done++] = last;
            }
        }
    }
    return done;
}

/* ---- Thrift ---- */

static struct mm_plain_field read_value(struct mm_plain *r, int type);

static void skip_structure(struct mm_plain *r)
{
    for (unsigned head = next_byte(r); head && !r->bad; head = next_byte(r)) {
        if (head >> 4 == 0)
            mm_plain_zigzag(r);
        read_value(r, (int)(head & 15));
    }
}

static struct mm_plain_field read_list(struct mm_plain *r)
{
    unsigned head = next_byte(r);
    struct mm_plain_field list = {.type = MM_THRIFT_LIST, .item_type = (int)(head & 15)};
    list.number = head >> 4 == 15 ? (int64_t)mm_plain_varint(r) : (int64_t)(head >> 4);
    const unsigned char *begin = r->at;
    for (int64_t i = 0; i < list.number && !r->bad; i++) {
        if (list.item_type <= MM_THRIFT_FALSE)
            next_byte(r);
        else
            read_value(r, list.item_type);
    }
    list.bytes = (struct mm_view){(const char *)begin, (size_t)(r->at - begin)};
    return list;
}

static struct mm_plain_field read_value(struct mm_plain *r, int type)
{
    struct mm_plain_field field = {.type = type};
    const unsigned char *begin = r->at;
    size_t len;
    switch (type) {
    case MM_THRIFT_TRUE:
    case MM_THRIFT_FALSE:
        field.number = type == MM_THRIFT_TRUE;
        return field;
    case MM_THRIFT_BYTE:
        field.number = (int8_t)next_byte(r);
        return field;
    case MM_THRIFT_I16:
    case MM_THRIFT_I32:
    case MM_THRIFT_I64:
        field.number = mm_plain_zigzag(r);
        return field;
    case MM_THRIFT_BINARY:
        len = mm_plain_varint(r);
        r->bad = r->bad || len > (size_t)(r->end - r->at);
        if (!r->bad)
            field.bytes = (struct mm_view){(const char *)r->at, len};
        r->at += r->bad ? 0 : len;
        return field;
    case MM_THRIFT_LIST:
        return read_list(r);
    case MM_THRIFT_STRUCT:
        skip_structure(r);
        field.bytes = (struct mm_view){(const char *)begin, (size_t)(r->at - begin)};
        return field;
    default:
        r->bad = true;
        return field;
    }
}

struct mm_plain_field mm_plain_field(struct mm_view structure, int id)
{
    struct mm_plain r = mm_plain_of(structure);
    int at = 0;
    for (unsigned head = next_byte(&r); head && !r.bad; head = next_byte(&r)) {
        at = head >> 4 ? at + (int)(head >> 4) : (int)mm_plain_zigzag(&r);
        struct mm_plain_field field = read_value(&r, (int)(head & 15));
        if (at == id && !r.bad)
            return field;
    }
    return (struct mm_plain_field){.type = 0};
}

struct mm_plain_field mm_plain_item(const struct mm_plain_field *list, size_t index)
{
    struct mm_plain r = mm_plain_of(list->bytes);
    struct mm_plain_field item = {.type = 0};
    for (size_t i = 0; i <= index && !r.bad; i++) {
        if (list->item_type <= MM_THRIFT_FALSE)
            item = (struct mm_plain_field){.type = list->item_type, .number = next_byte(&r) == 1};
        else
            item = read_value(&r, list->item_type);
    }
    return r.bad ? (struct mm_plain_field){.type = 0} : item;
}

size_t mm_plain_structure_bytes(struct mm_view structure)
{
    struct mm_plain r = mm_plain_of(structure);
    skip_structure(&r);
    return r.bad ? 0 : (size_t)(r.at - (const unsigned char *)structure.data);
}

/* ---- The filter ---- */

bool mm_plain_bloom_has(struct mm_view filter, uint64_t hash)
{
    static const uint32_t salt[8] = {0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d,
                                     0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31};
    uint64_t blocks = filter.len / 32, block = ((hash >> 32) * blocks) >> 32;
    for (int i = 0; i < 8; i++) {
        const unsigned char *word = (const unsigned char *)filter.data + block * 32 + (size_t)i * 4;
        uint32_t bits = (uint32_t)word[0] | (uint32_t)word[1] << 8 | (uint32_t)word[2] << 16 |
                        (uint32_t)word[3] << 24;
        uint32_t bit = ((uint32_t)hash * salt[i]) >> 27;
        if (!(bits >> bit & 1))
            return false;
    }
    return true;
}
