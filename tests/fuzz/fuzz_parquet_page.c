/*
 * fuzz_parquet_page.c - any bytes as pages of a column, packed and with the right checksum.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The first bytes say the column, the encoding, rows, levels and how long the dictionary is; then
 * come the dictionary's bytes and the page's.
 */
#include <stdlib.h>

#include "support/parquet_pages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct mm_table_field fields[] = {{"s", MM_VALUE_STRING, MM_FIELD_NULLABLE},
                                               {"i", MM_VALUE_INT8, MM_FIELD_NULLABLE},
                                               {"n", MM_VALUE_INT64, MM_FIELD_DELTA},
                                               {"b", MM_VALUE_BOOL, 0},
                                               {"a", MM_VALUE_ADDRESS, 0},
                                               {"d", MM_VALUE_DATE, MM_FIELD_NULLABLE},
                                               {"t", MM_VALUE_STRING, 0},
                                               {"m", MM_VALUE_INT16, 0}};
enum { FIELDS = sizeof fields / sizeof fields[0], HEAD_BYTES = 7 };

static struct mm_made_pages pages_of(const uint8_t *data, size_t size)
{
    static const enum mm_parquet_encoding encodings[] = {
        MM_PARQUET_PLAIN, MM_PARQUET_RLE_DICTIONARY, MM_PARQUET_DELTA_BINARY_PACKED,
        MM_PARQUET_RLE};
    struct mm_made_pages made = {.leaf = mm_made_leaf(&fields[data[0] % FIELDS], data[1] & 4),
                                 .encoding = encodings[data[1] % 4],
                                 .rows = data[2] + 1u,
                                 .levels = data[3] | (uint32_t)data[4] << 8,
                                 .dictionary_count = data[5]};
    struct mm_view rest = {(const char *)data + HEAD_BYTES, size - HEAD_BYTES};
    size_t cut = data[6] < rest.len ? data[6] : rest.len;
    made.dictionary = (struct mm_view){rest.data, cut};
    made.page = (struct mm_view){rest.data + cut, rest.len - cut};
    return made;
}

/* Every slot that a row names is there, and every byte of a text. */
static void check_slots(const struct mm_parquet_leaf_reader *r, uint32_t rows)
{
    bool text = mm_parquet_leaf_is_text(r->leaf);
    size_t slots = r->values.len / (text ? sizeof(struct mm_view) : sizeof(int64_t));
    const uint32_t *offsets = (const uint32_t *)(const void *)r->offsets.data;
    static volatile char sink;
    if (r->leaf->max_repetition ? offsets[0] != 0 || offsets[rows] != slots : slots != rows)
        abort();
    for (uint32_t i = 0; r->leaf->max_repetition && i < rows; i++)
        if (offsets[i] > offsets[i + 1])
            abort();
    for (size_t i = 0; r->coded && i < slots; i++)
        if (((const uint32_t *)(const void *)r->values.data)[i] >= r->dictionary_count &&
            !((const uint8_t *)r->nulls.data)[i])
            abort();
    for (size_t i = 0; text && !r->coded && i < slots; i++) {
        struct mm_view v = ((const struct mm_view *)(const void *)r->values.data)[i];
        for (size_t k = 0; k < v.len; k++)
            sink = v.data[k];
    }
    (void)sink;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mm_made_reader reader, checker;
    struct mm_error err;
    if (size < HEAD_BYTES)
        return 0;
    struct mm_made_pages made = pages_of(data, size);
    bool list = made.leaf.max_repetition != 0;
    enum mm_status status = mm_made_pages_read(&made, list, false, &reader, &err);
    if (status == MM_OK)
        check_slots(&reader.leaf, made.rows);
    if (mm_made_pages_read(&made, list, true, &checker, &err) != status)
        abort(); /* to check is to read */
    mm_made_reader_end(&checker);
    mm_made_reader_end(&reader);
    return 0;
}
