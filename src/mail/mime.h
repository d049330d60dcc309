/*
 * mime.h - the parts of one message in memory: where each lies, what it says it is, its decoded
 * body.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A walk gives a flat array in the order of the text; part 0 is the message itself. Views borrow
 * the message wherever its bytes can stay as they are. Damage is the rule in what this reads, so
 * nothing here is refused: a part that cannot be opened stays a leaf and says why, a limit that was
 * hit is named and what was found before it stands.
 */
#ifndef MM_MAIL_MIME_H
#define MM_MAIL_MIME_H

#include "mail/message.h"

enum {
    /* Forwarded bounces of bounces reach 8 (design: section 7). */
    MM_MIME_DEPTH_MAX = 32,
    MM_MIME_PARTS_MAX = 1000,
    /* All names and boundaries of real mail are shorter; RFC 2046 section 5.1.1 stops at 70. */
    MM_MIME_BOUNDARY_MAX_BYTES = 998,
    MM_MIME_NAME_MAX_BYTES = 4096,
    MM_PART_NONE = UINT32_MAX
};

/* What the walk, and whoever looks for a report, tells types apart by. */
enum mm_media {
    MM_MEDIA_OTHER,
    MM_MEDIA_TEXT_PLAIN, /* also where nothing is said (RFC 2045 section 5.2) */
    MM_MEDIA_TEXT_HTML,  /* text/html */
    MM_MEDIA_MULTIPART,  /* multipart/ANY: has children, unless MM_PART_NOT_OPENED */
    MM_MEDIA_MESSAGE,    /* message/rfc822, message/global: one child, the message */
    MM_MEDIA_HEADERS,    /* text/rfc822-headers, message/rfc822-headers, message/global-headers */
    MM_MEDIA_DELIVERY_STATUS, /* message/delivery-status, message/global-delivery-status */
    MM_MEDIA_FEEDBACK_REPORT, /* message/feedback-report */
    MM_MEDIA_DISPOSITION      /* message/disposition-notification, message/global-disposition-… */
};

/* Content-Transfer-Encoding. 7bit, 8bit, binary, none and unknown words are identity. */
enum mm_encoding { MM_ENCODING_IDENTITY, MM_ENCODING_BASE64, MM_ENCODING_QUOTED_PRINTABLE };

enum mm_part_flag {
    MM_PART_NO_TYPE = 1 << 0,          /* no Content-Type: the default stands in type, subtype */
    MM_PART_BAD_TYPE = 1 << 1,         /* one that is not "type/subtype": likewise */
    MM_PART_ATTACHMENT = 1 << 2,       /* Content-Disposition: attachment */
    MM_PART_NO_HEADER = 1 << 3,        /* the part begins with its body, without an empty line */
    MM_PART_NOT_OPENED = 1 << 4,       /* multipart without a boundary, or too deep: a leaf */
    MM_PART_NO_END = 1 << 5,           /* multipart whose closing boundary is missing */
    MM_PART_IN_DECODED = 1 << 6,       /* inside a message that was base64 or quoted-printable */
    MM_PART_UNKNOWN_ENCODING = 1 << 7, /* a word that RFC 2045 section 6.1 does not know */
    MM_PART_BAD_NAME = 1 << 8          /* name: bytes replaced by U+FFFD, or cut at its maximum */
};

struct mm_mime_part {
    uint32_t parent;      /* index of the multipart or message it is in; MM_PART_NONE for part 0 */
    uint32_t depth;       /* 0 for part 0 */
    uint32_t ordinal;     /* place among the parts of its parent, from 1 */
    uint32_t subtree_end; /* parts [own index + 1, subtree_end) are inside it */
    uint32_t flags;       /* enum mm_part_flag */
    enum mm_media media;
    enum mm_encoding encoding;
    uint64_t offset;     /* of its first header byte in the message; with MM_PART_IN_DECODED of the
                            encoded body it was found in */
    struct mm_msg *msg;  /* its header index and body, as mm_msg_index() gives them; never NULL */
    struct mm_view head; /* its header, without the empty line */
    struct mm_view body; /* as it stands; the line end before a boundary is not part of it */
    struct mm_view type; /* lower case: "text" */
    struct mm_view subtype; /* lower case: "plain" */
    struct mm_view name;    /* UTF-8, of Content-Disposition or else Content-Type; empty: none */
    struct mm_view charset; /* lower case; empty: none */
    struct mm_view report_type; /* lower case: "feedback-report"; empty: none */
    struct mm_view boundary;    /* of a multipart */

