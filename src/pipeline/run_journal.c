/*
 * run_journal.c - is there a run to go on with? What the journal says, judged by what still
 * lies there.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/run_journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "dataset/dataset_out.h"
#include "pipeline/work_dir.h"

/* suffix: what its folder is called while it is being made, or "". */
static int in_dataset(char *out, size_t cap, const char *suffix, const char *name,
                      const char *dataset)
{
    size_t len = strlen(dataset);
    while (len > 1 && dataset[len - 1] == '/')
        len--;
    return snprintf(out, cap, "%.*s%s/" MM_WORK_FOLDER "/%s", (int)len, dataset, suffix, name);
}

void mm_run_private_path(char *out, size_t cap, const char *name, const struct mm_run_plan *plan,
                         const struct mm_operands *operands)
{
    const struct mm_run_options *options = plan->options;
    enum mm_output_shape shape = plan->shape;
    int n = 0;
    out[0] = '\0';
    if (shape == MM_OUTPUT_TREE) {
        size_t len = strlen(options->output);
        while (len > 1 && options->output[len - 1] == '/')
            len--; /* a folder as people type it */
        n = snprintf(out, cap, "%.*s/.mailmill/%s", (int)len, options->output, name);
    } else if (shape == MM_OUTPUT_DATASET)
        n = in_dataset(out, cap, plan->adds ? "" : ".part", name, options->output);
    else if (shape == MM_OUTPUT_FILE && strcmp(options->output, "-") != 0)
        n = snprintf(out, cap, "%s.mailmill/%s", options->output, name);
    else if (shape == MM_OUTPUT_IN_PLACE && operands->count)
        n = snprintf(out, cap, "%s/.mailmill/%s", operands->list[0].root, name);
    if (n < 0 || (size_t)n >= cap)
        out[0] = '\0';
}

bool mm_run_goes_on(const struct mm_journal *journal)
{
    return journal && journal->state == MM_JOURNAL_UNFINISHED;
}

struct mm_tally mm_run_tally(const struct mm_run_stats *s)
{
    struct mm_tally tally = {.bytes = s->bytes};
    tally.outcomes[MM_OUTCOME_SIGNED] = s->signed_count;
    tally.outcomes[MM_OUTCOME_VERIFIED] = s->verified;
    tally.outcomes[MM_OUTCOME_EXTRACTED] = s->extracted;
    tally.outcomes[MM_OUTCOME_REJECTED] = s->rejected;
    tally.outcomes[MM_OUTCOME_DUPLICATE] = s->duplicates;
    memcpy(tally.results, s->results, sizeof tally.results);
    return tally;
}

/* ---- its head ---- */

void mm_run_line(struct mm_buf *lines, const char *name, struct mm_view value)
{
    mm_buf_append_str(lines, name);
    mm_buf_append_char(lines, '\t');
    for (size_t i = 0; i < value.len; i++) /* a line end in it would make a line of its own */
        mm_buf_append_char(lines, value.data[i] == '\n' ? ' ' : value.data[i]);
    mm_buf_append_char(lines, '\n');
}

void mm_run_line_u64(struct mm_buf *lines, const char *name, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    mm_run_line(lines, name, mm_view_of(text));
}

/* A dataset is given away, with its journal: what a value was can be compared, and not read. */
static void hide_values(struct mm_buf *lines)
{
    struct mm_buf hidden;
    struct mm_view rest = mm_buf_view(lines), line, name, value;
    mm_buf_init(&hidden, lines->len * 64 + 64);
    while (rest.len) {
        mm_view_cut(rest, '\n', &line, &rest);
        mm_view_cut(line, '\t', &name, &value);
        struct mm_hash128 hash = mm_hash128_of(value);
        mm_buf_append(&hidden, name);
        mm_buf_printf(&hidden, "\t%016" PRIx64 "%016" PRIx64 "\n", hash.high, hash.low);
    }
    mm_buf_clear(lines);
    mm_buf_append(lines, mm_buf_view(&hidden));
    lines->failed |= hidden.failed;
    mm_buf_deinit(&hidden);
}

