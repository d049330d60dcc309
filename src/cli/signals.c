/*
 * signals.c - how the program takes signals.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "mailmill/run.h"
#include "terminal.h"

/* Lock-free, so that handlers on any thread may touch them. */
static atomic_int stops_asked;
static atomic_bool progress_asked;

static void on_stop(int signal_number)
{
    int saved_errno = errno;
    (void)signal_number;
    if (atomic_fetch_add(&stops_asked, 1) > 0) {
        terminal_clear();
        _exit(MM_EXIT_STOPPED);
    }
    mm_run_stop();
    errno = saved_errno;
}

static void on_progress(int signal_number)
{
    (void)signal_number;
    atomic_store(&progress_asked, true);
}

static void catch_signal(int signal_number, void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    sigemptyset(&action.sa_mask);
    sigaction(signal_number, &action, NULL);
}

void signals_install(void)
{
    struct sigaction hangup;
    /* Without SA_RESTART: a read of standard input that waits must come back to see the stop. */
    catch_signal(SIGINT, on_stop, 0);
    catch_signal(SIGTERM, on_stop, 0);
    /* nohup(1) has it ignored; that stays. */
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
        catch_signal(SIGHUP, on_stop, 0);
    catch_signal(SIGUSR1, on_progress, SA_RESTART);
    catch_signal(SIGPIPE, SIG_IGN, 0);
    catch_signal(SIGXFSZ, SIG_IGN, 0);
}

bool signals_stop_wanted(void)
{
    return atomic_load(&stops_asked) > 0;
}

bool signals_progress_wanted(void)
{
    return atomic_exchange(&progress_asked, false);
}
