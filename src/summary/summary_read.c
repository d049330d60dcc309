/*
 * summary_read.c - datasets become a summary: what is asked, one reading a table, tables.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "summary/summary_read.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "dataset/dataset_rows.h"
#include "dataset/report_tables.h"
#include "dataset/verify_tables.h"
#include "report/plain_value.h"
#include "summary/asking.h"
#include "summary/questions.h"
#include "summary/scan.h"

/* What a summary's tables are in, and the texts that they show. */
struct memory {
    struct mm_arena arena;
    struct mm_word_codes words;
};

/* Where a folder is, under whatever name. */
struct place {
    dev_t device;
    ino_t inode;
};

struct work {
    const struct mm_summary_options *options;
    struct mm_summary *summary; /* in the arena */
    struct mm_arena *arena;
    struct mm_inquiry inquiry;
    struct mm_asking asking;
    struct mm_summary_dataset *datasets;
    struct mm_dataset_about *abouts; /* one a dataset, as places */
    struct place *places;
    struct mm_error *err;
};

static enum mm_status out_of_memory(struct mm_error *err)
{
    return mm_fail(err, MM_E_NOMEM, "no memory for a summary");
}

/* ---- datasets ---- */

static const struct mm_dataset_verb *verb_of(const char *name)
{
    static const struct mm_dataset_verb *const verbs[] = {&mm_reports_verb, &mm_verify_verb};
    for (size_t i = 0; i < MM_COUNT(verbs); i++)
        if (strcmp(name, verbs[i]->name) == 0)
            return verbs[i];
    return NULL;
}

static enum mm_status refuse_twice(const struct work *w, size_t number)
{
    const char *const *paths = w->options->datasets;
    struct stat info;
    if (stat(paths[number], &info) != 0)
        return mm_fail_os(w->err, errno, "cannot read %s", paths[number]);
    w->places[number] = (struct place){info.st_dev, info.st_ino};
    for (size_t i = 0; i < number; i++)
        if (w->places[i].device == info.st_dev && w->places[i].inode == info.st_ino)
            return mm_fail(w->err, MM_E_ARG, "%s and %s are one dataset: name it once", paths[i],
                           paths[number]);
    return MM_OK;
}

static enum mm_status open_dataset(struct work *w, size_t number, enum mm_summary_fault *fault)
{
    const char *path = w->options->datasets[number];
    struct mm_summary_dataset *out = &w->datasets[number];
    struct mm_dataset_about *about = &w->abouts[number];
    enum mm_status status = mm_dataset_in_read(path, about, w->err);
    *fault = status == MM_E_SYNTAX ? MM_SUMMARY_FAULT_MISSING : MM_SUMMARY_FAULT_READING;
    MM_TRY(status);
    const struct mm_dataset_verb *verb = verb_of(about->verb);
    *fault = MM_SUMMARY_FAULT_UNFIT;
    if (!verb)
        return mm_fail(w->err, MM_E_LIMIT,
                       "%s is a dataset of %s, which this mailmill (%s) does not know: use "
                       "mailmill %s or later",
                       path, about->verb, mm_version(), about->mailmill);
    MM_TRY(mm_dataset_in_known(path, about, verb->schema_version, w->err));
    if (mm_dataset_in_is_text(path, verb))
        return mm_fail(w->err, MM_E_ARG,
                       "%s was written with --format ndjson or csv, which summary does not read: "
                       "make it anew with --format parquet",
                       path);
    *fault = MM_SUMMARY_FAULT_ASKED;
    MM_TRY(refuse_twice(w, number));
    *fault = MM_SUMMARY_FAULT_READING;
    *out = (struct mm_summary_dataset){
        .path = mm_arena_copy(w->arena, mm_view_of(path)),
        .verb = verb->name,
        .mailmill = mm_arena_copy(w->arena, mm_view_of(about->mailmill)).data,
        .schema_version = about->schema_version,
        .inputs = about->inputs,
        .rejected = about->rejected,
        .duplicates = about->duplicates};
    return out->path.data && out->mailmill ? MM_OK : out_of_memory(w->err);
}

