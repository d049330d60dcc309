/*
 * operands.h - what the user named: checked before work starts.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_PIPELINE_OPERANDS_H
#define MM_PIPELINE_OPERANDS_H

#include "base/error.h"
#include "io/names.h"
#include "mailmill/run.h"

enum mm_operand_kind {
    MM_OPERAND_TREE,
    MM_OPERAND_FILE,      /* one message, or with sniffing whatever it holds */
    MM_OPERAND_CONTAINER, /* mbox, tar, zip, batch SMTP, or something packed */
    MM_OPERAND_STDIN,
    MM_OPERAND_SPECIAL, /* FIFO, socket, device: rejected unopened */
    MM_OPERAND_DANGLING
};

struct mm_operand {
    enum mm_operand_kind kind;
    const char *path;   /* as typed, trailing slashes removed (memory of the operands) */
    const char *prefix; /* base name that OUT holds it under, "" where OUT holds it directly */
    const char *root;   /* folder for temporary names when files are replaced in place */
};

struct mm_operands {
    struct mm_operand *list;
    size_t count;
    struct mm_names *files_from; /* NULL: none */
    bool job_unpacks;            /* private */
};

enum mm_output_shape {
    MM_OUTPUT_NONE,
    MM_OUTPUT_TREE,
    MM_OUTPUT_FILE,
    MM_OUTPUT_IN_PLACE,
    MM_OUTPUT_DATASET
};

/*
 * Look at every operand and read the whole list of names.
 * job_unpacks  see mm_job_ops: what is packed may be one file for it.
 * shape  TREE: equal base names, and absolute names or ".." in the list, are MM_E_ARG. FILE.tar:
 * what makes members of odd names is warned of. All but NONE: OUT inside a source tree, or a source
 * inside OUT, is MM_E_ARG. IN_PLACE: stdin and containers are MM_E_ARG, and so is a list of rejects
 * that is a source, lies in one, or is OUT.
 *
 * exit   [out] the code that fits a failure (64, 66, 74, 75).
 */
enum mm_status mm_operands_open(struct mm_operands *ops, const struct mm_run_options *options,
                                enum mm_output_shape shape, bool job_unpacks, int *exit_code,
                                struct mm_error *err) MM_MUST_CHECK;
void mm_operands_close(struct mm_operands *ops);

/* True where the operands are one message and nothing else can come (for `.eml` and for stdout's
 * form). */
bool mm_operands_are_one_message(const struct mm_operands *ops);

/* Stdin, or something that is there and no folder; of an mbox, one with a single message. */
bool mm_path_is_one_message(const char *path, enum mm_source_format format);

#endif /* MM_PIPELINE_OPERANDS_H */
