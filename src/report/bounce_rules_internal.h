/*
 * bounce_rules_internal.h - the rules in memory: what reading makes and asking looks at.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_REPORT_BOUNCE_RULES_INTERNAL_H
#define MM_REPORT_BOUNCE_RULES_INTERNAL_H

#include "base/map.h"
#include "report/bounce_rules.h"

/* What a condition looks at. The first ones are searched for patterns. */
enum field {
    FIELD_TEXT,
    FIELD_NOTICE,
    FIELD_SUBJECT,
    FIELD_SENDER,
    SEARCHED_FIELDS,
    FIELD_PROVIDER = SEARCHED_FIELDS,
    FIELD_VIA,
    FIELD_COMMAND,
    FIELD_AUTO,
    FIELD_TYPE,
    FIELD_ACTION,
    FIELD_STATUS,
    FIELD_REPLY,
    FIELD_COUNT
};

/* One of the words that a condition accepts. */
struct alternative {
    uint32_t pattern;    /* of a searched field */
    struct mm_view word; /* of another */
};

struct condition {
    enum field field;
    bool negated; /* none of the alternatives may hold */
    uint32_t first, count;
};

struct rule {
    struct mm_view id;
    struct mm_view word; /* a reason; or what the mail is, for a rule of notices */
    enum mm_reason_class reason_class;
    bool of_notice;
    uint32_t first, count; /* conditions */
};

struct mm_bounce_rules {
    struct mm_arena arena;
    struct mm_text_patterns patterns;
    struct rule *rules;
    struct condition *conditions;
    struct alternative *alternatives;
    uint32_t rule_count, condition_count, alternative_count;
    struct mm_map suffixes; /* of host names, to an index in providers[] */
    struct mm_view *providers;
    uint32_t provider_count;
};

#endif /* MM_REPORT_BOUNCE_RULES_INTERNAL_H */