    bool is_decoded; /* private to mm_mime_decode() from here on */
    struct mm_view decoded;
    uint64_t skipped_bytes;
};

/* The first limit that a walk ran into. What lies behind it is not in the array. */
enum mm_mime_limit {
    MM_MIME_WHOLE,
    MM_MIME_TOO_DEEP,    /* deeper than MM_MIME_DEPTH_MAX: the part stays a leaf */
    MM_MIME_TOO_MANY,    /* more than MM_MIME_PARTS_MAX parts */
    MM_MIME_LONG_HEADER, /* a header over MM_HEADER_MAX_BYTES: that part has no fields */
};

struct mm_mime {
    struct mm_mime_part *parts; /* [count], arena memory; at least one after MM_OK */
    uint32_t count;
    enum mm_mime_limit limit;
    bool cr_only; /* lines end in bare CR: the views are of a copy with LF, offsets are the same */
};

/*
 * Find the parts of `message` (a leading `From ` line is set aside). Bare CRs are line ends where
 * the first line ends in one; else they are content.
 *
 * arena    holds array, names and indexes; and the bodies of messages inside the message that are
 *          encoded, which are decoded to be walked. Bounded by MM_MIME_PARTS_MAX and the message.
 * Returns  MM_OK; MM_E_NOMEM.
 * Cost     linear in message.len times the depth of the tree.
 * Source   RFC 2045, 2046, 2183, 2231, 6522, 6532.
 */
enum mm_status mm_mime_walk(struct mm_mime *mime, struct mm_view message,
                            struct mm_arena *arena) MM_MUST_CHECK;

/*
 * The body of a part in its own bytes: `part->body` itself where the encoding is identity, else
 * arena memory, made once. Line ends stay as they are, text is in the part's charset.
 *
 * skipped  [out] bytes that no encoder writes and that were skipped or kept as they stand; what
 *          follows base64 padding counts here too. May be NULL.
 * Returns  MM_OK; MM_E_NOMEM.
 * Source   RFC 2045 sections 6.7 and 6.8.
 */
enum mm_status mm_mime_decode(struct mm_mime_part *part, struct mm_arena *arena,
                              struct mm_view *decoded, uint64_t *skipped) MM_MUST_CHECK;

/* Write the path of a part, the ordinals from the message down: "2.1"; part 0 is "". A message
 * inside a message/rfc822 part is its part 1. Returns the length; `out` has room for
 * MM_MIME_PATH_BYTES and ends in NUL. */
enum { MM_MIME_PATH_BYTES = (MM_MIME_DEPTH_MAX + 1) * 5 };
size_t mm_mime_path(const struct mm_mime *mime, uint32_t index, char *out);

/* True where text begins with a field of a header: a name of visible ASCII and a colon. */
bool mm_mime_starts_with_field(struct mm_view text);

/* Value of the topmost field of that name, folds included; empty without data where there is none.
 */
struct mm_view mm_mime_field(const struct mm_mime_part *part, struct mm_view name);

/* A word for the limit: "mime-depth", "mime-parts", "mime-header"; "" for MM_MIME_WHOLE. */
const char *mm_mime_limit_slug(enum mm_mime_limit limit);

static inline bool mm_mime_is_leaf(const struct mm_mime *mime, uint32_t index)
{
    return mime->parts[index].subtree_end == index + 1;
}

#endif /* MM_MAIL_MIME_H */
