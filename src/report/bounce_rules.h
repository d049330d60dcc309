/*
 * bounce_rules.h - why a delivery failed: an ordered list of rules over what the notice says.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The rules are data (data/bounce_rules.tsv, built into the library; its head explains the form).
 * The first rule whose conditions all hold gives the reason, and its id goes into the row, so that
 * whoever disagrees knows which line to look at. Status codes alone are the last rules of the
 * list: 5.x.x says nothing about an address as long as a text says more.
 */
#ifndef MM_REPORT_BOUNCE_RULES_H
#define MM_REPORT_BOUNCE_RULES_H

#include "report/text_patterns.h"

enum {
    MM_BOUNCE_RULES_MAX_BYTES = 4 * 1024 * 1024, /* of a rule file */
    MM_BOUNCE_TEXT_MAX_BYTES = 8 * 1024          /* of a text that is looked at */
};

/* What to do about an address, as a reason has it. Action and status come on top (bounce.c). */
enum mm_reason_class {
    MM_REASON_CLASS_HARD,
    MM_REASON_CLASS_SOFT,
    MM_REASON_CLASS_POLICY,
    MM_REASON_CLASS_NONE
};

/* What a rule may ask for; absent texts match no condition but a negated one. */
struct mm_bounce_facts {
    struct mm_view text;     /* the diagnostic, or the words of the notice on this recipient */
    struct mm_view notice;   /* all that the notice says to a person */
    struct mm_view subject;  /* of the notice, decoded or not */
    struct mm_view sender;   /* of the notice: its From field */
    struct mm_view provider; /* of the host that answered: "google", … */
    struct mm_view via;      /* of the host that wrote the notice */
    struct mm_view command;  /* SMTP command that was answered: "rcpt", "data", … */
    struct mm_view type;     /* of the diagnostic: "smtp", "x-unix", … */
    struct mm_view action;   /* of the row: "failed", … */
    struct mm_view auto_submitted; /* "auto-replied", … (RFC 3834 section 5) */
    int32_t status[3];             /* x.y.z; -1 where there is none */
    int32_t reply_code;            /* -1 where there is none */
};

struct mm_bounce_cause {
    struct mm_view reason; /* "undefined" where no rule holds */
    struct mm_view rule_id;
    enum mm_reason_class reason_class;
};

struct mm_bounce_rules; /* read-only once made: shared by all workers */

/* The text of the rules that are built in. */
struct mm_view mm_bounce_rules_builtin(void);

/*
 * Read rules. `text` is not needed afterwards.
 * Returns MM_OK; MM_E_SYNTAX with line and word in `err`; MM_E_LIMIT; MM_E_NOMEM.
 */
enum mm_status mm_bounce_rules_new(struct mm_bounce_rules **rules, struct mm_view text,
                                   struct mm_error *err) MM_MUST_CHECK;
void mm_bounce_rules_free(struct mm_bounce_rules **rules);

struct mm_bounce_matcher; /* a worker's memory for the rules, which must outlive it */

/* MM_OK or MM_E_NOMEM. */
enum mm_status mm_bounce_matcher_new(struct mm_bounce_matcher **matcher,
                                     const struct mm_bounce_rules *rules) MM_MUST_CHECK;
void mm_bounce_matcher_free(struct mm_bounce_matcher **matcher);

/* The first rule that holds. Texts over MM_BOUNCE_TEXT_MAX_BYTES are looked at that far. */
struct mm_bounce_cause mm_bounce_classify(struct mm_bounce_matcher *matcher,
                                          const struct mm_bounce_facts *facts);

/* What the rules of notices call a mail: "bounce", "delay" (a notice that all is not lost yet),
 * "auto-reply", "challenge", "mail"; absent where none holds. */
struct mm_view mm_bounce_notice_word(struct mm_bounce_matcher *matcher,
                                     const struct mm_bounce_facts *facts);

/* Who runs a host, by the longest known end of its name (small letters); absent for the others. */
struct mm_view mm_bounce_provider(const struct mm_bounce_rules *rules, struct mm_view host);

const struct mm_bounce_rules *mm_bounce_matcher_rules(const struct mm_bounce_matcher *matcher);

/* The class of a reason word; false where it is none of the vocabulary. */
bool mm_bounce_reason_class(struct mm_view reason, enum mm_reason_class *reason_class);

#endif /* MM_REPORT_BOUNCE_RULES_H */
