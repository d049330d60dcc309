/*
 * mime_params.h - the value and the parameters of a Content-Type or Content-Disposition field.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_MAIL_MIME_PARAMS_H
#define MM_MAIL_MIME_PARAMS_H

#include "base/arena.h"
#include "base/view.h"

enum { MM_MIME_PARAMS_MAX = 64 }; /* a file name in pieces of 70 bytes has 60 at its longest */

/* Both borrow the field; the value's quotes and escapes are still there. */
struct mm_mime_param {
    struct mm_view name, value;
};

struct mm_mime_params {
    struct mm_view
        value; /* what stands before the first ';', comments and blanks at its ends off */
    struct mm_mime_param params[MM_MIME_PARAMS_MAX];
    size_t count; /* those behind the maximum are not looked at */
};

/* Take a field's value apart. Never fails: what is no parameter is stepped over. */
void mm_mime_params_parse(struct mm_mime_params *params, struct mm_view field);

/*
 * One parameter by name, in any of its forms: name=, name*=, and name*0=, name*1*=, … put together
 * (RFC 2231 sections 3 and 4). The encoded form is preferred to the plain one beside it. Encoded
 * words in a plain value, which RFC 2047 section 5 forbids and mailers write, are decoded.
 *
 * out       [out] UTF-8; empty without data where the parameter is not there.
 * replaced  [out] U+FFFD in it. May be NULL.
 * Returns   MM_OK; MM_E_NOMEM.
 */
enum mm_status mm_mime_param(const struct mm_mime_params *params, struct mm_view name,
                             struct mm_arena *arena, struct mm_view *out,
                             uint64_t *replaced) MM_MUST_CHECK;

/* The same in the bytes of the field, for what is compared with bytes: boundaries. */
enum mm_status mm_mime_param_bytes(const struct mm_mime_params *params, struct mm_view name,
                                   struct mm_arena *arena, struct mm_view *out) MM_MUST_CHECK;

#endif /* MM_MAIL_MIME_PARAMS_H */
