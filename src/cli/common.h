/*
 * common.h - the options that every verb that runs has, with one meaning.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_CLI_COMMON_H
#define MM_CLI_COMMON_H

#include "mailmill/run.h"
#include "options.h"

enum progress_choice { PROGRESS_AUTO, PROGRESS_ALWAYS, PROGRESS_NEVER };

/* First in the struct of each verb, so that one table serves all. */
struct common_args {
    uint64_t threads, memory_bytes;
    int io, crypto, progress, source_format; /* places in the words of their options */
    const char *files_from, *output, *rejects;
    bool files_from_nul, follow, overwrite, resume, clock_now, stats, quiet;
    struct operands sources;
    struct text_list faults; /* test builds */
};

extern const struct option input_options[], run_options[];

/* Refuse what no verb can run on: 64, or OPTIONS_READY. */
int common_check(const struct verb *verb, const struct common_args *args);

/* Do the two name one file, be it there or not? */
bool is_one_file(const char *a, const char *b);
bool lies_in_folder(const char *path, const char *folder);
/* Refuse files that the command reads, as `option` says, where -o or --rejects would replace one:
 * 64, or OPTIONS_READY. NULL is none. */
int check_not_written(const struct verb *verb, const struct common_args *args, const char *option,
                      const char *const *files, size_t count);

/* The engine's options; the listener is left to the caller. Borrows all of args. */
struct mm_run_options common_run_options(const struct common_args *args);

/* Read the options of a verb that takes no operands. */
int options_alone(const struct verb *verb, int argc, char **argv, void *args);

/* Rows or messages go to standard output. */
bool output_is_stdout(const struct common_args *args);
/* What a run without a journal made already would be refused without --overwrite. */
bool output_is_in_the_way(const struct common_args *args);
/* --now was not given: the clock's time is to be taken. */
enum { NOW_NOT_GIVEN = -1 };
/* After a stop, what goes on with the run: an option, or NULL where the same command does.
 * in_place: sources are replaced. */
const char *option_to_go_on(const struct common_args *args, bool in_place);

/* Say why keys, tables or rules could not be had. Returns 77 for what is refused for safety, 70 for
 * a bug, else 78. */
int configuration_failed(const struct verb *verb, const struct mm_error *err);

/* Public keys from every FILE of --keys; *out stays NULL where there is none. The caller frees it,
 * after a failure too. */
enum mm_status key_source_load(const struct text_list *files, struct mm_key_source **out,
                               struct mm_error *err) MM_MUST_CHECK;

/* Say so. Returns 74: someone must act. */
int out_of_memory(const struct verb *verb);

#endif /* MM_CLI_COMMON_H */
