/*
 * work_dir.h - `.mailmill`, the folder for temporary names on the file system of the output.
 * SPDX-License-Identifier: Apache-2.0
 *
 * In place there is one in each folder that is being signed. The last worker that leaves such a
 * folder takes `.mailmill` away; one lock covers coming and going, so that it is never taken from
 * under a worker that has just come.
 */
#ifndef MM_PIPELINE_WORK_DIR_H
#define MM_PIPELINE_WORK_DIR_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

/* What a worker has open. */
struct mm_work_dir {
    int root_fd, fd; /* ROOT, ROOT/.mailmill; -1 where none is open */
    dev_t dev;       /* of ROOT: several paths may lead to it */
    ino_t ino;
};

struct mm_work_dirs {
    pthread_mutex_t lock;
    struct mm_work_dir *all; /* one a worker */
    unsigned count;
    bool goes_on; /* a run was killed here: what it left under temporary names is removed */
};

/* Open ROOT/.mailmill, made where it is missing. Returns 0 or an errno, and then nothing is open.
 */
int mm_work_dir_open(const char *root, struct mm_work_dir *dir);
/* Close; `remove`: take .mailmill away when it is empty. Quiet where none is open. */
void mm_work_dir_close(struct mm_work_dir *dir, bool remove);

/* What may be in OUT already. */
struct mm_out_rules {
    bool overwrite;
    bool resume;      /* a run that ended before it had a journal may have begun in it */
    bool has_journal; /* the run keeps one: another could go on with it */
};

/* Open OUT, made where it is missing, and lock it for this run. MM_E_EXISTS: it is no folder, is
 * not empty (without overwrite), or another run writes to it. */
enum mm_status mm_work_dir_open_out(const char *path, const struct mm_out_rules *rules,
                                    struct mm_work_dir *out, struct mm_error *err) MM_MUST_CHECK;

/* Remove what a killed run left under temporary names. Whoever calls it keeps other runs out.
 * shared: other programs have temporary names in this folder too. */
void mm_work_dir_clean(int fd, bool shared);

/* Does this folder hold nothing, or nothing but .mailmill? */
bool mm_work_dir_is_alone(const char *path);

bool mm_work_dirs_init(struct mm_work_dirs *dirs, unsigned count); /* false: no memory */
void mm_work_dirs_deinit(struct mm_work_dirs *dirs);
/* A worker comes to a folder, having left the one before. Returns 0 or an errno. */
int mm_work_dirs_enter(struct mm_work_dirs *dirs, unsigned index, const char *root);
void mm_work_dirs_leave(struct mm_work_dirs *dirs, unsigned index);

#endif /* MM_PIPELINE_WORK_DIR_H */
