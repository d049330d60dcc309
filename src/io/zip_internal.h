/*
 * zip_internal.h - what the parts of the zip reader share: records, places, windows on the file.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_IO_ZIP_INTERNAL_H
#define MM_IO_ZIP_INTERNAL_H

#include <limits.h>
#include <zlib.h>

#include "base/word.h"
#include "io/zip.h"

enum {
    MM_ZIP_LOCAL_BYTES = 30,
    MM_ZIP_FLAG_ENCRYPTED = 1,
    MM_ZIP_FLAG_DESCRIPTOR = 8, /* CRC-32 and sizes stand behind the data */
    MM_ZIP_STORED = 0,
    MM_ZIP_DEFLATED = 8,
    /* Larger than any record: three fields of 65,535 bytes and 46 more. */
    MM_ZIP_WINDOW_BYTES = 256 * 1024
};
/* No length or place in a record may exceed it, so that sums of a few do not overflow. */
#define MM_ZIP_PLACE_MAX ((uint64_t)INT64_MAX / 4)

/* A part of the file that is in memory. */
struct mm_zip_window {
    char *memory;
    uint64_t at;
    size_t len;
};

/* What a record of the directory, or a local header, says of a member. */
struct mm_zip_record {
    uint64_t offset, size, packed;
    uint32_t crc, attributes; /* attributes: not in a local header */
    uint16_t flags, method, made_by;
    struct mm_view name; /* in the window */
    uint64_t next;       /* place of what comes behind the record */
};

/* Where a member begins, and the furthest end of it and those that begin before it. */
struct mm_zip_span {
    uint64_t start, end;
};

struct mm_zip {
    int fd; /* -1: all of it is in `bytes` */
    struct mm_view bytes;
    uint64_t length;
    struct mm_zip_window directory, data;
    bool walking; /* no directory */
    uint64_t directory_at, directory_end;
    uint64_t readable_end;      /* records up to here are whole */
    uint64_t told_count, count; /* of members: what the end record says; what there is */
    uint64_t claimed_bytes;     /* of all files */
    struct mm_zip_span *table;  /* by start; NULL where the directory follows the file's order */
    uint64_t at;                /* of the next record, or when walking of the next header */
    uint64_t furthest_end;      /* of the members so far, which begin before the next one */
    uint64_t thrown_away;       /* bytes that came out only to find where a member ends */
    char name[PATH_MAX];
    z_stream inflater;
    bool has_inflater;
};

static inline uint16_t mm_zip_u16(const char *at)
{
    return (uint16_t)mm_word_load_part(at, 2);
}

static inline uint32_t mm_zip_u32(const char *at)
{
    return (uint32_t)mm_word_load_part(at, 4);
}

/* The bytes from `at` on, `len` of them at least and whatever else is in memory, until the next
 * look through the same window. MM_OK; MM_END: the file ends before; MM_E_IO. */
enum mm_status mm_zip_look(struct mm_zip *zip, struct mm_zip_window *window, uint64_t at,
                           size_t len, struct mm_view *seen, struct mm_error *err) MM_MUST_CHECK;

/* Take sizes and place that did not fit a record from its extra field (4.5.3). False where it has
 * too few. A local header has no place. */
bool mm_zip_take_zip64(struct mm_view extra, struct mm_zip_record *record, bool with_offset);

/* Look through the directory: fills readable_end, count, claimed_bytes and table. */
enum mm_status mm_zip_survey(struct mm_zip *zip, struct mm_error *err) MM_MUST_CHECK;

/* The name, kept in memory of the zip, and the kind as far as the record tells. */
void mm_zip_take_record(struct mm_zip *zip, const struct mm_zip_record *record,
                        struct mm_zip_member *member);
/* The header before the data: fills data_at. MM_OK; MM_END where none is there; MM_E_IO. */
enum mm_status mm_zip_find_data(struct mm_zip *zip, struct mm_zip_member *member,
                                struct mm_error *err) MM_MUST_CHECK;

/* What came out of a member. */
struct mm_zip_unpacked {
    char *to; /* room for `room` bytes; NULL: they are counted and thrown away */
    uint64_t room, made, taken;
    uint32_t crc;
};
/* Inflate at most `packed` bytes from `at` on. MM_OK at the end of the deflate stream; MM_E_SYNTAX:
 * none is there, or more came out than there is room for. */
enum mm_status mm_zip_inflate(struct mm_zip *zip, uint64_t at, uint64_t packed,
                              struct mm_zip_unpacked *out, struct mm_error *err) MM_MUST_CHECK;

/* mm_zip_next() of a zip without directory. */
enum mm_status mm_zip_walk(struct mm_zip *zip, struct mm_zip_member *member,
                           struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_IO_ZIP_INTERNAL_H */
