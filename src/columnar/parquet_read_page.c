/*
 * parquet_read_page.c - one leaf column of a file being read, page by page, as arrays of values.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_read_page.h"

#include <libdeflate.h>
#include <zstd.h>

#include "base/word.h"
#include "columnar/parquet_read_levels.h"
#include "columnar/parquet_read_thrift.h"
#include "columnar/parquet_read_values.h"
#include "text/charset.h"

enum { LENGTH_BYTES = 4 };

/* A page's header; what is missing is below 0. */
struct header {
    int64_t type, body_bytes, packed_bytes, count, encoding, definition, repetition;
    bool has_crc;
    uint32_t crc;
};

/* What a page is, while it is being decoded. */
struct page {
    struct mm_parquet_leaf_reader *r;
    struct mm_parquet_source *source;
    struct mm_error *err;
    uint64_t offset;
    struct header header;
    struct mm_view rest; /* of the body */
    size_t levels, slots, values;
};

static enum mm_status fault(const struct page *p, const char *what)
{
    return mm_parquet_source_fault(p->source, p->offset, p->r->leaf->path[0], what, p->err);
}

static enum mm_status room(const struct page *p, struct mm_buf *buf, size_t count, size_t bytes)
{
    return mm_parquet_source_room(p->source, buf, count * bytes, p->err);
}

void mm_parquet_leaf_reader_init(struct mm_parquet_leaf_reader *r,
                                 const struct mm_parquet_leaf *leaf, bool codes)
{
    *r = (struct mm_parquet_leaf_reader){.leaf = leaf,
                                         .wants_codes = codes && mm_parquet_leaf_is_text(leaf)};
}

void mm_parquet_leaf_reader_end(struct mm_parquet_leaf_reader *r, struct mm_parquet_source *source)
{
    struct mm_buf *const all[] = {&r->pages,   &r->body,    &r->dictionary_body, &r->dictionary,
                                  &r->indices, &r->offsets, &r->values,          &r->nulls};
    for (size_t i = 0; i < MM_COUNT(all); i++)
        mm_parquet_source_release(source, all[i]);
    r->leaf = NULL;
}

/* ---- header and body ---- */

static void read_kind(struct mm_thrift_reader *r, const struct mm_thrift_field *in,
                      struct header *h)
{
    struct mm_thrift_field field = {0};
    if (!mm_thrift_read_struct(r, in))
        return;
    while (mm_thrift_read_field(r, &field))
        if (field.id == 1)
            h->count = mm_thrift_read_int(r, &field);
        else if (field.id == 2)
            h->encoding = mm_thrift_read_int(r, &field);
        else if (field.id == 3 && in->id == 5)
            h->definition = mm_thrift_read_int(r, &field);
        else if (field.id == 4)
            h->repetition = mm_thrift_read_int(r, &field);
        else
            mm_thrift_skip(r, &field);
}

static struct header read_header(struct mm_thrift_reader *r, enum mm_parquet_page_type type)
{
    enum { DATA = 5, DICTIONARY = 7 };
    int kind = type == MM_PARQUET_DATA_PAGE ? DATA : DICTIONARY;
    struct mm_thrift_field field = {0};
    struct header h = {-1, -1, -1, -1, -1, -1, -1, false, 0};
    while (mm_thrift_read_field(r, &field))
        if (field.id == 1) {
            h.type = mm_thrift_read_int(r, &field);
        } else if (field.id == 2) {
            h.body_bytes = mm_thrift_read_int(r, &field);
        } else if (field.id == 3) {
            h.packed_bytes = mm_thrift_read_int(r, &field);
        } else if (field.id == 4) {
            h.crc = (uint32_t)mm_thrift_read_int(r, &field);
            h.has_crc = true;
        } else if (field.id == kind) {
            read_kind(r, &field, &h);
        } else {
            mm_thrift_skip(r, &field);
        }
    return h;
}

