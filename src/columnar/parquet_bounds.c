/*
 * parquet_bounds.c - the least and the greatest value of a page or chunk, by which readers skip it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_bounds.h"

#include "base/word.h"

/* The first eight bytes as a number of the same order; zeros stand for those past the end. */
static uint64_t first_word(struct mm_view text)
{
    return __builtin_bswap64(text.len < MM_WORD_BYTES ? mm_word_load_part(text.data, text.len)
                                                      : mm_word_load(text.data));
}

void mm_range_add_text(struct mm_range *r, struct mm_view value)
{
    uint64_t word = first_word(value);
    if (!r->any || word < r->low_word ||
        (word == r->low_word && mm_view_cmp(value, r->low_text) < 0)) {
        r->low_text = value;
        r->low_word = word;
    }
    if (!r->any || word > r->high_word ||
        (word == r->high_word && mm_view_cmp(value, r->high_text) > 0)) {
        r->high_text = value;
        r->high_word = word;
    }
    r->any = true;
}

void mm_range_merge(struct mm_range *r, const struct mm_range *more)
{
    if (!more->any)
        return;
    if (more->low_text.data) {
        mm_range_add_text(r, more->low_text);
        mm_range_add_text(r, more->high_text);
    } else {
        mm_range_add_number(r, more->low);
        mm_range_add_number(r, more->high);
    }
}

/* ---- Texts that are too long ---- */

/* Bytes of as many whole characters as fit into the most that a bound may have. */
static size_t cut_length(struct mm_view text)
{
    size_t len = MM_BOUND_TEXT_MAX;
    while (len && ((unsigned char)text.data[len] & 0xc0) == 0x80)
        len--;
    return len;
}

/* One character of valid UTF-8 (RFC 3629) at `at`, which is a first byte. */
static uint32_t decode(const char *at, size_t len)
{
    static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t character = (unsigned char)at[0] & masks[len];
    for (size_t i = 1; i < len; i++)
        character = character << 6 | ((unsigned char)at[i] & 0x3f);
    return character;
}

static size_t encode(char *at, uint32_t character)
{
    static const unsigned char marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t len = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = len; i-- > 0; character >>= 6)
        at[i] = (char)(i ? 0x80 | (character & 0x3f) : marks[len] | character);
    return len;
}

static uint32_t next_character(uint32_t character)
{
    enum { BEFORE_SURROGATES = 0xd7ff, PAST_SURROGATES = 0xe000 };
    return character == BEFORE_SURROGATES ? PAST_SURROGATES : character + 1;
}

/* Make the last character that can be raised the next one, and drop what is behind it: the least
 * short text above all that begin with this one. False where none can be. */
static bool raise_last(struct mm_bound *bound)
{
    enum { LAST_CHARACTER = 0x10ffff };
    size_t end = bound->len;
    while (end) {
        size_t at = end - 1;
        while (at && end - at < 4 && ((unsigned char)bound->bytes[at] & 0xc0) == 0x80)
            at--;
        uint32_t character = decode(bound->bytes + at, end - at);
        if (character < LAST_CHARACTER) {
            bound->len = (uint8_t)(at + encode(bound->bytes + at, next_character(character)));
            return true;
        }
        end = at;
    }
    return false;
}

static struct mm_bound text_bound(struct mm_view text)
{
    struct mm_bound bound = {.exact = text.len <= MM_BOUND_TEXT_MAX};
    bound.len = (uint8_t)(bound.exact ? text.len : cut_length(text));
    memcpy(bound.bytes, text.data, bound.len);
    return bound;
}

/* ---- Any value ---- */

static struct mm_bound number_bound(enum mm_parquet_type type, int64_t value)
{
    struct mm_bound bound = {.exact = true, .len = (uint8_t)mm_parquet_fixed_bytes(type)};
    mm_word_store_part(bound.bytes, (uint64_t)value, bound.len);
    return bound;
}

struct mm_bounds mm_bounds_of(enum mm_parquet_type type, const struct mm_range *range)
{
    struct mm_bounds bounds = {.known = range->any};
    if (!range->any)
        return bounds;
    if (type != MM_PARQUET_BYTE_ARRAY && type != MM_PARQUET_FIXED_LEN_BYTE_ARRAY) {
        bounds.low = number_bound(type, range->low);
        bounds.high = number_bound(type, range->high);
        return bounds;
    }
    bounds.low = text_bound(range->low_text);
    bounds.high = text_bound(range->high_text);
    bounds.known = bounds.high.exact || raise_last(&bounds.high);
    return bounds;
}

static int64_t number_of(const struct mm_bound *bound)
{
    uint64_t word = mm_word_load_part(bound->bytes, bound->len);
    return bound->len == 4 ? (int32_t)(uint32_t)word : (int64_t)word;
}

int mm_bound_compare(enum mm_parquet_type type, const struct mm_bound *a, const struct mm_bound *b)
{
    if (type == MM_PARQUET_BYTE_ARRAY || type == MM_PARQUET_FIXED_LEN_BYTE_ARRAY)
        return mm_view_cmp(mm_bound_view(a), mm_bound_view(b));
    return (number_of(a) > number_of(b)) - (number_of(a) < number_of(b));
}

void mm_bounds_write_statistics(struct mm_thrift *t, int id, const struct mm_bounds *bounds,
                                int64_t null_count)
{
    mm_thrift_struct(t, id);
    mm_thrift_i64(t, 3, null_count);
    if (bounds->known) {
        mm_thrift_binary(t, 5, mm_bound_view(&bounds->high));
        mm_thrift_binary(t, 6, mm_bound_view(&bounds->low));
        mm_thrift_bool(t, 7, bounds->high.exact);
        mm_thrift_bool(t, 8, bounds->low.exact);
    }
    mm_thrift_end(t);
}
