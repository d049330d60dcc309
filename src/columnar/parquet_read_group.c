/*
 * parquet_read_group.c - one row group's part of the footer: where each chunk is.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_read_footer.h"
#include "columnar/parquet_read_thrift.h"

struct group {
    const struct mm_parquet_file *file;
    struct mm_thrift_reader r;
    int64_t rows;
    const char *what, *column; /* what is wrong, and with which; NULL: nothing */
};

/* Numbers of a chunk as they are written; those that are missing are below 0. */
struct chunk {
    int64_t type, codec, levels, stored_bytes, data_offset, dictionary_offset, null_count;
    int64_t offset_index, offset_index_bytes, column_index, column_index_bytes;
    bool path_fits, encodings_fit, elsewhere;
    struct mm_view low, high;
};

/* ---- metadata of a chunk ---- */

static bool read_path(struct group *g, const struct mm_thrift_field *field,
                      const struct mm_parquet_leaf *leaf)
{
    size_t count = mm_thrift_read_list(&g->r, field, MM_THRIFT_BINARY);
    bool fits = leaf && count == leaf->path_count;
    for (size_t i = 0; i < count; i++) {
        struct mm_view name = mm_thrift_read_item_binary(&g->r);
        fits = fits && mm_view_eq(name, mm_view_of(leaf->path[i]));
    }
    return fits;
}

static bool read_encodings(struct group *g, const struct mm_thrift_field *field)
{
    bool fit = true;
    for (size_t n = mm_thrift_read_list(&g->r, field, MM_THRIFT_I32); n; n--) {
        int64_t encoding = mm_thrift_read_item_int(&g->r);
        fit = fit &&
              (encoding == MM_PARQUET_PLAIN || encoding == MM_PARQUET_RLE ||
               encoding == MM_PARQUET_DELTA_BINARY_PACKED || encoding == MM_PARQUET_RLE_DICTIONARY);
    }
    return fit;
}

static void read_statistics(struct group *g, const struct mm_thrift_field *in, struct chunk *c)
{
    struct mm_thrift_field field = {0};
    if (!mm_thrift_read_struct(&g->r, in))
        return;
    while (mm_thrift_read_field(&g->r, &field))
        if (field.id == 3)
            c->null_count = mm_thrift_read_int(&g->r, &field);
        else if (field.id == 5)
            c->high = mm_thrift_read_binary(&g->r, &field);
        else if (field.id == 6)
            c->low = mm_thrift_read_binary(&g->r, &field);
        else
            mm_thrift_skip(&g->r, &field);
}

static void read_metadata_field(struct group *g, const struct mm_thrift_field *field,
                                const struct mm_parquet_leaf *leaf, struct chunk *c)
{
    switch (field->id) {
    case 1:
        c->type = mm_thrift_read_int(&g->r, field);
        break;
    case 2:
        c->encodings_fit = read_encodings(g, field);
        break;
    case 3:
        c->path_fits = read_path(g, field, leaf);
        break;
    case 4:
        c->codec = mm_thrift_read_int(&g->r, field);
        break;
    case 5:
        c->levels = mm_thrift_read_int(&g->r, field);
        break;
    case 7:
        c->stored_bytes = mm_thrift_read_int(&g->r, field);
        break;
    case 9:
        c->data_offset = mm_thrift_read_int(&g->r, field);
        break;
    case 11:
        c->dictionary_offset = mm_thrift_read_int(&g->r, field);
        break;
    case 12:
        read_statistics(g, field, c);
        break;
    default:
        mm_thrift_skip(&g->r, field);
    }
}

static void read_metadata(struct group *g, const struct mm_thrift_field *in,
                          const struct mm_parquet_leaf *leaf, struct chunk *c)
{
    struct mm_thrift_field field = {0};
    if (!mm_thrift_read_struct(&g->r, in))
        return;
    while (mm_thrift_read_field(&g->r, &field))
        read_metadata_field(g, &field, leaf, c);
}

/* ---- a chunk ---- */

static void read_chunk_field(struct group *g, const struct mm_thrift_field *field,
                             const struct mm_parquet_leaf *leaf, struct chunk *c)
{
    switch (field->id) {
    case 3:
        read_metadata(g, field, leaf, c);
        break;
    case 4:
        c->offset_index = mm_thrift_read_int(&g->r, field);
        break;
    case 5:
        c->offset_index_bytes = mm_thrift_read_int(&g->r, field);
        break;
    case 6:
        c->column_index = mm_thrift_read_int(&g->r, field);
        break;
    case 7:
        c->column_index_bytes = mm_thrift_read_int(&g->r, field);
        break;
    case 1: /* in another file */
    case 8: /* encrypted */
    case 9:
        c->elsewhere = true;
        mm_thrift_skip(&g->r, field);
        break;
    default:
        mm_thrift_skip(&g->r, field);
    }
}