/* Read, check and unpack the page of p->offset into `body`. */
static enum mm_status read_body(struct page *p, uint64_t bytes, enum mm_parquet_page_type type,
                                struct mm_buf *body)
{
    MM_TRY(mm_parquet_source_read(p->source, p->offset, bytes, &p->source->stored, p->err));
    struct mm_thrift_reader t = mm_thrift_read(mm_buf_view(&p->source->stored));
    struct header h = p->header = read_header(&t, type);
    size_t left = (size_t)(t.end - t.at);
    if (t.bad || h.type != (int64_t)type || h.body_bytes < 0 || h.count < 0 ||
        h.packed_bytes != (int64_t)left)
        return fault(p, "a page that is none");
    if (!h.has_crc)
        return fault(p, "a page without checksum");
    if (libdeflate_crc32(0, t.at, left) != h.crc)
        return fault(p, "a page that does not fit its checksum");
    MM_TRY(room(p, body, (size_t)h.body_bytes, 1));
    size_t unpacked =
        ZSTD_decompressDCtx(p->source->zstd, body->data, (size_t)h.body_bytes, t.at, left);
    if (unpacked != (size_t)h.body_bytes)
        return fault(p, "a page that does not unpack");
    p->rest = mm_buf_view(body);
    return MM_OK;
}

/* ---- values ---- */

static bool numbers_fit(enum mm_value_type type, const int64_t *numbers, size_t count)
{
    if (type != MM_VALUE_INT8 && type != MM_VALUE_INT16)
        return true;
    int64_t most = type == MM_VALUE_INT8 ? INT8_MAX : INT16_MAX;
    for (size_t i = 0; i < count; i++)
        if (numbers[i] > most || numbers[i] < -most - 1)
            return false;
    return true;
}

/* `body`: where the texts lie, each behind its length, which mostly is ASCII as well. */
static bool texts_fit(enum mm_value_type type, struct mm_view body, const struct mm_view *texts,
                      size_t count)
{
    if (type != MM_VALUE_STRING || mm_word_is_ascii(body.data, body.len))
        return true;
    for (size_t i = 0; i < count; i++)
        if (mm_utf8_valid_bytes(texts[i]) != texts[i].len)
            return false;
    return true;
}

/* All of p->rest as PLAIN values. */
static bool read_plain(const struct page *p, struct mm_buf *out, size_t count)
{
    const struct mm_parquet_leaf *leaf = p->r->leaf;
    size_t fixed = mm_parquet_fixed_bytes(leaf->type);
    if (mm_parquet_leaf_is_text(leaf)) {
        struct mm_view *texts = (struct mm_view *)(void *)out->data;
        return mm_plain_read_texts(p->rest, fixed, texts, count) &&
               texts_fit(leaf->field->type, p->rest, texts, count);
    }
    int64_t *numbers = (int64_t *)(void *)out->data;
    return (leaf->type == MM_PARQUET_BOOLEAN
                ? mm_plain_read_booleans(p->rest, numbers, count)
                : mm_plain_read_numbers(p->rest, fixed, numbers, count)) &&
           numbers_fit(leaf->field->type, numbers, count);
}

static size_t value_bytes(const struct mm_parquet_leaf *leaf)
{
    return mm_parquet_leaf_is_text(leaf) ? sizeof(struct mm_view) : sizeof(int64_t);
}

/* Of a page: codes are smaller. */
static size_t slot_bytes(const struct page *p)
{
    bool codes = p->r->wants_codes && p->header.encoding == MM_PARQUET_RLE_DICTIONARY;
    return codes ? sizeof(uint32_t) : value_bytes(p->r->leaf);
}

static enum mm_status read_dictionary(struct page *p)
{
    struct mm_parquet_leaf_reader *r = p->r;
    struct page d = {
        .r = r, .source = p->source, .err = p->err, .offset = r->place.dictionary_offset};
    if (!d.offset)
        return fault(p, "no dictionary");
    MM_TRY(read_body(&d, r->place.data_offset - d.offset, MM_PARQUET_DICTIONARY_PAGE,
                     &r->dictionary_body));
    size_t count = (size_t)d.header.count;
    /* Each value takes a byte at least, those of no other encoding being taken. */
    if (d.header.encoding != MM_PARQUET_PLAIN || r->leaf->type == MM_PARQUET_BOOLEAN ||
        count > d.rest.len)
        return fault(&d, "a dictionary that is none");
    MM_TRY(room(&d, &r->dictionary, count, value_bytes(r->leaf)));
    if (!read_plain(&d, &r->dictionary, count))
        return fault(&d, "a dictionary that is none");
    r->dictionary_count = count;
    r->dictionary_serial++;
    r->has_dictionary = true;
    return MM_OK;
}

