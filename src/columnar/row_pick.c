/*
 * row_pick.c - some columns of a row, the others passed over.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/row_pick.h"

#include <assert.h>

/* ---- the steps ---- */

static enum mm_row_step_kind kind_of(const struct mm_column *column, bool wanted)
{
    if (column->shape != MM_COLUMN_SCALAR)
        return MM_ROW_STEP_PASS_LIST;
    if (column->field.type == MM_VALUE_STRING)
        return wanted ? MM_ROW_STEP_TAKE_STRING : MM_ROW_STEP_PASS_STRING;
    return wanted ? MM_ROW_STEP_TAKE : MM_ROW_STEP_PASS_NULLABLE;
}

static bool is_fixed(const struct mm_column *column)
{
    return column->shape == MM_COLUMN_SCALAR && column->field.type != MM_VALUE_STRING &&
           !(column->field.flags & MM_FIELD_NULLABLE);
}

void mm_row_pick_init(struct mm_row_pick *pick, const struct mm_table_schema *schema,
                      const uint8_t *columns, size_t count)
{
    uint32_t places[MM_TABLE_COLUMNS_MAX] = {0}, before = 0; /* from 1; 0: passed over */
    size_t wanted = 0;
    assert(schema->column_count <= MM_TABLE_COLUMNS_MAX);
    for (size_t i = 0; i < count; i++) {
        assert(columns[i] < schema->column_count && places[columns[i]] == 0);
        assert(schema->columns[columns[i]].shape == MM_COLUMN_SCALAR);
        places[columns[i]] = (uint32_t)i + 1;
    }
    pick->step_count = 0;
    for (size_t i = 0; wanted < count; i++) {
        const struct mm_column *column = &schema->columns[i];
        uint32_t bytes = mm_row_value_bytes(column->field.type);
        wanted += places[i] != 0;
        if (!places[i] && is_fixed(column)) {
            before += bytes;
            continue;
        }
        pick->steps[pick->step_count++] =
            (struct mm_row_step){.kind = kind_of(column, places[i]),
                                 .before = before,
                                 .bytes = bytes,
                                 .place = places[i] ? places[i] - 1 : 0,
                                 .column = column};
        before = 0;
    }
}

/* ---- a row ---- */

static bool pass_bytes(const char **at, const char *end, size_t bytes)
{
    if ((size_t)(end - *at) < bytes)
        return false;
    *at += bytes;
    return true;
}

static inline bool take_string(const char **at, const char *end, struct mm_row_value *value)
{
    struct mm_cell cell;
    if (!mm_row_take_string(at, end, &cell))
        return false;
    value->null = cell.null;
    value->text = cell.null ? (struct mm_view){NULL, 0} : cell.text;
    return true;
}

static inline bool take_other(const struct mm_row_step *step, const char **at, const char *end,
                              struct mm_row_value *value)
{
    uint8_t byte = 1;
    *value = (struct mm_row_value){.null = false};
    if ((step->column->field.flags & MM_FIELD_NULLABLE) && !mm_row_take_bytes(at, end, &byte, 1))
        return false;
    value->null = !byte;
    if (value->null)
        return true;
    if (step->bytes == sizeof value->integer)
        return mm_row_take_bytes(at, end, &value->integer, sizeof value->integer);
    if (step->bytes == MM_ADDRESS_BYTES)
        return mm_row_take_view(at, end, &value->text, MM_ADDRESS_BYTES);
    bool whole = mm_row_take_bytes(at, end, &byte, 1);
    value->integer = byte;
    return whole;
}

/* Lists are before a column that is wanted in few tables only. */
static bool pass_list(const struct mm_column *column, const char **at, const char *end)
{
    uint32_t elements;
    bool structs = column->shape == MM_COLUMN_STRUCT_LIST;
    if (!mm_row_take_count(at, end, &elements))
        return false;
    for (uint32_t i = 0; i < elements; i++)
        for (size_t k = 0; k < (structs ? column->member_count : 1); k++) {
            struct mm_cell cell = {.field = structs ? &column->members[k] : &column->field};
            if (!mm_row_take(at, end, &cell))
                return false;
        }
    return true;
}

static inline bool take_step(const struct mm_row_step *step, const char **at, const char *end,
                             struct mm_row_value *values)
{
    struct mm_row_value passed;
    if (!pass_bytes(at, end, step->before))
        return false;
    switch (step->kind) {
    case MM_ROW_STEP_PASS_STRING:
        return take_string(at, end, &passed);
    case MM_ROW_STEP_TAKE_STRING:
        return take_string(at, end, &values[step->place]);
    case MM_ROW_STEP_TAKE:
        return take_other(step, at, end, &values[step->place]);
    case MM_ROW_STEP_PASS_NULLABLE:
        return *at < end && pass_bytes(at, end, 1 + (**at ? step->bytes : 0));
    default:
        return pass_list(step->column, at, end);
    }
}

bool mm_row_pick_take(const struct mm_row_pick *pick, struct mm_view row,
                      struct mm_row_value *values)
{
    const char *at = row.data, *end = row.data + row.len;
    const struct mm_row_step *step = pick->steps, *steps_end = step + pick->step_count;
    for (; step < steps_end; step++)
        if (!take_step(step, &at, end, values))
            return false;
    return true;
}
