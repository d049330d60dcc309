/*
 * folder_empty.h - taking away what a run left of a dataset that it did not finish.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DATASET_FOLDER_EMPTY_H
#define MM_DATASET_FOLDER_EMPTY_H

#include <stdbool.h>

/* No link is followed, and nothing deeper than a dataset goes: PATH.part, table, file; one to
 * spare. What cannot be removed stays, without a word. */
void mm_folder_remove(int dir_fd, const char *name);
/* What is in the folder dir_fd, but the names that it spares (NULL: none). */
void mm_folder_empty(int dir_fd, bool (*spares)(const char *name));
/* False where the folder cannot be read. */
bool mm_folder_is_empty(int dir_fd);

#endif /* MM_DATASET_FOLDER_EMPTY_H */
