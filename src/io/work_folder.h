/*
 * work_folder.h - the folder that a run keeps beside what it writes, and that no run reads.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Journals, rejects and names that are not whole yet lie there: in .mailmill below a folder that is
 * written, in FILE.mailmill beside a file. Wherever an output becomes a source again - as a folder,
 * a list of names, a tar or a zip - all that is below .mailmill is passed over, and of a
 * FILE.mailmill what we call our own: somebody's folder of mail may have such a name.
 */
#ifndef MM_IO_WORK_FOLDER_H
#define MM_IO_WORK_FOLDER_H

#include "base/view.h"

#define MM_WORK_FOLDER  ".mailmill"
#define MM_JOURNAL_NAME "journal"
#define MM_JOURNAL_NEW  ".tmp" /* behind the name of one that is being made */
#define MM_REJECTS_NAME "rejects.ndjson"

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

/* A file in a folder: of one beside an output, our own. */
static inline bool mm_is_kept_beside(struct mm_view folder, struct mm_view name)
{
    return mm_view_ends(folder, MM_VIEW(MM_WORK_FOLDER)) &&
           (mm_view_eq(name, MM_VIEW(MM_JOURNAL_NAME)) ||
            mm_view_eq(name, MM_VIEW(MM_JOURNAL_NAME MM_JOURNAL_NEW)) ||
            mm_view_eq(name, MM_VIEW(MM_REJECTS_NAME)));
}

static inline bool mm_path_is_of_work_folder(struct mm_view path)
{
    const char *slash = path.len ? memrchr(path.data, '/', path.len) : NULL;
    size_t folder = slash ? (size_t)(slash - path.data) : 0;
    return mm_path_has_part(path, MM_VIEW(MM_WORK_FOLDER)) ||
           (slash && mm_is_kept_beside(mm_view_sub(path, 0, folder),
                                       mm_view_sub(path, folder + 1, path.len - folder - 1)));
}

#endif /* MM_IO_WORK_FOLDER_H */
