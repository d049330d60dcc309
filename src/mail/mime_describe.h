/*
 * mime_describe.h - what a part's header says of its body.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_MAIL_MIME_DESCRIBE_H
#define MM_MAIL_MIME_DESCRIBE_H

#include "mail/mime.h"

/*
 * Fill type, media, name, charset, report_type, boundary, encoding and their flags from part->msg.
 * `in_digest`: what says nothing is message/rfc822 (RFC 2046 section 5.1.5), not text/plain.
 * Returns MM_OK; MM_E_NOMEM.
 */
enum mm_status mm_mime_describe(struct mm_mime_part *part, bool in_digest,
                                struct mm_arena *arena) MM_MUST_CHECK;

#endif /* MM_MAIL_MIME_DESCRIBE_H */
