/*
 * base.h - status codes, errors and borrowed bytes that every other public header speaks in.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MAILMILL_BASE_H
#define MAILMILL_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define MM_API               __attribute__((visibility("default")))
#define MM_MUST_CHECK        __attribute__((warn_unused_result))
#define MM_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define MM_API
#define MM_MUST_CHECK
#define MM_PRINTF(fmt, args)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* How a call ended. Zero is success, positive values are normal turns, negative ones are errors. */
enum mm_status {
    MM_OK = 0,
    MM_END = 1,   /* nothing more to come */
    MM_AGAIN = 2, /* nothing now, more later */
    MM_E_NOMEM = -1,
    MM_E_IO = -2,     /* the system said no; mm_error.os_errno tells what */
    MM_E_SYNTAX = -3, /* input breaks its grammar; mm_error.offset tells where */
    MM_E_LIMIT = -4,  /* a named limit was exceeded */
    MM_E_CRYPTO = -5, /* the cryptographic library failed */
    MM_E_ARG = -6,    /* the caller's arguments do not fit together */
    MM_E_PERM = -7,   /* refused for safety: modes of a key file */
    MM_E_EXISTS = -8, /* output exists already */
    MM_E_BUG = -9     /* an invariant of ours does not hold */
};

/* Borrowed bytes. They may hold NUL and need not end in one. */
struct mm_view {
    const char *data;
    size_t len;
};

enum { MM_ERROR_TEXT_BYTES = 512 };

/* Where and why a call failed. Every function that takes one accepts NULL. */
struct mm_error {
    enum mm_status status;
    int os_errno;                   /* 0 where the system had no part in it */
    uint64_t offset;                /* byte in the input at fault; UINT64_MAX where none applies */
    char text[MM_ERROR_TEXT_BYTES]; /* one line, ends in NUL; bytes of strangers are escaped */
};

/* Name of a status, for messages: "ok", "i/o error", … Never NULL. */
MM_API const char *mm_status_text(enum mm_status status);

/* Was it a right that the system found missing? False of NULL. */
MM_API bool mm_error_is_denied(const struct mm_error *err);

/* Version of the library as "MAJOR.MINOR.PATCH". */
MM_API const char *mm_version(void);

#ifdef __cplusplus
}
#endif
#endif /* MAILMILL_BASE_H */
