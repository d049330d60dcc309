/*
 * parquet_read_schema.c - the schema that a Parquet file has, held against a table's.
 * SPDX-License-Identifier: Apache-2.0
 *
 * What is to be found is what parquet_schema.c writes; it is said here once more, since a reader
 * that asks the writer what to expect finds nothing wrong with either.
 */
#include "columnar/parquet_read_schema.h"

enum { DEPTH_MAX = 8 /* of columns that we do not know */ };

struct element {
    int64_t type, length, repetition, children, converted;
    int logical; /* member of the union; 0: none */
    struct mm_view name;
};

struct reading {
    struct mm_parquet_file *file;
    struct mm_thrift_reader *r;
    size_t left; /* elements */
    const char *what;
};

enum { NONE = -1 };

/* ---- one element ---- */

static int read_logical(struct mm_thrift_reader *r)
{
    struct mm_thrift_field field = {0};
    int member = 0;
    while (mm_thrift_read_field(r, &field)) {
        member = field.id;
        mm_thrift_skip(r, &field);
    }
    return member;
}

static void read_element_field(struct mm_thrift_reader *r, const struct mm_thrift_field *field,
                               struct element *e)
{
    switch (field->id) {
    case 1:
        e->type = mm_thrift_read_int(r, field);
        break;
    case 2:
        e->length = mm_thrift_read_int(r, field);
        break;
    case 3:
        e->repetition = mm_thrift_read_int(r, field);
        break;
    case 4:
        e->name = mm_thrift_read_binary(r, field);
        break;
    case 5:
        e->children = mm_thrift_read_int(r, field);
        break;
    case 6:
        e->converted = mm_thrift_read_int(r, field);
        break;
    case 10:
        if (mm_thrift_read_struct(r, field))
            e->logical = read_logical(r);
        break;
    default:
        mm_thrift_skip(r, field);
    }
}

/* False where there are none left, or the reader is bad. */
static bool next_element(struct reading *s, struct element *e)
{
    struct mm_thrift_field field = {0};
    *e = (struct element){.type = NONE, .repetition = NONE, .converted = NONE, .name = {"", 0}};
    if (s->left == 0)
        return false;
    s->left--;
    while (mm_thrift_read_field(s->r, &field))
        read_element_field(s->r, &field, e);
    return !s->r->bad;
}

/* ---- what a table's columns look like ---- */

static const struct {
    int8_t converted, logical;
} marks[] = {
    [MM_VALUE_BOOL] = {NONE, 0},
    [MM_VALUE_INT8] = {MM_PARQUET_CONVERTED_INT_8, MM_PARQUET_LOGICAL_INTEGER},
    [MM_VALUE_INT16] = {MM_PARQUET_CONVERTED_INT_16, MM_PARQUET_LOGICAL_INTEGER},
    [MM_VALUE_INT32] = {NONE, 0},
    [MM_VALUE_INT64] = {NONE, 0},
    [MM_VALUE_TIMESTAMP] = {MM_PARQUET_CONVERTED_TIMESTAMP_MICROS, MM_PARQUET_LOGICAL_TIMESTAMP},
    [MM_VALUE_DATE] = {MM_PARQUET_CONVERTED_DATE, MM_PARQUET_LOGICAL_DATE},
    [MM_VALUE_STRING] = {MM_PARQUET_CONVERTED_UTF8, MM_PARQUET_LOGICAL_STRING},
    [MM_VALUE_ADDRESS] = {NONE, 0},
};

static bool is_value(const struct element *e, const struct mm_table_field *field, const char *name)
{
    bool nullable = field->flags & MM_FIELD_NULLABLE;
    enum mm_parquet_type type = mm_parquet_type_of(field->type);
    return e->type == (int64_t)type && e->children == 0 &&
           (type != MM_PARQUET_FIXED_LEN_BYTE_ARRAY || e->length == MM_ADDRESS_BYTES) &&
           e->repetition == (nullable ? MM_PARQUET_OPTIONAL : MM_PARQUET_REQUIRED) &&
           e->converted == marks[field->type].converted &&
           e->logical == marks[field->type].logical && mm_view_eq(e->name, mm_view_of(name));
}

