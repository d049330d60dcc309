/*
 * stream_form.h - one message as a stream holds it: mbox, tar, batch SMTP, a row.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_PIPELINE_STREAM_FORM_H
#define MM_PIPELINE_STREAM_FORM_H

#include "mail/mbox.h"
#include "pipeline/sink.h"

/* What a worker needs to write messages in a form. */
struct mm_stream_former {
    enum mm_stream_form form; /* not MM_STREAM_AS_CAME */
    int64_t now;
    struct mm_arena arena; /* of a message: its header's index */
    struct mm_buf step;    /* of a part: its lines as the form has them, before stuffing */
    /* of the message being written */
    struct mm_buf *out;
    struct mm_mbox_writer mbox;
    uint64_t size;
    bool at_line_start, ends_in_cr; /* batch SMTP: the parts so far */
};

void mm_stream_former_init(struct mm_stream_former *f, enum mm_stream_form form, int64_t now);
void mm_stream_former_deinit(struct mm_stream_former *f);

/*
 * Begin a message, append its parts in order, cut anywhere, end it. Each call appends about as much
 * as it is given, so that the caller can write what there is in between. Returns MM_OK;
 * MM_E_SYNTAX: the form has no place for this message, *slug says why, and nothing was appended;
 * MM_E_NOMEM.
 */
enum mm_status mm_stream_form_begin(struct mm_stream_former *f, struct mm_buf *out,
                                    const struct mm_item *item, const char **slug) MM_MUST_CHECK;
void mm_stream_form_part(struct mm_stream_former *f, struct mm_view part);
void mm_stream_form_end(struct mm_stream_former *f);

/* What stands behind the last message of a stream. */
void mm_stream_form_trailer(enum mm_stream_form form, struct mm_buf *out);

#endif /* MM_PIPELINE_STREAM_FORM_H */
