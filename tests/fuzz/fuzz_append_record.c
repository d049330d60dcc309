/*
 * fuzz_append_record.c - a list of renames, hostile or torn, is read whole or not at all, and no
 * step of it leads out of the dataset. The bytes are taken as they are, and as the steps of a
 * record whose hash is right.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "dataset/append_record.h"

static void require(int holds)
{
    if (!holds)
        abort();
}

static void check_name(const char *name)
{
    require(name[0] && name[0] != '.' && !strchr(name, '/'));
}

/* What a record says, written again, is the record. */
static void read_steps(struct mm_view record)
{
    struct mm_append_step step;
    struct mm_view steps;
    struct mm_buf again;
    if (!mm_append_record_open(record, &steps))
        return;
    mm_buf_init(&again, 1 << 24);
    mm_append_record_begin(&again);
    while (mm_append_record_next(&steps, &step)) {
        check_name(step.name);
        if (step.verb != MM_APPEND_STATE) {
            check_name(step.part);
            require(mm_append_part_name(mm_view_of(step.part)));
        }
        mm_append_record_add(&again, &step);
    }
    require(steps.len == 0);
    mm_append_record_end(&again);
    require(mm_view_eq(mm_buf_view(&again), record));
    mm_buf_deinit(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mm_view bytes = {(const char *)data, size};
    struct mm_buf record;
    read_steps(bytes);
    mm_buf_init(&record, 1 << 24);
    mm_append_record_begin(&record);
    mm_buf_append(&record, bytes);
    mm_append_record_end(&record);
    read_steps(mm_buf_view(&record));
    mm_buf_deinit(&record);
    return 0;
}
