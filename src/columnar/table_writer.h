/*
 * table_writer.h - rows of one table, in their final order, into one file of some form.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The file is the caller's: made under a temporary name, handed over open and empty, synced and
 * renamed when finish has said that it is whole. Everything that a form keeps is bounded by one
 * group of rows. Equal rows and options make equal bytes, whatever the threads.
 */
#ifndef MM_COLUMNAR_TABLE_WRITER_H
#define MM_COLUMNAR_TABLE_WRITER_H

#include "base/error.h"
#include "mailmill/columnar.h"

/* A fact about the whole file, for forms that have a place for it; printable ASCII. */
struct mm_table_note {
    const char *key, *value;
};

/* Zero is the default. Forms without groups and pages look at none of them. */
struct mm_table_options {
    uint32_t row_group_rows; /* most rows of a group: 128 Ki */
    uint32_t page_bytes;     /* of values, packed bits counted, before compression: 1 MiB */
    const struct mm_table_note *notes; /* copied at once */
    size_t note_count;
    unsigned threads; /* may be used, the caller's among them: 1 */
};

struct mm_table_totals {
    uint64_t rows, bytes; /* of the file */
};

struct mm_table_writer {
    const struct mm_table_form *form; /* the form's own state is behind it */
};

struct mm_table_form {
    const char *suffix; /* of the file's name: ".parquet" */
    /* `schema` outlives the writer; `fd` stays the caller's. MM_E_NOMEM, MM_E_IO. */
    enum mm_status (*open)(const struct mm_table_schema *schema, int fd,
                           const struct mm_table_options *options, struct mm_table_writer **writer,
                           struct mm_error *err);
    enum mm_status (*append)(struct mm_table_writer *writer, struct mm_view row,
                             struct mm_error *err);
    enum mm_status (*finish)(struct mm_table_writer *writer, struct mm_table_totals *totals,
                             struct mm_error *err);
    void (*free)(struct mm_table_writer *writer);
};

/*
 * One row, as mm_row_end gave it; not looked at after the call. An error is the file's end: what
 * comes then is mm_table_writer_free. MM_E_NOMEM; MM_E_IO; MM_E_BUG where the bytes are no row of
 * the schema.
 */
static inline enum mm_status mm_table_writer_append(struct mm_table_writer *writer,
                                                    struct mm_view row, struct mm_error *err)
{
    return writer->form->append(writer, row, err);
}

/* The last call before free: everything is written, not synced. Errors as above. */
static inline enum mm_status mm_table_writer_finish(struct mm_table_writer *writer,
                                                    struct mm_table_totals *totals,
                                                    struct mm_error *err)
{
    return writer->form->finish(writer, totals, err);
}

/* Quiet on NULL. Before finish it gives the file up, whose bytes are then the caller's to drop. */
static inline void mm_table_writer_free(struct mm_table_writer **writer)
{
    if (*writer)
        (*writer)->form->free(*writer);
    *writer = NULL;
}

#endif /* MM_COLUMNAR_TABLE_WRITER_H */
