/*
 * inflate.h - packed bytes in memory, unpacked whole: gzip, zlib and zstd.
 * SPDX-License-Identifier: Apache-2.0
 *
 * For what comes in pieces from a file or pipe there is stream.h. A report is small and lies in
 * memory, and whole buffers are unpacked several times faster. Nothing here is refused without
 * giving what could be unpacked: a truncated report may hold whole records.
 */
#ifndef MM_IO_INFLATE_H
#define MM_IO_INFLATE_H

#include "base/buf.h"

enum {
    /* As large as a message may be: what is read as it is can be read packed. Reports that were
     * ever seen end at 4 MB; peers stop at 10 to 25 MB. */
    MM_INFLATE_MEMBER_BYTES = 256 * 1024 * 1024,
    /* Honest reports reach 166:1. Deflate itself ends at 1,032:1, zstd at 32,000:1. */
    MM_INFLATE_RATIO = 1000,
    /* Below that, a ratio harms nobody. */
    MM_INFLATE_RATIO_FROM_BYTES = 1024 * 1024
};

enum mm_inflate_format {
    MM_INFLATE_NONE,
    MM_INFLATE_GZIP, /* RFC 1952 */
    MM_INFLATE_ZLIB, /* RFC 1950, bare */
    MM_INFLATE_ZSTD, /* RFC 8878 */
    MM_INFLATE_RAW   /* RFC 1951, without head and check sum: nothing tells it */
};

/* By the first bytes. A zlib stream has no magic number: its window must be the common one, and its
 * two bytes must fit each other (RFC 1950 section 2.2). */
enum mm_inflate_format mm_inflate_sniff(struct mm_view head);

/* How unpacking ended. */
enum mm_inflate_end {
    MM_INFLATE_WHOLE,
    MM_INFLATE_CUT_SHORT, /* the packed bytes end inside a member */
    MM_INFLATE_DAMAGED,   /* bytes that cannot be, or a check sum that does not fit */
    MM_INFLATE_TOO_LARGE, /* more than `limit` bytes would come out */
    MM_INFLATE_TOO_DENSE  /* more than MM_INFLATE_RATIO for each packed byte */
};

struct mm_inflated {
    enum mm_inflate_end end;
    size_t members;        /* gzip members or zstd frames that are whole */
    size_t used_bytes;     /* packed bytes that were read */
    size_t trailing_bytes; /* packed bytes behind the last member that are none: ignored */
};

/* Contexts of the three libraries, for one thread. NULL without memory. */
struct mm_inflate *mm_inflate_new(void);
void mm_inflate_free(struct mm_inflate **inflate);

/*
 * Unpack `packed`, member after member, behind what `out` holds.
 *
 * limit    most bytes that may be added; out->max_bytes leaves room for them.
 * result   [out] with any `end`, `out` holds what came before it.
 * Returns  MM_OK; MM_E_NOMEM; MM_E_ARG for MM_INFLATE_NONE.
 * Cost     bounded by packed.len and `limit`, whatever the bytes claim; so is the memory.
 */
enum mm_status mm_inflate_run(struct mm_inflate *inflate, enum mm_inflate_format format,
                              struct mm_view packed, size_t limit, struct mm_buf *out,
                              struct mm_inflated *result) MM_MUST_CHECK;

#endif /* MM_IO_INFLATE_H */
