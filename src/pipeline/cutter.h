/*
 * cutter.h - where the next message of a container lies: one cutter for each form.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A cutter looks at bytes from the begin of a member on and says what is there. It holds no bytes:
 * whoever reads the container decides how many there are, and may show the same again with more
 * behind them.
 */
#ifndef MM_PIPELINE_CUTTER_H
#define MM_PIPELINE_CUTTER_H

#include "io/tar.h"
#include "pipeline/batch.h"

enum mm_cut_turn {
    MM_CUT_MEMBER,  /* a message, or with a slug what cannot be one */
    MM_CUT_LINK,    /* an entry that leads to another one */
    MM_CUT_SKIP,    /* nothing of interest in `advance` bytes */
    MM_CUT_MORE,    /* what is there does not tell yet; at the end of the stream: it is cut short */
    MM_CUT_DAMAGED, /* nothing behind this can be understood */
    MM_CUT_END
};

struct mm_cut {
    enum mm_cut_turn turn;
    size_t at, len; /* MEMBER: its bytes as stored, from the begin of what was shown */
    size_t envelope_at, envelope_len;
    uint64_t advance;    /* MEMBER, LINK, SKIP: to the next one; may lie beyond what is there */
    size_t need;         /* MORE: bytes that must be there; 0: just more */
    struct mm_view name; /* inside the container, until the next call; empty: the offset names it */
    const char *slug;    /* MEMBER: NULL, or why there is no message */
};

enum { MM_CUT_BEFORE_BYTES = 3 }; /* tell whether an empty line ends there: LF CR LF */

struct mm_cutter;
struct mm_cutter_ops {
    enum mm_member_form form;
    /* True where a member begins at `at`, up to MM_CUT_BEFORE_BYTES before it shown as well; NULL
     * where nothing but what comes before all tells. */
    bool (*begins)(struct mm_view bytes, size_t at);
    /* Look at bytes[0..): `whole` when nothing comes behind them. */
    void (*next)(struct mm_cutter *c, struct mm_view bytes, bool whole, struct mm_cut *cut);
};

struct mm_cutter {
    const struct mm_cutter_ops *ops;
    uint64_t member_max_bytes;
    size_t scanned;  /* bytes from the member's begin that are known to hold no end of it */
    bool any;        /* of one message: it was given */
    bool discarding; /* the member is over the limit: bytes are skipped up to its end */
    struct mm_tar tar;
};

extern const struct mm_cutter_ops mm_cut_one, mm_cut_mbox, mm_cut_mboxcl2, mm_cut_tar, mm_cut_bsmtp;
/* What begins with a block of zeros: nothing where it is an empty tar, else one message. */
extern const struct mm_cutter_ops mm_cut_zeros;
/* True where it cuts no more than one message, which has the name of the whole. */
bool mm_cutter_is_lone(const struct mm_cutter_ops *ops);
/* Without begins() and next(): its members are not found from front to back. */
extern const struct mm_cutter_ops mm_cut_zip;

/* By the first bytes: 512 of them, or all there are. mm_cut_one where it is none of the others. */
const struct mm_cutter_ops *mm_cutter_sniff(struct mm_view head);
/* For a format that the user named; NULL where the first bytes are to tell. */
const struct mm_cutter_ops *mm_cutter_of(enum mm_source_format format);

#endif /* MM_PIPELINE_CUTTER_H */