static void describe(const struct mm_run_plan *plan, struct mm_buf *lines)
{
    const struct mm_run_options *o = plan->options;
    mm_run_line(lines, "mailmill", mm_view_of(mm_version()));
    for (size_t i = 0; i < o->source_count; i++)
        mm_run_line(lines, "SOURCE", mm_view_of(o->sources[i]));
    mm_run_line(lines, "--files-from", mm_view_of(o->files_from ? o->files_from : ""));
    mm_run_line_u64(lines, "-0", o->files_from_nul);
    mm_run_line_u64(lines, "--source-format", o->source_format);
    mm_run_line_u64(lines, "--follow", o->follow);
    if (o->clock_now)
        mm_run_line(lines, "--now", MM_VIEW("the clock"));
    else
        mm_run_line_u64(lines, "--now", (uint64_t)plan->now);
    plan->describe(plan->context, lines);
    if (plan->shape == MM_OUTPUT_DATASET)
        hide_values(lines);
}

/* ---- what lies there ---- */

static bool output_is_there(const struct mm_run_plan *plan, const char *suffix)
{
    struct stat st;
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s%s", plan->options->output, suffix);
    return n < (int)sizeof path && stat(path, &st) == 0;
}

/* What a finished run has written is gone, although its folder stays. */
static bool was_emptied(const struct mm_journal *j, const struct mm_run_plan *plan)
{
    uint64_t written = j->end.outcomes[MM_OUTCOME_SIGNED] + j->end.outcomes[MM_OUTCOME_DUPLICATE];
    return plan->shape == MM_OUTPUT_TREE && !plan->drained && written &&
           mm_work_dir_is_alone(plan->options->output);
}

/* The output has its name, and only the journal's last record is missing. */
static bool was_published(const struct mm_journal *j, const struct mm_run_plan *plan)
{
    return j->state == MM_JOURNAL_UNFINISHED && j->all_done && plan->shape == MM_OUTPUT_FILE &&
           output_is_there(plan, "") && !output_is_there(plan, ".part");
}

/* Does the journal tell of anything that is still there? */
static bool journal_counts(const struct mm_journal *j, const struct mm_run_plan *plan)
{
    bool resume = plan->options->resume;
    if (plan->shape == MM_OUTPUT_DATASET)
        return resume || j->state == MM_JOURNAL_FINISHED || j->done_count;
    if (j->state == MM_JOURNAL_FINISHED)
        return resume && (plan->shape == MM_OUTPUT_IN_PLACE ||
                          (output_is_there(plan, "") && !was_emptied(j, plan)));
    if (plan->shape == MM_OUTPUT_FILE)
        return (j->has_prefix || resume) && output_is_there(plan, ".part");
    /* With --resume also where nothing is noted: a file may have got its name just before. */
    return resume || j->done_count || j->intended_count;
}

/* What to do with what lies there: begin anew, go on, nothing (MM_END), or refuse. */
static enum mm_status judge_journal(struct mm_journal *j, const struct mm_run_plan *plan,
                                    struct mm_view head, int *exit_code, struct mm_error *err)
{
    const struct mm_run_options *o = plan->options;
    struct mm_view other = mm_journal_difference(j, head);
    if (o->resume && was_published(j, plan))
        j->state = MM_JOURNAL_FINISHED;
    if (j->state != MM_JOURNAL_NONE && !journal_counts(j, plan))
        mm_journal_forget(j);
    if ((o->overwrite && !o->resume) || j->state == MM_JOURNAL_NONE) {
        mm_journal_forget(j);
        return MM_OK;
    }
    *exit_code = MM_EXIT_CANT_CREATE;
    if (!o->resume)
        return mm_fail(
            err, MM_E_EXISTS,
            "a run that ended early lies in %s: --resume goes on with it, %s begins anew", j->path,
            plan->shape == MM_OUTPUT_DATASET ? "to remove the folder" : "--overwrite");
    /* Nobody asked to go on; and what lies there may be all that a long run has done. */
    if (other.len && plan->appends)
        return mm_fail(err, MM_E_EXISTS,
                       "another run had begun to make %s and ended early: its own command goes on "
                       "with it; to begin anew, remove %s.part",
                       o->output, o->output);
    *exit_code = MM_EXIT_CONFIG;
    if (other.len)
        return mm_fail(err, MM_E_ARG,
                       "--resume: %.*s is not what it was in the run that is to be gone on with "
                       "(%s)",
                       (int)other.len, other.data, j->path);
    return j->state == MM_JOURNAL_FINISHED ? MM_END : MM_OK;
}

