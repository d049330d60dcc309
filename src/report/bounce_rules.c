/*
 * bounce_rules.c - why a delivery failed: an ordered list of rules over what the notice says.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "base/error.h"
#include "report/bounce_rules_internal.h"

enum {
    /* Twenty times what is built in; a rule with one pattern takes some 300 bytes. */
    RULES_ARENA_BYTES = 64 * 1024 * 1024
};

static const struct mm_view field_words[FIELD_COUNT] = {
    [FIELD_TEXT] = {"text", 4},         [FIELD_NOTICE] = {"notice", 6},
    [FIELD_SUBJECT] = {"subject", 7},   [FIELD_SENDER] = {"sender", 6},
    [FIELD_PROVIDER] = {"provider", 8}, [FIELD_VIA] = {"via", 3},
    [FIELD_COMMAND] = {"command", 7},   [FIELD_AUTO] = {"auto", 4},
    [FIELD_TYPE] = {"type", 4},         [FIELD_ACTION] = {"action", 6},
    [FIELD_STATUS] = {"status", 6},     [FIELD_REPLY] = {"reply", 5},
};

static const struct {
    struct mm_view word;
    enum mm_reason_class reason_class;
} reasons[] = {
#define MM_REASON(word, kind) {{word, sizeof(word) - 1}, MM_REASON_CLASS_##kind},
#include "report/bounce_reasons.def"
#undef MM_REASON
};

bool mm_bounce_reason_class(struct mm_view reason, enum mm_reason_class *reason_class)
{
    size_t i = 0;
    while (i < MM_COUNT(reasons) && !mm_view_eq(reasons[i].word, reason))
        i++;
    if (i == MM_COUNT(reasons))
        return false;
    *reason_class = reasons[i].reason_class;
    return true;
}

/* "a | b | c": the next word, trimmed. */
static struct mm_view next_word(struct mm_view *rest)
{
    struct mm_view word;
    mm_view_cut(*rest, '|', &word, rest);
    return mm_view_trim_wsp(word);
}

static enum mm_status read_alternatives(struct mm_bounce_rules *rules, struct condition *condition,
                                        struct mm_view words)
{
    condition->first = rules->alternative_count;
    while (words.len) {
        struct alternative *to = &rules->alternatives[rules->alternative_count];
        to->word = next_word(&words);
        if (to->word.len == 0)
            return MM_E_SYNTAX;
        if (condition->field < SEARCHED_FIELDS)
            MM_TRY(mm_text_patterns_add(&rules->patterns, to->word, &to->pattern));
        rules->alternative_count++;
        condition->count++;
    }
    return condition->count ? MM_OK : MM_E_SYNTAX;
}

/* "field=words" or "field!=words". */
static enum mm_status read_condition(struct mm_bounce_rules *rules, struct mm_view text)
{
    struct condition *condition = &rules->conditions[rules->condition_count];
    struct mm_view name, words;
    *condition = (struct condition){.negated = false};
    if (!mm_view_cut(text, '=', &name, &words))
        return MM_E_SYNTAX;
    if (mm_view_ends(name, MM_VIEW("!"))) {
        condition->negated = true;
        name.len--;
    }
    while (condition->field < FIELD_COUNT && !mm_view_eq(field_words[condition->field], name))
        condition->field++;
    if (condition->field == FIELD_COUNT)
        return MM_E_SYNTAX;
    MM_TRY(read_alternatives(rules, condition, words));
    rules->condition_count++;
    return MM_OK;
}

/* What a rule says: a reason, or "is:" and what the mail is. */
static bool read_word(struct rule *rule, struct mm_view word)
{
    static const struct mm_view mark = {"is:", 3};
    rule->of_notice = mm_view_starts(word, mark);
    if (!rule->of_notice) {
        rule->word = word;
        return mm_bounce_reason_class(word, &rule->reason_class);
    }
    rule->word = mm_view_sub(word, mark.len, word.len - mark.len);
    rule->reason_class = MM_REASON_CLASS_NONE;
    return mm_view_eq(rule->word, MM_VIEW("bounce")) || mm_view_eq(rule->word, MM_VIEW("delay")) ||
           mm_view_eq(rule->word, MM_VIEW("auto-reply")) ||
           mm_view_eq(rule->word, MM_VIEW("challenge")) || mm_view_eq(rule->word, MM_VIEW("mail"));
}

/* "ID TAB WORD TAB condition TAB condition …" */
static enum mm_status read_rule(struct mm_bounce_rules *rules, struct mm_view line)
{
    struct rule *rule = &rules->rules[rules->rule_count];
    struct mm_view cell;
    mm_view_cut(line, '\t', &rule->id, &line);
    mm_view_cut(line, '\t', &cell, &line);
    rule->first = rules->condition_count;
    if (rule->id.len == 0 || !read_word(rule, cell))
        return MM_E_SYNTAX;
    while (line.len) {
        mm_view_cut(line, '\t', &cell, &line);
        MM_TRY(read_condition(rules, cell));
    }
    rule->count = rules->condition_count - rule->first;
    rules->rule_count++;
    return rule->count ? MM_OK : MM_E_SYNTAX;
}

