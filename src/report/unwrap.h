/*
 * unwrap.h - from the bytes of one input to the documents in it: out of mails, packings, archives.
 * SPDX-License-Identifier: Apache-2.0
 *
 * One input is what a source gives: a file, a message of an mbox, a member of a tar. It may be a
 * report as it stands, a mail with several, or a zip of mails. Documents are given one at a time,
 * so that memory is bounded by the largest chain of containers, not by the input. What is in a
 * container ends as exactly one of: a document that was taken, a refusal, something skipped because
 * it is no report and its neighbours are.
 */
#ifndef MM_REPORT_UNWRAP_H
#define MM_REPORT_UNWRAP_H

#include "io/inflate.h"
#include "mail/mime.h"
#include "report/report_fault.h"

enum {
    /* Containers in each other: packings, archives, mboxes, attached mails. A mail as such does not
     * count, it has MM_MIME_DEPTH_MAX; a tar.gz of zips does with three. */
    MM_UNWRAP_DEPTH_MAX = 3,
    /* Members of one archive; months of reports by mail are a few hundred. */
    MM_UNWRAP_MEMBERS_MAX = 1000,
    /* Messages of an mbox that was packed: a kilobyte of zstd can unpack to a hundred thousand. As
     * it stands an mbox is as long as it likes. */
    MM_UNWRAP_MESSAGES_MAX = 100000,
    /* All that is unpacked of one input. Of one member: MM_INFLATE_MEMBER_BYTES. */
    MM_UNWRAP_INPUT_BYTES = 256 * 1024 * 1024,
    /* Who has unpacked more of an input than that waits until no other thread has, so that memory
     * for the largest is taken once and not by each. */
    MM_UNWRAP_ALONE_BYTES = 16 * 1024 * 1024
};

enum mm_document_kind {
    MM_DOCUMENT_XML,  /* begins with '<', in whatever encoding; maybe no report */
    MM_DOCUMENT_JSON, /* begins with '{' or '[' */
    MM_DOCUMENT_MAIL, /* the mail itself may be one: bounce, complaint, failure report, or nothing
                       */
    MM_DOCUMENT_TEXT  /* text without a header: a bounce whose header was lost, or nothing */
};
/* "xml", "json", "mail", "text". */
const char *mm_document_kind_word(enum mm_document_kind kind);

/* Everything here lives until the call that gives it returns. */
struct mm_document {
    enum mm_document_kind kind;
    struct mm_view bytes;   /* unpacked and decoded; of a mail the message */
    struct mm_mime *mime;   /* MAIL and TEXT: its parts, the report's mail being part 0 */
    struct mm_arena *arena; /* with `mime`: what its parts are decoded into */
    struct mm_view member;  /* where in the input: "2.1", "a.tar!7!b.xml"; "": the input itself */
    uint64_t offset;        /* in the input; inside what is packed, that of what is packed */
    uint64_t hash;          /* XXH3-64 of `bytes` */
    struct mm_report_hints hints;   /* file name of the nearest that has one; subject of the mail */
    int64_t received_at;            /* Date of the mail that brought it, or MM_NO_TIME */
    struct mm_view reporter_domain; /* of its From, small letters; without data: no mail */
    enum mm_inflate_end packed_end; /* not WHOLE: only the beginning could be unpacked… */
    uint64_t packed_used;           /* …from so many packed bytes, the innermost ones */
    uint64_t skipped_bytes;         /* that no encoder writes, in the base64 or quoted-printable */
};

/* Something of the input that gives no document. */
struct mm_unwrap_reject {
    struct mm_view member;
    uint64_t offset;
    struct mm_view kind_guess; /* "zip", "gzip", "mail", … */
    const char *reason;        /* a slug of unwrap_reasons.def; "not-a-report" is no failure */
    const char *detail;        /* one line for a person, no bytes of the input in it: the words of
                                  the slug, and of what is packed, how far it went */
    uint64_t hash;             /* XXH3-64 of its bytes */
};

struct mm_unwrap_sink {
    void *context;
    /*
     * Take a document. MM_OK: it is accounted for, as a report or as a refusal of the sink's own.
     * MM_END: it is none of any kind, and is told to reject() where nothing beside it was one. An
     * error ends the run.
     */
    enum mm_status (*document)(void *context, const struct mm_document *document);
    enum mm_status (*reject)(void *context, const struct mm_unwrap_reject *reject);
    /* May be NULL. Told what an input that is packed unpacks to, as far as that can be done, before
     * anything else is. Other than MM_OK ends the input, of which nothing was told then. */
    enum mm_status (*unpacked)(void *context, struct mm_view text);
};

struct mm_unwrap_counts {
    uint64_t taken;    /* documents */
    uint64_t rejected; /* calls of reject() */
    uint64_t skipped;  /* members that are no reports, beside others that are */
};

struct mm_unwrapper;                         /* of one thread */
struct mm_unwrapper *mm_unwrapper_new(void); /* NULL without memory */
void mm_unwrapper_free(struct mm_unwrapper **unwrapper);

/*
 * Find the documents of one input.
 *
 * bytes      borrowed.
 * file_name  its own, without folders; may be empty.
 * counts     [out] may be NULL. taken + rejected is at least 1.
 * Returns    MM_OK, whatever the bytes are; MM_E_NOMEM; what the sink returned.
 * Cost       bounded by bytes.len and MM_UNWRAP_INPUT_BYTES; so is the memory, of which little is
 *            kept for the next input. Of all threads one has more than MM_UNWRAP_ALONE_BYTES of
 *            unpacked bytes: the sink must not wait for another one's input.
 */
enum mm_status mm_unwrap_input(struct mm_unwrapper *unwrapper, struct mm_view bytes,
                               struct mm_view file_name, const struct mm_unwrap_sink *sink,
                               struct mm_unwrap_counts *counts) MM_MUST_CHECK;

/* The words for a slug of unwrap_reasons.def; NULL for others. */
const char *mm_unwrap_reason_words(const char *slug);

#endif /* MM_REPORT_UNWRAP_H */
