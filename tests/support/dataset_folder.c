/*
 * dataset_folder.c - a folder for the dataset of one test, gone when the test ends.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "support/dataset_folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

char mm_dataset_folder[MM_DATASET_FOLDER_CHARS], mm_dataset_folder_dataset[MM_DATASET_FOLDER_CHARS];

int mm_dataset_folder_setup(void **state)
{
    (void)state;
    snprintf(mm_dataset_folder, sizeof mm_dataset_folder, "/tmp/mailmill-test.XXXXXX");
    if (!mkdtemp(mm_dataset_folder))
        return -1;
    snprintf(mm_dataset_folder_dataset, sizeof mm_dataset_folder_dataset, "%.40s/out",
             mm_dataset_folder);
    return 0;
}

static int remove_one(const char *name, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(name);
}

int mm_dataset_folder_teardown(void **state)
{
    (void)state;
    return nftw(mm_dataset_folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
