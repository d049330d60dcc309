/*
 * mbox.h - cut an mbox into messages and undo mboxrd quoting (RFC 4155; the "mboxrd" variant).
 * SPDX-License-Identifier: Apache-2.0
 *
 * A message begins at a line "From " that is the first of the file or follows an empty line. The
 * empty line before the next separator, or before the end of the file, is not part of the message.
 */
#ifndef MM_MAIL_MBOX_H
#define MM_MAIL_MBOX_H

#include "base/buf.h"
#include "base/view.h"

/* True where bytes begin with a `From ` line: what the sniffing of sources goes by. */
bool mm_mbox_sniff(struct mm_view head);

/*
 * Find where the next message begins: the offset of the first separator line at or after `from`
 * (which must be past the current message's own separator). A separator needs the empty line before
 * it and its own first 5 bytes inside `bytes`. Returns the offset, or bytes.len when none is there.
 */
size_t mm_mbox_next(struct mm_view bytes, size_t from);

/* The message inside [separator line, next separator): separator and trailing empty line taken off.
 */
struct mm_mbox_message {
    struct mm_view from_line; /* with its line end */
    struct mm_view quoted;    /* the message as stored */
    bool has_quotes;          /* some line begins with one or more '>' and then "From " */
    bool body_quotes_only;    /* none of those is in the header */
};
struct mm_mbox_message mm_mbox_trim(struct mm_view entry);

/* Take one '>' off every line that begins with '>'s and "From ", in place. Returns the new length.
 */
size_t mm_mbox_unquote(char *quoted, size_t len);

/* The next piece of a stored message, or of its body, without the '>'s that quote; `quoted` goes
 * behind it. Empty at the end. */
struct mm_view mm_mbox_next_piece(struct mm_view *quoted);

/* Append as mboxrd: from_line (made from `sender` and `when` where empty: "From MAILER-DAEMON …"),
 * the parts in order with LF line ends and quoted `From ` lines, one empty line. A line whose
 * content ends in CR ends in CRLF: with LF alone that CR would be read as a part of the line end.
 * `parts` together are one message; a line may cross parts. */
struct mm_mbox_writer {
    struct mm_buf *out;
    bool at_line_start, pending_cr;
    bool ends_in_cr;    /* private: what is written of the line */
    uint8_t prefix_len; /* private: how much of a possible ">*From " was seen at the line's start */
    bool in_prefix;
};
void mm_mbox_write_begin(struct mm_mbox_writer *w, struct mm_buf *out, struct mm_view from_line,
                         int64_t when);
void mm_mbox_write_part(struct mm_mbox_writer *w, struct mm_view part);
void mm_mbox_write_end(struct mm_mbox_writer *w);

#endif /* MM_MAIL_MBOX_H */
