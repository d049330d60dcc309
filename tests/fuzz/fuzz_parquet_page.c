/*
 * fuzz_parquet_page.c - any bytes as pages of a column, packed and with the right checksum.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The first bytes say the column, the encoding, rows, levels and how long the dictionary is; then
 * come the dictionary's bytes and the page's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "columnar/parquet_index.h"
#include "columnar/parquet_read_page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct mm_table_field fields[] = {{"s", MM_VALUE_STRING, MM_FIELD_NULLABLE},
                                               {"i", MM_VALUE_INT8, MM_FIELD_NULLABLE},
                                               {"n", MM_VALUE_INT64, MM_FIELD_DELTA},
                                               {"b", MM_VALUE_BOOL, 0},
                                               {"a", MM_VALUE_ADDRESS, 0},
                                               {"d", MM_VALUE_DATE, MM_FIELD_NULLABLE},
                                               {"t", MM_VALUE_STRING, 0},
                                               {"m", MM_VALUE_INT16, 0}};
enum { FIELDS = sizeof fields / sizeof fields[0], HEAD_BYTES = 7, MEMORY_BYTES = 64 << 20 };

struct plan {
    struct mm_parquet_leaf leaf;
    enum mm_parquet_encoding encoding;
    uint32_t rows, levels, dictionary_count;
    struct mm_view dictionary, page;
};

static struct plan plan_of(const uint8_t *data, size_t size)
{
    static const enum mm_parquet_encoding encodings[] = {
        MM_PARQUET_PLAIN, MM_PARQUET_RLE_DICTIONARY, MM_PARQUET_DELTA_BINARY_PACKED,
        MM_PARQUET_RLE};
    const struct mm_column column = {.field = fields[data[0] % FIELDS],
                                     .shape = data[1] & 4 ? MM_COLUMN_LIST : MM_COLUMN_SCALAR};
    const struct mm_table_schema schema = {"fuzz", &column, 1, NULL, 0};
    struct plan plan = {.encoding = encodings[data[1] % 4],
                        .rows = data[2] + 1u,
                        .levels = data[3] | (uint32_t)data[4] << 8,
                        .dictionary_count = data[5]};
    struct mm_view rest = {(const char *)data + HEAD_BYTES, size - HEAD_BYTES};
    size_t cut = data[6] < rest.len ? data[6] : rest.len;
    mm_parquet_leaves(&schema, &plan.leaf);
    plan.leaf.field = &fields[data[0] % FIELDS];
    plan.dictionary = (struct mm_view){rest.data, cut};
    plan.page = (struct mm_view){rest.data + cut, rest.len - cut};
    return plan;
}

/* The pages in a file, and an index of them. */
static struct mm_parquet_place write_pages(const struct plan *plan, int fd)
{
    struct mm_parquet_out out;
    struct mm_parquet_page_size size;
    struct mm_bounds bounds = {.known = false};
    struct mm_parquet_page dictionary = {.type = MM_PARQUET_DICTIONARY_PAGE,
                                         .encoding = MM_PARQUET_PLAIN,
                                         .level_count = plan->dictionary_count};
    struct mm_parquet_page page = {.type = MM_PARQUET_DATA_PAGE,
                                   .encoding = plan->encoding,
                                   .level_count = plan->levels,
                                   .bounds = &bounds};
    struct mm_parquet_place place = {.present = true, .level_count = plan->levels};
    struct mm_buf records, index;
    mm_buf_init(&records, 1 << 20);
    mm_buf_init(&index, 1 << 20);
    bool done = mm_parquet_out_init(&out, fd, "fuzz", NULL) == MM_OK &&
                mm_parquet_out_put(&out, MM_VIEW(MM_PARQUET_MAGIC), NULL) == MM_OK;
    place.dictionary_offset = out.offset;
    done = done && mm_parquet_out_page(&out, &dictionary, plan->dictionary, &size, NULL) == MM_OK;
    place.data_offset = out.offset;
    done = done && mm_parquet_out_page(&out, &page, plan->page, &size, NULL) == MM_OK;
    place.end = place.offset_index = out.offset;
    struct mm_parquet_page_record record = {.offset = place.data_offset,
                                            .stored_bytes = size.stored};
    mm_buf_append(&records, (struct mm_view){(const char *)&record, sizeof record});
    place.offset_index_bytes = mm_parquet_index_offsets(&index, &records);
    done = done && mm_parquet_out_put(&out, mm_buf_view(&index), NULL) == MM_OK &&
           mm_parquet_out_flush(&out, NULL) == MM_OK;
    if (!done)
        abort();
    mm_parquet_out_deinit(&out);
    mm_buf_deinit(&records);
    mm_buf_deinit(&index);
    return place;
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
    struct mm_parquet_leaf_reader reader;
    struct mm_parquet_source source;
    struct mm_error err;
    char path[64];
    if (size < HEAD_BYTES)
        return 0;
    struct plan plan = plan_of(data, size);
    int fd = memfd_create("fuzz", 0);
    struct mm_parquet_place place = write_pages(&plan, fd);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (mm_parquet_source_open(&source, path, MEMORY_BYTES, &err) != MM_OK)
        abort();
    mm_parquet_leaf_reader_init(&reader, &plan.leaf, plan.leaf.max_repetition != 0);
    if (mm_parquet_leaf_begin(&reader, &source, &place, plan.rows, &err) != MM_OK)
        abort();
    if (mm_parquet_leaf_seek(&reader, &source, 0, &err) == MM_OK)
        check_slots(&reader, plan.rows);
    mm_parquet_leaf_reader_deinit(&reader);
    mm_parquet_source_deinit(&source);
    close(fd);
    return 0;
}
