/*
 * input_faults.c - what is wrong with one input, in one line.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/input_faults.h"

#include <inttypes.h>

enum {
    WORDS_MAX_BYTES = 16 * 1024,
    /* Of the names of members in each other. A longer one is left out, and none is cut, since the
     * rest of an address could not be told from other text. */
    MEMBER_MAX_BYTES = 1024
};

void mm_input_faults_init(struct mm_input_faults *f)
{
    *f = (struct mm_input_faults){.slug = NULL};
    mm_buf_init(&f->words, WORDS_MAX_BYTES);
}

void mm_input_faults_deinit(struct mm_input_faults *f)
{
    mm_buf_deinit(&f->words);
}

void mm_input_faults_clear(struct mm_input_faults *f)
{
    f->slug = NULL;
    f->count = 0;
    mm_buf_clear(&f->words);
}

void mm_input_faults_note(struct mm_input_faults *f, struct mm_view member, const char *slug,
                          struct mm_view detail, uint64_t offset)
{
    if (f->count++)
        return;
    f->slug = slug;
    f->offset = offset;
    if (member.len && member.len <= MEMBER_MAX_BYTES) {
        mm_buf_append_str(&f->words, "member ");
        mm_buf_append(&f->words, member);
        mm_buf_append_str(&f->words, ": ");
    }
    mm_buf_append(&f->words, detail);
}

struct mm_view mm_input_faults_tell(struct mm_input_faults *f)
{
    if (f->count > 1)
        mm_buf_printf(&f->words, "; %" PRIu64 " more, see table rejects", f->count - 1);
    return f->words.failed ? (struct mm_view){NULL, 0} : mm_buf_view(&f->words);
}
