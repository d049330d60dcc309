/*
 * error.c - filling struct mm_error where something went wrong.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#ifndef MAILMILL_VERSION
#error "MAILMILL_VERSION comes from CMakeLists.txt"
#endif

const char *mm_version(void)
{
    return MAILMILL_VERSION;
}

const char *mm_status_text(enum mm_status status)
{
    switch (status) {
    case MM_OK:
        return "ok";
    case MM_END:
        return "end";
    case MM_AGAIN:
        return "again";
    case MM_E_NOMEM:
        return "out of memory";
    case MM_E_IO:
        return "i/o error";
    case MM_E_SYNTAX:
        return "syntax error";
    case MM_E_LIMIT:
        return "limit exceeded";
    case MM_E_CRYPTO:
        return "cryptographic library failed";
    case MM_E_ARG:
        return "bad argument";
    case MM_E_PERM:
        return "refused for safety";
    case MM_E_EXISTS:
        return "exists already";
    case MM_E_BUG:
        return "internal error";
    }
    return "unknown status";
}

static void fill(struct mm_error *err, enum mm_status status, int os_errno, uint64_t offset,
                 const char *fmt, va_list args)
{
    err->status = status;
    err->os_errno = os_errno;
    err->offset = offset;
    int n = vsnprintf(err->text, sizeof err->text, fmt, args);
    size_t used = n < 0 ? 0 : (size_t)n;
    if (used >= sizeof err->text)
        used = sizeof err->text - 1;
    err->text[used] = '\0';
    if (os_errno && used + 3 < sizeof err->text)
        snprintf(err->text + used, sizeof err->text - used, ": %s", strerror(os_errno));
    for (char *c = err->text; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
}

enum mm_status mm_fail(struct mm_error *err, enum mm_status status, const char *fmt, ...)
{
    if (err) {
        va_list args;
        va_start(args, fmt);
        fill(err, status, 0, MM_NO_OFFSET, fmt, args);
        va_end(args);
    }
    return status;
}

enum mm_status mm_fail_at(struct mm_error *err, enum mm_status status, uint64_t offset,
                          const char *fmt, ...)
{
    if (err) {
        va_list args;
        va_start(args, fmt);
        fill(err, status, 0, offset, fmt, args);
        va_end(args);
    }
    return status;
}

enum mm_status mm_fail_os(struct mm_error *err, int os_errno, const char *fmt, ...)
{
    if (err) {
        va_list args;
        va_start(args, fmt);
        fill(err, MM_E_IO, os_errno, MM_NO_OFFSET, fmt, args);
        va_end(args);
    }
    return MM_E_IO;
}

bool mm_error_is_denied(const struct mm_error *err)
{
    return err && err->status == MM_E_IO && (err->os_errno == EACCES || err->os_errno == EPERM);
}