static enum mm_status open_datasets(struct work *w, enum mm_summary_fault *fault)
{
    struct mm_summary_head *head = &w->summary->head;
    size_t count = w->options->dataset_count;
    w->datasets = MM_ARENA_ARRAY(w->arena, struct mm_summary_dataset, count);
    w->abouts = MM_ARENA_ARRAY(w->arena, struct mm_dataset_about, count);
    w->places = MM_ARENA_ARRAY(w->arena, struct place, count);
    *fault = MM_SUMMARY_FAULT_READING;
    if (!w->datasets || !w->abouts || !w->places)
        return out_of_memory(w->err);
    for (size_t i = 0; i < count; i++) {
        MM_TRY(open_dataset(w, i, fault));
        head->inputs += w->datasets[i].inputs;
        head->rejected += w->datasets[i].rejected;
        head->duplicates += w->datasets[i].duplicates;
    }
    head->datasets = w->datasets;
    head->dataset_count = count;
    return MM_OK;
}

/* ---- reading ---- */

/* Files of a table in all datasets that have it, and their row groups. */
struct table_files {
    char **paths;
    size_t count, groups;
};

static void deinit_files(struct table_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        free(files->paths[i]);
    free(files->paths);
}

static size_t reading_bytes(const struct work *w)
{
    return (size_t)(w->options->memory_bytes / MM_SCAN_MEMORY_SHARE);
}

/* Look into each file of one dataset, and hold them all against what it says of itself. */
static enum mm_status check_files(struct work *w, size_t dataset,
                                  const struct mm_table_schema *schema,
                                  const struct mm_dataset_parts *parts, size_t *groups)
{
    struct mm_dataset_size size = {.rows = 0};
    for (size_t i = 0; i < parts->count; i++) {
        enum mm_status status =
            mm_dataset_size_add(&size, parts->paths[i], schema, reading_bytes(w), w->err);
        if (status == MM_E_LIMIT)
            return mm_scan_starved(parts->paths[i], reading_bytes(w), w->err);
        MM_TRY(status);
    }
    *groups += size.groups;
    return mm_dataset_rows_check(w->options->datasets[dataset], &w->abouts[dataset], schema->name,
                                 parts, &size, w->err);
}

/* The paths are `files`' from then on. */
static enum mm_status take_paths(struct work *w, struct mm_dataset_parts *parts,
                                 struct table_files *files)
{
    char **more = realloc(files->paths, (files->count + parts->count + 1) * sizeof *files->paths);
    if (!more)
        return out_of_memory(w->err);
    files->paths = more;
    for (size_t i = 0; i < parts->count; i++)
        files->paths[files->count++] = parts->paths[i];
    parts->count = 0;
    return MM_OK;
}

