/*
 * summary.h - what a dataset says, as small tables: who signs, who fails and why, what to mend.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A view is a question with a name. Its answer is a table that a terminal, a page, a spreadsheet
 * and a program can show without knowing what was asked: each column says what kind of values it
 * has. Texts come from strangers and are as they stood in the reports; whoever shows them escapes.
 */
#ifndef MAILMILL_SUMMARY_H
#define MAILMILL_SUMMARY_H

#include <stdbool.h>

#include "mailmill/base.h"

#ifdef __cplusplus
extern "C" {
#endif

enum mm_summary_kind {
    MM_SUMMARY_TEXT,    /* UTF-8 of any length */
    MM_SUMMARY_ADDRESS, /* an IP address in words, or what a report had in its place */
    MM_SUMMARY_COUNT,   /* of messages, records, sessions, days, … */
    MM_SUMMARY_SHARE,   /* a part of a whole; shown in percent */
    MM_SUMMARY_DAY,     /* in UTC */
    MM_SUMMARY_WEEK,    /* by its Monday */
    MM_SUMMARY_MONTH,   /* by its first day */
    MM_SUMMARY_FLAG     /* yes or no */
};

enum mm_summary_column_flag {
    MM_SUMMARY_KEY = 1,     /* together these tell the rows of a table apart */
    MM_SUMMARY_BAR = 2,     /* worth a picture beside the number */
    MM_SUMMARY_TROUBLE = 4, /* above 0 it is bad news */
    MM_SUMMARY_DETAIL = 8,  /* the first to go where there is no room */
    MM_SUMMARY_SILENT = 16  /* for programs: a person sees another column */
};

struct mm_summary_column {
    const char *name;  /* as the dataset's tables and docs/queries call it: "policy_domain" */
    const char *title; /* for a person: "domain" */
    enum mm_summary_kind kind;
    unsigned flags; /* of enum mm_summary_column_flag */
};

/* `null`: nobody said; the other fields are zero then. */
struct mm_summary_cell {
    bool null;
    int64_t number;      /* COUNT; FLAG: 0, 1; SHARE: the part; dates: days since 1970-01-01 */
    int64_t whole;       /* SHARE: what it is a part of, above 0 and not below `number` */
    struct mm_view text; /* TEXT, ADDRESS */
};

enum mm_summary_note_kind {
    MM_SUMMARY_NOTE,   /* how to read the table */
    MM_SUMMARY_RULE,   /* what a word or number of it, or an advice, is taken to mean */
    MM_SUMMARY_ADVICE, /* what to do, certain by the rule; the numbers are in the table too */
    MM_SUMMARY_WARNING /* what is missing or cut */
};

enum { MM_SUMMARY_NO_ROW = -1 };

struct mm_summary_note {
    enum mm_summary_note_kind kind;
    int64_t row;         /* of the table, that it speaks of; MM_SUMMARY_NO_ROW: of all */
    struct mm_view text; /* a sentence; has names out of reports in it */
};

struct mm_summary_table {
    const char *slug;     /* the view's name: "sources" */
    const char *title;    /* "Top failing sources" */
    const char *question; /* that it answers */
    const struct mm_summary_column *columns;
    size_t column_count;
    const struct mm_summary_cell *cells; /* row by row */
    size_t row_count;
    uint64_t row_total; /* before the cut: "row_count of row_total shown" */
    const struct mm_summary_note *notes;
    size_t note_count;
};

static inline const struct mm_summary_cell *mm_summary_row(const struct mm_summary_table *table,
                                                           size_t row)
{
    return table->cells + row * table->column_count;
}

/* A dataset that was read, by what its _mailmill.json says. */
struct mm_summary_dataset {
    struct mm_view path;
    const char *verb;     /* "reports" or "verify" */
    const char *mailmill; /* version that wrote it */
    int schema_version;
    uint64_t inputs, rejected, duplicates;
};

/* Where a page or document begins. */
struct mm_summary_head {
    const char *mailmill; /* version that made this */
    const struct mm_summary_dataset *datasets;
    size_t dataset_count;
    uint64_t inputs, rejected, duplicates; /* of all datasets */
    bool has_window;                       /* any row has a day */
    int64_t first_day, last_day;           /* of what was read, days since 1970, UTC */
    const char *domain;                    /* that was chosen; NULL: all */
    bool has_since, has_until;             /* and days, both included */
    int64_t since_day, until_day;
};

/* All that was asked, in the order of the asking. */
struct mm_summary {
    struct mm_summary_head head;
    const struct mm_summary_table *tables;
    size_t table_count;
    void *memory; /* private: everything above is in it */
};

/* One view. */
struct mm_summary_ask {
    const char *view; /* "sources"; "overview" becomes several tables */
    const char *by;   /* "day,domain": what rows are told apart by; NULL: as the view does */
    size_t row_max;   /* the rest is cut, and row_total says so; 0: 20 */
};

/* Strings are borrowed for the call. */
struct mm_summary_options {
    const char *const *datasets; /* folders that verify or reports made; all count as one */
    size_t dataset_count;
    const struct mm_summary_ask *asks; /* none: the overview */
    size_t ask_count;
    bool page;          /* instead of these: what mm_summary_page() shows */
    const char *domain; /* NULL: all */
    bool has_since, has_until;
    int32_t since_day, until_day; /* both included */
    unsigned threads;             /* 0: CPUs in the affinity mask, capped by cgroup cpu.max */
    uint64_t memory_bytes; /* 0: 1 GiB, or half of the cgroup's memory.max where that is lower */
};

enum { MM_SUMMARY_ROWS_DEFAULT = 20, MM_SUMMARY_ASKS_MAX = 64 };

/*
 * Read what the views need, each table once, and make them.
 *
 * summary    [out] to be given to mm_summary_free(); NULL after a failure.
 * exit_code  [out] enum mm_exit that fits a failure: 64 for a view or word that is unknown, or that
 *            no dataset has the tables of, with words that name the nearest, and for a dataset that
 *            is named twice; 66 no such dataset; 78 a dataset of a newer schema, or of --format
 *            ndjson or csv; 74 one that is damaged or cannot be read, or memory.
 * Returns    MM_OK; MM_E_ARG, MM_E_SYNTAX, MM_E_LIMIT, MM_E_IO, MM_E_NOMEM.
 */
MM_API enum mm_status mm_summary_make(const struct mm_summary_options *options,
                                      struct mm_summary **summary, int *exit_code,
                                      struct mm_error *err) MM_MUST_CHECK;
MM_API void mm_summary_free(struct mm_summary **summary);

/*
 * Make a summary, and a page of HTML of it: charts, tables, style and script in one file that asks
 * nothing of any server. The asks of the options do not count.
 *
 * path       of the page, which appears whole or not at all.
 * overwrite  replace what is there; else MM_E_EXISTS and 73, before anything is read.
 * exit_code  [out] as above; 73 or 74 where the file cannot be made or written.
 */
MM_API enum mm_status mm_summary_page(const struct mm_summary_options *options, const char *path,
                                      bool overwrite, int *exit_code,
                                      struct mm_error *err) MM_MUST_CHECK;

/* Every view by name, in the order of a list, with the words of --by that it takes ("" where it
 * takes none) and those that it has by itself. */
MM_API void mm_summary_views(void (*view)(void *context, const char *slug, const char *question,
                                          const char *by_default, const char *by_words),
                             void *context);

/* TABLE: for a person. JSON: one document, see docs/datasets.md. CSV: RFC 4180, of one table. */
enum mm_summary_format { MM_SUMMARY_AS_TABLE, MM_SUMMARY_AS_JSON, MM_SUMMARY_AS_CSV };

/* Of a TABLE. */
struct mm_summary_style {
    size_t width; /* columns of the terminal; 0: nothing is left out for want of room */
    bool colour, ascii;
};

/*
 * A summary in words, piece by piece. What came from reports can act on no terminal or spreadsheet.
 * Returns MM_OK; MM_E_ARG: CSV of more tables than one; MM_E_NOMEM.
 */
MM_API enum mm_status mm_summary_write(const struct mm_summary *summary,
                                       enum mm_summary_format format,
                                       const struct mm_summary_style *style,
                                       void (*put)(void *context, struct mm_view text),
                                       void *context, struct mm_error *err) MM_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif /* MAILMILL_SUMMARY_H */
