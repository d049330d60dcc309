/*
 * parquet_read_rows.c - rows put together out of the values of all columns.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_reader.h"

#include "base/error.h"

void mm_row_reader_init(struct mm_row_reader *rows, struct mm_table_reader *reader,
                        const struct mm_table_schema *schema)
{
    *rows = (struct mm_row_reader){.reader = reader, .schema = schema};
    mm_buf_init(&rows->bytes, MM_ROW_BYTES_MAX + 1);
}

void mm_row_reader_deinit(struct mm_row_reader *rows)
{
    mm_buf_deinit(&rows->bytes);
}

static enum mm_status next_values(struct mm_row_reader *rows, struct mm_error *err)
{
    enum mm_status status = mm_table_reader_next(rows->reader, &rows->row_count, err);
    if (status != MM_OK)
        return status;
    rows->row = 0;
    for (size_t i = 0; i < rows->schema->column_count; i++) {
        const struct mm_column *column = &rows->schema->columns[i];
        size_t count = column->shape == MM_COLUMN_STRUCT_LIST ? column->member_count : 1;
        for (size_t k = 0; k < count; k++)
            rows->vectors[i][k] = mm_table_reader_vector(rows->reader, i, k);
        if (!rows->vectors[i][0] && column->shape == MM_COLUMN_SCALAR &&
            !(column->field.flags & MM_FIELD_NULLABLE))
            return mm_fail(err, MM_E_SYNTAX, "table %s: the file has no column %s",
                           rows->schema->name, column->field.name);
    }
    return MM_OK;
}

static void write_value(struct mm_row_writer *w, const struct mm_table_field *field,
                        const struct mm_table_vector *v, size_t slot)
{
    if (!v || (v->null && v->null[slot]))
        mm_row_null(w);
    else if (field->type == MM_VALUE_STRING)
        mm_row_string(w, v->texts[slot]);
    else if (field->type == MM_VALUE_ADDRESS)
        mm_row_address(w, (const uint8_t *)v->texts[slot].data);
    else if (field->type == MM_VALUE_BOOL)
        mm_row_bool(w, v->numbers[slot] != 0);
    else
        mm_row_int(w, v->numbers[slot]);
}

static void write_list(struct mm_row_writer *w, const struct mm_column *column,
                       const struct mm_table_vector *const *vectors, size_t row)
{
    bool structs = column->shape == MM_COLUMN_STRUCT_LIST;
    size_t members = structs ? column->member_count : 1;
    uint32_t count = vectors[0] ? vectors[0]->offsets[row + 1] - vectors[0]->offsets[row] : 0;
    mm_row_list(w, count);
    for (uint32_t i = 0; i < count && !w->out->failed; i++)
        for (size_t k = 0; k < members; k++)
            write_value(w, structs ? &column->members[k] : &column->field, vectors[k],
                        vectors[k]->offsets[row] + i);
}

enum mm_status mm_row_reader_next(struct mm_row_reader *rows, struct mm_view *row,
                                  struct mm_error *err)
{
    struct mm_row_writer w;
    if (rows->row == rows->row_count) {
        enum mm_status status = next_values(rows, err);
        if (status != MM_OK)
            return status;
    }
    mm_buf_clear(&rows->bytes);
    mm_row_writer_init(&w, rows->schema, &rows->bytes);
    mm_row_begin(&w);
    for (size_t i = 0; i < rows->schema->column_count; i++) {
        const struct mm_column *column = &rows->schema->columns[i];
        if (column->shape == MM_COLUMN_SCALAR)
            write_value(&w, &column->field, rows->vectors[i][0], rows->row);
        else
            write_list(&w, column, rows->vectors[i], rows->row);
    }
    rows->row++;
    enum mm_status status = mm_row_end(&w, row);
    if (status < 0)
        return mm_fail(err, status, "table %s: a row of over %d bytes", rows->schema->name,
                       MM_ROW_BYTES_MAX);
    return MM_OK;
}
