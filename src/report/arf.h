/*
 * arf.h - failure reports and complaints, one row each (RFC 5965, 6591, 6590, 6692, 9991).
 * SPDX-License-Identifier: Apache-2.0
 *
 * What a feedback report says is kept as it is said; what it leaves out is filled from the sample
 * (the message it is about) or from the mail that carries it, and `provenance` then names the
 * column and the place. A report without a message/feedback-report part is taken from the forms
 * that are known: fields in front of the mail (Hotmail), a plain text of labelled lines (Exim).
 */
#ifndef MM_REPORT_ARF_H
#define MM_REPORT_ARF_H

#include "mail/mime.h"
#include "report/row_value.h"

enum mm_arf_kind {
    MM_ARF_AUTH_FAILURE, /* Feedback-Type: auth-failure (RFC 6591, RFC 9991) */
    MM_ARF_COMPLAINT,    /* abuse, fraud, virus, and what came through a known complaint form */
    MM_ARF_NOT_SPAM,     /* the opposite of a complaint: never to be added to them */
    MM_ARF_OPT_OUT,      /* opt-out, opt-out-list, unsubscribe */
    MM_ARF_OTHER         /* other, and types that are not known */
};
/* "auth_failure", "complaint", "not_spam", "opt_out", "other". */
const char *mm_arf_kind_word(enum mm_arf_kind kind);

enum mm_arf_sample { MM_ARF_SAMPLE_NONE, MM_ARF_SAMPLE_HEADERS, MM_ARF_SAMPLE_FULL };
/* "none", "headers", "full". */
const char *mm_arf_sample_word(enum mm_arf_sample sample);

/* Texts as in row_value.h: absent is data NULL. Addresses are as written, with their angle brackets
 * taken off; redacted ones (RFC 6590) are like any other text. */
struct mm_arf_report {
    enum mm_arf_kind kind;
    struct mm_view feedback_type; /* in small letters; absent where no block says one */
    struct mm_view user_agent, version;
    int64_t arrival_date; /* Arrival-Date, Received-Date, or the mail's Date (then in provenance) */
    struct mm_ip source_ip;
    struct mm_view source_ip_text; /* as mm_ip_text(); the whole value where more stands in it */
    int32_t source_port;           /* RFC 6692; MM_NO_NUMBER */
    struct mm_view original_mail_from;
    struct mm_text_list original_rcpt_to; /* verbatim but for angle brackets */
    struct mm_text_list reported_domain;  /* in small letters */
    struct mm_text_list reported_uri;
    int64_t incidents; /* 1 where the report does not say; at least 1 */
    struct mm_view reporting_mta;
    struct mm_view original_envelope_id;
    struct mm_text_list
        auth_failure; /* adsp, bodyhash, dmarc, …: small letters, unknown ones kept */
    struct mm_view delivery_result;         /* small letters */
    struct mm_text_list identity_alignment; /* as said: what it means changed with RFC 9991 */
    struct mm_view dkim_domain, dkim_selector, dkim_identity;
    struct mm_view spf_dns;
    struct mm_text_list authentication_results;
    struct mm_text_list unknown_fields; /* "Name: value" of fields that have no column */

    enum mm_arf_sample sample_kind;
    struct mm_view sample_message_id;  /* without angle brackets */
    struct mm_view sample_from_domain; /* small letters */
    struct mm_view sample_subject;     /* personal data: off by default where rows are written */
    struct mm_view sample_list_id;     /* what stands in the angle brackets */
    struct mm_view sample_list_unsubscribe;
    struct mm_view sample_feedback_id;
    struct mm_view sample_dkim_domain, sample_dkim_selector; /* of the topmost DKIM-Signature */

    struct mm_text_list provenance; /* "column=place" for each value that no block said: place is
                                       sample, sample-received, mail-date, mail-header, text */
    struct mm_text_list flags;      /* words of arf_flags.def */
    struct mm_view reporter_domain; /* of the mail's From; small letters */
    int64_t received_at;            /* the mail's Date */
};

/*
 * Read one mail.
 *
 * mime     the mail's parts, which are decoded as needed; borrowed by the report. A report inside a
 *          forwarded message is found where the mail has none of its own.
 * arena    holds what is not borrowed: at most a few times the size of the mail's report parts.
 * Returns  MM_OK; MM_END where the mail is no feedback report (`report` is not to be read);
 *          MM_E_NOMEM.
 * Cost     linear in the bytes of the parts.
 */
enum mm_status mm_arf_read(struct mm_mime *mime, struct mm_arena *arena,
                           struct mm_arf_report *report) MM_MUST_CHECK;

#endif /* MM_REPORT_ARF_H */
