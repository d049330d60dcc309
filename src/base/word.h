/*
 * word.h - eight bytes of text at a time, in a register of any processor.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The first byte in memory is the lowest of the word, on every machine, so that places can be
 * counted from the right.
 */
#ifndef MM_BASE_WORD_H
#define MM_BASE_WORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { MM_WORD_BYTES = 8 };
#define MM_WORD_OF(byte) ((uint64_t)0x0101010101010101u * (unsigned char)(byte))
#define MM_WORD_TOPS     MM_WORD_OF(0x80)

static inline uint64_t mm_word_load(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

static inline void mm_word_store(char *at, uint64_t word)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    memcpy(at, &word, sizeof word);
}

/* The 0..8 bytes of a short text, zeros above them; not a byte beside them is read. Pieces may
 * overlap: where they do, they agree. */
static inline uint64_t mm_word_load_part(const char *at, size_t len)
{
    if (len >= 4) {
        uint32_t first, last;
        memcpy(&first, at, sizeof first);
        memcpy(&last, at + len - 4, sizeof last);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        first = __builtin_bswap32(first);
        last = __builtin_bswap32(last);
#endif
        return first | (uint64_t)last << 8 * (len - 4);
    }
    if (len == 0)
        return 0;
    return (uint64_t)(unsigned char)at[0] | (uint64_t)(unsigned char)at[len / 2] << 8 * (len / 2) |
           (uint64_t)(unsigned char)at[len - 1] << 8 * (len - 1);
}

/* Write the lowest 0..8 bytes of a word, and none beside them. */
static inline void mm_word_store_part(char *at, uint64_t word, size_t len)
{
    if (len >= 4) {
        uint32_t first = (uint32_t)word, last = (uint32_t)(word >> 8 * (len - 4));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        first = __builtin_bswap32(first);
        last = __builtin_bswap32(last);
#endif
        memcpy(at, &first, sizeof first);
        memcpy(at + len - 4, &last, sizeof last);
    } else if (len > 0) {
        at[0] = (char)word;
        at[len / 2] = (char)(word >> 8 * (len / 2));
        at[len - 1] = (char)(word >> 8 * (len - 1));
    }
}

/* Copy `len` bytes, in line where they are few: texts of reports mostly are. */
static inline void mm_word_copy(char *to, const char *from, size_t len)
{
    enum { FEW = 4 * MM_WORD_BYTES };
    if (len > FEW) {
        memcpy(to, from, len);
    } else if (len >= MM_WORD_BYTES) {
        for (size_t at = 0; at + MM_WORD_BYTES < len; at += MM_WORD_BYTES)
            memcpy(to + at, from + at, MM_WORD_BYTES);
        memcpy(to + len - MM_WORD_BYTES, from + len - MM_WORD_BYTES, MM_WORD_BYTES);
    } else {
        mm_word_store_part(to, mm_word_load_part(from, len), len);
    }
}

/* Whether both have the same `len` bytes: in line, for texts that are short or differ early. */
static inline bool mm_word_same(const char *a, const char *b, size_t len)
{
    if (len < MM_WORD_BYTES)
        return mm_word_load_part(a, len) == mm_word_load_part(b, len);
    for (size_t at = 0; at + MM_WORD_BYTES < len; at += MM_WORD_BYTES)
        if (mm_word_load(a + at) != mm_word_load(b + at))
            return false;
    return mm_word_load(a + len - MM_WORD_BYTES) == mm_word_load(b + len - MM_WORD_BYTES);
}

/* Whether all bytes are ASCII. */
static inline bool mm_word_is_ascii(const char *at, size_t len)
{
    uint64_t tops = 0;
    if (len < MM_WORD_BYTES)
        return !(mm_word_load_part(at, len) & MM_WORD_TOPS);
    for (size_t i = 0; i + MM_WORD_BYTES < len; i += MM_WORD_BYTES)
        tops |= mm_word_load(at + i);
    return !((tops | mm_word_load(at + len - MM_WORD_BYTES)) & MM_WORD_TOPS);
}

/* Each capital of ASCII becomes small. Seven bits of a byte and the constant make a sum whose top
 * bit says on which side of 'A', and of 'Z', it lies; nothing carries into the next byte. */
static inline uint64_t mm_word_lower(uint64_t word)
{
    uint64_t low7 = word & ~MM_WORD_TOPS;
    uint64_t from_a = low7 + MM_WORD_OF(0x80 - 'A');
    uint64_t past_z = low7 + MM_WORD_OF(0x80 - 'Z' - 1);
    uint64_t capitals = (from_a ^ past_z) & ~word & MM_WORD_TOPS;
    return word | capitals >> 2;
}

/* The top bit of each byte that is not printable ASCII, '!'..'~' (no blank), is set; that of no
 * other byte, where all bytes below it are printable. So 0 means: all are. */
static inline uint64_t mm_word_not_graphic(uint64_t word)
{
    uint64_t below = word - MM_WORD_OF('!'), above = word + MM_WORD_OF(0x7f - '~');
    return (below | above | word) & MM_WORD_TOPS;
}

/* The top bit of each byte that is `byte` is set, and no other. */
static inline uint64_t mm_word_equal(uint64_t word, char byte)
{
    uint64_t diff = word ^ MM_WORD_OF(byte);
    return ~(((diff & ~MM_WORD_TOPS) + ~MM_WORD_TOPS) | diff | ~MM_WORD_TOPS);
}

/* The other way round: each of the low eight bits as a byte that is 0 or 1, the lowest bit first.
 */
static inline uint64_t mm_word_of_bits(uint64_t bits)
{
    uint64_t apart = (bits & 0xff) * MM_WORD_OF(1) & 0x8040201008040201u;
    return (apart + MM_WORD_OF(0x7f)) >> 7 & MM_WORD_OF(1);
}

/* Top bits as the low eight bits of a number, that of the first byte lowest: the product has each
 * of them in its highest byte, and nothing there carries. */
static inline uint64_t mm_word_bits(uint64_t tops)
{
    return (tops >> 7) * 0x0102040810204080u >> 56;
}

#endif /* MM_BASE_WORD_H */
