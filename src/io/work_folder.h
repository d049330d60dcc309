/*
 * work_folder.h - the folder that a run keeps beside what it writes, and that no run reads.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Journals, rejects and names that are not whole yet lie there: in .mailmill below a folder that is
 * written, in FILE.mailmill beside a file. By their names alone: an archive may tell of a journal
 * last. Wherever an output becomes a source
 * again - as a folder, a list of names, a tar or a zip - what is below it is passed over.
 */
#ifndef MM_IO_WORK_FOLDER_H
#define MM_IO_WORK_FOLDER_H

#include "base/view.h"

#define MM_WORK_FOLDER ".mailmill"

static inline bool mm_path_has_part(struct mm_view path, struct mm_view wanted)
{
    struct mm_view part;
    while (path.len) {
        mm_view_cut(path, '/', &part, &path);
        if (mm_view_eq(part, wanted))
            return true;
    }
    return false;
}

static inline bool mm_is_work_folder(struct mm_view name, bool is_folder)
{
    return is_folder ? mm_view_ends(name, MM_VIEW(MM_WORK_FOLDER))
                     : mm_view_eq(name, MM_VIEW(MM_WORK_FOLDER));
}

/* What has a '/' behind it is a folder; a file may be called FILE.mailmill. */
static inline bool mm_path_is_of_work_folder(struct mm_view path)
{
    struct mm_view part;
    while (path.len) {
        bool is_folder = mm_view_cut(path, '/', &part, &path);
        if (mm_is_work_folder(part, is_folder))
            return true;
    }
    return false;
}

#endif /* MM_IO_WORK_FOLDER_H */
