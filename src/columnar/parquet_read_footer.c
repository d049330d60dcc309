/*
 * parquet_read_footer.c - what a Parquet file says of itself, held against a table's schema.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_read_footer.h"

#include "base/word.h"
#include "columnar/parquet_read_schema.h"

/* Behind the footer: its length and the magic. */
enum { LENGTH_BYTES = 4, TAIL_BYTES = LENGTH_BYTES + MM_PARQUET_MAGIC_BYTES };

static enum mm_status fault(const struct mm_parquet_file *file,
                            const struct mm_parquet_source *source, const char *column,
                            const char *what, struct mm_error *err)
{
    return mm_parquet_source_fault(source, file->footer_offset, column, what, err);
}

/* ---- where the footer is ---- */

static enum mm_status read_footer(struct mm_parquet_file *file, struct mm_parquet_source *source,
                                  struct mm_error *err)
{
    struct mm_view magic = MM_VIEW(MM_PARQUET_MAGIC);
    if (source->bytes < MM_PARQUET_MAGIC_BYTES + TAIL_BYTES)
        return fault(file, source, NULL, "too short", err);
    MM_TRY(mm_parquet_source_read(source, 0, MM_PARQUET_MAGIC_BYTES, &file->footer, err));
    if (!mm_view_eq(mm_buf_view(&file->footer), magic))
        return fault(file, source, NULL, "no PAR1 in front", err);
    MM_TRY(
        mm_parquet_source_read(source, source->bytes - TAIL_BYTES, TAIL_BYTES, &file->footer, err));
    uint64_t bytes = mm_word_load_part(file->footer.data, LENGTH_BYTES);
    if (!mm_view_ends(mm_buf_view(&file->footer), magic))
        return fault(file, source, NULL, "no PAR1 at the end", err);
    if (bytes > source->bytes - TAIL_BYTES - MM_PARQUET_MAGIC_BYTES)
        return fault(file, source, NULL, "a footer longer than the file", err);
    if (bytes > MM_PARQUET_FOOTER_BYTES_MAX)
        return fault(file, source, NULL, "a footer of over 256 MiB", err);
    file->footer_offset = source->bytes - TAIL_BYTES - bytes;
    return mm_parquet_source_read(source, file->footer_offset, bytes, &file->footer, err);
}

/* ---- the file ---- */

/* Note where each group begins; they are looked into one by one. */
static enum mm_status find_groups(struct mm_parquet_file *file, struct mm_parquet_source *source,
                                  struct mm_thrift_reader *r, size_t count, struct mm_error *err)
{
    MM_TRY(mm_parquet_source_room(source, &file->groups, count * sizeof(uint32_t), err));
    uint32_t *groups = (uint32_t *)(void *)file->groups.data;
    for (size_t i = 0; i < count; i++) {
        groups[i] = (uint32_t)(r->at - file->footer.data);
        mm_thrift_skip_item_struct(r);
    }
    file->group_count = count;
    return MM_OK;
}

static void find_notes(struct mm_parquet_file *file, struct mm_thrift_reader *r, size_t count)
{
    const char *begin = r->at;
    for (size_t i = 0; i < count; i++)
        mm_thrift_skip_item_struct(r);
    file->notes = (struct mm_view){begin, (size_t)(r->at - begin)};
    file->note_count = count;
}

static enum mm_status read_field(struct mm_parquet_file *file, struct mm_parquet_source *source,
                                 struct mm_thrift_reader *r, const struct mm_thrift_field *field,
                                 struct mm_error *err)
{
    const char *what, *column;
    int64_t rows;
    switch (field->id) {
    case 2:
        if (file->file_leaf_count)
            return fault(file, source, NULL, "two schemas", err);
        if (!mm_parquet_read_schema(file, r, mm_thrift_read_list(r, field, MM_THRIFT_STRUCT), &what,
                                    &column))
            return fault(file, source, column, what, err);
        return MM_OK;
    case 3:
        rows = mm_thrift_read_int(r, field);
        file->rows = (uint64_t)rows;
        return rows < 0 ? fault(file, source, NULL, "rows below 0", err) : MM_OK;
    case 4:
        return find_groups(file, source, r, mm_thrift_read_list(r, field, MM_THRIFT_STRUCT), err);
    case 5:
        find_notes(file, r, mm_thrift_read_list(r, field, MM_THRIFT_STRUCT));
        return MM_OK;
    default:
        mm_thrift_skip(r, field);
        return MM_OK;
    }
}

enum mm_status mm_parquet_file_read(struct mm_parquet_file *file, struct mm_parquet_source *source,
                                    const struct mm_table_schema *schema,
                                    const struct mm_parquet_leaf *leaves, size_t leaf_count,
                                    struct mm_error *err)
{
    struct mm_thrift_field field = {0};
    *file = (struct mm_parquet_file){.schema = schema, .leaves = leaves, .leaf_count = leaf_count};
    mm_buf_init(&file->footer, SIZE_MAX);
    mm_buf_init(&file->groups, SIZE_MAX);
    MM_TRY(read_footer(file, source, err));
    struct mm_thrift_reader r = mm_thrift_read(mm_buf_view(&file->footer));
    while (mm_thrift_read_field(&r, &field))
        MM_TRY(read_field(file, source, &r, &field, err));
    if (r.bad || r.at != r.end)
        return fault(file, source, NULL, "its footer is none", err);
    if (file->file_leaf_count == 0)
        return fault(file, source, NULL, "no schema", err);
    return MM_OK;
}

void mm_parquet_file_deinit(struct mm_parquet_file *file)
{
    mm_buf_deinit(&file->footer);
    mm_buf_deinit(&file->groups);
}

bool mm_parquet_file_note(const struct mm_parquet_file *file, struct mm_view key,
                          struct mm_view *value)
{
    struct mm_thrift_reader r = mm_thrift_read(file->notes);
    for (size_t i = 0; i < file->note_count; i++) {
        struct mm_thrift_field field = {0};
        struct mm_view name = {"", 0}, text = {"", 0};
        while (mm_thrift_read_field(&r, &field))
            if (field.id == 1)
                name = mm_thrift_read_binary(&r, &field);
            else if (field.id == 2)
                text = mm_thrift_read_binary(&r, &field);
            else
                mm_thrift_skip(&r, &field);
        if (!r.bad && mm_view_eq(name, key)) {
            *value = text;
            return true;
        }
    }
    return false;
}
