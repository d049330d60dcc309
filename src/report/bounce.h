/*
 * bounce.h - notices of delivery, one row a recipient (RFC 3464, 6533), and mails that look alike.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Half of all bounces have no message/delivery-status part; theirs is the plain text of some mail
 * server. Texts that are known give the same row, less complete; those that are not give one row
 * with the text, what rules make of it, and the flag `bounce_unparsed`, so that none is lost; it
 * never counts as hard.
 *
 * Ask mm_arf_read() first: requests to be taken off a list look like automatic replies. Rules
 * belong to the run, a matcher to each worker: mm_bounce_rules_new(), mm_bounce_matcher_new().
 */
#ifndef MM_REPORT_BOUNCE_H
#define MM_REPORT_BOUNCE_H

#include "mail/mime.h"
#include "report/bounce_rules.h"
#include "report/row_value.h"

/* What a mail is. Only a notice has rows; the others are rejects with reason `not-a-report`, and
 * the word is their kind_guess. */
enum mm_notice_kind {
    MM_NOTICE_BOUNCE,     /* failed, delayed, or a receipt: rows tell which */
    MM_NOTICE_AUTO_REPLY, /* RFC 3834, vacation */
    MM_NOTICE_MDN,        /* RFC 8098, read or displayed */
    MM_NOTICE_CHALLENGE,  /* asks the sender to prove being one */
    MM_NOTICE_NONE        /* ordinary mail, be it one that quotes a bounce */
};
/* "bounce", "auto-reply", "mdn", "challenge", "mail". */
const char *mm_notice_kind_word(enum mm_notice_kind kind);

/* What to do about the address. */
enum mm_bounce_class {
    MM_BOUNCE_HARD,    /* the address or its host is gone: stop sending there */
    MM_BOUNCE_SOFT,    /* full, slow, broken, too large: try again, or look at the message */
    MM_BOUNCE_POLICY,  /* the sender, its host or its content is refused: the address may be fine */
    MM_BOUNCE_DELAYED, /* Action: delayed; no failure yet */
    MM_BOUNCE_RECEIPT, /* delivered, relayed, expanded */
    MM_BOUNCE_UNKNOWN  /* no rule, no status, no reply code */
};
/* "hard", "soft", "policy", "delayed", "receipt", "unknown". */
const char *mm_bounce_class_word(enum mm_bounce_class kind);

/* Texts as in row_value.h: absent is data NULL. */
struct mm_bounce {
    struct mm_view reporting_mta; /* host name, small letters, without "dns;" */
    struct mm_view remote_mta;    /* host name or address, without type, brackets and port */
    int64_t arrival_date, last_attempt_date;
    struct mm_view final_recipient;    /* address alone: no type, no angle brackets */
    struct mm_view recipient_domain;   /* small letters, no dot at the end */
    struct mm_view provider;           /* google, microsoft, yahoo, …: data/providers.tsv */
    struct mm_view original_recipient; /* xtext decoded where it was left (RFC 3461 section 4) */
    struct mm_view action;             /* small letters; unknown words are kept */
    struct mm_view status;             /* verbatim, comments included; absent where not said */
    int32_t status_class;              /* 2, 4, 5; the parsed status, or the better one that the */
    int32_t status_subject;            /* diagnostic gives; MM_NO_NUMBER */
    int32_t status_detail;
    int32_t reply_code;             /* 200..599 out of the diagnostic, or MM_NO_NUMBER */
    struct mm_view diagnostic_type; /* smtp, x-postfix, x-unix, …: small letters */
    struct mm_view diagnostic_code; /* one line: folds and "550-" continuations joined */
    struct mm_view reason;          /* a word of bounce_rules.h; never absent */
    enum mm_bounce_class bounce_class;
    struct mm_view rule_id; /* the rule that said so; absent where none did */
    struct mm_text_list flags;

    /* The same in every row of one mail. */
    struct mm_view original_envelope_id;
    struct mm_view original_message_id; /* of the returned message, without angle brackets */
    struct mm_view list_id, feedback_id;
    struct mm_view verp_token; /* the address that the notice came to, where it is a VERP one */
    bool has_delivery_status;
    int64_t received_at; /* the mail's Date */
};

struct mm_notice {
    enum mm_notice_kind kind;
    struct mm_bounce *rows; /* [row_count], arena memory; none but for MM_NOTICE_BOUNCE */
    uint32_t row_count;
    bool unparsed;       /* the one row has only the text: `bounce_unparsed` */
    struct mm_view text; /* for what is not understood: what a person reads first, at most 2 KiB */
};

enum {
    /* Recipient groups of one notice that become rows; a mailing list of this size that fails at
     * once is an accident, and a notice of 256 MiB could hold 20 million. */
    MM_BOUNCE_MAX_ROWS = 100000
};

/*
 * Read one mail.
 *
 * matcher  of this worker; its rules are shared.
 * mime     the mail's parts, which are decoded as needed; borrowed by the rows. Messages inside it
 *          are what was returned: they are not searched for notices.
 * arena    holds rows and what is not borrowed.
 * Returns  MM_OK, `notice` filled whatever the mail is; MM_E_LIMIT over MM_BOUNCE_MAX_ROWS (the
 *          rows that were read are there); MM_E_NOMEM.
 * Cost     linear in the bytes of the parts, times what the rules cost (bounce_rules.h).
 */
enum mm_status mm_bounce_read(struct mm_bounce_matcher *matcher, struct mm_mime *mime,
                              struct mm_arena *arena, struct mm_notice *notice) MM_MUST_CHECK;

#endif /* MM_REPORT_BOUNCE_H */
