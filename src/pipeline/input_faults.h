/*
 * input_faults.h - what is wrong with one input, gathered while it is read: one line of the list of
 * rejects, however much is damaged.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A job that finds many things in an input has each fault in a table of its own. The list, and
 * standard error, name the input once: with the first of its faults, and how many there are.
 */
#ifndef MM_PIPELINE_INPUT_FAULTS_H
#define MM_PIPELINE_INPUT_FAULTS_H

#include "base/buf.h"

struct mm_input_faults {
    const char *slug; /* of the first; NULL: none */
    uint64_t offset;
    uint64_t count;
    struct mm_buf words; /* of the first */
};

void mm_input_faults_init(struct mm_input_faults *f);
void mm_input_faults_deinit(struct mm_input_faults *f);
/* The next input. */
void mm_input_faults_clear(struct mm_input_faults *f);
/* member: where in the input, or empty. All is copied but the slug, which outlives the run. */
void mm_input_faults_note(struct mm_input_faults *f, struct mm_view member, const char *slug,
                          struct mm_view detail, uint64_t offset);
/* Once the input is read, once: all in one line for a person. data NULL without memory; it lasts
 * until the next clear. */
struct mm_view mm_input_faults_tell(struct mm_input_faults *f);

#endif /* MM_PIPELINE_INPUT_FAULTS_H */
