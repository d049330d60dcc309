/*
 * rejects_log.h - the file that names every rejected input, one JSON object a line.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_PIPELINE_REJECTS_LOG_H
#define MM_PIPELINE_REJECTS_LOG_H

#include "base/buf.h"
#include "base/error.h"

/* One row: {"message":…,"rejected":slug,"detail":…,"offset":N}, with a line end. Verify's rows use
 * it too. */
void mm_reject_row(struct mm_buf *out, struct mm_view message, const char *slug,
                   struct mm_view detail, uint64_t offset);
/* The message of such a row, or of any line that is not one: the line itself. Bytes live in
 * `scratch`, which must have room for line.len. */
struct mm_view mm_reject_row_message(struct mm_view line, char *scratch);

struct mm_rejects_log {
    const char *path; /* NULL: none is kept */
    bool lazy;        /* made with the first reject only, and replaced: the default place */
    int fd;
    uint64_t bytes; /* written */
    bool unsynced;  /* some of it may not be on disk */
    struct mm_buf text;
};

/* What becomes of a file that lies where the list is to be. */
struct mm_rejects_there {
    bool replace;       /* where it is empty, or a list of an earlier run; never another file */
    const char *remedy; /* what can be done about one that is not replaced */
};

/* Before anything is made: MM_E_EXISTS where a file is in the way. */
enum mm_status mm_rejects_log_check(const char *path, const struct mm_rejects_there *there,
                                    struct mm_error *err) MM_MUST_CHECK;
/* An explicit path is made at once; MM_E_EXISTS as above. */
enum mm_status mm_rejects_log_open(struct mm_rejects_log *log, const char *path, bool lazy,
                                   const struct mm_rejects_there *there,
                                   struct mm_error *err) MM_MUST_CHECK;
/* Go on with the list of a run that ended early: its first `bytes` are kept. */
enum mm_status mm_rejects_log_go_on(struct mm_rejects_log *log, const char *path, uint64_t bytes,
                                    struct mm_error *err) MM_MUST_CHECK;
/* What it holds goes: a list that is more complete is to follow, line by line. MM_END where that
 * cannot be, with a pipe, a device, or no list at all; MM_E_IO. */
enum mm_status mm_rejects_log_restart(struct mm_rejects_log *log,
                                      struct mm_error *err) MM_MUST_CHECK;
/* A whole line without its end. */
enum mm_status mm_rejects_log_add_line(struct mm_rejects_log *log, struct mm_view line,
                                       struct mm_error *err) MM_MUST_CHECK;
void mm_rejects_log_add(struct mm_rejects_log *log, struct mm_view message, const char *slug,
                        const char *detail, uint64_t offset);
/* Write what was added since the last flush. */
enum mm_status mm_rejects_log_flush(struct mm_rejects_log *log, struct mm_error *err) MM_MUST_CHECK;
/* What was flushed is on disk. */
enum mm_status mm_rejects_log_sync(struct mm_rejects_log *log, struct mm_error *err) MM_MUST_CHECK;
void mm_rejects_log_close(struct mm_rejects_log *log);

#endif /* MM_PIPELINE_REJECTS_LOG_H */
