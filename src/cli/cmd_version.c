/*
 * cmd_version.c - mailmill version: what was built, what this machine has, what is used.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "help.h"
#include "mailmill/mailmill.h"
#include "verbs.h"

static const struct option version_options[] = {
    {.name = "help", .letter = 'h', .kind = OPTION_HELP, .help = "this text"},
    {0},
};
const struct option_group version_groups[] = {{"Options:", version_options}, {0}};

enum { NAME_COLUMNS = 18, LINE_COLUMNS = 80 };

/* Name, then the value's words, wrapped below each other. */
static void print_line(void *context, const char *name, const char *value)
{
    int column = printf("%-*s", NAME_COLUMNS, name);
    (void)context;
    while (*value) {
        int len = (int)strcspn(value, " ");
        if (column > NAME_COLUMNS && column + 1 + len > LINE_COLUMNS)
            column = printf("\n%*s", NAME_COLUMNS, "") - 1;
        else if (column > NAME_COLUMNS)
            column += printf(" ");
        column += printf("%.*s", len, value);
        value += len;
        value += strspn(value, " ");
    }
    printf("\n");
}

int cmd_version(const struct verb *verb, int argc, char **argv)
{
    struct operands operands = {.items = (const char *[1]){NULL}};
    if (argc > 3)
        return usage_slip(verb->name, "no arguments are wanted");
    int code = options_read(verb, argc, argv, NULL, &operands);
    if (code != OPTIONS_READY)
        return code;
    if (operands.count)
        return usage_slip(verb->name, "no arguments are wanted");
    printf("mailmill %s\n", mm_version());
    mm_describe(print_line, NULL);
    return stdout_done(verb->name);
}
