/*
 * zip.h - members of a zip, in the order of its directory: out of a file, or out of memory.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Our own and not Debian's libzip, since that tells no places: whether two members share bytes,
 * which is how a few kilobytes become petabytes, is seen only by who knows where each begins and
 * ends. It also takes memory by the number of members that the file claims, and reads nothing at
 * all of one that is cut short. Inflating and CRC-32 are zlib's.
 *
 * The directory at the end is what counts; of the header before a member only its length is used,
 * and what comes out has to have the length and the CRC-32 that the directory tells. Without a
 * directory, in a file that is cut short, the headers before the members are walked. Memory is
 * bounded: two windows on the file, and for a directory that does not follow the order of the file
 * a table of at most MM_ZIP_TABLE_MEMBERS places.
 * Source: PKWARE APPNOTE.TXT 6.3.10, sections 4.3 to 4.5.
 */
#ifndef MM_IO_ZIP_H
#define MM_IO_ZIP_H

#include "base/error.h"
#include "base/view.h"

enum {
    MM_ZIP_SNIFF_BYTES = 4,
    /* As many as a zip without zip64 can hold: 1 MiB of places. */
    MM_ZIP_TABLE_MEMBERS = 65535
};

enum mm_zip_kind {
    MM_ZIP_FILE,      /* mm_zip_read() gives its bytes */
    MM_ZIP_SKIP,      /* folders, and what macOS adds: __MACOSX/, ._NAME, .DS_Store;
                         what is of a work folder */
    MM_ZIP_LINK,      /* symbolic: its bytes are a path */
    MM_ZIP_SPECIAL,   /* FIFO or device */
    MM_ZIP_ENCRYPTED, /* all from here on are files that cannot be read */
    MM_ZIP_METHOD,    /* neither stored nor deflated */
    MM_ZIP_OVERLAP,   /* shares bytes with another member, or with the directory */
    MM_ZIP_DAMAGED    /* no header where the directory has it, or lengths that cannot be */
};

struct mm_zip_member {
    enum mm_zip_kind kind;
    struct mm_view name; /* memory of the zip until the next call; a NUL ends it */
    bool name_too_long;  /* longer than a path may be: `name` is its beginning */
    uint64_t offset;     /* of its header, in the zip */
    uint64_t size;       /* MM_ZIP_FILE: bytes that come out; a claim until they are read */
    /* private */
    uint64_t data_at, packed;
    uint32_t crc;
    uint16_t method;
};

struct mm_zip;

/* True where bytes (four are enough) begin a zip: with a member, or an empty one. */
bool mm_zip_sniff(struct mm_view head);

/*
 * Open a zip and look through its directory. The file descriptor, which must be able to seek, or
 * the bytes are borrowed and outlive it; where the descriptor stands does not matter.
 * Returns  MM_OK, also where there is no directory; MM_E_LIMIT: more than MM_ZIP_TABLE_MEMBERS
 * members, and not in the order of the file; MM_E_IO; MM_E_NOMEM.
 */
enum mm_status mm_zip_open_file(int fd, struct mm_zip **zip, struct mm_error *err) MM_MUST_CHECK;
enum mm_status mm_zip_open_bytes(struct mm_view bytes, struct mm_zip **zip,
                                 struct mm_error *err) MM_MUST_CHECK;
void mm_zip_free(struct mm_zip **zip);

/* Sum of the sizes of its files, as they are claimed; without a directory, the length of the zip.
 */
uint64_t mm_zip_claimed_bytes(const struct mm_zip *zip);
/* True where it has no directory: it ends too early. */
bool mm_zip_is_cut_short(const struct mm_zip *zip);

/* Step to the next member. MM_OK; MM_END; MM_E_SYNTAX: from err->offset on nothing can be read;
 * MM_E_IO; MM_E_NOMEM. After anything but MM_OK the same comes again. */
enum mm_status mm_zip_next(struct mm_zip *zip, struct mm_zip_member *member,
                           struct mm_error *err) MM_MUST_CHECK;

/* The member that could not be read whole, and the bytes of it that there are. */
struct mm_zip_cut {
    struct mm_view name; /* as a member has it */
    bool name_too_long;
    bool deflated;    /* else they are stored */
    uint64_t offset;  /* of its header, in the zip */
    uint64_t data_at; /* of its packed bytes, which reach to the end of the zip */
    uint64_t packed;
};

/* After MM_E_SYNTAX of mm_zip_next(): the member in which a zip that has no directory ends, or
 * whose bytes are damaged so that its own end is not found. MM_OK; MM_END: none begins there, or
 * none that could be read if it were whole; MM_E_IO. */
enum mm_status mm_zip_find_cut(struct mm_zip *zip, struct mm_zip_cut *cut,
                               struct mm_error *err) MM_MUST_CHECK;

/*
 * Read the bytes of a member of kind MM_ZIP_FILE. to: room for member->size.
 * Returns  MM_OK; MM_E_SYNTAX: they have another length or CRC-32 than the zip says; MM_E_IO;
 * MM_E_NOMEM.
 */
enum mm_status mm_zip_read(struct mm_zip *zip, const struct mm_zip_member *member, char *to,
                           struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_IO_ZIP_H */
