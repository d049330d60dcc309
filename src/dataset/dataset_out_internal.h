/*
 * dataset_out_internal.h - a dataset being written, shared by the files that make one and add to
 * one.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DATASET_DATASET_OUT_INTERNAL_H
#define MM_DATASET_DATASET_OUT_INTERNAL_H

#include <fcntl.h>
#include <limits.h>

#include "base/buf.h"
#include "dataset/dataset_out.h"

enum {
    MM_DATASET_FILE_MODE = 0666,
    MM_DATASET_FOLDER_FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
};

struct mm_dataset_out {
    const struct mm_table_form *form;
    /* `part` is where it is being written: PATH.part, or PATH itself where it is added to. */
    char path[PATH_MAX], part[PATH_MAX], work[PATH_MAX];
    int dir_fd, work_fd; /* of `part` and its work folder */
    bool goes_on;        /* with what an earlier run has saved */
    bool committed;      /* or kept */
    /* the table at hand */
    struct mm_table_writer *writer;
    const struct mm_table_schema *schema;
    unsigned threads;      /* that may write it, and read it back */
    int table_fd, file_fd; /* its folder and its file */
    char file[NAME_MAX + 1];
    char file_path[PATH_MAX + 2 * NAME_MAX];
    /* adding: new files lie in a folder of their own until the record of what becomes of them is on
     * disk */
    bool adds;
    int stage_fd;
    struct mm_buf record;
};

/* An empty one, `part` being PATH and `suffix`; NULL after a failure. */
enum mm_status mm_dataset_out_alloc(const char *path, const char *suffix,
                                    const struct mm_table_form *form, struct mm_dataset_out **made,
                                    struct mm_error *err) MM_MUST_CHECK;
/* Write _mailmill.json into a folder, and bring it to disk. */
enum mm_status mm_dataset_out_write_about(struct mm_dataset_out *out, int dir_fd,
                                          struct mm_view about, struct mm_error *err) MM_MUST_CHECK;

/* ---- dataset_add.c ---- */

/* A file of state has been begun. */
void mm_dataset_add_state(struct mm_dataset_out *out);
enum mm_status mm_dataset_add_commit(struct mm_dataset_out *out, struct mm_view about,
                                     struct mm_error *err) MM_MUST_CHECK;
/* What was not committed goes. */
void mm_dataset_add_deinit(struct mm_dataset_out *out);

#define MM_DATASET_STAGE MM_WORK_FOLDER "/append"

#endif /* MM_DATASET_DATASET_OUT_INTERNAL_H */
