/*
 * auth.h - a verdict for whoever reads the message next: the Authentication-Results field.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MAILMILL_AUTH_H
#define MAILMILL_AUTH_H

#include "mailmill/dkim.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { MM_AUTHSERV_ID_MAX_BYTES = 253 }; /* a host name: RFC 1035 section 2.3.4, as text */

/*
 * True for a text that names the checking system: an RFC 2045 token, as host names are, of at most
 * MM_AUTHSERV_ID_MAX_BYTES. Names beyond ASCII are given as A-labels. Source: RFC 8601 section 2.5.
 */
MM_API bool mm_authserv_id_is_valid(struct mm_view id);

/* One line without a line end; or a field for the top of a message, folded before column 78, each
 * line with that end. Unfolding the second and third gives the first. */
enum mm_authres_form { MM_AUTHRES_UNFOLDED, MM_AUTHRES_CRLF, MM_AUTHRES_LF };

/*
 * Write the Authentication-Results field of a verdict: one `dkim=` result for each signature of it,
 * in order, `dkim=none` where it has none.
 *
 * header.d, .i, .s and .a are the tags as written in the signature (i= absent: "@" and d=); absent
 * or over MM_AUTHRES_VALUE_MAX bytes they are left out. header.b is the first eight characters of
 * b=, or as many as it takes to tell it from the other signatures. Values that are neither a token
 * nor an address stand in quotes, '"' and '\' escaped; UTF-8 stays, but any other byte which a
 * quoted string cannot hold (controls, invalid UTF-8), bidirectional controls and line separators
 * become '?': no value can end its quotes.
 *
 * out [cap]   the field, no NUL behind it. NULL where cap is 0.
 * length      [out] its bytes, also where they do not fit.
 * Returns     MM_OK; MM_E_LIMIT when it needs more than cap; MM_E_ARG for an id that is none;
 *             MM_E_NOMEM.
 * Source      RFC 8601 sections 2.2 and 2.7.1; RFC 6008; RFC 6532 section 3.2.
 */
enum { MM_AUTHRES_VALUE_MAX = 320 }; /* an address: RFC 5321 section 4.5.3.1, 64 + 1 + 255 */
MM_API enum mm_status mm_authentication_results(struct mm_view authserv_id,
                                                const struct mm_dkim_verdict *verdict,
                                                enum mm_authres_form form, char *out, size_t cap,
                                                size_t *length, struct mm_error *err) MM_MUST_CHECK;

/*
 * True for the value of an Authentication-Results field (all behind the colon) that claims to be
 * from authserv_id: forged or stale where it comes with the mail. Case, comments, folds and quotes
 * do not matter, nor whether names beyond ASCII are U-labels or A-labels; what UTS #46 maps to a
 * name is that name. A value whose authserv-id cannot be read counts as well: some reader may take
 * it for ours. These are none at all, a comment or quote without its end, control bytes, names that
 * are too long, no UTF-8 or refused by IDNA, and anything up to the name's end that may begin an
 * encoded word ("=?"), which some readers decode before they take a field apart; and, without
 * memory, names in U-labels.
 * Source: RFC 8601 sections 2.5 and 5; RFC 2047 section 5; RFC 5891 section 5.
 */
MM_API bool mm_authres_claims(struct mm_view value, struct mm_view authserv_id);

#ifdef __cplusplus
}
#endif
#endif /* MAILMILL_AUTH_H */
