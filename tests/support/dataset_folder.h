/*
 * dataset_folder.h - a folder for the dataset of one test, gone when the test ends.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_SUPPORT_DATASET_FOLDER_H
#define MM_SUPPORT_DATASET_FOLDER_H

enum { MM_DATASET_FOLDER_CHARS = 64 };
extern char mm_dataset_folder[MM_DATASET_FOLDER_CHARS];         /* is there, and empty at first */
extern char mm_dataset_folder_dataset[MM_DATASET_FOLDER_CHARS]; /* a name in it, of nothing yet */

/* Of cmocka: 0, or another number where the folder cannot be made or removed. */
int mm_dataset_folder_setup(void **state);
int mm_dataset_folder_teardown(void **state);

#endif /* MM_SUPPORT_DATASET_FOLDER_H */
