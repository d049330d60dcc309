/*
 * stored_inputs.c - which inputs a dataset has taken: the set of their hashes, in memory.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/stored_inputs.h"

#include <stdlib.h>

#include "base/error.h"
#include "dataset/report_tables.h"

static int compare_ids(const void *a, const void *b)
{
    return memcmp(a, b, MM_ID_BYTES);
}

static enum mm_status take_rows(struct mm_stored_inputs *inputs, struct mm_table_reader *reader,
                                uint64_t rows, const char *path, struct mm_error *err)
{
    enum mm_status st;
    size_t more;
    while ((st = mm_table_reader_next(reader, &more, err)) == MM_OK) {
        const struct mm_table_vector *ids = mm_table_reader_vector(reader, 0, 0);
        if (!ids || more > rows - inputs->count)
            return mm_fail(err, MM_E_SYNTAX, "%s is damaged", path);
        for (size_t i = 0; i < more; i++, inputs->count++) {
            memcpy(inputs->ids[inputs->count], ids->texts[i].data, MM_ID_BYTES);
            if (inputs->count &&
                compare_ids(inputs->ids[inputs->count - 1], inputs->ids[inputs->count]) >= 0)
                return mm_fail(err, MM_E_SYNTAX, "%s is damaged: hashes are out of order", path);
        }
    }
    return st == MM_END ? MM_OK : st;
}

static enum mm_status load(struct mm_stored_inputs *inputs, struct mm_table_reader *reader,
                           const char *path, size_t max_bytes, struct mm_error *err)
{
    uint64_t rows = mm_table_reader_rows(reader);
    if (rows > max_bytes / MM_ID_BYTES)
        return mm_fail(err, MM_E_LIMIT,
                       "%s: the hashes of all inputs that were taken do not fit %zu MiB, a quarter "
                       "of the memory; give more with --memory",
                       path, max_bytes >> 20);
    inputs->ids = malloc((rows + 1) * sizeof *inputs->ids);
    if (!inputs->ids)
        return mm_fail(err, MM_E_NOMEM, "no memory for the inputs of %s", path);
    return take_rows(inputs, reader, rows, path, err);
}

enum mm_status mm_stored_inputs_load(struct mm_stored_inputs *inputs, const char *path,
                                     size_t max_bytes, struct mm_error *err)
{
    struct mm_table_reader *reader;
    *inputs = (struct mm_stored_inputs){.count = 0};
    MM_TRY(mm_table_reader_open(path, &mm_work_tables[MM_TABLE_INPUTS], NULL, &reader, err));
    enum mm_status st = load(inputs, reader, path, max_bytes, err);
    mm_table_reader_free(&reader);
    if (st != MM_OK)
        mm_stored_inputs_deinit(inputs);
    return st;
}

void mm_stored_inputs_deinit(struct mm_stored_inputs *inputs)
{
    free(inputs->ids);
    *inputs = (struct mm_stored_inputs){.count = 0};
}

bool mm_stored_inputs_has(const struct mm_stored_inputs *inputs, const uint8_t *id)
{
    return inputs->count &&
           bsearch(id, inputs->ids, inputs->count, MM_ID_BYTES, compare_ids) != NULL;
}