static bool is_group(const struct element *e, enum mm_parquet_repetition repetition,
                     size_t children, const char *name)
{
    return e->type == NONE && e->repetition == (int64_t)repetition &&
           e->children == (int64_t)children && (!name || mm_view_eq(e->name, mm_view_of(name)));
}

/* The elements below a list's own. */
static bool is_list(struct reading *s, const struct element *list, const struct mm_column *column)
{
    struct element e;
    if (!is_group(list, MM_PARQUET_REQUIRED, 1, NULL) ||
        list->converted != MM_PARQUET_CONVERTED_LIST || !next_element(s, &e) ||
        !is_group(&e, MM_PARQUET_REPEATED, 1, MM_PARQUET_LIST_NAME) || !next_element(s, &e))
        return false;
    if (column->shape == MM_COLUMN_LIST)
        return is_value(&e, &column->field, MM_PARQUET_ELEMENT_NAME);
    if (!is_group(&e, MM_PARQUET_REQUIRED, column->member_count, MM_PARQUET_ELEMENT_NAME))
        return false;
    for (size_t i = 0; i < column->member_count; i++)
        if (!next_element(s, &e) || !is_value(&e, &column->members[i], column->members[i].name))
            return false;
    return true;
}

/* ---- all columns ---- */

/* Leaf number `ours` of the schema, from 1 (0: none), is the file's next. */
static bool add_leaf(struct reading *s, size_t ours)
{
    struct mm_parquet_file *file = s->file;
    if (file->file_leaf_count == MM_PARQUET_FOREIGN_LEAVES_MAX) {
        s->what = "more columns than are taken";
        return false;
    }
    file->ours[file->file_leaf_count++] = (uint16_t)ours;
    return true;
}

/* A column that we do not know, and what is below it: only its leaves count. */
static bool pass_over(struct reading *s, const struct element *column)
{
    size_t waiting[DEPTH_MAX] = {1}, depth = 0; /* elements still to come at each depth */
    for (struct element e = *column;;) {
        waiting[depth]--;
        if (e.children < 0 || (e.children > 0 && depth + 1 == DEPTH_MAX))
            return false;
        if (e.children > 0)
            waiting[++depth] = (size_t)e.children;
        else if (!add_leaf(s, 0))
            return false;
        while (depth && waiting[depth] == 0)
            depth--;
        if (waiting[depth] == 0)
            return true;
        if (!next_element(s, &e))
            return false;
    }
}

static size_t find_column(const struct mm_table_schema *schema, struct mm_view name)
{
    size_t i = 0;
    while (i < schema->column_count && !mm_view_eq(name, mm_view_of(schema->columns[i].field.name)))
        i++;
    return i;
}

static bool read_column(struct reading *s, const char **name)
{
    const struct mm_table_schema *schema = s->file->schema;
    struct element e;
    if (!next_element(s, &e))
        return false;
    size_t index = find_column(schema, e.name);
    if (index == schema->column_count)
        return pass_over(s, &e);
    const struct mm_column *column = &schema->columns[index];
    *name = column->field.name;
    s->what = "a column of another type";
    if (s->file->present[index] ||
        !(column->shape == MM_COLUMN_SCALAR ? is_value(&e, &column->field, column->field.name)
                                            : is_list(s, &e, column)))
        return false;
    s->file->present[index] = true;
    size_t first = mm_parquet_first_leaf(schema, index) + 1;
    for (size_t i = 0; i < mm_parquet_column_leaves(column); i++)
        if (!add_leaf(s, first + i))
            return false;
    *name = NULL;
    s->what = "its schema is none";
    return true;
}

bool mm_parquet_read_schema(struct mm_parquet_file *file, struct mm_thrift_reader *r, size_t count,
                            const char **what, const char **column)
{
    struct reading s = {.file = file, .r = r, .left = count, .what = "its schema is none"};
    struct element root;
    bool good = next_element(&s, &root) && root.children > 0;
    *column = NULL;
    for (int64_t i = 0; good && i < root.children; i++)
        good = read_column(&s, column);
    *what = s.what;
    return good && s.left == 0;
}
