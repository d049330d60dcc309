/*
 * journal_record.h - how a record of the journal lies on disk.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Length of the payload (4 bytes), type (1), payload, XXH3-64 of type and payload (8); numbers as
 * the machine has them: a journal is read where it was written.
 */
#ifndef MM_PIPELINE_JOURNAL_RECORD_H
#define MM_PIPELINE_JOURNAL_RECORD_H

#include "pipeline/journal.h"

enum {
    MM_JOURNAL_HEAD_BYTES = 5,                     /* before the payload */
    MM_JOURNAL_RECORD_MAX_BYTES = 4 * 1024 * 1024, /* of a payload */
    MM_JOURNAL_PACKING_MAX_BYTES = 1024 * 1024 * 1024,
    MM_JOURNAL_SAVED_MAX_BYTES = 1024 * 1024 * 1024 /* some 50 bytes a run of rows; a backstop */
};

#define MM_JOURNAL_MAGIC "mailmill journal 1\n"

enum mm_journal_type {
    MM_JOURNAL_HEAD = 'H',     /* magic, the clock, lines NAME \t VALUE */
    MM_JOURNAL_DONE = 'D',     /* 16 bytes of a name, 1 of an outcome, repeated */
    MM_JOURNAL_INTENDED = 'I', /* 16 bytes of a name, 16 of a content, repeated */
    MM_JOURNAL_PREFIX = 'P',   /* struct mm_journal_prefix, then the sink's packing */
    MM_JOURNAL_SAVED = 'S',    /* struct mm_journal_saved_head, what it says, 16 bytes a key */
    MM_JOURNAL_ALL_DONE = 'A', /* struct mm_tally */
    MM_JOURNAL_END = 'E'       /* struct mm_tally */
};

struct mm_journal_saved_head {
    uint32_t told_bytes, counts_bytes;
    struct mm_tally tally;
};

struct mm_journal_done {
    struct mm_hash128 name;
    struct mm_hash128 content; /* of intended ones */
    uint8_t outcome;           /* of done ones */
    uint32_t left;             /* of saved ones: how many were not taken */
};

/* Of a record without its hash. */
uint64_t mm_journal_record_hash(struct mm_view record);
/* Of a message as it is written: separator line, new text, the rest. */
struct mm_hash128 mm_journal_content_hash(const struct mm_view *parts, size_t count);

#endif /* MM_PIPELINE_JOURNAL_RECORD_H */
