/*
 * error.h - filling struct mm_error where something went wrong.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_BASE_ERROR_H
#define MM_BASE_ERROR_H

#include "mailmill/base.h"

#define MM_NO_OFFSET UINT64_MAX

/* Forward a failure when nothing is held. */
#define MM_TRY(expr)                                                                               \
    do {                                                                                           \
        enum mm_status mm_try_status_ = (expr);                                                    \
        if (mm_try_status_ < 0)                                                                    \
            return mm_try_status_;                                                                 \
    } while (0)

/*
 * Fill `err` (which may be NULL) and hand `status` back, so that `return mm_fail(…)` reads well.
 * Control bytes in the finished text are replaced by '?', so that a stranger's bytes forge no line.
 */
enum mm_status mm_fail(struct mm_error *err, enum mm_status status, const char *fmt, ...)
    MM_PRINTF(3, 4);

/* The same with the input offset at fault. */
enum mm_status mm_fail_at(struct mm_error *err, enum mm_status status, uint64_t offset,
                          const char *fmt, ...) MM_PRINTF(4, 5);

/* MM_E_IO with an errno; its words are appended after ": ". */
enum mm_status mm_fail_os(struct mm_error *err, int os_errno, const char *fmt, ...) MM_PRINTF(3, 4);

#endif /* MM_BASE_ERROR_H */
