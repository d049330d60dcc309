/*
 * archive_names.h - names of members of an archive that is to be made, known before work starts.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A list may name files anywhere, and one file in several ways. Whoever unpacks the archive must
 * get every message, and each below the folder that he stands in.
 */
#ifndef MM_PIPELINE_ARCHIVE_NAMES_H
#define MM_PIPELINE_ARCHIVE_NAMES_H

#include "io/names.h"

struct mm_archive_names {
    struct mm_names *names; /* as they are unpacked; NULL: nothing is collected */
    bool shortened;         /* some name led out of the archive */
};

/* True for an output whose members have the names of their sources: FILE.tar, FILE.tar.zst. */
bool mm_output_is_tar(const char *output);

enum mm_status mm_archive_names_init(struct mm_archive_names *a,
                                     struct mm_error *err) MM_MUST_CHECK;
void mm_archive_names_deinit(struct mm_archive_names *a);
enum mm_status mm_archive_names_add(struct mm_archive_names *a, struct mm_view source,
                                    struct mm_error *err) MM_MUST_CHECK;
/* After the last add: MM_E_ARG where two of them are one member of `output`. */
enum mm_status mm_archive_names_check(struct mm_archive_names *a, const char *output,
                                      struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_PIPELINE_ARCHIVE_NAMES_H */