/* The counts of a run that is finished already. */
static void tell_finished(const struct mm_journal *j, struct mm_run_end *end)
{
    struct mm_run_stats *s = &end->stats;
    s->signed_count = j->end.outcomes[MM_OUTCOME_SIGNED];
    s->verified = j->end.outcomes[MM_OUTCOME_VERIFIED];
    s->extracted = j->end.outcomes[MM_OUTCOME_EXTRACTED];
    s->rejected = j->end.outcomes[MM_OUTCOME_REJECTED];
    s->duplicates = j->end.outcomes[MM_OUTCOME_DUPLICATE];
    memcpy(s->results, j->end.results, sizeof s->results);
    s->inputs = s->signed_count + s->verified + s->extracted + s->rejected + s->duplicates;
    s->resumed = s->inputs;
    end->exit_code = MM_EXIT_DONE;
    end->finished_before = true;
}

/* Where a dataset's journal is: in what is to be the dataset, or in what is. */
static bool find_in_dataset(char path[PATH_MAX], const struct mm_run_plan *plan)
{
    struct stat st;
    bool in_part = stat(path, &st) == 0;
    if (!in_part && plan->options->resume) {
        char whole[PATH_MAX];
        int n = in_dataset(whole, sizeof whole, "", MM_DATASET_JOURNAL, plan->options->output);
        if (n > 0 && n < PATH_MAX && stat(whole, &st) == 0)
            memcpy(path, whole, sizeof whole);
    }
    return in_part;
}

/* No journal is kept of this run: what the same command needs instead. */
static enum mm_status check_no_resume(const struct mm_run_plan *plan, struct mm_error *err)
{
    if (!plan->options->resume)
        return MM_OK;
    if (plan->shape == MM_OUTPUT_IN_PLACE)
        return mm_fail(err, MM_E_ARG,
                       "--resume: a list of files has no folder for a journal; --signed-already "
                       "skip goes on in place");
    if (plan->shape == MM_OUTPUT_TREE)
        return mm_fail(err, MM_E_ARG,
                       "--resume: the rows of --sink go to standard output, and cannot be gone on "
                       "with; --overwrite begins anew");
    return mm_fail(err, MM_E_ARG, "--resume needs an output that stays: -o FILE or DIR");
}

enum mm_status mm_run_read_journal(struct mm_engine *e, struct mm_journal *j,
                                   const struct mm_run_plan *plan, struct mm_buf *head,
                                   char path[PATH_MAX], struct mm_run_end *end,
                                   struct mm_error *err)
{
    mm_run_private_path(path, PATH_MAX, MM_JOURNAL_NAME, plan, e->operands);
    if (!plan->describe || !path[0]) {
        end->exit_code = MM_EXIT_USAGE;
        return check_no_resume(plan, err);
    }
    describe(plan, head);
    bool in_part = plan->shape == MM_OUTPUT_DATASET && find_in_dataset(path, plan);
    end->exit_code = MM_EXIT_CONFIG;
    enum mm_status st = mm_journal_read(j, path, err);
    if (st == MM_E_SYNTAX && plan->options->overwrite) {
        mm_journal_forget(j);
        st = MM_OK;
    }
    if (st == MM_OK && j->state == MM_JOURNAL_UNFINISHED && mm_journal_is_locked(j)) {
        end->exit_code = MM_EXIT_CANT_CREATE;
        return mm_fail(err, MM_E_EXISTS, "another run writes to the journal %s", j->path);
    }
    if (st == MM_OK && head->failed)
        st = mm_fail(err, MM_E_NOMEM, "no memory for the journal");
    if (st == MM_OK)
        st = judge_journal(j, plan, mm_buf_view(head), &end->exit_code, err);
    if (st == MM_END && in_part && mm_dataset_out_name(plan->options->output, err) != MM_OK) {
        end->exit_code = err->status == MM_E_EXISTS ? MM_EXIT_CANT_CREATE : MM_EXIT_IO;
        return err->status;
    }
    if (st == MM_END)
        tell_finished(j, end);
    if (st != MM_OK)
        return st;
    if (mm_run_goes_on(j) && plan->set_clock)
        plan->set_clock(plan->context, j->now);
    e->journal = j;
    return MM_OK;
}
