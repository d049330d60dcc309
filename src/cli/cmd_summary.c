/*
 * cmd_summary.c - mailmill summary: what a dataset says, for a terminal or a program.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common.h"
#include "help.h"
#include "mailmill/mailmill.h"
#include "terminal.h"
#include "values.h"
#include "verbs.h"

struct summary_args {
    struct text_list views;
    const char *by, *domain, *since, *until;
    bool json, csv, overwrite;
    const char *html;
    uint64_t limit, threads, memory_bytes;
    struct operands datasets;
};

#define FIELD(name) offsetof(struct summary_args, name)

enum { LIMIT_MAX = 1000000, THREADS_MAX = 256, MEMORY_MIN_BYTES = 16 * 1048576 };

/* clang-format off */
static const struct option view_options[] = {
    {.name = "view", .kind = OPTION_TEXTS, .field = FIELD(views), .value = "NAME",
     .help = "what to tell (default overview; list: all)"},
    {.name = "by", .kind = OPTION_TEXT, .field = FIELD(by), .value = "COLS",
     .help = "rows by these, as --view list has them"},
    {.name = "domain", .kind = OPTION_TEXT, .field = FIELD(domain), .value = "D",
     .help = "only this domain"},
    {.name = "since", .kind = OPTION_TEXT, .field = FIELD(since), .value = "DATE"},
    {.name = "until", .kind = OPTION_TEXT, .field = FIELD(until), .value = "DATE",
     .help = "only these days (UTC), both included"},
    {.name = "limit", .kind = OPTION_COUNT, .field = FIELD(limit), .value = "N",
     .min = 1, .max = LIMIT_MAX, .help = "rows of a view (default 20)"},
    {0},
};

static const struct option output_options[] = {
    {.name = "json", .kind = OPTION_FLAG, .field = FIELD(json), .help = "one JSON document"},
    {.name = "csv", .kind = OPTION_FLAG, .field = FIELD(csv), .help = "one view as CSV"},
    {.name = "html", .kind = OPTION_TEXT, .field = FIELD(html), .value = "FILE",
     .help = "a page of all views, for a browser"},
    {.name = "overwrite", .kind = OPTION_FLAG, .field = FIELD(overwrite),
     .help = "replace that FILE"},
    {.name = "threads", .kind = OPTION_COUNT, .field = FIELD(threads), .value = "N",
     .min = 1, .max = THREADS_MAX, .help = "workers (default: one a CPU that we may use)"},
    {.name = "memory", .kind = OPTION_SIZE, .field = FIELD(memory_bytes), .value = "SIZE",
     .min = MEMORY_MIN_BYTES, .max = UINT64_MAX,
     .help = "most for rows in work (default 1G)"},
    {.name = "help", .letter = 'h', .kind = OPTION_HELP, .help = "this text"},
    {0},
};
/* clang-format on */

const struct option_group summary_groups[] = {
    {"View:", view_options}, {"Output:", output_options}, {0}};

/* ---- what is asked ---- */

/* The view of a name, or the nearest to it. */
struct search {
    const char *name;
    bool found;
    char nearest[64];
    size_t distance;
};

static void look_at_view(void *context, const char *slug, const char *question,
                         const char *by_default, const char *by_words)
{
    struct search *s = context;
    size_t distance = edit_distance(s->name, slug);
    (void)question;
    (void)by_default;
    (void)by_words;
    s->found = s->found || strcmp(slug, s->name) == 0;
    if (distance < s->distance) {
        s->distance = distance;
        snprintf(s->nearest, sizeof s->nearest, "%s", slug);
    }
}

static int check_view(const struct verb *verb, const char *name)
{
    struct search s = {.name = name, .distance = SIZE_MAX};
    mm_summary_views(look_at_view, &s);
    if (s.found)
        return OPTIONS_READY;
    return usage_slip(verb->name, "no view %s; nearest is %s, and --view list names all",
                      escaped_text(name), s.nearest);
}

static int check_day(const struct verb *verb, const char *name, const char *text, bool *has,
                     int32_t *day)
{
    *has = text != NULL;
    if (!text || value_day(text, day))
        return OPTIONS_READY;
    return usage_slip(verb->name, "%s '%s': want a date as 2026-01-31", name, escaped_text(text));
}

/* A page shows every view, as it is best seen. */
static int check_html(const struct verb *verb, const struct summary_args *args)
{
    if (args->overwrite && !args->html)
        return usage_slip(verb->name, "--overwrite goes with --html FILE");
    if (!args->html)
        return OPTIONS_READY;
    if (args->json || args->csv)
        return usage_slip(verb->name, "--html does not go together with --json or --csv");
    if (args->views.count || args->by || args->limit)
        return usage_slip(verb->name, "--html shows all views: --view, --by, --limit do not apply");
    if (strcmp(args->html, "-") == 0)
        return usage_slip(verb->name, "--html -: a page is a file; name it");
    return OPTIONS_READY;
}

