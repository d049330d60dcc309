/*
 * bench_serve.c - the machine mode of mailmill bench: run passes that another process asks for.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench_serve.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mailmill/mailmill.h"
#include "terminal.h"

struct server {
    const struct bench_args *args;
    FILE *answers;
    char output[PATH_MAX];
    struct mm_bench *bench; /* what was opened last */
};

static const struct mm_bench_workload *workload_named(const char *name)
{
    size_t count;
    const struct mm_bench_workload *all = mm_bench_workloads(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(all[i].name, name) == 0)
            return &all[i];
    return NULL;
}

static void failed(struct server *s, const struct mm_error *err)
{
    fprintf(s->answers, "failed %.*s\n", SERVE_LINE_BYTES / 2, err->text);
}

static void open_workload(struct server *s, const char *name)
{
    struct mm_error err = {.text = ""};
    const struct mm_bench_workload *workload = workload_named(name);
    const struct mm_bench_options options = {.folder = s->args->serve,
                                             .output = s->output,
                                             .cold = s->args->cold,
                                             .few = s->args->count_instructions};
    mm_bench_close(&s->bench);
    enum mm_status st = workload ? mm_bench_open(workload, &options, &s->bench, &err) : MM_END;
    if (st < 0)
        failed(s, &err);
    else
        fputs(st == MM_OK ? "ready\n" : "missing\n", s->answers);
}

static void run_pass(struct server *s)
{
    struct mm_error err = {.text = "no workload is open"};
    struct mm_bench_sample sample;
    if (!s->bench || mm_bench_pass(s->bench, &sample, &err) != MM_OK) {
        failed(s, &err);
        return;
    }
    fprintf(s->answers, "sample %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64,
            sample.items, sample.bytes, sample.wall_ns, sample.cpu_ns, sample.peak_bytes);
    for (size_t i = 0; i < MM_BENCH_STAGES; i++)
        fprintf(s->answers, " %" PRIu64, sample.stage_ns[i]);
    fputc('\n', s->answers);
}

static bool answer(struct server *s, char *line)
{
    line[strcspn(line, "\n")] = '\0';
    if (strncmp(line, "open ", 5) == 0)
        open_workload(s, line + 5);
    else if (strcmp(line, "pass") == 0)
        run_pass(s);
    else
        return false;
    return fflush(s->answers) == 0;
}

static int serve(struct server *s)
{
    char line[SERVE_LINE_BYTES];
    fprintf(s->answers, "mailmill-bench %d %d %s\n", SERVE_PROTOCOL, MM_BENCH_WORKLOADS_VERSION,
            mm_version());
    if (fflush(s->answers) != 0)
        return MM_EXIT_IO;
    while (fgets(line, sizeof line, stdin))
        if (!answer(s, line))
            return MM_EXIT_USAGE;
    return MM_EXIT_DONE;
}

/* Rows of verify go to standard output: that becomes /dev/null, and answers keep what it was. */
static FILE *take_stdout(void)
{
    int kept = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    bool moved = kept >= 0 && null >= 0 && dup2(null, STDOUT_FILENO) >= 0;
    if (null >= 0)
        close(null);
    return moved ? fdopen(kept, "w") : NULL;
}

int bench_serve(const struct verb *verb, const struct bench_args *args)
{
    struct server s = {.args = args};
    struct mm_error err;
    int len = snprintf(s.output, sizeof s.output, "%s/out-%ld", args->serve, (long)getpid());
    if (mm_bench_slow(args->slow, &err) != MM_OK)
        return usage_slip(verb->name, "%s", err.text);
    if (len >= (int)sizeof s.output || mkdir(s.output, 0700) != 0) {
        terminal_say("mailmill bench: cannot make a folder in %s", escaped_text(args->serve));
        return MM_EXIT_CANT_CREATE;
    }
    s.answers = take_stdout();
    int code = s.answers ? serve(&s) : MM_EXIT_IO;
    mm_bench_close(&s.bench);
    if (s.answers)
        fclose(s.answers);
    if (mm_bench_remove(s.output, &err) != MM_OK)
        terminal_say("mailmill bench: %s", err.text);
    return code;
}
