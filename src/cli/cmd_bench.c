/*
 * cmd_bench.c - mailmill bench: what runs cost, and whether that is more than it was.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench_formats.h"
#include "bench_instructions.h"
#include "bench_table.h"
#include "bench_turns.h"
#include "common.h"
#include "help.h"
#include "mailmill/mailmill.h"
#include "signals.h"
#include "terminal.h"
#include "values.h"
#include "verbs.h"

#define FIELD(name) offsetof(struct bench_args, name)

enum {
    BUDGET_DEFAULT_S = 230, /* with what is made and tidied up: within four minutes */
    BUDGET_QUICK_S = 52,    /* within one */
    BUDGET_MAX_S = 86400,
    EXIT_UNAVAILABLE = 69 /* EX_UNAVAILABLE of sysexits.h */
};

/* clang-format off */
static const struct option workload_options[] = {
    {.name = "list", .kind = OPTION_FLAG, .field = FIELD(list), .help = "tell the workloads, and end"},
    {.name = "cold", .kind = OPTION_FLAG, .field = FIELD(cold),
     .help = "drop files from the page cache before each pass"},
    {.name = "count-instructions", .kind = OPTION_FLAG, .field = FIELD(count_instructions),
     .help = "under valgrind, in place of CPU time"},
    {.name = "quick", .kind = OPTION_FLAG, .field = FIELD(quick), .help = "end within 60 s (else 4 minutes)"},
    {.name = "budget", .kind = OPTION_COUNT, .field = FIELD(budget_s), .value = "SECONDS",
     .min = 1, .max = BUDGET_MAX_S, .help = "for all workloads together"},
    {0},
};
static const struct option compare_options[] = {
    {.name = "against", .kind = OPTION_TEXT, .field = FIELD(against), .value = "PROGRAM",
     .help = "another mailmill, run in turns with this one"},
    {.name = "baseline", .kind = OPTION_TEXT, .field = FIELD(baseline), .value = "FILE",
     .help = "what --json wrote on a machine like this"},
    {.name = "tolerance", .kind = OPTION_TEXT, .field = FIELD(tolerance_text), .value = "PERCENT",
     .help = "that is no regression (default 5)"},
    {.name = "force", .kind = OPTION_FLAG, .field = FIELD(force),
     .help = "compare with other processors and workloads, too"},
    {0},
};
static const struct option output_options[] = {
    {.name = "json", .kind = OPTION_TEXT, .field = FIELD(json), .value = "FILE",
     .help = "write what was found, for --baseline"},
    {.name = "format", .kind = OPTION_WORD, .field = FIELD(format), .words = "table|github-benchmark|junit",
     .help = "on stdout"},
    {.name = "quiet", .kind = OPTION_FLAG, .field = FIELD(quiet), .help = "no progress"},
    {.name = "serve", .kind = OPTION_TEXT, .field = FIELD(serve), .value = "FOLDER",
     .help = "run passes for another process (--against)"},
    {.name = "help", .letter = 'h', .kind = OPTION_HELP, .help = "this text"},
#ifdef MAILMILL_FAULTS
    {.name = "slow", .kind = OPTION_TEXT, .field = FIELD(slow)}, /* not in --help */
#endif
    {0},
};
/* clang-format on */

const struct option_group bench_groups[] = {
    {"Workloads:", workload_options},
    {"Compare:", compare_options},
    {"Output:", output_options},
    {0},
};

/* ---- the command line ---- */

static int check_words(const struct verb *verb, const struct bench_args *args)
{
    size_t count;
    const struct mm_bench_workload *all = mm_bench_workloads(&count);
    for (size_t i = 0; i < args->words.count; i++) {
        size_t k = 0;
        while (k < count && !mm_bench_means(&all[k], args->words.items[i]))
            k++;
        if (k == count)
            return usage_slip(verb->name, "'%s' is no workload: see mailmill bench --list",
                              escaped_text(args->words.items[i]));
    }
    return OPTIONS_READY;
}

static int check_args(const struct verb *verb, struct bench_args *args)
{
    struct mm_error err;
    if (args->serve && (args->words.count || args->against || args->baseline || args->json ||
                        args->tolerance_text || args->force || args->quick || args->budget_s ||
                        args->list || args->format != BENCH_TABLE))
        return usage_slip(verb->name, "--serve is told by its input what to run, and compares and "
                                      "writes nothing");
    if (args->json && strcmp(args->json, "-") == 0)
        return usage_slip(verb->name, "--json -: a file is wanted; standard output has the table");
    if (args->against && args->baseline)
        return usage_slip(verb->name, "--against and --baseline: one of them");
    if (args->quick && args->budget_s)
        return usage_slip(verb->name, "--quick and --budget: one of them");
    if (args->count_instructions && args->cold)
        return usage_slip(verb->name, "--count-instructions and --cold: one of them");
    if (args->force && !args->baseline)
        return usage_slip(verb->name, "--force has no meaning without --baseline");
    if (args->tolerance_text && !value_percent(args->tolerance_text, &args->tolerance))
        return usage_slip(verb->name,
                          "--tolerance %s: want a percentage from 0.1 to 100, as in 5%%",
                          escaped_text(args->tolerance_text));
    if (mm_bench_slow(args->slow, &err) != MM_OK || mm_bench_slow(NULL, &err) != MM_OK)
        return usage_slip(verb->name, "%s", err.text);
    if (!args->budget_s)
        args->budget_s = args->quick ? BUDGET_QUICK_S : BUDGET_DEFAULT_S;
    return check_words(verb, args);
}

