/*
 * dataset_verb.h - what a verb's dataset is made of, for those who write any.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DATASET_DATASET_VERB_H
#define MM_DATASET_DATASET_VERB_H

#include "mailmill/columnar.h"

/* Most tables of a verb, and of its rows on their way. */
enum { MM_DATASET_TABLES_MAX = 10, MM_DATASET_WORK_TABLES_MAX = 12 };

struct mm_dataset_verb {
    const char *name;
    int schema_version; /* raised with every change that a reader of an older dataset would notice
                         */
    const struct mm_table_schema *tables; /* as they are written */
    size_t table_count;
    /* The same as rows on their way have them, and behind them those that are never written. */
    const struct mm_table_schema *work;
    size_t work_count;
    size_t inputs; /* of `work`: one column, 16 bytes that tell inputs apart */
    bool settles;  /* inputs may tell the same: what is kept is decided at the end (reports) */
};

#endif /* MM_DATASET_DATASET_VERB_H */
