/*
 * help.c - a screen of help, laid out from the verb's table of options.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "help.h"

#include <errno.h>
#include <string.h>

#include "mailmill/run.h"
#include "terminal.h"

enum { HELP_COLUMN = 30 }; /* where the words begin; longer heads push them on */

int stdout_done(const char *verb)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return MM_EXIT_DONE;
    if (errno == EPIPE)
        return MM_EXIT_DONE;
    terminal_say("mailmill%s%s: standard output: %s", *verb ? " " : "", verb, strerror(errno));
    return MM_EXIT_IO;
}

/* "-o, --output OUT" into line, after what is there. */
static size_t add_head(char *line, size_t cap, size_t len, const struct option *o)
{
    const char *value = o->value ? o->value : o->words;
    if (o->letter)
        len += (size_t)snprintf(line + len, cap - len, "-%c%s", o->letter, o->name ? ", " : "");
    if (o->name)
        len += (size_t)snprintf(line + len, cap - len, "--%s", o->name);
    if (o->kind == OPTION_OPTIONAL)
        len += (size_t)snprintf(line + len, cap - len, "[=%s]", value);
    else if (value)
        len += (size_t)snprintf(line + len, cap - len, " %s", value);
    return len;
}

static void print_group(const struct option_group *group)
{
    char line[128];
    size_t len = 0;
    if (*group->title)
        printf("%s\n", group->title);
    for (const struct option *o = group->options; o->name || o->letter; o++) {
        len += (size_t)snprintf(line + len, sizeof line - len, "%s", len ? ", " : "  ");
        len = add_head(line, sizeof line, len, o);
        if (!o->help)
            continue;
        int gap = len + 2 <= HELP_COLUMN ? HELP_COLUMN - (int)len : 2;
        printf("%s%*s%s\n", line, gap, "", o->help);
        len = 0;
    }
}

void help_write_parts(FILE *out, const struct verb *verb)
{
    fprintf(out, "mailmill %s - %s\n%s\n\n", verb->name, verb->purpose, verb->usage);
    for (const struct verb *v = verb->parts; v->name; v++)
        fprintf(out, "  %-10s%s\n      %s\n", verb_word(v), v->purpose, v->example);
    fprintf(out, "\nmailmill %s WORD --help tells the options of each.\n%s\n", verb->name,
            verb->exits);
}

int help_print_verb(const struct verb *verb)
{
    if (verb->parts) {
        help_write_parts(stdout, verb);
        return stdout_done(verb->name);
    }
    printf("mailmill %s - %s\n", verb->name, verb->purpose);
    printf("%s\n", verb->usage);
    if (verb->example)
        printf("Example: %s\n\n", verb->example);
    for (const struct option_group *g = verb->groups; g->title; g++)
        print_group(g);
    printf("%s\n", verb->exits);
    return stdout_done(verb->name);
}

void help_write_overview(FILE *out)
{
    fputs("mailmill - sign and verify mail by the million, offline\n"
          "Usage: mailmill VERB [options] [SOURCE...]\n\n",
          out);
    for (const struct verb *v = verbs; v->name; v++)
        fprintf(out, "  %-10s%s\n", v->name, v->purpose);
    fputs("\n"
          "SOURCE is a folder of messages, one message, an mbox, or - for standard input.\n"
          "  mailmill sign --domain a.example --selector s1 --key s1.pem -o signed/ spool/\n"
          "  mailmill verify --keys dns.zone archive/ > verdicts.ndjson\n\n"
          "mailmill VERB --help tells the options of a verb, mailmill(1) all of it.\n"
          "Exit: 0 done, 1 done but some message did not end well, 64 usage; others there.\n",
          out);
}

int help_print_overview(void)
{
    help_write_overview(stdout);
    return stdout_done("");
}
