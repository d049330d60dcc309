/*
 * message.h - one message in memory: where its header fields lie and where its body begins.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The index borrows the bytes and copies none. Line ends are CRLF or LF, mixed as they come; a CR
 * without LF behind it is content (RFC 5322 section 2.3 forbids it, mail has it).
 */
#ifndef MM_MAIL_MESSAGE_H
#define MM_MAIL_MESSAGE_H

#include "base/arena.h"
#include "base/view.h"

enum {
    /* Real headers stay below 100 KB; 1 MiB leaves room for absurd recipient lists and bounds the
     * cost of one message. */
    MM_HEADER_MAX_BYTES = 1024 * 1024,
    MM_FIELD_NONE = UINT32_MAX
};

/* One header field, folds included. Offsets count from the first byte of mm_msg.bytes. */
struct mm_field {
    uint32_t start;      /* first byte of the name */
    uint32_t name_len;   /* without blanks before the colon */
    uint32_t value;      /* first byte after the colon */
    uint32_t end;        /* past the last byte of the last line, line end not included */
    uint32_t next;       /* past the line end: where the next line starts */
    uint32_t upper_same; /* index of the nearest field above with the same name, or MM_FIELD_NONE */
    uint32_t name_id;    /* 0..name_count-1: equal for equal names whatever their case */
};

enum mm_msg_eol { MM_EOL_CRLF, MM_EOL_LF, MM_EOL_MIXED };

struct mm_msg {
    struct mm_view bytes;     /* the message, a leading mbox `From ` line not included */
    struct mm_view from_line; /* that line with its line end; empty where there is none */
    struct mm_field *fields;  /* top to bottom; arena memory */
    uint32_t field_count;
    uint32_t name_count;      /* distinct names */
    uint32_t *lowest_of_name; /* [name_count] index of the lowest field with that name */
    struct mm_view body;      /* after the empty line; empty where there is none */
    enum mm_msg_eol eol;      /* of header and body together; CRLF where there is no line end */
    bool first_line_is_lf;  /* the first line ends in a bare LF: what a new top field should use */
    bool has_bare_lf;       /* anywhere */
    uint64_t first_bare_lf; /* its offset in bytes, when has_bare_lf */
    bool body_has_bare_lf;
    bool header_has_nul;
    uint32_t stray_lines; /* header lines that are neither a field nor a fold of one: skipped */

    /* private to message.c: name hash table in arena memory */
    uint32_t *count_of_name; /* [name_count] */
    uint32_t *name_slots;
    uint32_t slot_mask;
};

/*
 * Index `bytes`. One leading line that begins with "From " is set aside in from_line (mbox
 * separator). The header ends at the first empty line, or with the bytes. A line without a colon,
 * or with an empty name, or a fold before any field, is skipped and counted; the folds behind it go
 * with it. Names may have WSP before the colon (RFC 5322 section 4.5); bytes of a name are what
 * precedes it. A first line "From :" is such a field, not a separator.
 *
 * arena    holds fields and tables; a few dozen bytes a field.
 * Returns  MM_OK; MM_E_LIMIT when the header is longer than MM_HEADER_MAX_BYTES (nothing but bytes,
 *          from_line and the eol facts is set then); MM_E_NOMEM.
 * Cost     linear in the length, whatever the shape: 3,000 fields of one name included.
 */
enum mm_status mm_msg_index(struct mm_msg *msg, struct mm_view bytes,
                            struct mm_arena *arena) MM_MUST_CHECK;

static inline struct mm_view mm_field_name(const struct mm_msg *m, const struct mm_field *f)
{
    return mm_view_sub(m->bytes, f->start, f->name_len);
}

/* Value after the colon, folds and leading blanks included, last line end not. */
static inline struct mm_view mm_field_value(const struct mm_msg *m, const struct mm_field *f)
{
    return mm_view_sub(m->bytes, f->value, f->end - f->value);
}

/* From the name to the end of the value, last line end not included. */
static inline struct mm_view mm_field_whole(const struct mm_msg *m, const struct mm_field *f)
{
    return mm_view_sub(m->bytes, f->start, f->end - f->start);
}

/* name_id of a name in any case, or MM_FIELD_NONE where no field has it. Constant time. */
uint32_t mm_msg_name_id(const struct mm_msg *msg, struct mm_view name);

/* Lowest field of that name, or MM_FIELD_NONE; the next one up is fields[i].upper_same. */
static inline uint32_t mm_msg_lowest(const struct mm_msg *msg, struct mm_view name)
{
    uint32_t id = mm_msg_name_id(msg, name);
    return id == MM_FIELD_NONE ? MM_FIELD_NONE : msg->lowest_of_name[id];
}

/* Number of fields of that name. */
uint32_t mm_msg_count(const struct mm_msg *msg, struct mm_view name);

#endif /* MM_MAIL_MESSAGE_H */
