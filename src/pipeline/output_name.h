/*
 * output_name.h - what the name that -o is given stands for.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_PIPELINE_OUTPUT_NAME_H
#define MM_PIPELINE_OUTPUT_NAME_H

/* Told by its suffix; any other name is a folder's. */
enum mm_output_name {
    MM_NAMES_FOLDER,
    MM_NAMES_STDOUT, /* - */
    MM_NAMES_MBOX,
    MM_NAMES_TAR,
    MM_NAMES_TAR_ZST,
    MM_NAMES_BSMTP,
    MM_NAMES_NDJSON
};

/* NULL and "" are a folder's, too. */
enum mm_output_name mm_output_name_of(const char *output);

#endif /* MM_PIPELINE_OUTPUT_NAME_H */
