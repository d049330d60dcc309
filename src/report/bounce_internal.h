/*
 * bounce_internal.h - what the files that read notices share.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_REPORT_BOUNCE_INTERNAL_H
#define MM_REPORT_BOUNCE_INTERNAL_H

#include "report/bounce.h"
#include "report/bounce_codes.h"
#include "report/fields_block.h"

enum {
    /* Of what a notice says to a person: the longest real ones are in eight languages. */
    MM_NOTICE_MAX_BYTES = 64 * 1024,
    /* Of subject and sender, which are looked at again for each row. */
    MM_NOTICE_MAX_FIELD_BYTES = 512,
    /* Of the text that a row keeps. */
    MM_BOUNCE_KEPT_BYTES = 2 * 1024
};

/* One mail in work. */
struct mm_bounce_job {
    struct mm_bounce_matcher *matcher;
    struct mm_mime *mime;
    struct mm_arena *arena;
    struct mm_notice *notice;
    uint32_t row_cap;
    bool delayed;            /* the words say that it will be tried again */
    uint32_t first_rows;     /* of the first message/delivery-status, or of the words */
    struct mm_view words;    /* what the notice says to a person, without the returned message */
    struct mm_view whole;    /* the same with what is returned, where that stands in one text */
    struct mm_view returned; /* header of the returned message, and perhaps more; or absent */
    struct mm_view subject, sender, addressee, auto_submitted;
    struct mm_view failed_recipients; /* X-Failed-Recipients (Exim, Gmail); or absent */
};

/* At most so much of a text, and of UTF-8 no part of a character. */
static inline struct mm_view mm_bounce_cut(struct mm_view text, size_t max_bytes)
{
    if (text.len <= max_bytes)
        return text;
    size_t end = max_bytes; /* where the character that would be cut in two begins, if one would */
    while (end > 0 && max_bytes - end < 3 && (text.data[end] & 0xc0) == 0x80)
        end--;
    return mm_view_sub(text, 0, (text.data[end] & 0xc0) == 0xc0 ? end : max_bytes);
}

/* A text cut to what a row keeps. */
static inline struct mm_view mm_bounce_kept(struct mm_view text)
{
    return mm_bounce_cut(text, MM_BOUNCE_KEPT_BYTES);
}

/* The body of a part without its encoding: UTF-8 where its charset is known to be another, else the
 * bytes as they are. MM_OK or MM_E_NOMEM. */
enum mm_status mm_bounce_body(struct mm_bounce_job *job, struct mm_mime_part *part,
                              struct mm_view *body) MM_MUST_CHECK;

/* Fill `words` and `returned`. bounce_words.c. MM_OK or MM_E_NOMEM. */
enum mm_status mm_bounce_find_words(struct mm_bounce_job *job) MM_MUST_CHECK;

/* A new row with nothing in it. MM_OK; MM_E_LIMIT; MM_E_NOMEM. */
enum mm_status mm_bounce_add_row(struct mm_bounce_job *job, struct mm_bounce **row) MM_MUST_CHECK;

enum mm_bounce_flag {
#define MM_BOUNCE_FLAG(name, word, meaning) MM_BOUNCE_FLAG_##name,
#include "report/bounce_flags.def"
#undef MM_BOUNCE_FLAG
};
enum mm_status mm_bounce_flag_add(struct mm_bounce_job *job, struct mm_bounce *row,
                                  enum mm_bounce_flag flag) MM_MUST_CHECK;

/* Fill what follows from the other fields of the row at `index`. bounce_row.c. MM_OK or MM_E_NOMEM.
 */
enum mm_status mm_bounce_finish_row(struct mm_bounce_job *job, struct mm_bounce *row,
                                    uint32_t index) MM_MUST_CHECK;

/* Rows from the groups of message/delivery-status, or of the same fields in a text. bounce_dsn.c.
 * MM_OK; MM_E_LIMIT; MM_E_NOMEM. */
enum mm_status mm_bounce_read_groups(struct mm_bounce_job *job,
                                     struct mm_view groups) MM_MUST_CHECK;

/* Rows from the words alone; none where no recipient is found. bounce_text.c. Likewise. */
enum mm_status mm_bounce_read_words(struct mm_bounce_job *job) MM_MUST_CHECK;

/* What the words say of one recipient, from the place that names it up to the next one; absent
 * where they do not name it. */
struct mm_view mm_bounce_words_on(struct mm_bounce_job *job, struct mm_view recipient);

/* Host name or address alone, small letters: of "dns; mx.example.org (192.0.2.1)",
 * "dns;[192.0.2.1]:25", "mx.example.org:25". Absent where there is none. */
struct mm_view mm_bounce_host(struct mm_bounce_job *job, struct mm_view value);

/* The host that a text says it talked to; absent where it names none. */
struct mm_view mm_bounce_host_in(struct mm_bounce_job *job, struct mm_view text);

#endif /* MM_REPORT_BOUNCE_INTERNAL_H */
