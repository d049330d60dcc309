/*
 * signals.h - how the program takes signals.
 * SPDX-License-Identifier: Apache-2.0
 *
 * SIGINT, SIGTERM, SIGHUP: finish the batches and end; the second one ends at once. SIGUSR1: tell
 * the progress. SIGPIPE and SIGXFSZ: writes fail instead, and say why.
 */
#ifndef MM_CLI_SIGNALS_H
#define MM_CLI_SIGNALS_H

#include <stdbool.h>

void signals_install(void);
/* A signal to end has come: for those who work outside of a run. */
bool signals_stop_wanted(void);
/* True once for each SIGUSR1 (those that came together count as one). */
bool signals_progress_wanted(void);

#endif /* MM_CLI_SIGNALS_H */
