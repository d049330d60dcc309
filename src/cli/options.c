/*
 * options.c - one parser for every verb's table of options.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "options.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "help.h"
#include "mailmill/run.h"
#include "terminal.h"
#include "values.h"

struct parser {
    const struct verb *verb;
    char **argv;
    int argc, at; /* the argument in work */
    void *args;
};

int usage_slip(const char *verb, const char *fmt, ...)
{
    static char text[TERMINAL_LINE_BYTES - 128];
    va_list list;
    va_start(list, fmt);
    vsnprintf(text, sizeof text, fmt, list);
    va_end(list);
    if (*verb)
        terminal_say("mailmill %s: %s (try 'mailmill %s --help')", verb, text, verb);
    else
        terminal_say("mailmill: %s (try 'mailmill --help')", text);
    return MM_EXIT_USAGE;
}

/* Near enough to be meant: the one begins with the other, or a third of the letters differ. */
static size_t nearness(const char *slip, const char *name)
{
    size_t slip_len = strlen(slip), name_len = strlen(name);
    size_t shorter = slip_len < name_len ? slip_len : name_len;
    if (shorter >= 2 && memcmp(slip, name, shorter) == 0)
        return 1;
    size_t distance = edit_distance(slip, name);
    size_t longer = slip_len > name_len ? slip_len : name_len;
    return distance * 3 <= longer || distance <= 1 ? distance : SIZE_MAX;
}

const char *verb_word(const struct verb *verb)
{
    const char *blank = strrchr(verb->name, ' ');
    return blank ? blank + 1 : verb->name;
}

const struct verb *verb_named(const struct verb *list, const char *word)
{
    for (const struct verb *v = list; v->name; v++)
        if (strcmp(verb_word(v), word) == 0)
            return v;
    return NULL;
}

const struct verb *nearest_verb(const struct verb *list, const char *slip)
{
    const struct verb *best = NULL;
    size_t best_distance = SIZE_MAX;
    for (const struct verb *v = list; v->name; v++) {
        size_t distance = nearness(slip, verb_word(v));
        if (distance < best_distance) {
            best = v;
            best_distance = distance;
        }
    }
    return best;
}

typedef bool option_test(const struct option *option, const void *key);

static const struct option *find_option(const struct verb *verb, option_test *fits, const void *key)
{
    for (const struct option_group *g = verb->groups; g->title; g++)
        for (const struct option *o = g->options; o->name || o->letter; o++)
            if (fits(o, key))
                return o;
    return NULL;
}

static bool has_name(const struct option *option, const void *key)
{
    return option->name && strcmp(option->name, key) == 0;
}

static bool has_letter(const struct option *option, const void *key)
{
    return option->letter && option->letter == *(const char *)key;
}

static int unknown_option(const struct parser *p, const char *name)
{
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;
    for (const struct option_group *g = p->verb->groups; g->title; g++)
        for (const struct option *o = g->options; o->name || o->letter; o++) {
            size_t distance = o->name ? nearness(name, o->name) : SIZE_MAX;
            if (distance < best_distance) {
                best = o->name;
                best_distance = distance;
            }
        }
    if (best)
        return usage_slip(p->verb->name, "unknown option --%s; nearest is --%s", escaped_text(name),
                          best);
    return usage_slip(p->verb->name, "unknown option --%s", escaped_text(name));
}

/* How the option is written in messages. */
static const char *spelled(const struct option *option)
{
    static char text[64];
    if (option->name)
        snprintf(text, sizeof text, "--%s", option->name);
    else
        snprintf(text, sizeof text, "-%c", option->letter);
    return text;
}

static int bad_value(const struct parser *p, const struct option *option, const char *value,
                     const char *want)
{
    return usage_slip(p->verb->name, "%s '%s': want %s", spelled(option), escaped_text(value),
                      want);
}

static int bad_word(const struct parser *p, const struct option *option, const char *value)
{
    char want[128];
    size_t len = 0;
    for (const char *w = option->words; *w && len < sizeof want - 4; w++) {
        if (*w != '|')
            want[len++] = *w;
        else
            len += (size_t)sprintf(want + len, "%s", strchr(w + 1, '|') ? ", " : " or ");
    }
    want[len] = '\0';
    return bad_value(p, option, value, want);
}

static int bad_number(const struct parser *p, const struct option *option, const char *value)
{
    char want[160];
    switch (option->kind) {
    case OPTION_SIZE:
        snprintf(want, sizeof want, "a size of at least %" PRIu64 "M, such as 512M or 2G",
                 option->min >> 20);
        break;
    case OPTION_DURATION:
        snprintf(want, sizeof want, "a time such as 7d, 12h, 30m, 45s or 1d12h, up to %" PRIu64 "d",
                 option->max / 86400);
        break;
    case OPTION_TIME:
        snprintf(want, sizeof want, "seconds since 1970, such as 1700000000");
        break;
    default:
        snprintf(want, sizeof want, "a number from %" PRIu64 " to %" PRIu64, option->min,
                 option->max);
    }
    return bad_value(p, option, value, want);
}

static int store_text(const struct parser *p, const struct option *option, const char *value)
{
    if (*value == '\0' && option->kind != OPTION_LIST)
        return usage_slip(p->verb->name, "%s has an empty value", spelled(option));
    *(const char **)((char *)p->args + option->field) = value;
    return OPTIONS_READY;
}