/* ---- what comes of a run ---- */

static int write_json(const struct bench_run *run)
{
    struct mm_bench_record record;
    struct mm_error err = {.text = "no memory"};
    bool written = bench_to_record(run, &record) &&
                   mm_bench_record_write(&record, run->args->json, &err) == MM_OK;
    free(record.results);
    if (!written)
        terminal_say("mailmill bench: %s", err.text);
    return written ? MM_EXIT_DONE : MM_EXIT_CANT_CREATE;
}

static int tell(const struct verb *verb, struct bench_run *run)
{
    bench_judge(run);
    int code = run->args->json ? write_json(run) : MM_EXIT_DONE;
    if (run->args->format == BENCH_TABLE)
        bench_table_print(run);
    else
        bench_format_print(run, (enum bench_format)run->args->format);
    int printed = stdout_done(verb->name);
    bench_say_end(run);
    if (code == MM_EXIT_DONE)
        code = printed;
    return code == MM_EXIT_DONE ? bench_exit_code(run) : code;
}

/* ---- the folder, the other side ---- */

struct place {
    char folder[PATH_MAX], self[PATH_MAX], valgrind[PATH_MAX];
};

static bool make_place(struct place *place)
{
    const char *tmp = getenv("TMPDIR");
    ssize_t len = readlink("/proc/self/exe", place->self, sizeof place->self - 1);
    if (len <= 0)
        return false;
    place->self[len] = '\0';
    int n = snprintf(place->folder, sizeof place->folder, "%s/mailmill-bench.XXXXXX",
                     tmp && *tmp ? tmp : "/tmp");
    return n < (int)sizeof place->folder && mkdtemp(place->folder);
}

enum { ARGV_MAX = 10 };
static void make_argv(const char **argv, const char *program, const struct bench_args *args,
                      const struct place *place, bool ours)
{
    size_t n = 0;
    argv[n++] = program;
    argv[n++] = "bench";
    argv[n++] = "--serve";
    argv[n++] = place->folder;
    if (args->cold)
        argv[n++] = "--cold";
    if (args->count_instructions)
        argv[n++] = "--count-instructions";
    if (ours && args->slow) {
        argv[n++] = "--slow";
        argv[n++] = args->slow;
    }
    argv[n] = NULL;
}

/*
 * This process, which calibrates, and those that it starts stay on one processor: where another one
 * has a busy neighbour, a pass there and a calibration here would have no neighbour in common. It
 * is the same one in each run, the last of those that there are, since the first has the
 * interrupts of most machines. Where the system does not allow it, there is only more noise.
 */
static void stay_on_one_processor(void)
{
    cpu_set_t all, one;
    int last = CPU_SETSIZE - 1;
    if (sched_getaffinity(0, sizeof all, &all) != 0)
        return;
    while (last > 0 && !CPU_ISSET((size_t)last, &all))
        last--;
    CPU_ZERO(&one);
    CPU_SET((size_t)last, &one);
    (void)sched_setaffinity(0, sizeof one, &one);
}

static int measure_in(const struct verb *verb, struct bench_run *run, const struct place *place)
{
    const struct bench_args *args = run->args;
    const char *ours[ARGV_MAX], *theirs[ARGV_MAX];
    struct bench_setting setting = {.args = args, .ours = ours, .folder = place->folder};
    struct mm_error err;
    make_argv(ours, place->self, args, place, true);
    if (args->against) {
        make_argv(theirs, args->against, args, place, false);
        setting.theirs = theirs;
    }
    if (mm_bench_calibration_new(place->folder, &setting.calibration, &err) != MM_OK) {
        terminal_say("mailmill bench: %s", err.text);
        return MM_EXIT_IO;
    }
    int code = bench_turns_take(run, &setting, place->valgrind);
    mm_bench_calibration_free(&setting.calibration);
    return code == MM_EXIT_DONE ? tell(verb, run) : code;
}

static int measure(const struct verb *verb, struct bench_run *run)
{
    struct place place = {.folder = ""};
    struct mm_error err;
    if (run->args->count_instructions && !bench_find_valgrind(place.valgrind, PATH_MAX)) {
        terminal_say("mailmill bench: --count-instructions needs valgrind, which is not on PATH: "
                     "install it (Debian: apt-get install valgrind)");
        return EXIT_UNAVAILABLE;
    }
    if (!make_place(&place)) {
        terminal_say("mailmill bench: cannot make a folder below %s: %s",
                     escaped_text(place.folder), strerror(errno));
        return MM_EXIT_CANT_CREATE;
    }
    stay_on_one_processor();
    int code = measure_in(verb, run, &place);
    if (mm_bench_remove(place.folder, &err) != MM_OK)
        terminal_say("mailmill bench: %s", err.text);
    return code;
}

