/*
 * help.h - help and version on stdout.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_CLI_HELP_H
#define MM_CLI_HELP_H

#include <stdio.h>

#include "options.h"

/* Each returns the exit code: 0, or 74 where stdout takes no more. */
int help_print_verb(const struct verb *verb);
int help_print_overview(void);

void help_write_overview(FILE *out);
/* A verb that others follow: those, with an example each. */
void help_write_parts(FILE *out, const struct verb *verb);

/* End what was printed to stdout: 0; also where the reader has gone; 74 with a line on stderr where
 * it could not be written. */
int stdout_done(const char *verb);

#endif /* MM_CLI_HELP_H */