static bool lies_before(int64_t offset, int64_t bytes, uint64_t end)
{
    return offset >= MM_PARQUET_MAGIC_BYTES && bytes > 0 && (uint64_t)offset < end &&
           (uint64_t)bytes <= end - (uint64_t)offset;
}

/* What is wrong with a chunk of a column of ours; NULL: nothing. */
static const char *judge(const struct chunk *c, const struct mm_parquet_leaf *leaf, uint64_t end)
{
    int64_t begin = c->dictionary_offset >= 0 ? c->dictionary_offset : c->data_offset;
    if (c->elsewhere)
        return "in another file, or encrypted";
    if (c->type != (int64_t)leaf->type || !c->path_fits)
        return "of another column";
    if (c->codec != MM_PARQUET_ZSTD)
        return "not packed by zstd";
    if (!c->encodings_fit)
        return "in another encoding";
    if (!lies_before(begin, c->stored_bytes, end) || c->data_offset < begin ||
        c->data_offset - begin >= c->stored_bytes || c->levels < 0)
        return "not where it says";
    if (!lies_before(c->offset_index, c->offset_index_bytes, end))
        return "without an index of its pages";
    if (c->column_index >= 0 && !lies_before(c->column_index, c->column_index_bytes, end))
        return "an index of bounds that is not where it says";
    return NULL;
}

static struct mm_parquet_place place_of(const struct chunk *c)
{
    bool dictionary = c->dictionary_offset >= 0, known = c->column_index >= 0;
    uint64_t begin = (uint64_t)(dictionary ? c->dictionary_offset : c->data_offset);
    return (struct mm_parquet_place){
        .present = true,
        .dictionary_offset = dictionary ? begin : 0,
        .data_offset = (uint64_t)c->data_offset,
        .end = begin + (uint64_t)c->stored_bytes,
        .level_count = (size_t)c->levels,
        .offset_index = (uint64_t)c->offset_index,
        .offset_index_bytes = (size_t)c->offset_index_bytes,
        .column_index = known ? (uint64_t)c->column_index : 0,
        .column_index_bytes = known ? (size_t)c->column_index_bytes : 0,
        .has_null_count = c->null_count >= 0,
        .null_count = (uint64_t)c->null_count,
        .low = c->low,
        .high = c->high,
    };
}

static void read_chunk(struct group *g, size_t ours, struct mm_parquet_place *places)
{
    const struct mm_parquet_leaf *leaf = ours ? &g->file->leaves[ours - 1] : NULL;
    struct mm_thrift_field field = {0};
    struct chunk c = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, .encodings_fit = true};
    while (mm_thrift_read_field(&g->r, &field))
        read_chunk_field(g, &field, leaf, &c);
    if (!leaf || g->r.bad)
        return;
    g->what = judge(&c, leaf, g->file->footer_offset);
    if (g->what)
        g->column = leaf->path[0];
    else
        places[ours - 1] = place_of(&c);
}

/* ---- the group ---- */

static void read_group_field(struct group *g, const struct mm_thrift_field *field,
                             struct mm_parquet_place *places)
{
    if (field->id == 1) {
        size_t count = mm_thrift_read_list(&g->r, field, MM_THRIFT_STRUCT);
        if (count != g->file->file_leaf_count)
            mm_thrift_read_bad(&g->r);
        for (size_t i = 0; i < count && !g->r.bad && !g->what; i++)
            read_chunk(g, g->file->ours[i], places);
    } else if (field->id == 3) {
        g->rows = mm_thrift_read_int(&g->r, field);
    } else {
        mm_thrift_skip(&g->r, field);
    }
}

static bool all_present(const struct mm_parquet_file *file, const struct mm_parquet_place *places)
{
    for (size_t i = 0; i < file->file_leaf_count; i++)
        if (file->ours[i] && !places[file->ours[i] - 1].present)
            return false;
    return true;
}

enum mm_status mm_parquet_file_group(const struct mm_parquet_file *file,
                                     const struct mm_parquet_source *source, size_t group,
                                     struct mm_parquet_place *places, uint32_t *rows,
                                     struct mm_error *err)
{
    struct mm_thrift_field field = {0};
    uint32_t at = ((const uint32_t *)(const void *)file->groups.data)[group];
    struct group g = {
        .file = file,
        .r = mm_thrift_read(mm_view_sub(mm_buf_view(&file->footer), at, file->footer.len - at)),
    };
    memset(places, 0, file->leaf_count * sizeof *places);
    while (!g.what && mm_thrift_read_field(&g.r, &field))
        read_group_field(&g, &field, places);
    if (!g.what && (g.r.bad || !all_present(file, places) || g.rows <= 0 || g.rows > INT32_MAX))
        g.what = "a row group that is none";
    if (g.what)
        return mm_parquet_source_fault(source, file->footer_offset + at, g.column, g.what, err);
    *rows = (uint32_t)g.rows;
    return MM_OK;
}