/* ---- the baseline ---- */

/* Valgrind knows no AVX-512: without this, kernels would be chosen that it cannot run. */
static void narrow_tier(struct bench_run *run)
{
    struct mm_bench_machine *m = &run->machine;
    const char *wish = getenv("MAILMILL_CPU");
    bool narrower = wish && (strcmp(wish, "sse2") == 0 || strcmp(wish, "portable") == 0);
    setenv("MAILMILL_CPU", "avx2", !narrower);
    mm_bench_machine_of(m);
    snprintf(m->measure, sizeof m->measure, "instructions");
    snprintf(m->tier, sizeof m->tier, "%s under valgrind", getenv("MAILMILL_CPU"));
    terminal_say("mailmill bench: counting instructions under valgrind, with kernels of %s at most",
                 escaped_text(getenv("MAILMILL_CPU")));
}

static int load_baseline(struct bench_run *run)
{
    const struct bench_args *args = run->args;
    struct mm_error err;
    if (!args->baseline)
        return MM_EXIT_DONE;
    enum mm_status st = mm_bench_record_read(args->baseline, &run->baseline, &err);
    if (st != MM_OK) {
        terminal_say("mailmill bench: --baseline %s", err.text);
        return st == MM_E_IO ? MM_EXIT_NO_INPUT : MM_EXIT_CONFIG;
    }
    const char *why = mm_bench_machines_differ(&run->baseline.machine, &run->machine);
    if (why && !args->force) {
        terminal_say("mailmill bench: --baseline %s cannot be compared with: %s; make a new one "
                     "here, or use --against, or --force",
                     escaped_text(args->baseline), why);
        return MM_EXIT_CONFIG;
    }
    return MM_EXIT_DONE;
}

/* ---- before any time is spent ---- */

static int check_program(const struct bench_args *args)
{
    if (!args->against || access(args->against, X_OK) == 0)
        return MM_EXIT_DONE;
    bool there = errno == EACCES;
    terminal_say("mailmill bench: --against %s: %s%s", escaped_text(args->against), strerror(errno),
                 strchr(args->against, '/') ? "" : "; give it with its path");
    return there ? MM_EXIT_PERMISSION : MM_EXIT_NO_INPUT;
}

/* The record gets its name when it is whole, so its folder is what has to be writable. */
static int check_json(const struct bench_args *args)
{
    char folder[PATH_MAX];
    const char *slash = args->json ? strrchr(args->json, '/') : NULL;
    if (!args->json)
        return MM_EXIT_DONE;
    if (slash && slash > args->json)
        snprintf(folder, sizeof folder, "%.*s", (int)(slash - args->json), args->json);
    else
        snprintf(folder, sizeof folder, "%s", slash ? "/" : ".");
    if (access(folder, W_OK | X_OK) == 0)
        return MM_EXIT_DONE;
    terminal_say("mailmill bench: --json %s: %s", escaped_text(args->json), strerror(errno));
    return MM_EXIT_CANT_CREATE;
}

static int run_bench(const struct verb *verb, const struct bench_args *args)
{
    size_t count;
    mm_bench_workloads(&count);
    struct bench_run run = {.args = args,
                            .begun_ns = bench_now_ns(),
                            .other = args->against ? args->against : args->baseline};
    run.rows = calloc(count, sizeof *run.rows);
    if (!run.rows)
        return out_of_memory(verb);
    if (args->count_instructions)
        narrow_tier(&run);
    else
        mm_bench_machine_of(&run.machine);
    run.machine.cold = args->cold;
    int code = check_program(args);
    if (code == MM_EXIT_DONE)
        code = check_json(args);
    if (code == MM_EXIT_DONE)
        code = load_baseline(&run);
    if (code == MM_EXIT_DONE)
        code = measure(verb, &run);
    mm_bench_record_free(&run.baseline);
    free(run.rows);
    return code;
}

int cmd_bench(const struct verb *verb, int argc, char **argv)
{
    struct bench_args args = {.tolerance = 0.05};
    args.words.items = calloc((size_t)argc, sizeof *args.words.items);
    if (!args.words.items)
        return out_of_memory(verb);
    int code = options_read(verb, argc, argv, &args, &args.words);
    if (code == OPTIONS_READY)
        code = check_args(verb, &args);
    if (code == OPTIONS_READY && args.list) {
        bench_list_print();
        code = stdout_done(verb->name);
    }
    if (code == OPTIONS_READY)
        code = args.serve ? bench_serve(verb, &args) : run_bench(verb, &args);
    free(args.words.items);
    return code;
}
