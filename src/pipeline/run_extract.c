/*
 * run_extract.c - one message out of its container, byte for byte.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <sys/stat.h>

#include "mail/mbox.h"
#include "pipeline/one_run.h"

static bool is_its_own_source(const struct mm_one_message *m, const char *output)
{
    struct stat st;
    return m->ino && stat(output, &st) == 0 && st.st_dev == m->dev && st.st_ino == m->ino;
}

static enum mm_status write_bytes(void *context, struct mm_one_message *m, struct mm_sink *sink,
                                  struct mm_run_end *end, struct mm_error *err)
{
    (void)context;
    end->stats.extracted = 1;
    if (m->quoted)
        m->bytes.len = mm_mbox_unquote((char *)(uintptr_t)m->bytes.data, m->bytes.len);
    return sink->ops->write(sink, m->bytes, err);
}

enum mm_status mm_run_extract(const struct mm_run_options *options, struct mm_run_end *end,
                              struct mm_error *err)
{
    struct mm_one_message m = {.block = NULL};
    const char *output = options->output ? options->output : "-";
    const struct mm_one_run run = {
        .options = options, .message = &m, .form = MM_STREAM_AS_CAME, .make = write_bytes};
    enum mm_status st = mm_one_run_begin(&run, ".eml", end, err);
    if (st == MM_OK && is_its_own_source(&m, output)) {
        end->exit_code = MM_EXIT_USAGE;
        st = mm_fail(err, MM_E_ARG, "the output %s is the source", output);
    }
    if (st == MM_OK)
        st = mm_one_run_write(&run, end, err);
    mm_one_message_close(&m);
    return st;
}
