/*
 * parquet_plain.h - decoders of Parquet's encodings, as plain as their description; for tests.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Bit by bit and byte by byte, sharing nothing with what is tested. A reader that runs past its end
 * becomes bad and gives zeros.
 */
#ifndef MM_SUPPORT_PARQUET_PLAIN_H
#define MM_SUPPORT_PARQUET_PLAIN_H

#include "base/view.h"

struct mm_plain {
    const unsigned char *at, *end;
    bool bad;
};

struct mm_plain mm_plain_of(struct mm_view bytes);
/* Read to its end, and no further. */
bool mm_plain_is_done(const struct mm_plain *r);
uint64_t mm_plain_varint(struct mm_plain *r);
int64_t mm_plain_zigzag(struct mm_plain *r);
/* `count` numbers of `width` bits, then on to the next byte. */
void mm_plain_bits(struct mm_plain *r, uint64_t *out, size_t count, unsigned width);
/* RLE/bit-packing hybrid: exactly `count` numbers. */
void mm_plain_hybrid(struct mm_plain *r, uint32_t *out, size_t count, unsigned width);
/* DELTA_BINARY_PACKED: the count that it says; none over `cap`. narrow: of INT32. */
size_t mm_plain_delta(struct mm_plain *r, int64_t *out, size_t cap, bool narrow);

/* Thrift's compact protocol. A field or an item of a list. */
struct mm_plain_field {
    int type;             /* of enum mm_thrift_type; 0: not there */
    int64_t number;       /* of an integer or boolean; how many items a list has */
    int item_type;        /* of a list */
    struct mm_view bytes; /* a text's; all of a structure or list from its first field or item */
};

/* The field of a structure that begins where `structure` does. */
struct mm_plain_field mm_plain_field(struct mm_view structure, int id);
/* The item of a list, from 0. */
struct mm_plain_field mm_plain_item(const struct mm_plain_field *list, size_t index);
/* Bytes of the structure, its last byte 0 among them; 0 where it is none. */
size_t mm_plain_structure_bytes(struct mm_view structure);

/* Whether a split block filter may hold what has this hash. */
bool mm_plain_bloom_has(struct mm_view filter, uint64_t hash);

#endif /* MM_SUPPORT_PARQUET_PLAIN_H */
