/*
 * table_check.c - a look at a table's file that was just written, before anything relies on it.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A column at a time: what it is decoded into stays in the processor's cache, and all of them
 * together do not. A group at a time, since a group tells at once where all its columns are. Each
 * thread has a reader of its own, and takes the next column that nobody has.
 */
#include "dataset/table_check.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "columnar/parquet_reader.h"
#include "io/conveyor.h"

enum { SHARED_ROWS_MIN = 16 * 1024 }; /* fewer are read before a thread has begun */

struct check {
    const char *path;
    const struct mm_table_schema *schema;
    /* The reader that told how many groups there are: whoever has work first goes on with it. */
    _Atomic(struct mm_table_reader *) first;
    size_t groups;
    uint64_t *rows; /* found of each column, and behind them what the file says of itself */
};

/* A piece's `in`. Its `check` will be how many rows there are, its `out` what is wrong. */
struct order {
    struct check *check;
    size_t group, column;
};

/* ---- a column of a group: by any thread ---- */

struct checker {
    struct mm_table_reader *reader;
};

static void checker_free(void *worker)
{
    struct checker *checker = worker;
    if (checker)
        mm_table_reader_free(&checker->reader);
    free(checker);
}

static void *checker_new(void)
{
    return calloc(1, sizeof(struct checker));
}

static enum mm_status open_reader(const struct check *check, struct mm_table_reader **reader,
                                  struct mm_error *err)
{
    static const size_t none;
    const struct mm_table_read_options options = {.columns = &none};
    return mm_table_reader_open(check->path, check->schema, &options, reader, err);
}

static enum mm_status count_rows(struct checker *checker, const struct order *order, uint64_t *rows,
                                 struct mm_error *err)
{
    size_t more;
    enum mm_status status = MM_OK;
    if (!checker->reader)
        checker->reader = atomic_exchange(&order->check->first, NULL);
    if (!checker->reader)
        MM_TRY(open_reader(order->check, &checker->reader, err));
    mm_table_reader_check(checker->reader, order->group, order->column);
    while ((status = mm_table_reader_next(checker->reader, &more, err)) == MM_OK)
        *rows += more;
    return status == MM_END ? MM_OK : status;
}

static void check_column(void *worker, struct mm_piece *piece)
{
    struct order order;
    struct mm_error err = {.status = MM_OK};
    memcpy(&order, piece->in.data, sizeof order);
    piece->check = 0;
    piece->status = count_rows(worker, &order, &piece->check, &err);
    if (piece->status < 0)
        mm_buf_append(&piece->out, (struct mm_view){(const char *)&err, sizeof err});
}

static const struct mm_conveyor_work CHECKING = {.in_max_bytes = sizeof(struct order),
                                                 .out_max_bytes = sizeof(struct mm_error),
                                                 .worker_new = checker_new,
                                                 .worker_free = checker_free,
                                                 .work = check_column};

/* ---- all of them: in order ---- */

/* As many on their way as there is room for, from number *put on. */
static enum mm_status put_on(struct check *check, struct mm_conveyor *columns, size_t *put)
{
    struct mm_piece *piece;
    size_t column_count = check->schema->column_count;
    while (*put < check->groups * column_count && (piece = mm_conveyor_blank(columns))) {
        const struct order order = {check, *put / column_count, *put % column_count};
        mm_buf_append(&piece->in, (struct mm_view){(const char *)&order, sizeof order});
        if (piece->in.failed)
            return MM_E_NOMEM;
        mm_conveyor_put(columns);
        ++*put;
    }
    return MM_OK;
}

static enum mm_status check_columns(struct check *check, struct mm_conveyor *columns,
                                    struct mm_error *err)
{
    const struct mm_piece *piece;
    size_t put = 0, column = 0;
    MM_TRY(put_on(check, columns, &put));
    while ((piece = mm_conveyor_first(columns, true))) {
        if (piece->status < 0 && piece->out.len == sizeof *err)
            memcpy(err, piece->out.data, sizeof *err);
        MM_TRY(piece->status);
        check->rows[column] += piece->check;
        column = (column + 1) % check->schema->column_count;
        mm_conveyor_drop_first(columns);
        MM_TRY(put_on(check, columns, &put));
    }
    return MM_OK;
}

static enum mm_status has_all_columns(const struct mm_table_reader *reader, const char *path,
                                      const struct mm_table_schema *schema, struct mm_error *err)
{
    for (size_t i = 0; i < schema->column_count; i++)
        if (!mm_table_reader_has(reader, i))
            return mm_fail(err, MM_E_SYNTAX, "%s was written with column %s and is without it",
                           path, schema->columns[i].field.name);
    return MM_OK;
}

static enum mm_status begin(struct check *check, struct mm_error *err)
{
    struct mm_table_reader *reader;
    MM_TRY(open_reader(check, &reader, err));
    atomic_store(&check->first, reader);
    MM_TRY(has_all_columns(reader, check->path, check->schema, err));
    check->groups = mm_table_reader_groups(reader);
    check->rows[check->schema->column_count] = mm_table_reader_rows(reader);
    return MM_OK;
}

static enum mm_status read_back(struct check *check, unsigned helpers, struct mm_error *err)
{
    struct mm_conveyor *columns = NULL;
    enum mm_status status = begin(check, err);
    if (status == MM_OK && !(columns = mm_conveyor_new(&CHECKING, helpers)))
        status = MM_E_NOMEM;
    if (status == MM_OK)
        status = check_columns(check, columns, err);
    mm_conveyor_free(&columns);
    struct mm_table_reader *unused = atomic_load(&check->first);
    mm_table_reader_free(&unused);
    return status;
}

enum mm_status mm_table_check(const char *path, const struct mm_table_schema *schema, uint64_t rows,
                              unsigned threads, struct mm_error *err)
{
    struct mm_error why = {.status = MM_OK};
    uint64_t found[MM_TABLE_COLUMNS_MAX + 1] = {0};
    struct check check = {.path = path, .schema = schema, .rows = found};
    enum mm_status status = read_back(&check, rows < SHARED_ROWS_MIN ? 0 : threads - 1, &why);
    if (status == MM_E_NOMEM)
        return mm_fail(err, MM_E_NOMEM, "no memory to read back %s", path);
    if (status < 0)
        return mm_fail(err, MM_E_IO, "what was just written cannot be read back: %s", why.text);
    for (size_t i = 0; i <= schema->column_count; i++)
        if (found[i] != rows)
            return mm_fail(err, MM_E_IO, "%s was written with %" PRIu64 " rows and has %" PRIu64,
                           path, rows, found[i]);
    return MM_OK;
}