/* "provider TAB NAME TAB suffix suffix …": a suffix that comes twice is a slip. */
static enum mm_status read_provider(struct mm_bounce_rules *rules, struct mm_view line)
{
    struct mm_view name, suffix;
    mm_view_cut(line, '\t', &name, &line);
    if (name.len == 0 || line.len == 0)
        return MM_E_SYNTAX;
    rules->providers[rules->provider_count] = name;
    while (line.len) {
        mm_view_cut(line, ' ', &suffix, &line);
        enum mm_status st = mm_map_put(&rules->suffixes, suffix, rules->provider_count);
        if (st != MM_OK)
            return st == MM_END ? MM_E_SYNTAX : st;
    }
    rules->provider_count++;
    return MM_OK;
}

static enum mm_status read_line(struct mm_bounce_rules *rules, struct mm_view line)
{
    static const struct mm_view mark = {"provider\t", 9};
    line = mm_view_trim_fws(line);
    if (line.len == 0 || line.data[0] == '#')
        return MM_OK;
    if (mm_view_starts(line, mark))
        return read_provider(rules, mm_view_sub(line, mark.len, line.len - mark.len));
    return read_rule(rules, line);
}

/* A line that begins with a tab goes on the one before: make them one. */
static void join_lines(char *text, size_t len)
{
    for (size_t i = 0; i + 1 < len; i++)
        if (text[i] == '\n' && text[i + 1] == '\t')
            text[i] = text[i + 1] = ' ';
}

static enum mm_status read_rules(struct mm_bounce_rules *rules, struct mm_view text,
                                 struct mm_error *err)
{
    while (text.len) {
        struct mm_view line;
        mm_view_cut(text, '\n', &line, &text);
        enum mm_status st = read_line(rules, line);
        if (st == MM_E_SYNTAX)
            return mm_fail(err, st, "no bounce rule, or one with a word that is not known: %.*s",
                           (int)(line.len > 160 ? 160 : line.len), line.data);
        if (st < 0)
            return st;
    }
    return MM_OK;
}

static size_t count_of(struct mm_view text, char c)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += text.data[i] == c;
    return count;
}

/* Room for as many rules, conditions and alternatives as the text can hold. */
static bool make_room(struct mm_bounce_rules *rules, struct mm_view text)
{
    size_t lines = count_of(text, '\n') + 1, conditions = count_of(text, '\t') + 1;
    size_t alternatives = conditions + count_of(text, '|');
    rules->rules = MM_ARENA_ARRAY(&rules->arena, struct rule, lines);
    rules->conditions = MM_ARENA_ARRAY(&rules->arena, struct condition, conditions);
    rules->alternatives = MM_ARENA_ARRAY(&rules->arena, struct alternative, alternatives);
    rules->providers = MM_ARENA_ARRAY(&rules->arena, struct mm_view, lines);
    return rules->rules && rules->conditions && rules->alternatives && rules->providers;
}

enum mm_status mm_bounce_rules_new(struct mm_bounce_rules **rules, struct mm_view text,
                                   struct mm_error *err)
{
    *rules = NULL;
    if (text.len > MM_BOUNCE_RULES_MAX_BYTES)
        return mm_fail(err, MM_E_LIMIT, "bounce rules of %zu bytes, over the %d that are read",
                       text.len, MM_BOUNCE_RULES_MAX_BYTES);
    struct mm_bounce_rules *made = calloc(1, sizeof(*made));
    if (!made)
        return mm_fail(err, MM_E_NOMEM, "no memory for the bounce rules");
    mm_arena_init(&made->arena, RULES_ARENA_BYTES);
    mm_text_patterns_init(&made->patterns, &made->arena);
    struct mm_view copy = mm_arena_copy(&made->arena, text);
    enum mm_status st = MM_E_NOMEM;
    if (copy.data)
        join_lines((char *)copy.data, copy.len);
    if (copy.data && make_room(made, copy))
        st = read_rules(made, copy, err);
    if (st == MM_OK)
        st = mm_text_patterns_seal(&made->patterns);
    if (st == MM_E_NOMEM)
        mm_fail(err, st, "no memory for the bounce rules");
    if (st != MM_OK)
        mm_bounce_rules_free(&made);
    *rules = made;
    return st;
}

void mm_bounce_rules_free(struct mm_bounce_rules **rules)
{
    if (*rules) {
        mm_map_deinit(&(*rules)->suffixes);
        mm_arena_deinit(&(*rules)->arena);
    }
    free(*rules);
    *rules = NULL;
}

struct mm_view mm_bounce_provider(const struct mm_bounce_rules *rules, struct mm_view host)
{
    uint32_t index;
    while (host.len) {
        struct mm_view label;
        if (mm_map_get(&rules->suffixes, host, &index))
            return rules->providers[index];
        mm_view_cut(host, '.', &label, &host);
    }
    return (struct mm_view){NULL, 0};
}
