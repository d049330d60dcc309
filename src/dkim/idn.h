/*
 * idn.h - names written in U-labels, as the A-labels that DNS knows (RFC 8616, RFC 5890).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DKIM_IDN_H
#define MM_DKIM_IDN_H

#include "base/arena.h"
#include "dkim/reason.h"

enum {
    /* 253 octets of A-labels decode to fewer characters than that, each of 4 bytes at most in
     * UTF-8: longer text is no name, and is not handed on. */
    MM_IDN_MAX_BYTES = 4 * 253
};

/* What may stand for a U-label. */
enum mm_idn_form {
    /* It alone, which is what mail may say: in NFC, none of its characters written as another one
     * of its kind, '.' between labels. Of ASCII, capitals are the same. */
    MM_IDN_U_LABELS,
    /* What people type, too: capitals, wide letters, other dots (UTS #46 section 4,
     * non-transitional). */
    MM_IDN_MAPPED
};

/*
 * The form of a name that is looked up and compared: ASCII is left as it is, U-labels become
 * A-labels. What the labels look like otherwise, and how long they are, is not looked at.
 *
 * out     [out] `name` itself, or memory of the arena.
 * fault   [out] MM_REASON_NONE; MM_REASON_BAD_U_LABEL for bytes that are no UTF-8, NUL among them;
 *         MM_REASON_U_LABEL for what IDNA refuses; `out` is `name` then.
 * Returns MM_OK, also with a fault; MM_E_NOMEM.
 * Source  RFC 8616 section 4; RFC 5890 section 2.3.2.1; RFC 5891 section 5.
 */
enum mm_status mm_idn_to_ascii(struct mm_view name, enum mm_idn_form form, struct mm_arena *arena,
                               struct mm_view *out, enum mm_reason *fault) MM_MUST_CHECK;

#endif /* MM_DKIM_IDN_H */
