/*
 * txt_store.h - TXT answers from files: RFC 1035 master files, recorded JSON lines, folders of
 * both.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Filled before work starts, read-only and shared without locks afterwards.
 */
#ifndef MM_DNS_TXT_STORE_H
#define MM_DNS_TXT_STORE_H

#include "base/error.h"
#include "base/hash128.h"
#include "base/view.h"

enum mm_txt_status {
    MM_TXT_NOERROR,
    MM_TXT_NXDOMAIN,
    MM_TXT_NODATA,
    MM_TXT_SERVFAIL,
    MM_TXT_TIMEOUT,
    MM_TXT_NOT_RECORDED /* the files say nothing of the name */
};

enum {
    MM_TXT_RECORD_MAX_BYTES = 65535, /* RDATA's length field (RFC 1035 section 3.2.1) */
    MM_TXT_STRING_MAX_BYTES = 255,   /* <character-string> (RFC 1035 section 3.3) */
    MM_TXT_RECORDS_MAX = 64,         /* records a name; more is an attack or a mistake */
    MM_TXT_ANSWERS_MAX = 4096,       /* dated answers a name: one a day for eleven years */
    MM_TXT_ALIASES_MAX = 16,         /* CNAMEs in a chain; resolvers stop at 8 to 16 */
    MM_TXT_NAME_MAX_BYTES = 255
};

/* A file is kept in memory whole and its records are views into it; 4 GiB hold eight million keys
 * of 2048 bits. */
#define MM_TXT_FILE_MAX_BYTES ((size_t)UINT32_MAX)

/* One answer for one name. Views live as long as the store. */
struct mm_txt_answer {
    enum mm_txt_status status;
    const struct mm_view *records; /* each record's strings joined with nothing between */
    size_t record_count;
    int64_t from, until;   /* validity; INT64_MIN and INT64_MAX where open */
    bool ad;               /* authenticated data (DNSSEC), as recorded or from a trusted resolver */
    bool long_string;      /* a master file has it in a string longer than DNS can carry */
    uint64_t id;           /* distinct for each answer of the store, 0..mm_txt_store_size()-1 */
    struct mm_view source; /* the file, for explanations */
    uint32_t line;         /* first line in it, from 1; 0 where the answer is in no file */
};

struct mm_txt_store;
struct mm_txt_store *mm_txt_store_new(void);
void mm_txt_store_free(struct mm_txt_store **store);

/*
 * Add a file or a folder (its files by bytewise name, no recursion; dot files are left out). The
 * form is told by content: a first byte '{' (after blanks) is JSON lines, else master file
 * ($ORIGIN, $TTL, parentheses, quoted strings, \DDD and \X escapes, comments, '@', blank owner =
 * last owner; classes and types other than IN TXT are read and left out; $INCLUDE is refused by
 * name; a relative name takes $ORIGIN, else the root; SOA and NS are not needed). A later call's
 * answers for a name replace those of earlier calls; inside one call, master-file records of one
 * name are one answer, JSON lines of one name are several dated answers ("from"/"until" narrow
 * them; otherwise "time" is when the answer was seen).
 * A master file's CNAME is followed inside the store; it stands alone at its name. A string of more
 * than 255 bytes, which DNS could carry only in pieces, is taken as it is.
 * The master files of all calls are one tree of names. One whose first label is "*" is a wildcard:
 * its TXT or CNAME answers for every name of one label or more below its parent, unless that name
 * or one between the two exists. A name exists that has a record of class IN, whatever its type, or
 * is above one. NS is a type like the others: names below a delegation are answered with what the
 * files hold. Recorded answers are exact: a recorded "*" is just a name, and the tree has none of
 * them.
 * After an error the store may hold part of the file. Answers found before are no longer valid.
 * err      text begins with FILE:LINE, offset is the byte in the file.
 * Returns  MM_OK; MM_E_SYNTAX; MM_E_LIMIT for what is above a limit named here; MM_E_IO;
 *          MM_E_NOMEM.
 * Source   RFC 1035 sections 3.2, 3.3.14, 5.1; RFC 2308 section 4 ($TTL); RFC 2181 sections 5, 8;
 *          RFC 4592 sections 2.1, 2.2, 3.3, 4.2, 4.3 (wildcards).
 */
enum mm_status mm_txt_store_add(struct mm_txt_store *store, const char *path,
                                struct mm_error *err) MM_MUST_CHECK;
/* The same from memory; `name` stands for the path. */
enum mm_status mm_txt_store_add_text(struct mm_txt_store *store, struct mm_view text,
                                     const char *name, struct mm_error *err) MM_MUST_CHECK;

/*
 * Answer for a name (any case, with or without the final dot) in force at `at` (seconds since
 * 1970): one whose "from" and "until" hold it; else, of those without either, the latest by "time"
 * not after `at`, else the earliest. A name without any answer has that of its wildcard, with the
 * wildcard's id, source and line. Never NULL: a name that is not there, has records of other types
 * only, or has only answers for other times, gives status MM_TXT_NOT_RECORDED; an endless chain of
 * CNAMEs MM_TXT_SERVFAIL, as a resolver would say. Costs at most a look-up a label for each CNAME.
 */
const struct mm_txt_answer *mm_txt_store_find(const struct mm_txt_store *store, struct mm_view name,
                                              int64_t at);
/* Of the texts that came in, in order: two stores with one hash answer alike. */
struct mm_hash128 mm_txt_store_hash(const struct mm_txt_store *store);
/* Answers of the store, the two that are in no file included. */
size_t mm_txt_store_size(const struct mm_txt_store *store);

/*
 * Most memory that keys parsed from the records of an answer take: a parsed RSA key takes 2,304,
 * 3,550 or 6,054 bytes with 1024, 2048 or 4096 bits, other records next to nothing. Caches count
 * with it before anything is parsed.
 */
size_t mm_txt_parsed_bytes(const struct mm_txt_answer *answer);
/* The sum over all answers of the store. */
size_t mm_txt_store_parsed_bytes(const struct mm_txt_store *store);

#endif /* MM_DNS_TXT_STORE_H */
