/*
 * bounce_matcher.c - which rule holds for what a notice says.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>

#include "report/bounce_rules_internal.h"

enum { MATCHER_ARENA_BYTES = 16 * 1024 * 1024 };

struct mm_bounce_matcher {
    struct mm_arena arena;
    const struct mm_bounce_rules *rules;
    struct mm_pattern_hits hits[SEARCHED_FIELDS];
    char *flat; /* [MM_BOUNCE_TEXT_MAX_BYTES] */
};

enum mm_status mm_bounce_matcher_new(struct mm_bounce_matcher **matcher,
                                     const struct mm_bounce_rules *rules)
{
    struct mm_bounce_matcher *made = calloc(1, sizeof(*made));
    *matcher = NULL;
    if (!made)
        return MM_E_NOMEM;
    mm_arena_init(&made->arena, MATCHER_ARENA_BYTES);
    made->rules = rules;
    made->flat = mm_arena_alloc(&made->arena, MM_BOUNCE_TEXT_MAX_BYTES);
    enum mm_status st = made->flat ? MM_OK : MM_E_NOMEM;
    for (int field = 0; field < SEARCHED_FIELDS && st == MM_OK; field++)
        st = mm_pattern_hits_init(&made->hits[field], &rules->patterns, &made->arena);
    if (st != MM_OK)
        mm_bounce_matcher_free(&made);
    *matcher = made;
    return st;
}

void mm_bounce_matcher_free(struct mm_bounce_matcher **matcher)
{
    if (*matcher)
        mm_arena_deinit(&(*matcher)->arena);
    free(*matcher);
    *matcher = NULL;
}

/* "none" for no code at all; digits, and `*` for what may follow: "5.1.*", "5*", "450". */
static bool number_fits(struct mm_view word, const char *text)
{
    if (mm_view_eq(word, MM_VIEW("none")))
        return text[0] == '\0';
    if (mm_view_ends(word, MM_VIEW("*")))
        return strncmp(text, word.data, word.len - 1) == 0;
    return mm_view_eq(word, mm_view_of(text));
}

/* The facts as the words of conditions are written. */
struct asked {
    struct mm_view words[FIELD_COUNT]; /* of the fields that are one word */
    char status[48], reply[16];
};

static bool alternative_holds(const struct mm_bounce_matcher *matcher, const struct asked *asked,
                              enum field field, const struct alternative *alternative)
{
    if (field < SEARCHED_FIELDS)
        return mm_pattern_hit(&matcher->rules->patterns, &matcher->hits[field],
                              alternative->pattern);
    if (field == FIELD_STATUS)
        return number_fits(alternative->word, asked->status);
    if (field == FIELD_REPLY)
        return number_fits(alternative->word, asked->reply);
    struct mm_view fact = asked->words[field];
    return mm_view_eq(fact.len ? fact : MM_VIEW("none"), alternative->word);
}

static bool rule_holds(const struct mm_bounce_matcher *matcher, const struct asked *asked,
                       const struct rule *rule)
{
    const struct mm_bounce_rules *rules = matcher->rules;
    for (uint32_t i = rule->first; i < rule->first + rule->count; i++) {
        const struct condition *condition = &rules->conditions[i];
        uint32_t at = condition->first, end = condition->first + condition->count;
        while (at < end &&
               !alternative_holds(matcher, asked, condition->field, &rules->alternatives[at]))
            at++;
        if ((at < end) == condition->negated)
            return false;
    }
    return true;
}

static void search(struct mm_bounce_matcher *matcher, enum field field, struct mm_view text)
{
    if (text.len > MM_BOUNCE_TEXT_MAX_BYTES)
        text.len = MM_BOUNCE_TEXT_MAX_BYTES;
    mm_text_patterns_scan(&matcher->rules->patterns, mm_text_flatten(matcher->flat, text),
                          &matcher->hits[field]);
}

/* Look at the facts, and give the first rule of notices, or of reasons, that holds. */
static const struct rule *first_rule(struct mm_bounce_matcher *matcher,
                                     const struct mm_bounce_facts *facts, bool of_notice)
{
    const struct mm_bounce_rules *rules = matcher->rules;
    struct asked asked = {.words = {[FIELD_PROVIDER] = facts->provider,
                                    [FIELD_VIA] = facts->via,
                                    [FIELD_COMMAND] = facts->command,
                                    [FIELD_ACTION] = facts->action,
                                    [FIELD_TYPE] = facts->type,
                                    [FIELD_AUTO] = facts->auto_submitted}};
    if (facts->status[0] >= 0)
        snprintf(asked.status, sizeof(asked.status), "%d.%d.%d", (int)facts->status[0],
                 (int)facts->status[1], (int)facts->status[2]);
    if (facts->reply_code >= 0)
        snprintf(asked.reply, sizeof(asked.reply), "%d", (int)facts->reply_code);
    search(matcher, FIELD_TEXT, facts->text);
    search(matcher, FIELD_NOTICE, facts->notice);
    search(matcher, FIELD_SUBJECT, facts->subject);
    search(matcher, FIELD_SENDER, facts->sender);
    for (uint32_t i = 0; i < rules->rule_count; i++)
        if (rules->rules[i].of_notice == of_notice && rule_holds(matcher, &asked, &rules->rules[i]))
            return &rules->rules[i];
    return NULL;
}

struct mm_bounce_cause mm_bounce_classify(struct mm_bounce_matcher *matcher,
                                          const struct mm_bounce_facts *facts)
{
    const struct rule *rule = first_rule(matcher, facts, false);
    if (!rule)
        return (struct mm_bounce_cause){MM_VIEW("undefined"), {NULL, 0}, MM_REASON_CLASS_NONE};
    return (struct mm_bounce_cause){rule->word, rule->id, rule->reason_class};
}

struct mm_view mm_bounce_notice_word(struct mm_bounce_matcher *matcher,
                                     const struct mm_bounce_facts *facts)
{
    const struct rule *rule = first_rule(matcher, facts, true);
    return rule ? rule->word : (struct mm_view){NULL, 0};
}

const struct mm_bounce_rules *mm_bounce_matcher_rules(const struct mm_bounce_matcher *matcher)
{
    return matcher->rules;
}