/* Of the dictionary's values those that the indices name. */
static void look_up(struct mm_parquet_leaf_reader *r, const uint32_t *indices, size_t count)
{
    const struct mm_view *texts = (const struct mm_view *)(const void *)r->dictionary.data;
    const int64_t *numbers = (const int64_t *)(const void *)r->dictionary.data;
    struct mm_view *to_texts = (struct mm_view *)(void *)r->values.data;
    int64_t *to_numbers = (int64_t *)(void *)r->values.data;
    if (mm_parquet_leaf_is_text(r->leaf))
        for (size_t i = 0; i < count; i++)
            to_texts[i] = texts[indices[i]];
    else
        for (size_t i = 0; i < count; i++)
            to_numbers[i] = numbers[indices[i]];
}

/* Numbers or texts by their place in the dictionary. */
static enum mm_status read_indexed(struct page *p)
{
    struct mm_parquet_leaf_reader *r = p->r;
    if (!r->has_dictionary)
        MM_TRY(read_dictionary(p));
    unsigned width = p->rest.len ? (unsigned char)p->rest.data[0] : 0;
    if (width < 1 || width > 32 || (p->values && r->dictionary_count == 0))
        return fault(p, "indices that are none");
    p->rest = mm_view_sub(p->rest, 1, p->rest.len - 1);
    struct mm_buf *into = r->wants_codes ? &r->values : &r->indices;
    MM_TRY(room(p, into, p->values, sizeof(uint32_t)));
    uint32_t *indices = (uint32_t *)(void *)into->data;
    uint32_t max = r->dictionary_count ? (uint32_t)(r->dictionary_count - 1) : 0;
    if (!mm_hybrid_read(p->rest, width, max, indices, p->values))
        return fault(p, "indices that are none");
    r->coded = r->wants_codes;
    if (!r->coded && !r->checks_only)
        look_up(r, indices, p->values);
    return MM_OK;
}

/* The values, one behind the other, at the beginning of r->values. */
static enum mm_status read_values(struct page *p)
{
    struct mm_parquet_leaf_reader *r = p->r;
    int64_t *numbers = (int64_t *)(void *)r->values.data;
    bool whole = r->leaf->type == MM_PARQUET_INT32 || r->leaf->type == MM_PARQUET_INT64;
    switch (p->header.encoding) {
    case MM_PARQUET_RLE_DICTIONARY:
        return read_indexed(p);
    case MM_PARQUET_PLAIN:
        return read_plain(p, &r->values, p->values) ? MM_OK : fault(p, "values that are none");
    case MM_PARQUET_DELTA_BINARY_PACKED:
        if (whole &&
            mm_delta_read(p->rest, r->leaf->type == MM_PARQUET_INT32, numbers, p->values) &&
            numbers_fit(r->leaf->field->type, numbers, p->values))
            return MM_OK;
        return fault(p, "values that are none");
    default:
        return fault(p, "values in another encoding");
    }
}

/* Move each value to its slot, from the last on; what is absent is zero. */
static void spread(struct mm_parquet_leaf_reader *r, size_t slots, size_t values)
{
    const uint8_t *nulls = (const uint8_t *)r->nulls.data;
    struct mm_view *texts = (struct mm_view *)(void *)r->values.data;
    int64_t *numbers = (int64_t *)(void *)r->values.data;
    uint32_t *codes = (uint32_t *)(void *)r->values.data;
    if (r->coded)
        while (slots-- > 0)
            codes[slots] = nulls[slots] ? 0 : codes[--values];
    else if (mm_parquet_leaf_is_text(r->leaf))
        while (slots-- > 0)
            texts[slots] = nulls[slots] ? (struct mm_view){NULL, 0} : texts[--values];
    else
        while (slots-- > 0)
            numbers[slots] = nulls[slots] ? 0 : numbers[--values];
}

/* ---- levels ---- */

static bool read_levels(struct page *p, unsigned max, int64_t encoding, struct mm_buf *levels)
{
    if (max == 0)
        return true;
    if (encoding != MM_PARQUET_RLE || p->rest.len < LENGTH_BYTES)
        return false;
    size_t len = (size_t)mm_word_load_part(p->rest.data, LENGTH_BYTES);
    p->rest = mm_view_sub(p->rest, LENGTH_BYTES, p->rest.len - LENGTH_BYTES);
    if (len > p->rest.len || !mm_hybrid_read_levels(mm_view_sub(p->rest, 0, len), max,
                                                    (uint8_t *)levels->data, p->levels))
        return false;
    p->rest = mm_view_sub(p->rest, len, p->rest.len - len);
    return true;
}

