/*
 * stored_inputs.h - which inputs a dataset has taken: the set of their hashes, in memory.
 * SPDX-License-Identifier: Apache-2.0
 *
 * They lie in the dataset's work folder in order, so the set is one array of 16 bytes each that is
 * searched by halves. Once loaded it is only read, by any number of threads.
 */
#ifndef MM_DATASET_STORED_INPUTS_H
#define MM_DATASET_STORED_INPUTS_H

#include "base/id_map.h"
#include "columnar/row_merge.h"

struct mm_stored_inputs {
    uint8_t (*ids)[MM_ID_BYTES]; /* [count], in order */
    size_t count;
};

/*
 * path      of inputs.parquet.
 * Returns   MM_OK; MM_E_LIMIT where the set takes more than max_bytes; MM_E_SYNTAX: it is damaged;
 *           MM_E_NOMEM; MM_E_IO.
 */
enum mm_status mm_stored_inputs_load(struct mm_stored_inputs *inputs, const char *path,
                                     size_t max_bytes, struct mm_error *err) MM_MUST_CHECK;
void mm_stored_inputs_deinit(struct mm_stored_inputs *inputs); /* quiet on a zeroed struct */
bool mm_stored_inputs_has(const struct mm_stored_inputs *inputs, const uint8_t *id);

#endif /* MM_DATASET_STORED_INPUTS_H */