static enum mm_status find_files(struct work *w, const char *verb,
                                 const struct mm_table_schema *schema, struct table_files *files)
{
    for (size_t i = 0; i < w->summary->head.dataset_count; i++) {
        struct mm_dataset_parts parts;
        if (strcmp(w->datasets[i].verb, verb) != 0)
            continue;
        enum mm_status status =
            mm_dataset_in_parts(w->options->datasets[i], schema->name, &parts, w->err);
        if (status == MM_OK)
            status = check_files(w, i, schema, &parts, &files->groups);
        if (status == MM_OK)
            status = take_paths(w, &parts, files);
        mm_dataset_parts_deinit(&parts);
        MM_TRY(status);
    }
    return MM_OK;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* Rows of both are chosen alike, so one reading does for them. */
static bool read_alike(const struct mm_query *a, const struct mm_query *b)
{
    return a->schema == b->schema && same_text(a->domain, b->domain) &&
           same_text(a->day.column, b->day.column) && same_text(a->day.other, b->day.other);
}

static const char *verb_of_table(const struct mm_table_schema *schema)
{
    bool report = schema >= mm_report_tables && schema < mm_report_tables + MM_REPORT_TABLES;
    return report ? mm_reports_verb.name : mm_verify_verb.name;
}

/* No more threads than have row groups to read. */
static unsigned thread_count(const struct work *w, const struct table_files *files)
{
    size_t most = files->groups ? files->groups : 1;
    return w->options->threads < most ? w->options->threads : (unsigned)most;
}

static enum mm_status read_table(struct work *w, struct mm_query_run **runs, size_t count)
{
    const struct mm_table_schema *schema = runs[0]->query.schema;
    struct table_files files = {.count = 0};
    enum mm_status status = find_files(w, verb_of_table(schema), schema, &files);
    struct mm_query_place place = {
        .selection = &w->inquiry.selection,
        .words = w->inquiry.words,
        .paths = files.paths,
        .path_count = files.count,
        .threads = thread_count(w, &files),
        .reader_bytes = reading_bytes(w),
        .left_bytes = &w->inquiry.left_bytes,
    };
    if (status == MM_OK)
        status = mm_query_all(runs, count, &place, w->err);
    deinit_files(&files);
    return status;
}

/* All queries; `runs` is put in the order of the readings. */
static enum mm_status read_tables(struct work *w)
{
    struct mm_query_run **runs = w->inquiry.runs;
    for (size_t from = 0, to; from < w->inquiry.run_count; from = to) {
        to = from + 1;
        for (size_t i = to; i < w->inquiry.run_count; i++)
            if (read_alike(&runs[i]->query, &runs[from]->query)) {
                struct mm_query_run *run = runs[i];
                runs[i] = runs[to];
                runs[to++] = run;
            }
        MM_TRY(read_table(w, runs + from, to - from));
    }
    return MM_OK;
}

/* ---- tables ---- */

static void add_window(struct mm_summary_head *head, int64_t days)
{
    if (!days)
        return;
    if (!head->has_window || mm_days_first(days) < head->first_day)
        head->first_day = mm_days_first(days);
    if (!head->has_window || mm_days_last(days) > head->last_day)
        head->last_day = mm_days_last(days);
    head->has_window = true;
}

static bool is_saturated(const struct mm_asked *asked)
{
    for (size_t i = 0; i < asked->run_count; i++)
        if (mm_answer(asked, i)->saturated)
            return true;
    return false;
}

static bool make_table(struct work *w, const struct mm_asked *asked, struct mm_summary_table *table)
{
    bool (*make)(struct mm_inquiry *, const struct mm_asked *, struct mm_summary_table *) =
        asked->pivot ? mm_pivot_make : asked->question->make;
    return make(&w->inquiry, asked, table) &&
           (!is_saturated(asked) ||
            mm_summary_table_warn(w->arena, table,
                                  "a sum is over 9223372036854775807 and stays there: somebody "
                                  "reports numbers that cannot be"));
}

static enum mm_status make_tables(struct work *w)
{
    struct mm_summary_table *tables =
        MM_ARENA_ARRAY(w->arena, struct mm_summary_table, w->asking.count);
    struct mm_summary *s = w->summary;
    if (!tables)
        return out_of_memory(w->err);
    for (size_t i = 0; i < w->asking.window_count; i++)
        if (w->asking.windows[i]->groups.count)
            add_window(&s->head, mm_group_values(&w->asking.windows[i]->groups, 0)[0]);
    for (size_t i = 0; i < w->asking.count; i++) {
        const struct mm_asked *asked = &w->asking.asked[i];
        struct mm_summary_table *table = &tables[s->table_count];
        if (!make_table(w, asked, table))
            return mm_fail(w->err, MM_E_LIMIT,
                           "the view %s takes more memory than there is: ask for fewer rows",
                           asked->question->about.slug);
        if (table->row_count || !asked->may_be_silent)
            s->table_count++;
    }
    s->tables = tables;
    return MM_OK;
}

/* ---- all of it ---- */

/* The domain to look for as tables have it; NULL for none, or for no memory. */
static const char *selected_domain(struct work *w)
{
    struct mm_view domain = mm_view_of(w->options->domain);
    bool bad; /* what makes no A-labels is kept in tables too */
    if (!domain.data)
        return NULL;
    if (mm_plain_domain(domain, w->arena, &domain, &bad) != MM_OK)
        domain.data = NULL;
    const char *own = domain.data ? mm_arena_copy(w->arena, domain).data : NULL;
    w->inquiry.failed = w->inquiry.failed || !own;
    return own;
}

static void fill_head(struct work *w)
{
    const struct mm_summary_options *o = w->options;
    struct mm_summary_head *head = &w->summary->head;
    *head = (struct mm_summary_head){.mailmill = mm_version(),
                                     .has_since = o->has_since,
                                     .has_until = o->has_until,
                                     .since_day = o->since_day,
                                     .until_day = o->until_day};
    head->domain = selected_domain(w);
    w->inquiry.selection = (struct mm_selection){.domain = head->domain,
                                                 .has_since = o->has_since,
                                                 .has_until = o->has_until,
                                                 .since_day = o->since_day,
                                                 .until_day = o->until_day};
    w->inquiry.head = head;
}

static enum mm_status run(struct work *w, enum mm_summary_fault *fault)
{
    MM_TRY(open_datasets(w, fault));
    *fault = MM_SUMMARY_FAULT_ASKED;
    MM_TRY(mm_asking_plan(&w->asking, &w->inquiry, w->options, &w->summary->head, w->err));
    *fault = MM_SUMMARY_FAULT_READING;
    if (w->inquiry.failed)
        return out_of_memory(w->err);
    MM_TRY(read_tables(w));
    MM_TRY(make_tables(w));
    *fault = MM_SUMMARY_FAULT_NONE;
    return MM_OK;
}

static void free_memory(struct memory *memory)
{
    mm_arena_deinit(&memory->arena);
    mm_word_codes_deinit(&memory->words);
    free(memory);
}

static enum mm_status read_once(const struct mm_summary_options *options,
                                struct mm_summary **summary, enum mm_summary_fault *fault,
                                struct mm_error *err)
{
    struct work w = {.options = options, .err = err};
    struct memory *memory = calloc(1, sizeof *memory);
    size_t half = (size_t)(options->memory_bytes / 2);
    *summary = NULL;
    *fault = MM_SUMMARY_FAULT_READING;
    if (!memory)
        return out_of_memory(err);
    mm_arena_init(&memory->arena, half);
    mm_word_codes_init(&memory->words, half / 2);
    atomic_init(&w.inquiry.left_bytes, half);
    w.arena = w.inquiry.arena = &memory->arena;
    w.inquiry.words = &memory->words;
    enum mm_status status = MM_E_NOMEM;
    if ((w.summary = MM_ARENA_NEW(w.arena, struct mm_summary))) {
        w.summary->memory = memory;
        fill_head(&w);
        status = run(&w, fault);
    }
    mm_asking_deinit(&w.asking, &w.inquiry);
    if (status == MM_OK)
        *summary = w.summary;
    else
        free_memory(memory);
    return status;
}

/* A file goes when --append has put its rows into another: then it is all to be read anew. That
 * happens to one table after the other, so that another file may be gone next; one that stays away
 * is lost. */
enum mm_status mm_summary_read(const struct mm_summary_options *options,
                               struct mm_summary **summary, enum mm_summary_fault *fault,
                               struct mm_error *err)
{
    enum { TRIES_A_FILE = 5, TRIES = 100 };
    struct mm_error why = {.os_errno = 0}, before;
    enum mm_status status = read_once(options, summary, fault, &why);
    for (int i = 1, same = 1;
         i < TRIES && same < TRIES_A_FILE && status == MM_E_IO && why.os_errno == ENOENT; i++) {
        before = why;
        status = read_once(options, summary, fault, &why);
        same = strcmp(before.text, why.text) == 0 ? same + 1 : 1;
    }
    if (status < 0 && err)
        *err = why;
    return status;
}

void mm_summary_free(struct mm_summary **summary)
{
    if (*summary)
        free_memory((*summary)->memory);
    *summary = NULL;
}