static int add_text(const struct parser *p, const struct option *option, const char *value)
{
    struct text_list *list = (struct text_list *)((char *)p->args + option->field);
    if (*value == '\0')
        return usage_slip(p->verb->name, "%s has an empty value", spelled(option));
    if (list->count == TEXT_LIST_MAX)
        return usage_slip(p->verb->name, "%s comes more than %d times", spelled(option),
                          TEXT_LIST_MAX);
    list->items[list->count++] = value;
    return OPTIONS_READY;
}

static int store_optional(const struct parser *p, const struct option *option, const char *value)
{
    if (value && *value == '\0')
        return usage_slip(p->verb->name, "%s= has an empty value", spelled(option));
    *(struct optional_text *)((char *)p->args + option->field) =
        (struct optional_text){.given = true, .value = value};
    return OPTIONS_READY;
}

static int store_number(const struct parser *p, const struct option *option, const char *value)
{
    uint64_t number = 0;
    bool fits;
    if (option->kind == OPTION_SIZE)
        fits = value_size(value, &number);
    else if (option->kind == OPTION_DURATION)
        fits = value_duration(value, &number);
    else
        fits = value_count(value, &number);
    if (!fits || number < option->min || number > option->max)
        return bad_number(p, option, value);
    if (option->kind == OPTION_TIME)
        *(int64_t *)((char *)p->args + option->field) = (int64_t)number;
    else
        *(uint64_t *)((char *)p->args + option->field) = number;
    return OPTIONS_READY;
}

static int store_word(const struct parser *p, const struct option *option, const char *value)
{
    int place = value_word(value, option->words);
    if (place < 0)
        return bad_word(p, option, value);
    *(int *)((char *)p->args + option->field) = place;
    return OPTIONS_READY;
}

static int store(const struct parser *p, const struct option *option, const char *value)
{
    switch (option->kind) {
    case OPTION_HELP:
        return help_print_verb(p->verb);
    case OPTION_FLAG:
        *(bool *)((char *)p->args + option->field) = true;
        return OPTIONS_READY;
    case OPTION_TEXT:
    case OPTION_LIST:
        return store_text(p, option, value);
    case OPTION_TEXTS:
        return add_text(p, option, value);
    case OPTION_OPTIONAL:
        return store_optional(p, option, value);
    case OPTION_WORD:
        return store_word(p, option, value);
    default:
        return store_number(p, option, value);
    }
}

static bool takes_value(const struct option *option)
{
    return option->kind != OPTION_FLAG && option->kind != OPTION_HELP;
}

static bool wants_value(const struct option *option)
{
    return takes_value(option) && option->kind != OPTION_OPTIONAL;
}

/* The value of an option that has none of its own: the next argument. NULL where there is none. */
static const char *next_argument(struct parser *p)
{
    return p->at + 1 < p->argc ? p->argv[++p->at] : NULL;
}

static int read_with_value(struct parser *p, const struct option *option, const char *value)
{
    if (wants_value(option) && !value)
        value = next_argument(p);
    if (wants_value(option) && !value)
        return usage_slip(p->verb->name, "%s wants a value", spelled(option));
    return store(p, option, value);
}

/* --name, --name=value, --name value */
static int read_long(struct parser *p, const char *text)
{
    char name[64];
    size_t len = strcspn(text, "=");
    snprintf(name, sizeof name, "%.*s", (int)(len < sizeof name ? len : sizeof name - 1), text);
    const char *value = text[len] ? text + len + 1 : NULL;
    const struct option *option = find_option(p->verb, has_name, name);
    if (!option || len >= sizeof name)
        return unknown_option(p, name);
    if (value && !takes_value(option))
        return usage_slip(p->verb->name, "%s takes no value", spelled(option));
    return read_with_value(p, option, value);
}

/* -x, -xy, -oVALUE, -o VALUE */
static int read_letters(struct parser *p, const char *text)
{
    for (; *text; text++) {
        const struct option *option = find_option(p->verb, has_letter, text);
        if (!option)
            return usage_slip(p->verb->name, "unknown option -%s",
                              escaped((struct mm_view){text, 1}));
        bool rest_is_value = takes_value(option) && text[1];
        int code = read_with_value(p, option, rest_is_value ? text + 1 : NULL);
        if (code != OPTIONS_READY || takes_value(option))
            return code;
    }
    return OPTIONS_READY;
}

static int read_operand(struct parser *p, struct operands *operands, const char *text)
{
    if (*text == '\0')
        return usage_slip(p->verb->name, "an argument is empty");
    operands->items[operands->count++] = text;
    return OPTIONS_READY;
}

int options_read(const struct verb *verb, int argc, char **argv, void *args,
                 struct operands *operands)
{
    struct parser p = {.verb = verb, .argv = argv, .argc = argc, .at = 2, .args = args};
    bool options_end = false;
    int code = OPTIONS_READY;
    for (; p.at < argc && code == OPTIONS_READY; p.at++) {
        const char *text = argv[p.at];
        if (options_end || text[0] != '-' || text[1] == '\0')
            code = read_operand(&p, operands, text);
        else if (strcmp(text, "--") == 0)
            options_end = true;
        else if (text[1] == '-')
            code = read_long(&p, text + 2);
        else
            code = read_letters(&p, text + 1);
    }
    return code;
}