/* Which slots are absent values, one slot a row. False where there are more or fewer levels. */
static bool place_scalars(struct page *p, uint32_t rows)
{
    const uint8_t *definition = (const uint8_t *)p->source->definition.data;
    uint8_t *nulls = (uint8_t *)p->r->nulls.data;
    p->slots = p->values = p->levels;
    if (p->r->leaf->max_definition == 0)
        memset(nulls, 0, p->levels);
    else
        for (size_t i = 0; i < p->levels; i++)
            p->values -= nulls[i] = !definition[i];
    return p->levels == rows;
}

/* The same for lists, and where each row's elements begin. False where the levels make no rows. */
static bool place_lists(struct page *p, uint32_t rows)
{
    struct mm_level_lists lists = {.nulls = (uint8_t *)p->r->nulls.data,
                                   .offsets = (uint32_t *)(void *)p->r->offsets.data,
                                   .rows = rows,
                                   .max = p->r->leaf->max_definition};
    bool good = mm_level_lists_place(&lists, p->source->repetition.data, p->source->definition.data,
                                     p->levels);
    p->slots = lists.slots;
    p->values = lists.slots - lists.absent;
    return good;
}

static enum mm_status decode(struct page *p, uint32_t rows)
{
    struct mm_parquet_leaf_reader *r = p->r;
    const struct mm_parquet_leaf *leaf = r->leaf;
    p->levels = (size_t)p->header.count;
    if (p->levels > r->place.level_count)
        return fault(p, "a page longer than its column");
    MM_TRY(room(p, &p->source->repetition, leaf->max_repetition ? p->levels : 0, 1));
    MM_TRY(room(p, &p->source->definition, leaf->max_definition ? p->levels : 0, 1));
    MM_TRY(room(p, &r->nulls, p->levels, 1));
    if (leaf->max_repetition)
        MM_TRY(room(p, &r->offsets, (size_t)rows + 1, sizeof(uint32_t)));
    if (!read_levels(p, leaf->max_repetition, p->header.repetition, &p->source->repetition) ||
        !read_levels(p, leaf->max_definition, p->header.definition, &p->source->definition) ||
        !(leaf->max_repetition ? place_lists(p, rows) : place_scalars(p, rows)))
        return fault(p, "levels that make no rows");
    MM_TRY(room(p, &r->values, p->slots, slot_bytes(p)));
    r->coded = false;
    MM_TRY(read_values(p));
    r->any_null = p->values < p->slots;
    if (r->any_null && !r->checks_only)
        spread(r, p->slots, p->values);
    return MM_OK;
}

/* ---- a chunk ---- */

enum mm_status mm_parquet_leaf_begin(struct mm_parquet_leaf_reader *r,
                                     struct mm_parquet_source *source,
                                     const struct mm_parquet_place *place, uint32_t rows,
                                     struct mm_error *err)
{
    r->place = *place;
    r->page = 0;
    r->first_row = r->end_row = 0;
    r->has_dictionary = false;
    return mm_parquet_read_pages(source, r->leaf, place, rows, &source->stored, &r->pages, err);
}

enum mm_status mm_parquet_leaf_seek(struct mm_parquet_leaf_reader *r,
                                    struct mm_parquet_source *source, uint32_t row,
                                    struct mm_error *err)
{
    const struct mm_parquet_page_place *pages = mm_parquet_pages(&r->pages);
    size_t page = r->page;
    if (row < r->end_row)
        return MM_OK;
    while (pages[page + 1].first_row <= row)
        page++;
    struct page p = {.r = r, .source = source, .err = err, .offset = pages[page].offset};
    r->end_row = 0;
    MM_TRY(read_body(&p, pages[page].bytes, MM_PARQUET_DATA_PAGE, &r->body));
    MM_TRY(decode(&p, pages[page + 1].first_row - pages[page].first_row));
    r->page = page + 1;
    r->first_row = pages[page].first_row;
    r->end_row = pages[page + 1].first_row;
    return MM_OK;
}