static int check_options(const struct verb *verb, const struct summary_args *args,
                         struct mm_summary_options *options)
{
    int code = OPTIONS_READY;
    if (args->datasets.count == 0)
        return usage_slip(verb->name, "no dataset: name folders that verify or reports made");
    if (args->json && args->csv)
        return usage_slip(verb->name, "--json and --csv do not go together");
    if (args->csv && args->views.count != 1)
        return usage_slip(verb->name, "--csv is one table: name it with --view");
    if (args->by && args->views.count == 0)
        return usage_slip(verb->name, "--by COLS: the overview has rows of its own; name --view");
    code = check_html(verb, args);
    for (size_t i = 0; code == OPTIONS_READY && i < args->views.count; i++)
        code = check_view(verb, args->views.items[i]);
    if (code == OPTIONS_READY)
        code = check_day(verb, "--since", args->since, &options->has_since, &options->since_day);
    if (code == OPTIONS_READY)
        code = check_day(verb, "--until", args->until, &options->has_until, &options->until_day);
    if (code == OPTIONS_READY && args->since && args->until &&
        options->since_day > options->until_day)
        return usage_slip(verb->name, "--since is after --until");
    return code;
}

/* ---- what is shown ---- */

static void put(void *context, struct mm_view text)
{
    fwrite(text.data, 1, text.len, context);
}

static struct mm_summary_style style_of_stdout(void)
{
    struct terminal terminal = terminal_of(STDOUT_FILENO);
    struct mm_summary_style style = {.colour = terminal.colour};
    struct winsize size;
    if (terminal.is_terminal)
        style.width =
            ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 80;
    /* Only to ask what bytes the terminal understands; nothing else here depends on a locale. */
    if (setlocale(LC_CTYPE, "")) {
        style.ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
        setlocale(LC_CTYPE, "C");
    }
    return style;
}

static int show(const struct verb *verb, const struct summary_args *args,
                const struct mm_summary *summary)
{
    struct mm_summary_style style = style_of_stdout();
    struct mm_error err = {0};
    enum mm_summary_format format = args->json  ? MM_SUMMARY_AS_JSON
                                    : args->csv ? MM_SUMMARY_AS_CSV
                                                : MM_SUMMARY_AS_TABLE;
    enum mm_status status = mm_summary_write(summary, format, &style, put, stdout, &err);
    if (status == MM_E_ARG)
        return usage_slip(verb->name, "%s", err.text);
    if (status < 0) {
        terminal_say("mailmill %s: %s", verb->name, err.text);
        return MM_EXIT_IO;
    }
    return stdout_done(verb->name);
}

static void print_view(void *context, const char *slug, const char *question,
                       const char *by_default, const char *by_words)
{
    (void)context;
    printf("%-16s%s\n", slug, question);
    if (*by_words)
        printf("%-16s  --by %s (of %s)\n", "", by_default, by_words);
}

static int run(const struct verb *verb, const struct summary_args *args,
               struct mm_summary_options *options)
{
    struct mm_summary_ask asks[TEXT_LIST_MAX];
    struct mm_summary *summary;
    struct mm_error err = {0};
    int code = MM_EXIT_BUG;
    for (size_t i = 0; i < args->views.count; i++)
        asks[i] = (struct mm_summary_ask){
            .view = args->views.items[i], .by = args->by, .row_max = (size_t)args->limit};
    const struct mm_summary_ask everything = {.view = "overview", .row_max = (size_t)args->limit};
    options->asks = args->views.count ? asks : &everything;
    options->ask_count = args->views.count ? args->views.count : 1;
    if (mm_summary_make(options, &summary, &code, &err) < 0) {
        if (code == MM_EXIT_USAGE)
            return usage_slip(verb->name, "%s", err.text);
        terminal_say("mailmill %s: %s", verb->name, err.text);
        return code;
    }
    code = show(verb, args, summary);
    mm_summary_free(&summary);
    return code;
}

static int make_page(const struct verb *verb, const struct summary_args *args,
                     const struct mm_summary_options *options)
{
    struct mm_error err = {0};
    int code = MM_EXIT_BUG;
    if (mm_summary_page(options, args->html, args->overwrite, &code, &err) == MM_OK) {
        terminal_say("mailmill %s: the page is %s", verb->name, escaped_text(args->html));
        return code;
    }
    terminal_say("mailmill %s: %s", verb->name, err.text);
    return code;
}

/* Nothing is written that a signal could leave half done, so it ends the program as usual. */
static void let_signals_end_it(void)
{
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
}

int cmd_summary(const struct verb *verb, int argc, char **argv)
{
    struct summary_args args = {.limit = 0};
    struct mm_summary_options options = {.datasets = NULL};
    args.datasets.items = calloc((size_t)argc, sizeof *args.datasets.items);
    if (!args.datasets.items)
        return out_of_memory(verb);
    let_signals_end_it();
    int code = options_read(verb, argc, argv, &args, &args.datasets);
    if (code == OPTIONS_READY && args.views.count == 1 &&
        strcmp(args.views.items[0], "list") == 0) {
        mm_summary_views(print_view, NULL);
        code = stdout_done(verb->name);
    }
    if (code == OPTIONS_READY)
        code = check_options(verb, &args, &options);
    if (code == OPTIONS_READY) {
        options.datasets = args.datasets.items;
        options.dataset_count = args.datasets.count;
        options.domain = args.domain;
        options.threads = (unsigned)args.threads;
        options.memory_bytes = args.memory_bytes;
        code = args.html ? make_page(verb, &args, &options) : run(verb, &args, &options);
    }
    free(args.datasets.items);
    return code;
}
