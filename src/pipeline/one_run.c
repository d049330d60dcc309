/*
 * one_run.c - what runs over a single message share.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A pool of workers and a ring would cost more than the one message is worth: it is read by the
 * thread that calls.
 */
#include "pipeline/one_run.h"

#include "base/clock.h"
#include "pipeline/engine.h"

static const char *output_of(const struct mm_one_run *run)
{
    return run->options->output ? run->options->output : "-";
}

enum mm_status mm_one_run_begin(const struct mm_one_run *run, const char *suffix,
                                struct mm_run_end *end, struct mm_error *err)
{
    const struct mm_run_options *o = run->options;
    struct mm_view output = mm_view_of(output_of(run));
    *end = (struct mm_run_end){.exit_code = MM_EXIT_USAGE};
    end->stats = (struct mm_run_stats){.threads = 1,
                                       .threads_why = "one message",
                                       .io = "threads",
                                       .io_why = "one message",
                                       .openssl_only = o->openssl_only};
    end->stats.wall_ns = mm_wall_ns();
    if (o->source_count != 1 || o->files_from)
        return mm_fail(err, MM_E_ARG, "want one message");
    if (!mm_view_eq(output, MM_VIEW("-")) && !(suffix && mm_view_ends(output, mm_view_of(suffix))))
        return mm_fail(err, MM_E_ARG, "-o %s: want %s%s-", output.data, suffix ? "FILE" : "",
                       suffix ? suffix : "");
    MM_TRY(mm_one_message_open(run->message, o->sources[0], o, &end->exit_code, err));
    end->stats.memory_bytes = run->message->memory_bytes;
    end->stats.read_ns = mm_wall_ns() - end->stats.wall_ns;
    end->exit_code = MM_EXIT_DONE;
    return MM_OK;
}

static int exit_of_open(enum mm_status st)
{
    return st == MM_E_EXISTS || st == MM_E_IO ? MM_EXIT_CANT_CREATE : MM_EXIT_IO;
}

static enum mm_status make_and_close(const struct mm_one_run *run, struct mm_sink *sink,
                                     struct mm_run_end *end, struct mm_error *err)
{
    struct mm_error closing;
    enum mm_status st = sink->ops->open(sink, err);
    end->exit_code = exit_of_open(st);
    if (st == MM_OK) {
        end->exit_code = MM_EXIT_DONE;
        st = run->make(run->context, run->message, sink, end, err);
        if (st != MM_OK && end->exit_code == MM_EXIT_DONE)
            end->exit_code = MM_EXIT_IO;
    }
    enum mm_status closed = sink->ops->close(sink, st == MM_OK, &closing);
    if (st != MM_OK || closed == MM_OK)
        return st;
    if (err)
        *err = closing;
    end->exit_code = exit_of_open(closed);
    return closed;
}

enum mm_status mm_one_run_write(const struct mm_one_run *run, struct mm_run_end *end,
                                struct mm_error *err)
{
    const struct mm_sink_options options = {
        .path = output_of(run), .overwrite = run->options->overwrite, .threads = 1};
    struct mm_sink *sink = mm_sink_stream_new(&options, run->form);
    end->exit_code = MM_EXIT_IO;
    if (!sink)
        return mm_fail(err, MM_E_NOMEM, "no memory for the output");
    enum mm_status st = make_and_close(run, sink, end, err);
    mm_sink_free(&sink);
    struct mm_run_stats *s = &end->stats;
    if (st != MM_OK)
        s->extracted = s->verified = 0;
    s->inputs = s->extracted + s->verified;
    s->bytes = s->inputs ? run->message->bytes.len : 0;
    s->wall_ns = mm_wall_ns() - s->wall_ns;
    s->cpu_ns = mm_process_cpu_ns();
    s->peak_bytes = mm_run_peak_bytes();
    return st;
}
